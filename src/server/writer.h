/*
 * The writer thread: the one that drives the engine. Takes submissions from
 * any thread, makes batches of what has come while the last one was on its
 * way; a request alone does not wait for company. Layer 9.
 */
#ifndef SERVER_WRITER_H
#define SERVER_WRITER_H

#include "engine/engine.h"

struct writer;

enum { WRITER_QUEUE_MAX = 65536 }; /* submissions waiting */

/*
 * Start the thread on an open engine.
 * @return OK; ERR_BUSY when no thread can be made.
 */
MUST_CHECK enum status writer_start(struct writer **out,
    struct engine *engine);

/* Queue a submission; done() is called when it is decided, or at once with
 * ERR_BUSY when the queue is full, ERR_CLOSED after writer_stop. Any thread. */
void writer_submit(struct writer *writer, struct submission *submission);

/* Where the state was after the last decision. Any thread. */
void writer_status(struct writer *writer, struct engine_status *out);

/* Decide what is queued, end the thread. The engine is the caller's again. */
void writer_stop(struct writer *writer);

#endif
