/*
 * The store: the records of every scope in Berkeley DB 5.3, following the
 * journal in a thread of its own. It is not synced: the journal replays what
 * is missing. Never on the query path. Layer 6.
 *
 *	records  owner -> node: flags, RRsets (registry/rrset.h)
 *	meta     applied slot, its time, serial, hash, digest; zone; format
 *	time     slot time -> slot        serial  serial -> slot
 *
 * Threads: store_submit, store_get by the engine thread; store_walk, store_read
 * by any; the writer thread is the store's own. Any Berkeley DB error of the
 * writer ends the process through the `fatal` callback.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/reason.h"
#include "base/status.h"
#include "registry/changeset.h"
#include "registry/rrset.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

struct store_config {
	const char *directory; /* <state>/store, made when missing, 0700 */
	size_t cache_len;      /* bytes; 0: 48 MiB */
	size_t lag_max;        /* bytes of changesets waiting; 0: 64 MiB */
	/*
	 * The databases cannot be used, because of what is said in why, and
	 * are to be removed: is all that they held elsewhere? Anything but OK
	 * (with reason) leaves them alone and ends the opening with it.
	 */
	enum status (*remove)(void *arg, const char *why,
	    struct reason *reason);
	/* A write failed or the environment panicked: does not return. */
	void (*fatal)(void *arg, const char *why);
	void *arg; /* of both */
};

/* What the store has applied. slot 0: nothing yet. */
struct store_position {
	uint64_t slot;
	uint64_t time_ms;
	uint32_t serial;
	struct hash hash;     /* of that changeset */
	struct digest digest; /* of the state after it */
};

/*
 * Open or create, with recovery; one process at a time. A store that is
 * damaged or incomplete, or whose last process ended by a failed write, begins
 * again, empty, at slot 0.
 * @param reason what is wrong, in words.
 * @return OK; ERR_LOCKED, ERR_NEWER, ERR_FOREIGN (the directory is not ours):
 * nothing was changed; ERR_DAMAGED (the file FORMAT), ERR_IO, ERR_FULL; what
 * `remove` returned.
 */
MUST_CHECK enum status store_open(struct store **out,
    const struct store_config *config, struct reason *reason);

/* Wait until all that was submitted is applied, checkpoint, close. */
void store_close(struct store *store);

/* What was applied when the store was opened, or has been since. Any thread. */
struct store_position store_position(struct store *store);

/*
 * Hand over one applied slot. Waits while more than lag_max is queued.
 * @param position of the state after it. @param parts copied.
 * Every name's new node is put together by the writer: before - removed +
 * added; if that does not fit, fatal.
 */
void store_submit(struct store *store, const struct store_position *position,
    const struct part *parts, size_t n_parts);

/*
 * A node as of the last submitted slot, also when the writer is behind.
 * Thread: any. @param out in arena. @return OK (nothing: rrsets.len 0),
 * ERR_IO, ERR_DAMAGED.
 */
MUST_CHECK enum status store_get(struct store *store, struct blob owner,
    struct arena *arena, struct node *out);

/*
 * Read several names one by one, fastest in owner order, each as store_get.
 * The writer waits from begin to end: for some milliseconds at most.
 * Thread: any, the same for all calls of a reader.
 * @param out to be given to store_read_end. @return OK; ERR_IO.
 */
struct store_reader;
MUST_CHECK enum status store_read_begin(struct store_reader **out,
    struct store *store);
MUST_CHECK enum status store_read(struct store_reader *reader,
    struct blob owner, struct arena *arena, struct node *out);
void store_read_end(struct store_reader *reader);

/* Called for each node; anything but OK ends the walk with it. */
typedef enum status store_walk_fn(void *arg, struct blob owner,
    const struct node *node);

/*
 * All nodes at or below top in owner order, as the writer has them now.
 * Thread: any; bulk reads, no locks held between batches.
 * @return OK, the callback's status, ERR_IO, ERR_DAMAGED.
 */
MUST_CHECK enum status store_walk(struct store *store, struct blob top,
    store_walk_fn *each, void *arg, struct reason *reason);

/*
 * All nodes in owner order, before anything is submitted; and they have to be
 * those that belong to the position.
 * @return as store_walk; ERR_DAMAGED: the process has to end, the next opening
 * begins again.
 */
MUST_CHECK enum status store_load(struct store *store, store_walk_fn *each,
    void *arg, struct reason *reason);

/* Bytes of changes that wait for the writer. Any thread. */
size_t store_waiting(struct store *store);

/* Wait until the writer has applied this slot. Any thread but its own. */
void store_wait(struct store *store, uint64_t slot);

/* The first slot whose time is at or after time_ms. false: none. */
bool store_slot_at(struct store *store, uint64_t time_ms, uint64_t *slot);

/* The slot that made this serial. false: unknown. */
bool store_slot_of_serial(struct store *store, uint32_t serial,
    uint64_t *slot);

#endif
