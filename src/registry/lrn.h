/*
 * The NAPTR record that an attribute `lrn=` makes (RFC 4769, RFC 4694):
 *
 *	100 100 "u" "E2U+pstn:tel" "!^.*$!tel:+<number>;npdi;rn=+<lrn>!" .
 *	100 100 "u" "E2U+pstn:tel" "!^(.*)$!tel:\1;npdi;rn=+<lrn>!" .  (block)
 *
 * Order 100 as for all, preference 100: behind a carrier's own records, which
 * usually begin at 10. An lrn is a number with country code, like all numbers
 * here. Layer 2; any thread.
 */
#ifndef REGISTRY_LRN_H
#define REGISTRY_LRN_H

#include "base/bytes.h"
#include "registry/scope.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LRN_ORDER = 100,
	LRN_PREFERENCE = 100,
	LRN_RDATA_MAX = 96, /* bytes */
};

/* Whether value is an lrn: 3 to 15 digits. */
bool lrn_is_valid(struct blob value);

/*
 * Write the rdata. @param out LRN_RDATA_MAX bytes.
 * @param class of a number or block. @param lrn a valid one.
 * @return length.
 */
size_t lrn_naptr(uint8_t *out, const struct name_class *class,
    struct blob lrn);

#endif
