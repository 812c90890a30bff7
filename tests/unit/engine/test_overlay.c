/*
 * engine/overlay: what the open batch changed of hidden names.
 */
#include "unit/unit.h"

#include "engine/overlay.h"

static struct blob
name(char *text, int i)
{
	int len = snprintf(text, 16, "%06d", i);

	return (struct blob){ .data = (const uint8_t *)text,
		.len = (size_t)len };
}

/* Rule: the last node put at a name is what is there; others are absent. */
static void
overlay_put__many_names_twice__last_counts(void **state)
{
	struct overlay overlay = { 0 };
	struct arena arena;
	char text[16], data[16];
	struct node node;

	(void)state;
	arena_init(&arena);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 1000; i++) {
			int len = snprintf(data, sizeof data, "%d.%d", round,
			    i);
			node = (struct node){ .flags = (uint8_t)round,
				.rrsets = { (const uint8_t *)data,
				    (size_t)len } };
			overlay_put(&overlay, &arena, name(text, i), &node);
		}
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(data, sizeof data, "1.%d", i);
		assert_true(overlay_get(&overlay, name(text, i), &node));
		assert_int_equal(node.flags, 1);
		assert_int_equal(node.rrsets.len, strlen(data));
		assert_memory_equal(node.rrsets.data, data, strlen(data));
	}
	assert_false(overlay_get(&overlay, name(text, 1000), &node));
	assert_int_equal(overlay.n, 1000);
	arena_fini(&arena);
}

/* Rule: an empty overlay knows no name. */
static void
overlay_get__empty__false(void **state)
{
	struct overlay overlay = { 0 };
	struct node node;
	char text[16];

	(void)state;
	assert_false(overlay_get(&overlay, name(text, 1), &node));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overlay_put__many_names_twice__last_counts),
		cmocka_unit_test(overlay_get__empty__false),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
