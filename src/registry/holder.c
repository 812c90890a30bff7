/*
 * Looking for attributes. Layer 2; the engine thread.
 */
#include "registry/holder.h"

#include "base/check.h"
#include "dns/rdata.h"

#include <string.h>

bool
attribute_before(const struct draft_name *name, enum property_id id,
    struct blob *value)
{
	struct rrset rrset;
	struct blob rdata;

	if (!rrset_find(draft_explicit_before(name), TYPE_TXT, &rrset))
		return false;
	while (rrset_next_rdata(&rrset.rdatas, &rdata)) {
		if (attribute_is(rdata, id, value))
			return true;
	}
	return false;
}

bool
attribute_now(const struct draft_name *name, enum property_id id,
    struct blob *value)
{
	if (!name->is_open)
		return attribute_before(name, id, value);
	for (const struct draft_set *set = name->sets; set != NULL;
	     set = set->next) {
		if (set->type != TYPE_TXT)
			continue;
		for (const struct draft_record *record = set->records;
		     record != NULL; record = record->next) {
			if (attribute_is(record->rdata, id, value))
				return true;
		}
	}
	return false;
}

static bool
own_ocn(const struct draft_name *name, enum moment moment, struct blob *ocn)
{
	return moment == BEFORE
	    ? attribute_before(name, PROPERTY_OCN, ocn)
	    : attribute_now(name, PROPERTY_OCN, ocn);
}

/* The innermost block above the digits that has an ocn=. */
static enum status
find_above(struct holder *out, struct draft *draft, struct blob digits,
    enum moment moment)
{
	uint8_t owner[OWNER_MAX + 2];

	/* a digit takes two bytes: *.P for each shorter P, longest first */
	for (size_t len = digits.len; len >= 4; len -= 2) {
		struct draft_name *block;
		memcpy(owner, digits.data, len - 2);
		owner[len - 2] = 1;
		owner[len - 1] = '*';
		enum status status = draft_get(&block, draft,
		    (struct blob){ .data = owner, .len = len });
		if (status != OK)
			return status;
		if (!own_ocn(block, moment, &out->ocn))
			continue;
		out->prefix_len = len - 2;
		return OK;
	}
	return OK;
}

enum status
holder_find(struct holder *out, struct draft *draft, struct draft_name *name,
    enum moment moment)
{
	enum name_kind kind = draft_class(name)->kind;
	struct blob digits = name->owner;

	require(kind == NAME_NUMBER || kind == NAME_BLOCK);
	if (kind == NAME_BLOCK)
		digits.len -= 2; /* the asterisk */
	*out = (struct holder){ .ocn = { .data = NULL } };
	if (own_ocn(name, moment, &out->ocn)) {
		out->is_own = true;
		out->prefix_len = digits.len;
		return OK;
	}
	return find_above(out, draft, digits, moment);
}

bool
holder_same(const struct holder *a, const struct holder *b)
{
	return draft_same(a->ocn, b->ocn);
}

bool
holder_is(const struct holder *holder, struct blob ocn)
{
	return ocn.len > 0 && draft_same(holder->ocn, ocn);
}
