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
	enum { TEXT_VERSION, TEXT_SERVER, TEXT_WHOAMI } text;
} names[] = {
	{ "\7version\4bind", 14, TEXT_VERSION },
	{ "\7version\6server", 16, TEXT_VERSION },
	{ "\2id\6server", 11, TEXT_SERVER },
	{ "\10hostname\4bind", 15, TEXT_SERVER },
	{ "\6whoami\5e164d", 14, TEXT_WHOAMI },
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

static void
write_string(struct writer *w, const char *name, const char *value)
{
	size_t name_len = strlen(name);
	size_t len = name_len + strlen(value);

	if (len > QUERY_TEXT_MAX)
		return; /* a zone that nobody types */
	write_u8(w, (uint8_t)len);
	write_bytes(w, name, name_len);
	write_bytes(w, value, len - name_len);
}

static const char *
role_text(enum role role)
{
	switch (role) {
	case ROLE_AUTHORITY:
		return "authority";
	case ROLE_CARRIER:
		return "carrier";
	case ROLE_TRANSFER:
		return "transfer";
	case ROLE_NONE:
	case ROLE_REGISTRAR:
		break;
	}
	return "none";
}

/* zone=, role=, ocn= of the key. Nothing to strangers. */
static void
write_whoami(struct writer *w, const struct query_env *env,
    const struct keyring_key *key)
{
	char zone[NAME_TEXT_MAX];

	if (key == NULL)
		return;
	write_string(w, "zone=", dname_format(zone, sizeof zone, &env->apex));
	write_string(w, "role=", role_text(key->role));
	if (key->ocn[0] != '\0')
		write_string(w, "ocn=", key->ocn);
}

/* The strings of the answer; none: REFUSED. */
static void
write_text(struct writer *w, const struct query_env *env,
    const struct keyring_key *key, const struct message *query)
{
	size_t i = 0;

	while (i < sizeof names / sizeof names[0] &&
	    !is_name(query, names[i].wire, names[i].len))
		i++;
	if (i == sizeof names / sizeof names[0])
		return;
	switch (names[i].text) {
	case TEXT_VERSION:
		if (env->version_bind[0] != '\0')
			write_string(w, "", env->version_bind);
		break;
	case TEXT_SERVER:
		if (env->id_server[0] != '\0')
			write_string(w, "", env->id_server);
		break;
	case TEXT_WHOAMI:
		write_whoami(w, env, key);
		break;
	}
}

uint16_t
chaos_answer(const struct query_env *env, const struct keyring_key *key,
    struct reply *reply)
{
	const struct message *query = reply->query;
	struct writer w = writer_make(reply_tail(reply),
	    reply_room(reply, TYPE_TXT));

	write_u16(&w, 0xc000 | MESSAGE_HEADER);
	write_u16(&w, TYPE_TXT);
	write_u16(&w, CLASS_CH);
	write_u32(&w, 0);
	uint8_t *rdlen = writer_take(&w, 2);
	size_t before = writer_len(&w);
	write_text(&w, env, key, query);
	size_t len = writer_len(&w) - before;
	if (len == 0 && !w.bad)
		return RCODE_REFUSED;
	reply->flags |= FLAG_AA;
	if (query->qtype != TYPE_TXT && query->qtype != TYPE_ANY)
		return RCODE_NOERROR;
	if (rdlen != NULL)
		put_u16(rdlen, (uint16_t)len);
	if (w.bad || !reply_take(reply, SECTION_ANSWER, TYPE_TXT, 1,
			 writer_len(&w)))
		reply_truncate(reply);
	return RCODE_NOERROR;
}
