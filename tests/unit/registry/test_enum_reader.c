/*
 * What Kamailio, Asterisk and FreeSWITCH make of NAPTR records, as their
 * sources have it (modules/enum/enum.c with core/ut.c, main/enum.c with
 * main/dns.c, mod_enum.c with switch_utils.c and switch_regex.c).
 */
#include "unit/random.h"
#include "unit/unit.h"

#include "registry/enum_reader.h"

#include "base/check.h"

static struct blob
blob(const char *text)
{
	return (struct blob){ (const uint8_t *)text, strlen(text) };
}

static struct naptr
naptr(unsigned order, unsigned preference, const char *flags,
    const char *services, const char *regexp)
{
	return (struct naptr){ .order = (uint16_t)order,
		.preference = (uint16_t)preference, .flags = blob(flags),
		.services = blob(services), .regexp = blob(regexp),
		.replacement = { (const uint8_t *)"", 1 } };
}

static struct tn
number(const char *text)
{
	struct tn tn;

	require(tn_parse(&tn, text, strlen(text), NULL) == OK);
	return tn;
}

/* One record and what each of the three does with it. A URI: it is taken. */
struct row {
	const char *flags;
	const char *services;
	const char *regexp;
	const char *uri; /* of those that take it */
	enum enum_step steps[READER_COUNT];
};

#define TAKE STEP_TAKE
#define PASS STEP_PASS
#define FAIL STEP_FAIL
#define END STEP_END
#define UNSURE STEP_UNSURE

