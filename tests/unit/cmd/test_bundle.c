/*
 * Bundles of an import: which rows are sent again after a refusal.
 */
#include "unit/unit.h"

#include "cmd/bundle.h"

#include <stdlib.h>

/* Rows of 1, 2, 3, 1, ... records; the row's number is each record's TTL. */
static int
setup(void **state)
{
	struct bundle *bundle = calloc(1, sizeof *bundle);

	for (uint32_t i = 0; i < 6; i++) {
		struct row row = { .path = "f", .line = 10 + i,
			.n = 1 + i % 3 };
		for (uint32_t k = 0; k < row.n; k++) {
			row.rrs[k].ttl = i;
			row.columns[k] = 100 * i + k;
		}
		bundle_add(bundle, &row);
	}
	bundle_close(bundle);
	*state = bundle;
	return 0;
}

static int
teardown(void **state)
{
	free(*state);
	return 0;
}

static void
expect_range(struct bundle *bundle, uint32_t from, uint32_t to, size_t n_rrs)
{
	size_t n = 0;

	assert_true(bundle_next(bundle));
	assert_int_equal(bundle->now.from, from);
	assert_int_equal(bundle->now.to, to);
	const struct request_rr *rrs = bundle_rrs(bundle, &n);
	assert_int_equal(n, n_rrs);
	assert_int_equal(rrs[0].ttl, from);
	assert_int_equal(rrs[n - 1].ttl, to - 1);
}

/* A refused row is left out; those before and behind it go again, in order. */
static void
bundle_drop__middle__both_sides_in_order(void **state)
{
	struct bundle *bundle = *state;

	expect_range(bundle, 0, 6, 12);
	bundle_drop(bundle, 2);
	expect_range(bundle, 0, 2, 3);
	expect_range(bundle, 3, 6, 6);
	bundle_drop(bundle, 3);
	expect_range(bundle, 4, 6, 5);
	bundle_drop(bundle, 5);
	expect_range(bundle, 4, 5, 2);
	bundle_drop(bundle, 4);
	assert_false(bundle_next(bundle));
}

/* What is too large for one changeset goes in halves. */
static void
bundle_split__halves(void **state)
{
	struct bundle *bundle = *state;

	expect_range(bundle, 0, 6, 12);
	bundle_split(bundle);
	expect_range(bundle, 0, 3, 6);
	bundle_split(bundle);
	expect_range(bundle, 0, 1, 1);
	expect_range(bundle, 1, 3, 5);
	expect_range(bundle, 3, 6, 6);
	assert_false(bundle_next(bundle));
}

/* A record of a range leads to its row and column in the file. */
static void
bundle_row_at__record_of_a_range__its_row(void **state)
{
	struct bundle *bundle = *state;
	uint32_t column = 0;

	expect_range(bundle, 0, 6, 12);
	assert_int_equal(bundle_row_at(bundle, 0, &column), 0);
	assert_int_equal(bundle_row_at(bundle, 2, &column), 1);
	assert_int_equal(column, 101);
	assert_int_equal(bundle_row_at(bundle, 11, &column), 5);
	assert_int_equal(column, 502);
	bundle_drop(bundle, 0);
	expect_range(bundle, 1, 6, 11);
	assert_int_equal(bundle_row_at(bundle, 2, &column), 2);
	assert_int_equal(column, 200);
	/* an answer that names no record of it */
	assert_int_equal(bundle_row_at(bundle, 99, &column), 5);
	assert_int_equal(column, 1);
}

/* Rows, records and bytes are bounded. */
static void
bundle_has_room__limits(void **state)
{
	struct bundle *bundle = *state;
	struct row row = { .path = "f", .n = 1 };

	bundle_reset(bundle);
	for (size_t i = 0; i < BUNDLE_ROWS; i++) {
		assert_true(bundle_has_room(bundle));
		bundle_add(bundle, &row);
	}
	assert_false(bundle_has_room(bundle));
	bundle_reset(bundle);
	row.rrs[0].rdata.len = BUNDLE_BYTES;
	bundle_add(bundle, &row);
	assert_false(bundle_has_room(bundle));
	bundle_reset(bundle);
	assert_true(bundle_has_room(bundle));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(bundle_drop__middle__both_sides_in_order),
		TEST(bundle_split__halves),
		TEST(bundle_row_at__record_of_a_range__its_row),
		TEST(bundle_has_room__limits),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
