/*
 * dns/tsig: the record, checking requests, signing answers. RFC 8945; messages
 * of other implementations are in tsig_vectors.h.
 */
#include "unit/unit.h"

#include "dns/message.h"
#include "dns/rcode.h"
#include "dns/tsig.h"
#include "sec/mac.h"
#include "sec/sec.h"
#include "unit/dns/tsig_vectors.h"
#include "unit/packet.h"

enum {
	T = 1700000000, /* when dnspython signed */
	CAP = 2000,
};

static struct packet p;
static const struct tsig_env env = { .mac = &mac_ops_openssl,
	.mac_min = TSIG_MAC_MIN };

/* A message and what is read of it. */
struct fixture {
	uint8_t bytes[CAP];
	size_t len;
	struct message m;
	struct tsig tsig;
	struct tsig_key key;
	struct tsig_state state;
};

static unsigned
digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void
parse(struct fixture *f)
{
	assert_int_equal(message_parse(&f->m, f->bytes, f->len), OK);
	assert_true(f->m.tsig > 0);
	assert_int_equal(tsig_read(&f->tsig, f->bytes, f->len, f->m.tsig), OK);
}

static void
load(struct fixture *f, const char *hex)
{
	f->len = strlen(hex) / 2;
	for (size_t i = 0; i < f->len; i++)
		f->bytes[i] = (uint8_t)(digit(hex[2 * i]) << 4 |
		    digit(hex[2 * i + 1]));
	parse(f);
}

static void
make_key(struct tsig_key *key, enum mac_algorithm algorithm)
{
	uint8_t secret[32];

	for (size_t i = 0; i < sizeof secret; i++)
		secret[i] = (uint8_t)i;
	assert_int_equal(dname_parse(&key->name, "kEY.example.", 12, NULL),
	    OK);
	key->algorithm = algorithm;
	key->mac = mac_ops_openssl.prepare(algorithm, secret, sizeof secret);
}

static void
check(struct fixture *f)
{
	assert_int_equal(tsig_check(&f->state, &env, &f->m, &f->tsig, &f->key),
	    OK);
}

/* The message with its MAC cut to len bytes, everything else as it was. */
static void
cut_mac(struct fixture *f, size_t len)
{
	size_t at = (size_t)(f->tsig.mac.data - f->bytes);
	size_t cut = f->tsig.mac.len - len;
	size_t rdlen = f->m.tsig;

	memmove(f->bytes + at + len, f->bytes + at + f->tsig.mac.len,
	    f->len - at - f->tsig.mac.len);
	put_u16(f->bytes + at - 2, (uint16_t)len);
	/* RDLENGTH stands in front of the algorithm's name */
	rdlen = at - 10 - f->tsig.algorithm.len - 2;
	unsigned was = (unsigned)f->bytes[rdlen] << 8 | f->bytes[rdlen + 1];
	put_u16(f->bytes + rdlen, (uint16_t)(was - cut));
	f->len -= cut;
	parse(f);
}

/* An answer in out: the request without its TSIG, QR set. */
static struct writer
answer_to(const struct fixture *f, uint8_t *out, size_t cap)
{
	struct writer w = writer_make(out, cap);

	write_bytes(&w, f->bytes, f->m.tsig);
	out[2] |= 0x80;
	put_u16(out + 10, 0);
	return w;
}

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
	uint8_t out[200] = { 0 };

	(void)state;
	size_t at = signed_query();
	assert_int_equal(tsig_read(&query, p.bytes, p.len, at), OK);
	struct writer w = writer_make(out, sizeof out);
	w.pos += MESSAGE_HEADER;
	tsig_write_error(&w, &query, RCODE_BADKEY);
	assert_false(w.bad);
	assert_int_equal(out[11], 1); /* ARCOUNT */
	assert_int_equal(tsig_read(&answer, out, writer_len(&w),
	    MESSAGE_HEADER), OK);
	assert_int_equal(answer.mac.len, 0);
	assert_int_equal(answer.error, RCODE_BADKEY);
	assert_int_equal(answer.time_signed_s, 1700000000u);
	assert_true(dname_equal(&answer.key, &query.key));
	assert_true(dname_equal(&answer.algorithm, &query.algorithm));
}