static const struct row rows[] = {
	/* as it should be */
	{ "u", "E2U+sip", "!^.*$!sip:a@b.c!", "sip:a@b.c",
	    { TAKE, TAKE, TAKE } },
	{ "u", "E2U+sip", "!^(.*)$!sip:\\1@b.c!", "sip:+12025550123@b.c",
	    { TAKE, TAKE, TAKE } },
	{ "u", "E2U+sip", "!^\\+1([0-9]*)$!sip:\\1@b.c!", "sip:2025550123@b.c",
	    { TAKE, TAKE, TAKE } },
	{ "u", "E2U+sip", "!^.*$!sip:a@b.c;user=phone!",
	    "sip:a@b.c;user=phone", { TAKE, TAKE, TAKE } },
	/* flags */
	{ "U", "E2U+sip", "!^.*$!sip:a@b.c!", "sip:a@b.c",
	    { TAKE, TAKE, TAKE } },
	{ "", "E2U+sip", "!^.*$!sip:a@b.c!", "sip:a@b.c",
	    { PASS, END, TAKE } },
	{ "s", "E2U+sip", "!^.*$!sip:a@b.c!", "sip:a@b.c",
	    { PASS, END, TAKE } },
	{ "ux", "E2U+sip", "!^.*$!sip:a@b.c!", "sip:a@b.c",
	    { PASS, TAKE, TAKE } },
	{ "", "", "", "", { PASS, END, PASS } },
	/* services */
	{ "u", "E2U+SIP", "!^.*$!sip:a@b.c!", "sip:a@b.c",
	    { TAKE, TAKE, TAKE } },
	{ "u", "e2u+sip", "!^.*$!sip:a@b.c!", "sip:a@b.c",
	    { TAKE, TAKE, TAKE } },
	{ "u", "E2u+sip", "!^.*$!sip:a@b.c!", "sip:a@b.c",
	    { TAKE, PASS, TAKE } },
	{ "u", "sip+E2U", "!^.*$!sip:a@b.c!", "sip:a@b.c",
	    { TAKE, TAKE, PASS } },
	{ "u", "SIP+e2u", "!^.*$!sip:a@b.c!", "sip:a@b.c",
	    { TAKE, TAKE, PASS } },
	{ "u", "E2U+voice:sip", "!^.*$!sip:a@b.c!", "sip:a@b.c",
	    { PASS, TAKE, PASS } },
	{ "u", "E2U+pstn:sip", "!^.*$!sip:a@b.c!", "sip:a@b.c",
	    { PASS, TAKE, PASS } },
	{ "u", "E2U+sip+voice:tel", "!^.*$!sip:a@b.c!", "",
	    { PASS, PASS, PASS } },
	{ "u", "E2U+voice:tel+sip", "!^.*$!sip:a@b.c!", "",
	    { PASS, PASS, PASS } },
	{ "u", "E2U+voice:tel", "!^.*$!tel:+12025550123!", "",
	    { PASS, PASS, PASS } },
	{ "u", "E2U", "!^.*$!sip:a@b.c!", "", { PASS, PASS, PASS } },
	/* delimiter */
	{ "u", "E2U+sip", "/^.*$/sip:a@b.c/", "sip:a@b.c",
	    { FAIL, TAKE, FAIL } },
	{ "u", "E2U+sip", "!^.*$!sip:a@b.c!i", "sip:a@b.c",
	    { TAKE, END, TAKE } },
	{ "u", "E2U+sip", "!^.*$!sip:a@b.c", "", { FAIL, END, FAIL } },
	{ "u", "E2U+sip", "!^.*$sip:a@b.c!", "", { FAIL, END, FAIL } },
	{ "u", "E2U+sip", "", "", { FAIL, END, FAIL } },
	{ "u", "E2U+sip", "!a!b!", "", { FAIL, END, FAIL } },
	{ "u", "E2U+voice:tel", "!a!b!", "", { PASS, END, PASS } },
	/* a pattern that does not match */
	{ "u", "E2U+sip", "!^\\+44(.*)$!sip:\\1@b.c!", "",
	    { FAIL, END, FAIL } },
	{ "u", "E2U+web:http", "!^\\+44(.*)$!http://b.c/\\1!", "",
	    { PASS, END, PASS } },
	/* substitution */
	{ "u", "E2U+sip", "!^(.*)$!sip:\\0@b.c!", "sip:+12025550123@b.c",
	    { TAKE, TAKE, TAKE } },
	{ "u", "E2U+sip", "!^(.*)$!sip:\\2@b.c!", "sip:@b.c",
	    { FAIL, END, TAKE } },
	{ "u", "E2U+sip", "!^\\+1(44)?(.*)$!sip:\\1@b.c!", "sip:@b.c",
	    { FAIL, END, TAKE } },
	{ "u", "E2U+sip", "!^(.)(.)(.)(.)(.)(.)(.*)$!sip:\\1@b.c!", "sip:+@b.c",
	    { FAIL, TAKE, TAKE } },
	{ "u", "E2U+sip", "!^(.)(.)(.)(.)(.)(.).*$!sip:\\6@b.c!", "sip:5@b.c",
	    { UNSURE, TAKE, TAKE } },
	{ "u", "E2U+sip", "!^\\+(20|2|1)(.*)$!sip:\\2@b.c!",
	    "sip:2025550123@b.c", { TAKE, TAKE, UNSURE } },
	/* what FreeSWITCH does to the text of a record */
	{ "u", "E2U+sip", "!^.*$!sip:a b@b.c!", "sip:a b@b.c",
	    { TAKE, TAKE, UNSURE } },
	{ "u", "E2U+sip", "!^.*$!sip:'a'@b.c!", "sip:'a'@b.c",
	    { TAKE, TAKE, UNSURE } },
	/* schemes */
	{ "u", "E2U+sip", "!^.*$!sips:a@b.c!", "sips:a@b.c",
	    { TAKE, TAKE, FAIL } },
	{ "u", "E2U+sip", "!^.*$!tel:+12025550123!", "tel:+12025550123",
	    { TAKE, TAKE, FAIL } },
	/* patterns of which POSIX says nothing */
	{ "u", "E2U+sip", "!^+1(.*)$!sip:\\1@b.c!", "",
	    { UNSURE, UNSURE, UNSURE } },
};

