/*
 * RFC 2136 3.4.1.3: each change's class, TTL, rdata and type; and whether its
 * name is one that an update may write. Layer 2; the engine thread.
 */
#include "registry/prescan.h"

#include "dns/rdata.h"
#include "registry/key.h"
#include "registry/pin.h"

static enum status
malformed(struct judging *judging, size_t at, const char *what)
{
	return judging_refuse(judging, at, CAUSE_FORMAT, "change %zu: %s", at,
	    what);
}

static enum status
check_form(struct judging *judging, size_t at)
{
	const struct request_rr *rr = &judging->request->changes[at];
	bool is_meta = rdata_is_meta(rr->type);

	switch (rr->rclass) {
	case CLASS_IN:
		if (is_meta)
			return malformed(judging, at, "a type that cannot be");
		return OK;
	case CLASS_ANY:
		if (rr->ttl != 0 || rr->rdata.len != 0)
			return malformed(judging, at, "TTL or rdata in a "
			    "delete of a name or RRset");
		if (is_meta && rr->type != TYPE_ANY)
			return malformed(judging, at, "a type that cannot be");
		return OK;
	case CLASS_NONE:
		if (rr->ttl != 0)
			return malformed(judging, at, "TTL in a delete of a "
			    "record");
		if (is_meta)
			return malformed(judging, at, "a type that cannot be");
		return OK;
	default: /* foreign value, not an enum */
		return malformed(judging, at, "class neither IN, ANY nor NONE");
	}
}

/* Types that are not taken, from anybody, and why. */
static const char *
type_fault(uint16_t type)
{
	switch (type) {
	case TYPE_DNAME:
		return "DNAME is not served";
	case TYPE_RRSIG:
	case TYPE_NSEC:
	case TYPE_NSEC3:
	case TYPE_NSEC3PARAM:
		return "signatures and denial are made by the signer alone";
	default: /* foreign value, not an enum */
		return NULL;
	}
}

static enum status
check_type(struct judging *judging, size_t at)
{
	const struct request_rr *rr = &judging->request->changes[at];

	if (rr->rclass != CLASS_IN)
		return OK;
	const char *fault = type_fault(rr->type);
	if (fault == NULL)
		return OK;
	return judging_refuse(judging, at, CAUSE_TYPE_NOT_ALLOWED, "%s: %s",
	    judging_name(judging, rr->owner), fault);
}

/* A PIN is set as the verifier that the door made of it, and deleted without
 * being named. */
static enum status
check_pin(struct judging *judging, size_t at)
{
	const struct request_rr *rr = &judging->request->changes[at];
	struct pin_record pin;

	if (rr->rclass == CLASS_IN && rr->type == TYPE_PIN_RECORD &&
	    pin_decode(&pin, rr->rdata) == OK)
		return OK;
	if (rr->rclass == CLASS_ANY &&
	    (rr->type == TYPE_TXT || rr->type == TYPE_ANY))
		return OK;
	return judging_refuse(judging, at, CAUSE_PIN_INVALID,
	    "%s: one TXT string is added, or all are deleted",
	    judging_name(judging, rr->owner));
}

/* So is a key, as the record that the door made of it. */
static enum status
check_key(struct judging *judging, size_t at)
{
	const struct request_rr *rr = &judging->request->changes[at];
	struct key_record key;

	if (rr->rclass == CLASS_IN && rr->type == TYPE_KEY_RECORD &&
	    key_decode(&key, rr->rdata) == OK && key.state == KEY_IN_FORCE)
		return OK;
	if (rr->rclass == CLASS_ANY &&
	    (rr->type == TYPE_TXT || rr->type == TYPE_ANY))
		return OK;
	return judging_refuse(judging, at, CAUSE_INVALID_VALUE,
	    "%s: TXT \"algorithm:secret\" is added, or all are deleted",
	    judging_name(judging, rr->owner));
}

static enum status
check_name(struct judging *judging, size_t at)
{
	struct blob owner = judging->request->changes[at].owner;

	switch (owner_scope(owner)) {
	case SCOPE_PUBLIC:
		return OK;
	case SCOPE_WHOIS:
		if (name_classify(owner).kind != NAME_OTHER)
			return OK;
		return judging_refuse(judging, at, CAUSE_RESERVED_NAME,
		    "%s: below w there are only numbers and blocks",
		    judging_name(judging, owner));
	case SCOPE_PRIVATE:
		if (judging_is_inside(judging))
			return OK;
		return judging_refuse(judging, at, CAUSE_RESERVED_NAME,
		    "%s: the registry keeps that name for itself",
		    judging_name(judging, owner));
	case SCOPE_PSEUDO:
		if (name_classify(owner).kind == NAME_PIN)
			return check_pin(judging, at);
		if (name_classify(owner).kind == NAME_KEY)
			return check_key(judging, at);
		return judging_refuse(judging, at, CAUSE_RESERVED_NAME,
		    "%s: nothing is kept at such a name",
		    judging_name(judging, owner));
	}
	return OK;
}

enum status
prescan_check(struct judging *judging)
{
	const struct request *request = judging->request;

	for (size_t i = 0; i < request->n_changes; i++) {
		enum status status = check_form(judging, i);
		if (status == OK)
			status = check_type(judging, i);
		if (status == OK)
			status = check_name(judging, i);
		if (status != OK)
			return status;
	}
	return OK;
}
