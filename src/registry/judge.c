/*
 * The order of judging: DESIGN "the change path" 3; RFC 2136 3.2 to 3.4, but
 * permission to test before the test. Refused or done as a whole; what a
 * request does to a name is the net effect. Layer 2; the engine thread.
 */
#include "registry/judge.h"

#include "registry/carrier.h"
#include "registry/change.h"
#include "registry/derived.h"
#include "registry/judging.h"
#include "registry/key_rule.h"
#include "registry/pin_rule.h"
#include "registry/prereq.h"
#include "registry/prescan.h"
#include "registry/upkeep.h"

uint32_t
serial_next(uint32_t serial)
{
	serial++;
	return serial == 0 ? 1 : serial;
}

bool
serial_newer(uint32_t a, uint32_t b)
{
	uint32_t ahead = a - b;

	return ahead != 0 && ahead < 0x80000000u;
}

/* Who may ask for changes at all. The one place where a role is let in. */
static enum status
check_role(struct judging *judging)
{
	switch (judging->request->actor.role) {
	case ROLE_AUTHORITY:
	case ROLE_REGISTRAR:
	case ROLE_CARRIER:
		return OK;
	case ROLE_TRANSFER:
	case ROLE_NONE:
		break;
	}
	return judging_refuse(judging, 0, CAUSE_NOT_AUTHORISED,
	    "this key changes nothing");
}

static void
part_begin(struct judging *judging)
{
	const struct request *request = judging->request;
	struct part *part = &judging->out->part;

	part->door = request->door;
	part->actor = request->actor;
	part->receipt.id = request->id;
	part->receipt.time_signed_s = request->time_signed_s;
}

static bool
is_changed(const struct draft_name *name)
{
	return name->before.flags != name->now.flags ||
	    !draft_same(name->before.rrsets, name->now.rrsets);
}

/* before -> now of one name. */
static struct name_change
change_make(struct judging *judging, const struct draft_name *name)
{
	struct name_change change = {
		.owner = name->owner,
		.flags_before = name->before.flags,
		.flags_after = name->now.flags,
	};

	if (name->before.rrsets.len == 0)
		change.added = name->now.rrsets;
	else if (name->now.rrsets.len == 0)
		change.removed = name->before.rrsets;
	else
		rrsets_diff(judging->arena, name->before.rrsets,
		    name->now.rrsets, &change.removed, &change.added);
	return change;
}

/* The names that differ, in owner order, into the part. */
static void
part_fill(struct judging *judging)
{
	struct draft *draft = &judging->draft;
	struct draft_name *changed = NULL;
	struct draft_name *next;
	size_t n = 0;

	for (struct draft_name *name = draft->names; name != NULL;
	     name = next) {
		next = name->next;
		if (!is_changed(name))
			continue;
		name->next = changed;
		changed = name;
		n++;
	}
	draft->names = NULL; /* taken apart */
	struct name_change *changes = arena_alloc(judging->arena,
	    n * sizeof *changes);
	size_t i = 0;
	for (struct draft_name *name = draft_sort(changed); name != NULL;
	     name = name->next) {
		changes[i] = change_make(judging, name);
		bool is_seen = changes[i].removed.len > 0 ||
		    changes[i].added.len > 0;
		if (is_seen && owner_scope(name->owner) == SCOPE_PUBLIC)
			judging->out->is_public = true;
		i++;
	}
	judging->out->part.changes = changes;
	judging->out->part.n_changes = n;
}

static enum status
check_size(struct judging *judging)
{
	size_t len = CHANGESET_HEADER_LEN + part_len(&judging->out->part);

	if (len <= CHANGESET_MAX)
		return OK;
	judging->out->part.changes = NULL;
	judging->out->part.n_changes = 0;
	judging->out->is_public = false;
	return judging_refuse(judging, 0, CAUSE_TOO_LARGE,
	    "%zu bytes of changes, more than %d", len,
	    CHANGESET_MAX);
}

/* A byte-identical copy gets what the first one got. */
static enum status
check_receipt(struct judging *judging)
{
	const struct receipts_view *receipts = &judging->env->receipts;
	struct outcome *out = judging->out;
	struct receipt receipt;

	if (judging->request->time_signed_s == 0 || receipts->find == NULL ||
	    !receipts->find(receipts->arg, &out->part.receipt, &receipt,
		&out->slot))
		return OK;
	out->judged = JUDGED_REPEAT;
	if (receipt.rcode != 0)
		return judging_refuse(judging, 0, (enum cause)receipt.cause,
		    "%s", cause_text((enum cause)receipt.cause));
	return ERR_REFUSED; /* as an end of judging; it was done */
}

