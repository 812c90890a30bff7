/*
 * PINs in the judge. A request is all or nothing but for one thing: wrong PINs
 * count also when it is refused, or guessing would be free. Layer 2; the
 * engine thread.
 */
#include "registry/pin_rule.h"

#include "base/check.h"
#include "dns/rdata.h"
#include "registry/holder.h"
#include "registry/pin.h"

#include <string.h>

/* A private name of the number: pin_owner or tries_owner says which. */
static enum status
private_name(struct draft_name **out, struct judging *judging,
    struct blob number,
    void (*name_of)(struct owner *out, struct blob number))
{
	struct owner owner;

	name_of(&owner, number);
	return draft_get(out, &judging->draft, owner_blob(&owner));
}

/* The records of `tries` with this OCN's as given; wrong 0 takes it out. */
static enum status
tries_put(struct judging *judging, struct draft_name *tries,
    const struct tries_record *record)
{
	uint8_t rdata[TRIES_RDATA_LEN];
	struct draft *draft = &judging->draft;
	struct draft_set *set = draft_find(draft, tries, TYPE_TRIES_RECORD);

	for (struct draft_record **at = set == NULL ? NULL : &set->records;
	     at != NULL && *at != NULL;) {
		struct tries_record old;
		if (tries_decode(&old, (*at)->rdata) != OK ||
		    strcmp(old.ocn, record->ocn) == 0 ||
		    tries_is_old(&old, judging->env->now_ms))
			draft_unlink(tries, set, at);
		else
			at = &(*at)->next;
	}
	if (record->wrong == 0)
		return OK;
	tries_encode(rdata, record);
	const struct record new = { .type = TYPE_TRIES_RECORD,
		.rdata = { arena_copy(judging->arena, rdata, sizeof rdata),
		    sizeof rdata } };
	return draft_put(draft, tries, &new);
}

/* Into judging->counted, in owner order, once for each name. */
static enum status
keep_counted(struct judging *judging, struct draft_name *tries)
{
	struct counted **at = &judging->counted;

	while (*at != NULL &&
	    owner_compare((*at)->tries->owner, tries->owner) < 0)
		at = &(*at)->next;
	if (*at == NULL || (*at)->tries != tries) {
		struct counted *new = arena_alloc(judging->arena, sizeof *new);
		new->tries = tries;
		new->next = *at;
		*at = new;
	}
	return draft_encode(&(*at)->node, &judging->draft, tries);
}

static enum status
count_wrong(struct judging *judging, struct draft_name *tries,
    struct tries_record *record)
{
	record->wrong += record->wrong < UINT32_MAX;
	record->last_ms = judging->env->now_ms;
	enum status status = tries_put(judging, tries, record);
	if (status == OK)
		status = keep_counted(judging, tries);
	/* 64 tries in all are fewer OCNs than records of an RRset */
	ensure(status != ERR_FULL);
	return status;
}

/* May this OCN try at all now? */
static enum status
check_pause(struct judging *judging, const struct pin_verdict *verdict,
    const struct tries_record *record, uint32_t sum)
{
	uint64_t until_ms = tries_until_ms(record);
	uint64_t now_ms = judging->env->now_ms;

	if (now_ms < until_ms)
		return judging_refuse(judging, 0, CAUSE_PIN_LOCKED,
		    "%s: %u wrong PINs; try again in %llu s",
		    judging_name(judging, verdict->number),
		    (unsigned)record->wrong,
		    (unsigned long long)((until_ms - now_ms + 999) / 1000));
	if (record->wrong == 0 && sum >= TRIES_SUM_MAX)
		return judging_refuse(judging, 0, CAUSE_PIN_LOCKED,
		    "%s: too many wrong PINs of others; its holder may set a "
		    "new one", judging_name(judging, verdict->number));
	return OK;
}

/* The id of the number's verifier; 0: none. */
static enum status
verifier_now(struct judging *judging, struct blob number, uint64_t *id)
{
	struct draft_name *name;
	struct pin_record pin;

	enum status status = private_name(&name, judging, number, pin_owner);
	if (status != OK)
		return status;
	*id = pin_read(&pin, name->before.rrsets) == OK ? pin_id(&pin) : 0;
	return OK;
}

static enum status
check_stale(struct judging *judging, const struct pin_verdict *verdict)
{
	uint64_t id;

	enum status status = verifier_now(judging, verdict->number, &id);
	if (status != OK || id == verdict->verifier)
		return status;
	judging->out->judged = JUDGED_STALE;
	return judging_refuse(judging, 0, CAUSE_PIN_WRONG,
	    "%s: its PIN has just changed",
	    judging_name(judging, verdict->number));
}

