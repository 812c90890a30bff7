/*
 * The writer thread and its queue. Layer 10.
 */
#include "server/engine_thread.h"

#include "base/check.h"
#include "server/notify.h"
#include "sys/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { TICK_MS = 1000 }; /* how often the engine looks after the disk */

struct engine_thread {
	struct engine *engine;
	pthread_t id;
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
take_queue(struct engine_thread *thread, bool *is_stopping)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += TICK_MS / 1000;
	pthread_mutex_lock(&thread->mutex);
	int rc = 0;
	while (thread->first == NULL && !thread->is_stopping && rc == 0)
		rc = pthread_cond_timedwait(&thread->wake, &thread->mutex,
		    &until);
	struct submission *all = thread->first;
	thread->first = NULL;
	thread->last = &thread->first;
	thread->queued = 0;
	*is_stopping = thread->is_stopping;
	pthread_mutex_unlock(&thread->mutex);
	return all;
}

static void
refresh_status(struct engine_thread *thread)
{
	struct engine_status status;

	engine_status(thread->engine, &status);
	pthread_mutex_lock(&thread->mutex);
	thread->status = status;
	pthread_mutex_unlock(&thread->mutex);
}

static void
decide(struct engine_thread *thread)
{
	engine_decide(thread->engine);
	refresh_status(thread);
}

static void
work_off(struct engine_thread *thread, struct submission *all)
{
	while (all != NULL) {
		struct submission *next = all->next;
		all->next = NULL;
		if (engine_add(thread->engine, all) == ERR_NO_ROOM) {
			decide(thread);
			ensure(engine_add(thread->engine, all) == OK);
		}
		all = next;
	}
	decide(thread);
}

static void *
engine_thread_main(void *arg)
{
	struct engine_thread *thread = arg;
	uint64_t next_tick_ms = 0;
	bool is_stopping = false;
	bool has_watchdog = notify_has_watchdog();

	engine_recall(thread->engine);

	while (!is_stopping) {
		struct submission *all = take_queue(thread, &is_stopping);
		if (all != NULL)
			work_off(thread, all);
		uint64_t now_ms = clock_mono_ms();
		if (now_ms >= next_tick_ms) {
			engine_tick(thread->engine);
			if (has_watchdog)
				notify_send("WATCHDOG=1");
			next_tick_ms = now_ms + TICK_MS;
		}
	}
	return NULL;
}

enum status
engine_thread_start(struct engine_thread **out, struct engine *engine)
{
	struct engine_thread *thread = calloc(1, sizeof *thread);
	pthread_condattr_t attr;

	if (thread == NULL)
		check_fail("memory", "thread", __FILE__, __LINE__);
	thread->engine = engine;
	thread->last = &thread->first;
	pthread_mutex_init(&thread->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&thread->wake, &attr);
	pthread_condattr_destroy(&attr);
	refresh_status(thread);
	if (pthread_create(&thread->id, NULL, engine_thread_main, thread) !=
	    0) {
		free(thread);
		return ERR_BUSY;
	}
	*out = thread;
	return OK;
}

void
engine_thread_submit(struct engine_thread *thread,
    struct submission *submission)
{
	enum status status = OK;

	submission->next = NULL;
	pthread_mutex_lock(&thread->mutex);
	if (thread->is_stopping)
		status = ERR_CLOSED;
	else if (thread->queued >= ENGINE_QUEUE_MAX)
		status = ERR_BUSY;
	if (status == OK) {
		*thread->last = submission;
		thread->last = &submission->next;
		thread->queued++;
		pthread_cond_signal(&thread->wake);
	}
	pthread_mutex_unlock(&thread->mutex);
	if (status != OK) {
		submission->status = status;
		submission->done(submission);
	}
}

void
engine_thread_status(struct engine_thread *thread, struct engine_status *out)
{
	pthread_mutex_lock(&thread->mutex);
	*out = thread->status;
	pthread_mutex_unlock(&thread->mutex);
}

void
engine_thread_stop(struct engine_thread *thread)
{
	pthread_mutex_lock(&thread->mutex);
	thread->is_stopping = true;
	pthread_cond_signal(&thread->wake);
	pthread_mutex_unlock(&thread->mutex);
	pthread_join(thread->id, NULL);
	pthread_cond_destroy(&thread->wake);
	pthread_mutex_destroy(&thread->mutex);
	free(thread);
}
