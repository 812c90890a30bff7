/*
 * query: signed queries and whois data by key. RFC 8945 5.2, 5.3; DESIGN 3,
 * 7: what is below w.Z is for the number's OCN and the authority.
 */
#include "unit/unit.h"

#include "dns/rcode.h"
#include "dns/rdata.h"
#include "query/query.h"
#include "query/whois.h"
#include "sec/mac.h"
#include "sec/sec.h"
#include "unit/packet.h"
#include "unit/query/fixture.h"

enum { NOW_S = 1700000000 };

static const char *const lines[] = {
	"@ 3600 SOA update hostmaster 0 7200 900 864000 60",
	"@ 3600 NS ns1",
	"ns1 300 A 192.0.2.1",
	"w 3600 NS ns1",
	"5.5.1 300 TXT \"ocn=1510\"",
};

static struct query_env env;
static struct image *image;
static struct keyring *keyring;
static struct packet p;
static uint8_t out[65535];
static size_t out_len;
static struct query_result result;
static struct tsig_key client; /* what we sign with */
static struct tsig_state state_of_client;

static const uint8_t secret[32] = { 1, 2, 3 };

static void
put_key(const char *name, enum role role, const char *ocn)
{
	struct keyring_key key = { .version = 1, .role = role };

	assert_int_equal(dname_parse(&key.tsig.name, name, strlen(name),
	    NULL), OK);
	snprintf(key.ocn, sizeof key.ocn, "%s", ocn);
	key.tsig.algorithm = MAC_SHA256;
	key.tsig.mac = mac_ops_openssl.prepare(MAC_SHA256, secret,
	    sizeof secret);
	keyring_put(keyring, &key);
}

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(dname_parse(&env.apex, "e164.example.", 13, NULL),
	    OK);
	env.tsig = (struct tsig_env){ .mac = &mac_ops_openssl,
		.mac_min = TSIG_MAC_MIN };
	image = fixture_image(lines, sizeof lines / sizeof lines[0],
	    &env.apex);
	keyring = keyring_create(&mac_ops_openssl, NULL);
	put_key("a.1510.", ROLE_CARRIER, "1510");
	put_key("b.5678.", ROLE_CARRIER, "5678");
	put_key("authority.", ROLE_AUTHORITY, "");
	put_key("transfer.", ROLE_TRANSFER, "");
	client.algorithm = MAC_SHA256;
	client.mac = mac_ops_openssl.prepare(MAC_SHA256, secret,
	    sizeof secret);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	mac_ops_openssl.release(client.mac);
	keyring_destroy(keyring);
	fixture_destroy(image);
	return 0;
}

/* Sign p as `name` at a time. */
static void
sign(const char *name, uint64_t time_s)
{
	struct writer w = writer_make(p.bytes, sizeof p.bytes);

	w.pos += p.len;
	assert_int_equal(dname_parse(&client.name, name, strlen(name), NULL),
	    OK);
	assert_int_equal(tsig_sign_request(&w, &env.tsig, &client,
	    &state_of_client, time_s), OK);
	p.len = writer_len(&w);
}

static void
answer(const struct whois *whois, enum query_transport transport)
{
	const struct query_view view = { .version = image_current(image),
		.keyring = keyring, .now_s = NOW_S, .whois = whois };

	memset(out, 0xaa, sizeof out);
	out_len = query_answer(&env, &view, transport, p.bytes, p.len, out,
	    transport == QUERY_TCP ? sizeof out : 4096, &result);
}

/* The answer is ours and signed: checked as the client does. */
static struct tsig
check_signed(uint64_t now_s)
{
	struct message m;
	struct tsig tsig;

	assert_int_equal(message_parse(&m, out, out_len), OK);
	assert_true(m.tsig > 0);
	assert_int_equal(tsig_read(&tsig, out, out_len, m.tsig), OK);
	assert_int_equal(tsig_check_reply(&state_of_client, &env.tsig, &m,
	    &tsig, now_s), OK);
	return tsig;
}

