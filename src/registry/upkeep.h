/*
 * What follows at a number or block from the changes made to it: a change of
 * holder, the NAPTR of lrn=, the ocn= of a number inside a block; and the
 * rules that hold between its records. Layer 2; the engine thread.
 */
#ifndef REGISTRY_UPKEEP_H
#define REGISTRY_UPKEEP_H

#include "registry/judging.h"

/*
 * Look after every number and block that was written. All changes are applied
 * by then, so what counts is the net effect.
 *
 * - ocn= changes from one OCN to another (a port): NAPTR, CERT, URI and lrn=
 *   of the losing carrier go, at the name and at names that belong to it, but
 *   for those that this message added. All else stays.
 * - lrn= makes a NAPTR (registry/lrn.h), which is there as long as it is.
 * - A number in a block that gets records, but no ocn= of its own, gets the
 *   block's; not one that is delegated or an alias.
 *
 * @return as judging.h.
 */
MUST_CHECK enum status upkeep_apply(struct judging *judging);

#endif
