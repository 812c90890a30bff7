/*
 * IEEE 1003.1 9.4 as far as ere.h takes it: leftmost, then longest.
 */
#include "unit/unit.h"

#include "registry/ere.h"

static struct blob
blob(const char *text)
{
	return (struct blob){ (const uint8_t *)text, strlen(text) };
}

struct row {
	const char *pattern;
	const char *subject;
	int begin; /* -1: no match */
	int end;
	int group_begin; /* of \1; -1: unset */
	int group_end;
};

static const struct row rows[] = {
	{ "^.*$", "+123", 0, 4, -1, -1 },
	{ "^(.*)$", "+123", 0, 4, 0, 4 },
	{ "^\\+1(.*)$", "+123", 0, 4, 2, 4 },
	{ "^\\+2(.*)$", "+123", -1, -1, -1, -1 },
	{ "23", "+12323", 2, 4, -1, -1 },
	{ "1|12|123", "+1234", 1, 4, -1, -1 },
	{ "(1|12)(3|23)?", "+1234", 1, 4, 1, 2 },
	{ "[0-3]+", "+120456", 1, 4, -1, -1 },
	{ "[^+]+", "+12", 1, 3, -1, -1 },
	{ "[]1]", "+1", 1, 2, -1, -1 },
	{ "[-+]1[2-]", "-12", 0, 3, -1, -1 },
	{ "[^-1-3]", "-124", 3, 4, -1, -1 },
	{ "[[:digit:]]{2}", "+123", 1, 3, -1, -1 },
	{ "^\\+(1{2,3})1*$", "+11111", 0, 6, 1, 4 },
	{ "^\\+1{3}$", "+11", -1, -1, -1, -1 },
	{ "^\\+1{3}$", "+111", 0, 4, -1, -1 },
	{ "^\\+1{2,}$", "+11111", 0, 6, -1, -1 },
	{ "^\\+1{2,}$", "+1", -1, -1, -1, -1 },
	{ "^\\+1{0,2}$", "+", 0, 1, -1, -1 },
	{ "^\\+1{0,2}$", "+111", -1, -1, -1, -1 },
	{ "^\\+(12){2}$", "+1212", 0, 5, 3, 5 },
	{ "^\\+(1|2|3)*$", "+1232", 0, 5, 4, 5 },
	{ "^\\+((1)|(2))+$", "+12", 0, 3, 2, 3 },
	{ "x*", "+1", 0, 0, -1, -1 },
	{ "1?$", "+1", 1, 2, -1, -1 },
	{ "1$2", "+12", -1, -1, -1, -1 },
	{ "(a|b)(c|d)|e", "bd", 0, 2, 0, 1 },
};

/* Matches and groups of well-formed patterns. */
static void
ere_search__table__as_posix(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct ere ere;
		struct ere_match match;
		struct reason reason = { "" };
		if (ere_compile(&ere, blob(row->pattern), &reason) != OK)
			fail_msg("%s: %s", row->pattern, reason.text);
		bool is_found = ere_search(&match, &ere, blob(row->subject));
		if (is_found != (row->begin >= 0))
			fail_msg("%s on %s", row->pattern, row->subject);
		if (!is_found)
			continue;
		uint8_t want[4] = { (uint8_t)row->begin, (uint8_t)row->end,
			(uint8_t)row->group_begin, (uint8_t)row->group_end };
		if (memcmp(match.at, want, 4) != 0)
			fail_msg("%s on %s: %u-%u, \\1 %u-%u", row->pattern,
			    row->subject, match.at[0], match.at[1],
			    match.at[2], match.at[3]);
	}
}

/* What the standard leaves open, or is too much, is refused with words. */
static void
ere_compile__doubtful_pattern__refused(void **state)
{
	static const char *const patterns[] = { "*1", "+1", "?1", "{2}", "^*",
		"1**", "1*+", "1{2}{3}", "()", "(1|)", "|1", "1|", "", "(1",
		"1)", "[1", "[]", "[a", "[z-a]", "[[:foo:]]", "[[.a.]]",
		"[[=a=]]", "\\1", "\\d", "1\\", "1{", "1{2", "1{2,1}",
		"1{,2}", "1{65}", "((((((((((1))))))))))",
		"[a-f-1]", "[+--]", "[--9]", "[[:digit:]-9]",
		"(((1{64}){64}){64})", "1{60}2{60}3{60}4{60}5{60}" };
	struct reason reason;
	struct ere ere;

	(void)state;
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		reason.text[0] = '\0';
		if (ere_compile(&ere, blob(patterns[i]), &reason) == OK)
			fail_msg("taken: %s", patterns[i]);
		assert_string_not_equal(reason.text, "");
	}
}

/* Patterns that explode in backtracking matchers end, with a bounded number of
 * ways. */
static void
ere_search__hostile_pattern__ends(void **state)
{
	static const char *const patterns[] = { "^(1*)*$", "^(1|1|1|11)*x$",
		"^((1*)*)*x$", "^(1?){20}1{20}$", "((1+)+)+$" };
	struct ere ere;
	struct ere_match match;

	(void)state;
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		/* a repetition of a group that repeats is no repetition of a
		 * repetition */
		assert_int_equal(ere_compile(&ere, blob(patterns[i]), NULL),
		    OK);
		for (unsigned n = 0; n < 1000; n++)
			(void)ere_search(&match, &ere,
			    blob("1111111111111111111111111111111111111111111"
				 "11111111111111111111"));
	}
}

/* Any bytes compile or are refused, and what compiles can be run. */
static void
ere_compile__random_bytes__bounded(void **state)
{
	static const char letters[] = "1+()[]{}|*?.^$\\2-,:digt";
	uint32_t seed = 1;
	struct ere ere;
	struct ere_match match;

	(void)state;
	for (unsigned n = 0; n < 200000; n++) {
		char pattern[16];
		for (size_t i = 0; i < sizeof pattern; i++) {
			seed = seed * 1664525 + 1013904223;
			pattern[i] = letters[(seed >> 16) %
			    (sizeof letters - 1)];
		}
		struct blob text = { (const uint8_t *)pattern,
			1 + (seed >> 8) % sizeof pattern };
		if (ere_compile(&ere, text, NULL) == OK)
			(void)ere_search(&match, &ere, blob("+1212-"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ere_search__table__as_posix),
		cmocka_unit_test(ere_compile__doubtful_pattern__refused),
		cmocka_unit_test(ere_search__hostile_pattern__ends),
		cmocka_unit_test(ere_compile__random_bytes__bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
