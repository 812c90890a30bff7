/*
 * Release of a number or block: `status=released`. Layer 2; the engine thread.
 */
#ifndef REGISTRY_RELEASE_H
#define REGISTRY_RELEASE_H

#include "registry/judging.h"

/*
 * Take out the explicit records at the name, of the names that belong to it,
 * and its whois data.
 *
 * What belongs to a number: the names below it with other labels than digits
 * (_sip._tcp.N), and longer numbers and blocks below it that have no holder
 * of their own. A longer number or block with a holder was allocated for
 * itself, and stays. To a block belongs what is below its own name (*.P);
 * numbers in it stay, they answer for themselves.
 *
 * @param name kind number or block. @return as judging.h.
 */
MUST_CHECK enum status release_apply(struct judging *judging,
    struct draft_name *name);

/*
 * Call visit for each name strictly below name that belongs to it, as above,
 * and has explicit records. @return as judging.h.
 */
MUST_CHECK enum status release_each_below(struct judging *judging,
    struct draft_name *name,
    void (*visit)(struct judging *judging, struct draft_name *below));

#endif