/* Each row against each reader. */
static void
enum_reader_read__each_row__as_the_source_has_it(void **state)
{
	static struct enum_reading reading;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct naptr record = naptr(100, 10, row->flags, row->services,
		    row->regexp);
		for (int r = 0; r < READER_COUNT; r++) {
			enum_reader_read(&reading, (enum enum_reader)r,
			    &record, number("+12025550123"));
			if (reading.step != row->steps[r] ||
			    (reading.step == TAKE &&
			    strcmp(reading.uri, row->uri) != 0))
				fail_msg("%s, \"%s\" \"%s\" %s: %d %s %s",
				    enum_reader_name((enum enum_reader)r),
				    row->flags, row->services, row->regexp,
				    (int)reading.step, reading.uri,
				    reading.reason.text);
			assert_int_equal(reading.step == TAKE,
			    reading.reason.text[0] == '\0');
		}
	}
}

static const char *
reads(struct enum_reading *reading, enum enum_reader reader,
    const char *regexp)
{
	struct naptr record = naptr(100, 10, "u", "E2U+sip", regexp);

	enum_reader_read(reading, reader, &record, number("+12025550123"));
	return reading->step == STEP_TAKE ? reading->uri : "";
}

/* The same rule, three URIs. */
static void
enum_reader_read__same_rule__different_uris(void **state)
{
	static struct enum_reading r;

	(void)state;
	/* the delimiter escaped as RFC 3402 3.2 has it */
	const char *rule = "!^.*$!sip:a\\!b@c!";
	assert_string_equal(reads(&r, READER_KAMAILIO, rule), "");
	assert_string_equal(reads(&r, READER_ASTERISK, rule),
	    "sip:a\\!b@c");
	assert_string_equal(reads(&r, READER_FREESWITCH, rule), "sip:a$");
	/* a digit behind a reference: FreeSWITCH has a group 12 */
	rule = "!^(.).*$!sip:\\12@b.c!";
	assert_string_equal(reads(&r, READER_KAMAILIO, rule), "sip:+2@b.c");
	assert_string_equal(reads(&r, READER_ASTERISK, rule), "sip:+2@b.c");
	assert_string_equal(reads(&r, READER_FREESWITCH, rule), "sip:@b.c");
	/* a $ in the URI */
	rule = "!^\\+(.*)$!sip:\\1$1@b.c!";
	assert_string_equal(reads(&r, READER_KAMAILIO, rule),
	    "sip:12025550123$1@b.c");
	assert_string_equal(reads(&r, READER_FREESWITCH, rule),
	    "sip:1202555012312025550123@b.c");
	/* a reference without a group */
	rule = "!^.*$!sip:\\1@b.c!";
	assert_string_equal(reads(&r, READER_KAMAILIO, rule), "");
	assert_int_equal(r.step, STEP_FAIL);
	assert_string_equal(reads(&r, READER_ASTERISK, rule), "");
	assert_int_equal(r.step, STEP_END);
	assert_string_equal(reads(&r, READER_FREESWITCH, rule), "sip:$1@b.c");
	/* a backslash at the end */
	rule = "!^.*$!sip:a@b.c\\!";
	assert_string_equal(reads(&r, READER_KAMAILIO, rule), "");
	assert_string_equal(reads(&r, READER_ASTERISK, rule), "sip:a@b.c\\");
	assert_string_equal(reads(&r, READER_FREESWITCH, rule), "sip:a@b.c$");
	/* a backslash before something else */
	rule = "!^.*$!sip:\\a@b.c!";
	assert_string_equal(reads(&r, READER_KAMAILIO, rule), "sip:a@b.c");
	assert_string_equal(reads(&r, READER_ASTERISK, rule), "sip:\\a@b.c");
	assert_string_equal(reads(&r, READER_FREESWITCH, rule), "sip:$a@b.c");
}

/* What is dialled: Kamailio the URI, the others what is behind the scheme. */
static void
enum_reader_read__scheme__cut_by_two(void **state)
{
	static struct enum_reading r;

	(void)state;
	reads(&r, READER_KAMAILIO, "!^.*$!sip:a@b.c!");
	assert_int_equal(r.scheme_len, 0);
	reads(&r, READER_ASTERISK, "!^.*$!sips:a@b.c!");
	assert_string_equal(r.uri + r.scheme_len, "a@b.c");
	reads(&r, READER_FREESWITCH, "!^.*$!sip:a@b.c!");
	assert_string_equal(r.uri + r.scheme_len, "a@b.c");
}

