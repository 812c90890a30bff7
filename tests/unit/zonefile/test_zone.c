/*
 * Zone files, both ways. RFC 1035 5, RFC 2308 4.
 */
#include "unit/unit.h"

#include "unit/zonefile/fixture.h"

#include "dns/rdata.h"
#include "registry/rrset.h"
#include "zonefile/zone_read.h"
#include "zonefile/zone_write.h"

#include <stdlib.h>
#include <sys/stat.h>

static void
expect(const char *text, const char *want)
{
	fixture_expect(INTAKE_ZONE, text, want);
}

/* @, names left out, relative names, TTL and class in either order. */
static void
zone_reader_next__owners_and_ttls(void **state)
{
	(void)state;
	expect("$TTL 1h\n"
	    "@ IN SOA a b 1 2 3 4 5\n"
	    "   NS ns1\n"
	    "ns1 300 IN A 192.0.2.1\n"
	    "    IN 400 A 192.0.2.2\n"
	    "x.e164.EXAMPLE. A 192.0.2.3 ; comment\n"
	    "$ORIGIN 2.1\n"
	    "3 TXT a\n"
	    "@ TXT b\n"
	    "$ORIGIN example.\n"
	    "e164 TXT c\n",
	    "2: . 3600 SOA a.e164.example. b.e164.example. 1 2 3 4 5\n"
	    "3: . 3600 NS ns1.e164.example.\n"
	    "4: ns1. 300 A 192.0.2.1\n"
	    "5: ns1. 400 A 192.0.2.2\n"
	    "6: x. 3600 A 192.0.2.3\n"
	    "8: 3.2.1. 3600 TXT \"a\"\n"
	    "9: 2.1. 3600 TXT \"b\"\n"
	    "11: . 3600 TXT \"c\"\nend\n");
}

/* RFC 1035 5.1: parentheses join lines, quotes and comments keep apart. */
static void
zone_reader_next__parentheses_and_quotes(void **state)
{
	(void)state;
	expect("a 1 TXT ( one ; not two\n"
	    "  \"th;ree (\" ) four\n"
	    "b 1 TXT\tx;y\r\n"
	    "\"c\" 1 TXT \"\"\n"
	    "d 1 TXT e",
	    "1: a. 1 TXT \"one\" \"th;ree (\" \"four\"\n"
	    "3: b. 1 TXT \"x\"\n"
	    "4: c. 1 TXT \"\"\n"
	    "5: d. 1 TXT \"e\"\nend\n");
}

/* Without TTL: the one before, SOA's minimum, else it is said. */
static void
zone_reader_next__no_ttl__settled_or_said(void **state)
{
	(void)state;
	expect("a TXT x\nb 5 TXT x\nc TXT x\n",
	    "1:1! no TTL is known: put one here, or a $TTL before\n"
	    "2: b. 5 TXT \"x\"\n3: c. 5 TXT \"x\"\nend\n");
	expect("@ SOA a. b. 1 2 3 4 77\na TXT x\n",
	    "1: . 77 SOA a. b. 1 2 3 4 77\n2: a. 77 TXT \"x\"\nend\n");
	expect("a 2147483648 TXT x\n$TTL x\n$TTL\n",
	    "1:3! a TTL is at most 2147483647 seconds\n"
	    "2:6! expected $TTL and a time up to 2147483647 seconds\n"
	    "3:1! expected $TTL and a time up to 2147483647 seconds\nend\n");
}

