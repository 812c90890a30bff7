/*
 * Numbers as CSV, both ways (DESIGN 10, RFC 4180).
 */
#include "unit/unit.h"

#include "unit/zonefile/fixture.h"

#include "dns/rdata.h"
#include "registry/rrset.h"
#include "zonefile/csv.h"
#include "zonefile/rdata_text.h"

#include <stdlib.h>

#define ALL "number,ocn,naptr_sip,lrn,cnam,otc,assignee,zip,location\n"

/* Public attributes at N, whois data at N.w, location below w at a number. */
static void
csv_read_row__number__public_and_whois(void **state)
{
	(void)state;
	fixture_expect(INTAKE_CSV, ALL
	    "12,1510,sip:a@b.example,13,ACME,99,Jo,10027,New York\n",
	    "2: 2.1. 300 TXT \"ocn=1510\""
	    " | 2.1. 300 NAPTR 100 10 \"u\" \"E2U+sip\" "
	    "\"!^.*$!sip:a@b.example!\" ."
	    " | 2.1. 300 TXT \"lrn=13\" | 2.1. 300 TXT \"cnam=ACME\""
	    " | 2.1. 300 TXT \"otc=99\" | 2.1.w. 300 TXT \"assignee=Jo\""
	    " | 2.1.w. 300 TXT \"zip=10027\""
	    " | 2.1.w. 300 TXT \"location=New York\"\nend\n");
}

/* A prefix and '*' is a block; there location is public. */
static void
csv_read_row__block__location_is_public(void **state)
{
	(void)state;
	fixture_expect(INTAKE_CSV, ALL "+1 (2) 0*,1510,,,,,Jo,,Jersey\n",
	    "2: *.0.2.1. 300 TXT \"ocn=1510\""
	    " | *.0.2.1.w. 300 TXT \"assignee=Jo\""
	    " | *.0.2.1. 300 TXT \"location=Jersey\"\nend\n");
}

/* A block may be there for its location alone; a number has a holder. */
static void
csv_read_row__no_ocn__blocks_only(void **state)
{
	(void)state;
	fixture_expect(INTAKE_CSV, "number,ocn,location,zip\n"
	    "120*,,Jersey,\n12,,,1\n120*,,,\n120*,,,07605\n",
	    "2: *.0.2.1. 300 TXT \"location=Jersey\"\n"
	    "3:4! the OCN is missing; only a block may be without\n"
	    "4:6! the block has neither an OCN nor anything else\n"
	    "5: *.0.2.1.w. 300 TXT \"zip=07605\"\nend\n");
}

/* Columns in any order and subset; CRLF, BOM, blank lines, no last newline. */
static void
csv_read_header__other_order__same_meaning(void **state)
{
	(void)state;
	fixture_expect(INTAKE_CSV,
	    "\xef\xbb\xbfocn,cnam,number\r\n1510,X,12\r\n\r\n1511,,13",
	    "2: 2.1. 300 TXT \"ocn=1510\" | 2.1. 300 TXT \"cnam=X\"\n"
	    "4: 3.1. 300 TXT \"ocn=1511\"\nend\n");
}

/* RFC 4180 2: quotes, commas and doubled quotes in fields. */
static void
csv_read_row__quoted__taken_off(void **state)
{
	(void)state;
	fixture_expect(INTAKE_CSV, "number,ocn,cnam\n"
	    "\"12\",\"1510\",\"a,\"\"b\"\"\"\n",
	    "2: 2.1. 300 TXT \"ocn=1510\""
	    " | 2.1. 300 TXT \"cnam=a,\\\"b\\\"\"\nend\n");
}

/* \1 stands for the number; a value that begins with ! is the regexp. */
static void
csv_read_row__naptr__uri_or_regexp(void **state)
{
	(void)state;
	fixture_expect(INTAKE_CSV, "number,ocn,naptr_sip\n"
	    "12,1510,sips:\\1@b\n13,1510,!^x$!sip:y!i\n",
	    "2: 2.1. 300 TXT \"ocn=1510\" | 2.1. 300 NAPTR 100 10 \"u\" "
	    "\"E2U+sip\" \"!^(.*)$!sips:\\\\1@b!\" .\n"
	    "3: 3.1. 300 TXT \"ocn=1510\" | 3.1. 300 NAPTR 100 10 \"u\" "
	    "\"E2U+sip\" \"!^x$!sip:y!i\" .\nend\n");
}

