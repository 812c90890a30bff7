/*
 * dns/tsig: the record as a server without keys reads and writes it.
 */
#include "unit/unit.h"

#include "dns/message.h"
#include "dns/tsig.h"
#include "unit/packet.h"

static struct packet p;

static size_t
signed_query(void)
{
	packet_query(&p, "e164.example.", 6);
	size_t at = p.len;
	packet_tsig(&p, "Key.example.");
	return at;
}

/* RFC 8945 4.2: fields of the record. */
static void
tsig_read__record__fields(void **state)
{
	struct tsig tsig;

	(void)state;
	size_t at = signed_query();
	assert_int_equal(tsig_read(&tsig, p.bytes, p.len, at), OK);
	assert_int_equal(tsig.key.len, 13);
	assert_int_equal(tsig.algorithm.len, 13);
	assert_int_equal(tsig.time_signed_s, 1700000000u);
	assert_int_equal(tsig.fudge_s, 300);
	assert_int_equal(tsig.mac.len, 8);
	assert_memory_equal(tsig.mac.data, "MACMACMA", 8);
	assert_int_equal(tsig.original_id, 0x1234);
	assert_int_equal(tsig.other.len, 0);
}

/* RFC 8945 4.2: CLASS ANY, TTL 0, lengths that add up. */
static void
tsig_read__broken__malformed(void **state)
{
	struct tsig tsig;
	size_t at = signed_query();
	/* behind the 13 bytes of the key's name: type, class, TTL, RDLENGTH,
	 * then 13 bytes algorithm, 8 times, MAC size, 8 MAC, id, error, other */
	static const size_t wrong[] = { 1, 3, 7, 9, 10 + 13 + 9,
		10 + 13 + 23 };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		uint8_t *byte = p.bytes + at + 13 + wrong[i];
		*byte ^= 1;
		assert_int_equal(tsig_read(&tsig, p.bytes, p.len, at),
		    ERR_MALFORMED);
		*byte ^= 1;
	}
	assert_int_equal(tsig_read(&tsig, p.bytes, p.len, at), OK);
	for (size_t len = at; len < p.len; len++)
		assert_int_equal(tsig_read(&tsig, p.bytes, len, at),
		    ERR_MALFORMED);
}

/* RFC 8945 5.3.2: an error comes with the query's names and no MAC. */
static void
tsig_write_error__badkey__unsigned(void **state)
{
	struct tsig query;
	struct tsig answer;
	uint8_t out[200];

	(void)state;
	size_t at = signed_query();
	assert_int_equal(tsig_read(&query, p.bytes, p.len, at), OK);
	memset(out, 0, sizeof out);
	struct writer w = writer_make(out, sizeof out);
	w.pos += MESSAGE_HEADER;
	tsig_write_error(&w, &query, 17);
	assert_false(w.bad);
	assert_int_equal(out[11], 1); /* ARCOUNT */
	assert_int_equal(tsig_read(&answer, out, writer_len(&w),
	    MESSAGE_HEADER), OK);
	assert_int_equal(answer.mac.len, 0);
	assert_int_equal(answer.error, 17);
	assert_int_equal(answer.time_signed_s, 1700000000u);
	assert_true(dname_equal(&answer.key, &query.key));
	assert_true(dname_equal(&answer.algorithm, &query.algorithm));
	w = writer_make(out, 30);
	w.pos += MESSAGE_HEADER;
	tsig_write_error(&w, &query, 17);
	assert_true(w.bad);
	assert_int_equal(out[11], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tsig_read__record__fields),
		cmocka_unit_test(tsig_read__broken__malformed),
		cmocka_unit_test(tsig_write_error__badkey__unsigned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
