/*
 * What may be added at registry names: DESIGN "the state is a zone".
 * Layer 2; the engine thread.
 */
#include "registry/change_rule.h"

#include "dns/rdata.h"
#include "registry/naptr.h"
#include "registry/property.h"

enum { TYPES_IN_ROW = 6 };

/* Types that are kept at registry names, 0 ends a row. */
static const uint16_t types_at[][TYPES_IN_ROW] = {
	[NAME_NUMBER] = { TYPE_NAPTR, TYPE_TXT, TYPE_CERT, TYPE_URI, TYPE_LOC },
	[NAME_BLOCK] = { TYPE_NAPTR, TYPE_TXT, TYPE_CERT, TYPE_URI, TYPE_LOC },
	[NAME_OCN] = { TYPE_TXT, TYPE_URI, TYPE_RP, TYPE_CERT, TYPE_LOC },
	[NAME_POOL] = { TYPE_TXT },
	[NAME_WHOIS_NUMBER] = { TYPE_TXT, TYPE_URI, TYPE_LOC, TYPE_CERT },
	[NAME_WHOIS_BLOCK] = { TYPE_TXT, TYPE_URI, TYPE_LOC, TYPE_CERT },
	[NAME_OTHER] = { 0 },
};

static const char *
type_name(uint16_t type)
{
	const char *name = rdata_mnemonic(type);

	return name == NULL ? "a record of unknown type" : name;
}

static enum status
check_naptr(struct judging *judging, struct draft_name *name, size_t at)
{
	const struct request_rr *rr = &judging->request->changes[at];
	const struct name_class *class = draft_class(name);
	struct reason reason = { "" };

	enum status status = class->kind == NAME_BLOCK
	    ? naptr_check_block(rr->rdata, class->tn, &reason)
	    : naptr_check_number(rr->rdata, class->tn, &reason);
	if (status == OK)
		return OK;
	return judging_object(judging, at, CAUSE_INVALID_VALUE,
	    "%s NAPTR: %s", judging_name(judging, rr->owner), reason.text);
}

enum status
change_rule_type(struct judging *judging, struct draft_name *name, size_t at)
{
	const struct request_rr *rr = &judging->request->changes[at];
	enum name_kind kind = draft_class(name)->kind;

	if (!property_is_kept_at(kind))
		return OK;
	/* RFC 4592 4.2: what a wildcard NS means is undefined, and its copies
	 * would be cuts above the numbers of the block */
	if (rr->type == TYPE_NS && kind == NAME_BLOCK)
		return judging_refuse(judging, at, CAUSE_TYPE_NOT_ALLOWED,
		    "%s: a block cannot be delegated by a wildcard; write NS "
		    "at its prefix", judging_name(judging, rr->owner));
	for (size_t i = 0; i < TYPES_IN_ROW && types_at[kind][i] != 0; i++) {
		if (types_at[kind][i] == rr->type)
			return rr->type == TYPE_NAPTR
			    ? check_naptr(judging, name, at)
			    : OK;
	}
	return judging_object(judging, at, CAUSE_TYPE_NOT_ALLOWED,
	    "%s: %s is not kept at such a name",
	    judging_name(judging, rr->owner), type_name(rr->type));
}

enum status
change_rule_text(struct judging *judging, struct draft_name *name, size_t at)
{
	const struct request_rr *rr = &judging->request->changes[at];
	struct attribute attribute;
	struct reason reason = { "" };
	enum cause cause = CAUSE_NONE;

	if (!attribute_read(&attribute, rr->rdata))
		return judging_object(judging, at, CAUSE_UNKNOWN_ATTRIBUTE,
		    "%s: TXT is one string attribute=value",
		    judging_name(judging, rr->owner));
	enum status status = attribute_check(&attribute,
	    draft_class(name)->kind, &cause, &reason);
	if (status != OK)
		return judging_object(judging, at, cause, "%s: %s",
		    judging_name(judging, rr->owner), reason.text);
	if (reason.text[0] != '\0')
		judging_warn(judging, at, "%s: %s",
		    judging_name(judging, rr->owner), reason.text);
	return OK;
}
