/*
 * Record data between text and wire form. RFC 1035 5.1, RFC 3597 5.
 */
#include "unit/unit.h"

#include "dns/rdata.h"
#include "zonefile/rdata_text.h"
#include "zonefile/ttl.h"

#include <stdlib.h>

static const struct dname origin = { .len = 3, .bytes = "\1z" };

static uint8_t wire[RDATA_MAX];
static char text_out[RDATA_TEXT_MAX];

/* Words between '|'; those that begin with '"' count as quoted. */
static size_t
split(struct word *words, char *text)
{
	size_t n = 0;

	for (char *w = strtok(text, "|"); w != NULL; w = strtok(NULL, "|")) {
		bool is_quoted = w[0] == '"';
		w += is_quoted;
		words[n++] = (struct word){ .text = w, .len = strlen(w),
			.is_quoted = is_quoted };
	}
	return n;
}

static enum status
parse(const char *line, size_t *len, size_t *at, struct reason *reason,
    uint16_t *type)
{
	static struct word words[300];
	static char copy[4096];

	snprintf(copy, sizeof copy, "%s", line);
	size_t n = split(words, copy);
	assert_true(type_parse(type, words[0].text));
	reason->text[0] = '\0';
	return rdata_parse(wire, len, *type, words + 1, n - 1, &origin, at,
	    reason);
}

static const char *const there_and_back[][2] = {
	{ "A|192.0.2.1", "192.0.2.1" },
	{ "AAAA|2001:db8::1", "2001:db8::1" },
	{ "NS|ns1", "ns1.z." },
	{ "CNAME|@", "z." },
	{ "SOA|a|b.|7|1h|15M|1w2d|300", "a.z. b. 7 3600 900 777600 300" },
	{ "MX|10|mail.x.", "10 mail.x." },
	{ "TXT|plain|\"two words|\"", "\"plain\" \"two words\" \"\"" },
	{ "TXT|a\\\"b\\\\c\\;\\200\\065", "\"a\\\"b\\\\c;\\200A\"" },
	{ "NAPTR|100|10|\"u|\"E2U+sip|\"!^(.*)$!sip:\\\\1@x!|.",
	    "100 10 \"u\" \"E2U+sip\" \"!^(.*)$!sip:\\\\1@x!\" ." },
	{ "SRV|1|2|3|t", "1 2 3 t.z." },
	{ "RP|m|t.", "m.z. t." },
	{ "HINFO|\"a|\"b", "\"a\" \"b\"" },
	{ "URI|10|1|\"https://x/a", "10 1 \"https://x/a\"" },
	{ "DNAME|other.", "other." },
	/* by ldns */
	{ "LOC|52|22|23.000|N|4|53|32.000|E|-2.00m|0.00m|10000m|10m",
	    "52 22 23.000 N 04 53 32.000 E -2m 0.00m 10000m 10m" },
	{ "DS|60485|5|1|2BB183AF5F22588179A53B0A98631FAD1A292118",
	    "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118" },
	{ "SSHFP|1|1|dd465c09cfa51fb45020cc83316fff21b9ec74ac",
	    "1 1 dd465c09cfa51fb45020cc83316fff21b9ec74ac" },
	{ "TLSA|3|1|1|0d6fce8c4a7c0b6c|f3ef2d4c8e4d3b3a",
	    "3 1 1 0d6fce8c4a7c0b6cf3ef2d4c8e4d3b3a" },
	{ "CAA|0|issue|\"ca.example", "0 issue \"ca.example\"" },
	{ "CERT|PGP|0|0|AAAA", "PGP 0 0 AAAA" },
	/* RFC 3597: any type, known or not */
	{ "TYPE65400|\\#|3|ab|cDef", NULL },
	{ "A|\\#|4|c0000201", "192.0.2.1" },
	{ "TYPE1|\\#|4|c0000201", "192.0.2.1" },
	{ "TYPE65400|\\#|0", NULL },
};

/* Text gives wire form that is well formed, and comes back as the same. */
static void
rdata_format__all_types__reads_back(void **state)
{
	static uint8_t first[RDATA_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof there_and_back / sizeof *there_and_back;
	    i++) {
		struct reason reason;
		uint16_t type = 0;
		size_t len = 0;
		size_t at = 0;
		if (parse(there_and_back[i][0], &len, &at, &reason, &type) !=
		    OK)
			fail_msg("%s: %s", there_and_back[i][0], reason.text);
		assert_int_equal(rdata_check(type, (struct blob){ wire, len },
		    &reason), OK);
		memcpy(first, wire, len);
		size_t text_len = rdata_format(text_out, type,
		    (struct blob){ first, len });
		assert_int_equal(text_len, strlen(text_out));
		if (there_and_back[i][1] != NULL)
			assert_string_equal(text_out, there_and_back[i][1]);
	}
}

/* Unknown types are written as RFC 3597 5 has it. */
static void
rdata_format__unknown_type__generic(void **state)
{
	static const uint8_t data[] = { 0xab, 0x01 };
	char type[TYPE_TEXT_MAX];

	(void)state;
	assert_int_equal(rdata_format(text_out, 65400,
	    (struct blob){ data, 2 }), 9);
	assert_string_equal(text_out, "\\# 2 ab01");
	rdata_format(text_out, 65400, (struct blob){ data, 0 });
	assert_string_equal(text_out, "\\# 0");
	assert_string_equal(type_format(type, 65400), "TYPE65400");
	assert_string_equal(type_format(type, 35), "NAPTR");
}

