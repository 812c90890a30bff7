/*
 * Derived records, worked out for the names that a request may affect:
 *
 *  - above an explicit name that appears or goes: its ancestors, and their *;
 *  - below a block or cut that appears, changes or goes: all of them.
 *
 * These are collected first (candidates), then each is decided by the rule.
 * Layer 2; the engine thread.
 */
#include "registry/derived.h"

#include "dns/rdata.h"
#include "registry/ladder.h"

enum { CANDIDATES_MAX = 1 << 18 }; /* names one request may re-derive */

struct deriving {
	struct judging *judging;
	struct ladder ladder;
	struct draft_name *candidates;
	size_t n_candidates;
};

static bool
is_wildcard(struct blob owner)
{
	struct blob label = owner_last_label(owner);

	return label.len == 1 && label.data[0] == '*';
}

static enum status
mark(struct deriving *d, struct draft_name *name)
{
	if (name->is_candidate)
		return OK;
	if (d->n_candidates >= CANDIDATES_MAX)
		return judging_refuse(d->judging, 0, CAUSE_TOO_LARGE,
		    "more than %d names below a block are affected",
		    CANDIDATES_MAX);
	name->is_candidate = true;
	name->next_candidate = d->candidates;
	d->candidates = name;
	d->n_candidates++;
	return OK;
}

static enum status
mark_owner(struct deriving *d, struct blob owner, struct draft_name **out)
{
	enum status status = draft_get(out, &d->judging->draft, owner);

	return status != OK ? status : mark(d, *out);
}

/* name and the wildcard below it. */
static enum status
mark_pair(struct deriving *d, struct blob owner, struct draft_name **out)
{
	struct draft_name *wildcard;
	struct owner below;

	enum status status = mark_owner(d, owner, out);
	if (status != OK)
		return status;
	owner_set(&below, owner);
	if (owner_push(&below, "*", 1) != OK)
		return OK; /* no room for a name below: none can be asked for */
	return mark_owner(d, owner_blob(&below), &wildcard);
}

enum child { CHILD_OLD, CHILD_NEW };

/* The ancestors of owner that are longer than above bytes and have a block
 * above them. CHILD_NEW: owner is an explicit name that was not there. */
static enum status
mark_ancestors(struct deriving *d, struct blob owner, size_t above,
    enum child child)
{
	const struct ladder *ladder = &d->ladder;

	enum status status = ladder_climb(&d->ladder, owner);
	if (status != OK)
		return status;
	for (size_t i = ladder->n - 1; i > 0; i--) {
		const struct rung *rung = &ladder->rungs[i];
		struct draft_name *name;
		if (rung->block == NULL || rung->end <= above)
			break;
		if (rung->is_shut)
			continue;
		status = mark_pair(d, (struct blob){ owner.data, rung->end },
		    &name);
		if (status != OK)
			return status;
		if (child == CHILD_NEW)
			name->has_new_below = true;
	}
	return OK;
}

/* Bytes of the ancestors of owner that were ancestors of last too. */
static size_t
shared_len(struct blob last, struct blob owner)
{
	size_t at = 0;

	while (at < last.len && at < owner.len &&
	    last.data[at] == owner.data[at])
		at++;
	/* last itself may be above owner; it was no ancestor of itself */
	return at > 0 && at == last.len ? at - 1 : at;
}

/* Everything below top, which got, lost or changed its block or its cut. */
static enum status
mark_below(struct deriving *d, struct blob top)
{
	const struct view *view = d->judging->env->view;
	struct owner at = { .len = 0 };
	struct owner last = { .len = 0 }; /* explicit one */
	uint8_t flags;

	while (view->next_below(view->arg, top, owner_blob(&at), &at,
	    &flags)) {
		struct draft_name *name;
		enum status status = OK;
		if (flags & NODE_DERIVED) {
			status = mark_owner(d, owner_blob(&at), &name);
		} else {
			size_t known = shared_len(owner_blob(&last),
			    owner_blob(&at));
			status = mark_ancestors(d, owner_blob(&at),
			    known > top.len ? known : top.len, CHILD_OLD);
			last = at;
		}
		if (status != OK)
			return status;
	}
	return OK;
}

