/*
 * Publication: quiescent-state based reclamation with one slot number for each
 * reader. Layer 10.
 *
 * Why it is safe: a reader that wakes stores its seen slot before it loads
 * `current`, the engine stores `current` before it loads the seen slots, all
 * sequentially consistent. So either the engine sees the reader, or the reader
 * sees the engine's newest version. (McKenney, "Is Parallel Programming Hard",
 * 9.5; liburcu's QSBR flavour does the same with grace periods.)
 */
#include "server/publish.h"

#include "base/check.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

enum {
	PINS_MAX = 64, /* versions pinned at once */
	CACHE_LINE = 64, /* bytes */
};

static const uint64_t ASLEEP = UINT64_MAX;

struct pin {
	const struct image_version *version; /* NULL: free */
	unsigned users;
};

struct publish_reader {
	alignas(CACHE_LINE) _Atomic uint64_t seen; /* slot, or ASLEEP */
	struct publish *publish; /* NULL: free; under the mutex */
};

struct publish {
	_Atomic(const struct image_version *) current;
	_Atomic(const struct keyring *) keyring; /* stored before current, so
						  * never older than it */
	pthread_mutex_t mutex; /* current against pins; pins; registration */
	struct pin pins[PINS_MAX];
	struct publish_reader readers[PUBLISH_READERS_MAX];
};

struct publish *
publish_create(void)
{
	struct publish *publish =
	    aligned_alloc(CACHE_LINE, sizeof *publish);

	if (publish == NULL)
		check_fail("memory", "publish", __FILE__, __LINE__);
	atomic_init(&publish->current, NULL);
	atomic_init(&publish->keyring, NULL);
	pthread_mutex_init(&publish->mutex, NULL);
	for (size_t i = 0; i < PINS_MAX; i++)
		publish->pins[i] = (struct pin){ NULL, 0 };
	for (size_t i = 0; i < PUBLISH_READERS_MAX; i++) {
		atomic_init(&publish->readers[i].seen, ASLEEP);
		publish->readers[i].publish = NULL;
	}
	return publish;
}

void
publish_destroy(struct publish *publish)
{
	pthread_mutex_destroy(&publish->mutex);
	free(publish);
}

void
publish_set(struct publish *publish, const struct image_version *version,
    const struct keyring *keyring)
{
	pthread_mutex_lock(&publish->mutex);
	atomic_store(&publish->keyring, keyring);
	atomic_store(&publish->current, version);
	pthread_mutex_unlock(&publish->mutex);
}

uint64_t
publish_oldest(struct publish *publish)
{
	const struct image_version *current = atomic_load(&publish->current);
	uint64_t oldest = current != NULL ? image_slot(current) : 0;

	for (size_t i = 0; i < PUBLISH_READERS_MAX; i++) {
		uint64_t seen = atomic_load(&publish->readers[i].seen);
		if (seen < oldest)
			oldest = seen;
	}
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

/* The pin of this version, else a free one, else NULL. */
static struct pin *
find_pin(struct publish *publish, const struct image_version *version)
{
	struct pin *free_pin = NULL;

	for (size_t i = 0; i < PINS_MAX; i++) {
		struct pin *pin = &publish->pins[i];
		if (pin->version == version)
			return pin;
		if (pin->version == NULL)
			free_pin = pin;
	}
	return free_pin;
}

const struct image_version *
publish_pin(struct publish *publish)
{
	pthread_mutex_lock(&publish->mutex);
	const struct image_version *version = atomic_load(&publish->current);
	struct pin *pin = NULL;
	if (version != NULL)
		pin = find_pin(publish, version);
	if (pin != NULL) {
		pin->version = version;
		pin->users++;
	}
	pthread_mutex_unlock(&publish->mutex);
	return pin != NULL ? version : NULL;
}

void
publish_unpin(struct publish *publish, const struct image_version *version)
{
	pthread_mutex_lock(&publish->mutex);
	struct pin *pin = find_pin(publish, version);
	ensure(pin != NULL && pin->version == version);
	if (--pin->users == 0)
		pin->version = NULL;
	pthread_mutex_unlock(&publish->mutex);
}

struct publish_reader *
publish_register(struct publish *publish)
{
	struct publish_reader *reader = NULL;

	pthread_mutex_lock(&publish->mutex);
	for (size_t i = 0; i < PUBLISH_READERS_MAX && reader == NULL; i++) {
		if (publish->readers[i].publish == NULL)
			reader = &publish->readers[i];
	}
	if (reader != NULL)
		reader->publish = publish;
	pthread_mutex_unlock(&publish->mutex);
	if (reader != NULL)
		publish_wake(reader);
	return reader;
}

void
publish_unregister(struct publish_reader *reader)
{
	struct publish *publish = reader->publish;

	publish_sleep(reader);
	pthread_mutex_lock(&publish->mutex);
	reader->publish = NULL;
	pthread_mutex_unlock(&publish->mutex);
}

void
publish_sleep(struct publish_reader *reader)
{
	atomic_store_explicit(&reader->seen, ASLEEP, memory_order_release);
}

/*
 * Announces slot 0, which holds everything up, before the look at `current`;
 * publish_release then says which slot it really is.
 */
void
publish_wake(struct publish_reader *reader)
{
	atomic_store(&reader->seen, 0);
	publish_release(reader);
}

const struct image_version *
publish_acquire(struct publish_reader *reader)
{
	return atomic_load(&reader->publish->current);
}

void
publish_release(struct publish_reader *reader)
{
	const struct image_version *version =
	    atomic_load(&reader->publish->current);
	uint64_t slot = version != NULL ? image_slot(version) : 0;

	atomic_store_explicit(&reader->seen, slot, memory_order_release);
}

/* A reader whose seen slot is s has loaded `current` with slot s, after the
 * keyring of slot s was stored: it never gets one that was replaced at s. */
const struct keyring *
publish_keyring(struct publish_reader *reader)
{
	return atomic_load(&reader->publish->keyring);
}
