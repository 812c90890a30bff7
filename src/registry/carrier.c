/*
 * The carriers' rules. What is refused says whose the number is: that is
 * public. Layer 2; the engine thread.
 */
#include "registry/carrier.h"

#include "dns/rdata.h"
#include "registry/holder.h"
#include "registry/pin_rule.h"

#include <string.h>

enum { WHOIS_LABEL_LEN = 2, WILDCARD_LABEL_LEN = 2, DIGIT_LABEL_LEN = 2 };

static enum status
refuse_foreign(struct judging *judging, size_t at, struct blob owner,
    const struct holder *holder)
{
	if (holder->ocn.len == 0)
		return judging_refuse(judging, at, CAUSE_NOT_ALLOCATED,
		    "%s: nobody holds it", judging_name(judging, owner));
	return judging_refuse(judging, at, CAUSE_NOT_HOLDER,
	    "%s: %.*s holds it%s", judging_name(judging, owner),
	    (int)holder->ocn.len, (const char *)holder->ocn.data,
	    holder->is_own ? "" : ", by a block");
}

/* The number or block that a name below w is about. */
static enum status
whois_subject(struct draft_name **out, struct judging *judging,
    struct blob owner)
{
	return draft_get(out, &judging->draft,
	    (struct blob){ owner.data + WHOIS_LABEL_LEN,
		owner.len - WHOIS_LABEL_LEN });
}

enum status
carrier_may_test(struct judging *judging, size_t at)
{
	struct blob owner = judging->request->prereqs[at].owner;
	struct draft_name *subject;
	struct holder holder;

	if (name_classify(owner).kind == NAME_OTHER)
		return judging_refuse(judging, at, CAUSE_RESERVED_NAME,
		    "%s: below w there are only numbers and blocks",
		    judging_name(judging, owner));
	enum status status = whois_subject(&subject, judging, owner);
	if (status == OK)
		status = holder_find(&holder, &judging->draft, subject,
		    BEFORE);
	if (status != OK || holder_is(&holder, judging_ocn(judging)))
		return status;
	return refuse_foreign(judging, at, owner, &holder);
}

/* By the name alone: may a carrier write there at all? */
static enum status
permit_name(struct judging *judging, size_t at)
{
	struct blob owner = judging->request->changes[at].owner;
	struct name_class class = name_classify(owner);

	switch (class.kind) {
	case NAME_NUMBER:
	case NAME_BLOCK:
	case NAME_WHOIS_NUMBER:
	case NAME_WHOIS_BLOCK:
	case NAME_PIN:
		return OK;
	case NAME_OCN:
	case NAME_KEY:
		if (strcmp(class.ocn, judging->request->actor.ocn) == 0)
			return OK;
		return judging_refuse(judging, at, CAUSE_NOT_AUTHORISED,
		    "%s: only administrators of %s write there",
		    judging_name(judging, owner), class.ocn);
	case NAME_POOL:
		return judging_refuse(judging, at, CAUSE_NOT_AUTHORISED,
		    "%s: only the authority opens and closes pools",
		    judging_name(judging, owner));
	case NAME_APEX:
	case NAME_OTHER:
	case NAME_HAS:
	case NAME_CODE:
	case NAME_DRY_RUN:
		break;
	}
	return judging_refuse(judging, at, CAUSE_NOT_AUTHORISED,
	    "%s: a carrier writes at numbers, blocks and its own OCN",
	    judging_name(judging, owner));
}

enum status
carrier_permit(struct judging *judging)
{
	const struct request *request = judging->request;

	if (judging_overrules(judging))
		return OK;
	for (size_t i = 0; i < request->n_changes; i++) {
		enum status status = permit_name(judging, i);
		if (status != OK)
			return status;
	}
	return OK;
}

/* The digits of a number, or of a block's prefix, as owner bytes. */
static struct blob
digits_of(struct draft_name *name)
{
	struct blob digits = name->owner;

	if (draft_class(name)->kind == NAME_BLOCK)
		digits.len -= WILDCARD_LABEL_LEN;
	return digits;
}

