/*
 * update: RFC 2136 as far as the message alone decides. Messages go through
 * message_parse first, as they do at the door.
 */
#include "unit/unit.h"

#include "dns/rcode.h"
#include "dns/rdata.h"
#include "unit/packet.h"
#include "update/update.h"

enum { PREREQ = 1, CHANGE = 2 }; /* sections */

static struct arena arena;
static struct dname apex;
static struct packet packet;
static struct request request;
static struct update_refusal refusal;

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return dname_parse(&apex, "e164.example.", 13, NULL);
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

/* An UPDATE for a zone, without records. */
static void
begin(const char *zone, unsigned type, unsigned class_)
{
	packet_begin(&packet, 0x4711, OPCODE_UPDATE << 11);
	packet_name(&packet, zone);
	packet_u16(&packet, type);
	packet_u16(&packet, class_);
}

static void
begin_plain(void)
{
	begin("e164.example.", TYPE_SOA, CLASS_IN);
}

static enum status
read_packet(void)
{
	static struct message m;

	request = (struct request){ .door = DOOR_UPDATE };
	refusal = (struct update_refusal){ .cause = CAUSE_NONE };
	assert_int_equal(message_parse(&m, packet.bytes, packet.len), OK);
	return update_read(&arena, &request, &m, &apex, &refusal);
}

/* Refused, with words. */
static void
assert_refused(enum cause cause)
{
	assert_int_equal(read_packet(), ERR_REFUSED);
	assert_int_equal(refusal.cause, cause);
	assert_true(refusal.reason.text[0] != '\0');
}

static void
assert_owner(struct blob owner, const char *text)
{
	char got[NAME_TEXT_MAX];

	assert_string_equal(owner_format(got, sizeof got, owner, &apex), text);
}

/* --- 3.1 */

/* RFC 2136 3.1.1: the zone section is one SOA, else FORMERR. */
static void
update_read__zone_type_not_soa__formerr(void **state)
{
	const unsigned types[] = { TYPE_A, TYPE_NS, TYPE_ANY, TYPE_AXFR, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		begin("e164.example.", types[i], CLASS_IN);
		assert_refused(CAUSE_FORMAT);
	}
}

/* RFC 2136 3.1.2: another zone, or another class: NOTAUTH. */
static void
update_read__zone_not_ours__notauth(void **state)
{
	static const char *const zones[] = { "example.", ".", "x.e164.example.",
		"w.w.e164.example.", "e164.example.org." };
	const unsigned classes[] = { 0, CLASS_CH, 4, CLASS_NONE, CLASS_ANY };

	(void)state;
	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
		begin(zones[i], TYPE_SOA, CLASS_IN);
		assert_refused(CAUSE_NOT_OUR_ZONE);
	}
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		begin("e164.example.", TYPE_SOA, classes[i]);
		assert_refused(CAUSE_NOT_OUR_ZONE);
	}
	assert_int_equal(cause_rcode(CAUSE_NOT_OUR_ZONE), RCODE_NOTAUTH);
}

/* The zone and the whois zone below it, in any case; empty is a request. */
static void
update_read__our_zones__taken(void **state)
{
	static const char *const zones[] = { "e164.example.", "E164.Example.",
		"w.e164.example.", "W.E164.EXAMPLE." };

	(void)state;
	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
		begin(zones[i], TYPE_SOA, CLASS_IN);
		assert_int_equal(read_packet(), OK);
		assert_int_equal(request.n_prereqs + request.n_changes, 0);
	}
}

/* --- names */

/* RFC 2136 3.2, 3.4.1.3: names outside of the zone section's zone: NOTZONE. */
static void
update_read__name_outside__notzone(void **state)
{
	(void)state;
	for (unsigned section = PREREQ; section <= CHANGE; section++) {
		begin_plain();
		packet_record(&packet, section, "1.example.", TYPE_TXT,
		    CLASS_ANY, 0, NULL, 0);
		assert_refused(CAUSE_OUTSIDE_ZONE);
		begin("w.e164.example.", TYPE_SOA, CLASS_IN);
		packet_record(&packet, section, "1.e164.example.", TYPE_TXT,
		    CLASS_ANY, 0, NULL, 0);
		assert_refused(CAUSE_OUTSIDE_ZONE);
	}
	assert_int_equal(cause_rcode(CAUSE_OUTSIDE_ZONE), RCODE_NOTZONE);
}

