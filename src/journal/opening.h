/*
 * An opening in progress: what its two halves share. Layer 6.
 */
#ifndef JOURNAL_OPENING_H
#define JOURNAL_OPENING_H

#include "journal/internal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What opening has found out so far. */
struct opening {
	struct journal *journal;
	const struct journal_config *config;
	struct block mark;
	struct segment *segments; /* those with a block */
	struct journal_state *states; /* before their first record */
	size_t n;
	uint32_t spare; /* number of the one without a block; 0: none */
	bool is_spare_torn;
	bool is_tail_torn;
	struct scan scan;
	struct slot_index index;
	uint64_t from_slot;
	bool is_chosen_by_store;
};

/*
 * Find out what is there, from the mark to the last record (survey.c).
 * @param o journal, config and from_slot set. @return as journal_open.
 */
MUST_CHECK enum status opening_survey(struct opening *o,
    struct reason *reason);

#endif
