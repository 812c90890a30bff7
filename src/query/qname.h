/*
 * A name of a message made ready for look-up: is it in the zone, and if so its
 * owner form and the number at its front. Layer 4; pure.
 */
#ifndef QUERY_QNAME_H
#define QUERY_QNAME_H

#include "dns/name.h"
#include "image/image.h"

#include <stdbool.h>
#include <stdint.h>

/* qname points into itself: make it where it stays. */
struct query_name {
	struct qname qname;
	uint8_t owner[OWNER_MAX];
};

/*
 * Make a name ready.
 * @param out untouched when the name is outside.
 * @param wire a whole uncompressed name of len bytes, checked before.
 * @return false: not at or below the apex.
 */
bool query_name_make(struct query_name *out, const uint8_t *wire, size_t len,
    const struct dname *apex);

/* The name is at or below w.<apex>: the whois zone. */
bool query_name_is_whois(const struct query_name *name);

#endif
