/*
 * dns/message: taking a message apart, strictly.
 */
#include "unit/unit.h"

#include "dns/message.h"
#include "unit/packet.h"

#include <stdlib.h>

static struct packet p;
static struct message m;

static enum status
parse(void)
{
	return message_parse(&m, p.bytes, p.len);
}

/* RFC 1035 4.1: header and question are found where they stand. */
static void
message_parse__plain_query__fields(void **state)
{
	(void)state;
	packet_query(&p, "3.2.1.e164.example.", 35);
	p.bytes[2] = 0x01; /* RD */
	assert_int_equal(parse(), OK);
	assert_int_equal(m.id, 0x1234);
	assert_int_equal(m.flags, FLAG_RD);
	assert_int_equal(message_opcode(&m), OPCODE_QUERY);
	assert_int_equal(m.qname_len, 20);
	assert_memory_equal(message_qname(&m), "\1""3\1""2\1""1\4e164", 11);
	assert_int_equal(m.qtype, 35);
	assert_int_equal(m.qclass, 1);
	assert_false(m.edns.is_present);
	assert_int_equal(m.tsig, 0);
}

/* Rule: every prefix of a message is refused, with no byte read behind it
 * (the sanitizer looks). */
static void
message_parse__cut_anywhere__malformed(void **state)
{
	(void)state;
	packet_query(&p, "3.2.1.e164.example.", 35);
	packet_opt(&p, 1232, 0, "\0\12\0\4abcd", 8);
	packet_tsig(&p, "key.example.");
	for (size_t len = MESSAGE_HEADER; len < p.len; len++) {
		uint8_t *exact = malloc(len);
		assert_non_null(exact);
		memcpy(exact, p.bytes, len);
		assert_int_equal(message_parse(&m, exact, len), ERR_MALFORMED);
		free(exact);
	}
	assert_int_equal(parse(), OK);
}

/* Rule: what is left over behind the last record is no message of ours. */
static void
message_parse__trailing_byte__malformed(void **state)
{
	(void)state;
	packet_query(&p, "e164.example.", 6);
	packet_u8(&p, 0);
	assert_int_equal(parse(), ERR_MALFORMED);
	assert_int_equal(m.qname_len, 14); /* still there for the answer */
}

/* RFC 1035 4.1.2 in practice: exactly one question. */
static void
message_parse__question_count__one_only(void **state)
{
	(void)state;
	packet_query(&p, "e164.example.", 6);
	packet_count(&p, 0, 1);
	assert_int_equal(parse(), ERR_MALFORMED);
	assert_int_equal(m.qname_len, 0);
	packet_query(&p, "e164.example.", 6);
	p.bytes[5] = 0;
	assert_int_equal(parse(), ERR_MALFORMED);
}

/* RFC 1035 4.1.4: a pointer in QNAME has nothing in front to point to. */
static void
message_parse__pointer_in_qname__malformed(void **state)
{
	(void)state;
	packet_begin(&p, 1, 0);
	packet_u8(&p, 0xc0);
	packet_u8(&p, 12);
	packet_u16(&p, 1);
	packet_u16(&p, 1);
	assert_int_equal(parse(), ERR_MALFORMED);
	assert_int_equal(m.qname_len, 0);
}

/* RFC 1035 2.3.4: labels to 63 bytes, names to 255. */
static void
message_parse__name_limits__255_and_63(void **state)
{
	static const unsigned last[] = { 61, 62 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		packet_begin(&p, 1, 0);
		for (int n = 0; n < 3; n++) {
			packet_u8(&p, 63);
			for (int c = 0; c < 63; c++)
				packet_u8(&p, 'a');
		}
		packet_u8(&p, last[i]);
		for (unsigned c = 0; c < last[i]; c++)
			packet_u8(&p, 'b');
		packet_u8(&p, 0);
		packet_u16(&p, 1);
		packet_u16(&p, 1);
		assert_int_equal(parse(), i == 0 ? OK : ERR_MALFORMED);
		assert_int_equal(m.qname_len, i == 0 ? 255 : 0);
	}
	packet_begin(&p, 1, 0);
	packet_u8(&p, 64);
	for (int c = 0; c < 64; c++)
		packet_u8(&p, 'a');
	packet_u8(&p, 0);
	packet_u32(&p, 0x00010001);
	assert_int_equal(parse(), ERR_MALFORMED);
}

