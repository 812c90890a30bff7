/*
 * image: readers beside the writer, for ThreadSanitizer. Threads find and
 * write out records of published versions while the writer patches, publishes
 * and releases by what slots the readers say they use.
 */
#include "zone.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
	CAP = 8 * 1024 * 1024,
	READERS = 2,
	NUMBERS = 300,
	COMMITS = 1500,
};

struct stage {
	_Atomic(const struct image_version *) published;
	atomic_bool stop;
	struct reader_slot {
		_Atomic uint64_t slot; /* in use; UINT64_MAX: none */
	} readers[READERS];
};

struct thread {
	struct stage *stage;
	unsigned index;
	uint64_t seed;
	uint64_t answers;
	bool is_wrong;
};

static struct owner
number(unsigned i)
{
	char text[32];

	snprintf(text, sizeof text, "%u.%u.%u.5.5.5.1", i % 10, i / 10 % 10,
	    i / 100);
	return owner_of(text);
}

/* Say which slot is in use; the version is sure once it is still current. */
static const struct image_version *
enter(struct thread *thread)
{
	struct stage *stage = thread->stage;

	for (;;) {
		const struct image_version *version = atomic_load(
		    &stage->published);
		/* The slot is read from what may go: so note it first. */
		atomic_store(&stage->readers[thread->index].slot, 0);
		if (atomic_load(&stage->published) == version)
			return version;
	}
}

static void
leave(struct thread *thread)
{
	atomic_store(&thread->stage->readers[thread->index].slot, UINT64_MAX);
}

static void
read_once(struct thread *thread, const struct image_version *version)
{
	struct owner owner = number(dice(&thread->seed, NUMBERS + 50));
	struct qname qname;
	struct image_match match;
	struct image_rrset rrset;
	uint8_t out[512];

	atomic_store(
	    &thread->stage->readers[thread->index].slot, image_slot(version));
	qname_make(&qname, owner_blob(&owner));
	image_find(version, &qname, &match);
	if (match.kind != MATCH_EXACT)
		return;
	if (!image_rrset(version, match.node, TYPE_TXT, &rrset) ||
	    image_emit(&rrset, match.tn, 12, out, sizeof out) == 0)
		thread->is_wrong = true;
	thread->answers++;
}

static void *
reader(void *arg)
{
	struct thread *thread = arg;

	while (!atomic_load(&thread->stage->stop)) {
		const struct image_version *version = enter(thread);
		for (unsigned i = 0; i < 20; i++)
			read_once(thread, version);
		leave(thread);
	}
	return NULL;
}

static uint64_t
oldest_in_use(struct stage *stage, uint64_t current)
{
	uint64_t oldest = current;

	for (unsigned i = 0; i < READERS; i++) {
		uint64_t slot = atomic_load(&stage->readers[i].slot);
		if (slot < oldest)
			oldest = slot;
	}
	return oldest;
}

static void
change(struct image *image, struct arena *arena, uint64_t *seed)
{
	struct owner owner = number(dice(seed, NUMBERS));
	struct node before;
	struct node after = { 0 };
	char text[64];

	image_get(image_candidate(image), owner_blob(&owner), arena, &before);
	snprintf(text, sizeof text, "cnam=%u", dice(seed, 1u << 20));
	if (dice(seed, 8) != 0)
		after = node_txt(arena, text);
	struct name_change name_change = change_of(
	    arena, owner_blob(&owner), &before, &after);
	assert_int_equal(image_apply(image, &name_change), OK);
}

/* V1: a version that a reader holds is never written to. */
static void
image__readers_beside_writer__no_race(void **state)
{
	struct arena arena;
	struct image *image = NULL;
	struct stage stage = { .stop = false };
	struct thread threads[READERS];
	pthread_t ids[READERS];
	uint64_t seed = 11;
	void *region = calloc(1, CAP);

	(void)state;
	arena_init(&arena);
	assert_non_null(region);
	assert_int_equal(image_create(&image, region, CAP), OK);
	atomic_store(&stage.published, image_current(image));
	for (unsigned i = 0; i < READERS; i++) {
		threads[i] = (struct thread){ &stage, i, i + 1, 0, false };
		atomic_store(&stage.readers[i].slot, UINT64_MAX);
		assert_int_equal(
		    pthread_create(&ids[i], NULL, reader, &threads[i]), 0);
	}
	uint64_t slot = 1;
	for (; slot <= COMMITS; slot++) {
		image_begin(image);
		for (unsigned i = 0; i < 10; i++)
			change(image, &arena, &seed);
		if (slot % 7 == 0) {
			image_abort(image);
		} else {
			atomic_store(&stage.published,
			    image_commit(image, slot, (uint32_t)slot));
			image_release(image,
			    oldest_in_use(
				&stage, image_slot(image_current(image))));
		}
		arena_reset(&arena);
		if (slot % 50 == 0)
			sched_yield();
	}
	atomic_store(&stage.stop, true);
	for (unsigned i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(ids[i], NULL), 0);
		assert_false(threads[i].is_wrong);
	}
	image_release(image, image_slot(image_current(image)));
	assert_sound(image, image_current(image));
	image_destroy(image);
	free(region);
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(image__readers_beside_writer__no_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
