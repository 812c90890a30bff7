/*
 * RRsets into sections: negative TTL, addresses of name
 * servers. RFC 2308 3 and 5, RFC 1034 4.3.2, RFC 9471. Layer 4; pure; the
 * query thread.
 */
#include "query/section.h"

#include "base/bytes.h"
#include "base/compiler.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "query/answer.h"
#include "query/qname.h"

enum {
	SOA_MINIMUM_BACK = 4, /* bytes from the end of SOA rdata */
	RECORD_TTL = 6,       /* offset in a record with a pointer as owner */
};

static uint32_t
get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/* Write an RRset at the tail. @return its bytes; 0 if it does not fit. */
static size_t
emit(struct reply *reply, const struct image_rrset *rrset, struct tn tn,
    uint16_t owner)
{
	return image_emit(rrset, tn, owner, reply_tail(reply),
	    reply_room(reply, rrset->type));
}

bool
section_put(struct reply *reply, enum message_section section,
    const struct image_rrset *rrset, struct tn tn, uint16_t owner)
{
	size_t len = emit(reply, rrset, tn, owner);

	return reply_take(reply, section, rrset->type, rrset->count, len);
}

bool
section_apex(const struct image_version *version, struct node_ref *out)
{
	struct qname apex = { .owner = { .data = NULL, .len = 0 } };
	struct image_match match;

	image_find(version, &apex, &match);
	if (match.kind != MATCH_EXACT)
		return false;
	*out = match.node;
	return true;
}

enum status
section_put_negative(struct reply *reply, const struct image_version *version,
    uint16_t owner)
{
	struct node_ref apex;
	struct image_rrset soa;

	if (!section_apex(version, &apex) ||
	    !image_rrset(version, apex, TYPE_SOA, &soa))
		return ERR_NOT_FOUND;
	size_t len = emit(reply, &soa, (struct tn){ 0 }, owner);
	if (len > REPLY_RECORD_FIXED + SOA_MINIMUM_BACK) {
		uint8_t *tail = reply_tail(reply);
		uint32_t minimum = get_u32(tail + len - SOA_MINIMUM_BACK);
		if (minimum < soa.ttl)
			put_u32(tail + RECORD_TTL, minimum);
	}
	return reply_take(reply, SECTION_AUTHORITY, TYPE_SOA, 1, len)
	    ? OK
	    : ERR_NO_ROOM;
}

/* Addresses of the name at offset. @return false: one did not fit. */
static bool
put_address(struct reply *reply, const struct image_version *version,
    const struct qname *target, size_t offset)
{
	static const uint16_t types[] = { TYPE_A, TYPE_AAAA };
	struct node_ref node;
	struct tn tn;

	if (!image_find_glue(version, target, &node, &tn))
		return true;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct image_rrset rrset;
		if (!image_rrset(version, node, types[i], &rrset))
			continue;
		if (offset > REPLY_POINTER_MAX ||
		    !section_put(reply, SECTION_ADDITIONAL, &rrset, tn,
			(uint16_t)offset))
			return false;
	}
	return true;
}

enum glue { GLUE_NEEDED, GLUE_USEFUL };

/* One pass over the NS records, for targets below the cut or for the rest. */
static bool
put_pass(struct reply *reply, const struct image_version *version,
    const struct dname *apex, size_t start, uint16_t count,
    const struct blob *cut, enum glue pass, unsigned *n_names)
{
	size_t pos = start;

	for (uint16_t i = 0; i < count; i++) {
		const uint8_t *record = reply->bytes + pos;
		size_t offset = pos + REPLY_RECORD_FIXED;
		pos = offset + (size_t)(record[10] << 8 | record[11]);
		struct dname target UNINITIALIZED;
		struct query_name name UNINITIALIZED;
		size_t at = offset;
		if (dname_read(&target, reply->bytes, reply->len, &at) != OK ||
		    !query_name_make(&name, target.bytes, target.len, apex))
			continue;
		bool needed = cut != NULL &&
		    owner_is_at_or_below(name.qname.owner, *cut);
		if (needed != (pass == GLUE_NEEDED) ||
		    query_name_is_whois(&name))
			continue;
		if (++*n_names > ANSWER_ADDITIONAL_MAX && !needed)
			return true;
		if (!put_address(reply, version, &name.qname, offset) && needed)
			return false;
	}
	return true;
}

bool
section_put_addresses(struct reply *reply, const struct image_version *version,
    const struct dname *apex, size_t start, uint16_t count,
    const struct blob *cut)
{
	unsigned n_names = 0;

	if (cut != NULL && !put_pass(reply, version, apex, start, count, cut,
			       GLUE_NEEDED, &n_names))
		return false;
	return put_pass(reply, version, apex, start, count, cut, GLUE_USEFUL,
	    &n_names);
}
