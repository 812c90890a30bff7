/*
 * Publication by liburcu QSBR: a reader is quiescent between two batches and
 * offline while it sleeps. Layer 9.
 */
#define _LGPL_SOURCE 1
#include "server/publish.h"

#include "base/check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <urcu-qsbr.h>

enum { PINS_MAX = 64 }; /* versions pinned at once */

struct pin {
	const struct image_version *version; /* NULL: free */
	unsigned users;
};

/* One grace period on its way. */
struct grace {
	struct rcu_head head;
	struct publish *publish;
	uint64_t slot; /* when it is over, nobody reads below */
};

struct publish {
	const struct image_version *current; /* rcu */
	pthread_mutex_t mutex;               /* current against pins; pins */
	struct pin pins[PINS_MAX];
	_Atomic uint64_t quiescent_slot;
	_Atomic bool is_waiting; /* a grace period is on its way */
};

struct publish *
publish_create(void)
{
	struct publish *publish = calloc(1, sizeof *publish);

	if (publish == NULL)
		check_fail("memory", "publish", __FILE__, __LINE__);
	pthread_mutex_init(&publish->mutex, NULL);
	return publish;
}

void
publish_destroy(struct publish *publish)
{
	urcu_qsbr_barrier();
	pthread_mutex_destroy(&publish->mutex);
	free(publish);
}

static void
grace_over(struct rcu_head *head)
{
	void *start = (char *)head - offsetof(struct grace, head);
	struct grace *grace = start;

	atomic_store(&grace->publish->quiescent_slot, grace->slot);
	atomic_store(&grace->publish->is_waiting, false);
	free(grace);
}

void
publish_set(struct publish *publish, const struct image_version *version)
{
	pthread_mutex_lock(&publish->mutex);
	rcu_assign_pointer(publish->current, version);
	pthread_mutex_unlock(&publish->mutex);
	/* One at a time: a busy engine publishes far more often than grace
	 * periods end, and the next one covers all before it. */
	if (atomic_load(&publish->is_waiting))
		return;
	struct grace *grace = malloc(sizeof *grace);
	if (grace == NULL)
		return; /* the next publication tries again */
	grace->publish = publish;
	grace->slot = image_slot(version);
	atomic_store(&publish->is_waiting, true);
	urcu_qsbr_call_rcu(&grace->head, grace_over);
}

uint64_t
publish_oldest(struct publish *publish)
{
	uint64_t oldest = atomic_load(&publish->quiescent_slot);

	pthread_mutex_lock(&publish->mutex);
	for (size_t i = 0; i < PINS_MAX; i++) {
		const struct image_version *version =
		    publish->pins[i].version;
		if (version != NULL && image_slot(version) < oldest)
			oldest = image_slot(version);
	}
	pthread_mutex_unlock(&publish->mutex);
	return oldest;
}

const struct image_version *
publish_pin(struct publish *publish)
{
	const struct image_version *version = NULL;
	struct pin *free_pin = NULL;

	pthread_mutex_lock(&publish->mutex);
	struct pin *pin = NULL;
	for (size_t i = 0; i < PINS_MAX; i++) {
		struct pin *each = &publish->pins[i];
		if (each->version == NULL)
			free_pin = each;
		else if (each->version == publish->current)
			pin = each;
	}
	if (pin == NULL)
		pin = free_pin;
	if (pin != NULL && publish->current != NULL) {
		pin->version = publish->current;
		pin->users++;
		version = pin->version;
	}
	pthread_mutex_unlock(&publish->mutex);
	return version;
}

void
publish_unpin(struct publish *publish, const struct image_version *version)
{
	bool is_found = false;

	pthread_mutex_lock(&publish->mutex);
	for (size_t i = 0; i < PINS_MAX && !is_found; i++) {
		struct pin *pin = &publish->pins[i];
		is_found = pin->version == version;
		if (is_found && --pin->users == 0)
			pin->version = NULL;
	}
	pthread_mutex_unlock(&publish->mutex);
	ensure(is_found);
}

void
publish_register(void)
{
	urcu_qsbr_register_thread();
}

void
publish_unregister(void)
{
	urcu_qsbr_unregister_thread();
}

void
publish_sleep(void)
{
	urcu_qsbr_thread_offline();
}

void
publish_wake(void)
{
	urcu_qsbr_thread_online();
}

const struct image_version *
publish_acquire(struct publish *publish)
{
	return rcu_dereference(publish->current);
}

void
publish_release(void)
{
	urcu_qsbr_quiescent_state();
}
