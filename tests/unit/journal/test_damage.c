/*
 * journal: damage and loss. What was being written is cut; what was
 * acknowledged is there or the opening says that it is lost (J4), and an
 * opening that refuses changes nothing (J5).
 */
#include "fixture.h"

#include <stdlib.h>
#include <unistd.h>

enum { SLOTS = 60 }; /* a few segments */

/* Open must be refused with one of two codes, and change nothing. */
static void
expect_refused(struct fixture *f, enum status a, enum status b,
    const char *word)
{
	struct hash before = directory_hash(f);

	enum status status = fixture_open(f, 0);
	if (status != a && status != b)
		fail_msg("got %s (%s)", status_text(status), f->reason.text);
	struct hash after = directory_hash(f);
	assert_memory_equal(&before, &after, sizeof before);
	if (strstr(f->reason.text, word) == NULL)
		fail_msg("no \"%s\" in \"%s\"", word, f->reason.text);
}

/* The last record written: in which file, from where to where. */
struct last_record {
	char name[32];
	uint64_t begin;
	uint64_t end;
	struct image_file mark_before;  /* before it was acknowledged */
	struct image_file segment;      /* with it */
	struct image_file previous;     /* the segment before, if it begins one */
	struct image_file mark;         /* with it */
};

/* Fill, and note where the last record is; closed then. */
static struct last_record
fill_and_note(struct fixture *f, uint64_t last, bool is_in_new_segment)
{
	struct last_record r = { .begin = 0 };
	char name[SEGMENT_NAME_CAP];
	size_t n_segments = 0;

	fixture_fill(f, last);
	do {
		n_segments = f->journal->n_segments;
		r.begin = f->journal->offset;
		r.mark_before = image_file_load(f, "mark");
		assert_int_equal(fixture_accept(f), OK);
		if (f->journal->n_segments > n_segments)
			r.begin = 0;
		if (!is_in_new_segment || r.begin == 0)
			break;
		image_file_free(&r.mark_before);
	} while (true);
	r.end = f->journal->offset;
	snprintf(r.name, sizeof r.name, "journal/%s",
	    segment_name(name, f->journal->current.number));
	uint32_t previous = f->journal->current.number - 1;
	fixture_close(f);
	r.segment = image_file_load(f, r.name);
	r.mark = image_file_load(f, "mark");
	if (r.begin == 0) {
		char path[32];
		snprintf(path, sizeof path, "journal/%s",
		    segment_name(name, previous));
		r.previous = image_file_load(f, path);
	}
	return r;
}

static void
free_note(struct last_record *r)
{
	image_file_free(&r->mark_before);
	image_file_free(&r->segment);
	image_file_free(&r->previous);
	image_file_free(&r->mark);
}

/* Zero the last record from a place on. */
static void
cut_from(struct fixture *f, const struct last_record *r, uint64_t at)
{
	uint8_t *zeroes = calloc(1, (size_t)(r->end - at) + 1);

	file_put(f, r->name, at, zeroes, (size_t)(r->end - at));
	free(zeroes);
}

/* Put all back as it was with the last record; remove a spare made since. */
static void
put_back(struct fixture *f, const struct last_record *r, bool is_marked)
{
	char path[JOURNAL_PATH_CAP];
	unsigned long number = strtoul(r->name + 8, NULL, 16);
	char name[64];

	snprintf(name, sizeof name, "journal/%08lx.seg", number + 1);
	(void)unlink(fixture_path(path, f, name));
	image_file_restore(&r->segment);
	if (r->previous.data != NULL)
		image_file_restore(&r->previous);
	image_file_restore(is_marked ? &r->mark : &r->mark_before);
}

/* J4: an acknowledged record cut anywhere is lost state. */
static void
journal_open__acknowledged_record_cut_everywhere__state_lost(void **state)
{
	struct fixture *f = *state;
	struct last_record r = fill_and_note(f, SLOTS, false);

	for (uint64_t at = r.begin; at < r.end; at++) {
		if (is_zero(r.segment.data + at, (size_t)(r.end - at)))
			continue; /* padding */
		put_back(f, &r, true);
		cut_from(f, &r, at);
		expect_refused(f, ERR_STATE_LOST, ERR_STATE_LOST, "offset");
	}
	free_note(&r);
}