/* No room: the message is left as it was. */
static void
tsig_write_error__no_room__message_unchanged(void **state)
{
	struct tsig query;
	uint8_t out[30] = { 0 };

	(void)state;
	size_t at = signed_query();
	assert_int_equal(tsig_read(&query, p.bytes, p.len, at), OK);
	struct writer w = writer_make(out, sizeof out);
	w.pos += MESSAGE_HEADER;
	tsig_write_error(&w, &query, RCODE_BADKEY);
	assert_true(w.bad);
	assert_int_equal(writer_len(&w), MESSAGE_HEADER);
	assert_int_equal(out[11], 0);
}

/* One request and its answer, by another implementation. */
struct row {
	enum mac_algorithm algorithm;
	const char *query;
	const char *reply;
};

static const struct row dnspython[] = {
	{ MAC_SHA1, query_sha1, reply_sha1 },
	{ MAC_SHA224, query_sha224, reply_sha224 },
	{ MAC_SHA256, query_sha256, reply_sha256 },
	{ MAC_SHA384, query_sha384, reply_sha384 },
	{ MAC_SHA512, query_sha512, reply_sha512 },
};

static const struct row captured[] = {
	{ MAC_SHA1, dig_sha1, NULL },
	{ MAC_SHA224, dig_sha224, NULL },
	{ MAC_SHA256, dig_sha256, NULL },
	{ MAC_SHA384, dig_sha384, NULL },
	{ MAC_SHA512, dig_sha512, NULL },
	{ MAC_SHA256, nsupdate_update, NULL },
	{ MAC_SHA256, knsupdate_update, NULL },
	{ MAC_SHA384, kdig_query, NULL },
};

enum {
	DNSPYTHON = sizeof dnspython / sizeof dnspython[0],
	CAPTURED = sizeof captured / sizeof captured[0],
};

/* 5.2, 4.3.3: what others sign is good, the key's name in any case, also
 * compressed; the full MAC is what they sent. */
static void
tsig_check__others_requests__good(void **state)
{
	static struct fixture f;

	(void)state;
	for (size_t i = 0; i < DNSPYTHON + CAPTURED; i++) {
		const struct row *row = i < DNSPYTHON ? &dnspython[i]
						      : &captured[i - DNSPYTHON];
		load(&f, row->query);
		make_key(&f.key, row->algorithm);
		check(&f);
		assert_int_equal(f.state.error, RCODE_NOERROR);
		assert_ptr_equal(f.state.key, &f.key);
		assert_int_equal(f.state.mac_full_len,
		    mac_len(row->algorithm));
		assert_memory_equal(f.state.mac, f.tsig.mac.data,
		    f.state.mac_full_len);
		assert_true(tsig_check_time(&f.state, f.tsig.time_signed_s));
		mac_ops_openssl.release(f.key.mac);
	}
}

/* 4.3.1: with the request's MAC in front, the same MAC as another
 * implementation makes for the same answer at the same time. */
static void
tsig_sign_reply__as_dnspython__same_mac(void **state)
{
	static struct fixture f;
	static struct fixture want;
	static struct fixture have;

	(void)state;
	for (size_t i = 0; i < DNSPYTHON; i++) {
		load(&f, dnspython[i].query);
		load(&want, dnspython[i].reply);
		make_key(&f.key, dnspython[i].algorithm);
		check(&f);
		struct writer w = answer_to(&f, have.bytes, CAP);
		size_t before = writer_len(&w);
		assert_int_equal(tsig_sign_reply(&w, &env, &f.state, T + 5),
		    OK);
		have.len = writer_len(&w);
		assert_true(have.len - before <= tsig_room(&f.state));
		parse(&have);
		assert_int_equal(have.m.counts[SECTION_ADDITIONAL], 1);
		assert_int_equal(have.tsig.mac.len, want.tsig.mac.len);
		assert_memory_equal(have.tsig.mac.data, want.tsig.mac.data,
		    want.tsig.mac.len);
		assert_int_equal(have.tsig.time_signed_s, T + 5);
		assert_int_equal(have.tsig.error, 0);
		mac_ops_openssl.release(f.key.mac);
	}
}

