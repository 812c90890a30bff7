/*
 * RFC 2136 3.2: the five forms of prerequisite, against explicit records. The
 * pseudo names _has, _pin and _code hold nothing, but `_has.N TXT "a=v"` asks
 * whether N has that one string. Layer 2; the engine thread.
 */
#include "registry/prereq.h"

#include "dns/rdata.h"
#include "registry/carrier.h"
#include "registry/property.h"
#include "registry/soa.h"

#include <string.h>

enum { MASK_WORDS = (RRSET_RECORDS_MAX + 63) / 64 };

/* The RRset that must be there exactly (3.2.3): which of its records the
 * prerequisites have named so far. */
struct prereq_set {
	struct prereq_set *next;
	struct rrset rrset;
	size_t at; /* the first prerequisite that named it */
	uint16_t n_named;
	uint64_t named[MASK_WORDS];
};

enum status
prereq_permit(struct judging *judging)
{
	const struct request *request = judging->request;

	for (size_t i = 0; i < request->n_prereqs; i++) {
		struct blob owner = request->prereqs[i].owner;
		enum scope scope = owner_scope(owner);
		if (scope == SCOPE_PRIVATE && !judging_is_inside(judging))
			return judging_refuse(judging, i, CAUSE_RESERVED_NAME,
			    "%s is not tested from outside",
			    judging_name(judging, owner));
		if (scope != SCOPE_WHOIS || judging_overrules(judging))
			continue;
		enum status status = carrier_may_test(judging, i);
		if (status != OK)
			return status;
	}
	return OK;
}

/* Refuse with the RCODE of a prerequisite that does not hold. */
static enum status
fail(struct judging *judging, size_t at, enum cause cause)
{
	const struct request_rr *rr = &judging->request->prereqs[at];
	const char *type = rdata_mnemonic(rr->type);

	return judging_refuse(judging, at, cause, "%s%s%s: %s",
	    judging_name(judging, rr->owner), type == NULL ? "" : " ",
	    type == NULL ? "" : type, cause_text(cause));
}

/* Explicit records at the name; none at pseudo names. */
static enum status
explicit_at(struct judging *judging, struct blob owner,
    struct draft_name **name, struct blob *records)
{
	*name = NULL;
	*records = (struct blob){ .data = NULL };
	if (owner_scope(owner) == SCOPE_PSEUDO)
		return OK;
	enum status status = draft_get(name, &judging->draft, owner);
	if (status != OK)
		return status;
	*records = draft_explicit_before(*name);
	return OK;
}

/* Class ANY and NONE: 3.2.1, 3.2.2, 3.2.4, 3.2.5, the forms without value. */
static enum status
check_presence(struct judging *judging, size_t at)
{
	const struct request_rr *rr = &judging->request->prereqs[at];
	struct draft_name *name;
	struct blob records;
	struct rrset rrset;

	if (rr->rdata.len != 0 ||
	    (rdata_is_meta(rr->type) && rr->type != TYPE_ANY))
		return judging_refuse(judging, at, CAUSE_FORMAT,
		    "prerequisite %zu has rdata or a type that cannot be", at);
	enum status status = explicit_at(judging, rr->owner, &name, &records);
	if (status != OK)
		return status;
	bool wanted = rr->rclass == CLASS_ANY;
	bool is_there = rr->type == TYPE_ANY
	    ? records.len > 0
	    : rrset_find(records, rr->type, &rrset);
	if (is_there == wanted)
		return OK;
	if (rr->type == TYPE_ANY)
		return fail(judging, at, wanted ? CAUSE_PREREQ_NAME_MISSING
						: CAUSE_PREREQ_NAME_IN_USE);
	return fail(judging, at, wanted ? CAUSE_PREREQ_RRSET_MISSING
					: CAUSE_PREREQ_RRSET_EXISTS);
}

/* The name right above which it says "has". */
static bool
is_has(struct blob owner)
{
	struct blob label = owner_last_label(owner);

	return label.len == 4 && memcmp(label.data, "_has", 4) == 0;
}

/* `_has.N TXT "a=v"`: N has that one string. */
static enum status
check_has(struct judging *judging, size_t at)
{
	const struct request_rr *rr = &judging->request->prereqs[at];
	struct draft_name *name;
	struct blob records;
	struct rrset rrset;
	struct blob rdata;

	enum status status = explicit_at(judging, owner_parent(rr->owner),
	    &name, &records);
	if (status != OK)
		return status;
	if (rr->type != TYPE_TXT || !rrset_find(records, TYPE_TXT, &rrset))
		return fail(judging, at, CAUSE_PREREQ_RRSET_MISSING);
	while (rrset_next_rdata(&rrset.rdatas, &rdata)) {
		if (attribute_equal(rdata, rr->rdata))
			return OK;
	}
	return fail(judging, at, CAUSE_PREREQ_RRSET_MISSING);
}

