/*
 * Attributes of a name in the draft, above all ocn=, its holder: its own, or
 * that of the innermost explicit block above it that has one. Layer 2; the
 * engine thread.
 */
#ifndef REGISTRY_HOLDER_H
#define REGISTRY_HOLDER_H

#include "registry/draft.h"
#include "registry/property.h"

/* Before the request, or as the draft stands. */
enum moment { BEFORE, NOW };

/* Who holds a number or block, and by what. */
struct holder {
	struct blob ocn; /* len 0: nobody */
	bool is_own;     /* the name has an ocn= of its own */
	size_t prefix_len; /* owner bytes of the number, or of the prefix of the
	                    * block that gives the holder */
};

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
 * Who holds a number or block: its own ocn=, else that of the innermost
 * explicit block above it that has one. A block is not above itself.
 * @param name of kind NAME_NUMBER or NAME_BLOCK.
 * @return OK; ERR_IO, ERR_DAMAGED.
 */
MUST_CHECK enum status holder_find(struct holder *out, struct draft *draft,
    struct draft_name *name, enum moment moment);

/* Whether two have the same OCN, or none of them has one. */
bool holder_same(const struct holder *a, const struct holder *b);

/* Whether ocn holds it. */
bool holder_is(const struct holder *holder, struct blob ocn);

#endif