/* Whether there is an open pool at or above the digits. */
static enum status
is_in_pool(bool *out, struct judging *judging, struct blob digits)
{
	static const uint8_t top[] = "\5_pool";
	enum { TOP_LEN = sizeof top - 1 };
	uint8_t owner[TOP_LEN + 1 + 15];

	*out = false;
	memcpy(owner, top, TOP_LEN);
	for (size_t i = 0; i * DIGIT_LABEL_LEN < digits.len; i++) {
		struct draft_name *pool;
		struct blob value;
		owner[TOP_LEN + 1 + i] = digits.data[i * DIGIT_LABEL_LEN + 1];
		owner[TOP_LEN] = (uint8_t)(i + 1);
		enum status status = draft_get(&pool, &judging->draft,
		    (struct blob){ owner, TOP_LEN + 1 + i + 1 });
		if (status != OK)
			return status;
		if (!attribute_now(pool, PROPERTY_POOL, &value))
			continue;
		*out = true;
		return OK;
	}
	return OK;
}

static enum status
refuse_overlap(struct judging *judging, const struct draft_name *block,
    struct blob other, struct blob ocn)
{
	return judging_refuse(judging, block->change, CAUSE_OVERLAP,
	    "%s: %.*s holds %s", judging_name(judging, block->owner),
	    (int)ocn.len, (const char *)ocn.data,
	    judging_name(judging, other));
}

/* Numbers at the prefix and above it; blocks above are the holder rule's. */
static enum status
check_above(struct judging *judging, struct draft_name *block)
{
	struct blob digits = digits_of(block);

	for (; digits.len > 0; digits.len -= DIGIT_LABEL_LEN) {
		struct draft_name *number;
		struct blob ocn;
		enum status status = draft_get(&number, &judging->draft,
		    digits);
		if (status != OK)
			return status;
		if (attribute_now(number, PROPERTY_OCN, &ocn) &&
		    !draft_same(ocn, judging_ocn(judging)))
			return refuse_overlap(judging, block, number->owner,
			    ocn);
	}
	return OK;
}

/* The ocn= of a name below, as the draft stands, without taking the name into
 * it. */
static enum status
ocn_below(struct blob *ocn, struct judging *judging, struct blob owner)
{
	const struct view *view = judging->env->view;
	struct draft_name unloaded = { .owner = owner };
	const struct draft_name *name = draft_peek(&judging->draft, owner);

	*ocn = (struct blob){ .data = NULL };
	if (name == NULL) {
		enum status status = view->get(view->arg, owner,
		    judging->arena, &unloaded.before);
		if (status != OK)
			return status;
		name = &unloaded;
	}
	(void)attribute_now(name, PROPERTY_OCN, ocn);
	return OK;
}

static enum status
check_below(struct judging *judging, struct draft_name *block)
{
	const struct view *view = judging->env->view;
	struct blob digits = digits_of(block);
	struct owner at = { .len = 0 };
	uint8_t flags;

	for (size_t n = 0; view->next_below(view->arg, digits,
		 owner_blob(&at), &at, &flags); n++) {
		struct blob ocn;
		if (n >= OVERLAP_NAMES_MAX)
			return judging_refuse(judging, block->change,
			    CAUSE_TOO_LARGE, "%s: more than %d names are below "
			    "it", judging_name(judging, block->owner),
			    OVERLAP_NAMES_MAX);
		if (flags & NODE_DERIVED)
			continue;
		enum status status = ocn_below(&ocn, judging,
		    owner_blob(&at));
		if (status != OK)
			return status;
		if (ocn.len > 0 && !draft_same(ocn, judging_ocn(judging)))
			return refuse_overlap(judging, block, owner_blob(&at),
			    ocn);
	}
	return OK;
}

static enum status
check_overlap(struct judging *judging, struct draft_name *block)
{
	enum status status = check_above(judging, block);

	return status != OK ? status : check_below(judging, block);
}

