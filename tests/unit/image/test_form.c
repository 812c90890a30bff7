/*
 * image/form: what numbers share and what is left out of a form.
 */
#include "zone.h"

#include "image/form.h"

static struct tn
number(uint64_t n)
{
	char digits[24];
	struct tn out = { 0 };

	snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
	for (size_t i = 0; digits[i] != '\0'; i++)
		assert_true(tn_push(&out, (unsigned)(digits[i] - '0')));
	return out;
}

/* The form of a number with this NAPTR regexp and TXT string. */
static struct form_parts
split(struct arena *arena, uint64_t n, const char *regexp, const char *text)
{
	struct record records[] = { record_naptr(arena, regexp),
		record_txt(arena, text) };
	struct node node = node_of(arena, records, 2);
	struct form_parts parts;

	assert_int_equal(form_split(arena, &parts, node.rrsets, number(n)), OK);
	return parts;
}

static bool
same_form(struct form_parts a, struct form_parts b)
{
	return a.body.len == b.body.len &&
	    memcmp(a.body.data, b.body.data, a.body.len) == 0;
}

/* Rule: numbers that differ in the number itself, whole or national, and in
 * values of attributes share a form. */
static void
form_split__number_and_value__shared(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	struct form_parts a = split(&arena, 12015550123,
	    "!^.*$!sip:+12015550123;n=2015550123@c!", "cnam=ALICE");
	struct form_parts b = split(&arena, 12015559876,
	    "!^.*$!sip:+12015559876;n=2015559876@c!", "cnam=BOB BROWN");
	assert_true(same_form(a, b));
	assert_int_equal(a.n_values, 1);
	assert_int_equal(a.values.len, 1 + 5);
	assert_memory_equal(a.values.data, "\5ALICE", 6);
	arena_fini(&arena);
}

/* Rule: what is part of the form differs: host, shared attributes, fewer than
 * seven digits of the number, and values of names that are no number. */
static void
form_split__other_differences__apart(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	struct form_parts a = split(
	    &arena, 12015550123, "!^.*$!sip:+12015550123@c!", "ocn=1510");
	assert_int_equal(a.n_values, 0);
	assert_false(same_form(a,
	    split(
		&arena, 12015550123, "!^.*$!sip:+12015550123@d!", "ocn=1510")));
	assert_false(same_form(a,
	    split(
		&arena, 12015550123, "!^.*$!sip:+12015550123@c!", "ocn=1511")));
	assert_false(
	    same_form(split(&arena, 12015550123, "!^.*$!sip:550123@c!", "a=b"),
		split(&arena, 12015550124, "!^.*$!sip:550124@c!", "a=b")));
	assert_true(
	    same_form(split(&arena, 12015550123, "!^.*$!sip:5550123@c!", "a=b"),
		split(&arena, 12015550124, "!^.*$!sip:5550124@c!", "a=b")));
	assert_true(same_form(split(&arena, 1234, "!^.*$!sip:1234!", "a=b"),
	    split(&arena, 1235, "!^.*$!sip:1235!", "a=c")));
	assert_false(same_form(split(&arena, 123, "!^.*$!sip:123!", "a=b"),
	    split(&arena, 124, "!^.*$!sip:124!", "a=b")));
	arena_fini(&arena);
}

/* Rule: bytes that are not the shared encoding are refused, cut anywhere. */
static void
form_split__cut_short__malformed(void **state)
{
	struct arena arena;
	struct form_parts parts;

	(void)state;
	arena_init(&arena);
	struct node node = node_txt(&arena, "cnam=ALICE");
	for (size_t len = 1; len < node.rrsets.len; len++) {
		struct blob cut = { node.rrsets.data, len };
		assert_int_equal(
		    form_split(&arena, &parts, cut, number(12015550123)),
		    ERR_MALFORMED);
	}
	arena_fini(&arena);
}

/* Rule: values of any length are read back, and skipped as a whole. */
static void
form_value_len__short_and_long__right(void **state)
{
	static const size_t LENS[] = { 0, 1, 254, 255, 256, 60000 };
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof LENS / sizeof *LENS; i++) {
		struct record record = record_cert(&arena, 9, LENS[i]);
		struct node node = node_of(&arena, &record, 1);
		struct form_parts parts;
		const uint8_t *bytes = NULL;
		assert_int_equal(form_split(&arena, &parts, node.rrsets,
				     number(12015550123)),
		    OK);
		assert_int_equal(parts.n_values, 1);
		assert_int_equal(form_value_len(parts.values.data, &bytes),
		    record.rdata.len);
		assert_memory_equal(bytes, record.rdata.data, record.rdata.len);
		assert_ptr_equal(form_skip_values(parts.values.data, 1),
		    parts.values.data + parts.values.len);
		assert_int_equal(
		    form_values_len(parts.values.data, 1), record.rdata.len);
	}
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(form_split__number_and_value__shared),
		cmocka_unit_test(form_split__other_differences__apart),
		cmocka_unit_test(form_split__cut_short__malformed),
		cmocka_unit_test(form_value_len__short_and_long__right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
