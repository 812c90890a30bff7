/*
 * The update section, RFC 2136 3.4.2, applied to the draft one change after
 * the other, with the registry's rules for its own names. Layer 2; the engine
 * thread.
 */
#ifndef REGISTRY_CHANGE_H
#define REGISTRY_CHANGE_H

#include "registry/judging.h"

/*
 * Apply all changes. Prescanned ones only.
 * @return as judging.h.
 */
MUST_CHECK enum status change_apply(struct judging *judging);

#endif
