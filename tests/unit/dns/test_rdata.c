/*
 * dns/rdata: every layout of rr.def, reading from messages, equality.
 */
#include "unit/unit.h"

#include "base/reason.h"
#include "dns/rdata.h"
#include "unit/blob.h"
#include "unit/random.h"

struct row {
	const char *mnemonic;
	uint16_t type;
	const char *layout;
};

static const struct row rows[] = {
#define RR(name, number, layout) { #name, number, layout },
#include "dns/rr.def"
#undef RR
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

static const uint8_t loc_sample[16] = { 0, 0x12, 0x16, 0x13, 0x80, 0, 0, 0,
	0x80, 0, 0, 0, 0, 0x98, 0x96, 0x80 };

static enum status
check(uint16_t type, struct blob rdata)
{
	return rdata_check(type, rdata, NULL);
}

/* The smallest good field of a letter. @return its length. */
static size_t
smallest_field(uint8_t *out, char letter)
{
	static const struct {
		char letter;
		size_t len;
		const char *bytes;
	} smallest[] = {
		{ '1', 1, "\1" },
		{ '2', 2, "\1\2" },
		{ '4', 4, "\1\2\3\4" },
		{ '6', 6, "\1\2\3\4\5\6" },
		{ 'a', 4, "\300\0\2\1" },
		{ 'q', 16, "\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1" },
		{ 'N', 1, "\0" },
		{ 'n', 1, "\0" },
		{ 'l', 1, "\0" },
		{ 's', 1, "\0" },
		{ 't', 1, "\0" },
		{ 'g', 2, "\1a" },
		{ 'x', 0, "" },
		{ 'X', 1, "x" },
		{ 'U', 1, "u" },
		{ 'L', 16, (const char *)loc_sample },
		{ 'P', 0, "" },
	};

	for (size_t i = 0; i < sizeof smallest / sizeof smallest[0]; i++) {
		if (smallest[i].letter == letter) {
			memcpy(out, smallest[i].bytes, smallest[i].len);
			return smallest[i].len;
		}
	}
	fail_msg("no sample for letter %c", letter);
	return 0;
}

static struct blob
smallest_rdata(uint8_t *out, const char *layout)
{
	size_t len = 0;

	for (const char *p = layout; *p != '\0'; p++)
		len += smallest_field(out + len, *p);
	return (struct blob){ out, len };
}

/* Rule: the smallest rdata of every type is good, anything shorter is not. */
static void
rdata_check__every_layout__smallest_ok_and_truncations_refused(void **state)
{
	uint8_t bytes[64];

	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		struct blob rdata = smallest_rdata(bytes, rows[i].layout);
		print_message("%s\n", rows[i].mnemonic);
		assert_int_equal(check(rows[i].type, rdata), OK);
		while (rdata.len > 0) {
			rdata.len--;
			assert_int_equal(check(rows[i].type, rdata),
			    ERR_MALFORMED);
		}
	}
}

/* Rule: nothing may follow the last field, unless it takes the rest. */
static void
rdata_check__every_layout__byte_behind_refused(void **state)
{
	uint8_t bytes[64];

	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		const char *layout = rows[i].layout;
		struct blob rdata = smallest_rdata(bytes, layout);
		bool takes_rest =
		    strchr("xXU", layout[strlen(layout) - 1]) != NULL;
		bytes[rdata.len] = 1;
		rdata.len++;
		assert_int_equal(check(rows[i].type, rdata),
		    takes_rest ? OK : ERR_MALFORMED);
	}
}

/* Rule: the fields of a walk are the rdata, letter by letter. */
static void
rdata_next_field__every_layout__all_letters_in_order(void **state)
{
	uint8_t bytes[64];

	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		struct blob rdata = smallest_rdata(bytes, rows[i].layout);
		struct rdata_walk walk = rdata_walk_make(rows[i].type, rdata);
		struct rdata_field field;
		const uint8_t *expected = rdata.data;
		for (const char *p = rows[i].layout; *p != '\0'; p++) {
			assert_false(rdata_walk_done(&walk));
			assert_true(rdata_next_field(&walk, &field));
			assert_int_equal(field.letter, *p);
			assert_ptr_equal(field.data.data, expected);
			expected += field.data.len;
		}
		assert_false(rdata_next_field(&walk, &field));
		assert_true(rdata_walk_done(&walk));
		assert_ptr_equal(expected, rdata.data + rdata.len);
	}
}