/* Zone Z takes the names below w too; owners are in lower case. */
static void
update_read__names__owners_in_lower_case(void **state)
{
	(void)state;
	begin_plain();
	packet_record(&packet, PREREQ, "e164.example.", TYPE_ANY, CLASS_ANY, 0,
	    NULL, 0);
	packet_record(&packet, CHANGE, "HoSt.E164.example.", TYPE_TXT,
	    CLASS_IN, 60, "\1x", 2);
	packet_record(&packet, CHANGE, "2.1.w.e164.example.", TYPE_TXT,
	    CLASS_IN, 60, "\1x", 2);
	assert_int_equal(read_packet(), OK);
	assert_int_equal(request.n_prereqs, 1);
	assert_int_equal(request.n_changes, 2);
	assert_int_equal(request.prereqs[0].owner.len, 0);
	assert_owner(request.changes[0].owner, "host.e164.example.");
	assert_owner(request.changes[1].owner, "2.1.w.e164.example.");
}

/* Everything of a record arrives as it was sent. */
static void
update_read__records__in_order_and_whole(void **state)
{
	(void)state;
	begin_plain();
	packet_record(&packet, PREREQ, "a.e164.example.", TYPE_TXT, CLASS_IN, 0,
	    "\1p", 2);
	packet_record(&packet, PREREQ, "a.e164.example.", TYPE_A, CLASS_NONE,
	    0, NULL, 0);
	packet_record(&packet, CHANGE, "a.e164.example.", TYPE_A, CLASS_IN,
	    300, "\300\0\2\1", 4);
	packet_record(&packet, CHANGE, "b.e164.example.", TYPE_ANY, CLASS_ANY,
	    0, NULL, 0);
	packet_record(&packet, CHANGE, "b.e164.example.", TYPE_TXT, CLASS_NONE,
	    0, "\1q", 2);
	assert_int_equal(read_packet(), OK);
	assert_int_equal(request.n_prereqs, 2);
	assert_int_equal(request.n_changes, 3);
	assert_memory_equal(request.prereqs[0].rdata.data, "\1p", 2);
	assert_int_equal(request.prereqs[1].rclass, CLASS_NONE);
	assert_int_equal(request.prereqs[1].rdata.len, 0);
	assert_int_equal(request.changes[0].ttl, 300);
	assert_int_equal(request.changes[0].type, TYPE_A);
	assert_int_equal(request.changes[1].type, TYPE_ANY);
	assert_int_equal(request.changes[2].rclass, CLASS_NONE);
	assert_memory_equal(request.changes[2].rdata.data, "\1q", 2);
	/* a name that comes again in a row is kept once */
	assert_ptr_equal(request.changes[1].owner.data,
	    request.changes[2].owner.data);
}

/* RFC 3597 4: compressed names in rdata are written out. */
static void
update_read__compressed_rdata__expanded(void **state)
{
	static const uint8_t rdata[] = { 0, 10, 2, 'm', 'x', 0xc0, 12 };
	static const uint8_t whole[] = "\0\12\2mx\4e164\7example";

	(void)state;
	begin_plain();
	packet_record(&packet, CHANGE, "a.e164.example.", TYPE_MX, CLASS_IN,
	    60, rdata, sizeof rdata);
	assert_int_equal(read_packet(), OK);
	assert_int_equal(request.changes[0].rdata.len, sizeof whole);
	assert_memory_equal(request.changes[0].rdata.data, whole,
	    sizeof whole);
}

/* --- 3.2, 3.4.1: form */

struct form {
	unsigned section, type, class_, ttl;
	const char *rdata;
	size_t len;
};

