/*
 * The NAPTR rules of RFC 6116, 3402, 6118, 4769 and the client-safe profile.
 */
#include "unit/unit.h"

#include "registry/lrn.h"
#include "registry/naptr.h"
#include "registry/rrset.h"

#include "base/check.h"

static struct blob
blob(const char *text)
{
	return (struct blob){ (const uint8_t *)text, strlen(text) };
}

static void
write_string(struct writer *w, const char *text)
{
	write_u8(w, (uint8_t)strlen(text));
	write_bytes(w, text, strlen(text));
}

/* rdata in a static buffer. */
static struct blob
naptr(unsigned order, unsigned preference, const char *flags,
    const char *services, const char *regexp, const char *replacement)
{
	static uint8_t bytes[4][1024];
	static unsigned turn;
	uint8_t *out = bytes[turn++ % 4];
	struct writer w = writer_make(out, 1024);

	write_u16(&w, (uint16_t)order);
	write_u16(&w, (uint16_t)preference);
	write_string(&w, flags);
	write_string(&w, services);
	write_string(&w, regexp);
	if (replacement[0] != '\0')
		write_string(&w, replacement);
	write_u8(&w, 0);
	require(!w.bad);
	return (struct blob){ out, writer_len(&w) };
}

static struct tn
number(const char *text)
{
	struct tn tn;

	require(tn_parse(&tn, text, strlen(text), NULL) == OK);
	return tn;
}

struct row {
	const char *services;
	const char *regexp;
};

/* Good ones for +12025550123. */
static void
naptr_check_number__good__ok(void **state)
{
	static const struct row rows[] = {
		{ "E2U+sip", "!^.*$!sip:+12025550123@example.com!" },
		{ "E2U+sip", "!^.*$!sips:bob@example.com:5061;user=phone!" },
		{ "E2U+sip", "!^(.*)$!sip:\\1@example.com!" },
		{ "E2U+sip", "!^\\+1202(.*)$!sip:\\1@[2001:db8::1]!" },
		{ "E2U+pstn:tel", "!^.*$!tel:+12025550123;npdi!" },
		{ "E2U+pstn:tel",
		    "!^.*$!tel:+1-202-555-0123;npdi;rn=+12025550199!" },
		{ "E2U+pstn:tel",
		    "!^(.*)$!tel:\\1;npdi;rn=d2701;rn-context=+7!" },
		{ "E2U+pstn:sip", "!^.*$!sip:+12025550123;npdi;rn=+1202@"
		    "gw.example.com;user=phone!" },
		{ "E2U+voice:tel", "!^.*$!tel:+12025550123!" },
		{ "E2U+email:mailto", "!^.*$!mailto:bob@example.com!" },
		{ "E2U+web:https", "!^.*$!https://example.com/bob?x=1!" },
		{ "E2U+acct", "!^.*$!acct:bob@example.com!" },
		{ "E2U+x-test", "!^.*$!urn:x:y!" },
	};
	struct reason reason;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		reason.text[0] = '\0';
		if (naptr_check_number(naptr(100, 10, "u", rows[i].services,
		    rows[i].regexp, ""), number("+12025550123"), &reason) != OK)
			fail_msg("%s %s: %s", rows[i].services, rows[i].regexp,
			    reason.text);
	}
}