/* Rule: a walk stops where the rdata is not well formed, and says so. */
static void
rdata_next_field__malformed__stops_not_done(void **state)
{
	struct rdata_walk walk = rdata_walk_make(TYPE_MX, BLOB("\0\5\3abc"));
	struct rdata_field field = { 0 };

	(void)state;
	assert_true(rdata_next_field(&walk, &field));
	assert_int_equal(field.letter, '2');
	assert_false(rdata_next_field(&walk, &field));
	assert_int_equal(field.letter, '2');
	assert_false(rdata_walk_done(&walk));
}

/* Rule: the table's columns; what is not in it has none. */
static void
rdata_layout__every_row__as_in_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		assert_string_equal(rdata_layout(rows[i].type),
		    rows[i].layout);
		assert_string_equal(rdata_mnemonic(rows[i].type),
		    rows[i].mnemonic);
		assert_false(rdata_is_meta(rows[i].type));
		if (i > 0)
			assert_true(rows[i].type > rows[i - 1].type);
	}
	assert_null(rdata_layout(0));
	assert_null(rdata_layout(200));
	assert_null(rdata_layout(258));
	assert_null(rdata_layout(65535));
	assert_null(rdata_mnemonic(65280));
}

/* Rule: RFC 6895 3.1: QTYPEs and meta types hold no data. */
static void
rdata_is_meta__every_type__never_storable(void **state)
{
	(void)state;
	for (unsigned type = 0; type <= 65535; type++) {
		bool is_meta = type == 0 || type == 41 || type == 65535 ||
		    (type >= 128 && type <= 255);
		assert_int_equal(rdata_is_meta((uint16_t)type), is_meta);
		if (is_meta)
			assert_int_equal(check((uint16_t)type, BLOB("x")),
			    ERR_MALFORMED);
	}
}

/* Rule: RFC 3597: unknown types are opaque, also empty. */
static void
rdata_check__unknown_type__any_bytes(void **state)
{
	static const uint8_t zeros[RDATA_MAX + 1];

	(void)state;
	assert_int_equal(check(65280, BLOB("")), OK);
	assert_int_equal(check(65280, BLOB("\xff\0\1")), OK);
	assert_int_equal(check(65280, (struct blob){ zeros, RDATA_MAX }), OK);
	assert_int_equal(check(65280, (struct blob){ zeros, RDATA_MAX + 1 }),
	    ERR_MALFORMED);
}

/* Rule: the reason names type and place. */
static void
rdata_check__malformed__reason_says_where(void **state)
{
	struct reason reason = { "" };

	(void)state;
	assert_int_equal(rdata_check(TYPE_MX, BLOB("\0\5\3abc"), &reason),
	    ERR_MALFORMED);
	assert_non_null(strstr(reason.text, "MX"));
	assert_non_null(strstr(reason.text, "byte 2"));
	assert_int_equal(rdata_check(TYPE_ANY, BLOB(""), &reason),
	    ERR_MALFORMED);
	assert_non_null(strstr(reason.text, "255"));
}

struct rdata_case {
	uint16_t type;
	struct blob rdata;
	enum status status;
};

