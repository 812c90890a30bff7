/*
 * RFC 2136 3.4.2.2-4 and .7, and at registry names: a single-valued attribute
 * replaces its old value; the holder is not deletable (ocn= is to such a name
 * what SOA and the last NS are to an apex); status=released releases. What the
 * standard ignores silently is ignored silently, see add_beside_cname. Layer 2;
 * the engine thread.
 */
#include "registry/change.h"

#include "dns/rdata.h"
#include "registry/change_rule.h"
#include "registry/key_rule.h"
#include "registry/pin_rule.h"
#include "registry/property.h"
#include "registry/release.h"
#include "registry/soa.h"

/* RRsets that may stand beside a CNAME (RFC 2181 10.1): signatures, which no
 * update can add. So: none. */
static bool
has_other_than_cname(struct judging *judging, struct draft_name *name)
{
	draft_open(&judging->draft, name);
	for (const struct draft_set *set = name->sets; set != NULL;
	     set = set->next) {
		if (set->type != TYPE_CNAME)
			return true;
	}
	return false;
}

/* The TTL as kept: RFC 2181 8, one with the top bit set counts as 0. */
static uint32_t
kept_ttl(uint32_t ttl)
{
	return ttl > TTL_MAX ? 0 : ttl;
}

static enum status
put(struct judging *judging, struct draft_name *name, size_t at,
    struct blob rdata)
{
	const struct request_rr *rr = &judging->request->changes[at];
	const struct record record = { .type = rr->type,
		.ttl = kept_ttl(rr->ttl), .rdata = rdata };

	enum status status = draft_put(&judging->draft, name, &record);
	if (status != ERR_FULL)
		return status;
	return judging_refuse(judging, at, CAUSE_LIMIT,
	    "%s: more than %d records of a type, or %d types",
	    judging_name(judging, rr->owner), RRSET_RECORDS_MAX,
	    NODE_TYPES_MAX);
}

/* 3.4.2.2: an SOA replaces the one at the apex unless its serial is older. At
 * any other name there is none, and it is ignored. Genesis makes it. */
static enum status
add_soa(struct judging *judging, struct draft_name *name, size_t at)
{
	const struct request_rr *rr = &judging->request->changes[at];
	uint32_t serial = soa_serial(rr->rdata);
	bool is_genesis = judging->request->door == DOOR_GENESIS &&
	    name->owner.len == 0;

	if (draft_find(&judging->draft, name, TYPE_SOA) == NULL) {
		if (!is_genesis)
			return OK;
	} else if (serial != judging->serial &&
	    !serial_newer(serial, judging->serial))
		return OK;
	if (serial != 0 && (serial != judging->serial || is_genesis)) {
		judging->serial = serial;
		judging->out->serial_wanted = serial;
	}
	draft_remove_type(&judging->draft, name, TYPE_SOA);
	return put(judging, name, at,
	    soa_without_serial(judging->arena, rr->rdata));
}

/* Take out the values that the attribute replaces. */
static void
replace_attribute(struct judging *judging, struct draft_name *name,
    const struct attribute *attribute)
{
	struct draft_set *set = draft_find(&judging->draft, name, TYPE_TXT);

	if (set == NULL)
		return;
	for (struct draft_record **at = &set->records; *at != NULL;) {
		struct attribute old;
		if (attribute_read(&old, (*at)->rdata) &&
		    attribute_same_name(&old, attribute))
			draft_unlink(name, set, at);
		else
			at = &(*at)->next;
	}
}

/* A TXT record at a registry name. */
static enum status
add_text(struct judging *judging, struct draft_name *name, size_t at)
{
	const struct request_rr *rr = &judging->request->changes[at];
	struct attribute attribute;

	enum status status = change_rule_text(judging, name, at);
	if (status != OK)
		return status;
	if (attribute_read(&attribute, rr->rdata)) {
		enum name_kind kind = draft_class(name)->kind;
		if (attribute_is_release(&attribute) &&
		    (kind == NAME_NUMBER || kind == NAME_BLOCK))
			return release_apply(judging, name);
		if (property_is_single(attribute.id))
			replace_attribute(judging, name, &attribute);
	}
	return put(judging, name, at, rr->rdata);
}

/* 3.4.2.2: an add that would put a CNAME beside other records is ignored, and
 * silently. The control door promises that what it takes is there, and
 * refuses. */
