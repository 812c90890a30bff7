/*
 * base/arena: region memory.
 */
#include "unit/unit.h"

#include "base/arena.h"

/* Rule: every allocation is zeroed, aligned and apart from the others. */
static void
arena_alloc__many_sizes__apart_and_zero(void **state)
{
	struct arena arena;
	uint8_t *last = NULL;

	(void)state;
	arena_init(&arena);
	for (size_t len = 1; len < 3000; len += 7) {
		uint8_t *p = arena_alloc(&arena, len);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < len; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, len);
		assert_true(p != last);
		last = p;
	}
	arena_fini(&arena);
}

/* Rule: memory after a reset is zeroed again. */
static void
arena_reset__used_memory__zero_again(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	memset(arena_alloc(&arena, 100), 0xff, 100);
	arena_reset(&arena);
	assert_int_equal(arena.total, 0);
	const uint8_t *p = arena_alloc(&arena, 100);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	arena_fini(&arena);
}

/* Rule: one allocation may be larger than any chunk. */
static void
arena_alloc__larger_than_chunk__whole(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	memset(arena_alloc(&arena, 5u << 20), 1, 5u << 20);
	arena_reset(&arena);
	memset(arena_alloc(&arena, 10), 1, 10);
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_alloc__many_sizes__apart_and_zero),
		cmocka_unit_test(arena_reset__used_memory__zero_again),
		cmocka_unit_test(arena_alloc__larger_than_chunk__whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
