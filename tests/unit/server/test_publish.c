/*
 * server/publish: a version stays readable while a reader or a pin may hold
 * it, and its memory comes back afterwards. Run under TSan as well.
 */
#include "unit/unit.h"

#include "registry/rrset.h"
#include "server/publish.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
	REGION = 16 * 1024 * 1024,
	ROUNDS = 2000,
	READERS = 2,
};

static const uint8_t owner_bytes[] = { 1, '1', 1, '2' };
static const struct blob owner = { owner_bytes, sizeof owner_bytes };

struct fixture {
	void *region;
	struct image *image;
	struct publish *publish;
	struct arena arena;
	atomic_bool is_over;
	atomic_ulong reads;
};

/* One TXT record whose text and TTL both are the round. */
static struct blob
round_rrsets(struct arena *arena, uint32_t round)
{
	char text[32];
	int len = snprintf(text + 1, sizeof text - 1, "%u", round);
	struct record record = { .type = 16, .ttl = round,
		.rdata = { (const uint8_t *)text, (size_t)len + 1 } };
	struct blob out;

	text[0] = (char)len;
	assert_int_equal(rrsets_build(arena, &out, &record, 1), OK);
	return out;
}

static void
put_round(struct fixture *f, uint32_t round)
{
	struct name_change change = { .owner = owner };

	arena_reset(&f->arena);
	if (round > 1)
		change.removed = round_rrsets(&f->arena, round - 1);
	change.added = round_rrsets(&f->arena, round);
	image_release(f->image, publish_oldest(f->publish));
	image_begin(f->image);
	assert_int_equal(image_apply(f->image, &change), OK);
	publish_set(f->publish, image_commit(f->image, round, round), NULL);
}

/* The round that a version shows at owner, read from TTL and text. */
static uint32_t
read_round(const struct image_version *version)
{
	struct arena arena;
	struct node node;
	struct rrset rrset;
	struct blob rdata;
	char text[32] = "";

	arena_init(&arena);
	image_get(version, owner, &arena, &node);
	struct blob rest = node.rrsets;
	assert_true(rrset_next(&rest, &rrset));
	assert_true(rrset_next_rdata(&rrset.rdatas, &rdata));
	memcpy(text, rdata.data + 1, rdata.len - 1);
	assert_int_equal(strtoul(text, NULL, 10), rrset.ttl);
	arena_fini(&arena);
	return rrset.ttl;
}

static void *
reader_main(void *arg)
{
	struct fixture *f = arg;

	struct publish_reader *reader = publish_register(f->publish);

	while (!atomic_load(&f->is_over)) {
		const struct image_version *version =
		    publish_acquire(reader);
		if (read_round(version) != image_serial(version))
			abort();
		publish_release(reader);
		if (atomic_fetch_add(&f->reads, 1) % 8 == 0) {
			publish_sleep(reader);
			publish_wake(reader);
		}
	}
	publish_unregister(reader);
	return NULL;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->region = calloc(1, REGION);
	assert_int_equal(image_create(&f->image, f->region, REGION), OK);
	f->publish = publish_create();
	arena_init(&f->arena);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	publish_destroy(f->publish);
	image_destroy(f->image);
	free(f->region);
	arena_fini(&f->arena);
	free(f);
	return 0;
}

/* Rule: readers beside a busy writer always see one whole version. */
static void
publish_acquire__writer_beside__whole_versions(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[READERS];

	put_round(f, 1);
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
		    reader_main, f), 0);
	for (uint32_t round = 2; round <= ROUNDS ||
	     atomic_load(&f->reads) < ROUNDS; round++)
		put_round(f, round);
	atomic_store(&f->is_over, true);
	for (size_t i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
}

/* Rule: a pinned version reads the same until it is unpinned. */
static void
publish_pin__many_later_versions__unchanged(void **state)
{
	struct fixture *f = *state;

	put_round(f, 1);
	put_round(f, 2);
	const struct image_version *pinned = publish_pin(f->publish);
	assert_ptr_equal(publish_pin(f->publish), pinned);
	for (uint32_t round = 3; round < ROUNDS; round++)
		put_round(f, round);
	assert_true(publish_oldest(f->publish) <= 2);
	assert_int_equal(read_round(pinned), 2);
	publish_unpin(f->publish, pinned);
	assert_true(publish_oldest(f->publish) <= 2);
	publish_unpin(f->publish, pinned);
	assert_int_equal(publish_oldest(f->publish), ROUNDS - 1);
}

/* Rule: a reader that is awake holds its version, one asleep none. */
static void
publish_oldest__reader_awake_and_asleep__held_and_not(void **state)
{
	struct fixture *f = *state;

	put_round(f, 1);
	struct publish_reader *reader = publish_register(f->publish);
	const struct image_version *version = publish_acquire(reader);
	for (uint32_t round = 2; round < 50; round++)
		put_round(f, round);
	assert_int_equal(publish_oldest(f->publish), 1);
	assert_int_equal(read_round(version), 1);
	publish_sleep(reader);
	assert_int_equal(publish_oldest(f->publish), 49);
	publish_wake(reader);
	put_round(f, 50);
	assert_int_equal(publish_oldest(f->publish), 49);
	publish_release(reader);
	assert_int_equal(publish_oldest(f->publish), 50);
	publish_unregister(reader);
}

/* Rule: before anything is published there is nothing to pin. */
static void
publish_pin__nothing_published__null(void **state)
{
	struct fixture *f = *state;

	assert_null(publish_pin(f->publish));
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(publish_acquire__writer_beside__whole_versions),
		CASE(publish_pin__many_later_versions__unchanged),
		CASE(publish_oldest__reader_awake_and_asleep__held_and_not),
		CASE(publish_pin__nothing_published__null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