/* The mark is of before: the record was being written, and is cut. */
static void
cut_everywhere(struct fixture *f, struct last_record *r)
{
	uint64_t last = f->accepted_slot;
	uint64_t step = r->begin == 0 ? 61 : 1;

	for (uint64_t at = r->begin; at <= r->end; at += step) {
		bool is_whole = at > r->end - 8 && is_zero(
		    r->segment.data + at, (size_t)(r->end - at));
		put_back(f, r, false);
		cut_from(f, r, at);
		arena_reset(&f->arena);
		assert_int_equal(fixture_open(f, 0), OK);
		assert_int_equal(f->durable.accepted.slot,
		    is_whole ? last : last - 1);
		assert_int_equal(f->n_replayed,
		    f->durable.accepted.slot - 1);
		/* and it goes on from there */
		if (at % 7 == 0) {
			f->accepted_slot = f->durable.accepted.slot;
			assert_int_equal(fixture_promise(f), OK);
			assert_int_equal(fixture_accept(f), OK);
			fixture_close(f);
			assert_int_equal(fixture_open(f, 0), OK);
			assert_int_equal(f->durable.accepted.slot,
			    f->accepted_slot);
		}
		fixture_close(f);
	}
}

static void
journal_open__unacknowledged_record_cut_everywhere__cut(void **state)
{
	struct fixture *f = *state;
	struct last_record r = fill_and_note(f, SLOTS, false);

	cut_everywhere(f, &r);
	free_note(&r);
}

/* The same where the record begins a segment, block and all. */
static void
journal_open__first_record_of_segment_cut__cut(void **state)
{
	struct fixture *f = *state;
	struct last_record r = fill_and_note(f, SLOTS, true);

	assert_int_equal(r.begin, 0);
	cut_everywhere(f, &r);
	free_note(&r);
}

/* A sector lost anywhere in it, later ones written. */
static void
journal_open__hole_in_unacknowledged_record__cut(void **state)
{
	struct fixture *f = *state;
	struct last_record r = fill_and_note(f, SLOTS, false);
	static const uint8_t zeroes[64];

	for (uint64_t at = r.begin; at + 64 < r.end; at += 16) {
		put_back(f, &r, false);
		file_put(f, r.name, at, zeroes, sizeof zeroes);
		arena_reset(&f->arena);
		assert_int_equal(fixture_open(f, 0), OK);
		assert_int_equal(f->durable.accepted.slot,
		    f->accepted_slot - 1);
		fixture_close(f);
	}
	free_note(&r);
}

/* J4, J5: a bit flipped in an acknowledged last record is seen, whichever. */
static void
journal_open__flip_in_last_record__state_lost(void **state)
{
	struct fixture *f = *state;
	struct last_record r = fill_and_note(f, SLOTS, false);

	for (uint64_t at = r.begin; at < r.end; at++) {
		if (at >= r.end - 8 && r.segment.data[at] == 0)
			continue; /* padding */
		put_back(f, &r, true);
		file_flip(f, r.name, at);
		expect_refused(f, ERR_STATE_LOST, ERR_STATE_LOST, "offset");
	}
	free_note(&r);
}

/* J1: A bit flipped in any byte that means something, in any segment that is
 * walked, is seen; the reason names segment and offset. */
static void
journal_open__flip_in_middle__refused(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "journal/00000001.seg",
		"journal/00000002.seg" };

	fixture_fill(f, SLOTS);
	assert_true(f->journal->n_segments >= 3);
	fixture_close(f);
	for (size_t i = 0; i < 2; i++) {
		for (uint64_t at = BLOCK_LEN; at < 15000; at += 331) {
			struct image_file file = image_file_load(f, names[i]);
			bool is_padding = file.data[at] == 0;
			if (!is_padding) {
				file_flip(f, names[i], at);
				expect_refused(f, ERR_DAMAGED, ERR_STATE_LOST,
				    "segment 0000000");
				image_file_restore(&file);
			}
			image_file_free(&file);
		}
	}
	assert_int_equal(fixture_open(f, 0), OK);
}

