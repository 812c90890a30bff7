/*
 * Look-up and answer of whois data. A holder is found as the registry finds
 * it: the number's own ocn=, else that of the innermost explicit block above
 * it that has one. Layer 4; pure.
 */
#include "query/whois.h"

#include "dns/rcode.h"
#include "dns/rdata.h"
#include "query/section.h"
#include "registry/keyring.h"
#include "registry/property.h"
#include "registry/scope.h"

#include <string.h>

enum {
	WHOIS_LABEL_LEN = 2, /* bytes of the label w in front of an owner */
	POINTER = 0xc000,
};

/* ------------------------------------------------------------------ finding */

/* The ocn= at a public name, if it is an explicit one. */
static enum status
holder_at(char holder[5], struct arena *arena,
    const struct whois_source *source, struct blob owner)
{
	struct node node = { 0 };
	struct rrset rrset;
	struct blob rdata;
	struct blob value;

	enum status status = source->get(source->arg, owner, arena, &node);
	if (status != OK)
		return status;
	if ((node.flags & NODE_DERIVED) != 0 ||
	    !rrset_find(node.rrsets, TYPE_TXT, &rrset))
		return OK;
	while (rrset_next_rdata(&rrset.rdatas, &rdata)) {
		if (attribute_is(rdata, PROPERTY_OCN, &value) &&
		    ocn_is_valid(value)) {
			memcpy(holder, value.data, 4);
			holder[4] = '\0';
		}
	}
	return OK;
}

/* From the number or block outwards, block by block. */
static enum status
find_holder(char holder[5], struct arena *arena,
    const struct whois_source *source, struct blob owner)
{
	struct name_class class_ = name_classify(owner);
	struct blob public = { owner.data + WHOIS_LABEL_LEN,
		owner.len - WHOIS_LABEL_LEN };
	struct owner block;

	if (class_.kind != NAME_WHOIS_NUMBER &&
	    class_.kind != NAME_WHOIS_BLOCK)
		return OK;
	enum status status = holder_at(holder, arena, source, public);
	if (class_.kind == NAME_WHOIS_BLOCK)
		public = owner_parent(public); /* its prefix */
	/* at most 15 turns: one digit less each */
	while (status == OK && holder[0] == '\0' && public.len > 2) {
		public = owner_parent(public);
		owner_set(&block, public);
		status = owner_push(&block, "*", 1);
		if (status == OK)
			status = holder_at(holder, arena, source,
			    owner_blob(&block));
	}
	return status;
}

/* RFC 4592 3.3.1: the closest encloser, and '*' below it. */
static enum status
find_wildcard(struct whois *out, struct arena *arena,
    const struct whois_source *source, struct blob owner)
{
	struct owner star;
	struct node node = { 0 };
	bool exists = false;
	enum status status = OK;

	while (status == OK && !exists && owner.len > WHOIS_LABEL_LEN) {
		owner = owner_parent(owner);
		exists = owner.len == WHOIS_LABEL_LEN; /* the zone itself */
		if (!exists)
			status = source->exists(source->arg, owner, &exists);
	}
	if (status != OK)
		return status;
	owner_set(&star, owner);
	if (owner_push(&star, "*", 1) != OK)
		return OK; /* too long a name to be there */
	status = source->get(source->arg, owner_blob(&star), arena, &node);
	if (status != OK)
		return status;
	out->exists = node.rrsets.len > 0;
	out->rrsets = node.rrsets;
	return OK;
}

enum status
whois_find(struct whois *out, struct arena *arena,
    const struct whois_source *source, struct blob owner)
{
	struct node node = { 0 };

	memset(out, 0, sizeof *out);
	enum status status = find_holder(out->holder, arena, source, owner);
	if (status == OK)
		status = source->get(source->arg, owner, arena, &node);
	if (status != OK)
		return status;
	out->rrsets = node.rrsets;
	out->exists = node.rrsets.len > 0;
	if (!out->exists)
		status = source->exists(source->arg, owner, &out->exists);
	if (status != OK || out->exists)
		return status;
	return find_wildcard(out, arena, source, owner);
}

bool
whois_may_read(const struct keyring_key *key, const struct whois *whois)
{
	switch (key->role) {
	case ROLE_AUTHORITY:
		return true;
	case ROLE_CARRIER:
		return whois->holder[0] != '\0' &&
		    strcmp(whois->holder, key->ocn) == 0;
	case ROLE_NONE:
	case ROLE_TRANSFER:
	case ROLE_REGISTRAR:
		break;
	}
	return false;
}

/* ---------------------------------------------------------------- answering */

/* All records of an RRset, owned by the question's name. */
static bool
put_rrset(struct reply *reply, const struct rrset *rrset)
{
	struct writer w = writer_make(reply_tail(reply),
	    reply_room(reply, rrset->type));
	struct blob rest = rrset->rdatas;
	struct blob rdata;

	while (rrset_next_rdata(&rest, &rdata)) {
		write_u16(&w, POINTER | MESSAGE_HEADER);
		write_u16(&w, rrset->type);
		write_u16(&w, CLASS_IN);
		write_u32(&w, rrset->ttl);
		write_u16(&w, (uint16_t)rdata.len);
		write_bytes(&w, rdata.data, rdata.len);
	}
	return !w.bad && reply_take(reply, SECTION_ANSWER, rrset->type,
	    rrset->count, writer_len(&w));
}

/* RFC 8482 4.1 for ANY: the one with the lowest type. CNAME answers for all
 * types and is not followed. */
static bool
find_rrset(const struct whois *whois, uint16_t qtype, struct rrset *out)
{
	struct blob rest = whois->rrsets;

	if (qtype == TYPE_ANY)
		return rrset_next(&rest, out);
	return rrset_find(whois->rrsets, qtype, out) ||
	    rrset_find(whois->rrsets, TYPE_CNAME, out);
}

uint16_t
whois_answer(struct reply *reply, const struct whois *whois,
    const struct image_version *version, uint16_t zone)
{
	struct rrset rrset;

	if (find_rrset(whois, reply->query->qtype, &rrset)) {
		if (!put_rrset(reply, &rrset))
			reply_truncate(reply);
		return RCODE_NOERROR;
	}
	enum status status = section_put_negative(reply, version, zone);
	if (status == ERR_NOT_FOUND)
		return RCODE_SERVFAIL;
	if (status != OK)
		reply_truncate(reply);
	return whois->exists ? RCODE_NOERROR : RCODE_NXDOMAIN;
}
