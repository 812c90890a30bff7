/*
 * What goes when a number or block is released: DESIGN "UPDATE". Layer 2; the
 * engine thread.
 */
#include "registry/release.h"

#include "dns/rdata.h"
#include "e164/e164_name.h"
#include "registry/holder.h"

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
	/* and what this request wrote so far */
	for (struct draft_name *below = judging->draft.names; below != NULL;
	     below = below->next) {
		if (below->owner.len <= name->owner.len ||
		    !owner_is_at_or_below(below->owner, name->owner))
			continue;
		enum status status = visit_if_own(judging, name, below, visit);
		if (status != OK)
			return status;
	}
	return OK;
}

static void
clear(struct judging *judging, struct draft_name *below)
{
	draft_clear(&judging->draft, below);
}

enum status
release_apply(struct judging *judging, struct draft_name *name)
{
	struct draft_name *whois;
	uint8_t owner[OWNER_MAX + 2] = { 1, 'w' };

	enum status status = release_each_below(judging, name, clear);
	if (status != OK)
		return status;
	clear(judging, name);
	memcpy(owner + 2, name->owner.data, name->owner.len);
	status = draft_get(&whois, &judging->draft,
	    (struct blob){ .data = owner, .len = name->owner.len + 2 });
	if (status == OK)
		clear(judging, whois);
	return status;
}