static bool
has_cut(struct blob rrsets)
{
	struct rrset rrset;

	return rrset_find(rrsets, TYPE_NS, &rrset);
}

/* A name whose explicit records changed: whom that may affect. */
static enum status
mark_affected(struct deriving *d, struct draft_name *name, struct blob before,
    struct blob now)
{
	struct draft_name *same;
	enum status status = OK;

	if ((before.len == 0) != (now.len == 0)) {
		status = mark(d, name);
		if (status == OK)
			status = mark_ancestors(d, name->owner, 0,
			    now.len > 0 ? CHILD_NEW : CHILD_OLD);
	}
	if (status == OK && draft_class(name)->kind == NAME_BLOCK)
		status = mark_below(d, owner_parent(name->owner));
	if (status == OK && has_cut(before) != has_cut(now)) {
		status = mark_pair(d, name->owner, &same);
		if (status == OK)
			status = mark_below(d, name->owner);
	}
	return status;
}

static struct blob
explicit_now(const struct draft_name *name)
{
	if (name->now.flags & NODE_DERIVED)
		return (struct blob){ .data = NULL };
	return name->now.rrsets;
}

/* Whether an explicit name is strictly below, after the request. */
static bool
has_child(struct deriving *d, const struct draft_name *name)
{
	const struct view *view = d->judging->env->view;
	struct owner at = { .len = 0 };
	uint8_t flags;

	if (name->has_new_below)
		return true;
	while (view->next_below(view->arg, name->owner, owner_blob(&at), &at,
	    &flags)) {
		if (flags & NODE_DERIVED)
			continue;
		const struct draft_name *child =
		    draft_peek(&d->judging->draft, owner_blob(&at));
		if (child == NULL || explicit_now(child).len > 0)
			return true;
	}
	return false;
}

/* What the rule wants at a name without explicit records; NULL: nothing. */
static enum status
wanted(const struct draft_name **block, struct deriving *d,
    struct draft_name *name)
{
	struct blob top = is_wildcard(name->owner) ? owner_parent(name->owner)
						   : name->owner;
	struct draft_name *above = name;

	*block = NULL;
	enum status status = ladder_climb(&d->ladder, top);
	if (status != OK)
		return status;
	const struct rung *rung = &d->ladder.rungs[d->ladder.n];
	if (rung->block == NULL || rung->is_shut)
		return OK;
	if (top.len != name->owner.len) {
		status = draft_get(&above, &d->judging->draft, top);
		if (status != OK)
			return status;
	}
	if (has_child(d, above))
		*block = rung->block;
	return OK;
}

static enum status
decide(struct deriving *d, struct draft_name *name)
{
	const struct draft_name *block;

	if (explicit_now(name).len > 0)
		return OK;
	enum status status = wanted(&block, d, name);
	if (status != OK)
		return status;
	name->now = (struct node){ 0 };
	if (block != NULL)
		name->now = (struct node){ .flags = NODE_DERIVED,
			.rrsets = block->now.rrsets };
	return OK;
}

/* Only names that begin with a digit, seen from the apex, can be below a
 * block. */
static bool
is_in_tree(struct blob owner)
{
	return owner.len > 1 && owner.data[0] == 1 && owner.data[1] >= '0' &&
	    owner.data[1] <= '9';
}

enum status
derived_update(struct judging *judging)
{
	struct draft *draft = &judging->draft;
	struct deriving *d = arena_alloc(judging->arena, sizeof *d);

	d->judging = judging;
	ladder_init(&d->ladder, draft);
	/* in owner order the ladder is climbed least */
	draft->names = draft_sort(draft->names);
	for (struct draft_name *name = draft->names; name != NULL;
	     name = name->next) {
		struct blob before = draft_explicit_before(name);
		struct blob now = explicit_now(name);
		if (!name->is_written || !is_in_tree(name->owner) ||
		    draft_same(before, now))
			continue;
		enum status status = mark_affected(d, name, before, now);
		if (status != OK)
			return status;
	}
	for (struct draft_name *name = d->candidates; name != NULL;
	     name = name->next_candidate) {
		enum status status = decide(d, name);
		if (status != OK)
			return status;
	}
	return OK;
}