/* RFC 2136 3.2, 3.4.1.2: what makes a record FORMERR. */
static void
update_read__form__formerr(void **state)
{
	static const struct form rows[] = {
		/* a class that has no meaning */
		{ PREREQ, TYPE_TXT, CLASS_CH, 0, "", 0 },
		{ PREREQ, TYPE_TXT, 0, 0, "", 0 },
		{ CHANGE, TYPE_TXT, CLASS_CH, 0, "\1x", 2 },
		{ CHANGE, TYPE_TXT, 65535, 0, "\1x", 2 },
		/* prerequisites have no TTL; ANY and NONE no data */
		{ PREREQ, TYPE_TXT, CLASS_IN, 1, "\1x", 2 },
		{ PREREQ, TYPE_TXT, CLASS_ANY, 1, "", 0 },
		{ PREREQ, TYPE_TXT, CLASS_NONE, 1, "", 0 },
		{ PREREQ, TYPE_TXT, CLASS_ANY, 0, "\1x", 2 },
		{ PREREQ, TYPE_TXT, CLASS_NONE, 0, "\1x", 2 },
		/* types that no record has */
		{ PREREQ, TYPE_ANY, CLASS_IN, 0, "x", 1 },
		{ PREREQ, TYPE_AXFR, CLASS_ANY, 0, "", 0 },
		{ CHANGE, TYPE_ANY, CLASS_IN, 0, "x", 1 },
		{ CHANGE, TYPE_ANY, CLASS_NONE, 0, "x", 1 },
		{ CHANGE, TYPE_AXFR, CLASS_ANY, 0, "", 0 },
		{ CHANGE, TYPE_MAILB, CLASS_NONE, 0, "x", 1 },
		{ CHANGE, 0, CLASS_IN, 60, "x", 1 },
		/* deletes have no TTL, those of a set no data */
		{ CHANGE, TYPE_TXT, CLASS_ANY, 1, "", 0 },
		{ CHANGE, TYPE_TXT, CLASS_ANY, 0, "\1x", 2 },
		{ CHANGE, TYPE_TXT, CLASS_NONE, 1, "\1x", 2 },
		/* data that its type does not have */
		{ PREREQ, TYPE_TXT, CLASS_IN, 0, "", 0 },
		{ CHANGE, TYPE_TXT, CLASS_IN, 60, "\5x", 2 },
		{ CHANGE, TYPE_TXT, CLASS_NONE, 0, "", 0 },
		{ CHANGE, TYPE_A, CLASS_IN, 60, "\1\2\3", 3 },
		{ CHANGE, TYPE_NS, CLASS_IN, 60, "\3abc", 4 },
		{ CHANGE, TYPE_NS, CLASS_IN, 60, "\xc0\xff", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct form *row = &rows[i];
		begin_plain();
		packet_record(&packet, row->section, "a.e164.example.",
		    row->type, row->class_, row->ttl, row->rdata, row->len);
		assert_refused(CAUSE_FORMAT);
	}
}

/* What a door makes of a PIN stands at the same name with another type: that
 * one is never taken from a message. */
static void
update_read__pseudo_name_not_text__refused(void **state)
{
	static const char *const names[] = { "_pin.2.1.e164.example.",
		"_has.2.1.e164.example.", "_code.2.1.e164.example." };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		begin_plain();
		packet_record(&packet, CHANGE, names[i], 65282, CLASS_IN, 0,
		    "x", 1);
		assert_refused(CAUSE_RESERVED_NAME);
		begin_plain();
		packet_record(&packet, CHANGE, names[i], TYPE_TXT, CLASS_IN,
		    0, "\1x", 2);
		assert_int_equal(read_packet(), OK);
	}
}

/* A message may grow when its names are written out, but not over
 * REQUEST_BYTES_MAX. */
