/*
 * Class CHAOS. RFC 4892. Layer 4; pure; the query thread.
 */
#include "query/chaos.h"

#include "base/bytes.h"
#include "dns/name.h"
#include "dns/rcode.h"
#include "dns/rdata.h"
#include "query/query.h"

#include <string.h>

static const struct {
	const char *wire; /* lower case, with the root label as final NUL */
	uint8_t len;
	enum { TEXT_VERSION, TEXT_SERVER } text;
} names[] = {
	{ "\7version\4bind", 14, TEXT_VERSION },
	{ "\7version\6server", 16, TEXT_VERSION },
	{ "\2id\6server", 11, TEXT_SERVER },
	{ "\10hostname\4bind", 15, TEXT_SERVER },
};

static bool
is_name(const struct message *query, const char *wire, uint8_t len)
{
	const uint8_t *qname = message_qname(query);

	if (query->qname_len != len)
		return false;
	for (unsigned i = 0; i < len; i++) {
		if (dns_lower(qname[i]) != (uint8_t)wire[i])
			return false;
	}
	return true;
}

static const char *
find_text(const struct query_env *env, const struct message *query)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (is_name(query, names[i].wire, names[i].len))
			return names[i].text == TEXT_VERSION ? env->version_bind
							     : env->id_server;
	}
	return "";
}

uint16_t
chaos_answer(const struct query_env *env, struct reply *reply)
{
	const struct message *query = reply->query;
	const char *text = find_text(env, query);
	size_t len = strlen(text);

	if (len == 0)
		return RCODE_REFUSED;
	reply->flags |= FLAG_AA;
	if (query->qtype != TYPE_TXT && query->qtype != TYPE_ANY)
		return RCODE_NOERROR;
	struct writer w = writer_make(reply_tail(reply),
	    reply_room(reply, TYPE_TXT));
	write_u16(&w, 0xc000 | MESSAGE_HEADER);
	write_u16(&w, TYPE_TXT);
	write_u16(&w, CLASS_CH);
	write_u32(&w, 0);
	write_u16(&w, (uint16_t)(len + 1));
	write_u8(&w, (uint8_t)len);
	write_bytes(&w, text, len);
	if (w.bad || !reply_take(reply, SECTION_ANSWER, TYPE_TXT, 1,
			 writer_len(&w)))
		reply_truncate(reply);
	return RCODE_NOERROR;
}
