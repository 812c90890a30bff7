/*
 * The PIN worker and its queue. Layer 10.
 */
#include "server/pin_pool.h"

#include "base/check.h"
#include "registry/key.h"
#include "registry/pin.h"
#include "sec/key_file.h"
#include "sec/pin.h"
#include "sec/sec.h"
#include "sys/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
	WORKER_NICE = 10, /* queries and changes first, but not starved */
	/* a pause that ends later than this is one for the judge, too */
	PAUSE_SURE_MS = 2 * PIN_WAIT_MS,
};

struct pin_pool {
	const struct engine_access *access;
	const struct group_secrets *secrets;
	pthread_t id;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct pin_job *first; /* queue; under the mutex, as all below */
	struct pin_job **last;
	unsigned n_jobs;
	bool is_stopping;
};

static const char *
ocn_of(const struct pin_job *job)
{
	return job->submission->request.actor.ocn;
}

/* --- the worker */

static struct pin_job *
take_job(struct pin_pool *pool)
{
	pthread_mutex_lock(&pool->mutex);
	while (pool->first == NULL && !pool->is_stopping)
		pthread_cond_wait(&pool->wake, &pool->mutex);
	struct pin_job *job = pool->first;
	if (job != NULL) {
		pool->first = job->next;
		pool->n_jobs--;
	}
	if (pool->first == NULL)
		pool->last = &pool->first;
	pthread_mutex_unlock(&pool->mutex);
	return job;
}

/* Whether the judge will not look at the verdict: the OCN is in a pause, or
 * the number takes no PIN from newcomers. A new PIN ends both, and makes the
 * verdict stale. */
static enum status
is_locked(bool *out, struct pin_pool *pool, struct submission *submission,
    struct blob number)
{
	const struct actor *actor = &submission->request.actor;
	struct tries_record tries;
	struct owner owner;
	struct node node;

	*out = false;
	if (actor->role != ROLE_CARRIER)
		return OK;
	tries_owner(&owner, number);
	enum status status = pool->access->get(pool->access->arg,
	    owner_blob(&owner), &submission->arena, &node);
	if (status != OK)
		return status;
	uint64_t now_ms = clock_wall_ms();
	uint32_t sum = tries_find(&tries, node.rrsets, actor->ocn, now_ms);
	*out = tries_until_ms(&tries) > now_ms + PAUSE_SURE_MS ||
	    (tries.wrong == 0 && sum >= TRIES_SUM_MAX);
	return OK;
}

static enum status
check_one(struct pin_pool *pool, struct submission *submission,
    const struct update_pin *pin)
{
	struct pin_verdict *verdict = pin->verdict;
	struct pin_record verifier;
	struct owner owner;
	struct node node;
	bool is_idle = false;

	pin_owner(&owner, verdict->number);
	enum status status = pool->access->get(pool->access->arg,
	    owner_blob(&owner), &submission->arena, &node);
	if (status != OK)
		return status;
	bool has_pin = pin_read(&verifier, node.rrsets) == OK;
	verdict->verifier = has_pin ? pin_id(&verifier) : 0;
	verdict->is_right = false;
	if (pin->pin.len == 0)
		return OK; /* nothing that could be a PIN */
	status = is_locked(&is_idle, pool, submission, verdict->number);
	if (status != OK || is_idle)
		return status;
	return pin_verifier_check(&verdict->is_right,
	    has_pin ? &verifier : NULL, pin->pin, pool->secrets);
}

/* A key in the clear into its record; version, role and OCN are the judge's. */
static enum status
seal_one(struct pin_pool *pool, struct submission *submission,
    const struct update_pin *pin)
{
	uint8_t sealed[KEY_SECRET_MAX + SEAL_EXTRA];
	struct key_file file = { .len = 0 };
	struct key_record key = { .version = 1, .state = KEY_IN_FORCE,
		.role = ROLE_CARRIER };

	memcpy(key.ocn, pin->class.ocn, sizeof key.ocn);
	enum status status = key_secret_parse(&file,
	    (const char *)pin->pin.data, pin->pin.len);
	if (status == OK) {
		key.algorithm = file.algorithm;
		key.sealed.data = sealed;
		key.sealed.len = secret_seal(sealed, file.secret, file.len,
		    pool->secrets);
		uint8_t *rdata = arena_alloc(&submission->arena,
		    KEY_RDATA_MAX);
		pin->change->rdata = (struct blob){ rdata,
			key_encode(rdata, &key) };
	}
	sec_wipe(&file, sizeof file);
	return status;
}

