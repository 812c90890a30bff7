/*
 * The TSIG record and the MAC over a message. RFC 8945 4.2, 4.3, 5.
 * Layer 1; any thread.
 *
 * What goes into a MAC, in this order (4.3.3):
 *
 *	prior    length 2, MAC of the request or of the message before
 *	message  without the TSIG: original ID, ARCOUNT one less
 *	variables: key name, class ANY, TTL 0, algorithm name, time 6, fudge 2,
 *	         error 2, length 2, other data; or timers: time 6, fudge 2
 *
 * Names are in lower case there and never compressed.
 */
#include "dns/tsig.h"

#include "base/check.h"
#include "base/compiler.h"
#include "dns/message.h"
#include "dns/rcode.h"
#include "dns/rdata.h"

enum {
	TSIG_FIXED = 16,  /* bytes of rdata without names, MAC, other data */
	RECORD_FIXED = 10, /* bytes of a record between owner and rdata */
	OTHER_TIME = 6,   /* bytes of BADTIME's other data */
	ALGORITHM_MAX = 16, /* bytes of the wire name of one that we know */
	/* two names, class, TTL, time, fudge, error, length, and other data
	 * that is not longer than that of BADTIME */
	VARIABLES_MAX = DNAME_MAX + 2 + 4 + DNAME_MAX + 6 + 2 + 2 + 2,
	ARCOUNT = 10, /* its offset in a header */
	PIECES_MAX = 6,
};

_Static_assert(TSIG_LEN_MAX >= DNAME_MAX + RECORD_FIXED + TSIG_FIXED +
    ALGORITHM_MAX + MAC_MAX + OTHER_TIME, "room for every record of ours");

enum mac_form { MAC_VARIABLES, MAC_TIMERS };

/* --------------------------------------------------------------- the record */

static uint64_t
read_time(struct reader *r)
{
	uint64_t high = read_u16(r);

	return high << 32 | read_u32(r);
}

static void
write_time(struct writer *w, uint64_t time_s)
{
	write_u16(w, (uint16_t)(time_s >> 32));
	write_u32(w, (uint32_t)time_s);
}

enum status
tsig_read(struct tsig *out, const uint8_t *message, size_t len, size_t offset)
{
	size_t pos = offset;

	out->key.len = 0;
	if (dname_read(&out->key, message, len, &pos) != OK)
		return ERR_MALFORMED;
	struct reader r = reader_make(message + pos, len - pos);
	uint16_t type = read_u16(&r);
	uint16_t class_ = read_u16(&r);
	uint32_t ttl = read_u32(&r);
	uint16_t rdlen = read_u16(&r);
	if (r.bad || reader_left(&r) != rdlen || type != TYPE_TSIG ||
	    class_ != CLASS_ANY || ttl != 0)
		return ERR_MALFORMED;
	pos = len - rdlen;
	if (dname_read(&out->algorithm, message, len, &pos) != OK)
		return ERR_MALFORMED;
	r = reader_make(message + pos, len - pos);
	out->time_signed_s = read_time(&r);
	out->fudge_s = read_u16(&r);
	out->mac.len = read_u16(&r);
	out->mac.data = reader_take(&r, out->mac.len);
	out->original_id = read_u16(&r);
	out->error = read_u16(&r);
	out->other.len = read_u16(&r);
	out->other.data = reader_take(&r, out->other.len);
	return reader_done(&r) ? OK : ERR_MALFORMED;
}

/* One more record in the additional section. */
static void
count_record(struct writer *message)
{
	uint8_t *at = message->start + ARCOUNT;

	put_u16(at, (uint16_t)((at[0] << 8 | at[1]) + 1));
}

static uint16_t
message_id(const struct writer *message)
{
	return (uint16_t)(message->start[0] << 8 | message->start[1]);
}

/* Append a record and count it. @return false: no room, nothing changed. */
static bool
put_record(struct writer *message, const struct tsig *tsig)
{
	struct writer w = *message;

	write_bytes(&w, tsig->key.bytes, tsig->key.len);
	write_u16(&w, TYPE_TSIG);
	write_u16(&w, CLASS_ANY);
	write_u32(&w, 0);
	write_u16(&w, (uint16_t)(tsig->algorithm.len + TSIG_FIXED +
	    tsig->mac.len + tsig->other.len));
	write_bytes(&w, tsig->algorithm.bytes, tsig->algorithm.len);
	write_time(&w, tsig->time_signed_s);
	write_u16(&w, tsig->fudge_s);
	write_u16(&w, (uint16_t)tsig->mac.len);
	write_bytes(&w, tsig->mac.data, tsig->mac.len);
	write_u16(&w, tsig->original_id);
	write_u16(&w, tsig->error);
	write_u16(&w, (uint16_t)tsig->other.len);
	write_bytes(&w, tsig->other.data, tsig->other.len);
	if (w.bad)
		return false;
	*message = w;
	count_record(message);
	return true;
}

