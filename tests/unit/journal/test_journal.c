/*
 * journal: what is appended is found again, in any later run.
 */
#include "fixture.h"

#include <sys/stat.h>
#include <unistd.h>

/* Rule: a new journal says nothing but the first incarnation. */
static void
journal_open__new__nothing_promised(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fixture_open(f, 0), OK);
	assert_int_equal(f->durable.registrar, TEST_REGISTRAR);
	assert_int_equal(f->durable.incarnation, 1);
	assert_int_equal(f->durable.promised.round, 0);
	assert_int_equal(f->durable.applied_slot, 0);
	assert_false(f->durable.accepted.is_set);
	assert_int_equal(f->n_replayed, 0);
}

/* Rule: a second journal is not made over the first. */
static void
journal_create__again__exists(void **state)
{
	struct fixture *f = *state;
	char path[JOURNAL_PATH_CAP];
	struct hash before = directory_hash(f);

	assert_int_equal(journal_create(&f->config, &f->reason), ERR_EXISTS);
	struct hash after = directory_hash(f);
	assert_memory_equal(&before, &after, sizeof before);
	assert_int_equal(unlink(fixture_path(path, f,
	    "journal/00000001.seg")), 0);
	assert_int_equal(journal_create(&f->config, &f->reason), ERR_EXISTS);
}

/* Rule: nothing there is told from something lost. */
static void
journal_open__no_journal__not_found(void **state)
{
	struct fixture *f = *state;
	char path[JOURNAL_PATH_CAP];

	f->config.directory = "/nonexistent";
	assert_int_equal(fixture_open(f, 0), ERR_NOT_FOUND);
	f->config.directory = f->directory;
	assert_int_equal(unlink(fixture_path(path, f,
	    "journal/00000001.seg")), 0);
	assert_int_equal(fixture_open(f, 0), ERR_STATE_LOST);
	assert_int_equal(unlink(fixture_path(path, f, "mark")), 0);
	assert_int_equal(fixture_open(f, 0), ERR_NOT_FOUND);
}

/* Rule: promise, accepted value and chosen slots come back as written. */
static void
journal_open__after_appends__all_there(void **state)
{
	struct fixture *f = *state;
	struct hash hash;

	fixture_fill(f, 5);
	fixture_close(f);
	assert_int_equal(fixture_open(f, 0), OK);
	assert_int_equal(f->durable.incarnation, 2);
	assert_int_equal(f->durable.promised.round, 1);
	assert_int_equal(f->durable.promised.registrar, TEST_REGISTRAR);
	assert_int_equal(f->durable.applied_slot, 4);
	assert_true(f->durable.accepted.is_set);
	assert_int_equal(f->durable.accepted.slot, 5);
	assert_int_equal(f->n_replayed, 4);
	struct blob want = slot_value(5, &hash);
	assert_int_equal(f->durable.accepted.value.len, want.len);
	assert_memory_equal(f->durable.accepted.value.data, want.data,
	    want.len);
	assert_memory_equal(&f->durable.accepted.hash, &hash, sizeof hash);
	(void)slot_value(4, &hash);
	assert_memory_equal(&f->durable.applied_hash, &hash, sizeof hash);
}

/* Rule: only slots above from_slot are replayed, over any number of segments,
 * and every chosen slot can be read. */
static void
journal_open__many_segments__from_any_slot(void **state)
{
	struct fixture *f = *state;
	enum { LAST = 300 };

	fixture_fill(f, LAST);
	assert_true(f->journal->n_segments > 6);
	for (uint64_t slot = 1; slot < LAST; slot++)
		fixture_expect_slot(f, slot);
	fixture_close(f);
	for (uint64_t from = 0; from < LAST; from += 23) {
		assert_int_equal(fixture_open(f, from), OK);
		assert_int_equal(f->n_replayed, LAST - 1 - from);
		assert_int_equal(f->replayed_last, LAST - 1);
		assert_int_equal(f->durable.accepted.slot, LAST);
		fixture_expect_slot(f, LAST - 1);
		fixture_expect_slot(f, 1);
		fixture_expect_slot(f, 150);
		fixture_close(f);
	}
}

