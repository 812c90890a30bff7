/*
 * Which records of an UPDATE are secrets: TXT at _pin.N and below _key of an
 * OCN, class IN. Layer 4; pure; any thread.
 */
#include "update/pins.h"

#include "base/check.h"
#include "dns/rdata.h"
#include "registry/key.h"
#include "registry/pin.h"

#include <string.h>

static bool
is_secret(const struct request_rr *rr, enum name_kind kind)
{
	return rr->rclass != CLASS_ANY && rr->type == TYPE_TXT &&
	    owner_scope(rr->owner) == SCOPE_PSEUDO &&
	    name_classify(rr->owner).kind == kind;
}

static bool
is_pin(const struct request_rr *rr)
{
	return is_secret(rr, NAME_PIN);
}

static size_t
count_pins(const struct request_rr *rrs, size_t n)
{
	size_t n_pins = 0;

	for (size_t i = 0; i < n; i++)
		n_pins += is_pin(&rrs[i]);
	return n_pins;
}

static size_t
count_keys(const struct request_rr *rrs, size_t n)
{
	size_t n_keys = 0;

	for (size_t i = 0; i < n; i++)
		n_keys += is_secret(&rrs[i], NAME_KEY);
	return n_keys;
}

/* The one string of a TXT record; empty if there are more. */
static struct blob
string_of(const struct request_rr *rr)
{
	if (rr->rdata.len < 1 || rr->rdata.data[0] != rr->rdata.len - 1)
		return (struct blob){ .data = NULL };
	return (struct blob){ rr->rdata.data + 1, rr->rdata.len - 1 };
}

/* The same, if it may be a PIN. */
static struct blob
pin_of(const struct request_rr *rr)
{
	struct blob pin = string_of(rr);

	return pin_is_valid(pin) ? pin : (struct blob){ .data = NULL };
}

static enum status
refuse(struct update_refusal *refusal, enum cause cause, const char *words)
{
	refusal->cause = cause;
	reason_set(&refusal->reason, "%s", words);
	return ERR_REFUSED;
}

/* Prerequisites: everything else stays, each PIN becomes a verdict to be. */
static void
take_checks(struct arena *arena, struct request *request, size_t n_checks,
    struct update_pins *out)
{
	const struct request_rr *from = request->prereqs;
	struct request_rr *prereqs = arena_alloc(arena,
	    request->n_prereqs * sizeof *prereqs);
	struct pin_verdict *verdicts = arena_alloc(arena,
	    n_checks * sizeof *verdicts);
	size_t n = 0;
	size_t n_verdicts = 0;

	for (size_t i = 0; i < request->n_prereqs; i++) {
		if (!is_pin(&from[i])) {
			prereqs[n++] = from[i];
			continue;
		}
		struct pin_verdict *verdict = &verdicts[n_verdicts++];
		verdict->number = owner_parent(from[i].owner);
		out->pins[out->n++] = (struct update_pin){
			.pin = pin_of(&from[i]), .verdict = verdict };
	}
	request->prereqs = prereqs;
	request->n_prereqs = n;
	request->verdicts = verdicts;
	request->n_verdicts = n_verdicts;
}

/* Changes: each new PIN becomes a verifier to be, in its place. */
static enum status
take_new(struct arena *arena, struct request *request,
    struct update_pins *out, struct update_refusal *refusal)
{
	if (request->n_changes == 0)
		return OK;
	struct request_rr *changes = arena_alloc(arena,
	    request->n_changes * sizeof *changes);

	memcpy(changes, request->changes,
	    request->n_changes * sizeof *changes);
	for (size_t i = 0; i < request->n_changes; i++) {
		struct request_rr *rr = &changes[i];
		bool is_key = is_secret(rr, NAME_KEY);
		if (!is_key && !is_pin(rr))
			continue;
		struct blob pin = is_key ? string_of(rr) : pin_of(rr);
		if (rr->rclass != CLASS_IN)
			return refuse(refusal, CAUSE_PIN_INVALID, "a PIN or "
			    "key is deleted without being named: delete all "
			    "TXT");
		if (pin.len == 0 && !is_key)
			return refuse(refusal, CAUSE_PIN_INVALID,
			    cause_text(CAUSE_PIN_INVALID));
		rr->type = is_key ? TYPE_KEY_RECORD : TYPE_PIN_RECORD;
		rr->ttl = 0;
		rr->rdata = (struct blob){ .data = NULL };
		out->pins[out->n++] = (struct update_pin){ .pin = pin,
			.change = rr, .class = name_classify(rr->owner) };
	}
	request->changes = changes;
	return OK;
}

enum status
update_take_pins(struct arena *arena, struct request *request,
    struct update_pins **out, struct update_refusal *refusal)
{
	size_t n_checks = count_pins(request->prereqs, request->n_prereqs);
	size_t n_new = count_pins(request->changes, request->n_changes) +
	    count_keys(request->changes, request->n_changes);

	*out = NULL;
	if (n_checks + n_new == 0)
		return OK;
	if (n_checks > REQUEST_VERDICTS_MAX || n_new > UPDATE_NEW_PINS_MAX)
		return refuse(refusal, CAUSE_LIMIT, "more than 16 PINs or keys "
		    "in one message");
	*out = arena_alloc(arena, sizeof **out);
	take_checks(arena, request, n_checks, *out);
	return take_new(arena, request, *out, refusal);
}
