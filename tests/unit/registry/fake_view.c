/*
 * See fake_view.h.
 */
#include "unit/registry/fake_view.h"

#include "base/check.h"
#include "dns/name.h"
#include "registry/scope.h"

#include <stdlib.h>
#include <string.h>

/* First index whose owner is not before owner. */
static size_t
lower_bound(const struct fake_view *fake, struct blob owner)
{
	size_t low = 0;
	size_t high = fake->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (owner_compare(fake->names[mid].owner, owner) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
is_at(const struct fake_view *fake, size_t at, struct blob owner)
{
	return at < fake->n && owner_compare(fake->names[at].owner, owner) == 0;
}

struct node
fake_view_get(const struct fake_view *fake, struct blob owner)
{
	size_t at = lower_bound(fake, owner);

	return is_at(fake, at, owner) ? fake->names[at].node
				      : (struct node){ 0 };
}

static enum status
get(void *arg, struct blob owner, struct arena *arena, struct node *out)
{
	struct fake_view *fake = arg;

	(void)arena;
	fake->n_gets++;
	if (fake->fail != OK)
		return fake->fail;
	*out = fake_view_get(fake, owner);
	return OK;
}

static bool
next_below(void *arg, struct blob top, struct blob after, struct owner *out,
    uint8_t *flags)
{
	struct fake_view *fake = arg;
	struct blob from = after.len > 0 ? after : top;
	size_t at = lower_bound(fake, from);

	if (is_at(fake, at, from))
		at++;
	while (at < fake->n &&
	    owner_is_at_or_below(fake->names[at].owner, top) &&
	    owner_scope(fake->names[at].owner) != SCOPE_PUBLIC)
		at++;
	if (at >= fake->n || !owner_is_at_or_below(fake->names[at].owner, top))
		return false;
	*flags = fake->names[at].node.flags;
	owner_set(out, fake->names[at].owner);
	return true;
}

static enum status
walk_hidden(void *arg, struct blob top,
    enum status (*each)(void *each_arg, struct blob owner), void *each_arg)
{
	struct fake_view *fake = arg;

	for (size_t i = 0; i < fake->n; i++) {
		struct blob owner = fake->names[i].owner;
		if (!owner_is_at_or_below(owner, top))
			continue;
		enum status status = each(each_arg, owner);
		if (status != OK)
			return status;
	}
	return OK;
}

void
fake_view_init(struct fake_view *fake)
{
	memset(fake, 0, sizeof *fake);
	arena_init(&fake->arena);
	fake->view = (struct view){ .arg = fake, .get = get,
		.next_below = next_below, .walk_hidden = walk_hidden,
		.serial = 1 };
}

void
fake_view_fini(struct fake_view *fake)
{
	arena_fini(&fake->arena);
	free(fake->names);
}

static void
insert(struct fake_view *fake, size_t at, struct blob owner)
{
	if (fake->n == fake->cap) {
		fake->cap = fake->cap == 0 ? 64 : fake->cap * 2;
		fake->names = realloc(fake->names,
		    fake->cap * sizeof *fake->names);
		require(fake->names != NULL);
	}
	memmove(&fake->names[at + 1], &fake->names[at],
	    (fake->n - at) * sizeof *fake->names);
	fake->n++;
	fake->names[at].owner = (struct blob){
		arena_copy(&fake->arena, owner.data, owner.len), owner.len };
}

void
fake_view_put(struct fake_view *fake, struct blob owner,
    const struct node *node)
{
	size_t at = lower_bound(fake, owner);
	bool is_there = is_at(fake, at, owner);

	if (node->rrsets.len == 0) {
		if (!is_there)
			return;
		memmove(&fake->names[at], &fake->names[at + 1],
		    (fake->n - at - 1) * sizeof *fake->names);
		fake->n--;
		return;
	}
	if (!is_there)
		insert(fake, at, owner);
	fake->names[at].node.flags = node->flags;
	fake->names[at].node.rrsets = (struct blob){
		arena_copy(&fake->arena, node->rrsets.data, node->rrsets.len),
		node->rrsets.len };
}

void
fake_view_apply(struct fake_view *fake, const struct part *part)
{
	for (size_t i = 0; i < part->n_changes; i++) {
		const struct name_change *change = &part->changes[i];
		struct node node = fake_view_get(fake, change->owner);
		require(i == 0 ||
		    owner_compare(part->changes[i - 1].owner,
			change->owner) < 0);
		require(node.flags == change->flags_before);
		enum status status = rrsets_patch(&fake->arena, &node.rrsets,
		    node.rrsets, change->removed, change->added);
		require(status == OK);
		node.flags = change->flags_after;
		require(node.rrsets.len > 0 || node.flags == 0);
		fake_view_put(fake, change->owner, &node);
	}
}