/* Rule: what the letters ask for beyond lengths. */
static void
rdata_check__odd_values__as_their_rfcs_say(void **state)
{
	static const struct rdata_case cases[] = {
		/* RFC 1035 3.3.14: strings to the last byte, one at least */
		{ TYPE_TXT, BYTES("\3abc\0\1x"), OK },
		{ TYPE_TXT, BYTES("\3abc\2x"), ERR_MALFORMED },
		/* RFC 3403 4.1 */
		{ TYPE_NAPTR, BYTES("\0\144\0\12\1u\7E2U+sip"
				   "\16!^.*$!sip:a@b!\0"), OK },
		{ TYPE_NAPTR, BYTES("\0\144\0\12\1u\7E2U+sip"
				   "\16!^.*$!sip:a@b!"), ERR_MALFORMED },
		{ TYPE_NAPTR, BYTES("\0\144\0\12\1u\0\0\xc0\0"),
		    ERR_MALFORMED },
		/* RFC 4398 2: empty certificate */
		{ TYPE_CERT, BYTES("\0\4\0\0\0"), OK },
		/* RFC 7553 4.4: a target is never empty */
		{ TYPE_URI, BYTES("\0\1\0\1"), ERR_MALFORMED },
		{ TYPE_URI, BYTES("\0\1\0\1sip:x"), OK },
		/* RFC 8659 4.1 */
		{ TYPE_CAA, BYTES("\0\5issueca.example"), OK },
		{ TYPE_CAA, BYTES("\0\0ca.example"), ERR_MALFORMED },
		{ TYPE_CAA, BYTES("\0\5is-ueca.example"), ERR_MALFORMED },
		/* RFC 9460 2.2: keys strictly ascending */
		{ TYPE_SVCB, BYTES("\0\1\1a\0\0\1\0\2h2\0\3\0\2\1\273"), OK },
		{ TYPE_SVCB, BYTES("\0\1\0\0\3\0\0\0\1\0\0"), ERR_MALFORMED },
		{ TYPE_SVCB, BYTES("\0\1\0\0\1\0\0\0\1\0\0"), ERR_MALFORMED },
		{ TYPE_HTTPS, BYTES("\0\1\0\0\1\0\2h"), ERR_MALFORMED },
		{ TYPE_HTTPS, BYTES("\0\1\0\0\1\0"), ERR_MALFORMED },
		/* RFC 1035 3.3.13 */
		{ TYPE_SOA, BYTES("\1a\0\1b\0\0\0\0\0\0\0\0\1\0\0\0\2"
				 "\0\0\0\3\0\0\0\4"), OK },
		{ TYPE_A, BYTES("\1\2\3\4\5"), ERR_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		print_message("case %zu\n", i);
		assert_int_equal(check(cases[i].type, cases[i].rdata),
		    cases[i].status);
	}
}

static enum status
check_loc(size_t at, uint8_t value)
{
	uint8_t loc[sizeof loc_sample];

	memcpy(loc, loc_sample, sizeof loc);
	loc[at] = value;
	return check(TYPE_LOC, (struct blob){ loc, sizeof loc });
}

/* Rule: RFC 1876 2: version 0, digits 0..9, a place on the earth. */
static void
rdata_check__loc__version_digits_and_angles(void **state)
{
	(void)state;
	assert_int_equal(check_loc(0, 1), ERR_MALFORMED);
	assert_int_equal(check_loc(1, 0x99), OK);
	assert_int_equal(check_loc(1, 0x9a), ERR_MALFORMED);
	assert_int_equal(check_loc(2, 0xa0), ERR_MALFORMED);
	assert_int_equal(check_loc(3, 0x0a), ERR_MALFORMED);
	/* 90 degrees are 0x134fd900 from the equator */
	assert_int_equal(check_loc(4, 0x93), OK);
	assert_int_equal(check_loc(4, 0x94), ERR_MALFORMED);
	assert_int_equal(check_loc(4, 0x6d), OK);
	assert_int_equal(check_loc(4, 0x6c), ERR_MALFORMED);
	/* 180 degrees are 0x269fb200 */
	assert_int_equal(check_loc(8, 0xa6), OK);
	assert_int_equal(check_loc(8, 0xa7), ERR_MALFORMED);
}

/* Rule: no bytes make the check read outside. */
static void
rdata_check__random_bytes__ends(void **state)
{
	struct random random = random_make(10);
	uint8_t bytes[48];

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		size_t len = random_below(&random, sizeof bytes + 1);
		for (size_t k = 0; k < len; k++)
			bytes[k] = (uint8_t)random_below(&random,
			    k % 2 == 0 ? 4 : 256);
		const struct row *row = &rows[random_below(&random, N_ROWS)];
		uint8_t *exact = test_malloc(len + 1);
		memcpy(exact, bytes, len);
		enum status status = check(row->type,
		    (struct blob){ exact, len });
		assert_true(status == OK || status == ERR_MALFORMED);
		test_free(exact);
	}
}

/* --- rdata_read --------------------------------------------------------- */

/* Eight bytes of names, then rdata: pointers \xc0\0 = a.bc., \xc0\2 = bc. */
#define NAMES "\1a\2bc\0?!"

struct read_case {
	uint16_t type;
	struct blob message;
	struct blob expected; /* len 0: ERR_MALFORMED */
};

