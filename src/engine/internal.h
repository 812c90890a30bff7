/*
 * The engine from inside: what its files share. Layer 8.
 */
#ifndef ENGINE_INTERNAL_H
#define ENGINE_INTERNAL_H

#include "engine/engine.h"
#include "engine/key_table.h"
#include "engine/overlay.h"
#include "engine/receipts.h"
#include "journal/journal.h"
#include "paxos/paxos.h"

/* Requests judged and not yet decided. */
struct batch {
	struct arena arena; /* parts, overlay; reset after each decision */
	struct part *parts; /* ENGINE_BATCH_MAX, owned */
	struct submission *first;
	struct submission **last;
	unsigned n;
	size_t bytes;        /* of the parts, encoded */
	struct overlay overlay;
	struct digest digest; /* of the state with the batch */
	uint64_t time_ms;
	uint32_t serial;
	bool is_open;   /* image_begin was called */
	bool is_public; /* the serial moves */
};

struct engine {
	struct engine_config config;
	struct state_dir dir;
	struct group_secrets secrets;
	void *region; /* of the image */
	size_t region_len;
	struct image *image;
	struct store *store;
	struct key_table keys;
	struct journal *journal;
	struct paxos px;
	uint64_t deadline_ms; /* when paxos wants a TIMEOUT; monotonic */
	struct store_position at; /* after the last applied slot */
	struct batch batch;
	uint64_t started_ms;
	struct receipts receipts;
	bool is_low; /* disk below the watermark */
	uint64_t tick_slot;    /* applied at the last tick */
	uint64_t trimmed_slot; /* applied when memory was last given back */
};

/* --- apply.c */

/* Open the batch: a candidate version on the current state. */
void batch_begin(struct engine *engine);

/* The state with the batch in it, for the judge. */
struct view batch_view(struct engine *engine);

/* Take the changes of one part into candidate, overlay and digest.
 * @return OK; ERR_FULL: the image has no room; ERR_DIVERGED, ERR_IO,
 * ERR_DAMAGED. */
MUST_CHECK enum status batch_take(struct engine *engine,
    const struct part *part);

/* The batch is chosen as `slot`: commit, publish, hand to the store. */
void batch_finish(struct engine *engine, uint64_t slot,
    const struct hash *hash, const struct part *parts, size_t n_parts);

/* Forget the batch as if begin had never been. */
void batch_drop(struct engine *engine);

/* Apply an encoded changeset that is chosen (replay, re-proposal). */
MUST_CHECK enum status apply_value(struct engine *engine, uint64_t slot,
    const struct hash *hash, struct blob value, struct reason *reason);

/* --- engine.c */

/* See whether there is room for changes: is_low. */
void engine_look_at_disk(struct engine *engine);

/* --- decide.c */

/* Feed TIMEOUT if Paxos asked for it by now. The batch must be decided. */
void engine_time_out(struct engine *engine);

/* Give Paxos an event and do the duties it orders, until nothing is left.
 * @param slot out: the last slot chosen by it, 0 none; NULL: apply it. */
MUST_CHECK enum status engine_step(struct engine *engine,
    const struct paxos_event *event, uint64_t *slot, struct reason *reason);

#endif