/* A flip in a segment's block. */
static void
journal_open__flip_in_block__damaged(void **state)
{
	struct fixture *f = *state;

	fixture_fill(f, SLOTS);
	fixture_close(f);
	for (uint64_t at = 0; at < BLOCK_LEN; at += 127) {
		file_flip(f, "journal/00000002.seg", at);
		expect_refused(f, ERR_DAMAGED, ERR_DAMAGED, "00000002.seg");
		file_flip(f, "journal/00000002.seg", at);
	}
	file_flip(f, "journal/00000001.seg", 20);
	expect_refused(f, ERR_DAMAGED, ERR_DAMAGED, "00000001.seg");
}

/* Damage in a segment that opening need not walk is found by reading. */
static void
journal_read__flip_in_old_segment__damaged(void **state)
{
	struct fixture *f = *state;
	struct blob value;
	unsigned n_bad = 0;

	fixture_fill(f, SLOTS);
	fixture_close(f);
	file_flip(f, "journal/00000001.seg", 9000);
	assert_int_equal(fixture_open(f, SLOTS - 1), OK);
	for (uint64_t slot = 1; slot < SLOTS; slot++) {
		enum status status = journal_read(f->journal, slot,
		    &f->arena, &value);
		assert_true(status == OK || status == ERR_DAMAGED);
		n_bad += status == ERR_DAMAGED;
	}
	assert_in_range(n_bad, 1, SLOTS / 2);
}

/* An old mark beside a damaged record must not turn damage into a cut. */
static void
journal_open__later_records_behind_damage__damaged(void **state)
{
	struct fixture *f = *state;

	fixture_fill(f, 3);
	struct image_file mark = image_file_load(f, "mark");
	uint64_t at = f->journal->offset;
	for (int i = 0; i < 3; i++)
		assert_int_equal(fixture_accept(f), OK);
	fixture_close(f);
	image_file_restore(&mark);
	file_flip(f, "journal/00000001.seg", at + 60);
	expect_refused(f, ERR_DAMAGED, ERR_DAMAGED, "not the last one");
	image_file_free(&mark);
}

static void
remove_name(struct fixture *f, const char *name)
{
	char path[JOURNAL_PATH_CAP];

	assert_int_equal(unlink(fixture_path(path, f, name)), 0);
}

/* A segment that is gone. */
static void
journal_open__segment_deleted__refused(void **state)
{
	struct fixture *f = *state;
	char name[32];
	char last[SEGMENT_NAME_CAP];

	fixture_fill(f, SLOTS);
	uint32_t n = f->journal->current.number;
	fixture_close(f);
	for (uint32_t i = 1; i <= n; i++) {
		snprintf(name, sizeof name, "journal/%s",
		    segment_name(last, i));
		struct image_file file = image_file_load(f, name);
		remove_name(f, name);
		expect_refused(f, ERR_STATE_LOST, ERR_STATE_LOST,
		    i < n ? "is missing" : "");
		image_file_restore(&file);
		image_file_free(&file);
	}
	assert_int_equal(fixture_open(f, 0), OK);
}

/* A file that was cut short, spare included. */
static void
journal_open__file_cut_short__refused_or_made_again(void **state)
{
	struct fixture *f = *state;
	char path[JOURNAL_PATH_CAP];

	fixture_fill(f, SLOTS);
	fixture_close(f);
	struct image_file file = image_file_load(f, "journal/00000001.seg");
	assert_int_equal(truncate(file.path, 9000), 0);
	expect_refused(f, ERR_DAMAGED, ERR_STATE_LOST, "00000001");
	assert_int_equal(truncate(file.path, 100), 0);
	expect_refused(f, ERR_DAMAGED, ERR_STATE_LOST, "00000001");
	image_file_restore(&file);
	image_file_free(&file);
	assert_int_equal(fixture_open(f, 0), OK);
	(void)path;
}

