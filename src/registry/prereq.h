/*
 * Prerequisites, RFC 2136 3.2. They see explicit records only: what the
 * registry derived to keep a block whole is not there. Layer 2; the engine
 * thread.
 */
#ifndef REGISTRY_PREREQ_H
#define REGISTRY_PREREQ_H

#include "registry/judging.h"

/*
 * May this actor test these names at all: by role and name, never by data.
 * @return as judging.h. Source: RFC 3007 3; RFC 2136 3.3 puts it later, which
 * would let strangers probe what they may not read.
 */
MUST_CHECK enum status prereq_permit(struct judging *judging);

/*
 * Test all prerequisites, in the order of RFC 2136 3.2.5.
 * @return as judging.h; ERR_REFUSED with FORMERR, NXDOMAIN, YXDOMAIN, NXRRSET
 * or YXRRSET.
 */
MUST_CHECK enum status prereq_check(struct judging *judging);

#endif