/* Each of these breaks one rule. */
static void
naptr_check_number__bad__refused_with_reason(void **state)
{
	static const struct row rows[] = {
		{ "sip+E2U", "!^.*$!sip:a@example.com!" },
		{ "e2u+sip", "!^.*$!sip:a@example.com!" },
		{ "E2U+SIP", "!^.*$!sip:a@example.com!" },
		{ "E2U+sip+voice:tel", "!^.*$!sip:a@example.com!" },
		{ "E2U+", "!^.*$!sip:a@example.com!" },
		{ "E2U+void", "!^.*$!sip:a@example.com!" },
		{ "E2U+P-thing", "!^.*$!sip:a@example.com!" },
		{ "E2U+sip", "/^.*$/sip:a@example.com/" },
		{ "E2U+sip", "!^.*$!sip:a@example.com!i" },
		{ "E2U+sip", "!^.*$!sip:a@example.com" },
		{ "E2U+sip", "!^.*$!sip:a\\!b@example.com!" },
		{ "E2U+sip", "!^.*$!sip:a b@example.com!" },
		{ "E2U+sip", "!^.*$!sip:a\\\\1@example.com!" },
		{ "E2U+sip", "!^.*$!sip:\\1@example.com!" },
		{ "E2U+sip", "!^(.*)$!sip:\\2@example.com!" },
		{ "E2U+sip", "!^(.*)$!sip:\\0@example.com!" },
		{ "E2U+sip", "!^+1(.*)$!sip:\\1@example.com!" },
		{ "E2U+sip", "!^\\+44(.*)$!sip:\\1@example.com!" },
		{ "E2U+sip", "!^.*$!sip:a@!" },
		{ "E2U+sip", "!^.*$!sip:@example.com!" },
		{ "E2U+sip", "!^.*$!http://example.com!" },
		{ "E2U+sip", "!^.*$!example.com!" },
		{ "E2U+sip", "!!a!!" },
		{ "E2U+sip", "" },
		{ "E2U+voice:tel", "!^.*$!tel:+12025550124!" },
		{ "E2U+voice:tel", "!^.*$!tel:12025550123!" },
		{ "E2U+pstn:tel", "!^.*$!tel:+12025550123!" },
		{ "E2U+pstn:tel", "!^.*$!tel:+12025550123;npdi;rn=12!" },
		{ "E2U+pstn:tel",
		    "!^.*$!tel:+12025550123;npdi;rn=+12;rn=+13!" },
		{ "E2U+pstn:tel", "!^.*$!tel:+12025550123;npdi;rn=!" },
		{ "E2U+email:mailto", "!^.*$!mailto:bob!" },
		{ "E2U+web:http", "!^.*$!http:example.com!" },
		{ "E2U+web:http", "!^.*$!http://example.com/%zz!" },
	};
	struct reason reason;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		reason.text[0] = '\0';
		if (naptr_check_number(naptr(100, 10, "u", rows[i].services,
		    rows[i].regexp, ""), number("+12025550123"), &reason) !=
		    ERR_BAD_VALUE)
			fail_msg("taken: %s %s", rows[i].services,
			    rows[i].regexp);
		assert_string_not_equal(reason.text, "");
	}
}

/* One row for each thing that Kamailio, Asterisk, FreeSWITCH or Yate trips
 * over, with the words that a carrier is told. What each of them makes of it:
 * test_enum_reader.c. */
