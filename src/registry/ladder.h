/*
 * The way from the apex down to a name, label by label, with the innermost
 * explicit block above each step and whether a zone cut shuts it off. Kept
 * from one name to the next, so that names in owner order cost little.
 * Reads the closed draft. Layer 2; the engine thread.
 */
#ifndef REGISTRY_LADDER_H
#define REGISTRY_LADDER_H

#include "dns/name.h"
#include "registry/draft.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Step i: the first i labels of the owner. Step 0 is the apex. */
struct rung {
	const struct draft_name *block; /* innermost above the step, or NULL */
	uint8_t end;    /* bytes of the owner up to here */
	bool is_number; /* all labels so far are single digits, at most 15 */
	bool is_shut;   /* at or below a cut, or a block's own name; known
	                 * only where there is a block */
};

struct ladder {
	struct draft *draft;
	struct owner owner;
	size_t n; /* labels of owner */
	struct rung rungs[LABELS_MAX + 1];
};

/* A ladder that leads nowhere yet. @param draft closed, lives as long. */
void ladder_init(struct ladder *ladder, struct draft *draft);

/*
 * Make rungs[0] to rungs[n] those of owner.
 * @return OK; ERR_IO, ERR_DAMAGED from the view.
 */
MUST_CHECK enum status ladder_climb(struct ladder *ladder, struct blob owner);

#endif
