/*
 * registry/cause: the table of causes.
 */
#include "unit/unit.h"

#include "registry/cause.h"

/* Rule: the columns of cause.def, by number. */
static void
cause_text__every_row__as_in_the_table(void **state)
{
	static const struct {
		enum cause cause;
		const char *id;
		uint16_t rcode;
		const char *text;
	} rows[] = {
#define CAUSE(code, id, rcode, text, meaning, action) \
	{ CAUSE_##code, id, rcode, text },
#include "registry/cause.def"
#undef CAUSE
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(rows[i].cause, i);
		assert_string_equal(cause_id(rows[i].cause), rows[i].id);
		assert_string_equal(cause_text(rows[i].cause), rows[i].text);
		assert_int_equal(cause_rcode(rows[i].cause), rows[i].rcode);
	}
}

/* Rule: only no cause is NOERROR; RFC 2136 2.2 has the rest, up to 10. */
static void
cause_rcode__every_row__refusal_but_none(void **state)
{
	(void)state;
	assert_int_equal(cause_rcode(CAUSE_NONE), 0);
	for (unsigned i = 1; i < CAUSE_COUNT; i++) {
		uint16_t rcode = cause_rcode((enum cause)i);
		assert_true(rcode >= 1 && rcode <= 10);
	}
}

/* Rule: a number from a newer registrar has words, too. */
static void
cause_text__no_cause__words_and_refused(void **state)
{
	(void)state;
	assert_string_equal(cause_id((enum cause)CAUSE_COUNT), "unknown");
	assert_string_not_equal(cause_text((enum cause)65535), "");
	assert_int_equal(cause_rcode((enum cause)65535), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cause_text__every_row__as_in_the_table),
		cmocka_unit_test(cause_rcode__every_row__refusal_but_none),
		cmocka_unit_test(cause_text__no_cause__words_and_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
