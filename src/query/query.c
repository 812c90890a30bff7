/*
 * The answer to one message: a straight line of refusals, then one look-up.
 * Nothing is allocated, here or below: the answer grows in the caller's
 * buffer, records come out of the image into it, names are kept as offsets,
 * and all else lives on the stack. (OpenSSL allocates when a key is known and
 * a signature is checked.) Layer 4; pure; the query thread.
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
#include "query/answer.h"
#include "query/chaos.h"
#include "query/signature.h"
#include "query/whois.h"

/* What a message gets without look-up, or that it gets one. */
struct verdict {
	uint16_t rcode;
	enum edns_error error;
	enum { ANSWER_NOTHING, ANSWER_CHAOS, ANSWER_ZONE, ANSWER_LATER } answer;
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

/* The signature comes before everything that it covers (RFC 8945 5.1). */
static struct verdict
judge_message(const struct query_env *env, const struct query_view *view,
    const struct message *m, struct signature *signature)
{
	uint16_t rcode = signature_check(signature, env, view, m);

	if (rcode != RCODE_NOERROR)
		return refuse(rcode, EDNS_ERROR_NONE);
	if (message_opcode(m) != OPCODE_QUERY)
		return refuse(RCODE_NOTIMP, EDNS_ERROR_NOT_SUPPORTED);
	if (m->edns.is_present && m->edns.version > EDNS_VERSION)
		return refuse(RCODE_BADVERS, EDNS_ERROR_NONE);
	if (has_records(m))
		return refuse(RCODE_FORMERR, EDNS_ERROR_NONE);
	if (m->qclass == CLASS_CH)
		return (struct verdict){ RCODE_NOERROR, EDNS_ERROR_NONE,
			ANSWER_CHAOS };
	if (m->qclass != CLASS_IN && m->qclass != CLASS_ANY)
		return refuse(RCODE_REFUSED, EDNS_ERROR_NOT_AUTHORITATIVE);
	return judge_type(m->qtype);
}

/* A message that cannot be taken apart. */
static struct verdict
judge_broken(const struct message *m)
{
	if (message_opcode(m) != OPCODE_QUERY)
		return refuse(RCODE_NOTIMP, EDNS_ERROR_NOT_SUPPORTED);
	return refuse(RCODE_FORMERR, EDNS_ERROR_NONE);
}

/* What is under way: a query, who asks, the answer. */
struct asking {
	const struct query_env *env;
	const struct query_view *view;
	struct reply *reply;
	const struct signature *signature;
	struct query_result *result;
};

/* Below w.<apex>: with a key that may read there, and what was looked up. */
static struct verdict
answer_whois(struct asking *asking, const struct query_name *name)
{
	const struct keyring_key *key = asking->signature->key;
	const struct whois *whois = asking->view->whois;
	struct reply *reply = asking->reply;
	struct qname qname = name->qname;

	if (key == NULL || (key->role != ROLE_AUTHORITY &&
	    key->role != ROLE_CARRIER))
		return refuse(RCODE_REFUSED, EDNS_ERROR_PROHIBITED);
	if (asking->view->version == NULL)
		return refuse(RCODE_SERVFAIL, EDNS_ERROR_NOT_READY);
	if (whois == NULL) {
		asking->result->wants_whois = true;
		owner_set(&asking->result->whois_owner, qname.owner);
		return (struct verdict){ RCODE_NOERROR, EDNS_ERROR_NONE,
			ANSWER_LATER };
	}
	if (!whois_may_read(key, whois))
		return refuse(RCODE_REFUSED, EDNS_ERROR_PROHIBITED);
	if (reply->query->qclass == CLASS_IN)
		reply->flags |= FLAG_AA;
	size_t zone = reply_suffix(reply, MESSAGE_HEADER,
	    qname.n_labels - 1u);
	uint16_t rcode = whois_answer(reply, whois, asking->view->version,
	    (uint16_t)zone);
	return refuse(rcode, EDNS_ERROR_NONE);
}

/* The name: in the zone, and not below the whois zone; then the look-up. */
static struct verdict
answer_zone(struct asking *asking)
{
	const struct query_env *env = asking->env;
	const struct message *m = asking->reply->query;
	struct answer answer UNINITIALIZED;

	if (!query_name_make(&answer.name, message_qname(m), m->qname_len,
		&env->apex))
		return refuse(RCODE_REFUSED, EDNS_ERROR_NOT_AUTHORITATIVE);
	bool is_whois = query_name_is_whois(&answer.name);
	if (is_whois && answer.name.qname.n_labels > 1)
		return answer_whois(asking, &answer.name);
	if (asking->view->version == NULL)
		return refuse(RCODE_SERVFAIL, EDNS_ERROR_NOT_READY);
	answer.apex = &env->apex;
	answer.version = asking->view->version;
	answer.reply = asking->reply;
	answer.qtype = m->qtype;
	answer.rcode = RCODE_NOERROR;
	answer.owner = MESSAGE_HEADER;
	answer.n_chain = 0;
	/* RFC 1035 6.2: an answer to QCLASS * is never authoritative. */
	if (m->qclass == CLASS_IN)
		asking->reply->flags |= FLAG_AA;
	if (is_whois)
		answer_whois_apex(&answer);
	else
		answer_name(&answer);
	if (answer.rcode == RCODE_SERVFAIL)
		asking->reply->flags &= (uint16_t)~FLAG_AA;
	return (struct verdict){ answer.rcode, EDNS_ERROR_NONE, ANSWER_ZONE };
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
query_answer(const struct query_env *env, const struct query_view *view,
    enum query_transport transport, const uint8_t *in, size_t in_len,
    uint8_t *out, size_t cap, struct query_result *result)
{
	struct message m UNINITIALIZED;
	struct reply reply UNINITIALIZED;
	struct signature signature UNINITIALIZED;
	struct asking asking = { env, view, &reply, &signature, result };

	result->rcode = RCODE_NOERROR;
	result->qtype = 0;
	result->is_truncated = false;
	result->wants_whois = false;
	if (in_len < MESSAGE_HEADER || (in[2] & (FLAG_QR >> 8)) != 0)
		return 0;
	signature.kind = SIGNATURE_NONE;
	enum status parsed = message_parse(&m, in, in_len);
	reply_init(&reply, &m, out, cap, answer_max(&m, transport));
	struct verdict verdict = parsed == OK ?
	    judge_message(env, view, &m, &signature) : judge_broken(&m);
	signature_reserve(&signature, &reply);
	if (verdict.answer == ANSWER_ZONE)
		verdict = answer_zone(&asking);
	else if (verdict.answer == ANSWER_CHAOS)
		verdict.rcode = chaos_answer(env, signature.key, &reply);
	if (verdict.answer == ANSWER_LATER)
		return 0;
	result->rcode = verdict.rcode;
	result->qtype = m.qtype;
	result->is_truncated = (reply.flags & FLAG_TC) != 0;
	size_t len = reply_finish(&reply, verdict.rcode, verdict.error);
	return signature_finish(&signature, env, view, &reply, len);
}
