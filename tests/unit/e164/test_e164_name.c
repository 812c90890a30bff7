/*
 * e164/e164_name: number and owner bytes.
 */
#include "unit/unit.h"

#include "e164/e164_name.h"
#include "unit/random.h"

static struct tn
tn_of(const char *text)
{
	struct tn tn = { 0 };

	assert_int_equal(tn_parse(&tn, text, strlen(text), NULL), OK);
	return tn;
}

/* Rule: one label of one digit each, in dialling order. */
static void
e164_name_write__a_number__one_label_each(void **state)
{
	uint8_t out[E164_NAME_MAX];

	(void)state;
	assert_int_equal(e164_name_write(out, tn_of("120")), 6);
	assert_memory_equal(out, "\1" "1\1" "2\1" "0", 6);
	assert_int_equal(e164_name_write(out, (struct tn){ 0 }), 0);
}

/* Rule: RFC 6116 3.2 in both directions, for every length. */
static void
e164_name_read__written_numbers__same_number(void **state)
{
	struct random random = random_make(3);
	uint8_t bytes[E164_NAME_MAX];

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		struct tn tn = { 0 };
		struct tn back = { 0 };
		for (unsigned n = i % 15; tn_count(tn) <= n;)
			assert_true(tn_push(&tn, random_below(&random, 10)));
		size_t len = e164_name_write(bytes, tn);
		assert_int_equal(e164_name_read(&back, bytes, len), len);
		assert_int_equal(back.packed, tn.packed);
	}
}

struct read_case {
	const char *owner;
	size_t len;
	size_t used;
	const char *digits;
};

/* Rule: reading stops at the first label that is not one digit. */
static void
e164_name_read__other_labels__stops_there(void **state)
{
	static const struct read_case cases[] = {
		{ "\1" "1\1*", 4, 2, "1" },
		{ "\1" "1\2" "23", 5, 2, "1" },
		{ "\2" "12", 3, 0, "" },
		{ "\1a", 2, 0, "" },
		{ "\1/\1:", 4, 0, "" },
		{ "\1" "1\4_pin", 7, 2, "1" },
		{ "\1" "1\1", 3, 2, "1" }, /* cut inside a label */
		{ "", 0, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct tn tn = { 77 };
		char digits[TN_DIGITS_MAX + 1];
		const uint8_t *owner = (const uint8_t *)cases[i].owner;
		assert_int_equal(e164_name_read(&tn, owner, cases[i].len),
		    cases[i].used);
		(void)tn_digits(digits, tn);
		assert_string_equal(digits, cases[i].digits);
	}
}

/* Rule: E.164 6.1: the sixteenth digit is not read. */
static void
e164_name_read__16_digits__15_of_them(void **state)
{
	uint8_t owner[32];
	struct tn tn;

	(void)state;
	for (size_t i = 0; i < sizeof owner; i += 2) {
		owner[i] = 1;
		owner[i + 1] = '9';
	}
	assert_int_equal(e164_name_read(&tn, owner, sizeof owner), 30);
	assert_int_equal(tn.packed, tn_of("999999999999999").packed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(e164_name_write__a_number__one_label_each),
		cmocka_unit_test(e164_name_read__written_numbers__same_number),
		cmocka_unit_test(e164_name_read__other_labels__stops_there),
		cmocka_unit_test(e164_name_read__16_digits__15_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
