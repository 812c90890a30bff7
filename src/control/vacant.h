/*
 * Free numbers of a pinned version, for a client. Layer 9; a job's thread.
 */
#ifndef CONTROL_VACANT_H
#define CONTROL_VACANT_H

#include "base/reason.h"
#include "control/message.h"
#include "image/image.h"
#include "registry/vacancy.h"

/*
 * Set "numbers", a list of texts such as "+12015550123".
 * @return OK; as vacancy_find, with reason.
 */
MUST_CHECK enum status vacant_list(struct message *out,
    const struct image_version *version, const struct vacancy_order *order,
    struct reason *reason);

#endif