/* The mark: gone, damaged, older, newer. */
static void
journal_open__mark_missing__state_lost(void **state)
{
	struct fixture *f = *state;

	fixture_fill(f, 5);
	fixture_close(f);
	remove_name(f, "mark");
	expect_refused(f, ERR_STATE_LOST, ERR_STATE_LOST, "mark is missing");
}

static void
journal_open__one_sector_bad__the_other_counts(void **state)
{
	struct fixture *f = *state;

	fixture_fill(f, 5);
	fixture_close(f);
	struct image_file mark = image_file_load(f, "mark");
	for (uint64_t sector = 0; sector < 2; sector++) {
		for (uint64_t at = 0; at < BLOCK_LEN; at += 501) {
			image_file_restore(&mark);
			file_flip(f, "mark", sector * BLOCK_LEN + at);
			arena_reset(&f->arena);
			assert_int_equal(fixture_open(f, 0), OK);
			assert_int_equal(f->durable.accepted.slot, 5);
			fixture_close(f);
			image_file_free(&mark);
			mark = image_file_load(f, "mark");
		}
	}
	image_file_free(&mark);
}

static void
journal_open__both_sectors_bad__state_lost(void **state)
{
	struct fixture *f = *state;
	char path[JOURNAL_PATH_CAP];

	fixture_fill(f, 5);
	fixture_close(f);
	file_flip(f, "mark", 200);
	file_flip(f, "mark", BLOCK_LEN + 200);
	expect_refused(f, ERR_STATE_LOST, ERR_STATE_LOST, "both sectors");
	assert_int_equal(truncate(fixture_path(path, f, "mark"), 0), 0);
	expect_refused(f, ERR_STATE_LOST, ERR_STATE_LOST, "both sectors");
}

/* J3: one record more than the mark names is right, two are not. */
static void
journal_open__mark_older__one_record_only(void **state)
{
	struct fixture *f = *state;

	fixture_fill(f, 5);
	struct image_file two = image_file_load(f, "mark");
	assert_int_equal(fixture_accept(f), OK);
	struct image_file one = image_file_load(f, "mark");
	assert_int_equal(fixture_accept(f), OK);
	fixture_close(f);
	image_file_restore(&two);
	expect_refused(f, ERR_DAMAGED, ERR_DAMAGED, "old mark");
	image_file_restore(&one);
	assert_int_equal(fixture_open(f, 0), OK);
	assert_int_equal(f->durable.accepted.slot, 7);
	image_file_free(&one);
	image_file_free(&two);
}

/* J2: an older journal under a newer mark is lost state. */
static void
journal_open__journal_older_than_mark__state_lost(void **state)
{
	struct fixture *f = *state;

	fixture_fill(f, 5);
	struct image_file old = image_file_load(f, "journal/00000001.seg");
	assert_int_equal(fixture_accept(f), OK);
	fixture_close(f);
	image_file_restore(&old);
	expect_refused(f, ERR_STATE_LOST, ERR_STATE_LOST, "lost");
	image_file_free(&old);
}

/* J1: Another run's record under the number that the mark names. */
static void
journal_open__another_history__damaged(void **state)
{
	struct fixture *f = *state;

	fixture_fill(f, 5);
	struct image_file old = image_file_load(f, "journal/00000001.seg");
	struct image_file mark = image_file_load(f, "mark");
	assert_int_equal(fixture_accept(f), OK);
	fixture_close(f);
	struct image_file new_mark = image_file_load(f, "mark");
	image_file_restore(&old);
	image_file_restore(&mark);
	assert_int_equal(fixture_open(f, 0), OK); /* incarnation instead */
	fixture_close(f);
	image_file_restore(&new_mark);
	expect_refused(f, ERR_DAMAGED, ERR_DAMAGED, "not of one run");
	image_file_free(&old);
	image_file_free(&mark);
	image_file_free(&new_mark);
}

