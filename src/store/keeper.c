/*
 * Housekeeping away from everybody's way: writes dirty pages out a little at a
 * time, and makes checkpoints, so that recovery and the log stay short.
 * Layer 6; its own thread.
 */
#include "store/internal.h"

#include <time.h>

enum { MS_PER_S = 1000, NS_PER_MS = 1000 * 1000 };

/* Sleep until the next look. @return false: stop. */
static bool
rest(struct store *store)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)(KEEPER_MS % MS_PER_S) * NS_PER_MS;
	until.tv_sec += KEEPER_MS / MS_PER_S + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&store->lock);
	int error = 0;
	while (!store->is_keeper_stopping && error == 0)
		error = pthread_cond_timedwait(&store->keeper_changed,
		    &store->lock, &until);
	bool is_stopping = store->is_keeper_stopping;
	pthread_mutex_unlock(&store->lock);
	return !is_stopping;
}

static void *
run(void *arg)
{
	struct store *store = arg;
	DB_ENV *env = store->env;

	while (rest(store)) {
		int n_written = 0;
		int error = env->memp_trickle(env, TRICKLE_PERCENT,
		    &n_written);
		if (error == 0)
			error = env->txn_checkpoint(env, CHECKPOINT_KB,
			    CHECKPOINT_MIN, 0);
		if (error != 0)
			env_fatal(store, error, "make a checkpoint");
	}
	return NULL;
}

int
keeper_start(struct store *store)
{
	int error = pthread_create(&store->keeper, NULL, run, store);

	store->is_keeper_started = error == 0;
	return error;
}

void
keeper_stop(struct store *store)
{
	if (!store->is_keeper_started)
		return;
	pthread_mutex_lock(&store->lock);
	store->is_keeper_stopping = true;
	pthread_cond_broadcast(&store->keeper_changed);
	pthread_mutex_unlock(&store->lock);
	pthread_join(store->keeper, NULL);
	store->is_keeper_started = false;
}