void
tsig_write_error(struct writer *message, const struct tsig *request,
    uint16_t error)
{
	struct tsig tsig UNINITIALIZED;

	tsig.key = request->key;
	tsig.algorithm = request->algorithm;
	tsig.time_signed_s = request->time_signed_s;
	tsig.fudge_s = request->fudge_s;
	tsig.mac = (struct blob){ .data = NULL };
	tsig.original_id = message_id(message);
	tsig.error = error;
	tsig.other = (struct blob){ .data = NULL };
	if (!put_record(message, &tsig))
		message->bad = true;
}

/* ------------------------------------------------------------------ the MAC */

/* In lower case: RFC 4034 6.2 by way of 4.3.3. */
static void
write_canonical(struct writer *w, const struct dname *name)
{
	uint8_t *p = writer_take(w, name->len);

	if (p == NULL)
		return;
	/* length bytes are below 64, so no letters */
	for (size_t i = 0; i < name->len; i++)
		p[i] = dns_lower(name->bytes[i]);
}

/* Everything of a record but its MAC, as the MAC covers it; other data, which
 * comes last, is left out. */
static void
write_variables(struct writer *w, const struct tsig *tsig, enum mac_form form)
{
	if (form == MAC_TIMERS) {
		write_time(w, tsig->time_signed_s);
		write_u16(w, tsig->fudge_s);
		return;
	}
	write_canonical(w, &tsig->key);
	write_u16(w, CLASS_ANY);
	write_u32(w, 0);
	write_canonical(w, &tsig->algorithm);
	write_time(w, tsig->time_signed_s);
	write_u16(w, tsig->fudge_s);
	write_u16(w, tsig->error);
	write_u16(w, (uint16_t)tsig->other.len);
}

/* What is signed: the message in front of its TSIG, with the header that it
 * had when it was signed, and the MAC of what it answers or follows. */
struct signed_message {
	const struct mac_ops *ops;
	const struct tsig_key *key;
	uint8_t header[MESSAGE_HEADER];
	struct blob rest;  /* behind the header */
	struct blob prior; /* MAC; len 0: none */
	enum mac_form form;
};

/* @param out MAC_MAX bytes. @return bytes of the MAC, in full. */
static size_t
compute(uint8_t *out, const struct signed_message *m, const struct tsig *tsig)
{
	uint8_t variables[VARIABLES_MAX] UNINITIALIZED;
	struct writer w = writer_make(variables, sizeof variables);
	struct blob pieces[PIECES_MAX];
	uint8_t prior_len[2];
	size_t n = 0;

	if (m->prior.len > 0) {
		put_u16(prior_len, (uint16_t)m->prior.len);
		pieces[n++] = (struct blob){ prior_len, sizeof prior_len };
		pieces[n++] = m->prior;
	}
	pieces[n++] = (struct blob){ m->header, sizeof m->header };
	pieces[n++] = m->rest;
	write_variables(&w, tsig, m->form);
	ensure(!w.bad);
	pieces[n++] = (struct blob){ variables, writer_len(&w) };
	if (m->form == MAC_VARIABLES)
		pieces[n++] = tsig->other;
	return m->ops->compute(m->key->mac, out, pieces, n);
}

/* ---------------------------------------------------------------- checking */

/* 5.2.1: a key counts with its own algorithm only. */
static bool
is_algorithm_of(const struct dname *algorithm, const struct tsig_key *key)
{
	enum mac_algorithm found;

	/* one label and the root */
	return algorithm->len > 2 &&
	    algorithm->bytes[0] == algorithm->len - 2 &&
	    mac_find(&found, (const char *)algorithm->bytes + 1,
		algorithm->bytes[0]) && found == key->algorithm;
}

/* 5.2.2.1: not longer than the full MAC, not shorter than half of it. */
static bool
is_length_allowed(size_t len, size_t full_len)
{
	size_t least = full_len / 2 > TSIG_MAC_LEAST ? full_len / 2
						     : TSIG_MAC_LEAST;

	return len >= least && len <= full_len;
}

