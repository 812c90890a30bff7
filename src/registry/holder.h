/*
 * Who holds a number or block, as the draft stands: its own ocn=, or that of
 * the innermost explicit block above it that has one. Layer 2; the engine
 * thread.
 */
#ifndef REGISTRY_HOLDER_H
#define REGISTRY_HOLDER_H

#include "registry/draft.h"

/*
 * The name's own explicit ocn=.
 * @return false (ocn untouched) if it has none.
 */
bool holder_at(const struct draft_name *name, struct blob *ocn);

/* The same before the request. */
bool holder_before(const struct draft_name *name, struct blob *ocn);

/*
 * The ocn= of the innermost explicit block above number.
 * @param ocn len 0: none has one. @return OK; ERR_IO, ERR_DAMAGED.
 */
MUST_CHECK enum status holder_above(struct blob *ocn, struct draft *draft,
    struct blob number);

#endif