/* Each fault is said with its place; the next record is read. */
static void
zone_reader_next__faults__said_and_passed(void **state)
{
	(void)state;
	expect("$TTL 1\n"
	    " A 192.0.2.1\n"
	    "a..b A 192.0.2.1\n"
	    "a BOGUS 1\n"
	    "a\n"
	    "a IN\n"
	    "a CH TXT x\n"
	    "a A 192.0.2\n"
	    "a TXT \"open\n"
	    "a TXT x )\n"
	    "a TXT b\\\n"
	    "a TXT \x01\n"
	    "other.example. TXT x\n"
	    "$GENERATE 1-9 a TXT x\n"
	    "$ORIGIN\n"
	    "$ORIGIN a..b\n"
	    "a TXT good\n",
	    "2:2! the first record needs a name at the line's begin\n"
	    "3:1! 'a..b' is no domain name\n"
	    "4:3! 'BOGUS' is no record type\n"
	    "5:1! the record's type is missing\n"
	    "6:3! the record's type is missing\n"
	    "7:3! class 'CH': only IN is kept\n"
	    "8:5! A: expected an IPv4 address, found '192.0.2'\n"
	    "9:12! the closing quote is missing\n"
	    "10:9! a ')' without '('\n"
	    "11:8! a '\\' with nothing behind it\n"
	    "12:7! control characters are not allowed\n"
	    "13:1! other.example. is not in the zone e164.example.\n"
	    "14:1! '$GENERATE' is not supported: expected $ORIGIN, $TTL or "
	    "$INCLUDE\n"
	    "15:1! expected $ORIGIN and one name\n"
	    "16:9! 'a..b' is no domain name\n"
	    "17: a. 1 TXT \"good\"\nend\n");
}

/* A parenthesis that stays open is said where it opens. */
static void
zone_reader_next__open_parenthesis__said_where_it_opens(void **state)
{
	(void)state;
	expect("a 1 TXT ( b\n c\n", "1:9! the ')' is missing\nend\n");
	expect("a 1 TXT ( b\nc 1 TXT ( d )\ne 1 TXT f\n",
	    "1:9! the ')' is missing before the next '('\n"
	    "3: e. 1 TXT \"f\"\nend\n");
}

/* The file of another zone is refused as a whole. */
static void
zone_reader_next__other_zone__ends(void **state)
{
	(void)state;
	expect("$ORIGIN other.example.\n@ 1 SOA a b 1 2 3 4 5\nx 1 TXT y\n",
	    "2:1! this file is of the zone other.example., the registry's is "
	    "e164.example.\n");
	expect("sub 1 SOA a b 1 2 3 4 5\n",
	    "1:1! this file is of the zone sub.e164.example., the registry's "
	    "is e164.example.\n");
}

/* What a signer or the registry makes anew is left out and counted. */
static void
zone_reader_next__signed_and_derived__left_out(void **state)
{
	static const char text[] =
	    "a 1 RRSIG A 8 2 1 20300101000000 20200101000000 1 z. AAAA\n"
	    "a 1 NSEC b A\n"
	    "a 1 TYPE46 \\# 1 00\n"
	    "@ 1 DNSKEY 257 3 8 AAAA\n"
	    "*.1 1 TXT \"ocn=1510\" ; derived\n"
	    "*.2 1 TXT \"ocn=1510\" ; derived from\n";
	struct intake *intake = NULL;
	struct row_fault fault;
	struct row row;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	fixture_write("in", text, sizeof text - 1);
	assert_int_equal(intake_open(&intake, INTAKE_ZONE, "in", &test_apex,
	    NULL, &fault), OK);
	assert_int_equal(intake_next(intake, &row, &arena, &fault), OK);
	assert_int_equal(row.line, 6);
	assert_int_equal(intake_next(intake, &row, &arena, &fault),
	    ERR_NOT_FOUND);
	struct intake_progress at = intake_progress(intake);
	assert_int_equal(at.signatures, 4);
	assert_int_equal(at.derived, 1);
	assert_int_equal(at.bytes, sizeof text - 1);
	assert_int_equal(at.size, sizeof text - 1);
	intake_close(intake);
	arena_fini(&arena);
}

/* $INCLUDE reads files beside this one; its origin ends with the file. */
static void
zone_reader_next__include__beside_and_bounded(void **state)
{
	static const char sub[] = "$ORIGIN deep\na 1 TXT x\n";
	static const char loop[] = "$INCLUDE loop\n";

	(void)state;
	fixture_write("sub", sub, sizeof sub - 1);
	fixture_write("loop", loop, sizeof loop - 1);
	expect("$INCLUDE sub o\nb 1 TXT y\n$INCLUDE sub\n",
	    "2: a.deep.o. 1 TXT \"x\"\n2: b. 1 TXT \"y\"\n"
	    "2: a.deep. 1 TXT \"x\"\nend\n");
	expect("$INCLUDE loop\n", "1:1! more than 64 files, or nested more "
	    "than 8 deep\nend\n");
	expect("$INCLUDE /etc/passwd\n$INCLUDE ../x\n$INCLUDE a/../../x\n"
	    "$INCLUDE\n$INCLUDE nowhere\n",
	    "1:10! '/etc/passwd' is not below the directory of this file\n"
	    "2:10! '../x' is not below the directory of this file\n"
	    "3:10! 'a/../../x' is not below the directory of this file\n"
	    "4:1! expected $INCLUDE, a file and at most one name\n"
	    "5:10! nowhere: No such file or directory\nend\n");
}