static void
journal_open__wrong_registrar__foreign(void **state)
{
	struct fixture *f = *state;

	fixture_fill(f, 2);
	fixture_close(f);
	f->config.registrar = TEST_REGISTRAR + 1;
	expect_refused(f, ERR_FOREIGN, ERR_FOREIGN, "another registrar");
}

/* Put a later version number into a block, with a right checksum. */
static void
make_newer(struct fixture *f, const char *name, uint64_t offset)
{
	uint8_t data[BLOCK_LEN];
	struct image_file file = image_file_load(f, name);
	struct hash hash;

	memcpy(data, file.data + offset, BLOCK_LEN);
	put_u32(data + 8, JOURNAL_FORMAT + 1);
	f->config.hash->blake2b(&hash, data, BLOCK_CHECKSUM_AT);
	memcpy(data + BLOCK_CHECKSUM_AT, &hash, HASH_LEN);
	file_put(f, name, offset, data, sizeof data);
	image_file_free(&file);
}

static void
journal_open__newer_format__newer(void **state)
{
	struct fixture *f = *state;

	fixture_fill(f, 2);
	fixture_close(f);
	struct image_file mark = image_file_load(f, "mark");
	make_newer(f, "mark", 0);
	expect_refused(f, ERR_NEWER, ERR_NEWER, "newer");
	image_file_restore(&mark);
	make_newer(f, "journal/00000001.seg", 0);
	expect_refused(f, ERR_NEWER, ERR_NEWER, "newer");
	image_file_free(&mark);
}

/* A record whose hashes are right but which cannot follow (a writer's bug, or
 * a forged file) is refused, not obeyed. */
static void
journal_open__impossible_records__damaged(void **state)
{
	struct fixture *f = *state;
	const struct entry bad[] = {
		{ .kind = ENTRY_INCARNATION, .incarnation = 1 },
		{ .kind = ENTRY_PROMISE, .ballot = { 1, TEST_REGISTRAR } },
		{ .kind = ENTRY_ACCEPTED, .slot = 9, .ballot = { 9, 1 } },
		{ .kind = ENTRY_ACCEPTED, .slot = 5, .ballot = { 0, 1 } },
		{ .kind = ENTRY_CHOSEN, .slot = 6 },
		{ .kind = ENTRY_CHOSEN, .slot = 5, .hash = { { 1 } } },
	};

	fixture_fill(f, 5);
	uint64_t at = f->journal->offset;
	struct journal_state before = f->journal->state;
	fixture_close(f);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		uint8_t data[256];
		struct hash chain;
		record_encode(data, &bad[i], 1, before.sequence + 1,
		    &before.chain, &chain, f->config.hash);
		file_put(f, "journal/00000001.seg", at, data,
		    record_padded(record_len(&bad[i], 1)));
		expect_refused(f, ERR_DAMAGED, ERR_DAMAGED, "cannot follow");
	}
}

/* Put a block whose checksum is right in front of a segment. */
static void
put_block(const struct fixture *f, const char *name, struct block *block)
{
	uint8_t data[BLOCK_LEN];

	block_encode(data, block, f->config.hash);
	file_put(f, name, 0, data, sizeof data);
}

/* The state before the first segment is the empty one: whatever else its block
 * says was not written here, however right its checksum is. */
static void
journal_open__first_segment_begins_late__damaged(void **state)
{
	struct fixture *f = *state;
	struct block block = { .kind = BLOCK_SEGMENT,
		.registrar = TEST_REGISTRAR, .segment = FIRST_SEGMENT,
		.segment_len = TEST_SEGMENT_LEN, .state = { .applied_slot = 9 } };
	struct block mark = { .kind = BLOCK_MARK, .registrar = TEST_REGISTRAR,
		.segment = FIRST_SEGMENT, .segment_len = TEST_SEGMENT_LEN };

	put_block(f, "journal/00000001.seg", &block);
	put_block(f, "mark", &mark);
	expect_refused(f, ERR_DAMAGED, ERR_DAMAGED, "does not follow");
}

