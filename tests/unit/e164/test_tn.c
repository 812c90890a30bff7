/*
 * e164/tn: numbers of 1 to 15 digits as one value.
 */
#include "unit/unit.h"

#include "base/reason.h"
#include "e164/tn.h"
#include "unit/random.h"

enum { ROUNDS = 2000 };

static enum status
parse(struct tn *out, const char *text)
{
	return tn_parse(out, text, strlen(text), NULL);
}

static struct tn
tn_of(const char *text)
{
	struct tn tn = { 0 };

	assert_int_equal(parse(&tn, text), OK);
	return tn;
}

/* Rule: the value is count, then digits, unused nibbles 0. */
static void
tn_parse__digits__packed_as_drawn(void **state)
{
	(void)state;
	assert_int_equal(tn_of("1").packed, UINT64_C(0x1100000000000000));
	assert_int_equal(tn_of("120").packed, UINT64_C(0x3120000000000000));
	assert_int_equal(tn_of("123456789012345").packed,
	    UINT64_C(0xf123456789012345));
	assert_int_equal(tn_of("0").packed, UINT64_C(0x1000000000000000));
}

/* Rule: '+' in front, and what people put between digits, say nothing. */
static void
tn_parse__plus_and_separators__same_number(void **state)
{
	static const char *const texts[] = { "12015550123", "+12015550123",
		"+1 (201) 555-0123", "1.201.555.0123", "+1(201)5550123",
		"1 - 201 - 555 - 0123" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(tn_of(texts[i]).packed,
		    tn_of("12015550123").packed);
}

/* Rule: E.164 6.1: 15 digits at most; separators do not count. */
static void
tn_parse__15_digits__ok_16_too_long(void **state)
{
	struct tn tn = { 77 };
	struct reason reason = { "" };

	(void)state;
	assert_int_equal(tn_count(tn_of("+123-456-789-012-345")), 15);
	assert_int_equal(tn_parse(&tn, "1234567890123456", 16, &reason),
	    ERR_TOO_LONG);
	assert_non_null(strstr(reason.text, "15"));
	assert_int_equal(tn.packed, 77);
}

/* Rule: what is no number is refused and leaves the result alone. */
static void
tn_parse__no_number__malformed(void **state)
{
	static const char *const texts[] = { "", "+", "++1", "1+", "1+2", "a",
		"12a", " 12", "12 ", "-1", "1-", "(1)", "+ 1", "1_2", "1\n2",
		"\xc2\xb2", "1*" };
	struct tn tn = { 77 };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_int_equal(parse(&tn, texts[i]), ERR_MALFORMED);
		assert_int_equal(tn.packed, 77);
	}
	assert_int_equal(tn_parse(&tn, "1\0002", 3, NULL), ERR_MALFORMED);
}

/* Rule: the reason names the character and where it is. */
static void
tn_parse__bad_character__reason_says_where(void **state)
{
	struct reason reason = { "" };
	struct tn tn;

	(void)state;
	assert_int_equal(tn_parse(&tn, "+12x", 4, &reason), ERR_MALFORMED);
	assert_non_null(strstr(reason.text, "4"));
	assert_non_null(strstr(reason.text, "'x'"));
}

/* Rule: format gives '+' and the digits, and reads back. */
static void
tn_format__any_number__reads_back(void **state)
{
	char text[TN_TEXT_MAX];
	struct random random = random_make(1);

	(void)state;
	assert_string_equal(tn_format(text, tn_of("12015550123")),
	    "+12015550123");
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct tn tn = { 0 };
		unsigned n = 1 + random_below(&random, TN_DIGITS_MAX);
		while (tn_count(tn) < n)
			assert_true(tn_push(&tn, random_below(&random, 10)));
		assert_int_equal(tn_of(tn_format(text, tn)).packed, tn.packed);
		assert_int_equal(tn_digits(text, tn), n);
		assert_int_equal(strlen(text), n);
	}
}