/* Rule: many starts, whose incarnations and promises fill segments without a
 * single slot, do not lose the accepted value. */
static void
journal_open__many_starts__accepted_kept(void **state)
{
	struct fixture *f = *state;

	fixture_fill(f, 2);
	fixture_close(f);
	for (unsigned i = 0; i < 400; i++) {
		arena_reset(&f->arena);
		assert_int_equal(fixture_open(f, i % 2), OK);
		assert_int_equal(f->durable.incarnation, i + 2);
		assert_int_equal(f->durable.promised.round, i + 1);
		assert_int_equal(f->durable.accepted.slot, 2);
		assert_int_equal(fixture_promise(f), OK);
		fixture_close(f);
	}
	assert_int_equal(fixture_open(f, 0), OK);
	assert_true(f->journal->n_segments > 2);
	assert_int_equal(fixture_accept(f), OK);
	fixture_expect_slot(f, 2);
}

/* Rule: DESIGN 8, the store follows the journal; it may have the slot whose
 * CHOSEN record was still owed, never more. */
static void
journal_open__store_ahead__by_the_accepted_only(void **state)
{
	struct fixture *f = *state;

	fixture_fill(f, 5);
	fixture_close(f);
	assert_int_equal(fixture_open(f, 6), ERR_STATE_LOST);
	assert_int_equal(fixture_open(f, 5), OK);
	assert_int_equal(f->n_replayed, 0);
	assert_int_equal(f->durable.applied_slot, 5);
	assert_false(f->durable.accepted.is_set);
	fixture_expect_slot(f, 5);
	fixture_close(f);
	assert_int_equal(fixture_open(f, 0), OK);
	assert_int_equal(f->durable.applied_slot, 5);
	assert_int_equal(f->replayed_last, 5);
	fixture_close(f);
	assert_int_equal(fixture_open(f, 6), ERR_STATE_LOST);
}

static enum status
refuse(void *arg, uint64_t slot, struct hash hash, struct blob value)
{
	(void)arg;
	(void)hash;
	(void)value;
	return slot == 3 ? ERR_DIVERGED : OK;
}

/* J5: a replay that fails ends the opening with its status and no change. */
static void
journal_open__replay_fails__nothing_changed(void **state)
{
	struct fixture *f = *state;
	struct journal *journal = NULL;

	fixture_fill(f, 6);
	fixture_close(f);
	struct hash before = directory_hash(f);
	assert_int_equal(journal_open(&journal, &f->config, &f->arena, 0,
	    refuse, NULL, &f->durable, &f->reason), ERR_DIVERGED);
	struct hash after = directory_hash(f);
	assert_memory_equal(&before, &after, sizeof before);
}

/* Rule: what is not chosen cannot be read. */
static void
journal_read__not_chosen__not_found(void **state)
{
	struct fixture *f = *state;
	struct blob value;

	fixture_fill(f, 3);
	assert_int_equal(journal_read(f->journal, 0, &f->arena, &value),
	    ERR_NOT_FOUND);
	assert_int_equal(journal_read(f->journal, 3, &f->arena, &value),
	    ERR_NOT_FOUND);
	assert_int_equal(journal_read(f->journal, UINT64_MAX, &f->arena,
	    &value), ERR_NOT_FOUND);
	fixture_expect_slot(f, 2);
}

/* Rule: a value that was not accepted here comes with its CHOSEN record. */
static void
journal_append__chosen_with_value__kept(void **state)
{
	struct fixture *f = *state;
	struct paxos_write write = { .kind = PAXOS_WRITE_CHOSEN, .slot = 3 };

	fixture_fill(f, 2);
	struct paxos_write two = { .kind = PAXOS_WRITE_CHOSEN, .slot = 2 };
	(void)slot_value(2, &two.hash);
	assert_int_equal(journal_append(f->journal, &two, 1, &f->reason), OK);
	write.value = slot_value(3, &write.hash);
	assert_int_equal(journal_append(f->journal, &write, 1, &f->reason),
	    OK);
	fixture_expect_slot(f, 3);
	fixture_close(f);
	assert_int_equal(fixture_open(f, 0), OK);
	assert_int_equal(f->n_replayed, 3);
	assert_int_equal(f->durable.applied_slot, 3);
}

