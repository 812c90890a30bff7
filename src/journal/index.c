/*
 * Where the values of a run of slots are. Slots are consecutive, so this is
 * an array. Layer 6; who holds the lock that guards it.
 */
#include "journal/internal.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

void
slot_index_reset(struct slot_index *index, uint64_t first_slot)
{
	index->first_slot = first_slot;
	index->n = 0;
}

void
slot_index_add(struct slot_index *index, struct location at)
{
	if (index->n == index->cap) {
		index->cap = index->cap == 0 ? 64 : index->cap * 2;
		index->at = journal_alloc(index->at,
		    index->cap * sizeof *index->at);
	}
	index->at[index->n++] = at;
}

const struct location *
slot_index_find(const struct slot_index *index, uint64_t slot)
{
	if (slot < index->first_slot || slot - index->first_slot >= index->n)
		return NULL;
	return &index->at[slot - index->first_slot];
}

void
slot_index_drop(struct slot_index *index, uint64_t first_slot)
{
	if (first_slot <= index->first_slot)
		return;
	uint64_t gone = first_slot - index->first_slot;
	require(gone <= index->n);
	memmove(index->at, index->at + gone,
	    (index->n - gone) * sizeof *index->at);
	index->n -= gone;
	index->first_slot = first_slot;
}

void
slot_index_fini(struct slot_index *index)
{
	free(index->at);
	*index = (struct slot_index){ 0 };
}