/* 5.3.1: the next message of an answer has the MAC before it in front, and
 * timers only. */
static void
tsig_sign_next__as_dnspython__same_mac(void **state)
{
	static struct fixture f;
	static struct fixture want;
	static struct fixture have;
	const char *const messages[] = { first, second };

	(void)state;
	load(&f, query_sha256);
	make_key(&f.key, MAC_SHA256);
	check(&f);
	for (size_t i = 0; i < 2; i++) {
		load(&want, messages[i]);
		struct writer w = answer_to(&f, have.bytes, CAP);
		enum status status = i == 0 ?
		    tsig_sign_reply(&w, &env, &f.state, T + 5) :
		    tsig_sign_next(&w, &env, &f.state, T + 5);
		assert_int_equal(status, OK);
		have.len = writer_len(&w);
		parse(&have);
		assert_memory_equal(have.tsig.mac.data, want.tsig.mac.data,
		    32);
	}
	mac_ops_openssl.release(f.key.mac);
}

/* 5.1: the original ID is what was signed. */
static void
tsig_check__id_changed_on_the_way__good(void **state)
{
	static struct fixture f;

	(void)state;
	load(&f, update);
	assert_int_equal(f.m.id, 0x4321);
	assert_int_equal(f.tsig.original_id, 0x1111);
	make_key(&f.key, MAC_SHA256);
	check(&f);
	assert_int_equal(f.state.error, RCODE_NOERROR);
	f.bytes[0] ^= 0xff; /* the header's ID does not matter */
	parse(&f);
	check(&f);
	assert_int_equal(f.state.error, RCODE_NOERROR);
	mac_ops_openssl.release(f.key.mac);
}

/* 5.2.1: no key of that name, or not for that algorithm. */
static void
tsig_check__unknown_key__badkey(void **state)
{
	static struct fixture f;

	(void)state;
	load(&f, query_sha256);
	assert_int_equal(tsig_check(&f.state, &env, &f.m, &f.tsig, NULL), OK);
	assert_int_equal(f.state.error, RCODE_BADKEY);
	assert_null(f.state.key);
	make_key(&f.key, MAC_SHA512);
	check(&f);
	assert_int_equal(f.state.error, RCODE_BADKEY);
	assert_null(f.state.key);
	mac_ops_openssl.release(f.key.mac);
}

/* 5.2.2: any bit of what is covered. All of it is, but for the header's ID
 * and TTL, class, lengths of the record, which tsig_read looks after. */
static void
tsig_check__any_bit_flipped__never_good(void **state)
{
	static struct fixture f;
	struct message m;
	struct tsig tsig;
	struct tsig_state result;

	(void)state;
	load(&f, update);
	make_key(&f.key, MAC_SHA256);
	for (size_t bit = 16; bit < f.len * 8; bit++) {
		uint8_t *byte = &f.bytes[bit / 8];
		uint8_t old = *byte;
		*byte ^= (uint8_t)(1u << bit % 8);
		if (message_parse(&m, f.bytes, f.len) == OK && m.tsig > 0 &&
		    tsig_read(&tsig, f.bytes, f.len, m.tsig) == OK &&
		    tsig_check(&result, &env, &m, &tsig, &f.key) == OK &&
		    result.error == RCODE_NOERROR) {
			/* upper or lower case of the key's or algorithm's name */
			assert_int_equal(1u << bit % 8, 0x20);
			assert_true(bit / 8 > f.m.tsig);
			assert_true((old | 0x20) >= 'a' && (old | 0x20) <= 'z');
		}
		*byte = old;
	}
	mac_ops_openssl.release(f.key.mac);
}