static void
ask(const char *key, const char *name, unsigned type)
{
	packet_query(&p, name, type);
	packet_opt(&p, 1232, 0, NULL, 0);
	sign(key, NOW_S);
	answer(NULL, QUERY_UDP);
}

/* 5.3: the answer to a signed query is signed, with its key. */
static void
query_answer__signed__answer_signed(void **state)
{
	(void)state;
	ask("A.1510.", "5.5.1.e164.example.", TYPE_TXT);
	struct tsig tsig = check_signed(NOW_S);
	assert_int_equal(tsig.error, 0);
	assert_int_equal(result.rcode, RCODE_NOERROR);
	assert_int_equal(out[7], 1); /* ANCOUNT */
	ask("a.1510.", "7.7.e164.example.", TYPE_TXT);
	check_signed(NOW_S);
	assert_int_equal(result.rcode, RCODE_NXDOMAIN);
	ask("a.1510.", "www.example.org.", TYPE_TXT);
	check_signed(NOW_S);
	assert_int_equal(result.rcode, RCODE_REFUSED);
}

/* 5.2.1: a key that is not in force; 5.2.2: a MAC that is wrong. Neither
 * answer is signed (5.3.2). */
static void
query_answer__bad_key_or_mac__unsigned(void **state)
{
	struct message m;
	struct tsig tsig;

	(void)state;
	ask("other.", "5.5.1.e164.example.", TYPE_TXT);
	assert_int_equal(result.rcode, RCODE_NOTAUTH);
	assert_int_equal(message_parse(&m, out, out_len), OK);
	assert_int_equal(tsig_read(&tsig, out, out_len, m.tsig), OK);
	assert_int_equal(tsig.error, RCODE_BADKEY);
	assert_int_equal(tsig.mac.len, 0);
	packet_query(&p, "5.5.1.e164.example.", TYPE_TXT);
	sign("a.1510.", NOW_S);
	p.bytes[p.len - 8] ^= 1; /* of the MAC */
	answer(NULL, QUERY_UDP);
	assert_int_equal(result.rcode, RCODE_NOTAUTH);
	assert_int_equal(message_parse(&m, out, out_len), OK);
	assert_int_equal(tsig_read(&tsig, out, out_len, m.tsig), OK);
	assert_int_equal(tsig.error, TSIG_BADSIG);
	assert_int_equal(tsig.mac.len, 0);
	assert_int_equal(m.counts[SECTION_ANSWER], 0);
}

/* 5.2.3: too old, so no answer, but a signed BADTIME. */
static void
query_answer__late__badtime_signed(void **state)
{
	(void)state;
	packet_query(&p, "5.5.1.e164.example.", TYPE_TXT);
	sign("a.1510.", NOW_S - 301);
	answer(NULL, QUERY_UDP);
	struct tsig tsig = check_signed(NOW_S - 301);
	assert_int_equal(tsig.error, RCODE_BADTIME);
	assert_int_equal(tsig.other.len, 6);
	assert_int_equal(result.rcode, RCODE_NOTAUTH);
	assert_int_equal(out[7], 0);
}

/* 5.3: what does not fit beside its signature is truncated and signed. */
static void
query_answer__long_names__signature_always(void **state)
{
	char name[256] = "";
	struct message m;

	(void)state;
	/* two names of 250 bytes in 512 bytes, without EDNS */
	for (int i = 0; i < 26; i++)
		strcat(name, "12345678.");
	put_key(name, ROLE_CARRIER, "1510");
	packet_query(&p, "e164.example.", TYPE_TXT);
	p.len = MESSAGE_HEADER;
	packet_name(&p, name);
	p.len--;
	packet_name(&p, "e164.example.");
	packet_u16(&p, TYPE_TXT);
	packet_u16(&p, 1);
	sign(name, NOW_S);
	answer(NULL, QUERY_UDP);
	check_signed(NOW_S);
	assert_true(out_len > 512);
	assert_int_equal(message_parse(&m, out, out_len), OK);
	assert_int_equal(m.qname_len, strlen(name) + env.apex.len);
}

/* Without a key, or with one that may not: REFUSED, and nothing is looked
 * up. */
