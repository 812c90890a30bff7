/*
 * The writer thread: the one that drives the engine. Takes submissions from
 * any thread, makes batches of what has come while the last one was on its
 * way; a request alone does not wait for company. Layer 10.
 */
#ifndef SERVER_ENGINE_THREAD_H
#define SERVER_ENGINE_THREAD_H

#include "engine/engine.h"

struct engine_thread;

enum { ENGINE_QUEUE_MAX = 65536 }; /* submissions waiting */

/*
 * Start the thread on an open engine.
 * @return OK; ERR_BUSY when no thread can be made.
 */
MUST_CHECK enum status engine_thread_start(struct engine_thread **out,
    struct engine *engine);

/* Queue a submission; done() is called when it is decided, or at once with
 * ERR_BUSY when the queue is full, ERR_CLOSED after engine_thread_stop. Any
 * thread. */
void engine_thread_submit(struct engine_thread *thread,
    struct submission *submission);

/* Where the state was after the last decision. Any thread. */
void engine_thread_status(struct engine_thread *thread,
    struct engine_status *out);

/* Decide what is queued, end the thread. The engine is the caller's again. */
void engine_thread_stop(struct engine_thread *thread);

#endif