/* Nobody held it: the request may allocate it. */
static enum status
check_allocation(struct judging *judging, struct draft_name *name)
{
	struct holder nobody = { .ocn = { .data = NULL } };
	struct blob ocn;
	bool is_open;

	if (!attribute_now(name, PROPERTY_OCN, &ocn))
		return refuse_foreign(judging, name->change, name->owner,
		    &nobody);
	if (draft_explicit_before(name).len > 0)
		return judging_refuse(judging, name->change,
		    CAUSE_NOT_ALLOCATED, "%s: the authority keeps records "
		    "there", judging_name(judging, name->owner));
	enum status status = is_in_pool(&is_open, judging, digits_of(name));
	if (status != OK)
		return status;
	if (!is_open)
		return judging_refuse(judging, name->change, CAUSE_NO_POOL,
		    "%s: in no open pool", judging_name(judging, name->owner));
	return draft_class(name)->kind == NAME_BLOCK
	    ? check_overlap(judging, name) : OK;
}

/* A number or block: the table of carrier.h. */
static enum status
check_held(struct judging *judging, struct draft_name *name)
{
	struct blob own = judging_ocn(judging);
	struct blob ocn = own;
	struct holder holder;

	bool has_ocn = attribute_now(name, PROPERTY_OCN, &ocn);
	enum status status = holder_find(&holder, &judging->draft, name,
	    BEFORE);
	if (status != OK)
		return status;
	bool is_held = holder_is(&holder, own);
	if (!draft_same(ocn, own) && (is_held || holder.ocn.len == 0))
		return judging_refuse(judging, name->change,
		    CAUSE_FOREIGN_OCN, "%s: %s",
		    judging_name(judging, name->owner),
		    cause_text(CAUSE_FOREIGN_OCN));
	if (is_held) {
		bool is_new_block = draft_class(name)->kind == NAME_BLOCK &&
		    draft_explicit_before(name).len == 0 &&
		    draft_has_explicit(name);
		return is_new_block ? check_overlap(judging, name) : OK;
	}
	if (holder.ocn.len == 0)
		return check_allocation(judging, name);
	bool is_port = has_ocn && draft_same(ocn, own) &&
	    draft_class(name)->kind == NAME_NUMBER &&
	    pin_rule_has_shown(judging, name->owner);
	if (is_port)
		return OK;
	return refuse_foreign(judging, name->change, name->owner, &holder);
}

/* Whois data: the holder's to write, and nobody's to leave behind. */
static enum status
check_whois(struct judging *judging, struct draft_name *name)
{
	struct blob own = judging_ocn(judging);
	struct draft_name *subject;
	struct holder holder;

	enum status status = whois_subject(&subject, judging, name->owner);
	if (status == OK)
		status = holder_find(&holder, &judging->draft, subject, NOW);
	if (status != OK || holder_is(&holder, own))
		return status;
	if (!draft_has_explicit(name)) {
		/* who releases a number may delete them as well */
		status = holder_find(&holder, &judging->draft, subject,
		    BEFORE);
		if (status != OK || holder_is(&holder, own))
			return status;
	}
	return refuse_foreign(judging, name->change, name->owner, &holder);
}

static enum status
check_name(struct judging *judging, struct draft_name *name)
{
	switch (draft_class(name)->kind) {
	case NAME_NUMBER:
	case NAME_BLOCK:
		return check_held(judging, name);
	case NAME_WHOIS_NUMBER:
	case NAME_WHOIS_BLOCK:
		return check_whois(judging, name);
	case NAME_APEX:
	case NAME_OCN:
	case NAME_POOL:
	case NAME_HAS:
	case NAME_PIN:
	case NAME_CODE:
	case NAME_DRY_RUN:
	case NAME_KEY:
	case NAME_OTHER:
		break; /* carrier_permit and pin_rule_check have looked */
	}
	return OK;
}

enum status
carrier_check(struct judging *judging)
{
	if (judging_overrules(judging))
		return OK;
	/* names that are touched on the way are put in front */
	for (struct draft_name *name = judging->draft.names; name != NULL;
	     name = name->next) {
		if (!name->is_named)
			continue;
		enum status status = check_name(judging, name);
		if (status != OK)
			return status;
	}
	return OK;
}