/* Rule: names of types with N or n are expanded, and nothing else. */
static void
rdata_read__compressed__expanded_or_refused(void **state)
{
	static const struct read_case cases[] = {
		{ TYPE_NS, BYTES(NAMES "\1x\xc0\0"), BYTES("\1x\1a\2bc\0") },
		{ TYPE_NS, BYTES(NAMES "\xc0\2"), BYTES("\2bc\0") },
		/* obsolete, but of RFC 1035 */
		{ TYPE_MD, BYTES(NAMES "\xc0\2"), BYTES("\2bc\0") },
		{ TYPE_MF, BYTES(NAMES "\xc0\2"), BYTES("\2bc\0") },
		{ TYPE_NS, BYTES(NAMES "\1x\0"), BYTES("\1x\0") },
		{ TYPE_MX, BYTES(NAMES "\0\7\xc0\0"),
		    BYTES("\0\7\1a\2bc\0") },
		/* the second name points into the first */
		{ TYPE_SOA, BYTES(NAMES "\1m\xc0\0\1r\xc0\10" "11112222333344445555"),
		    BYTES("\1m\1a\2bc\0\1r\1m\1a\2bc\0" "11112222333344445555") },
		/* RFC 3597 4: receivers expand these, too */
		{ TYPE_SRV, BYTES(NAMES "\0\1\0\2\0\3\xc0\2"),
		    BYTES("\0\1\0\2\0\3\2bc\0") },
		{ TYPE_NAPTR, BYTES(NAMES "\0\1\0\2\0\0\0\xc0\2"),
		    BYTES("\0\1\0\2\0\0\0\2bc\0") },
		{ TYPE_TXT, BYTES(NAMES "\2\xc0\0"), BYTES("\2\xc0\0") },
		{ 65280, BYTES(NAMES "\xc0\0"), BYTES("\xc0\0") },
		/* RFC 9460 2.2: never compressed */
		{ TYPE_SVCB, BYTES(NAMES "\0\1\xc0\0"), { 0 } },
		/* too little, too much, forward, to itself */
		{ TYPE_NS, BYTES(NAMES "\1x"), { 0 } },
		{ TYPE_NS, BYTES(NAMES "\xc0"), { 0 } },
		{ TYPE_NS, BYTES(NAMES "\1x\0\0"), { 0 } },
		{ TYPE_NS, BYTES(NAMES "\xc0\10"), { 0 } },
		{ TYPE_NS, BYTES(NAMES "\xc0\40"), { 0 } },
		{ TYPE_MX, BYTES(NAMES "\0"), { 0 } },
		{ TYPE_A, BYTES(NAMES "\1\2\3"), { 0 } },
		{ TYPE_A, BYTES(NAMES "\1\2\3\4\5"), { 0 } },
		{ TYPE_ANY, BYTES(NAMES "x"), { 0 } },
	};
	static uint8_t out[RDATA_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t start = sizeof NAMES - 1;
		size_t len = 77;
		print_message("case %zu\n", i);
		enum status status = rdata_read(out, sizeof out, &len,
		    cases[i].type, cases[i].message.data,
		    cases[i].message.len, start,
		    cases[i].message.len - start);
		if (cases[i].expected.len == 0) {
			assert_int_equal(status, ERR_MALFORMED);
			assert_int_equal(len, 77);
			continue;
		}
		assert_int_equal(status, OK);
		assert_int_equal(len, cases[i].expected.len);
		assert_memory_equal(out, cases[i].expected.data, len);
	}
}

/* Rule: a name does not go on behind the rdata's end. */
static void
rdata_read__name_ends_behind_rdata__malformed(void **state)
{
	static const uint8_t message[] = "\1x\2yy\0";
	uint8_t out[64];
	size_t len;

	(void)state;
	assert_int_equal(rdata_read(out, sizeof out, &len, TYPE_NS, message,
	    6, 0, 6), OK);
	assert_int_equal(rdata_read(out, sizeof out, &len, TYPE_NS, message,
	    6, 0, 5), ERR_MALFORMED);
	assert_int_equal(rdata_read(out, sizeof out, &len, TYPE_NS, message,
	    6, 0, 7), ERR_MALFORMED);
	assert_int_equal(rdata_read(out, sizeof out, &len, TYPE_NS, message,
	    6, 7, 0), ERR_MALFORMED);
}

/* Rule: too little room is told, not overrun. */
static void
rdata_read__little_room__no_room(void **state)
{
	static const uint8_t message[] = NAMES "\0\7\xc0\0";
	uint8_t out[8];
	size_t len;

	(void)state;
	for (size_t cap = 0; cap < 8; cap++)
		assert_int_equal(rdata_read(out, cap, &len, TYPE_MX, message,
		    12, 8, 4), cap < 8 ? ERR_NO_ROOM : OK);
	assert_int_equal(rdata_read(out, 8, &len, TYPE_MX, message, 12, 8, 4),
	    OK);
}

/* Rule: uncompressed rdata of every type reads as itself. */
static void
rdata_read__every_layout__same_bytes(void **state)
{
	uint8_t bytes[64];
	uint8_t out[64];

	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		struct blob rdata = smallest_rdata(bytes, rows[i].layout);
		size_t len = 0;
		assert_int_equal(rdata_read(out, sizeof out, &len,
		    rows[i].type, rdata.data, rdata.len, 0, rdata.len), OK);
		assert_int_equal(len, rdata.len);
		assert_memory_equal(out, rdata.data, len);
	}
}

/* --- rdata_equal -------------------------------------------------------- */

