/*
 * The writer thread and its queue. Layer 9.
 */
#include "server/writer.h"

#include "base/check.h"
#include "sys/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { TICK_MS = 1000 }; /* how often the engine looks after the disk */

struct writer {
	struct engine *engine;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct submission *first; /* queue */
	struct submission **last;
	unsigned queued;
	bool is_stopping;
	struct engine_status status; /* copy under the mutex */
};

/* All that is queued; waits for some, for a stop, or for the next tick. */
static struct submission *
take_queue(struct writer *writer, bool *is_stopping)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += TICK_MS / 1000;
	pthread_mutex_lock(&writer->mutex);
	int rc = 0;
	while (writer->first == NULL && !writer->is_stopping && rc == 0)
		rc = pthread_cond_timedwait(&writer->wake, &writer->mutex,
		    &until);
	struct submission *all = writer->first;
	writer->first = NULL;
	writer->last = &writer->first;
	writer->queued = 0;
	*is_stopping = writer->is_stopping;
	pthread_mutex_unlock(&writer->mutex);
	return all;
}

static void
refresh_status(struct writer *writer)
{
	struct engine_status status;

	engine_status(writer->engine, &status);
	pthread_mutex_lock(&writer->mutex);
	writer->status = status;
	pthread_mutex_unlock(&writer->mutex);
}

static void
decide(struct writer *writer)
{
	engine_decide(writer->engine);
	refresh_status(writer);
}

static void
work_off(struct writer *writer, struct submission *all)
{
	while (all != NULL) {
		struct submission *next = all->next;
		all->next = NULL;
		if (engine_add(writer->engine, all) == ERR_NO_ROOM) {
			decide(writer);
			ensure(engine_add(writer->engine, all) == OK);
		}
		all = next;
	}
	decide(writer);
}

static void *
writer_main(void *arg)
{
	struct writer *writer = arg;
	uint64_t next_tick_ms = 0;
	bool is_stopping = false;

	while (!is_stopping) {
		struct submission *all = take_queue(writer, &is_stopping);
		if (all != NULL)
			work_off(writer, all);
		uint64_t now_ms = clock_mono_ms();
		if (now_ms >= next_tick_ms) {
			engine_tick(writer->engine);
			next_tick_ms = now_ms + TICK_MS;
		}
	}
	return NULL;
}

enum status
writer_start(struct writer **out, struct engine *engine)
{
	struct writer *writer = calloc(1, sizeof *writer);
	pthread_condattr_t attr;

	if (writer == NULL)
		check_fail("memory", "writer", __FILE__, __LINE__);
	writer->engine = engine;
	writer->last = &writer->first;
	pthread_mutex_init(&writer->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&writer->wake, &attr);
	pthread_condattr_destroy(&attr);
	refresh_status(writer);
	if (pthread_create(&writer->thread, NULL, writer_main, writer) != 0) {
		free(writer);
		return ERR_BUSY;
	}
	*out = writer;
	return OK;
}

void
writer_submit(struct writer *writer, struct submission *submission)
{
	enum status status = OK;

	submission->next = NULL;
	pthread_mutex_lock(&writer->mutex);
	if (writer->is_stopping)
		status = ERR_CLOSED;
	else if (writer->queued >= WRITER_QUEUE_MAX)
		status = ERR_BUSY;
	if (status == OK) {
		*writer->last = submission;
		writer->last = &submission->next;
		writer->queued++;
		pthread_cond_signal(&writer->wake);
	}
	pthread_mutex_unlock(&writer->mutex);
	if (status != OK) {
		submission->status = status;
		submission->done(submission);
	}
}

void
writer_status(struct writer *writer, struct engine_status *out)
{
	pthread_mutex_lock(&writer->mutex);
	*out = writer->status;
	pthread_mutex_unlock(&writer->mutex);
}

void
writer_stop(struct writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
	writer->is_stopping = true;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->mutex);
	pthread_join(writer->thread, NULL);
	pthread_cond_destroy(&writer->wake);
	pthread_mutex_destroy(&writer->mutex);
	free(writer);
}
