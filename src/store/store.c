/*
 * Opening, closing, handing over, waiting. Layer 6; see store.h for threads.
 */
#include "store/internal.h"

#include "base/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static struct store *
store_create(const struct store_config *config)
{
	struct store *store = malloc(sizeof *store);
	pthread_condattr_t attr;

	if (store == NULL)
		check_fail("memory", "store", __FILE__, __LINE__);
	*store = (struct store){ .config = *config, .lock_fd = -1 };
	int n = snprintf(store->directory, sizeof store->directory, "%s",
	    config->directory);
	require(n > 0 && (size_t)n < sizeof store->directory);
	if (store->config.cache_len == 0)
		store->config.cache_len = STORE_CACHE;
	if (store->config.lag_max == 0)
		store->config.lag_max = STORE_LAG;
	if (getrandom(&store->seed, sizeof store->seed, 0) < 0)
		store->seed = (uint64_t)(uintptr_t)store;
	pthread_rwlock_init(&store->pages, NULL);
	pthread_mutex_init(&store->lock, NULL);
	pthread_mutex_init(&store->error_lock, NULL);
	pthread_cond_init(&store->changed, NULL);
	/* housekeeping goes on when somebody sets the clock back */
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&store->keeper_changed, &attr);
	pthread_condattr_destroy(&attr);
	store->filling = batch_create();
	store->resting = batch_create();
	return store;
}

static void
store_destroy(struct store *store)
{
	directory_release(store);
	batch_destroy(store->filling);
	batch_destroy(store->resting);
	pthread_cond_destroy(&store->keeper_changed);
	pthread_cond_destroy(&store->changed);
	pthread_mutex_destroy(&store->error_lock);
	pthread_mutex_destroy(&store->lock);
	pthread_rwlock_destroy(&store->pages);
	free(store);
}

static void
stop_threads(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	store->is_stopping = true;
	pthread_cond_broadcast(&store->changed);
	pthread_mutex_unlock(&store->lock);
	if (store->is_writer_started)
		pthread_join(store->writer, NULL);
	store->is_writer_started = false;
	keeper_stop(store);
}

static enum status
start_threads(struct store *store, struct reason *reason)
{
	int error = writer_start(store);

	if (error == 0)
		error = keeper_start(store);
	if (error == 0)
		return OK;
	reason_set(reason, "cannot start a thread: %s", strerror(error));
	return ERR_IO;
}

/* What is damaged, now or by a run before, begins again. */
static enum status
open_databases(struct store *store, struct reason *reason)
{
	enum status status = directory_clear_broken(store, reason);

	if (status == OK)
		status = env_open(store, reason);
	if (status != ERR_DAMAGED)
		return status;
	(void)env_close(store);
	store->applied = (struct store_position){ 0 };
	store->sum = 0;
	status = directory_clear(store, reason->text, reason);
	return status == OK ? env_open(store, reason) : status;
}

enum status
store_open(struct store **out, const struct store_config *config,
    struct reason *reason)
{
	struct store *store = store_create(config);

	require(config->fatal != NULL && config->remove != NULL);
	enum status status = directory_take(store, reason);
	if (status == OK)
		status = open_databases(store, reason);
	if (status == OK) {
		store->submitted = store->applied;
		store->is_open = true;
		status = start_threads(store, reason);
	}
	if (status != OK) {
		stop_threads(store);
		store->is_open = false;
		(void)env_close(store);
		store_destroy(store);
		return status;
	}
	*out = store;
	return OK;
}

void
store_close(struct store *store)
{
	stop_threads(store);
	int error = store->env->txn_checkpoint(store->env, 0, 0, DB_FORCE);
	if (error == 0) {
		/* the handles go: events have nobody to tell any more */
		store->is_open = false;
		error = env_close(store);
	}
	if (error != 0)
		env_fatal(store, error, "close");
	store_destroy(store);
}

struct store_position
store_position(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	struct store_position position = store->applied;
	pthread_mutex_unlock(&store->lock);
	return position;
}

static size_t
waiting_len(const struct store *store)
{
	size_t len = store->filling->len;

	return store->writing == NULL ? len : len + store->writing->len;
}

void
store_submit(struct store *store, const struct store_position *position,
    const struct part *parts, size_t n_parts)
{
	pthread_mutex_lock(&store->lock);
	require(position->slot == store->submitted.slot + 1);
	while (waiting_len(store) > store->config.lag_max)
		pthread_cond_wait(&store->changed, &store->lock);
	for (size_t i = 0; i < n_parts; i++) {
		for (size_t k = 0; k < parts[i].n_changes; k++)
			batch_add(store->filling, &parts[i].changes[k],
			    store->seed);
	}
	batch_add_slot(store->filling, &(struct pending_slot){
	    .slot = position->slot,
	    .time_ms = position->time_ms,
	    .serial = position->serial,
	    .is_new_serial = position->serial != store->submitted.serial ||
		position->slot == 1,
	});
	store->filling->position = *position;
	store->submitted = *position;
	pthread_cond_broadcast(&store->changed);
	pthread_mutex_unlock(&store->lock);
}

size_t
store_waiting(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	size_t len = waiting_len(store);
	pthread_mutex_unlock(&store->lock);
	return len;
}

void
store_wait(struct store *store, uint64_t slot)
{
	pthread_mutex_lock(&store->lock);
	while (store->applied.slot < slot)
		pthread_cond_wait(&store->changed, &store->lock);
	pthread_mutex_unlock(&store->lock);
}
