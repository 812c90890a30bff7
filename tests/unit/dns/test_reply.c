/*
 * dns/reply: answers that grow, compress and are cut.
 */
#include "unit/unit.h"

#include "dns/name.h"
#include "dns/rcode.h"
#include "dns/reply.h"
#include "unit/packet.h"

enum { A = 1, NS = 2, SOA = 6, MX = 15, TXT = 16, QUESTION = 12 };

static struct packet query;
static struct message m;
static struct reply r;
static uint8_t out[4096];

static void
begin(size_t max)
{
	assert_int_equal(message_parse(&m, query.bytes, query.len), OK);
	reply_init(&r, &m, out, sizeof out, max);
}

/* A record at the tail, its owner a pointer; its length. */
static size_t
put(unsigned at_len, unsigned type, const struct packet *rdata)
{
	uint8_t *p = reply_tail(&r) + at_len;

	memcpy(p, "\xc0\x0c\0\0\0\1\0\0\1\54", 10);
	p[3] = (uint8_t)type;
	p[10] = (uint8_t)(rdata->len >> 8);
	p[11] = (uint8_t)rdata->len;
	memcpy(p + 12, rdata->bytes, rdata->len);
	return 12 + rdata->len;
}

static size_t
put_ns(unsigned at_len, const char *target)
{
	static struct packet rdata;

	rdata.len = 0;
	packet_name(&rdata, target);
	return put(at_len, NS, &rdata);
}

/* RFC 1035 4.1.1: ID, opcode, RD and CD come back, the rest is ours. */
static void
reply_init__flags__rd_and_cd_only(void **state)
{
	(void)state;
	packet_query(&query, "Ab.e164.Example.", A);
	query.bytes[2] = 0x7f; /* opcode 15, AA, TC, RD */
	query.bytes[3] = 0xff;
	begin(512);
	size_t len = reply_finish(&r, RCODE_REFUSED, EDNS_ERROR_NONE);
	assert_int_equal(len, query.len);
	assert_memory_equal(out, "\x12\x34\xf9\x15\0\1\0\0\0\0\0\0", 12);
	/* the question as it came, case and all */
	assert_memory_equal(out + 12, query.bytes + 12, len - 12);
}

/* RFC 1035 4.1.4: names in NS are compressed, against the question and
 * against each other, without regard to case. */
static void
reply_take__ns_records__compressed(void **state)
{
	(void)state;
	packet_query(&query, "e164.EXAMPLE.", NS);
	begin(512);
	size_t start = r.len;
	size_t len = put_ns(0, "ns1.e164.example.");
	len += put_ns((unsigned)len, "ns1.other.example.");
	len += put_ns((unsigned)len, "e164.example.");
	len += put_ns((unsigned)len, "a.ns1.other.example.");
	assert_true(reply_take(&r, SECTION_ANSWER, NS, 4, len));
	const uint8_t *p = out + start;
	assert_memory_equal(p + 10, "\0\6\3ns1\xc0\x0c", 8);
	p += 18;
	size_t other = (size_t)(p - out) + 12;
	assert_memory_equal(p + 10, "\0\14\3ns1\5other\xc0\x11", 14);
	p += 24;
	assert_memory_equal(p + 10, "\0\2\xc0\x0c", 4);
	p += 14;
	assert_memory_equal(p + 10, "\0\4\1a\xc0", 5);
	assert_int_equal(p[15], other);
	assert_int_equal(r.len, (size_t)(p + 16 - out));
	assert_int_equal(r.counts[SECTION_ANSWER], 4);
}

/* RFC 1035 3.3.13: both names of SOA; the five numbers stay. */
static void
reply_take__soa__both_names(void **state)
{
	static struct packet rdata;

	(void)state;
	packet_query(&query, "e164.example.", SOA);
	begin(512);
	size_t start = r.len;
	rdata.len = 0;
	packet_name(&rdata, "update.e164.example.");
	packet_name(&rdata, "hostmaster.e164.example.");
	packet_put(&rdata, "SERLREFRRETREXPIMINI", 20);
	size_t len = put(0, SOA, &rdata);
	assert_true(reply_take(&r, SECTION_ANSWER, SOA, 1, len));
	assert_memory_equal(out + start + 10,
	    "\0\52\6update\xc0\x0c\12hostmaster\xc0\x0cSERLREFRRETREXPIMINI",
	    44);
}

/* RFC 3597 4: no other type is touched. */
static void
reply_take__txt__as_it_is(void **state)
{
	static struct packet rdata;

	(void)state;
	packet_query(&query, "e164.example.", TXT);
	begin(512);
	size_t start = r.len;
	rdata.len = 0;
	packet_name(&rdata, "e164.example.");
	size_t len = put(0, TXT, &rdata);
	assert_true(reply_take(&r, SECTION_ANSWER, TXT, 1, len));
	assert_int_equal(r.len, start + 12 + rdata.len);
	assert_memory_equal(out + start + 12, rdata.bytes, rdata.len);
}

/* Rule: records count as they are sent, after compression; what does not fit
 * leaves no trace, not in the names to point to either. */