/* After the largest number nothing can follow: none of them is ours. */
static void
state_apply__largest_number__damaged(void **state)
{
	struct journal_state at_start = { .applied_slot = UINT64_MAX - 1 };
	const struct entry incarnation = { .kind = ENTRY_INCARNATION,
		.incarnation = UINT64_MAX };
	const struct entry accepted = { .kind = ENTRY_ACCEPTED,
		.slot = UINT64_MAX };
	const struct entry chosen = { .kind = ENTRY_CHOSEN,
		.slot = UINT64_MAX, .value = { (const uint8_t *)"v", 1 } };
	struct location at = { 0 };

	(void)state;
	assert_int_equal(state_apply(&at_start, &incarnation, at, &at),
	    ERR_DAMAGED);
	assert_int_equal(state_apply(&at_start, &accepted, at, &at),
	    ERR_DAMAGED);
	assert_int_equal(state_apply(&at_start, &chosen, at, &at),
	    ERR_DAMAGED);
}

/* The same in a block. */
static void
block_decode__largest_number__damaged(void **state)
{
	const struct fixture *f = *state;
	uint8_t data[BLOCK_LEN];
	struct block blocks[3] = {
		{ .kind = BLOCK_MARK, .state = { .incarnation = UINT64_MAX } },
		{ .kind = BLOCK_MARK, .state = { .applied_slot = UINT64_MAX } },
		{ .kind = BLOCK_MARK, .state = { .sequence = UINT64_MAX } },
	};
	struct block out;

	for (size_t i = 0; i < 3; i++) {
		blocks[i].registrar = TEST_REGISTRAR;
		block_encode(data, &blocks[i], f->config.hash);
		assert_int_equal(block_decode(&out, data, BLOCK_MARK,
		    TEST_REGISTRAR, f->config.hash), ERR_DAMAGED);
	}
}

/* What a block says of the accepted value is what the records before it say:
 * else it would depend on where reading begins. */
static void
journal_open__block_tells_other_value__damaged(void **state)
{
	struct fixture *f = *state;
	struct last_record last = fill_and_note(f, SLOTS, true);
	struct block block;

	assert_int_equal(block_decode(&block, last.segment.data, BLOCK_SEGMENT,
	    TEST_REGISTRAR, f->config.hash), OK);
	assert_true(block.state.is_accepted);
	block.state.accepted_at.offset ^= 8;
	put_block(f, last.name, &block);
	expect_refused(f, ERR_DAMAGED, ERR_DAMAGED, "damaged");
	free_note(&last);
}

int
main(void)
{
#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, fixture_set_up, \
	    fixture_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(
		    journal_open__acknowledged_record_cut_everywhere__state_lost),
		TEST(journal_open__unacknowledged_record_cut_everywhere__cut),
		TEST(journal_open__first_record_of_segment_cut__cut),
		TEST(journal_open__hole_in_unacknowledged_record__cut),
		TEST(journal_open__flip_in_last_record__state_lost),
		TEST(journal_open__flip_in_middle__refused),
		TEST(journal_open__flip_in_block__damaged),
		TEST(journal_read__flip_in_old_segment__damaged),
		TEST(journal_open__later_records_behind_damage__damaged),
		TEST(journal_open__segment_deleted__refused),
		TEST(journal_open__file_cut_short__refused_or_made_again),
		TEST(journal_open__mark_missing__state_lost),
		TEST(journal_open__one_sector_bad__the_other_counts),
		TEST(journal_open__both_sectors_bad__state_lost),
		TEST(journal_open__mark_older__one_record_only),
		TEST(journal_open__journal_older_than_mark__state_lost),
		TEST(journal_open__another_history__damaged),
		TEST(journal_open__wrong_registrar__foreign),
		TEST(journal_open__newer_format__newer),
		TEST(journal_open__impossible_records__damaged),
		TEST(journal_open__first_segment_begins_late__damaged),
		TEST(journal_open__block_tells_other_value__damaged),
		TEST(state_apply__largest_number__damaged),
		TEST(block_decode__largest_number__damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