/* 5.2.2: another secret. */
static void
tsig_check__other_secret__badsig(void **state)
{
	static struct fixture f;

	(void)state;
	load(&f, query_sha256);
	make_key(&f.key, MAC_SHA256);
	mac_ops_openssl.release(f.key.mac);
	f.key.mac = mac_ops_openssl.prepare(MAC_SHA256,
	    (const uint8_t *)"other", 5);
	check(&f);
	assert_int_equal(f.state.error, TSIG_BADSIG);
	assert_int_equal(f.state.mac_full_len, 0);
	mac_ops_openssl.release(f.key.mac);
}

/* 5.2.2.1, 5.2.4: half of the MAC at least, and ten bytes; then what the
 * settings ask for. What is left must be right. */
static void
tsig_check__truncated_mac__by_length(void **state)
{
	static const struct {
		const struct row *row;
		size_t len;
		enum status status;
		uint16_t error;
	} cases[] = {
		{ &dnspython[2], 31, OK, RCODE_NOERROR },
		{ &dnspython[2], 16, OK, RCODE_NOERROR },
		{ &dnspython[2], 15, ERR_MALFORMED, 0 },
		{ &dnspython[2], 0, ERR_MALFORMED, 0 },
		{ &dnspython[0], 16, OK, RCODE_NOERROR },
		{ &dnspython[0], 15, OK, RCODE_BADTRUNC },
		{ &dnspython[0], 10, OK, RCODE_BADTRUNC },
		{ &dnspython[0], 9, ERR_MALFORMED, 0 },
		{ &dnspython[1], 14, OK, RCODE_BADTRUNC },
		{ &dnspython[1], 13, ERR_MALFORMED, 0 },
		{ &dnspython[4], 32, OK, RCODE_NOERROR },
		{ &dnspython[4], 31, ERR_MALFORMED, 0 },
	};
	static struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		load(&f, cases[i].row->query);
		make_key(&f.key, cases[i].row->algorithm);
		cut_mac(&f, cases[i].len);
		assert_int_equal(tsig_check(&f.state, &env, &f.m, &f.tsig,
		    &f.key), cases[i].status);
		if (cases[i].status == OK) {
			assert_int_equal(f.state.error, cases[i].error);
			assert_int_equal(f.state.mac_len, cases[i].len);
			assert_int_equal(f.state.mac_full_len,
			    mac_len(cases[i].row->algorithm));
		}
		mac_ops_openssl.release(f.key.mac);
	}
}

/* 5.2.2.1: longer than the MAC can be. */
static void
tsig_check__mac_too_long__malformed(void **state)
{
	static struct fixture f;

	(void)state;
	load(&f, query_sha512);
	make_key(&f.key, MAC_SHA256);
	memcpy(f.tsig.algorithm.bytes, "\013hmac-sha256", 13);
	assert_int_equal(tsig_check(&f.state, &env, &f.m, &f.tsig, &f.key),
	    ERR_MALFORMED);
	mac_ops_openssl.release(f.key.mac);
}

/* 5.2.2: a truncated MAC with a wrong byte is BADSIG, not BADTRUNC. */
static void
tsig_check__truncated_and_wrong__badsig(void **state)
{
	static struct fixture f;

	(void)state;
	load(&f, query_sha1);
	make_key(&f.key, MAC_SHA1);
	cut_mac(&f, 12);
	f.bytes[(size_t)(f.tsig.mac.data - f.bytes) + 11] ^= 1;
	parse(&f);
	check(&f);
	assert_int_equal(f.state.error, TSIG_BADSIG);
	mac_ops_openssl.release(f.key.mac);
}

/* 5.2.3: within the fudge, before and after, to the second; a fudge of more
 * than five minutes counts as five minutes. */
