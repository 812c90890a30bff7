/*
 * Whether a request that only adds would change nothing, because every record
 * of it is there: what lets an import that is repeated go by without a slot.
 * It says yes only where the judge would find nothing to do; no means: ask the
 * judge. Layer 2; pure; any thread.
 */
#ifndef REGISTRY_THERE_H
#define REGISTRY_THERE_H

#include "base/status.h"
#include "registry/request.h"
#include "registry/view.h"

#include <stdbool.h>

/*
 * @param arena for one name at a time: reset on the way. @param request well
 * formed. @param out false too for whatever only the judge can tell:
 * prerequisites, deletes, an SOA, private names, a number that would get the
 * holder of its block.
 * @return OK; ERR_IO, ERR_DAMAGED, ERR_BUSY from the view.
 */
MUST_CHECK enum status request_is_there(bool *out, struct arena *arena,
    const struct view *view, const struct request *request);

#endif