/* Open files count as those that were read: 64 are included in all. */
static void
zone_reader_next__many_includes__counted_when_opened(void **state)
{
	static const char leaf[] = "a 1 TXT x\n";
	char many[65 * 14 + 1];

	(void)state;
	for (int i = 0; i < 65; i++)
		memcpy(many + 14L * i, "$INCLUDE leaf\n", 15);
	fixture_write("leaf", leaf, sizeof leaf - 1);
	fixture_write("many", many, sizeof many - 1);
	fixture_write("in", "$INCLUDE many\nb 1 TXT y\n", 25 - 1);
	char *got = fixture_read(INTAKE_ZONE, "in", NULL);
	static const char tail[] =
	    "64:1! more than 64 files, or nested more than 8 deep\n"
	    "65:1! more than 64 files, or nested more than 8 deep\n"
	    "2: b. 1 TXT \"y\"\nend\n";
	assert_true(strlen(got) > sizeof tail);
	assert_string_equal(got + strlen(got) - (sizeof tail - 1), tail);
	assert_int_equal(strncmp(got, "1: a. 1 TXT \"x\"\n1: a.", 20), 0);
	free(got);
}

/* Records over the limits are faults, not memory. */
static void
zone_reader_next__huge_record__fault(void **state)
{
	enum { HUGE_LEN = 300 * 1024 };
	char *text = malloc(HUGE_LEN + 64);

	(void)state;
	int head = sprintf(text, "a 1 TXT ");
	memset(text + head, 'x', HUGE_LEN);
	strcpy(text + head + HUGE_LEN, "\nb 1 TXT y\n");
	fixture_write("in", text, strlen(text));
	char *got = fixture_read(INTAKE_ZONE, "in", NULL);
	assert_non_null(strstr(got, "! the record is longer than 256 KiB\n"
	    "2: b. 1 TXT \"y\"\nend\n"));
	free(got);
	for (int i = 0; i < HUGE_LEN; i += 2)
		memcpy(text + head + i, "x ", 2);
	fixture_write("in", text, strlen(text));
	got = fixture_read(INTAKE_ZONE, "in", NULL);
	assert_non_null(strstr(got, "! the record has more than 8192 words\n"
	    "2: b."));
	free(got);
	free(text);
}

/* The limit holds for words without letters, too: each takes its NUL. */
static void
zone_reader_next__full_then_empty_words__fault(void **state)
{
	/* "a", "1", "TXT" with their NULs, and the long word's own */
	enum { LONG_LEN = 256 * 1024 - 8 - 1, EMPTY = 3000 };
	char *text = malloc(LONG_LEN + 3 * EMPTY + 64);

	(void)state;
	int head = sprintf(text, "a 1 TXT ");
	memset(text + head, 'x', LONG_LEN);
	for (int i = 0; i < EMPTY; i++)
		memcpy(text + head + LONG_LEN + 3 * i, " \"\"", 3);
	strcpy(text + head + LONG_LEN + 3 * EMPTY, "\nb 1 TXT y\n");
	fixture_write("in", text, strlen(text));
	char *got = fixture_read(INTAKE_ZONE, "in", NULL);
	assert_non_null(strstr(got, "! the record is longer than 256 KiB\n"
	    "2: b. 1 TXT \"y\"\nend\n"));
	free(got);
	free(text);
}

/* A missing file and a directory are said, not read. */
static void
intake_open__no_file__said(void **state)
{
	(void)state;
	char *got = fixture_read(INTAKE_ZONE, "nowhere", NULL);
	assert_string_equal(got, "0:0! nowhere: No such file or directory\n");
	free(got);
	assert_int_equal(mkdir("dir", 0700), 0);
	got = fixture_read(INTAKE_CSV, "dir", NULL);
	assert_string_equal(got, "0:0! dir: is a directory\n");
	free(got);
}