static void
reply_take__over_the_limit__nothing_added(void **state)
{
	(void)state;
	packet_query(&query, "e164.example.", NS);
	begin(512);
	r.limit = r.len + 18;
	size_t before = r.len;
	assert_true(reply_room(&r, NS) > 1000);
	assert_int_equal(reply_room(&r, TXT), 18);
	size_t len = put_ns(0, "ns12.e164.example.");
	assert_false(reply_take(&r, SECTION_ANSWER, NS, 1, len));
	assert_int_equal(r.len, before);
	assert_int_equal(r.names.n, 0);
	assert_int_equal(r.counts[SECTION_ANSWER], 0);
	len = put_ns(0, "ns1.e164.example.");
	assert_true(reply_take(&r, SECTION_ANSWER, NS, 1, len));
	assert_int_equal(r.len, r.limit);
}

/* RFC 1035 4.1.4: no pointer reaches beyond 16,383. */
static void
reply_take__behind_16k__no_pointer_to_it(void **state)
{
	static uint8_t large[65535];

	(void)state;
	packet_query(&query, "e164.example.", NS);
	assert_int_equal(message_parse(&m, query.bytes, query.len), OK);
	reply_init(&r, &m, large, sizeof large, sizeof large);
	memset(reply_tail(&r), 0, 0x4000);
	r.len = 0x3ffe - 12; /* rdata at 0x3ffe: "x" still, "y" no more */
	size_t len = put_ns(0, "x.y.");
	len += put_ns((unsigned)len, "x.y.");
	len += put_ns((unsigned)len, "y.");
	assert_true(reply_take(&r, SECTION_ANSWER, NS, 3, len));
	assert_memory_equal(large + 0x3ffe, "\1x\1y", 5);
	assert_memory_equal(large + 0x3ffe + 5 + 10, "\0\2\xff\xfe", 4);
	assert_memory_equal(large + 0x3ffe + 5 + 14 + 10, "\0\3\1y", 5);
}

/* RFC 2181 9: TC, and nothing but the question and OPT. */
static void
reply_truncate__after_records__question_and_opt(void **state)
{
	(void)state;
	packet_query(&query, "e164.example.", NS);
	packet_opt(&query, 1232, 0, NULL, 0);
	begin(512);
	size_t len = put_ns(0, "ns1.e164.example.");
	assert_true(reply_take(&r, SECTION_ANSWER, NS, 1, len));
	reply_truncate(&r);
	len = reply_finish(&r, RCODE_NOERROR, EDNS_ERROR_NONE);
	assert_int_equal(len, 12 + 14 + 4 + EDNS_LEN);
	assert_memory_equal(out + 2, "\x82\0\0\1\0\0\0\0\0\1", 10);
}

/* Rule: a pointer to the end of a name that itself has pointers. */
static void
reply_suffix__compressed_name__follows(void **state)
{
	(void)state;
	packet_query(&query, "e164.example.", NS);
	begin(512);
	size_t target = r.len + 12;
	size_t len = put_ns(0, "a.b.e164.example.");
	assert_true(reply_take(&r, SECTION_ANSWER, NS, 1, len));
	assert_int_equal(reply_suffix(&r, target, 0), target);
	assert_int_equal(reply_suffix(&r, target, 1), target + 2);
	assert_int_equal(reply_suffix(&r, target, 2), QUESTION);
	assert_int_equal(reply_suffix(&r, target, 3), QUESTION + 5);
	assert_true(reply_names_equal(&r, QUESTION,
	    reply_suffix(&r, target, 2)));
	assert_false(reply_names_equal(&r, QUESTION, target));
}

/* RFC 6891 7, RFC 8914 2: OPT has its place kept; an extended error goes in
 * only when it fits. */
static void
reply_finish__full_answer__opt_without_error(void **state)
{
	static struct packet rdata;

	(void)state;
	packet_query(&query, "e164.example.", TXT);
	packet_opt(&query, 512, 0, NULL, 0);
	begin(512);
	rdata.len = reply_room(&r, TXT) - 12;
	size_t len = put(0, TXT, &rdata);
	assert_true(reply_take(&r, SECTION_ANSWER, TXT, 1, len));
	len = reply_finish(&r, RCODE_NOERROR, EDNS_ERROR_PROHIBITED);
	assert_int_equal(len, 512);
	assert_memory_equal(out + 512 - EDNS_LEN, "\0\0\51\4\320\0\0\0\0\0\0",
	    EDNS_LEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reply_init__flags__rd_and_cd_only),
		cmocka_unit_test(reply_take__ns_records__compressed),
		cmocka_unit_test(reply_take__soa__both_names),
		cmocka_unit_test(reply_take__txt__as_it_is),
		cmocka_unit_test(reply_take__over_the_limit__nothing_added),
		cmocka_unit_test(reply_take__behind_16k__no_pointer_to_it),
		cmocka_unit_test(
		    reply_truncate__after_records__question_and_opt),
		cmocka_unit_test(reply_suffix__compressed_name__follows),
		cmocka_unit_test(reply_finish__full_answer__opt_without_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
