/*
 * Blocks stay whole: derived records. A wildcard stops matching beside any
 * existing name below it (RFC 4592 3.3.1), so below an explicit block the
 * registry repeats the block's records where that would happen. Layer 2; the
 * engine thread.
 *
 * The rule. An explicit block is a name *.P (P: digits) with explicit records.
 * Let D be a name strictly below P that has a child (some explicit name
 * strictly below D). Then the records of the innermost explicit block above D
 * stand at *.D, unless that has explicit records, and at D, unless that has.
 * Nothing stands at or below a zone cut (a name with explicit NS), nor below
 * an explicit block's own name *.P, which no wildcard covers either.
 *
 *	*.1.5   explicit block           *.7.1.5   derived: 7.1.5 has a child
 *	8.7.1.5 explicit number            7.1.5   derived: else NODATA
 */
#ifndef REGISTRY_DERIVED_H
#define REGISTRY_DERIVED_H

#include "registry/judging.h"

/*
 * Bring the derived records of the closed draft up to date with its explicit
 * ones: sets `now` of names, touching more where needed. The cost follows the
 * number of names whose derived records may change.
 * @return as judging.h; ERR_REFUSED when it would not fit into a changeset.
 */
MUST_CHECK enum status derived_update(struct judging *judging);

#endif
