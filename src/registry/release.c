/*
 * What goes when a number or block is released: DESIGN "UPDATE". Layer 2; the
 * engine thread.
 */
#include "registry/release.h"

#include "base/check.h"
#include "dns/rdata.h"
#include "e164/e164_name.h"
#include "registry/hidden.h"
#include "registry/holder.h"
#include "registry/pin_rule.h"

#include <string.h>

/* The number or block that a name below `top` belongs to, as owner bytes: its
 * digits, and the "*" behind them if there is one. */
static size_t
registry_name_len(struct blob owner)
{
	struct tn tn;
	size_t len = e164_name_read(&tn, owner.data, owner.len);

	if (owner.len - len >= 2 && owner.data[len] == 1 &&
	    owner.data[len + 1] == '*')
		len += 2;
	return len;
}

/* Whether `below`, strictly below `top`, belongs to top. */
static enum status
belongs(bool *out, struct judging *judging, const struct draft_name *top,
    struct blob below)
{
	size_t len = registry_name_len(below);

	*out = true;
	if (len <= top->owner.len)
		return OK;
	struct draft_name *other;
	enum status status = draft_get(&other, &judging->draft,
	    (struct blob){ .data = below.data, .len = len });
	if (status != OK)
		return status;
	struct blob ocn;
	*out = !attribute_now(other, PROPERTY_OCN, &ocn);
	return OK;
}

static enum status
visit_if_own(struct judging *judging, struct draft_name *top,
    struct draft_name *below,
    void (*visit)(struct judging *judging, struct draft_name *below))
{
	bool is_own;

	enum status status = belongs(&is_own, judging, top, below->owner);
	if (status == OK && is_own && draft_has_explicit(below))
		visit(judging, below);
	return status;
}

/* Merge sort of owners, by turns between two arrays. @return the sorted one. */
static struct blob *
sort_owners(struct blob *from, struct blob *to, size_t n)
{
	for (size_t width = 1; width < n; width *= 2) {
		for (size_t at = 0; at < n; at += 2 * width) {
			size_t a = at;
			size_t mid = at + width < n ? at + width : n;
			size_t b = mid;
			size_t end = mid + width < n ? mid + width : n;
			for (size_t i = at; i < end; i++) {
				bool is_a = a < mid && (b == end ||
				    owner_compare(from[a], from[b]) <= 0);
				to[i] = is_a ? from[a++] : from[b++];
			}
		}
		struct blob *swap = from;
		from = to;
		to = swap;
	}
	return from;
}

/* The owners that the request's changes name, in owner order. */
static const struct blob *
named_owners(struct judging *judging)
{
	const struct request *request = judging->request;
	size_t n = request->n_changes;

	if (judging->named != NULL)
		return judging->named;
	struct blob *owners = arena_alloc(judging->arena, n * sizeof *owners);
	for (size_t i = 0; i < n; i++)
		owners[i] = request->changes[i].owner;
	judging->named = sort_owners(owners,
	    arena_alloc(judging->arena, n * sizeof *owners), n);
	return judging->named;
}

/* What this request wrote below the name so far. */
static enum status
each_written_below(struct judging *judging, struct draft_name *name,
    void (*visit)(struct judging *judging, struct draft_name *below))
{
	const struct blob *owners = named_owners(judging);
	size_t n = judging->request->n_changes;
	size_t low = 0;
	size_t high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (owner_compare(owners[mid], name->owner) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	/* M1: they stand together behind it */
	for (; low < n && owner_is_at_or_below(owners[low], name->owner);
	     low++) {
		struct draft_name *below = draft_peek(&judging->draft,
		    owners[low]);
		if (below == NULL)
			continue;
		enum status status = visit_if_own(judging, name, below, visit);
		if (status != OK)
			return status;
	}
	return OK;
}

enum status
release_each_below(struct judging *judging, struct draft_name *name,
    void (*visit)(struct judging *judging, struct draft_name *below))
{
	const struct view *view = judging->env->view;
	struct owner at = { .len = 0 };
	uint8_t flags;

	while (view->next_below(view->arg, name->owner, owner_blob(&at), &at,
	    &flags)) {
		if (flags & NODE_DERIVED)
			continue;
		struct draft_name *below;
		enum status status = draft_get(&below, &judging->draft,
		    owner_blob(&at));
		if (status == OK)
			status = visit_if_own(judging, name, below, visit);
		if (status != OK)
			return status;
	}
	return each_written_below(judging, name, visit);
}

static void
clear(struct judging *judging, struct draft_name *below)
{
	draft_clear(&judging->draft, below);
}

/* Whois data, PIN and tries of a number or block. */
static enum status
clear_hidden(struct judging *judging, struct blob number)
{
	struct draft_name *whois;
	uint8_t owner[OWNER_MAX] = { 1, 'w' };

	require(number.len + 2 <= sizeof owner);
	memcpy(owner + 2, number.data, number.len);
	enum status status = draft_get(&whois, &judging->draft,
	    (struct blob){ .data = owner, .len = number.len + 2 });
	if (status != OK)
		return status;
	clear(judging, whois);
	return pin_rule_forget(judging, number);
}

enum status
release_apply(struct judging *judging, struct draft_name *name)
{
	enum status status = release_each_below(judging, name, clear);

	if (status != OK)
		return status;
	clear(judging, name);
	status = clear_hidden(judging, name->owner);
	if (status != OK || draft_class(name)->kind != NAME_BLOCK)
		return status;
	return hidden_each(judging, name, clear_hidden);
}