/* `_dryrun.Z TXT "1"`: judge, but change nothing. */
static bool
is_dry_run(const struct request_rr *rr)
{
	return name_classify(rr->owner).kind == NAME_DRY_RUN &&
	    rr->type == TYPE_TXT && rr->rdata.len == 2 &&
	    memcmp(rr->rdata.data, "\1" "1", 2) == 0;
}

/* The set that earlier prerequisites of this name and type began; a new one
 * if there is none. NULL: the RRset is not there at all. */
static struct prereq_set *
set_begin(struct judging *judging, struct draft_name *name, size_t at)
{
	uint16_t type = judging->request->prereqs[at].type;
	struct prereq_set *set = name->prereqs;
	struct rrset rrset;

	while (set != NULL && set->rrset.type != type)
		set = set->next;
	if (set != NULL ||
	    !rrset_find(draft_explicit_before(name), type, &rrset))
		return set;
	set = arena_alloc(judging->arena, sizeof *set);
	set->rrset = rrset;
	set->at = at;
	set->next = name->prereqs;
	name->prereqs = set;
	return set;
}

/* The rdata as the state would keep it; an SOA without its serial. */
static struct blob
kept_rdata(struct judging *judging, const struct request_rr *rr)
{
	if (rr->type != TYPE_SOA)
		return rr->rdata;
	return soa_without_serial(judging->arena, rr->rdata);
}

/* 3.2.3: one record of an RRset that must be there with exactly these. */
static enum status
check_value(struct judging *judging, size_t at)
{
	const struct request_rr *rr = &judging->request->prereqs[at];
	struct draft_name *name;

	if (rdata_is_meta(rr->type))
		return judging_refuse(judging, at, CAUSE_FORMAT,
		    "prerequisite %zu has a type that cannot be", at);
	if (owner_scope(rr->owner) == SCOPE_PSEUDO) {
		if (is_has(rr->owner))
			return check_has(judging, at);
		if (is_dry_run(rr)) {
			judging->out->is_dry = true;
			return OK;
		}
		return fail(judging, at, CAUSE_PREREQ_RRSET_MISSING);
	}
	enum status status = draft_get(&name, &judging->draft, rr->owner);
	if (status != OK)
		return status;
	struct prereq_set *set = set_begin(judging, name, at);
	if (set == NULL || (rr->type == TYPE_SOA &&
		soa_serial(rr->rdata) != judging->env->view->serial))
		return fail(judging, at, CAUSE_PREREQ_RRSET_MISSING);
	struct blob rest = set->rrset.rdatas;
	struct blob wanted = kept_rdata(judging, rr);
	struct blob rdata;
	for (unsigned i = 0; rrset_next_rdata(&rest, &rdata); i++) {
		if (!rdata_equal(rr->type, rdata, wanted))
			continue;
		uint64_t bit = (uint64_t)1 << (i % 64);
		if ((set->named[i / 64] & bit) == 0)
			set->n_named++;
		set->named[i / 64] |= bit;
		return OK;
	}
	return fail(judging, at, CAUSE_PREREQ_RRSET_MISSING);
}

static enum status
check_form(struct judging *judging, size_t at)
{
	const struct request_rr *rr = &judging->request->prereqs[at];

	if (rr->ttl != 0)
		return judging_refuse(judging, at, CAUSE_FORMAT,
		    "prerequisite %zu has a TTL", at);
	if (rr->rclass == CLASS_IN || rr->rclass == CLASS_ANY ||
	    rr->rclass == CLASS_NONE)
		return OK;
	return judging_refuse(judging, at, CAUSE_FORMAT,
	    "prerequisite %zu has class %u", at, rr->rclass);
}

enum status
prereq_check(struct judging *judging)
{
	const struct request *request = judging->request;

	/* 3.2.5: those without a value come first, wherever they stand */
	for (size_t i = 0; i < request->n_prereqs; i++) {
		enum status status = check_form(judging, i);
		if (status == OK && request->prereqs[i].rclass != CLASS_IN)
			status = check_presence(judging, i);
		if (status != OK)
			return status;
	}
	for (size_t i = 0; i < request->n_prereqs; i++) {
		if (request->prereqs[i].rclass != CLASS_IN)
			continue;
		enum status status = check_value(judging, i);
		if (status != OK)
			return status;
	}
	/* "RRsets ... must be equal": nothing may be there beside */
	for (const struct draft_name *name = judging->draft.names; name != NULL;
	     name = name->next) {
		for (const struct prereq_set *set = name->prereqs; set != NULL;
		     set = set->next) {
			if (set->n_named != set->rrset.count)
				return fail(judging, set->at,
				    CAUSE_PREREQ_RRSET_MISSING);
		}
	}
	return OK;
}