/* Rule: the empty value has no digits. */
static void
tn_digits__empty_value__empty_text(void **state)
{
	char text[TN_DIGITS_MAX + 1] = "x";

	(void)state;
	assert_int_equal(tn_digits(text, (struct tn){ 0 }), 0);
	assert_string_equal(text, "");
}

/* Rule: the sixteenth digit is not taken. */
static void
tn_push__15_digits__false_and_unchanged(void **state)
{
	struct tn tn = tn_of("999999999999999");

	(void)state;
	assert_false(tn_push(&tn, 1));
	assert_int_equal(tn.packed, tn_of("999999999999999").packed);
}

/* Rule: tn_digit counts from the first dialled digit. */
static void
tn_digit__each_place__the_digit(void **state)
{
	struct tn tn = tn_of("987654321012345");

	(void)state;
	for (unsigned i = 0; i < 15; i++)
		assert_int_equal(tn_digit(tn, i),
		    "987654321012345"[i] - '0');
}

/* A random number of few digits, so that relations are common. */
static struct tn
few_digits(struct random *random, char *text)
{
	unsigned n = 1 + random_below(random, 4);

	for (unsigned i = 0; i < n; i++)
		text[i] = (char)('0' + random_below(random, 3));
	text[n] = '\0';
	return tn_of(text);
}

/* Rule: prefix and order are those of the digit strings. */
static void
tn_compare__random_pairs__as_strings(void **state)
{
	struct random random = random_make(2);
	char a_text[TN_TEXT_MAX];
	char b_text[TN_TEXT_MAX];

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct tn a = few_digits(&random, a_text);
		struct tn b = few_digits(&random, b_text);
		int order = strcmp(a_text, b_text);
		assert_int_equal(tn_compare(a, b),
		    order < 0 ? -1 : order > 0 ? 1 : 0);
		assert_int_equal(tn_is_prefix(a, b),
		    strncmp(a_text, b_text, strlen(a_text)) == 0);
	}
}

/* Rule: the empty value is a prefix of all; 15 digits only of themselves. */
static void
tn_is_prefix__limits__empty_and_15(void **state)
{
	struct tn longest = tn_of("123456789012345");

	(void)state;
	assert_true(tn_is_prefix((struct tn){ 0 }, longest));
	assert_true(tn_is_prefix(longest, longest));
	assert_false(tn_is_prefix(longest, tn_of("123456789012346")));
	assert_false(tn_is_prefix(longest, (struct tn){ 0 }));
}

/* Rule: tn_prefix cuts, for every length. */
static void
tn_prefix__each_length__first_digits(void **state)
{
	struct tn tn = tn_of("123456789012345");
	char text[TN_TEXT_MAX];

	(void)state;
	assert_int_equal(tn_prefix(tn, 0).packed, 0);
	for (unsigned n = 1; n <= 15; n++) {
		struct tn cut = tn_prefix(tn, n);
		assert_int_equal(tn_digits(text, cut), n);
		assert_memory_equal(text, "123456789012345", n);
		assert_int_equal(cut.packed, tn_of(text).packed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tn_parse__digits__packed_as_drawn),
		cmocka_unit_test(tn_parse__plus_and_separators__same_number),
		cmocka_unit_test(tn_parse__15_digits__ok_16_too_long),
		cmocka_unit_test(tn_parse__no_number__malformed),
		cmocka_unit_test(tn_parse__bad_character__reason_says_where),
		cmocka_unit_test(tn_format__any_number__reads_back),
		cmocka_unit_test(tn_digits__empty_value__empty_text),
		cmocka_unit_test(tn_push__15_digits__false_and_unchanged),
		cmocka_unit_test(tn_digit__each_place__the_digit),
		cmocka_unit_test(tn_compare__random_pairs__as_strings),
		cmocka_unit_test(tn_is_prefix__limits__empty_and_15),
		cmocka_unit_test(tn_prefix__each_length__first_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
