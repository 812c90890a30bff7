/*
 * Checks and hashes PINs beside the query threads: an Argon2id takes some
 * 20 ms and 19 MiB. One low-priority worker, a short queue, and a share of it
 * for each OCN: who sends a thousand PINs a second slows down nobody else.
 * What is above that is refused at once, unchecked. Layer 10; any thread.
 *
 *	query thread                worker                        writer thread
 *	pin_pool_take ---> verifier and tries read from the store,
 *	                   verdicts, verifiers, submit ---------> judge
 *	                          ^---- ERR_STALE: pin_pool_again ---'
 */
#ifndef SERVER_PIN_POOL_H
#define SERVER_PIN_POOL_H

#include "engine/access.h"
#include "sec/seal.h"
#include "update/pins.h"

enum {
	PIN_QUEUE_MAX = 64,  /* messages with PINs that wait */
	PIN_SHARE_MAX = 8,   /* of them by one OCN */
	PIN_ROUNDS_MAX = 3,  /* then ERR_STALE it is */
	PIN_WAIT_MS = 1500,  /* nobody waits for it any longer */
};

struct pin_pool;

/* A message with PINs. Belongs to the pool from pin_pool_take until its
 * submission's done(). */
struct pin_job {
	struct pin_job *next;
	struct submission *submission;
	struct update_pins *pins;
	uint64_t since_ms; /* monotonic */
	unsigned rounds;
};

/*
 * Start the worker.
 * @param access get and submit are used; lives longer than the pool.
 * @param secrets of the group, as long.
 * @return OK; ERR_BUSY when no thread can be made.
 */
MUST_CHECK enum status pin_pool_start(struct pin_pool **out,
    const struct engine_access *access, const struct group_secrets *secrets);

/* End the worker. Nothing may be on its way. NULL is allowed. */
void pin_pool_stop(struct pin_pool *pool);

/*
 * Have the PINs checked and the request submitted.
 * @param job submission, pins and since_ms are set; takes it.
 * @return false: too much to do, not taken: SERVFAIL.
 */
bool pin_pool_take(struct pin_pool *pool, struct pin_job *job);

/*
 * A submission came back with ERR_STALE: check again.
 * @return false: that was often enough.
 */
bool pin_pool_again(struct pin_pool *pool, struct pin_job *job);

#endif
