/*
 * engine/receipts: the index that finds repeats. DESIGN 4 "Retries are free".
 */
#include "unit/unit.h"

#include "engine/receipts.h"

#include <string.h>

enum { NOW_S = 1000000 };

static struct receipts receipts;

static int
setup(void **state)
{
	(void)state;
	receipts_init(&receipts);
	receipts_advance(&receipts, NOW_S * UINT64_C(1000));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	receipts_fini(&receipts);
	return 0;
}

/* The receipt number i, signed at a second. */
static struct receipt
make(uint32_t i, uint64_t second)
{
	struct receipt receipt = { .time_signed_s = second,
		.rcode = (uint16_t)(i % 11), .cause = (uint16_t)(i % 17) };

	for (size_t k = 0; k < HASH_LEN; k += 4) {
		uint32_t word = (i + 1) * 2654435761u + (uint32_t)k;
		memcpy(receipt.id.bytes + k, &word, sizeof word);
	}
	return receipt;
}

static bool
has(uint32_t i, uint64_t second, uint64_t slot)
{
	struct receipt wanted = make(i, second);
	struct receipt found;
	uint64_t at = 0;

	if (!receipts_find(&receipts, &wanted, &found, &at))
		return false;
	assert_int_equal(found.rcode, i % 11);
	assert_int_equal(found.cause, i % 17);
	assert_int_equal(at, slot);
	return true;
}

static void
add(uint32_t i, uint64_t second, uint64_t slot)
{
	struct receipt receipt = make(i, second);

	receipts_add(&receipts, &receipt, slot);
}

/* What was put in is found, with result and slot; nothing else is. */
static void
receipts_find__many__each_found(void **state)
{
	enum { N = 20000 };

	(void)state;
	for (uint32_t i = 0; i < N; i++)
		add(i, NOW_S - i % 7, 500 + i / 100);
	assert_int_equal(receipts.n, N);
	for (uint32_t i = 0; i < N; i++) {
		assert_true(has(i, NOW_S - i % 7, 500 + i / 100));
		assert_false(has(i + N, NOW_S - i % 7, 0));
		assert_false(has(i, NOW_S - 8, 0));
	}
}

/* Until time signed + 360 s of slot time, whatever the fudge. */
static void
receipts_advance__360_s_later__forgotten(void **state)
{
	(void)state;
	add(1, NOW_S - 300, 5);
	add(2, NOW_S + 300, 5);
	receipts_advance(&receipts, (NOW_S + 60) * UINT64_C(1000));
	assert_true(has(1, NOW_S - 300, 5));
	receipts_advance(&receipts, (NOW_S + 61) * UINT64_C(1000));
	assert_false(has(1, NOW_S - 300, 5));
	receipts_advance(&receipts, (NOW_S + 660) * UINT64_C(1000));
	assert_true(has(2, NOW_S + 300, 5));
	receipts_advance(&receipts, (NOW_S + 661) * UINT64_C(1000));
	assert_false(has(2, NOW_S + 300, 5));
	assert_int_equal(receipts.n, 0);
	assert_int_equal(receipts.bytes, 0);
}

/* Time never goes back; a jump ahead forgets everything. */
static void
receipts_advance__jumps__sound(void **state)
{
	(void)state;
	add(1, NOW_S, 5);
	receipts_advance(&receipts, 1);
	assert_true(has(1, NOW_S, 5));
	receipts_advance(&receipts, UINT64_C(1) << 50);
	assert_false(has(1, NOW_S, 5));
	assert_int_equal(receipts.bytes, 0);
}

/* Not signed, too old, too far ahead: not kept. */
static void
receipts_add__outside_of_the_window__not_kept(void **state)
{
	(void)state;
	add(1, 0, 5);
	add(1, NOW_S - 361, 5);
	add(1, NOW_S + 301, 5);
	assert_int_equal(receipts.n, 0);
	add(1, NOW_S - 360, 5);
	add(1, NOW_S + 300, 5);
	assert_int_equal(receipts.n, 2);
}

/* A batch that came to nothing: its receipts go, others stay. */
static void
receipts_remove__half__other_half_stays(void **state)
{
	enum { N = 3000 };

	(void)state;
	for (uint32_t i = 0; i < N; i++)
		add(i, NOW_S, i);
	for (uint32_t i = 0; i < N; i += 2) {
		struct receipt receipt = make(i, NOW_S);
		receipts_remove(&receipts, &receipt);
		receipts_remove(&receipts, &receipt);
	}
	assert_int_equal(receipts.n, N / 2);
	for (uint32_t i = 0; i < N; i++)
		assert_int_equal(has(i, NOW_S, i), i % 2 == 1);
	/* and they can come again */
	for (uint32_t i = 0; i < N; i += 2)
		add(i, NOW_S, i);
	for (uint32_t i = 0; i < N; i++)
		assert_true(has(i, NOW_S, i));
}

/* At the goal's rate of 20,000 a second the index takes at most 24 bytes for
 * each receipt of a second that is over. */
static void
receipts__20000_a_second__memory_bounded(void **state)
{
	enum { SECONDS = 400, RATE = 20000 };
	uint32_t i = 0;

	(void)state;
	for (uint64_t s = 0; s < SECONDS; s++) {
		receipts_advance(&receipts, (NOW_S + s) * 1000);
		for (unsigned k = 0; k < RATE; k++)
			add(i++, NOW_S + s, s);
	}
	/* 361 seconds of them */
	assert_int_equal(receipts.n, 361 * RATE);
	assert_true(receipts.bytes <= receipts.n * 24);
	assert_true(receipts_has_room(&receipts));
	print_message("%zu receipts in %zu MB\n", receipts.n,
	    receipts.bytes / 1000000);
	assert_true(has(i - 1, NOW_S + SECONDS - 1, SECONDS - 1));
	assert_true(has(i - 361 * RATE, NOW_S + SECONDS - 361,
	    SECONDS - 361));
	assert_false(has(i - 361 * RATE - 1, NOW_S + SECONDS - 362, 0));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(receipts_find__many__each_found),
		TEST(receipts_advance__360_s_later__forgotten),
		TEST(receipts_advance__jumps__sound),
		TEST(receipts_add__outside_of_the_window__not_kept),
		TEST(receipts_remove__half__other_half_stays),
		TEST(receipts__20000_a_second__memory_bounded),
	};
#undef TEST
	return cmocka_run_group_tests(tests, NULL, NULL);
}
