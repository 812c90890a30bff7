/*
 * Attributes of a name in the draft, above all ocn=, its holder: its own, or
 * that of the innermost explicit block above it that has one. Layer 2; the
 * engine thread.
 */
#ifndef REGISTRY_HOLDER_H
#define REGISTRY_HOLDER_H

#include "registry/draft.h"
#include "registry/property.h"

/*
 * The value of an explicit attribute as the draft stands.
 * @return false (value untouched) if there is none.
 */
bool attribute_now(const struct draft_name *name, enum property_id id,
    struct blob *value);

/* The same before the request. */
bool attribute_before(const struct draft_name *name, enum property_id id,
    struct blob *value);

/*
 * The ocn= of the innermost explicit block above number that has one.
 * @param ocn len 0: there is none. @return OK; ERR_IO, ERR_DAMAGED.
 */
MUST_CHECK enum status holder_above(struct blob *ocn, struct draft *draft,
    struct blob number);

#endif
