/*
 * The answer to one message: a straight line of refusals, then one look-up.
 * Nothing is allocated, here or below: the answer grows in the caller's
 * buffer, records come out of the image into it, names are kept as offsets,
 * and all else lives on the stack. Layer 4; pure; the query thread.
 *
 * Silence only for what is no query at all (under 12 bytes, or a response):
 * answering those would let two servers talk for ever.
 */
#include "query/query.h"

#include "base/bytes.h"
#include "base/compiler.h"
#include "dns/message.h"
#include "dns/rcode.h"
#include "dns/rdata.h"
#include "dns/reply.h"
#include "dns/tsig.h"
#include "query/answer.h"
#include "query/chaos.h"

/* What a message gets without look-up, or that it gets one. */
struct verdict {
	uint16_t rcode;
	enum edns_error error;
	enum { ANSWER_NOTHING, ANSWER_CHAOS, ANSWER_ZONE } answer;
};

static const struct verdict LOOK_UP = { RCODE_NOERROR, EDNS_ERROR_NONE,
	ANSWER_ZONE };

static struct verdict
refuse(uint16_t rcode, enum edns_error error)
{
	return (struct verdict){ rcode, error, ANSWER_NOTHING };
}

/* RFC 1035 4.1: a query carries no answers; RFC 1995 3: IXFR carries an SOA. */
static bool
has_records(const struct message *m)
{
	unsigned authority_max = m->qtype == TYPE_IXFR ? 1 : 0;

	return m->counts[SECTION_ANSWER] > 0 ||
	    m->counts[SECTION_AUTHORITY] > authority_max;
}

/* QTYPEs that are no types of records. */
static struct verdict
judge_type(uint16_t qtype)
{
	switch (qtype) {
	case 0:
	case TYPE_OPT:
	case TYPE_TSIG:
		return refuse(RCODE_FORMERR, EDNS_ERROR_NONE);
	case TYPE_TKEY:
	case TYPE_MAILA:
	case TYPE_MAILB:
		return refuse(RCODE_NOTIMP, EDNS_ERROR_NOT_SUPPORTED);
	case TYPE_AXFR:
	case TYPE_IXFR:
		return refuse(RCODE_REFUSED, EDNS_ERROR_PROHIBITED);
	default:
		return LOOK_UP;
	}
}

static struct verdict
judge_message(const struct message *m, enum status parsed)
{
	if (message_opcode(m) != OPCODE_QUERY)
		return refuse(RCODE_NOTIMP, EDNS_ERROR_NOT_SUPPORTED);
	if (parsed != OK)
		return refuse(RCODE_FORMERR, EDNS_ERROR_NONE);
	if (m->edns.is_present && m->edns.version > EDNS_VERSION)
		return refuse(RCODE_BADVERS, EDNS_ERROR_NONE);
	if (has_records(m))
		return refuse(RCODE_FORMERR, EDNS_ERROR_NONE);
	if (m->tsig != 0) /* RFC 8945 5.2.1: no key is known here */
		return refuse(RCODE_NOTAUTH, EDNS_ERROR_NONE);
	if (m->qclass == CLASS_CH)
		return (struct verdict){ RCODE_NOERROR, EDNS_ERROR_NONE,
			ANSWER_CHAOS };
	if (m->qclass != CLASS_IN && m->qclass != CLASS_ANY)
		return refuse(RCODE_REFUSED, EDNS_ERROR_NOT_AUTHORITATIVE);
	return judge_type(m->qtype);
}

/* The name: in the zone, and not below the whois zone; then the look-up. */
static struct verdict
answer_zone(const struct query_env *env, const struct image_version *version,
    struct reply *reply)
{
	const struct message *m = reply->query;
	struct answer answer UNINITIALIZED;

	if (!query_name_make(&answer.name, message_qname(m), m->qname_len,
		&env->apex))
		return refuse(RCODE_REFUSED, EDNS_ERROR_NOT_AUTHORITATIVE);
	bool is_whois = query_name_is_whois(&answer.name);
	if (is_whois && answer.name.qname.n_labels > 1)
		return refuse(RCODE_REFUSED, EDNS_ERROR_PROHIBITED);
	if (version == NULL)
		return refuse(RCODE_SERVFAIL, EDNS_ERROR_NOT_READY);
	answer.apex = &env->apex;
	answer.version = version;
	answer.reply = reply;
	answer.qtype = m->qtype;
	answer.rcode = RCODE_NOERROR;
	answer.owner = MESSAGE_HEADER;
	answer.n_chain = 0;
	/* RFC 1035 6.2: an answer to QCLASS * is never authoritative. */
	if (m->qclass == CLASS_IN)
		reply->flags |= FLAG_AA;
	if (is_whois)
		answer_whois_apex(&answer);
	else
		answer_name(&answer);
	if (answer.rcode == RCODE_SERVFAIL)
		reply->flags &= (uint16_t)~FLAG_AA;
	return (struct verdict){ answer.rcode, EDNS_ERROR_NONE, ANSWER_ZONE };
}

/*
 * RFC 8945 5.3.2: to a key that is not known, BADKEY in an unsigned TSIG, as
 * the last record. FORMERR if what looked like a TSIG is none.
 */
static size_t
finish_bad_key(struct reply *reply, size_t max)
{
	const struct message *m = reply->query;
	struct tsig tsig;

	if (tsig_read(&tsig, m->bytes, m->len, m->tsig) != OK)
		return reply_finish(reply, RCODE_FORMERR, EDNS_ERROR_NONE);
	size_t len = reply_finish(reply, RCODE_NOTAUTH, EDNS_ERROR_NONE);
	struct writer w = writer_make(reply->bytes, max);
	w.pos += len;
	/* two names of 255 bytes may not fit: the RCODE alone must do */
	tsig_write_error(&w, &tsig, RCODE_BADKEY);
	return writer_len(&w);
}

/* Bytes that may be sent back. */
static size_t
answer_max(const struct message *m, enum query_transport transport)
{
	if (transport == QUERY_TCP)
		return QUERY_TCP_MAX;
	if (!m->edns.is_present || m->edns.udp_size < EDNS_UDP_PLAIN)
		return EDNS_UDP_PLAIN;
	return m->edns.udp_size < QUERY_UDP_MAX ? m->edns.udp_size
						: QUERY_UDP_MAX;
}

size_t
query_answer(const struct query_env *env, const struct image_version *version,
    enum query_transport transport, const uint8_t *in, size_t in_len,
    uint8_t *out, size_t cap, struct query_result *result)
{
	struct message m UNINITIALIZED;
	struct reply reply UNINITIALIZED;

	*result = (struct query_result){ .rcode = RCODE_NOERROR };
	if (in_len < MESSAGE_HEADER || (in[2] & (FLAG_QR >> 8)) != 0)
		return 0;
	enum status parsed = message_parse(&m, in, in_len);
	size_t max = answer_max(&m, transport);
	reply_init(&reply, &m, out, cap, max);
	struct verdict verdict = judge_message(&m, parsed);
	if (verdict.answer == ANSWER_ZONE)
		verdict = answer_zone(env, version, &reply);
	else if (verdict.answer == ANSWER_CHAOS)
		verdict.rcode = chaos_answer(env, &reply);
	result->rcode = verdict.rcode;
	result->qtype = m.qtype;
	result->is_truncated = (reply.flags & FLAG_TC) != 0;
	if (verdict.rcode == RCODE_NOTAUTH)
		return finish_bad_key(&reply, max < cap ? max : cap);
	return reply_finish(&reply, verdict.rcode, verdict.error);
}