static const struct {
	const char *line;
	size_t at;
	const char *reason;
} faults[] = {
	{ "A|1.2.3", 0, "expected an IPv4 address, found '1.2.3'" },
	{ "A", 0, "an IPv4 address is missing" },
	{ "A|1.2.3.4|5", 1, "'5' is too much" },
	{ "AAAA|1.2.3.4", 0, "expected an IPv6 address, found '1.2.3.4'" },
	{ "MX|65536|a", 0, "expected a number up to 65535, found '65536'" },
	{ "MX|-1|a", 0, "expected a number up to 65535, found '-1'" },
	{ "MX|1", 1, "a name is missing" },
	{ "NS|a..b", 0, "expected a name, found 'a..b'" },
	{ "TXT", 0, "a text is missing" },
	{ "TXT|\\256", 0, "a '\\' needs three digits up to 255 behind it" },
	{ "TXT|a\\1", 0, "a '\\' needs three digits up to 255 behind it" },
	{ "SOA|a|b|x|1|1|1|1", 2, "expected a number or time, found 'x'" },
	{ "TYPE9|\\#|2|ab", 1, "2 bytes are announced, 1 follow" },
	{ "TYPE9|\\#|1|a", 2, "expected pairs of hexadecimal digits, found "
	    "'a'" },
	{ "TYPE9|\\#|x", 1, "expected a length up to 65535, found 'x'" },
};

/* A fault names its word and says what was expected. */
static void
rdata_parse__bad_text__word_and_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		struct reason reason;
		uint16_t type = 0;
		size_t len = 0;
		size_t at = 99;
		assert_int_equal(parse(faults[i].line, &len, &at, &reason,
		    &type), ERR_MALFORMED);
		assert_string_equal(reason.text, faults[i].reason);
		assert_int_equal(at, faults[i].at);
	}
}

/* What ldns and the check of the wire form refuse has a reason too. */
static void
rdata_parse__bad_rare_types__malformed(void **state)
{
	static const char *const lines[] = { "LOC|91|N|1|E|1m", "LOC", "DS|1",
		"TLSA|3|1|1|zz", "CERT|PGP|0|0|***", "CAA|x", "SSHFP|1|1|abc",
		"DS|1|2|3", "A|\\#|3|aabbcc", "NAPTR|\\#|2|0000" };

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct reason reason;
		uint16_t type = 0;
		size_t len = 0;
		size_t at = 0;
		if (parse(lines[i], &len, &at, &reason, &type) !=
		    ERR_MALFORMED)
			fail_msg("%s is taken", lines[i]);
		assert_true(reason.text[0] != '\0');
	}
}

/* RFC 1035 3.3: a character-string has at most 255 bytes. */
static void
rdata_parse__long_string__refused(void **state)
{
	char line[300];
	struct reason reason;
	uint16_t type = 0;
	size_t len = 0;
	size_t at = 0;

	(void)state;
	int head = snprintf(line, sizeof line, "TXT|");
	memset(line + head, 'x', 256);
	line[head + 255] = '\0';
	assert_int_equal(parse(line, &len, &at, &reason, &type), OK);
	assert_int_equal(len, 256);
	line[head + 255] = 'x';
	line[head + 256] = '\0';
	assert_int_equal(parse(line, &len, &at, &reason, &type),
	    ERR_MALFORMED);
	assert_string_equal(reason.text, "a text of more than 255 bytes");
}

/* Types by name and number; neither QTYPEs out of range nor words. */
static void
type_parse__names_and_numbers(void **state)
{
	uint16_t type = 0;

	(void)state;
	assert_true(type_parse(&type, "naptr"));
	assert_int_equal(type, 35);
	assert_true(type_parse(&type, "type35"));
	assert_int_equal(type, 35);
	assert_false(type_parse(&type, "TYPE0"));
	assert_false(type_parse(&type, "TYPE65536"));
	assert_false(type_parse(&type, "TYPE35x"));
	assert_false(type_parse(&type, "NOSUCH"));
	assert_false(type_parse(&type, ""));
}

/* Times have optional units and fit into 32 bits. */
static void
ttl_parse__times__seconds(void **state)
{
	uint32_t ttl = 5;

	(void)state;
	assert_true(ttl_parse(&ttl, "300"));
	assert_int_equal(ttl, 300);
	assert_true(ttl_parse(&ttl, "1w2d3h4m5s"));
	assert_int_equal(ttl, 788645);
	assert_true(ttl_parse(&ttl, "4294967295"));
	assert_false(ttl_parse(&ttl, "4294967296"));
	assert_false(ttl_parse(&ttl, "8000w"));
	assert_false(ttl_parse(&ttl, ""));
	assert_false(ttl_parse(&ttl, "IN"));
	assert_false(ttl_parse(&ttl, "1x"));
	assert_false(ttl_parse(&ttl, "-1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rdata_format__all_types__reads_back),
		cmocka_unit_test(rdata_format__unknown_type__generic),
		cmocka_unit_test(rdata_parse__bad_text__word_and_reason),
		cmocka_unit_test(rdata_parse__bad_rare_types__malformed),
		cmocka_unit_test(rdata_parse__long_string__refused),
		cmocka_unit_test(type_parse__names_and_numbers),
		cmocka_unit_test(ttl_parse__times__seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