static enum status
check_verdict(struct judging *judging, const struct pin_verdict *verdict)
{
	struct tries_record record;
	struct draft_name *tries;
	struct node node;

	/* the authority does not need the PIN, and has no count */
	if (judging_overrules(judging)) {
		if (verdict->is_right && verdict->verifier != 0)
			return OK;
		return judging_refuse(judging, 0, CAUSE_PIN_WRONG, "%s: %s",
		    judging_name(judging, verdict->number),
		    cause_text(CAUSE_PIN_WRONG));
	}
	enum status status = private_name(&tries, judging, verdict->number,
	    tries_owner);
	if (status != OK)
		return status;
	draft_open(&judging->draft, tries);
	status = draft_encode(&node, &judging->draft, tries);
	if (status != OK)
		return status;
	uint32_t sum = tries_find(&record, node.rrsets,
	    judging->request->actor.ocn, judging->env->now_ms);
	status = check_pause(judging, verdict, &record, sum);
	if (status != OK)
		return status;
	if (verdict->is_right && verdict->verifier != 0) {
		record.wrong = 0;
		return tries_put(judging, tries, &record);
	}
	status = count_wrong(judging, tries, &record);
	if (status != OK)
		return status;
	return judging_refuse(judging, 0, CAUSE_PIN_WRONG, "%s: %s",
	    judging_name(judging, verdict->number),
	    cause_text(CAUSE_PIN_WRONG));
}

/* All of them count, also those behind the first wrong one; the first says
 * what the client hears. */
enum status
pin_rule_verdicts(struct judging *judging)
{
	const struct request *request = judging->request;
	enum status first = OK;

	/* stale ones before anything is counted: the request comes again */
	for (size_t i = 0; i < request->n_verdicts; i++) {
		enum status status = check_stale(judging,
		    &request->verdicts[i]);
		if (status != OK)
			return status;
	}
	for (size_t i = 0; i < request->n_verdicts; i++) {
		struct outcome *out = judging->out;
		enum cause cause = out->cause;
		struct reason reason = out->reason;
		enum status status = check_verdict(judging,
		    &request->verdicts[i]);
		if (status != OK && status != ERR_REFUSED)
			return status;
		if (first == OK) {
			first = status;
			continue;
		}
		out->cause = cause;
		out->rcode = cause_rcode(cause);
		out->reason = reason;
	}
	return first;
}

bool
pin_rule_has_shown(const struct judging *judging, struct blob number)
{
	const struct request *request = judging->request;

	for (size_t i = 0; i < request->n_verdicts; i++) {
		if (draft_same(request->verdicts[i].number, number))
			return true;
	}
	return false;
}

enum status
pin_rule_change(struct judging *judging, size_t at)
{
	const struct request_rr *rr = &judging->request->changes[at];
	struct blob number = owner_parent(rr->owner);
	struct draft *draft = &judging->draft;
	struct draft_name *pin;

	enum status status = private_name(&pin, judging, number, pin_owner);
	if (status != OK)
		return status;
	struct pin_change *change = arena_alloc(judging->arena,
	    sizeof *change);
	*change = (struct pin_change){ .next = judging->pins,
		.number = number, .pin = pin, .at = at };
	judging->pins = change;
	draft_clear(draft, pin);
	if (rr->rclass != CLASS_IN)
		return OK;
	const struct record record = { .type = TYPE_PIN_RECORD,
		.rdata = rr->rdata };
	status = draft_put(draft, pin, &record);
	ensure(status == OK); /* the only record there */
	return OK;
}

static enum status
check_change(struct judging *judging, const struct pin_change *change)
{
	struct draft_name *number;
	struct draft_name *tries;
	struct holder holder;

	enum status status = draft_get(&number, &judging->draft,
	    change->number);
	if (status == OK)
		status = holder_find(&holder, &judging->draft, number, NOW);
	if (status != OK)
		return status;
	bool is_set = change->pin->sets != NULL;
	if (is_set && holder.ocn.len == 0)
		return judging_refuse(judging, change->at,
		    CAUSE_NOT_ALLOCATED, "%s: nobody holds it, so it has no "
		    "PIN", judging_name(judging, change->number));
	if (!judging_overrules(judging) &&
	    !holder_is(&holder, judging_ocn(judging)))
		return judging_refuse(judging, change->at, CAUSE_NOT_HOLDER,
		    "%s: only its holder sets its PIN",
		    judging_name(judging, change->number));
	if (!is_set)
		return OK;
	status = private_name(&tries, judging, change->number, tries_owner);
	if (status == OK)
		draft_clear(&judging->draft, tries);
	return status;
}

enum status
pin_rule_check(struct judging *judging)
{
	for (const struct pin_change *change = judging->pins; change != NULL;
	     change = change->next) {
		enum status status = check_change(judging, change);
		if (status != OK)
			return status;
	}
	return OK;
}

enum status
pin_rule_void(struct judging *judging, struct blob number)
{
	struct draft_name *pin;
	struct draft_name *tries;

	if (name_classify(number).kind != NAME_NUMBER)
		return OK; /* a block inside the block has none */
	enum status status = private_name(&tries, judging, number,
	    tries_owner);
	if (status == OK)
		status = private_name(&pin, judging, number, pin_owner);
	if (status != OK)
		return status;
	draft_clear(&judging->draft, tries);
	struct draft_set *set = draft_find(&judging->draft, pin,
	    TYPE_PIN_RECORD);
	if (set != NULL && !set->records->is_added)
		draft_clear(&judging->draft, pin);
	return OK;
}

enum status
pin_rule_forget(struct judging *judging, struct blob number)
{
	struct draft_name *pin;

	if (name_classify(number).kind != NAME_NUMBER)
		return OK;
	enum status status = pin_rule_void(judging, number);
	if (status == OK)
		status = private_name(&pin, judging, number, pin_owner);
	if (status == OK)
		draft_clear(&judging->draft, pin);
	return status;
}