static void
update_read__expands_without_end__refused(void **state)
{
	char label[64];
	char name[DNAME_MAX + 1];

	(void)state;
	memset(label, 'x', 63);
	label[63] = '\0';
	snprintf(name, sizeof name, "%s.%s.%.63s.%.40s.e164.example.", label,
	    label, label, label);
	begin_plain();
	size_t at = packet.len;
	packet_record(&packet, CHANGE, name, TYPE_TXT, CLASS_ANY, 0, NULL, 0);
	while (packet.len + 16 < MESSAGE_MAX) {
		/* rdata of two names, each two bytes long here */
		packet_u16(&packet, 0xc000 | (unsigned)at);
		packet_u16(&packet, TYPE_RP);
		packet_u16(&packet, CLASS_IN);
		packet_u32(&packet, 60);
		packet_u16(&packet, 4);
		packet_u16(&packet, 0xc000 | (unsigned)at);
		packet_u16(&packet, 0xc000 | (unsigned)at);
		packet_count(&packet, CHANGE, 1);
	}
	assert_refused(CAUSE_TOO_LARGE);
}

/* --- answers */

/* RFC 2136 3.8: ID, opcode, zone section; RFC 8914: why, with EDNS only. */
static void
update_reply__refused__reason_for_edns(void **state)
{
	static const char words[] = "not the holder";
	uint8_t out[UPDATE_REPLY_MAX];
	struct message m;
	struct message reply;

	(void)state;
	begin_plain();
	assert_int_equal(message_parse(&m, packet.bytes, packet.len), OK);
	size_t plain = update_reply(&m, RCODE_REFUSED, words, out, sizeof out,
	    100);
	assert_int_equal(plain, packet.len);
	assert_int_equal(message_parse(&reply, out, plain), OK);
	assert_int_equal(reply.id, 0x4711);
	assert_int_equal(message_opcode(&reply), OPCODE_UPDATE);
	assert_int_equal(reply.flags & FLAG_RCODE, RCODE_REFUSED);
	assert_int_equal(reply.qtype, TYPE_SOA);

	packet_opt(&packet, 1232, 0, NULL, 0);
	assert_int_equal(message_parse(&m, packet.bytes, packet.len), OK);
	size_t len = update_reply(&m, RCODE_REFUSED, words, out, sizeof out,
	    100);
	assert_int_equal(len, plain + EDNS_LEN + EDNS_ERROR_LEN +
	    sizeof words - 1);
	assert_memory_equal(out + len - sizeof words + 1, words,
	    sizeof words - 1);
	assert_int_equal(out[len - sizeof words], EDNS_ERROR_PROHIBITED);
	len = update_reply(&m, RCODE_NOERROR, "", out, sizeof out, 100);
	assert_int_equal(len, plain + EDNS_LEN);
}

/* The answer leaves the room that its signature needs; words are cut to what
 * is left, between two characters. */
static void
update_reply__little_room__words_cut(void **state)
{
	char words[600];
	uint8_t out[1024];
	struct message m;

	(void)state;
	for (size_t i = 0; i + 2 < sizeof words; i += 2)
		memcpy(words + i, "\303\244", 3);
	begin_plain();
	packet_opt(&packet, 512, 0, NULL, 0);
	assert_int_equal(message_parse(&m, packet.bytes, packet.len), OK);
	size_t long_len = update_reply(&m, RCODE_SERVFAIL, words, out,
	    sizeof out, 100);
	assert_true(long_len <= sizeof out - 100);
	size_t len = update_reply(&m, RCODE_SERVFAIL, words, out, 612, 100);
	assert_true(len <= 512);
	assert_int_equal(out[len - 1], 0244);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(update_read__zone_type_not_soa__formerr),
		CASE(update_read__zone_not_ours__notauth),
		CASE(update_read__our_zones__taken),
		CASE(update_read__name_outside__notzone),
		CASE(update_read__names__owners_in_lower_case),
		CASE(update_read__records__in_order_and_whole),
		CASE(update_read__compressed_rdata__expanded),
		CASE(update_read__form__formerr),
		CASE(update_read__pseudo_name_not_text__refused),
		CASE(update_read__expands_without_end__refused),
		CASE(update_reply__refused__reason_for_edns),
		CASE(update_reply__little_room__words_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