static enum status
make_one(struct pin_pool *pool, struct submission *submission,
    const struct update_pin *pin)
{
	struct pin_record verifier;

	if (pin->change->rdata.len > 0)
		return OK; /* made in an earlier round */
	if (pin->class.kind == NAME_KEY)
		return seal_one(pool, submission, pin);
	enum status status = pin_verifier_make(&verifier, pin->pin,
	    pool->secrets);
	if (status != OK)
		return status;
	uint8_t *rdata = arena_alloc(&submission->arena, PIN_RDATA_LEN);
	pin_encode(rdata, &verifier);
	pin->change->rdata = (struct blob){ rdata, PIN_RDATA_LEN };
	return OK;
}

static enum status
do_job(struct pin_pool *pool, struct pin_job *job)
{
	const struct update_pins *pins = job->pins;
	enum status status = OK;

	if (clock_mono_ms() - job->since_ms >= PIN_WAIT_MS)
		return ERR_TIMED_OUT;
	for (size_t i = 0; i < pins->n && status == OK; i++) {
		const struct update_pin *pin = &pins->pins[i];
		status = pin->verdict != NULL
		    ? check_one(pool, job->submission, pin)
		    : make_one(pool, job->submission, pin);
	}
	return status;
}

/* Not judged: a key that is none is refused, all else is not known. */
static void
answer_undone(struct submission *submission, enum status status)
{
	struct outcome *outcome = &submission->outcome;

	memset(outcome, 0, sizeof *outcome);
	submission->status = status;
	if (status == ERR_MALFORMED || status == ERR_UNSUPPORTED) {
		submission->status = OK;
		outcome->cause = CAUSE_INVALID_VALUE;
		outcome->rcode = cause_rcode(outcome->cause);
		reason_set(&outcome->reason, "a key is \"algorithm:secret\", "
		    "such as hmac-sha256 and base64 of 16 to 64 bytes");
	}
	submission->done(submission);
}

static void *
worker(void *arg)
{
	struct pin_pool *pool = arg;
	struct pin_job *job;

	/* of this thread alone on Linux; without it it works as well */
	(void)setpriority(PRIO_PROCESS, 0, WORKER_NICE);
	while ((job = take_job(pool)) != NULL) {
		struct submission *submission = job->submission;
		enum status status = do_job(pool, job);
		if (status == OK) {
			pool->access->submit(pool->access->arg, submission);
			continue;
		}
		answer_undone(submission, status);
	}
	return NULL;
}

/* --- from outside */

enum status
pin_pool_start(struct pin_pool **out, const struct engine_access *access,
    const struct group_secrets *secrets)
{
	struct pin_pool *pool = calloc(1, sizeof *pool);

	if (pool == NULL)
		check_fail("memory", "PIN pool", __FILE__, __LINE__);
	pool->access = access;
	pool->secrets = secrets;
	pool->last = &pool->first;
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_cond_init(&pool->wake, NULL);
	if (pthread_create(&pool->id, NULL, worker, pool) != 0) {
		free(pool);
		return ERR_BUSY;
	}
	*out = pool;
	return OK;
}

void
pin_pool_stop(struct pin_pool *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->mutex);
	pool->is_stopping = true;
	pthread_cond_signal(&pool->wake);
	pthread_mutex_unlock(&pool->mutex);
	pthread_join(pool->id, NULL);
	pthread_cond_destroy(&pool->wake);
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
}

static void
append(struct pin_pool *pool, struct pin_job *job)
{
	job->next = NULL;
	*pool->last = job;
	pool->last = &job->next;
	pool->n_jobs++;
	pthread_cond_signal(&pool->wake);
}

bool
pin_pool_take(struct pin_pool *pool, struct pin_job *job)
{
	unsigned share = 0;

	job->rounds = 1;
	pthread_mutex_lock(&pool->mutex);
	for (const struct pin_job *other = pool->first; other != NULL;
	     other = other->next)
		share += strcmp(ocn_of(other), ocn_of(job)) == 0;
	bool is_taken = !pool->is_stopping && pool->n_jobs < PIN_QUEUE_MAX &&
	    share < PIN_SHARE_MAX;
	if (is_taken)
		append(pool, job);
	pthread_mutex_unlock(&pool->mutex);
	return is_taken;
}

bool
pin_pool_again(struct pin_pool *pool, struct pin_job *job)
{
	if (job->rounds >= PIN_ROUNDS_MAX)
		return false;
	job->rounds++;
	pthread_mutex_lock(&pool->mutex);
	bool is_taken = !pool->is_stopping;
	if (is_taken)
		append(pool, job);
	pthread_mutex_unlock(&pool->mutex);
	return is_taken;
}