static void
tsig_check_time__edges__fudge(void **state)
{
	static const struct {
		uint16_t fudge_s;
		int64_t late_s;
		bool is_good;
	} cases[] = {
		{ 300, 0, true }, { 300, 300, true }, { 300, 301, false },
		{ 300, -300, true }, { 300, -301, false },
		{ 10, 10, true }, { 10, 11, false }, { 0, 0, true },
		{ 0, 1, false }, { 65535, 300, true }, { 65535, 301, false },
		{ 65535, -301, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct tsig_state s = { .fudge_s = cases[i].fudge_s,
			.time_signed_s = T };
		assert_int_equal(tsig_check_time(&s,
		    (uint64_t)(T + cases[i].late_s)), cases[i].is_good);
		assert_int_equal(s.error, cases[i].is_good ? 0 :
		    RCODE_BADTIME);
	}
}

/* 5.2: key, MAC, time, truncation: the time comes before the truncation. */
static void
tsig_check_time__truncated_and_late__badtime(void **state)
{
	static struct fixture f;

	(void)state;
	load(&f, query_sha1);
	make_key(&f.key, MAC_SHA1);
	cut_mac(&f, 12);
	check(&f);
	assert_int_equal(f.state.error, RCODE_BADTRUNC);
	assert_false(tsig_check_time(&f.state, T + 301));
	assert_int_equal(f.state.error, RCODE_BADTIME);
	mac_ops_openssl.release(f.key.mac);
}

/* 5.2.3: BADTIME is signed, with the client's time, and ours as other data. */
static void
tsig_sign_reply__badtime__other_data(void **state)
{
	static const uint8_t time[6] = { 0x00, 0x01, 0x65, 0x53, 0xf1, 0x00 };
	static struct fixture f;
	static struct fixture have;

	(void)state;
	load(&f, query_sha256);
	make_key(&f.key, MAC_SHA256);
	struct tsig_state client;
	static uint8_t request[CAP];
	struct writer w = writer_make(request, CAP);
	write_bytes(&w, f.bytes, f.m.tsig);
	put_u16(request + 10, 0);
	assert_int_equal(tsig_sign_request(&w, &env, &f.key, &client, T), OK);
	check(&f);
	assert_false(tsig_check_time(&f.state, T + ((uint64_t)1 << 32)));
	w = answer_to(&f, have.bytes, CAP);
	assert_int_equal(tsig_sign_reply(&w, &env, &f.state,
	    T + ((uint64_t)1 << 32)), OK);
	have.len = writer_len(&w);
	parse(&have);
	assert_int_equal(have.tsig.error, RCODE_BADTIME);
	assert_int_equal(have.tsig.time_signed_s, T);
	assert_int_equal(have.tsig.other.len, 6);
	assert_memory_equal(have.tsig.other.data, time, 6);
	assert_int_equal(tsig_check_reply(&client, &env, &have.m, &have.tsig,
	    T), OK);
	mac_ops_openssl.release(f.key.mac);
}

/* 4.3.1: a truncated request's MAC is in front of the answer as it came. */
static void
tsig_sign_reply__truncated_request__mac_as_it_came(void **state)
{
	static struct fixture f;
	static struct fixture have;
	struct tsig_state client;

	(void)state;
	load(&f, query_sha256);
	make_key(&f.key, MAC_SHA256);
	cut_mac(&f, 20);
	check(&f);
	client = f.state; /* 20 bytes are all that a client has to know */
	struct writer w = answer_to(&f, have.bytes, CAP);
	assert_int_equal(tsig_sign_reply(&w, &env, &f.state, T), OK);
	have.len = writer_len(&w);
	parse(&have);
	assert_int_equal(have.tsig.mac.len, 32);
	struct tsig_state whole = client;
	whole.mac_len = 32;
	assert_int_equal(tsig_check_reply(&whole, &env, &have.m, &have.tsig,
	    T), ERR_REFUSED);
	assert_int_equal(tsig_check_reply(&client, &env, &have.m, &have.tsig,
	    T), OK);
	mac_ops_openssl.release(f.key.mac);
}

/* No room: the message is left as it was. */
static void
tsig_sign_reply__no_room__message_unchanged(void **state)
{
	static struct fixture f;
	static uint8_t out[CAP];

	(void)state;
	load(&f, query_sha256);
	make_key(&f.key, MAC_SHA256);
	check(&f);
	struct writer w = answer_to(&f, out, f.m.tsig + 40);
	struct tsig_state before = f.state;
	assert_int_equal(tsig_sign_reply(&w, &env, &f.state, T), ERR_NO_ROOM);
	assert_int_equal(writer_len(&w), f.m.tsig);
	assert_false(w.bad);
	assert_int_equal(out[11], 0);
	assert_memory_equal(&before, &f.state, sizeof before);
	mac_ops_openssl.release(f.key.mac);
}

/* 5.4: only what was signed with our key, for our request, in time. */
static void
tsig_check_reply__others__refused(void **state)
{
	static struct fixture f;
	static struct fixture reply;
	struct tsig_state client;

	(void)state;
	load(&f, query_sha256);
	load(&reply, reply_sha256);
	make_key(&f.key, MAC_SHA256);
	check(&f);
	client = f.state;
	assert_int_equal(tsig_check_reply(&client, &env, &reply.m,
	    &reply.tsig, T + 5), OK);
	client = f.state;
	assert_int_equal(tsig_check_reply(&client, &env, &reply.m,
	    &reply.tsig, T + 306), ERR_REFUSED);
	client = f.state;
	client.mac[0] ^= 1; /* the answer to another request */
	assert_int_equal(tsig_check_reply(&client, &env, &reply.m,
	    &reply.tsig, T + 5), ERR_REFUSED);
	client = f.state;
	reply.tsig.key.bytes[1] = 'x';
	assert_int_equal(tsig_check_reply(&client, &env, &reply.m,
	    &reply.tsig, T + 5), ERR_REFUSED);
	reply.tsig.key.bytes[1] = 'k';
	reply.tsig.mac.len = 0; /* BADKEY, BADSIG: nobody signed it */
	assert_int_equal(tsig_check_reply(&client, &env, &reply.m,
	    &reply.tsig, T + 5), ERR_REFUSED);
	mac_ops_openssl.release(f.key.mac);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tsig_read__record__fields),
		cmocka_unit_test(tsig_read__broken__malformed),
		cmocka_unit_test(tsig_write_error__badkey__unsigned),
		cmocka_unit_test(tsig_write_error__no_room__message_unchanged),
		cmocka_unit_test(tsig_check__others_requests__good),
		cmocka_unit_test(tsig_check__id_changed_on_the_way__good),
		cmocka_unit_test(tsig_check__unknown_key__badkey),
		cmocka_unit_test(tsig_check__any_bit_flipped__never_good),
		cmocka_unit_test(tsig_check__other_secret__badsig),
		cmocka_unit_test(tsig_check__truncated_mac__by_length),
		cmocka_unit_test(tsig_check__mac_too_long__malformed),
		cmocka_unit_test(tsig_check__truncated_and_wrong__badsig),
		cmocka_unit_test(tsig_check_time__edges__fudge),
		cmocka_unit_test(tsig_check_time__truncated_and_late__badtime),
		cmocka_unit_test(tsig_sign_reply__as_dnspython__same_mac),
		cmocka_unit_test(tsig_sign_reply__badtime__other_data),
		cmocka_unit_test(
		    tsig_sign_reply__truncated_request__mac_as_it_came),
		cmocka_unit_test(tsig_sign_reply__no_room__message_unchanged),
		cmocka_unit_test(tsig_sign_next__as_dnspython__same_mac),
		cmocka_unit_test(tsig_check_reply__others__refused),
	};

	if (sec_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
