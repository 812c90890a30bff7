/*
 * Check of a URI that an ENUM rule produced: RFC 3986 characters, and for the
 * schemes of enumservice.def what their readers need. Not a full parser of
 * any of them. Layer 2; any thread.
 */
#ifndef REGISTRY_ENUM_URI_H
#define REGISTRY_ENUM_URI_H

#include "base/bytes.h"
#include "base/reason.h"
#include "base/status.h"
#include "e164/tn.h"


/*
 * Find a service in the table. @param service behind "E2U+", lower case.
 * @param schemes out: allowed schemes, separated by spaces; NULL: any.
 * @return OK; ERR_UNSUPPORTED with reason (not registered, or P-).
 */
MUST_CHECK enum status enumservice_find(const char **schemes,
    struct blob service, struct reason *reason);

/*
 * Check a URI.
 * @param schemes as enumservice_find gives them.
 * @param service a pstn one must carry npdi, and rn at most once (RFC 4769,
 * RFC 4694).
 * @param number that the rule was applied to; a tel URI must name it.
 * @return OK; ERR_BAD_VALUE with reason.
 */
MUST_CHECK enum status enum_uri_check(struct blob uri, const char *schemes,
    struct blob service, struct tn number, struct reason *reason);

#endif