static void
query_answer__whois_without_right__refused(void **state)
{
	(void)state;
	packet_query(&p, "5.5.1.w.e164.example.", TYPE_TXT);
	answer(NULL, QUERY_UDP);
	assert_int_equal(result.rcode, RCODE_REFUSED);
	assert_false(result.wants_whois);
	ask("transfer.", "5.5.1.w.e164.example.", TYPE_TXT);
	assert_int_equal(result.rcode, RCODE_REFUSED);
	assert_false(result.wants_whois);
	check_signed(NOW_S);
}

/* The holder's key and the authority's read; another carrier's does not. */
static void
query_answer__whois__holder_and_authority(void **state)
{
	static const struct {
		const char *key;
		uint16_t rcode;
	} rows[] = { { "a.1510.", RCODE_NOERROR },
		{ "authority.", RCODE_NOERROR }, { "b.5678.", RCODE_REFUSED } };
	struct arena arena;
	struct record record = { .type = TYPE_TXT, .ttl = 300,
		.rdata = { (const uint8_t *)"\tzip=07605", 10 } };
	struct whois whois = { .exists = true, .holder = "1510" };

	(void)state;
	arena_init(&arena);
	assert_int_equal(rrsets_build(&arena, &whois.rrsets, &record, 1), OK);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ask(rows[i].key, "5.5.1.w.e164.example.", TYPE_TXT);
		assert_true(result.wants_whois);
		assert_int_equal(out_len, 0);
		assert_int_equal(result.whois_owner.len, 8);
		assert_memory_equal(result.whois_owner.bytes,
		    "\1w\0011\0015\0015", 8);
		answer(&whois, QUERY_UDP);
		assert_false(result.wants_whois);
		assert_int_equal(result.rcode, rows[i].rcode);
		assert_int_equal(out[7], rows[i].rcode == RCODE_NOERROR);
		check_signed(NOW_S);
		if (rows[i].rcode == RCODE_NOERROR)
			assert_non_null(memmem(out, out_len, "zip=07605", 9));
	}
	arena_fini(&arena);
}

/* RFC 2308: NODATA and NXDOMAIN with the SOA of the whois zone. */
static void
query_answer__whois_nothing__negative(void **state)
{
	struct whois whois = { .exists = true, .holder = "1510" };

	(void)state;
	ask("a.1510.", "5.5.1.w.e164.example.", TYPE_TXT);
	answer(&whois, QUERY_UDP);
	assert_int_equal(result.rcode, RCODE_NOERROR);
	assert_non_null(strstr(fixture_print(out, out_len),
	    "NS w.e164.example. 60 SOA "));
	whois.exists = false;
	answer(&whois, QUERY_TCP);
	assert_int_equal(result.rcode, RCODE_NXDOMAIN);
}

/* whoami.e164d tells the holder of a key who he is, and nobody else. */
static void
query_answer__whoami__by_key(void **state)
{
	(void)state;
	packet_begin(&p, 0x1234, 0);
	packet_name(&p, "whoami.e164d.");
	packet_u16(&p, TYPE_TXT);
	packet_u16(&p, CLASS_CH);
	answer(NULL, QUERY_UDP);
	assert_int_equal(result.rcode, RCODE_REFUSED);
	sign("a.1510.", NOW_S);
	answer(NULL, QUERY_UDP);
	check_signed(NOW_S);
	assert_non_null(memmem(out, out_len, "zone=e164.example.", 18));
	assert_non_null(memmem(out, out_len, "role=carrier", 12));
	assert_non_null(memmem(out, out_len, "ocn=1510", 8));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query_answer__signed__answer_signed),
		cmocka_unit_test(query_answer__bad_key_or_mac__unsigned),
		cmocka_unit_test(query_answer__late__badtime_signed),
		cmocka_unit_test(query_answer__long_names__signature_always),
		cmocka_unit_test(query_answer__whois_without_right__refused),
		cmocka_unit_test(query_answer__whois__holder_and_authority),
		cmocka_unit_test(query_answer__whois_nothing__negative),
		cmocka_unit_test(query_answer__whoami__by_key),
	};

	if (sec_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, setup, teardown);
}
