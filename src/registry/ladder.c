/*
 * Finding blocks and cuts above a name. Layer 2; the engine thread.
 */
#include "registry/ladder.h"

#include "dns/rdata.h"
#include "e164/tn.h"

#include <string.h>

void
ladder_init(struct ladder *ladder, struct draft *draft)
{
	ladder->draft = draft;
	ladder->owner.len = 0;
	ladder->n = 0;
	ladder->rungs[0] = (struct rung){ .is_number = true };
}

/* Drop the rungs that owner does not share. */
static void
back_to(struct ladder *ladder, struct blob owner)
{
	size_t common = 0;

	while (common < owner.len && common < ladder->owner.len &&
	    owner.data[common] == ladder->owner.bytes[common])
		common++;
	while (ladder->n > 0 && ladder->rungs[ladder->n].end > common)
		ladder->n--;
}

static bool
has_explicit(const struct draft_name *name)
{
	return name->now.rrsets.len > 0 &&
	    (name->now.flags & NODE_DERIVED) == 0;
}

/* The block *.<first len bytes of owner>, if explicit; else NULL. */
static enum status
block_at(const struct draft_name **out, struct ladder *ladder,
    struct blob owner, size_t len)
{
	uint8_t bytes[2 * TN_DIGITS_MAX + 2];
	struct draft_name *name;

	*out = NULL;
	memcpy(bytes, owner.data, len);
	bytes[len] = 1;
	bytes[len + 1] = '*';
	enum status status = draft_get(&name, ladder->draft,
	    (struct blob){ bytes, len + 2 });
	if (status == OK && has_explicit(name))
		*out = name;
	return status;
}

/* Whether the first len bytes of owner are a cut. */
static enum status
cut_at(bool *out, struct ladder *ladder, struct blob owner, size_t len)
{
	struct draft_name *name;
	struct rrset rrset;

	enum status status = draft_get(&name, ladder->draft,
	    (struct blob){ owner.data, len });
	if (status == OK)
		*out = has_explicit(name) &&
		    rrset_find(name->now.rrsets, TYPE_NS, &rrset);
	return status;
}

/* Cuts matter from the first block on: then those further up count too. */
static enum status
find_cuts(struct ladder *ladder, struct blob owner, size_t i)
{
	struct rung *rung = &ladder->rungs[i];
	size_t from = ladder->rungs[i - 1].block == NULL ? 1 : i;

	rung->is_shut = from == i && ladder->rungs[i - 1].is_shut;
	for (size_t j = from; j <= i && !rung->is_shut; j++) {
		enum status status = cut_at(&rung->is_shut, ladder, owner,
		    ladder->rungs[j].end);
		if (status != OK)
			return status;
	}
	return OK;
}

/* Set rung i, whose label begins where rung i - 1 ends. */
static enum status
step(struct ladder *ladder, struct blob owner, size_t i)
{
	const struct rung *above = &ladder->rungs[i - 1];
	struct rung *rung = &ladder->rungs[i];
	uint8_t label_len = owner.data[above->end];
	uint8_t first = owner.data[above->end + 1];

	*rung = (struct rung){
		.end = (uint8_t)(above->end + 1 + label_len),
		.block = above->block,
		.is_number = above->is_number && i <= TN_DIGITS_MAX &&
		    label_len == 1 && first >= '0' && first <= '9',
	};
	if (i > 1 && above->is_number) {
		const struct draft_name *block;
		enum status status = block_at(&block, ladder, owner,
		    above->end);
		if (status != OK)
			return status;
		if (block != NULL)
			rung->block = block;
	}
	if (rung->block == NULL)
		return OK;
	if (rung->block->owner.len == rung->end && label_len == 1 &&
	    first == '*') {
		rung->is_shut = true; /* the block's own name */
		return OK;
	}
	return find_cuts(ladder, owner, i);
}

enum status
ladder_climb(struct ladder *ladder, struct blob owner)
{
	back_to(ladder, owner);
	owner_set(&ladder->owner, owner);
	while (ladder->rungs[ladder->n].end < owner.len) {
		enum status status = step(ladder, owner, ladder->n + 1);
		if (status != OK)
			return status;
		ladder->n++;
	}
	return OK;
}