/* Formats by name and by the name of the file. */
static void
intake_format__names(void **state)
{
	enum intake_format format = INTAKE_ZONE;

	(void)state;
	assert_int_equal(intake_format_parse(&format, "psv"), OK);
	assert_int_equal(format, INTAKE_PSV);
	assert_int_equal(intake_format_parse(&format, "xml"), ERR_NOT_FOUND);
	assert_int_equal(intake_format_guess("a/b.CSV"), INTAKE_CSV);
	assert_int_equal(intake_format_guess("b.psv"), INTAKE_PSV);
	assert_int_equal(intake_format_guess("e164.example"), INTAKE_ZONE);
	assert_int_equal(intake_format_guess("x"), INTAKE_ZONE);
}

/* SOA first with the version's serial; derived records carry their mark. */
static void
zone_write_node__apex_and_derived__reads_back(void **state)
{
	static const uint8_t soa[] = { 1, 'a', 0, 1, 'b', 0, 0, 0, 0, 0, 0, 0,
		0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5 };
	static const uint8_t ns[] = { 1, 'a', 0 };
	static const uint8_t txt[] = { 3, 'x', '"', 0xe9 };
	static const uint8_t below[] = { 1, '1', 1, '*' };
	const struct record apex_records[] = {
		{ TYPE_NS, 60, { ns, sizeof ns } },
		{ TYPE_SOA, 60, { soa, sizeof soa } },
	};
	const struct record records[] = {
		{ TYPE_TXT, 5, { txt, sizeof txt } },
	};
	struct arena arena;
	struct node node = { .flags = 0 };
	struct zone_writer writer;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	arena_init(&arena);
	assert_int_equal(zone_write_start(&writer, out, &test_apex, 4711), OK);
	assert_int_equal(rrsets_build(&arena, &node.rrsets, apex_records, 2),
	    OK);
	zone_write_node(&writer, (struct blob){ NULL, 0 }, &node);
	assert_int_equal(rrsets_build(&arena, &node.rrsets, records, 1), OK);
	zone_write_node(&writer, (struct blob){ below, 4 }, &node);
	node.flags = NODE_DERIVED;
	zone_write_node(&writer, (struct blob){ below, 4 }, &node);
	assert_int_equal(zone_write_end(&writer), OK);
	fclose(out);
	assert_int_equal(writer.records, 4);
	assert_string_equal(text, "$ORIGIN e164.example.\n"
	    "@ 60 IN SOA a. b. 4711 2 3 4 5\n"
	    "@ 60 IN NS a.\n"
	    "*.1 5 IN TXT \"x\\\"\\233\"\n"
	    "*.1 5 IN TXT \"x\\\"\\233\" ; derived\n");
	expect(text, "2: . 60 SOA a. b. 4711 2 3 4 5\n3: . 60 NS a.\n"
	    "4: *.1. 5 TXT \"x\\\"\\233\"\nend\n");
	free(text);
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zone_reader_next__owners_and_ttls),
		cmocka_unit_test(zone_reader_next__parentheses_and_quotes),
		cmocka_unit_test(zone_reader_next__no_ttl__settled_or_said),
		cmocka_unit_test(zone_reader_next__faults__said_and_passed),
		cmocka_unit_test(
		    zone_reader_next__open_parenthesis__said_where_it_opens),
		cmocka_unit_test(zone_reader_next__other_zone__ends),
		cmocka_unit_test(
		    zone_reader_next__signed_and_derived__left_out),
		cmocka_unit_test(zone_reader_next__include__beside_and_bounded),
		cmocka_unit_test(
		    zone_reader_next__many_includes__counted_when_opened),
		cmocka_unit_test(zone_reader_next__huge_record__fault),
		cmocka_unit_test(
		    zone_reader_next__full_then_empty_words__fault),
		cmocka_unit_test(intake_open__no_file__said),
		cmocka_unit_test(intake_format__names),
		cmocka_unit_test(zone_write_node__apex_and_derived__reads_back),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
