/*
 * The look at the update section before anything is changed, RFC 2136 3.4.1,
 * and the names that may be written at all. Layer 2; the engine thread.
 */
#ifndef REGISTRY_PRESCAN_H
#define REGISTRY_PRESCAN_H

#include "registry/judging.h"

/*
 * Check form, type and name of every change.
 * @return as judging.h; ERR_REFUSED with FORMERR or REFUSED.
 */
MUST_CHECK enum status prescan_check(struct judging *judging);

#endif
