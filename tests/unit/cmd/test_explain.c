/*
 * The ids of events (sys/event.def) and causes (registry/cause.def), which
 * `e164ctl explain` and the manual list together.
 */
#include "unit/unit.h"

#include "base/spelling.h"

struct row {
	const char *id;
	const char *text;
	const char *meaning;
	const char *action;
};

static const struct row rows[] = {
#define EVENT(code, id, level, from, text, meaning, action) \
	{ id, text, meaning, action },
#include "sys/event.def"
#undef EVENT
#define CAUSE(code, id, rcode, text, meaning, action) \
	{ id, text, meaning, action },
#include "registry/cause.def"
#undef CAUSE
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* Rule: an id is found in logs and typed by people: lower case, hyphens, not
 * longer than the column of the list, and of one row only. */
static void
ids__every_row__short_and_unique(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		size_t len = strlen(rows[i].id);
		assert_in_range(len, 3, 18);
		assert_int_equal(len, strspn(rows[i].id,
		    "abcdefghijklmnopqrstuvwxyz0123456789-"));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(rows[i].id, rows[j].id);
	}
}

/* Rule: each says what it means and what to do, in sentences that fit a
 * terminal. */
static void
words__every_row__sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		const char *const words[] = { rows[i].meaning, rows[i].action };
		assert_true(strlen(rows[i].text) > 3);
		for (size_t j = 0; j < 2; j++) {
			const char *c = words[j];
			assert_true(strlen(c) > 5);
			assert_int_equal(c[strlen(c) - 1], '.');
			while (*c != '\0') {
				size_t len = strcspn(c, "\n");
				assert_true(len < 78);
				c += len + (c[len] == '\n');
			}
		}
	}
}

/* Rule: braces of a text are pairs around a key. */
static void
fields__every_text__closed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		const char *c = rows[i].text;
		while ((c = strchr(c, '{')) != NULL) {
			size_t len = strspn(c + 1,
			    "abcdefghijklmnopqrstuvwxyz_");
			assert_true(len > 0);
			assert_int_equal(c[1 + len], '}');
			c += len;
		}
	}
}

/* Rule: Levenshtein's distance; a swap of neighbours is one step. */
static void
spelling_distance__words__steps(void **state)
{
	static char word[SPELLING_MAX + 2];

	(void)state;
	assert_int_equal(spelling_distance("ready", 5, "ready", 5), 0);
	assert_int_equal(spelling_distance("raedy", 5, "ready", 5), 1);
	assert_int_equal(spelling_distance("redy", 4, "ready", 5), 1);
	assert_int_equal(spelling_distance("kitten", 6, "sitting", 7), 3);
	assert_int_equal(spelling_distance("", 0, "ready", 5), 5);
	memset(word, 'x', SPELLING_MAX + 1);
	assert_int_equal(spelling_distance(word, SPELLING_MAX + 1, "x", 1),
	    SPELLING_MAX);
	assert_int_equal(spelling_distance(word, SPELLING_MAX, word,
	    SPELLING_MAX), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids__every_row__short_and_unique),
		cmocka_unit_test(words__every_row__sentences),
		cmocka_unit_test(fields__every_text__closed),
		cmocka_unit_test(spelling_distance__words__steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