/* Rule: a record that no segment can hold is refused, in words. */
static void
journal_append__larger_than_segment__too_long(void **state)
{
	struct fixture *f = *state;
	static uint8_t big[TEST_SEGMENT_LEN];
	struct paxos_write write = { .kind = PAXOS_WRITE_ACCEPTED, .slot = 1,
		.ballot = { 1, 1 }, .value = { big, sizeof big } };

	assert_int_equal(fixture_open(f, 0), OK);
	assert_int_equal(journal_append(f->journal, &write, 1, &f->reason),
	    ERR_TOO_LONG);
	assert_true(f->reason.text[0] != '\0');
	/* after a failure nothing is taken any more */
	assert_int_equal(fixture_promise(f), ERR_IO);
}

/* Rule: values from nothing to the longest that fits. */
static void
journal_append__every_length__read_back(void **state)
{
	struct fixture *f = *state;
	static uint8_t bytes[TEST_SEGMENT_LEN];
	size_t max = TEST_SEGMENT_LEN - BLOCK_LEN - 256;
	struct paxos_durable *durable = &f->durable;
	uint64_t slot = 0;

	memset(bytes, 0xa5, sizeof bytes);
	assert_int_equal(fixture_open(f, 0), OK);
	for (size_t len = 0; len <= max; len += len < 40 ? 1 : 1111) {
		struct paxos_write writes[2] = {
			{ .kind = PAXOS_WRITE_ACCEPTED, .slot = slot + 1,
			    .ballot = { 1, 1 }, .value = { bytes, len } },
			{ .kind = PAXOS_WRITE_CHOSEN, .slot = slot + 1 },
		};
		f->config.hash->blake2b(&writes[0].hash, bytes, len);
		writes[1].hash = writes[0].hash;
		assert_int_equal(journal_append(f->journal, writes, 2,
		    &f->reason), OK);
		slot++;
		struct blob value;
		assert_int_equal(journal_read(f->journal, slot, &f->arena,
		    &value), OK);
		assert_int_equal(value.len, len);
	}
	fixture_close(f);
	assert_int_equal(journal_open(&f->journal, &f->config, &f->arena,
	    slot, NULL, NULL, durable, &f->reason), OK);
	assert_int_equal(durable->applied_slot, slot);
}

/* Rule: files are for the owner alone. */
static void
journal_create__modes__owner_only(void **state)
{
	struct fixture *f = *state;
	char path[JOURNAL_PATH_CAP];
	struct stat st;

	assert_int_equal(stat(fixture_path(path, f, "mark"), &st), 0);
	assert_int_equal(st.st_mode & 0077, 0);
	assert_int_equal(stat(fixture_path(path, f, "journal"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(fixture_path(path, f, "journal/00000001.seg"),
	    &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, TEST_SEGMENT_LEN);
}

int
main(void)
{
#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, fixture_set_up, \
	    fixture_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(journal_open__new__nothing_promised),
		TEST(journal_create__again__exists),
		TEST(journal_create__modes__owner_only),
		TEST(journal_open__no_journal__not_found),
		TEST(journal_open__after_appends__all_there),
		TEST(journal_open__many_segments__from_any_slot),
		TEST(journal_open__many_starts__accepted_kept),
		TEST(journal_open__store_ahead__by_the_accepted_only),
		TEST(journal_open__replay_fails__nothing_changed),
		TEST(journal_read__not_chosen__not_found),
		TEST(journal_append__chosen_with_value__kept),
		TEST(journal_append__larger_than_segment__too_long),
		TEST(journal_append__every_length__read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
