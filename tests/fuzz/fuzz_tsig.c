/*
 * Signed messages: checked, answered, and the answer believed by the client.
 * MACs are 'M' all over, so that a fuzzer gets past them; what they cover is
 * the unit tests' business.
 */
#include "fuzz/fuzz.h"

#include "dns/message.h"
#include "dns/rcode.h"
#include "dns/tsig.h"

#include <string.h>

enum {
	NOW_S = 1700000000,
	OUT_CAP = 2000,
};

static struct mac_key {
	enum mac_algorithm algorithm;
} fake;

static size_t
fake_compute(const struct mac_key *key, uint8_t out[MAC_MAX],
    const struct blob *pieces, size_t n)
{
	volatile uint8_t sum = 0; /* everything may be read */

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < pieces[i].len; k++)
			sum = (uint8_t)(sum + pieces[i].data[k]);
	}
	memset(out, 'M', mac_len(key->algorithm));
	return mac_len(key->algorithm);
}

static bool
fake_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	return memcmp(a, b, len) == 0;
}

static const struct mac_ops fake_ops = { .compute = fake_compute,
	.equal = fake_equal };
static const struct tsig_env env = { .mac = &fake_ops,
	.mac_min = TSIG_MAC_MIN };

/* The answer as a server makes it: header, question, signature. */
static struct writer
begin_answer(const struct message *m, uint8_t *out)
{
	struct writer w = writer_make(out, OUT_CAP);

	write_u16(&w, m->id);
	write_u16(&w, (uint16_t)(FLAG_QR | m->flags));
	write_u16(&w, 1);
	write_u32(&w, 0);
	write_u16(&w, 0);
	write_bytes(&w, message_qname(m), m->qname_len + 4u);
	FUZZ_CHECK(!w.bad);
	return w;
}

/* What was signed is well formed and the other side takes it. */
static void
check_answer(struct tsig_state *client, const struct writer *w,
    const struct tsig_state *server)
{
	struct message m;
	struct tsig tsig;
	uint64_t now_s = server->error == RCODE_BADTIME ?
	    server->time_signed_s : NOW_S;

	FUZZ_CHECK(message_parse(&m, w->start, writer_len(w)) == OK);
	FUZZ_CHECK(m.tsig > 0 && m.counts[SECTION_ADDITIONAL] == 1);
	FUZZ_CHECK(tsig_read(&tsig, m.bytes, m.len, m.tsig) == OK);
	FUZZ_CHECK(tsig.error == server->error);
	FUZZ_CHECK(tsig_check_reply(client, &env, &m, &tsig, now_s) == OK);
}

static void
answer_signed(const struct message *m, struct tsig_state *state)
{
	uint8_t out[OUT_CAP];
	struct tsig_state client = *state;
	struct writer w = begin_answer(m, out);
	size_t before = writer_len(&w);

	bool is_timely = tsig_check_time(state, NOW_S);
	FUZZ_CHECK(is_timely == (state->error != RCODE_BADTIME));
	FUZZ_CHECK(tsig_sign_reply(&w, &env, state, NOW_S) == OK);
	FUZZ_CHECK(writer_len(&w) - before <= tsig_room(state));
	check_answer(&client, &w, state);
	state->error = RCODE_NOERROR;
	w = begin_answer(m, out);
	FUZZ_CHECK(tsig_sign_next(&w, &env, state, NOW_S) == OK);
}

static void
answer_unsigned(const struct message *m, const struct tsig *request,
    uint16_t error)
{
	uint8_t out[OUT_CAP];
	struct message answer;
	struct tsig tsig;
	struct writer w = begin_answer(m, out);

	tsig_write_error(&w, request, error);
	FUZZ_CHECK(!w.bad);
	FUZZ_CHECK(message_parse(&answer, out, writer_len(&w)) == OK);
	FUZZ_CHECK(tsig_read(&tsig, out, writer_len(&w), answer.tsig) == OK);
	FUZZ_CHECK(tsig.mac.len == 0 && tsig.error == error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct message m;
	struct tsig tsig;
	struct tsig_state state;
	struct tsig_key key = { .mac = &fake };

	if (len < 1 + MESSAGE_HEADER ||
	    message_parse(&m, data + 1, len - 1) != OK || m.tsig == 0 ||
	    tsig_read(&tsig, m.bytes, m.len, m.tsig) != OK)
		return 0;
	fake.algorithm = (enum mac_algorithm)(1 + data[0] % 5);
	key.algorithm = fake.algorithm;
	key.name = tsig.key; /* whoever asks is known */
	bool is_known = (data[0] & 0x80) == 0;
	if (tsig_check(&state, &env, &m, &tsig, is_known ? &key : NULL) != OK)
		return 0;
	FUZZ_CHECK(is_known || state.error == RCODE_BADKEY);
	if (state.error == RCODE_BADKEY || state.error == TSIG_BADSIG) {
		FUZZ_CHECK(state.mac_full_len == 0);
		answer_unsigned(&m, &tsig, state.error);
	} else {
		answer_signed(&m, &state);
	}
	return 0;
}
