/*
 * Record data between presentation text and wire form, RFC 1035 5 and the RFC
 * of each type; types without text of their own as RFC 3597 5 has it. Types
 * of names, numbers, addresses and strings are done here, by the layouts of
 * dns/rr.def; the others by ldns, which gets nothing but single words of
 * bounded length, and only wire form that has passed rdata_check. Layer 6;
 * any thread.
 */
#ifndef ZONEFILE_RDATA_TEXT_H
#define ZONEFILE_RDATA_TEXT_H

#include "base/bytes.h"
#include "base/reason.h"
#include "base/status.h"
#include "dns/name.h"
#include "zonefile/entry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RDATA_TEXT_MAX = 5 * 65536, /* bytes of text, with NUL */
	TYPE_TEXT_MAX = 16,         /* bytes of a type, with NUL */
};

/*
 * Number of a type from "NAPTR" or "TYPE35", case ignored.
 * @return false if it is none.
 */
bool type_parse(uint16_t *out, const char *text);

/* "NAPTR" or "TYPE35". @param out TYPE_TEXT_MAX bytes. @return out. */
const char *type_format(char *out, uint16_t type);

/*
 * Words of a record to wire form.
 * @param out 65535 bytes of room. @param origin for relative names.
 * @param at out on failure: index of the word that is wrong (n: one is
 * missing).
 * @return OK; ERR_MALFORMED with reason.
 */
MUST_CHECK enum status rdata_parse(uint8_t *out, size_t *out_len,
    uint16_t type, const struct word *words, size_t n,
    const struct dname *origin, size_t *at, struct reason *reason);

/*
 * Text of wire form, so that rdata_parse gives the same bytes.
 * @param out RDATA_TEXT_MAX bytes. @param rdata passed rdata_check.
 * @return length without NUL.
 */
size_t rdata_format(char *out, uint16_t type, struct blob rdata);

#endif
