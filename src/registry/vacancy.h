/*
 * Numbers that may be allocated now: in an open pool, without records of
 * anybody, in no block that has a holder, not below a delegation. Found by
 * walking the names that are there, so what it costs is the names in front of
 * the numbers found, not the numbers of the pool.
 *
 *	pool 12015   names  ...0001 ...0002 ...003* ...0040
 *	free, of 11 digits:  ...0000, then ...0041, ...
 *
 * There is no numbering plan: how long a free number is, the caller says, or
 * the numbers that the pool has. Layer 2; pure; any thread.
 */
#ifndef REGISTRY_VACANCY_H
#define REGISTRY_VACANCY_H

#include "base/arena.h"
#include "base/reason.h"
#include "base/status.h"
#include "e164/tn.h"
#include "registry/view.h"

#include <stddef.h>

enum {
	VACANCY_COUNT_MAX = 10000,   /* numbers of one search */
	VACANCY_POOLS_MAX = 1000,    /* open pools of one search */
	VACANCY_SAMPLE_NAMES = 1000, /* looked at to see how long numbers are */
};

struct vacancy_order {
	struct tn prefix; /* at it, below it */
	unsigned digits;  /* of the numbers, 1..15; 0: as in each pool */
	size_t count;     /* at most so many, 1..VACANCY_COUNT_MAX */
};

struct vacancy {
	struct tn *numbers; /* in the arena; dialling order */
	size_t n;
};

/*
 * Find free numbers, the lowest of each pool first.
 * @param arena holds *out; work is a second one, reset on the way.
 * @return OK, *out has at least one; ERR_NOT_FOUND, ERR_BAD_VALUE (digits or
 * count out of range) with reason in words for the caller's user; ERR_IO,
 * ERR_DAMAGED from the view.
 */
MUST_CHECK enum status vacancy_find(struct vacancy *out, struct arena *arena,
    struct arena *work, const struct view *view,
    const struct vacancy_order *order, struct reason *reason);

#endif
