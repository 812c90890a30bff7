/*
 * What a signature costs: checking a small signed query and signing its
 * answer, for each algorithm; one thread, no kernel.
 */
#include "base/check.h"
#include "dns/message.h"
#include "dns/rcode.h"
#include "dns/tsig.h"
#include "sec/mac.h"
#include "sec/sec.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	ROUNDS = 100000,
	NOW_S = 1700000000,
};

static double
cpu_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A query for the TXT of a number, not signed yet. */
static struct writer
make_query(uint8_t *out, size_t cap)
{
	static const uint8_t question[] = "\0011\0012\0013\0014\0015\0016\0017"
	    "\0018\0019\0010\0011\4e164\7example\0\0\20\0\1";
	static const uint8_t header[] = { 0x12, 0x34, 0, 0, 0, 1 };
	struct writer w = writer_make(out, cap);

	write_bytes(&w, header, sizeof header);
	write_u16(&w, 0);
	write_u32(&w, 0);
	write_bytes(&w, question, sizeof question - 1);
	return w;
}

static void
turn(const struct tsig_env *env, const struct tsig_key *key,
    const struct writer *query)
{
	uint8_t answer[512];
	struct message m;
	struct tsig tsig;
	struct tsig_state state;

	require(message_parse(&m, query->start, writer_len(query)) == OK);
	require(tsig_read(&tsig, m.bytes, m.len, m.tsig) == OK);
	require(tsig_check(&state, env, &m, &tsig, key) == OK);
	require(tsig_check_time(&state, NOW_S) &&
	    state.error == RCODE_NOERROR);
	struct writer w = make_query(answer, sizeof answer);
	require(tsig_sign_reply(&w, env, &state, NOW_S) == OK);
}

static void
bench(enum mac_algorithm algorithm)
{
	const struct tsig_env env = { .mac = &mac_ops_openssl,
		.mac_min = TSIG_MAC_MIN };
	uint8_t secret[MAC_MAX];
	uint8_t bytes[512];
	struct tsig_state state;
	struct tsig_key key = { .algorithm = algorithm };

	sec_random(secret, sizeof secret);
	require(dname_parse(&key.name, "acme.key.", 9, NULL) == OK);
	key.mac = mac_ops_openssl.prepare(algorithm, secret,
	    mac_len(algorithm));
	struct writer query = make_query(bytes, sizeof bytes);
	require(tsig_sign_request(&query, &env, &key, &state, NOW_S) == OK);
	double start = cpu_s();
	for (int i = 0; i < ROUNDS; i++)
		turn(&env, &key, &query);
	printf("%-12s %4.2f us for checking a query of %zu bytes and signing "
	    "the answer\n", mac_name(algorithm), (cpu_s() - start) * 1e6 /
	    ROUNDS, writer_len(&query));
	mac_ops_openssl.release(key.mac);
}

int
main(void)
{
	if (sec_init() != OK)
		return 1;
#define MAC(code, number, len, name) bench(MAC_##code);
#include "base/mac.def"
#undef MAC
	return 0;
}
