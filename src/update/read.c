/*
 * An UPDATE message into a request. Refuses with FORMERR, NOTAUTH, NOTZONE
 * what no state could make good, in the order of RFC 2136 3.1, 3.2, 3.4.1;
 * what a name may hold, and whose it is, is the judge's. Layer 4; pure; a
 * query thread.
 */
#include "update/update.h"

#include "dns/rdata.h"
#include "registry/scope.h"

#include <string.h>

enum {
	EXPANDED_MAX = 2 * DNAME_MAX, /* bytes that names in rdata may grow */
};

/* What the reading of one message shares. */
struct reading {
	struct arena *arena;
	const struct message *m;
	const struct dname *apex;
	struct blob top; /* owner of the zone section's name */
	struct update_refusal *refusal;
	struct blob owner; /* of the record before */
};

/* The two sections, which differ in what a class may carry. */
enum part { PART_PREREQ, PART_CHANGE };

static const char *const part_words[] = { "prerequisite", "change" };

static enum status
refuse(struct reading *reading, enum cause cause, enum part part, size_t at,
    const char *what)
{
	reading->refusal->cause = cause;
	reason_set(&reading->refusal->reason, "%s %zu: %s", part_words[part],
	    at + 1, what);
	return ERR_REFUSED;
}

/* --- 3.1 the zone section */

/* @return false: not a zone of ours. */
static bool
find_zone(const struct message *m, const struct dname *apex,
    struct owner *top)
{
	static const uint8_t whois[] = { 1, 'w' };
	struct dname name;
	size_t at = MESSAGE_HEADER;

	if (m->qclass != CLASS_IN ||
	    dname_read(&name, m->bytes, m->len, &at) != OK ||
	    owner_from_dname(top, &name, apex) != OK)
		return false;
	return top->len == 0 || (top->len == sizeof whois &&
	    memcmp(top->bytes, whois, sizeof whois) == 0);
}

static enum status
check_zone(const struct message *m, const struct dname *apex,
    struct owner *top, struct update_refusal *refusal)
{
	/* 3.1.1: one SOA; the count was checked with the message */
	if (m->qname_len == 0 || m->qtype != TYPE_SOA) {
		refusal->cause = CAUSE_FORMAT;
		reason_set(&refusal->reason, "the zone section is not one "
		    "SOA");
		return ERR_REFUSED;
	}
	/* 3.1.2 */
	if (!find_zone(m, apex, top)) {
		refusal->cause = CAUSE_NOT_OUR_ZONE;
		reason_set(&refusal->reason, "the zone section names no zone "
		    "of this server");
		return ERR_REFUSED;
	}
	return OK;
}

enum status
update_check_zone(const struct message *m, const struct dname *apex,
    struct update_refusal *refusal)
{
	struct owner top;

	return check_zone(m, apex, &top, refusal);
}

/* --- names and data */

/* Names repeat: one copy for all records of a name in a row. */
static enum status
read_owner(struct reading *reading, const struct message_rr *from,
    enum part part, size_t at, struct blob *out)
{
	const struct message *m = reading->m;
	struct dname name;
	struct owner owner;
	size_t offset = from->owner;

	if (dname_read(&name, m->bytes, m->len, &offset) != OK)
		return refuse(reading, CAUSE_FORMAT, part, at,
		    "a name that is none");
	if (owner_from_dname(&owner, &name, reading->apex) != OK ||
	    !owner_is_at_or_below(owner_blob(&owner), reading->top))
		return refuse(reading, CAUSE_OUTSIDE_ZONE, part, at,
		    "a name outside the zone");
	if (!blob_equal(owner_blob(&owner), reading->owner) ||
	    reading->owner.data == NULL)
		reading->owner = (struct blob){
			arena_copy(reading->arena, owner.bytes, owner.len),
			owner.len };
	*out = reading->owner;
	return OK;
}

/* Without compression, and as its type asks for. */
static enum status
read_rdata(struct reading *reading, const struct message_rr *from,
    enum part part, size_t at, struct blob *out)
{
	const struct message *m = reading->m;
	struct blob rdata = { m->bytes + from->rdata, from->rdlen };