/* Asterisk gives 255 octets; 511 are all it can hold. */
static void
enum_reader_read__long_uris__bounded(void **state)
{
	static struct enum_reading r;
	char rule[600] = "!^(.*)$!sip:";

	(void)state;
	for (unsigned i = 0; i < 21; i++)
		strcat(rule, "\\1");
	strcat(rule, "!");
	assert_int_equal(strlen(reads(&r, READER_KAMAILIO, rule)), 256);
	assert_string_equal(reads(&r, READER_ASTERISK, rule), "");
	assert_int_equal(r.step, STEP_FAIL);
	for (unsigned i = 0; i < 30; i++) {
		rule[strlen(rule) - 1] = '\0';
		strcat(rule, "\\1!");
	}
	for (int reader = 0; reader < READER_COUNT; reader++)
		assert_string_equal(reads(&r, (enum enum_reader)reader, rule),
		    "");
}

/* Order, then preference; what is equal stays in the order of the answer. */
static void
enum_reader_choose__order_and_preference__sorted(void **state)
{
	static struct enum_reading readings[4];
	struct enum_choice choice;
	const struct naptr naptrs[] = {
		naptr(200, 10, "u", "E2U+sip", "!^.*$!sip:d@b.c!"),
		naptr(100, 20, "u", "E2U+sip", "!^.*$!sip:b@b.c!"),
		naptr(100, 10, "u", "E2U+sip", "!^.*$!sip:a@b.c!"),
		naptr(100, 20, "u", "E2U+sip", "!^.*$!sip:c@b.c!"),
	};
	static const uint8_t wanted[] = { 2, 1, 3, 0 };

	(void)state;
	for (int r = 0; r < READER_COUNT; r++) {
		for (size_t i = 0; i < 4; i++)
			enum_reader_read(&readings[i], (enum enum_reader)r,
			    &naptrs[i], number("+12025550123"));
		enum_reader_choose(&choice, naptrs, readings, 4);
		assert_true(choice.is_sure);
		assert_false(choice.is_cut);
		assert_int_equal(choice.n, 4);
		assert_memory_equal(choice.at, wanted, 4);
	}
}

/* One odd record: Asterisk uses what came before it, the others go on. */
static void
enum_reader_choose__odd_record__asterisk_gives_up(void **state)
{
	static struct enum_reading readings[3];
	struct enum_choice choice;
	const struct naptr naptrs[] = {
		naptr(100, 20, "u", "E2U+sip", "!^.*$!sip:b@b.c!"),
		naptr(100, 30, "", "", ""),
		naptr(100, 10, "u", "E2U+sip", "!^.*$!sip:a@b.c!"),
	};

	(void)state;
	for (int r = 0; r < READER_COUNT; r++) {
		for (size_t i = 0; i < 3; i++)
			enum_reader_read(&readings[i], (enum enum_reader)r,
			    &naptrs[i], number("+12025550123"));
		enum_reader_choose(&choice, naptrs, readings, 3);
		bool is_asterisk = r == READER_ASTERISK;
		assert_int_equal(choice.is_cut, is_asterisk);
		assert_int_equal(choice.n, is_asterisk ? 1 : 2);
		assert_int_equal(choice.at[0], is_asterisk ? 0 : 2);
	}
}

/* What cannot be told makes the whole choice unsure; no records, no choice. */
static void
enum_reader_choose__unsure_or_none__said(void **state)
{
	static struct enum_reading readings[2];
	struct enum_choice choice;
	const struct naptr naptrs[] = {
		naptr(100, 10, "u", "E2U+sip", "!^+.*$!sip:a@b.c!"),
		naptr(100, 20, "u", "E2U+sip", "!^.*$!sip:b@b.c!"),
	};

	(void)state;
	for (size_t i = 0; i < 2; i++)
		enum_reader_read(&readings[i], READER_KAMAILIO, &naptrs[i],
		    number("+12025550123"));
	enum_reader_choose(&choice, naptrs, readings, 2);
	assert_false(choice.is_sure);
	assert_int_equal(choice.n, 1);
	enum_reader_choose(&choice, naptrs, readings, 0);
	assert_true(choice.is_sure);
	assert_int_equal(choice.n, 0);
}

