/*
 * After the changes and before the draft is closed. Layer 2; the engine
 * thread.
 */
#include "registry/upkeep.h"

#include "dns/rdata.h"
#include "registry/hidden.h"
#include "registry/holder.h"
#include "registry/lrn.h"
#include "registry/naptr.h"
#include "registry/pin_rule.h"
#include "registry/release.h"

static bool
is_routing(uint16_t type)
{
	return type == TYPE_NAPTR || type == TYPE_CERT || type == TYPE_URI;
}

static bool
is_lrn(uint16_t type, struct blob rdata)
{
	struct blob value;

	return type == TYPE_TXT && attribute_is(rdata, PROPERTY_LRN, &value);
}

/* Take out of an RRset what the losing carrier had put there. */
static void
drop_from_set(struct draft_name *name, struct draft_set *set)
{
	for (struct draft_record **at = &set->records; *at != NULL;) {
		bool is_its = is_routing(set->type) ||
		    is_lrn(set->type, (*at)->rdata);
		if (is_its && !(*at)->is_added)
			draft_unlink(name, set, at);
		else
			at = &(*at)->next;
	}
}

static void
drop_routing(struct judging *judging, struct draft_name *name)
{
	draft_open(&judging->draft, name);
	for (struct draft_set *set = name->sets; set != NULL;) {
		struct draft_set *next = set->next;
		drop_from_set(name, set);
		set = next;
	}
}

/* A port: the holder was one and is another. */
static enum status
follow_port(struct judging *judging, struct draft_name *name)
{
	struct blob before;
	struct blob now;

	if (!attribute_before(name, PROPERTY_OCN, &before) ||
	    !attribute_now(name, PROPERTY_OCN, &now) ||
	    draft_same(before, now))
		return OK;
	drop_routing(judging, name);
	return release_each_below(judging, name, drop_routing);
}

/* A record of the registry's own making. */
static enum status
put(struct judging *judging, struct draft_name *name, uint16_t type,
    uint32_t ttl, const uint8_t *rdata, size_t len)
{
	const struct record record = { .type = type, .ttl = ttl,
		.rdata = { arena_copy(judging->arena, rdata, len), len } };

	enum status status = draft_put(&judging->draft, name, &record);
	if (status != ERR_FULL)
		return status;
	return judging_refuse(judging, name->change, CAUSE_LIMIT,
	    "%s: no room for the record that goes with an attribute",
	    judging_name(judging, name->owner));
}

/* The RRset's TTL, or that of another if it is not there yet. */
static uint32_t
ttl_of(struct judging *judging, struct draft_name *name, uint16_t type,
    uint32_t otherwise)
{
	const struct draft_set *set = draft_find(&judging->draft, name, type);

	return set == NULL ? otherwise : set->ttl;
}

/* Whether rdata is among the records of the set. */
static bool
has_record(const struct draft_set *set, struct blob rdata)
{
	if (set == NULL)
		return false;
	const struct draft_record *record = set->records;
	while (record != NULL && !draft_same(record->rdata, rdata))
		record = record->next;
	return record != NULL;
}

/* The NAPTR of lrn= goes with it and comes with it. */
static enum status
follow_lrn(struct judging *judging, struct draft_name *name)
{
	const struct name_class *class = draft_class(name);
	uint8_t rdata[LRN_RDATA_MAX];
	struct blob before = { .data = NULL };
	struct blob now = { .data = NULL };

	if (!attribute_before(name, PROPERTY_LRN, &before) ||
	    !lrn_is_valid(before))
		before.len = 0;
	if (!attribute_now(name, PROPERTY_LRN, &now) || !lrn_is_valid(now))
		now.len = 0;
	if (before.len > 0 && !draft_same(before, now))
		draft_remove(&judging->draft, name, TYPE_NAPTR,
		    (struct blob){ rdata, lrn_naptr(rdata, class, before) });
	if (now.len == 0)
		return OK;
	size_t len = lrn_naptr(rdata, class, now);
	const struct draft_set *set = draft_find(&judging->draft, name,
	    TYPE_NAPTR);
	if (has_record(set, (struct blob){ rdata, len }))
		return OK;
	uint32_t ttl = ttl_of(judging, name, TYPE_NAPTR,
	    ttl_of(judging, name, TYPE_TXT, 0));
	return put(judging, name, TYPE_NAPTR, ttl, rdata, len);
}