	if (!rdata_has_names(from->type)) {
		*out = rdata;
		if (rdata_check(from->type, rdata, NULL) == OK)
			return OK;
	} else {
		size_t cap = (size_t)from->rdlen + EXPANDED_MAX;
		uint8_t *to = arena_alloc(reading->arena, cap);
		out->data = to;
		if (rdata_read(to, cap, &out->len, from->type, m->bytes,
			m->len, from->rdata, from->rdlen) == OK)
			return OK;
	}
	return refuse(reading, CAUSE_FORMAT, part, at,
	    "data that is not what its type asks for");
}

/* --- 3.2, 3.4.1 one record */

/* What class, type, TTL and length may be together. NULL: they may. */
static const char *
form_fault(const struct message_rr *rr, enum part part)
{
	bool is_meta = rdata_is_meta(rr->type);

	switch (rr->rclass) {
	case CLASS_IN:
		if (is_meta)
			return "a type that cannot be";
		return part == PART_PREREQ && rr->ttl != 0 ? "a TTL" : NULL;
	case CLASS_ANY:
		break;
	case CLASS_NONE:
		if (part == PART_PREREQ)
			break;
		if (is_meta)
			return "a type that cannot be";
		return rr->ttl != 0 ? "a TTL where none belongs" : NULL;
	default: /* foreign value, not an enum */
		return "a class that is neither IN, ANY nor NONE";
	}
	if (rr->ttl != 0 || rr->rdlen != 0)
		return "TTL or data where none belongs";
	return is_meta && rr->type != TYPE_ANY ? "a type that cannot be"
					       : NULL;
}

static enum status
read_rr(struct reading *reading, const struct message_rr *from,
    enum part part, size_t at, struct request_rr *out)
{
	const char *fault = form_fault(from, part);

	enum status status = read_owner(reading, from, part, at, &out->owner);
	if (status != OK)
		return status;
	if (fault != NULL)
		return refuse(reading, CAUSE_FORMAT, part, at, fault);
	/* what a door makes of a PIN has another type at the same name */
	if (from->type != TYPE_TXT && from->type != TYPE_ANY &&
	    owner_scope(out->owner) == SCOPE_PSEUDO)
		return refuse(reading, CAUSE_RESERVED_NAME, part, at,
		    "only TXT at _has, _pin and _code");
	out->type = from->type;
	out->rclass = from->rclass;
	out->ttl = from->ttl;
	if (from->rclass == CLASS_IN || from->rdlen > 0)
		return read_rdata(reading, from, part, at, &out->rdata);
	if (from->rclass == CLASS_NONE && part == PART_CHANGE)
		return read_rdata(reading, from, part, at, &out->rdata);
	return OK;
}

/* One section. @param offset in: its first record; out: behind its last. */
static enum status
read_rrs(struct reading *reading, enum part part, size_t *offset,
    const struct request_rr **out, size_t n)
{
	struct request_rr *rrs = arena_alloc(reading->arena, n * sizeof *rrs);

	for (size_t i = 0; i < n; i++) {
		struct message_rr rr;
		*offset = message_rr_at(reading->m, *offset, &rr);
		enum status status = read_rr(reading, &rr, part, i, &rrs[i]);
		if (status != OK)
			return status;
	}
	*out = rrs;
	return OK;
}

enum status
update_read(struct arena *arena, struct request *out, const struct message *m,
    const struct dname *apex, struct update_refusal *refusal)
{
	struct reading reading = { .arena = arena, .m = m, .apex = apex,
		.refusal = refusal };
	struct owner top;

	/* 3.1 Zone section */
	enum status status = check_zone(m, apex, &top, refusal);
	if (status != OK)
		return status;
	reading.top = owner_blob(&top);
	out->n_prereqs = m->counts[SECTION_ANSWER];
	out->n_changes = m->counts[SECTION_AUTHORITY];
	if (out->n_prereqs + out->n_changes == 0)
		return OK;
	size_t offset = message_records(m);
	/* 3.2 Prerequisites */
	status = read_rrs(&reading, PART_PREREQ, &offset, &out->prereqs,
	    out->n_prereqs);
	/* 3.4.1 Prescan */
	if (status == OK)
		status = read_rrs(&reading, PART_CHANGE, &offset,
		    &out->changes, out->n_changes);
	if (status != OK || request_len(out) <= REQUEST_BYTES_MAX)
		return status;
	refusal->cause = CAUSE_TOO_LARGE;
	reason_set(&refusal->reason, "with its names written out the request "
	    "is longer than %d bytes", REQUEST_BYTES_MAX);
	return ERR_REFUSED;
}