/* The message as it was when it was signed. */
static struct signed_message
unsigned_of(const struct tsig_env *env, const struct message *m,
    const struct tsig *tsig, const struct tsig_key *key)
{
	struct signed_message signed_message = {
		.ops = env->mac,
		.key = key,
		.rest = { m->bytes + MESSAGE_HEADER,
		    m->tsig - MESSAGE_HEADER },
	};

	memcpy(signed_message.header, m->bytes, MESSAGE_HEADER);
	put_u16(signed_message.header, tsig->original_id);
	put_u16(signed_message.header + ARCOUNT,
	    (uint16_t)(m->counts[SECTION_ADDITIONAL] - 1));
	return signed_message;
}

/* Compute the MAC into state; mac_len and mac_full_len are set with it.
 * @return OK; ERR_MALFORMED (length), ERR_REFUSED (another MAC). */
static enum status
check_mac(struct tsig_state *state, const struct signed_message *m,
    const struct tsig *tsig)
{
	uint8_t mac[MAC_MAX];

	if (!is_length_allowed(tsig->mac.len, mac_len(m->key->algorithm)))
		return ERR_MALFORMED;
	size_t full_len = compute(mac, m, tsig);
	if (!m->ops->equal(mac, tsig->mac.data, tsig->mac.len))
		return ERR_REFUSED;
	memcpy(state->mac, mac, full_len);
	state->mac_full_len = (uint16_t)full_len;
	state->mac_len = (uint16_t)tsig->mac.len;
	return OK;
}

enum status
tsig_check(struct tsig_state *out, const struct tsig_env *env,
    const struct message *m, const struct tsig *tsig,
    const struct tsig_key *key)
{
	require(m->tsig >= MESSAGE_HEADER && m->tsig <= m->len);
	*out = (struct tsig_state){
		.error = RCODE_NOERROR,
		.fudge_s = tsig->fudge_s,
		.time_signed_s = tsig->time_signed_s,
	};
	/* 5.2.1 Key check */
	if (key == NULL || !is_algorithm_of(&tsig->algorithm, key)) {
		out->error = RCODE_BADKEY;
		return OK;
	}
	out->key = key;
	/* 5.2.2 MAC check */
	struct signed_message signed_message = unsigned_of(env, m, tsig, key);
	enum status status = check_mac(out, &signed_message, tsig);
	if (status == ERR_MALFORMED)
		return status;
	if (status != OK)
		out->error = TSIG_BADSIG;
	/* 5.2.4 Truncation check; 5.2.3, the time, may still overrule it */
	else if (out->mac_len < out->mac_full_len &&
	    out->mac_len < env->mac_min)
		out->error = RCODE_BADTRUNC;
	return OK;
}

static bool
is_inside(uint64_t time_signed_s, uint16_t fudge_s, uint64_t now_s)
{
	uint64_t apart = now_s > time_signed_s ? now_s - time_signed_s
					       : time_signed_s - now_s;

	return apart <= (fudge_s < TSIG_FUDGE_S ? fudge_s : TSIG_FUDGE_S);
}

bool
tsig_check_time(struct tsig_state *state, uint64_t now_s)
{
	if (is_inside(state->time_signed_s, state->fudge_s, now_s))
		return true;
	state->error = RCODE_BADTIME;
	return false;
}

/* ----------------------------------------------------------------- signing */

/* Wire name of an algorithm: one label. */
static void
set_algorithm(struct dname *out, enum mac_algorithm algorithm)
{
	const char *name = mac_name(algorithm);
	size_t len = strlen(name);

	ensure(len + 2 <= ALGORITHM_MAX);
	out->bytes[0] = (uint8_t)len;
	memcpy(out->bytes + 1, name, len);
	out->bytes[1 + len] = 0;
	out->len = (uint8_t)(len + 2);
}

size_t
tsig_room(const struct tsig_state *state)
{
	const struct tsig_key *key = state->key;

	size_t fixed = RECORD_FIXED + TSIG_FIXED + OTHER_TIME;

	return fixed + key->name.len + strlen(mac_name(key->algorithm)) + 2 +
	    mac_len(key->algorithm);
}

/* Sign and append. tsig has times, error and other data; state gives the key,
 * and the MAC before, and gets the new one. */
static enum status
sign(struct writer *message, const struct signed_message *form,
    struct tsig *tsig, struct tsig_state *state)
{
	struct signed_message m = *form;
	uint8_t mac[MAC_MAX];
	size_t len = writer_len(message);