/* RFC 8945 5.2.3, against slot time; a fudge counts up to FUDGE_MAX_S. */
static enum status
check_time(struct judging *judging)
{
	const struct request *request = judging->request;
	uint64_t now_s = judging->env->now_ms / 1000;
	uint64_t signed_s = request->time_signed_s;
	uint64_t fudge_s = request->fudge_s < FUDGE_MAX_S ? request->fudge_s
							  : FUDGE_MAX_S;

	if (signed_s == 0)
		return OK;
	uint64_t off_s = signed_s > now_s ? signed_s - now_s
					  : now_s - signed_s;
	if (off_s <= fudge_s)
		return OK;
	judging->out->judged = JUDGED_LATE;
	return judging_refuse(judging, 0, CAUSE_BAD_TIME, "signed %llu s %s, "
	    "with a fudge of %u s", (unsigned long long)off_s,
	    signed_s > now_s ? "ahead" : "ago", (unsigned)request->fudge_s);
}

/* Every step in its order; OK: the part can be filled. */
static enum status
judge(struct judging *judging)
{
	enum status status = key_rule_actor(judging);

	if (status == OK)
		status = check_receipt(judging);
	if (status == OK)
		status = check_time(judging);
	if (status == OK)
		status = check_role(judging);
	if (status == OK)
		status = prereq_permit(judging);
	if (status == OK)
		status = pin_rule_verdicts(judging);
	/* 3.2 Prerequisites */
	if (status == OK)
		status = prereq_check(judging);
	/* 3.4.1 Prescan */
	if (status == OK)
		status = prescan_check(judging);
	if (status == OK)
		status = carrier_permit(judging);
	/* 3.4.2 Update */
	if (status == OK)
		status = change_apply(judging);
	if (status == OK)
		status = upkeep_apply(judging);
	if (status == OK)
		status = pin_rule_check(judging);
	if (status == OK)
		status = carrier_check(judging);
	if (status == OK)
		status = draft_close(&judging->draft);
	if (status == OK)
		status = key_rule_records(judging);
	if (status == OK)
		status = derived_update(judging);
	if (status != OK || judging->out->is_dry)
		return status;
	part_fill(judging);
	return check_size(judging);
}

/* A refused request changes one thing: counters of wrong PINs. */
static void
part_fill_counted(struct judging *judging)
{
	struct part *part = &judging->out->part;
	size_t n = 0;

	for (const struct counted *c = judging->counted; c != NULL; c = c->next)
		n++;
	struct name_change *changes = arena_alloc(judging->arena,
	    n * sizeof *changes);
	n = 0;
	for (const struct counted *c = judging->counted; c != NULL;
	     c = c->next) {
		c->tries->now = c->node;
		if (is_changed(c->tries))
			changes[n++] = change_make(judging, c->tries);
	}
	part->changes = changes;
	part->n_changes = n;
}

/* Nothing comes of it. */
static void
undo(struct judging *judging)
{
	struct outcome *out = judging->out;

	out->serial_wanted = 0;
	out->is_public = false;
	out->is_dry = false;
	part_fill_counted(judging);
}

enum status
registry_judge(struct arena *arena, const struct judge_env *env,
    const struct request *request, struct outcome *out)
{
	struct judging judging = {
		.arena = arena,
		.env = env,
		.request = request,
		.out = out,
		.serial = env->view->serial,
	};

	*out = (struct outcome){ .cause = CAUSE_NONE };
	draft_init(&judging.draft, arena, env->view,
	    request->n_changes + request->n_prereqs);
	part_begin(&judging);
	enum status status = judge(&judging);
	if (status == ERR_REFUSED) {
		undo(&judging);
		status = OK;
	} else if (out->is_dry)
		out->serial_wanted = 0;
	else if (out->serial_wanted != 0)
		out->is_public = true;
	out->part.receipt.rcode = out->rcode;
	out->part.receipt.cause = (uint16_t)out->cause;
	return status;
}
