/*
 * Walks what the image does not have: three trees of hidden names, each of
 * which repeats the digits of the numbers. Layer 2; the engine thread.
 */
#include "registry/hidden.h"

#include "registry/holder.h"

#include <string.h>

static const struct blob tops[] = {
	{ (const uint8_t *)"\1w", 2 },
	{ (const uint8_t *)"\11_registry\4_pin", 15 },
	{ (const uint8_t *)"\11_registry\6_tries", 17 },
};
enum { TOPS = sizeof tops / sizeof tops[0] };

struct hidden_walk {
	struct judging *judging;
	size_t top_len;    /* bytes in front of the digits */
	size_t prefix_len; /* of the block */
	enum status (*visit)(struct judging *judging, struct blob number);
};

static enum status
each(void *arg, struct blob owner)
{
	struct hidden_walk *walk = arg;
	struct draft *draft = &walk->judging->draft;
	struct draft_name *name;
	struct holder holder;

	struct blob number = { owner.data + walk->top_len,
		owner.len - walk->top_len };
	enum name_kind kind = name_classify(number).kind;
	if (number.len <= walk->prefix_len ||
	    (kind != NAME_NUMBER && kind != NAME_BLOCK))
		return OK;
	enum status status = draft_get(&name, draft, number);
	if (status == OK)
		status = holder_find(&holder, draft, name, NOW);
	if (status != OK || holder.prefix_len > walk->prefix_len)
		return status;
	/* the block's own whois data are not a number's */
	if (kind == NAME_BLOCK && number.len == walk->prefix_len + 2)
		return OK;
	return walk->visit(walk->judging, name->owner);
}

enum status
hidden_each(struct judging *judging, struct draft_name *block,
    enum status (*visit)(struct judging *judging, struct blob number))
{
	const struct view *view = judging->env->view;
	struct hidden_walk walk = { .judging = judging, .visit = visit,
		.prefix_len = block->owner.len - 2 };

	for (size_t i = 0; i < TOPS; i++) {
		uint8_t owner[OWNER_MAX];
		memcpy(owner, tops[i].data, tops[i].len);
		memcpy(owner + tops[i].len, block->owner.data,
		    walk.prefix_len);
		walk.top_len = tops[i].len;
		enum status status = view->walk_hidden(view->arg,
		    (struct blob){ owner, walk.top_len + walk.prefix_len },
		    each, &walk);
		if (status != OK)
			return status;
	}
	return OK;
}
