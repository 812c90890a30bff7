/*
 * The engine: the single writer. Owns state directory, journal, store and
 * image; judges requests, lets Paxos decide the batch, makes it durable,
 * applies and publishes it. No thread of its own: the server's writer thread,
 * or e164ctl init, drives it. DESIGN "the change path". Layer 8.
 *
 *	engine_add .. engine_add -> engine_decide
 *	   judge against the candidate   encode, paxos_step, journal (durable),
 *	   version of the image          image_commit, publish, store, done()
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/hash.h"
#include "base/reason.h"
#include "base/status.h"
#include "engine/access.h"
#include "engine/state_dir.h"
#include "registry/keyring.h"
#include "sec/seal.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	ENGINE_BATCH_MAX = 512, /* requests of one slot */
	/* bytes of parts after which a batch is decided */
	ENGINE_BATCH_BYTES = 1024 * 1024,
};

struct engine;

struct engine_config {
	const char *state;     /* directory */
	const char *registrar; /* name in the settings */
	uint64_t cache_bytes;  /* of Berkeley DB; 0: its default */
	uint64_t image_bytes;  /* address space for the image */
	uint64_t ballast_bytes; /* 0: none */
	uint64_t low_disk_bytes; /* less than this free: ERR_FULL; 0: never */
	bool is_sha1_allowed; /* keys for hmac-sha1 are used */
	/* A new version and the keys in force with it are there: make readers
	 * see them. From engine_decide. */
	void (*publish)(void *arg, const struct image_version *version,
	    const struct keyring *keyring);
	/* Slot of the oldest version that anybody may still read. */
	uint64_t (*oldest_slot)(void *arg);
	/* Durable state cannot be trusted any more: does not return. */
	void (*fatal)(void *arg, const char *why);
	/* Progress of opening, for a log line. May be NULL. */
	void (*progress)(void *arg, const char *what);
	void *arg; /* of all of these */
};

/*
 * Open a registrar's state: recover, check, replay, become able to decide.
 * @return OK; what state_dir_open, store_open and journal_open say, with
 * reason; ERR_DIVERGED when journal and store do not fit together. On failure
 * nothing acknowledged was changed.
 */
MUST_CHECK enum status engine_open(struct engine **out,
    const struct engine_config *config, struct reason *reason);

/*
 * The same for a directory that state_dir_create has made and that has decided
 * nothing yet.
 * @param dir takes it; closed also on failure.
 */
MUST_CHECK enum status engine_open_taken(struct engine **out,
    const struct engine_config *config, struct state_dir *dir,
    struct reason *reason);

/*
 * Read the receipts of the last minutes back from the journal. Once, before
 * the first signed request; queries need not wait for it. A journal that
 * cannot be read ends the process through config.fatal.
 * @return how many there are.
 */
size_t engine_recall(struct engine *engine);

/*
 * Judge a request into the open batch.
 * @param submission stays the engine's until its done() is called: in the
 * next engine_decide, or here when it can be answered at once.
 * @return OK; ERR_NO_ROOM: not taken, engine_decide first, then add again.
 */
MUST_CHECK enum status engine_add(struct engine *engine,
    struct submission *submission);

/* Requests in the open batch, and whether it should be decided now. */
unsigned engine_batched(const struct engine *engine);
bool engine_batch_is_full(const struct engine *engine);

/*
 * Decide the open batch, if there is one, and answer all its requests. When it
 * returns all of them are durable and visible. A failure ends the process
 * through config.fatal, unanswered.
 */
void engine_decide(struct engine *engine);

/* Look after consensus that waits for the time, and the disk: ballast, low
 * watermark. Call about once a second, with no open batch. */
void engine_tick(struct engine *engine);

/* Where the state is. Thread: the engine's. */
void engine_status(const struct engine *engine, struct engine_status *out);

/* What the engine works with; lives as long as it. Thread: the engine's. */
const struct image_version *engine_version(const struct engine *engine);
const struct keyring *engine_keyring(const struct engine *engine);
struct store *engine_store(struct engine *engine);
const struct identity *engine_identity(const struct engine *engine);
const struct group_secrets *engine_secrets(const struct engine *engine);

/* Write everything behind, close. The batch must be decided. */
void engine_close(struct engine *engine);

#endif
