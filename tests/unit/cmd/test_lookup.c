/*
 * Answers to a stub resolver: right ones, other people's, and bad ones.
 */
#include "unit/unit.h"

#include "cmd/lookup.h"

#include "base/check.h"
#include "dns/rdata.h"

static uint8_t query_bytes[LOOKUP_QUERY_MAX];
static uint8_t bytes[8192]; /* of answer() */

static struct blob
query(void)
{
	struct dname name;

	require(dname_parse(&name, "3.2.1.e164.example.", 19, NULL) == OK);
	return (struct blob){ query_bytes, lookup_query(query_bytes, 0x1234,
	    &name, TYPE_TXT) };
}

/* The query as an answer with flags and n TXT records "x". */
static struct blob
answer(unsigned flags, unsigned n)
{
	struct blob asked = query();
	size_t question_len = asked.len - 11;
	struct writer w = writer_make(bytes, sizeof bytes);

	write_bytes(&w, asked.data, question_len);
	for (unsigned i = 0; i < n; i++) {
		write_u16(&w, 0xc00c);
		write_u16(&w, TYPE_TXT);
		write_u16(&w, CLASS_IN);
		write_u32(&w, 300);
		write_u16(&w, 2);
		write_u8(&w, 1);
		write_u8(&w, 'x');
	}
	put_u16(bytes + 2, (uint16_t)flags);
	put_u16(bytes + 6, (uint16_t)n);
	put_u16(bytes + 10, 0);
	require(!w.bad);
	return (struct blob){ bytes, writer_len(&w) };
}

/* RFC 1035 4.1: header, one question, RFC 6891: OPT. */
static void
lookup_query__name_and_type__a_message(void **state)
{
	(void)state;
	struct blob asked = query();
	assert_int_equal(asked.len, 12 + 20 + 4 + 11);
	assert_memory_equal(asked.data, "\x12\x34\0\0\0\1\0\0\0\0\0\1\1" "3",
	    14);
}

static void
lookup_read__answer__records_and_rcode(void **state)
{
	static struct lookup out;

	(void)state;
	assert_int_equal(lookup_read(&out, query(), answer(0x8400, 3)), OK);
	assert_int_equal(out.n, 3);
	assert_int_equal(out.rcode, 0);
	assert_int_equal(out.rdatas[2].len, 2);
	assert_memory_equal(out.rdatas[2].data, "\1x", 2);
	assert_int_equal(lookup_read(&out, query(), answer(0x8403, 0)), OK);
	assert_int_equal(out.rcode, 3);
	assert_int_equal(out.n, 0);
}

/* RFC 1035 7.3: what is no answer to the question is waited past. */
static void
lookup_read__not_to_the_question__waited_past(void **state)
{
	static struct lookup out;
	struct blob asked = query();

	(void)state;
	assert_int_equal(lookup_read(&out, asked, asked), ERR_NOT_FOUND);
	struct blob other = answer(0x8400, 1);
	bytes[0]++;
	assert_int_equal(lookup_read(&out, asked, other), ERR_NOT_FOUND);
	other = answer(0x8400, 1);
	bytes[13]++;
	assert_int_equal(lookup_read(&out, asked, other), ERR_NOT_FOUND);
	other.len = 11;
	assert_int_equal(lookup_read(&out, asked, other), ERR_NOT_FOUND);
}

/* RFC 2181 9: TC is asked for again over TCP; what is cut is refused. */
static void
lookup_read__cut_or_bad__refused(void **state)
{
	static struct lookup out;
	struct blob bad = answer(0x8600, 0);

	(void)state;
	assert_int_equal(lookup_read(&out, query(), bad), ERR_NO_ROOM);
	bad = answer(0x8400, 2);
	bad.len--;
	assert_int_equal(lookup_read(&out, query(), bad), ERR_MALFORMED);
	bad = answer(0x8400, 2);
	bytes[bad.len - 2] = 9; /* longer than its rdata */
	assert_int_equal(lookup_read(&out, query(), bad), ERR_MALFORMED);
	bad = answer(0x8400, RRSET_RECORDS_MAX + 1);
	assert_int_equal(lookup_read(&out, query(), bad), ERR_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookup_query__name_and_type__a_message),
		cmocka_unit_test(lookup_read__answer__records_and_rcode),
		cmocka_unit_test(lookup_read__not_to_the_question__waited_past),
		cmocka_unit_test(lookup_read__cut_or_bad__refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