/* Every fault has line, column and reason, and the next line is read. */
static void
csv_read_row__bad_lines__said_and_passed(void **state)
{
	(void)state;
	fixture_expect(INTAKE_CSV, "number,ocn,naptr_sip\n"
	    "12,1510\n"
	    ",1510,\n"
	    "12a,1510,\n"
	    "1234567890123456,1510,\n"
	    "12,15101,\n"
	    "12,abcd,\n"
	    "12,1510,http://x\n"
	    "12,1510,sip:a!b\n"
	    "12,1510,sip:a\\2\n"
	    "12,1510,sip:a b\n"
	    "12,1510,\"sip:a\n"
	    "12,1510,\"sip:a\"b\n"
	    "12,15\"10,sip:a\n"
	    "12,\x01,\n"
	    "12,\xff,\n"
	    "13,1510,\n",
	    "2:4! 2 fields, but the header has 3\n"
	    "3:1! the number is missing\n"
	    "4:1! character 3 of the number, 'a', is no digit\n"
	    "5:1! a number has at most 15 digits\n"
	    "6:4! '15101' is no OCN: expected exactly 4 of 0-9 and A-Z\n"
	    "7:4! 'abcd' is no OCN: expected exactly 4 of 0-9 and A-Z\n"
	    "8:9! naptr_sip: expected a sip: or sips: URI, or a regexp that "
	    "begins with '!'\n"
	    "9:9! naptr_sip: a '!' in the URI: write it as %21\n"
	    "10:9! naptr_sip: a '\\' in the URI: only \\1 is possible, it "
	    "stands for the number\n"
	    "11:9! naptr_sip: the URI has a blank or a character that is not "
	    "ASCII: percent-encode it\n"
	    "12:9! the closing quote is missing\n"
	    "13:16! expected a comma or the end of the line after the closing "
	    "quote\n"
	    "14:6! a quote inside a field: put the field in quotes and the "
	    "quote twice\n"
	    "15:4! control characters are not allowed\n"
	    "16:4! not UTF-8\n"
	    "17: 3.1. 300 TXT \"ocn=1510\"\nend\n");
}

/* A header that is none ends it before any line. */
static void
csv_read_header__bad__no_rows(void **state)
{
	(void)state;
	fixture_expect(INTAKE_CSV, "", "1:1! the file is empty: expected a "
	    "header such as number,ocn,naptr_sip\n");
	fixture_expect(INTAKE_CSV, "number,cnam\n12,x\n",
	    "1:1! the header has no column 'ocn'\n");
	fixture_expect(INTAKE_CSV, "number,ocn,nptr_sip\n",
	    "1:12! unknown column 'nptr_sip' in the header: expected some of "
	    "number,ocn,naptr_sip,lrn,cnam,otc,assignee,zip,location\n");
	fixture_expect(INTAKE_CSV, "number,ocn,ocn\n",
	    "1:12! repeated column 'ocn' in the header: expected some of "
	    "number,ocn,naptr_sip,lrn,cnam,otc,assignee,zip,location\n");
}

/* The limits: a character-string has 255 bytes, a line 16 KiB. */
static void
csv_read_row__too_long__said(void **state)
{
	static char text[20 * 1024];
	char value[300];

	(void)state;
	memset(value, 'x', sizeof value);
	snprintf(text, sizeof text, "number,ocn,cnam\n12,1510,%.250s\n"
	    "12,1510,%.251s\n", value, value);
	fixture_write("in", text, strlen(text));
	char *got = fixture_read(INTAKE_CSV, "in", NULL);
	assert_non_null(strstr(got, "\n3:9! the value of 'cnam' is 251 bytes "
	    "long, at most 250 are possible\nend\n"));
	free(got);
	int head = snprintf(text, sizeof text, "number,ocn,cnam\n12,1510,");
	memset(text + head, 'x', 17 * 1024);
	text[head + 17 * 1024] = '\0';
	fixture_expect(INTAKE_CSV, text,
	    "2:16387! the line is longer than 16384 bytes\nend\n");
}