static void
naptr_check_number__reader_trips__told_why(void **state)
{
	static const struct {
		const char *flags;
		const char *services;
		const char *regexp;
		const char *words;
	} cases[] = {
		/* Kamailio: flags one character, services exactly 7 */
		{ "U", "E2U+sip", "!^.*$!sip:a@b.c!", "flags are not" },
		{ "ux", "E2U+sip", "!^.*$!sip:a@b.c!", "flags are not" },
		{ "u", "E2U+sip+x:y", "!^.*$!sip:a@b.c!", "more than one" },
		{ "u", "sip+E2U", "!^.*$!sip:a@b.c!", "does not begin with" },
		/* Kamailio: begins with !, split at the next two, escaped or
		 * not */
		{ "u", "E2U+sip", "/^.*$/sip:a@b.c/", "delimiter is not !" },
		{ "u", "E2U+sip", "!^.*$!sip:a\\!b@c!", "! inside a part" },
		/* Kamailio: 6 groups, of which \0 to \5 are kept */
		{ "u", "E2U+sip", "!^(.)(.)(.)(.)(.)(.)(.*)$!sip:\\1@b.c!",
		    "more than 6 groups" },
		{ "u", "E2U+sip", "!^(.)(.)(.)(.)(.)(.*)$!sip:\\6@b.c!",
		    "\\6 to \\9" },
		/* Asterisk: e2u+ or E2U+, nothing mixed; Yate: E2U+ alone */
		{ "u", "E2u+sip", "!^.*$!sip:a@b.c!", "does not begin with" },
		{ "u", "e2u+sip", "!^.*$!sip:a@b.c!", "does not begin with" },
		/* Asterisk: 7 octets, ends in its delimiter */
		{ "u", "E2U+sip", "!.!s:!", "shorter than 7" },
		{ "u", "E2U+sip", "!^.*$!sip:a@b.c!i", "flags behind" },
		{ "u", "E2U+sip", "!^.*$!sip:a@b.c", "not 3 delimiters" },
		/* Asterisk: what does not match ends the whole look-up */
		{ "u", "E2U+sip", "!^\\+44(.*)$!sip:\\1@b.c!",
		    "does not match" },
		/* Asterisk: another flag, or none, does as well */
		{ "s", "E2U+sip", "!^.*$!sip:a@b.c!", "flags are not" },
		{ "", "", "", "flags are not" },
		/* Kamailio, Asterisk: a group that took no part */
		{ "u", "E2U+sip", "!^\\+1(44)?(.*)$!sip:\\1\\2@b.c!",
		    "takes no part" },
		/* FreeSWITCH: text of the record, split at spaces, quotes */
		{ "u", "E2U+sip", "!^.*$!sip:a .b@b.c!", "without space" },
		{ "u", "E2U+sip", "!^.*$!sip:'a'@b.c!", "quotation mark" },
		{ "u", "E2U+sip", "!^.*$!sip:\"a\"@b.c!", "quotation mark" },
		/* FreeSWITCH: PCRE takes the first alternative, POSIX the
		 * longest */
		{ "u", "E2U+sip", "!^\\+(1|12)(.*)$!sip:\\2@b.c!",
		    "alternatives" },
		/* FreeSWITCH: \12 is group 12, $1 is a group too */
		{ "u", "E2U+sip", "!^(.*)$!sip:\\12@b.c!", "digit behind" },
		{ "u", "E2U+sip", "!^(.*)$!sip:$1\\1@b.c!", ", & $" },
		/* dial plans: another call, another argument */
		{ "u", "E2U+sip", "!^.*$!sip:a@b.c,loopback/x!", ", & $" },
		{ "u", "E2U+sip", "!^.*$!sip:a@b.c&DAHDI/1/900!", ", & $" },
		{ "u", "E2U+iax", "!^.*$!iax:b.c/a&b!", ", & $" },
	};
	struct reason reason;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		reason.text[0] = '\0';
		enum status status = naptr_check_number(naptr(100, 10,
		    cases[i].flags, cases[i].services, cases[i].regexp, ""),
		    number("+12025550123"), &reason);
		if (status != ERR_BAD_VALUE ||
		    strstr(reason.text, cases[i].words) == NULL)
			fail_msg("%s: '%s' is not '%s'", cases[i].regexp,
			    reason.text, cases[i].words);
	}
}

/* The same characters where nobody dials are a web page's own affair, and
 * alternatives without references are read alike by all. */
