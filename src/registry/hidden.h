/*
 * Numbers inside a block that have whois data or a PIN, but no records: they
 * are the block's holder's, and go with him. Layer 2; the engine thread.
 */
#ifndef REGISTRY_HIDDEN_H
#define REGISTRY_HIDDEN_H

#include "registry/judging.h"

/*
 * Visit every number strictly inside the block that has hidden names (whois,
 * PIN, tries) and is not held by an ocn= of its own or of a smaller block, as
 * the draft stands. A number may be visited more than once.
 * @param block of kind NAME_BLOCK.
 * @return as judging.h; what visit returned.
 */
MUST_CHECK enum status hidden_each(struct judging *judging,
    struct draft_name *block,
    enum status (*visit)(struct judging *judging, struct blob number));

#endif
