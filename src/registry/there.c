/*
 * Looking for the records of a request. RFC 2136 3.4.2.2: adding what is there
 * changes nothing; a record counts as there only with its TTL and byte for
 * byte, so that the answer is never yes for what the judge would change.
 * Layer 2; any thread.
 */
#include "registry/there.h"

#include "dns/rdata.h"
#include "registry/property.h"
#include "registry/scope.h"

#include <string.h>

/* One name of the request and what the state has there. */
struct there_name {
	struct blob owner;
	struct node node;
	bool is_good; /* explicit records stand there */
};

static bool
is_same(struct blob a, struct blob b)
{
	return a.len == b.len &&
	    (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static bool
has_holder(const struct node *node)
{
	struct rrset texts;
	struct blob rdata;
	struct blob value;

	if (!rrset_find(node->rrsets, TYPE_TXT, &texts))
		return false;
	while (rrset_next_rdata(&texts.rdatas, &rdata)) {
		if (attribute_is(rdata, PROPERTY_OCN, &value))
			return true;
	}
	return false;
}

/*
 * A number without ocn= that gets records takes the holder of the block that
 * it is in (upkeep.c). Whether it is in one, the judge finds out.
 */
static bool
may_get_holder(const struct there_name *name)
{
	struct rrset rrset;

	return !has_holder(&name->node) &&
	    !rrset_find(name->node.rrsets, TYPE_NS, &rrset) &&
	    !rrset_find(name->node.rrsets, TYPE_CNAME, &rrset) &&
	    name_classify(name->owner).kind == NAME_NUMBER;
}

static enum status
name_load(struct there_name *name, struct arena *arena,
    const struct view *view, struct blob owner)
{
	enum scope scope = owner_scope(owner);

	*name = (struct there_name){ .owner = owner };
	if (scope != SCOPE_PUBLIC && scope != SCOPE_WHOIS)
		return OK;
	arena_reset(arena);
	enum status status = view->get(view->arg, owner, arena, &name->node);
	if (status != OK)
		return status;
	name->is_good = name->node.rrsets.len > 0 &&
	    (name->node.flags & NODE_DERIVED) == 0 &&
	    (scope == SCOPE_WHOIS || !may_get_holder(name));
	return OK;
}

static bool
has_record(const struct there_name *name, const struct request_rr *rr)
{
	struct rrset rrset;
	struct blob rdata;

	if (rr->rclass != CLASS_IN || rr->type == TYPE_SOA ||
	    !rrset_find(name->node.rrsets, rr->type, &rrset) ||
	    rrset.ttl != rr->ttl)
		return false;
	while (rrset_next_rdata(&rrset.rdatas, &rdata)) {
		if (is_same(rdata, rr->rdata))
			return true;
	}
	return false;
}

enum status
request_is_there(bool *out, struct arena *arena, const struct view *view,
    const struct request *request)
{
	struct there_name name = { .is_good = false };

	*out = false;
	if (request->n_prereqs > 0)
		return OK;
	for (size_t i = 0; i < request->n_changes; i++) {
		const struct request_rr *rr = &request->changes[i];
		if (i == 0 || !is_same(rr->owner, name.owner)) {
			enum status status = name_load(&name, arena, view,
			    rr->owner);
			if (status != OK)
				return status;
		}
		if (!name.is_good || !has_record(&name, rr))
			return OK;
	}
	*out = true;
	return OK;
}