/* ----------------------------------------------------------------- writing */

/* A node of one name from lines "TYPE rdata". */
static void
write_node(struct csv_writer *writer, const char *name,
    const char *const *lines, size_t n, uint8_t flags)
{
	static uint8_t data[8][RDATA_MAX];
	static const struct dname root = { .len = 1, .bytes = { 0 } };
	struct record records[8];
	struct dname dname;
	struct owner owner;
	struct arena arena;
	struct node node = { .flags = flags };

	arena_init(&arena);
	assert_true(n <= 8);
	for (size_t i = 0; i < n; i++) {
		struct word words[8];
		char copy[256];
		size_t n_words = 0;
		size_t len = 0;
		size_t at = 0;
		struct reason reason;
		snprintf(copy, sizeof copy, "%s", lines[i]);
		for (char *w = strtok(copy, "|"); w != NULL;
		    w = strtok(NULL, "|"))
			words[n_words++] = (struct word){ .text = w,
				.len = strlen(w), .is_quoted = true };
		assert_true(type_parse(&records[i].type, words[0].text));
		assert_int_equal(rdata_parse(data[i], &len, records[i].type,
		    words + 1, n_words - 1, &root, &at, &reason), OK);
		records[i].ttl = 300;
		records[i].rdata = (struct blob){ data[i], len };
	}
	assert_int_equal(rrsets_build(&arena, &node.rrsets, records, n), OK);
	assert_int_equal(dname_parse(&dname, name, strlen(name), &test_apex),
	    OK);
	assert_int_equal(owner_from_dname(&owner, &dname, &test_apex), OK);
	csv_write_node(writer, owner_blob(&owner), &node);
	arena_fini(&arena);
}

#define NODE(writer, name, ...) \
	do { \
		static const char *const node_lines[] = { __VA_ARGS__ }; \
		write_node(writer, name, node_lines, \
		    sizeof node_lines / sizeof node_lines[0], 0); \
	} while (0)

/* What was written reads back as the same records; whois joins its number. */
static void
csv_write_node__numbers_and_blocks__read_back(void **state)
{
	struct csv_writer writer;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(csv_write_start(&writer, out), OK);
	NODE(&writer, "*.2.1", "TXT|ocn=1510", "TXT|location=X, Y",
	    "NAPTR|100|10|u|E2U+sip|!^(.*)$!sip:\\\\1@b!|.");
	NODE(&writer, "*.2.1.w", "TXT|assignee=A \\\"B\\\"");
	NODE(&writer, "3.2.1", "TXT|ocn=1511", "TXT|cnam=C", "TXT|lrn=14",
	    "NAPTR|100|10|u|E2U+sip|!^.*$!sip:a@b!|.",
	    "NAPTR|50|50|u|E2U+pstn:tel|!^(.*)$!tel:\\\\1\\;npdi!|.");
	NODE(&writer, "3.2.1.w", "TXT|zip=1", "TXT|location=Z");
	assert_int_equal(csv_write_end(&writer), OK);
	fclose(out);
	assert_string_equal(text, ALL
	    "12*,1510,sip:\\1@b,,,,\"A \"\"B\"\"\",,\"X, Y\"\n"
	    "123,1511,sip:a@b,14,C,,,1,Z\n");
	assert_int_equal(writer.lost, 0);
	assert_int_equal(writer.others, 0);
	fixture_expect(INTAKE_CSV, text,
	    "2: *.2.1. 300 TXT \"ocn=1510\" | *.2.1. 300 NAPTR 100 10 \"u\" "
	    "\"E2U+sip\" \"!^(.*)$!sip:\\\\1@b!\" ."
	    " | *.2.1.w. 300 TXT \"assignee=A \\\"B\\\"\""
	    " | *.2.1. 300 TXT \"location=X, Y\"\n"
	    "3: 3.2.1. 300 TXT \"ocn=1511\" | 3.2.1. 300 NAPTR 100 10 \"u\" "
	    "\"E2U+sip\" \"!^.*$!sip:a@b!\" . | 3.2.1. 300 TXT \"lrn=14\""
	    " | 3.2.1. 300 TXT \"cnam=C\" | 3.2.1.w. 300 TXT \"zip=1\""
	    " | 3.2.1.w. 300 TXT \"location=Z\"\nend\n");
	free(text);
}