/* Rules put together from pieces, good and bad. */
static const char *
random_rule(struct random *random)
{
	static char rule[256];
	static const char *const starts[] = { "!^", "!", "/^", "!^\\+", "!^+" };
	static const char *const patterns[] = { "(.*)", ".*", "(1|12)", "1",
		"(1)?", "(44)?", "([0-9]{3})", "[0-9]+", "(.)", "\\+", "(",
		"5", "(.+)(.*)", "((1))" };
	static const char *const middles[] = { "$!", "!", "$!sip:", "!sip:",
		"$!sips:", "$!tel:", "$/sip:", "$!sip:x", "$!sip:" };
	static const char *const texts[] = { "\\1", "\\2", "\\0", "\\6", "a",
		"1", "@", "@b.example", "$", ",", "&", "\\!", "\\\\", "'", " ",
		";user=phone", "%24", "\\1@b.example", "\\2@b.example",
		"@b.example" };
	static const char *const ends[] = { "!", "!", "!", "!", "!i", "", "/" };

#define PICK(set) set[random_below(random, sizeof set / sizeof set[0])]
	strcpy(rule, PICK(starts));
	for (uint64_t i = random_below(random, 4); i > 0; i--)
		strcat(rule, PICK(patterns));
	strcat(rule, PICK(middles));
	for (uint64_t i = random_below(random, 4); i > 0; i--)
		strcat(rule, PICK(texts));
	strcat(rule, PICK(ends));
#undef PICK
	return rule;
}

/* R8: naptr.h: what carriers may write as E2U+sip, all three dial alike; the
 * only thing left is that FreeSWITCH has no route for sips:. */
static void
enum_reader_read__within_the_profile__all_dial_the_same(void **state)
{
	static struct enum_reading readings[READER_COUNT];
	struct random random = random_make(20);
	unsigned n_taken = 0;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		uint8_t rdata[300];
		struct writer w = writer_make(rdata, sizeof rdata);
		const char *rule = random_rule(&random);
		write_u32(&w, 100 << 16 | 10);
		write_bytes(&w, "\1u\7E2U+sip", 10);
		write_u8(&w, (uint8_t)strlen(rule));
		write_bytes(&w, rule, strlen(rule));
		write_u8(&w, 0);
		struct blob bytes = { rdata, writer_len(&w) };
		struct naptr record;
		assert_true(naptr_read(&record, bytes));
		if (naptr_check_number(bytes, number("+12025550123"), NULL) !=
		    OK)
			continue;
		n_taken++;
		for (int r = 0; r < READER_COUNT; r++)
			enum_reader_read(&readings[r], (enum enum_reader)r,
			    &record, number("+12025550123"));
		const char *uri = readings[READER_KAMAILIO].uri;
		bool is_sips = strncmp(uri, "sips:", 5) == 0;
		for (int r = 0; r < READER_COUNT; r++) {
			if (is_sips && r == READER_FREESWITCH)
				continue;
			if (readings[r].step != STEP_TAKE ||
			    strcmp(readings[r].uri, uri) != 0)
				fail_msg("%s: %s does otherwise", rule,
				    enum_reader_name((enum enum_reader)r));
		}
	}
	assert_true(n_taken > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    enum_reader_read__each_row__as_the_source_has_it),
		cmocka_unit_test(enum_reader_read__same_rule__different_uris),
		cmocka_unit_test(enum_reader_read__scheme__cut_by_two),
		cmocka_unit_test(enum_reader_read__long_uris__bounded),
		cmocka_unit_test(
		    enum_reader_choose__order_and_preference__sorted),
		cmocka_unit_test(
		    enum_reader_choose__odd_record__asterisk_gives_up),
		cmocka_unit_test(enum_reader_choose__unsure_or_none__said),
		cmocka_unit_test(
		    enum_reader_read__within_the_profile__all_dial_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
