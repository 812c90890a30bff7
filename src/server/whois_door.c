/*
 * The queue of whois queries and its thread. Layer 10.
 */
#include "server/whois_door.h"

#include "base/arena.h"
#include "base/check.h"
#include "query/whois.h"
#include "server/later.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct job {
	struct later later; /* first: what net_defer is told */
	struct whois_door *door;
	struct whois_asker asker;
	struct net_ticket *ticket;
	enum query_transport transport;
	struct owner owner;
	struct arena arena; /* holds message and what was found */
	struct blob message;
	enum status status;
	struct whois whois;
	struct job *next;
};

struct whois_door {
	const struct query_env *env;
	const struct engine_access *access;
	pthread_t id;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct job *first; /* queue; under the mutex, as all below */
	struct job **last;
	unsigned n_jobs;
	bool is_stopping;
};

/* --- the whois thread */

static enum status
stop_at_first(void *arg, struct blob owner, const struct node *node)
{
	bool *is_there = arg;

	(void)owner;
	(void)node;
	*is_there = true;
	return ERR_EXISTS;
}

static enum status
source_get(void *arg, struct blob owner, struct arena *arena,
    struct node *out)
{
	const struct engine_access *access = arg;

	return access->get(access->arg, owner, arena, out);
}

static enum status
source_exists(void *arg, struct blob owner, bool *out)
{
	const struct engine_access *access = arg;
	struct reason reason;

	*out = false;
	enum status status = access->walk(access->arg, owner, stop_at_first,
	    out, &reason);
	return *out ? OK : status;
}

static struct job *
take_job(struct whois_door *door)
{
	pthread_mutex_lock(&door->mutex);
	while (door->first == NULL && !door->is_stopping)
		pthread_cond_wait(&door->wake, &door->mutex);
	struct job *job = door->first;
	if (job != NULL)
		door->first = job->next;
	if (door->first == NULL)
		door->last = &door->first;
	pthread_mutex_unlock(&door->mutex);
	return job;
}

static void *
whois_thread(void *arg)
{
	struct whois_door *door = arg;
	struct engine_access access = *door->access;
	const struct whois_source source = {
		.arg = &access,
		.get = source_get,
		.exists = source_exists,
	};
	struct job *job;

	while ((job = take_job(door)) != NULL) {
		job->status = whois_find(&job->whois, &job->arena, &source,
		    owner_blob(&job->owner));
		net_post(job->ticket);
	}
	return NULL;
}

/* --- the query threads */

static void
job_destroy(struct job *job)
{
	struct whois_door *door = job->door;

	pthread_mutex_lock(&door->mutex);
	door->n_jobs--;
	pthread_mutex_unlock(&door->mutex);
	arena_fini(&job->arena);
	free(job);
}

static void
resume(struct later *later)
{
	struct job *job = (struct job *)later;
	struct query_view view = *job->asker.view;
	struct query_result result;
	size_t cap = job->transport == QUERY_TCP ? NET_TCP_MAX : NET_UDP_ROOM;
	uint8_t *out = arena_alloc(&job->arena, cap);

	view.whois = &job->whois;
	if (job->status != OK)
		view.version = NULL; /* SERVFAIL */
	size_t len = query_answer(job->door->env, &view, job->transport,
	    job->message.data, job->message.len, out, cap, &result);
	query_count(job->asker.counters, job->transport, &result, len);
	if (len > 0)
		net_reply(job->ticket, out, len);
	net_release(job->ticket);
	job_destroy(job);
}

static struct job *
job_create(struct whois_door *door)
{
	pthread_mutex_lock(&door->mutex);
	bool has_room = door->n_jobs < WHOIS_JOBS_MAX;
	if (has_room)
		door->n_jobs++;
	pthread_mutex_unlock(&door->mutex);
	if (!has_room)
		return NULL;
	struct job *job = calloc(1, sizeof *job);
	if (job == NULL)
		check_fail("memory", "whois", __FILE__, __LINE__);
	job->later.resume = resume;
	job->door = door;
	arena_init(&job->arena);
	return job;
}

bool
whois_door_take(struct whois_door *door, const struct whois_asker *asker,
    const struct net_origin *origin, struct blob in,
    const struct query_result *wanted)
{
	struct job *job = job_create(door);

	if (job == NULL)
		return false;
	job->asker = *asker;
	job->transport = net_origin_transport(origin) == NET_TCP ? QUERY_TCP
								 : QUERY_UDP;
	job->owner = wanted->whois_owner;
	job->message.data = arena_copy(&job->arena, in.data, in.len);
	job->message.len = in.len;
	job->ticket = net_defer(origin, &job->later);
	if (job->ticket == NULL) {
		job_destroy(job);
		return false;
	}
	pthread_mutex_lock(&door->mutex);
	*door->last = job;
	door->last = &job->next;
	pthread_cond_signal(&door->wake);
	pthread_mutex_unlock(&door->mutex);
	return true;
}

/* --- start and stop */

enum status
whois_door_start(struct whois_door **out, const struct query_env *env,
    const struct engine_access *access)
{
	struct whois_door *door = calloc(1, sizeof *door);

	if (door == NULL)
		check_fail("memory", "whois", __FILE__, __LINE__);
	door->env = env;
	door->access = access;
	door->last = &door->first;
	pthread_mutex_init(&door->mutex, NULL);
	pthread_cond_init(&door->wake, NULL);
	if (pthread_create(&door->id, NULL, whois_thread, door) != 0) {
		free(door);
		return ERR_BUSY;
	}
	*out = door;
	return OK;
}

void
whois_door_stop(struct whois_door *door)
{
	if (door == NULL)
		return;
	pthread_mutex_lock(&door->mutex);
	require(door->n_jobs == 0);
	door->is_stopping = true;
	pthread_cond_signal(&door->wake);
	pthread_mutex_unlock(&door->mutex);
	pthread_join(door->id, NULL);
	pthread_cond_destroy(&door->wake);
	pthread_mutex_destroy(&door->mutex);
	free(door);
}