	require(!message->bad && len >= MESSAGE_HEADER);
	if ((size_t)(message->end - message->pos) < tsig_room(state))
		return ERR_NO_ROOM;
	m.key = state->key;
	memcpy(m.header, message->start, MESSAGE_HEADER);
	m.rest = (struct blob){ message->start + MESSAGE_HEADER,
		len - MESSAGE_HEADER };
	tsig->key = state->key->name;
	set_algorithm(&tsig->algorithm, state->key->algorithm);
	tsig->original_id = message_id(message);
	tsig->mac.len = compute(mac, &m, tsig);
	tsig->mac.data = mac;
	ensure(put_record(message, tsig));
	memcpy(state->mac, mac, tsig->mac.len);
	state->mac_len = (uint16_t)tsig->mac.len;
	state->mac_full_len = (uint16_t)tsig->mac.len;
	return OK;
}

/* What came, cut off where it was: that is what the other side has. */
static struct blob
prior_mac(const struct tsig_state *state)
{
	return (struct blob){ state->mac, state->mac_len };
}

enum status
tsig_sign_reply(struct writer *message, const struct tsig_env *env,
    struct tsig_state *state, uint64_t now_s)
{
	const struct signed_message form = {
		.ops = env->mac,
		.prior = prior_mac(state),
		.form = MAC_VARIABLES,
	};
	uint8_t time[OTHER_TIME];
	struct writer w = writer_make(time, sizeof time);
	struct tsig tsig UNINITIALIZED;

	require(state->key != NULL && state->mac_full_len > 0);
	tsig.time_signed_s = now_s;
	tsig.fudge_s = TSIG_FUDGE_S;
	tsig.error = state->error;
	tsig.other = (struct blob){ .data = NULL };
	if (state->error == RCODE_BADTIME) {
		/* 5.2.3: the client's time, so that it believes the answer, and
		 * ours as other data */
		tsig.time_signed_s = state->time_signed_s;
		write_time(&w, now_s);
		tsig.other = (struct blob){ time, sizeof time };
	}
	return sign(message, &form, &tsig, state);
}

enum status
tsig_sign_next(struct writer *message, const struct tsig_env *env,
    struct tsig_state *state, uint64_t now_s)
{
	const struct signed_message form = {
		.ops = env->mac,
		.prior = prior_mac(state),
		.form = MAC_TIMERS,
	};
	struct tsig tsig UNINITIALIZED;

	require(state->key != NULL && state->mac_full_len > 0);
	tsig.time_signed_s = now_s;
	tsig.fudge_s = TSIG_FUDGE_S;
	tsig.error = RCODE_NOERROR;
	tsig.other = (struct blob){ .data = NULL };
	return sign(message, &form, &tsig, state);
}

/* --------------------------------------------------- the other side: client */

enum status
tsig_sign_request(struct writer *message, const struct tsig_env *env,
    const struct tsig_key *key, struct tsig_state *state, uint64_t now_s)
{
	const struct signed_message form = {
		.ops = env->mac,
		.form = MAC_VARIABLES,
	};
	struct tsig tsig UNINITIALIZED;

	*state = (struct tsig_state){
		.key = key,
		.error = RCODE_NOERROR,
		.fudge_s = TSIG_FUDGE_S,
		.time_signed_s = now_s,
	};
	tsig.time_signed_s = now_s;
	tsig.fudge_s = TSIG_FUDGE_S;
	tsig.error = RCODE_NOERROR;
	tsig.other = (struct blob){ .data = NULL };
	return sign(message, &form, &tsig, state);
}

enum status
tsig_check_reply(struct tsig_state *state, const struct tsig_env *env,
    const struct message *m, const struct tsig *tsig, uint64_t now_s)
{
	require(m->tsig >= MESSAGE_HEADER && m->tsig <= m->len);
	if (!dname_equal(&tsig->key, &state->key->name) ||
	    !is_algorithm_of(&tsig->algorithm, state->key))
		return ERR_REFUSED;
	if (tsig->mac.len == 0) /* 5.3.2: an error that nobody signed */
		return ERR_REFUSED;
	struct signed_message signed_message = unsigned_of(env, m, tsig,
	    state->key);
	signed_message.prior = prior_mac(state);
	enum status status = check_mac(state, &signed_message, tsig);
	if (status != OK)
		return status;
	return is_inside(tsig->time_signed_s, tsig->fudge_s, now_s) ?
	    OK : ERR_REFUSED;
}