static enum status
add_beside_cname(struct judging *judging, struct draft_name *name, size_t at)
{
	if (judging->request->door != DOOR_CONTROL)
		return OK;
	return judging_refuse(judging, at, CAUSE_CNAME_CONFLICT,
	    "%s: %s", judging_name(judging, name->owner),
	    cause_text(CAUSE_CNAME_CONFLICT));
}

static enum status
add(struct judging *judging, struct draft_name *name, size_t at)
{
	const struct request_rr *rr = &judging->request->changes[at];

	enum status status = change_rule_type(judging, name, at);
	if (status != OK)
		return status;
	if (rr->type == TYPE_CNAME) {
		if (has_other_than_cname(judging, name))
			return add_beside_cname(judging, name, at);
		/* 3.4.2.2: a CNAME replaces a CNAME */
		draft_remove_type(&judging->draft, name, TYPE_CNAME);
		return put(judging, name, at, rr->rdata);
	}
	if (draft_find(&judging->draft, name, TYPE_CNAME) != NULL)
		return add_beside_cname(judging, name, at);
	if (rr->type == TYPE_SOA)
		return add_soa(judging, name, at);
	if (rr->type == TYPE_TXT &&
	    property_is_kept_at(draft_class(name)->kind))
		return add_text(judging, name, at);
	return put(judging, name, at, rr->rdata);
}

/* Whether no delete takes it away: ocn= at a registry name. */
static bool
is_holder(struct draft_name *name, uint16_t type, struct blob rdata)
{
	struct blob value;

	return type == TYPE_TXT &&
	    property_is_kept_at(draft_class(name)->kind) &&
	    attribute_is(rdata, PROPERTY_OCN, &value);
}

/* Class ANY with a type, 3.4.2.3: all of an RRset but what must stay. */
static void
delete_type(struct judging *judging, struct draft_name *name, uint16_t type)
{
	bool is_apex = name->owner.len == 0;

	if (is_apex && (type == TYPE_SOA || type == TYPE_NS))
		return;
	if (type != TYPE_TXT) {
		draft_remove_type(&judging->draft, name, type);
		return;
	}
	struct draft_set *set = draft_find(&judging->draft, name, type);
	if (set == NULL)
		return;
	for (struct draft_record **at = &set->records; *at != NULL;) {
		if (is_holder(name, type, (*at)->rdata))
			at = &(*at)->next;
		else
			draft_unlink(name, set, at);
	}
}

/* Class ANY, type ANY: the whole name, type by type. */
static void
delete_name(struct judging *judging, struct draft_name *name)
{
	draft_open(&judging->draft, name);
	for (struct draft_set *set = name->sets; set != NULL;) {
		uint16_t type = set->type;
		set = set->next;
		delete_type(judging, name, type);
	}
}

/* Class NONE, 3.4.2.4: one record, but never the SOA or the apex's last NS. */
static void
delete_record(struct judging *judging, struct draft_name *name,
    const struct request_rr *rr)
{
	bool is_apex = name->owner.len == 0;

	if (rr->type == TYPE_SOA || is_holder(name, rr->type, rr->rdata))
		return;
	if (is_apex && rr->type == TYPE_NS) {
		struct draft_set *set = draft_find(&judging->draft, name,
		    TYPE_NS);
		if (set != NULL && set->count == 1)
			return;
	}
	draft_remove(&judging->draft, name, rr->type, rr->rdata);
}

static enum status
apply_one(struct judging *judging, size_t at)
{
	const struct request_rr *rr = &judging->request->changes[at];
	struct draft_name *name;

	if (owner_scope(rr->owner) == SCOPE_PSEUDO)
		return name_classify(rr->owner).kind == NAME_KEY
		    ? key_rule_change(judging, at)
		    : pin_rule_change(judging, at);
	enum status status = draft_get(&name, &judging->draft, rr->owner);
	if (status != OK)
		return status;
	name->change = at;
	name->is_named = true;
	if (rr->rclass == CLASS_IN)
		return add(judging, name, at);
	if (rr->rclass == CLASS_NONE)
		delete_record(judging, name, rr);
	else if (rr->type == TYPE_ANY)
		delete_name(judging, name);
	else
		delete_type(judging, name, rr->type);
	return OK;
}

enum status
change_apply(struct judging *judging)
{
	for (size_t i = 0; i < judging->request->n_changes; i++) {
		enum status status = apply_one(judging, i);
		if (status != OK)
			return status;
	}
	return OK;
}
