/*
 * Looking for ocn=. Layer 2; the engine thread.
 */
#include "registry/holder.h"

#include "dns/rdata.h"
#include "registry/property.h"

#include <string.h>

bool
holder_before(const struct draft_name *name, struct blob *ocn)
{
	struct rrset rrset;
	struct blob rdata;

	if (!rrset_find(draft_explicit_before(name), TYPE_TXT, &rrset))
		return false;
	while (rrset_next_rdata(&rrset.rdatas, &rdata)) {
		if (attribute_is(rdata, PROPERTY_OCN, ocn))
			return true;
	}
	return false;
}

bool
holder_at(const struct draft_name *name, struct blob *ocn)
{
	if (!name->is_open)
		return holder_before(name, ocn);
	for (const struct draft_set *set = name->sets; set != NULL;
	     set = set->next) {
		if (set->type != TYPE_TXT)
			continue;
		for (const struct draft_record *record = set->records;
		     record != NULL; record = record->next) {
			if (attribute_is(record->rdata, PROPERTY_OCN, ocn))
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
		if (holder_at(block, ocn))
			return OK;
	}
	return OK;
}