/* The RRset this request added to, if any. */
static const struct draft_set *
added_set(const struct draft_name *name)
{
	for (const struct draft_set *set = name->sets; set != NULL;
	     set = set->next) {
		for (const struct draft_record *record = set->records;
		     record != NULL; record = record->next) {
			if (record->is_added)
				return set;
		}
	}
	return NULL;
}

/* A number inside a block that gets records is its holder's. */
static enum status
follow_block(struct judging *judging, struct draft_name *name)
{
	uint8_t rdata[ATTRIBUTE_RDATA_MAX];
	struct blob ocn;

	const struct draft_set *added = added_set(name);
	if (added == NULL || attribute_now(name, PROPERTY_OCN, &ocn) ||
	    draft_has_type(name, TYPE_NS) || draft_has_type(name, TYPE_CNAME))
		return OK;
	struct holder holder;
	enum status status = holder_find(&holder, &judging->draft, name, NOW);
	ocn = holder.ocn;
	if (status != OK || ocn.len == 0)
		return status;
	uint32_t ttl = ttl_of(judging, name, TYPE_TXT, added->ttl);
	return put(judging, name, TYPE_TXT, ttl, rdata,
	    attribute_write(rdata, PROPERTY_OCN, ocn));
}

/* PINs were the losing carrier's customers': they are void. */
static enum status
follow_holder(struct judging *judging, struct draft_name *name)
{
	struct holder before;
	struct holder now;

	enum status status = holder_find(&before, &judging->draft, name,
	    BEFORE);
	if (status != OK || before.ocn.len == 0)
		return status; /* nobody's number has no PIN */
	status = holder_find(&now, &judging->draft, name, NOW);
	if (status != OK || holder_same(&before, &now))
		return status;
	if (draft_class(name)->kind == NAME_NUMBER)
		return pin_rule_void(judging, name->owner);
	return hidden_each(judging, name, pin_rule_void);
}

/* What holds between the NAPTR records, when one was added. */
static enum status
check_naptr_set(struct judging *judging, struct draft_name *name)
{
	const struct draft_set *set = draft_find(&judging->draft, name,
	    TYPE_NAPTR);
	struct blob rdatas[RRSET_RECORDS_MAX];
	struct reason reason = { "" };
	bool is_added = false;
	size_t n = 0;

	/* one alone has no twin, and fits */
	if (set == NULL || set->count < 2)
		return OK;
	for (const struct draft_record *record = set->records; record != NULL;
	     record = record->next) {
		rdatas[n++] = record->rdata;
		is_added = is_added || record->is_added;
	}
	size_t name_len = name->owner.len + judging->env->apex->len;
	if (!is_added || naptr_check_set(rdatas, n, name_len, &reason) == OK)
		return OK;
	return judging_object(judging, name->change, CAUSE_INVALID_VALUE,
	    "%s: %s", judging_name(judging, name->owner), reason.text);
}

static enum status
look_after(struct judging *judging, struct draft_name *name)
{
	enum status status = follow_port(judging, name);

	if (status == OK)
		status = follow_lrn(judging, name);
	if (status == OK && draft_class(name)->kind == NAME_NUMBER)
		status = follow_block(judging, name);
	if (status == OK)
		status = follow_holder(judging, name);
	if (status == OK)
		status = check_naptr_set(judging, name);
	return status;
}

enum status
upkeep_apply(struct judging *judging)
{
	/* names that are touched on the way are put in front */
	for (struct draft_name *name = judging->draft.names; name != NULL;
	     name = name->next) {
		if (!name->is_written)
			continue;
		enum name_kind kind = draft_class(name)->kind;
		if (kind != NAME_NUMBER && kind != NAME_BLOCK)
			continue;
		enum status status = look_after(judging, name);
		if (status != OK)
			return status;
	}
	return OK;
}
