/*
 * RRsets of the image into sections of a reply. Layer 4; pure; the query
 * thread.
 */
#ifndef QUERY_SECTION_H
#define QUERY_SECTION_H

#include "base/status.h"
#include "dns/reply.h"
#include "image/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dname;

/*
 * Add an RRset.
 * @param tn from the look-up that gave the RRset's node.
 * @param owner offset of its owner's name in the reply.
 * @return false: it does not fit; nothing was added.
 */
MUST_CHECK bool section_put(struct reply *reply, enum message_section section,
    const struct image_rrset *rrset, struct tn tn, uint16_t owner);

/*
 * Add the apex's SOA with the version's serial as RFC 2308 3 wants it in a
 * negative answer: TTL the lesser of its own and MINIMUM.
 * @param owner offset of the zone's name: the apex or the whois zone.
 * @return OK; ERR_NO_ROOM: it does not fit; ERR_NOT_FOUND: the image has no
 * SOA, so there is no zone to speak for (SERVFAIL).
 */
MUST_CHECK enum status section_put_negative(struct reply *reply,
    const struct image_version *version, uint16_t owner);

/* The node of the apex. @return false: the image is empty. */
bool section_apex(const struct image_version *version, struct node_ref *out);

/*
 * Add the addresses of the targets of NS records in the reply: first of all
 * at or below `cut` (RFC 9471), then of others until ANSWER_ADDITIONAL_MAX
 * names have had their turn.
 * @param start offset of the first NS record, count of them.
 * @param cut owner of the zone that is delegated; NULL: no glue is needed.
 * @return false: an address below the cut does not fit (RFC 9471 3.1: TC);
 * addresses of others are left out silently.
 */
MUST_CHECK bool section_put_addresses(struct reply *reply,
    const struct image_version *version, const struct dname *apex,
    size_t start, uint16_t count, const struct blob *cut);

#endif