/* What CSV cannot hold is counted; derived copies are not written. */
static void
csv_write_node__other_records__counted(void **state)
{
	static const char *const derived[] = { "TXT|ocn=1510" };
	struct csv_writer writer;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(csv_write_start(&writer, out), OK);
	NODE(&writer, "2.1", "TXT|ocn=1510", "TXT|status=assigned",
	    "TXT|zip=9", "NAPTR|10|10|u|E2U+sip|!^.*$!sip:a@b!|.",
	    "A|192.0.2.1");
	NODE(&writer, "3.1", "TXT|cnam=nobody");
	NODE(&writer, "ns1", "A|192.0.2.1");
	write_node(&writer, "4.1", derived, 1, NODE_DERIVED);
	assert_int_equal(csv_write_end(&writer), OK);
	fclose(out);
	assert_string_equal(text, ALL "12,1510,,,,,,,\n");
	assert_int_equal(writer.lost, 5);
	assert_int_equal(writer.others, 1);
	assert_int_equal(writer.rows, 1);
	free(text);
}

/* Blocks without holder come back, also those with whois data alone. */
static void
csv_write_node__no_ocn__blocks_only(void **state)
{
	struct csv_writer writer;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(csv_write_start(&writer, out), OK);
	NODE(&writer, "*.2.1", "TXT|location=X");
	NODE(&writer, "*.3.1", "TXT|status=reserved");
	NODE(&writer, "*.4.1.w", "TXT|assignee=Y");
	NODE(&writer, "5.1.w", "TXT|assignee=Y");
	assert_int_equal(csv_write_end(&writer), OK);
	fclose(out);
	assert_string_equal(text, ALL "12*,,,,,,,,X\n14*,,,,,,Y,,\n");
	assert_int_equal(writer.lost, 2);
	assert_int_equal(writer.rows, 2);
	free(text);
}

/* A regexp that a URI would not give is written as a regexp. */
static void
csv_write_node__odd_regexp__whole(void **state)
{
	struct csv_writer writer;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(csv_write_start(&writer, out), OK);
	NODE(&writer, "2.1", "TXT|ocn=1510",
	    "NAPTR|100|10|u|E2U+sip|!^(.*)$!sip:a@b!|.");
	NODE(&writer, "3.1", "TXT|ocn=1510",
	    "NAPTR|100|10|u|E2U+sip|!^.*$!sip:a@b!i|.");
	NODE(&writer, "4.1", "TXT|ocn=1510",
	    "NAPTR|100|10|u|E2U+sip|!^.*$!tel:1!|.");
	assert_int_equal(csv_write_end(&writer), OK);
	fclose(out);
	assert_string_equal(text, ALL "12,1510,!^(.*)$!sip:a@b!,,,,,,\n"
	    "13,1510,!^.*$!sip:a@b!i,,,,,,\n"
	    "14,1510,!^.*$!tel:1!,,,,,,\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_read_row__number__public_and_whois),
		cmocka_unit_test(csv_read_row__block__location_is_public),
		cmocka_unit_test(csv_read_row__no_ocn__blocks_only),
		cmocka_unit_test(csv_read_header__other_order__same_meaning),
		cmocka_unit_test(csv_read_row__quoted__taken_off),
		cmocka_unit_test(csv_read_row__naptr__uri_or_regexp),
		cmocka_unit_test(csv_read_row__bad_lines__said_and_passed),
		cmocka_unit_test(csv_read_header__bad__no_rows),
		cmocka_unit_test(csv_read_row__too_long__said),
		cmocka_unit_test(csv_write_node__numbers_and_blocks__read_back),
		cmocka_unit_test(csv_write_node__other_records__counted),
		cmocka_unit_test(csv_write_node__no_ocn__blocks_only),
		cmocka_unit_test(csv_write_node__odd_regexp__whole),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