static void
naptr_check_number__nobody_trips__taken(void **state)
{
	static const struct row cases[] = {
		{ "E2U+web:https", "!^.*$!https://b.c/?a=1&b=$2,3!" },
		{ "E2U+sip", "!^\\+(1|12)(.*)$!sip:a@b.c!" },
		{ "E2U+sip", "!^(.)(.)(.)(.)(.)(.*)$!sip:\\5\\1@b.c!" },
		{ "E2U+sip", "!^\\+1(44)?(.*)$!sip:\\2@b.c!" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(naptr_check_number(naptr(100, 10, "u",
		    cases[i].services, cases[i].regexp, ""),
		    number("+12025550123"), NULL), OK);
}

/* RFC 6116 3.4.2: terminal rules only; replacement must be ".". */
static void
naptr_check_number__non_terminal__refused(void **state)
{
	struct tn tn = number("+12025550123");

	(void)state;
	assert_int_equal(naptr_check_number(naptr(100, 10, "", "", "",
	    "other"), tn, NULL), ERR_BAD_VALUE);
	assert_int_equal(naptr_check_number(naptr(100, 10, "u", "E2U+sip",
	    "!^.*$!sip:a@b.c!", "other"), tn, NULL), ERR_BAD_VALUE);
	assert_int_equal(naptr_check_number(naptr(100, 10, "s", "E2U+sip",
	    "!^.*$!sip:a@b.c!", ""), tn, NULL), ERR_BAD_VALUE);
	assert_int_equal(naptr_check_number((struct blob){
	    (const uint8_t *)"\0\1\0\1", 4 }, tn, NULL), ERR_BAD_VALUE);
}

/* A rule may give 255 octets, not more. */
static void
naptr_uri__expansion_too_long__refused(void **state)
{
	char regexp[256];
	uint8_t uri[NAPTR_URI_MAX];
	size_t len;
	struct naptr out;

	(void)state;
	strcpy(regexp, "!^(.*)$!");
	for (unsigned i = 0; i < 100; i++)
		strcat(regexp, "\\1");
	strcat(regexp, "!");
	assert_true(naptr_read(&out, naptr(100, 10, "u", "E2U+sip", regexp,
	    "")));
	assert_int_equal(naptr_uri(uri, &len, &out, number("+12"), NULL),
	    ERR_TOO_LONG);
}

/* RFC 3402 3.2: groups are filled in; another delimiter may be escaped. */
static void
naptr_uri__groups_and_escapes__filled_in(void **state)
{
	uint8_t uri[NAPTR_URI_MAX];
	size_t len = 0;
	struct naptr out;
	const char *want = "sip:0123-202/1@example.com";

	(void)state;
	assert_true(naptr_read(&out, naptr(100, 10, "u", "E2U+sip",
	    "/^\\+(1)(...)555(.*)$/sip:\\3-\\2\\/\\1@example.com/", "")));
	assert_int_equal(naptr_uri(uri, &len, &out, number("+12025550123"),
	    NULL), OK);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(uri, want, len);
	assert_int_equal(naptr_uri(uri, &len, &out, number("+442025550123"),
	    NULL), ERR_NOT_FOUND);
}

/* A block: at one length all three numbers must match, and no number may give
 * what is no URI. */
static void
naptr_check_block__lengths__one_must_fit(void **state)
{
	struct tn prefix = number("+1202555");

	(void)state;
	assert_int_equal(naptr_check_block(naptr(100, 10, "u", "E2U+sip",
	    "!^.*$!sip:a@example.com!", ""), prefix, NULL), OK);
	assert_int_equal(naptr_check_block(naptr(100, 10, "u", "E2U+sip",
	    "!^\\+1202555([0-9]{4})$!sip:\\1@example.com!", ""), prefix, NULL),
	    OK);
	assert_int_equal(naptr_check_block(naptr(100, 10, "u", "E2U+sip",
	    "!^\\+1202555([0-8]{4})$!sip:\\1@example.com!", ""), prefix, NULL),
	    ERR_BAD_VALUE);
	assert_int_equal(naptr_check_block(naptr(100, 10, "u", "E2U+voice:tel",
	    "!^.*$!tel:+12025550123!", ""), prefix, NULL), ERR_BAD_VALUE);
	assert_int_equal(naptr_check_block(naptr(100, 10, "u", "E2U+sip",
	    "!^\\+44(.*)$!sip:\\1@example.com!", ""), prefix, NULL),
	    ERR_BAD_VALUE);
	assert_int_equal(naptr_check_block(naptr(100, 10, "u", "E2U+sip",
	    "!^.*$!sip:a@example.com!", ""), number("+123456789012345"), NULL),
	    OK);
}

/* RFC 5483 4.3: no two with the same order and preference; one datagram. */
static void
naptr_check_set__twins_or_too_big__refused(void **state)
{
	struct blob set[RRSET_RECORDS_MAX];

	(void)state;
	set[0] = naptr(100, 10, "u", "E2U+sip", "!^.*$!sip:a@b.c!", "");
	set[1] = naptr(100, 20, "u", "E2U+sip", "!^.*$!sip:a@b.d!", "");
	assert_int_equal(naptr_check_set(set, 2, 40, NULL), OK);
	set[2] = naptr(100, 10, "u", "E2U+sip", "!^.*$!sip:a@b.e!", "");
	assert_int_equal(naptr_check_set(set, 3, 40, NULL), ERR_BAD_VALUE);
	uint8_t bytes[30][40];
	for (size_t i = 0; i < 30; i++) {
		memset(bytes[i], 0, sizeof bytes[i]);
		bytes[i][3] = (uint8_t)i;
		set[i] = (struct blob){ bytes[i], sizeof bytes[i] };
	}
	assert_int_equal(naptr_check_set(set, 20, 40, NULL), OK);
	assert_int_equal(naptr_check_set(set, 30, 40, NULL), ERR_BAD_VALUE);
}

/* Asterisk takes what is behind the colon for the service. */
static void
naptr_check_set__sip_of_another_type__behind_sip(void **state)
{
	struct reason reason = { "" };
	struct blob set[3];

	(void)state;
	set[0] = naptr(100, 20, "u", "E2U+sip", "!^.*$!sip:a@b.c!", "");
	set[1] = naptr(100, 10, "u", "E2U+voicemsg:sip", "!^.*$!sip:b@b.c!",
	    "");
	assert_int_equal(naptr_check_set(set, 2, 40, &reason), ERR_BAD_VALUE);
	assert_non_null(strstr(reason.text, "E2U+voicemsg:sip"));
	set[2] = naptr(100, 5, "u", "E2U+sip", "!^.*$!sip:c@b.c!", "");
	assert_int_equal(naptr_check_set(set, 3, 40, NULL), OK);
	assert_int_equal(naptr_check_set(&set[1], 1, 40, NULL), OK);
}

/* What lrn= makes is a NAPTR that the rules take, at number and block. */
static void
lrn_naptr__number_and_block__pass_the_rules(void **state)
{
	uint8_t rdata[LRN_RDATA_MAX];
	uint8_t uri[NAPTR_URI_MAX];
	struct name_class class = { .kind = NAME_NUMBER,
		.tn = number("+123456789012345") };
	struct naptr out;
	size_t len = 0;

	(void)state;
	struct blob made = { rdata, lrn_naptr(rdata, &class,
	    blob("123456789012345")) };
	assert_int_equal(naptr_check_number(made, class.tn, NULL), OK);
	assert_true(naptr_read(&out, made));
	assert_int_equal(naptr_uri(uri, &len, &out, class.tn, NULL), OK);
	assert_int_equal(len, 45);
	assert_memory_equal(uri, "tel:+123456789012345;npdi;"
	    "rn=+123456789012345", 45);
	class.kind = NAME_BLOCK;
	class.tn = number("+1202");
	made.len = lrn_naptr(rdata, &class, blob("2025550199"));
	assert_int_equal(naptr_check_block(made, class.tn, NULL), OK);
	assert_false(lrn_is_valid(blob("12")));
	assert_false(lrn_is_valid(blob("1234567890123456")));
	assert_false(lrn_is_valid(blob("+123")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(naptr_check_number__good__ok),
		cmocka_unit_test(naptr_check_number__bad__refused_with_reason),
		cmocka_unit_test(naptr_check_number__reader_trips__told_why),
		cmocka_unit_test(naptr_check_number__nobody_trips__taken),
		cmocka_unit_test(naptr_check_number__non_terminal__refused),
		cmocka_unit_test(naptr_uri__expansion_too_long__refused),
		cmocka_unit_test(naptr_uri__groups_and_escapes__filled_in),
		cmocka_unit_test(naptr_check_block__lengths__one_must_fit),
		cmocka_unit_test(naptr_check_set__twins_or_too_big__refused),
		cmocka_unit_test(
		    naptr_check_set__sip_of_another_type__behind_sip),
		cmocka_unit_test(lrn_naptr__number_and_block__pass_the_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