struct equal_case {
	uint16_t type;
	struct blob a;
	struct blob b;
	bool is_equal;
};

/* Rule: RFC 2136 1.1.1, RFC 4343: names without case, the rest as bytes. */
static void
rdata_equal__case_differs__only_in_names(void **state)
{
	static const struct equal_case cases[] = {
		{ TYPE_NS, BYTES("\3ns1\0"), BYTES("\3NS1\0"), true },
		{ TYPE_NS, BYTES("\3ns1\0"), BYTES("\3ns2\0"), false },
		{ TYPE_NS, BYTES("\3ns1\0"), BYTES("\4ns1a\0"), false },
		{ TYPE_MX, BYTES("\0A\1x\0"), BYTES("\0a\1x\0"), false },
		{ TYPE_MX, BYTES("\0A\1x\0"), BYTES("\0A\1X\0"), true },
		{ TYPE_TXT, BYTES("\3abc"), BYTES("\3ABC"), false },
		{ TYPE_TXT, BYTES("\3abc"), BYTES("\3abc"), true },
		{ TYPE_TXT, BYTES("\1a\1b"), BYTES("\3a\1b"), false },
		{ TYPE_NAPTR, BYTES("\0\1\0\1\1u\3abc\0\1x\0"),
		    BYTES("\0\1\0\1\1u\3abc\0\1X\0"), true },
		{ TYPE_NAPTR, BYTES("\0\1\0\1\1u\3abc\0\1x\0"),
		    BYTES("\0\1\0\1\1u\3abC\0\1x\0"), false },
		{ TYPE_SOA, BYTES("\1A\0\1b\0" "11112222333344445555"),
		    BYTES("\1a\0\1B\0" "11112222333344445555"), true },
		{ TYPE_SOA, BYTES("\1A\0\1b\0" "1111222233334444555x"),
		    BYTES("\1a\0\1B\0" "1111222233334444555X"), false },
		/* RFC 9460: compared as bytes; unknown types as bytes */
		{ TYPE_SVCB, BYTES("\0\1\1a\0"), BYTES("\0\1\1A\0"), false },
		{ 65280, BYTES("a"), BYTES("A"), false },
		{ 65280, BYTES(""), BYTES(""), true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct equal_case *c = &cases[i];
		print_message("case %zu\n", i);
		assert_int_equal(rdata_equal(c->type, c->a, c->b),
		    c->is_equal);
		assert_int_equal(rdata_equal(c->type, c->b, c->a),
		    c->is_equal);
	}
}

/* Rule: a length byte is not a letter: 65 and 97 bytes of string differ. */
static void
rdata_equal__string_lengths_differ_like_case__not_equal(void **state)
{
	/* HINFO has no names: RP has, NAPTR has both */
	uint8_t a[4 + 1 + 97 + 200] = { 0 };
	uint8_t b[sizeof a];

	(void)state;
	a[4] = 'A'; /* flags of 65 bytes, service and regexp empty, root */
	memcpy(b, a, sizeof b);
	b[4] = 'a'; /* of 97 bytes */
	assert_false(rdata_equal(TYPE_NAPTR,
	    (struct blob){ a, 4 + 1 + 65 + 3 },
	    (struct blob){ b, 4 + 1 + 65 + 3 }));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
	rdata_check__every_layout__smallest_ok_and_truncations_refused),
		cmocka_unit_test(
		    rdata_check__every_layout__byte_behind_refused),
		cmocka_unit_test(
		    rdata_next_field__every_layout__all_letters_in_order),
		cmocka_unit_test(rdata_next_field__malformed__stops_not_done),
		cmocka_unit_test(rdata_layout__every_row__as_in_the_table),
		cmocka_unit_test(rdata_is_meta__every_type__never_storable),
		cmocka_unit_test(rdata_check__unknown_type__any_bytes),
		cmocka_unit_test(rdata_check__malformed__reason_says_where),
		cmocka_unit_test(rdata_check__odd_values__as_their_rfcs_say),
		cmocka_unit_test(rdata_check__loc__version_digits_and_angles),
		cmocka_unit_test(rdata_check__random_bytes__ends),
		cmocka_unit_test(rdata_read__compressed__expanded_or_refused),
		cmocka_unit_test(
		    rdata_read__name_ends_behind_rdata__malformed),
		cmocka_unit_test(rdata_read__little_room__no_room),
		cmocka_unit_test(rdata_read__every_layout__same_bytes),
		cmocka_unit_test(rdata_equal__case_differs__only_in_names),
		cmocka_unit_test(
		    rdata_equal__string_lengths_differ_like_case__not_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
