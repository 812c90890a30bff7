/*
 * Which warnings of an import are said.
 */
#include "unit/unit.h"

#include "cmd/warned.h"

/* Three of a kind; the kind is what stands behind the last colon. */
static void
warned_is_new__same_kind__three(void **state)
{
	struct warned warned = { .n_said = 0 };

	(void)state;
	for (int i = 0; i < 10; i++) {
		char text[64];
		snprintf(text, sizeof text, "%d.e164.example.: cnam: long", i);
		assert_int_equal(warned_is_new(&warned, text), i < 3);
	}
	assert_true(warned_is_new(&warned, "1.e164.example.: lrn: digits"));
	assert_true(warned_is_new(&warned, "no kind"));
	assert_int_equal(warned.n_said, 5);
}

/* More kinds than are told apart are not said, and cost no memory. */
static void
warned_is_new__many_kinds__bounded(void **state)
{
	struct warned warned = { .n_said = 0 };
	char text[200];

	(void)state;
	for (int i = 0; i < WARNED_KINDS_MAX; i++) {
		snprintf(text, sizeof text, "x: kind %d", i);
		assert_true(warned_is_new(&warned, text));
	}
	assert_false(warned_is_new(&warned, "x: one more"));
	assert_true(warned_is_new(&warned, "x: kind 0"));
	memset(text, 'y', sizeof text);
	text[sizeof text - 1] = '\0';
	warned = (struct warned){ .n_said = 0 };
	for (int i = 0; i < 4; i++)
		assert_int_equal(warned_is_new(&warned, text), i < 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warned_is_new__same_kind__three),
		cmocka_unit_test(warned_is_new__many_kinds__bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
