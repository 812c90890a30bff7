/*
 * Looking for attributes. Layer 2; the engine thread.
 */
#include "registry/holder.h"

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

enum status
holder_above(struct blob *ocn, struct draft *draft, struct blob number)
{
	uint8_t owner[OWNER_MAX + 2];

	*ocn = (struct blob){ .data = NULL };
	memcpy(owner, number.data, number.len);
	/* a digit takes two bytes: *.P for each shorter P, longest first */
	for (size_t len = number.len; len >= 4; len -= 2) {
		struct draft_name *block;
		memcpy(owner, number.data, len - 2);
		owner[len - 2] = 1;
		owner[len - 1] = '*';
		enum status status = draft_get(&block, draft,
		    (struct blob){ .data = owner, .len = len });
		if (status != OK)
			return status;
		if (attribute_now(block, PROPERTY_OCN, ocn))
			return OK;
	}
	return OK;
}
