/*
 * The look-up: RFC 1034 4.3.2 with the wildcards of RFC 4592, the negative
 * answers of RFC 2308 and the short ANY of RFC 8482. Layer 4; pure; the query
 * thread.
 *
 * Owners of records are always pointers: to the question's name (the answer,
 * a wildcard's too, so its case is kept), to the apex inside it (SOA), to the
 * rdata of a CNAME (what it leads to) or of an NS (addresses).
 */
#include "query/answer.h"

#include "base/bytes.h"
#include "base/compiler.h"
#include "dns/rcode.h"
#include "dns/rdata.h"
#include "query/section.h"

enum step { STEP_DONE, STEP_FOLLOW };

/* Where the apex stands in the question's name, which ends with it. */
static uint16_t
apex_offset(const struct answer *a)
{
	return (uint16_t)(MESSAGE_HEADER + a->reply->query->qname_len -
	    a->apex->len);
}

static void
put_negative(struct answer *a, uint16_t zone)
{
	enum status status = section_put_negative(a->reply, a->version, zone);

	if (status == ERR_NOT_FOUND)
		a->rcode = RCODE_SERVFAIL;
	else if (status != OK)
		reply_truncate(a->reply);
}

/* NS of the zone at `owner` into a section, with the addresses they need. */
static void
put_servers(struct answer *a, enum message_section section,
    const struct image_rrset *ns, struct tn tn, uint16_t owner,
    const struct blob *cut)
{
	size_t start = a->reply->len;

	if (!section_put(a->reply, section, ns, tn, owner) ||
	    !section_put_addresses(a->reply, a->version, a->apex, start,
		ns->count, cut))
		reply_truncate(a->reply);
}

/* The owner bytes of the first n labels. */
static struct blob
owner_front(struct blob owner, unsigned n)
{
	size_t len = 0;

	for (; n > 0 && len < owner.len; n--)
		len += 1u + owner.data[len];
	return (struct blob){ .data = owner.data, .len = len };
}

/* 3b: a cut. The parent answers for DS at it (RFC 4035 3.1.4.1). */
static void
answer_cut(struct answer *a, const struct image_match *match)
{
	const struct qname *qname = &a->name.qname;
	struct image_rrset rrset;

	if (a->qtype == TYPE_DS && match->encloser_labels == qname->n_labels) {
		if (!image_rrset(a->version, match->node, TYPE_DS, &rrset))
			put_negative(a, apex_offset(a));
		else if (!section_put(a->reply, SECTION_ANSWER, &rrset,
			     match->tn, a->owner))
			reply_truncate(a->reply);
		return;
	}
	if (!image_rrset(a->version, match->node, TYPE_NS, &rrset)) {
		a->rcode = RCODE_SERVFAIL;
		return;
	}
	if (a->n_chain == 0)
		a->reply->flags &= (uint16_t)~FLAG_AA;
	struct blob cut = owner_front(qname->owner, match->encloser_labels);
	size_t owner = reply_suffix(a->reply, a->owner,
	    (unsigned)(qname->n_labels - match->encloser_labels));
	put_servers(a, SECTION_AUTHORITY, &rrset, match->tn, (uint16_t)owner,
	    &cut);
}

/* 3a for CNAME: make its target the name looked up. */
static enum step
follow(struct answer *a, size_t start)
{
	size_t target = start + REPLY_RECORD_FIXED;
	size_t at = target;
	struct dname name UNINITIALIZED;

	a->chain[a->n_chain++] = a->owner;
	if (a->n_chain == ANSWER_CHAIN_MAX || target > REPLY_POINTER_MAX ||
	    dname_read(&name, a->reply->bytes, a->reply->len, &at) != OK ||
	    !query_name_make(&a->name, name.bytes, name.len, a->apex) ||
	    query_name_is_whois(&a->name))
		return STEP_DONE;
	for (unsigned i = 0; i < a->n_chain; i++) {
		if (reply_names_equal(a->reply, a->chain[i], target))
			return STEP_DONE; /* a loop: told once, as it is */
	}
	a->owner = (uint16_t)target;
	return STEP_FOLLOW;
}

/* RFC 8482 4.1: of ANY one RRset, the one with the lowest type. */
static bool
find_any(const struct answer *a, const struct image_match *match,
    struct image_rrset *out)
{
	uint32_t cursor = 0;

	return image_rrset_next(a->version, match->node, &cursor, out);
}

/* 3a and 3c: a node that answers, the name's own or a wildcard. */
static enum step
answer_node(struct answer *a, const struct image_match *match)
{
	struct image_rrset rrset;
	size_t start = a->reply->len;
	bool found = a->qtype == TYPE_ANY
	    ? find_any(a, match, &rrset)
	    : image_rrset(a->version, match->node, a->qtype, &rrset);
	bool is_alias = !found &&
	    image_rrset(a->version, match->node, TYPE_CNAME, &rrset);

	if (!found && !is_alias) {
		put_negative(a, apex_offset(a));
		return STEP_DONE;
	}
	if (rrset.type == TYPE_NS) {
		put_servers(a, SECTION_ANSWER, &rrset, match->tn, a->owner,
		    NULL);
		return STEP_DONE;
	}
	if (!section_put(a->reply, SECTION_ANSWER, &rrset, match->tn,
		a->owner)) {
		reply_truncate(a->reply);
		return STEP_DONE;
	}
	return is_alias ? follow(a, start) : STEP_DONE;
}

static enum step
answer_step(struct answer *a)
{
	struct image_match match;

	image_find(a->version, &a->name.qname, &match);
	switch (match.kind) {
	case MATCH_EXACT:
	case MATCH_WILDCARD:
		return answer_node(a, &match);
	case MATCH_NONE:
		/* RFC 6604 3: after CNAMEs too, it is the last name's. */
		a->rcode = RCODE_NXDOMAIN;
		put_negative(a, apex_offset(a));
		return STEP_DONE;
	case MATCH_EMPTY:
		put_negative(a, apex_offset(a));
		return STEP_DONE;
	case MATCH_CUT:
		answer_cut(a, &match);
		return STEP_DONE;
	}
	return STEP_DONE;
}

void
answer_name(struct answer *answer)
{
	/* At most ANSWER_CHAIN_MAX turns: follow counts them. */
	while (answer_step(answer) == STEP_FOLLOW)
		;
}

void
answer_whois_apex(struct answer *a)
{
	struct image_match match;
	struct node_ref apex;
	struct image_rrset rrset;

	image_find(a->version, &a->name.qname, &match);
	if (a->qtype == TYPE_DS && match.kind == MATCH_CUT) {
		answer_cut(a, &match);
		return;
	}
	bool has_ns = (a->qtype == TYPE_NS || a->qtype == TYPE_ANY) &&
	    match.kind == MATCH_CUT &&
	    image_rrset(a->version, match.node, TYPE_NS, &rrset);
	if (has_ns) {
		put_servers(a, SECTION_ANSWER, &rrset, match.tn, a->owner,
		    NULL);
		return;
	}
	if (a->qtype != TYPE_SOA) {
		put_negative(a, a->owner);
		return;
	}
	if (!section_apex(a->version, &apex) ||
	    !image_rrset(a->version, apex, TYPE_SOA, &rrset))
		a->rcode = RCODE_SERVFAIL;
	else if (!section_put(a->reply, SECTION_ANSWER, &rrset,
		     (struct tn){ 0 }, a->owner))
		reply_truncate(a->reply);
}