/* RFC 6891 6.1.1: a second OPT is FORMERR; the answer still has one. */
static void
message_parse__two_opts__malformed(void **state)
{
	(void)state;
	packet_query(&p, "e164.example.", 6);
	packet_opt(&p, 1232, 0, NULL, 0);
	packet_opt(&p, 1232, 0, NULL, 0);
	assert_int_equal(parse(), ERR_MALFORMED);
	assert_true(m.edns.is_present);
}

/* RFC 6891 6.1.2: the owner of OPT MUST be the root. */
static void
message_parse__opt_not_at_root__malformed(void **state)
{
	(void)state;
	packet_query(&p, "e164.example.", 6);
	packet_record(&p, 3, "a.", 41, 1232, 0, NULL, 0);
	assert_int_equal(parse(), ERR_MALFORMED);
}

/* RFC 6891 6.1.1: OPT stands in the additional section. */
static void
message_parse__opt_in_answer__malformed(void **state)
{
	(void)state;
	packet_query(&p, "e164.example.", 6);
	packet_record(&p, 1, NULL, 41, 1232, 0, NULL, 0);
	assert_int_equal(parse(), ERR_MALFORMED);
}

/* RFC 8945 5.1: TSIG must be the last record, and there is one at most. */
static void
message_parse__tsig_not_last__malformed(void **state)
{
	(void)state;
	packet_query(&p, "e164.example.", 6);
	packet_tsig(&p, "key.");
	size_t at = 12 + 14 + 4;
	assert_int_equal(parse(), OK);
	assert_int_equal(m.tsig, at);
	packet_opt(&p, 1232, 0, NULL, 0);
	assert_int_equal(parse(), ERR_MALFORMED);
	packet_query(&p, "e164.example.", 6);
	packet_tsig(&p, "key.");
	packet_tsig(&p, "key.");
	assert_int_equal(parse(), ERR_MALFORMED);
}

/* RFC 1035 4.1.4: owners may be compressed, but only backwards. */
static void
message_parse__owner_pointers__backwards_only(void **state)
{
	static const struct {
		unsigned to;
		enum status status;
	} cases[] = { { 12, OK }, { 30, ERR_MALFORMED }, { 31, ERR_MALFORMED },
		{ 0x3fff, ERR_MALFORMED }, { 0, ERR_MALFORMED } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		packet_query(&p, "e164.example.", 6);
		assert_int_equal(p.len, 30);
		packet_u16(&p, 0xc000 | cases[i].to);
		packet_u16(&p, 1);
		packet_u16(&p, 1);
		packet_u32(&p, 0);
		packet_u16(&p, 0);
		packet_count(&p, 3, 1);
		assert_int_equal(parse(), cases[i].status);
	}
}

/* Rule: counts that promise more than there is cost nothing. */
static void
message_parse__counts_of_65535__malformed(void **state)
{
	(void)state;
	packet_query(&p, "e164.example.", 6);
	packet_count(&p, 3, 65535);
	assert_int_equal(parse(), ERR_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_parse__plain_query__fields),
		cmocka_unit_test(message_parse__cut_anywhere__malformed),
		cmocka_unit_test(message_parse__trailing_byte__malformed),
		cmocka_unit_test(message_parse__question_count__one_only),
		cmocka_unit_test(message_parse__pointer_in_qname__malformed),
		cmocka_unit_test(message_parse__name_limits__255_and_63),
		cmocka_unit_test(message_parse__two_opts__malformed),
		cmocka_unit_test(message_parse__opt_not_at_root__malformed),
		cmocka_unit_test(message_parse__opt_in_answer__malformed),
		cmocka_unit_test(message_parse__tsig_not_last__malformed),
		cmocka_unit_test(message_parse__owner_pointers__backwards_only),
		cmocka_unit_test(message_parse__counts_of_65535__malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
