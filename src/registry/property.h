/*
 * Attributes: what a TXT record `attribute=value` means at a registry name.
 * One table, registry/property.def. Refuses nothing by itself: it says what is
 * wrong, the judge decides. RFC 1464 (attribute names without case), but one
 * <character-string> and no quoting. Layer 2; any thread.
 */
#ifndef REGISTRY_PROPERTY_H
#define REGISTRY_PROPERTY_H

#include "base/bytes.h"
#include "base/reason.h"
#include "base/status.h"
#include "registry/cause.h"
#include "registry/scope.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names an attribute may stand at; bits. */
enum property_place {
	AT_NUMBER = 0x01,
	AT_BLOCK = 0x02,
	AT_WHOIS = 0x04, /* N.w and *.P.w */
	AT_OCN = 0x08,
	AT_POOL = 0x10,
	AT_ANY = 0x1f,
};

enum property_id {
#define PROPERTY(id, name, places, valued, kind, min, max, warn) PROPERTY_##id,
#include "registry/property.def"
#undef PROPERTY
	PROPERTY_COUNT, /* also: no such attribute */
};

/* What a TXT record says. Points into its rdata. */
struct attribute {
	enum property_id id; /* PROPERTY_COUNT: not in the table */
	struct blob name;
	struct blob value;
};

/*
 * Whether the registry's rules for attributes hold at names of this kind:
 * numbers, blocks, OCN information, pools, whois.
 */
bool property_is_kept_at(enum name_kind kind);

/* One value at a name, so that a new one replaces the old. */
bool property_is_single(enum property_id id);

/*
 * Read the rdata of a TXT record (well formed).
 * @return false if it is not one string `attribute=value`.
 */
bool attribute_read(struct attribute *out, struct blob rdata);

/*
 * The value, if the record is the attribute id.
 * @return false (value untouched) if it is something else.
 */
bool attribute_is(struct blob rdata, enum property_id id, struct blob *value);

/* The same attribute, whatever its value: by id, or by name without case. */
bool attribute_same_name(const struct attribute *a, const struct attribute *b);

/* Same strings; the attribute's name without case. */
bool attribute_equal(struct blob rdata_a, struct blob rdata_b);

/*
 * Check place and value.
 * @param reason why not, or what the warning is.
 * @param cause out: CAUSE_UNKNOWN_ATTRIBUTE or CAUSE_INVALID_VALUE; CAUSE_NONE
 * with a reason set: allowed, but the operator should know.
 * @return OK; ERR_BAD_VALUE.
 */
MUST_CHECK enum status attribute_check(const struct attribute *attribute,
    enum name_kind kind, enum cause *cause, struct reason *reason);

/* `status=released`: an act, not a value that is kept. */
bool attribute_is_release(const struct attribute *attribute);

/* Whether value is an OCN: exactly 4 of [0-9A-Z]. */
bool ocn_is_valid(struct blob value);

enum { ATTRIBUTE_RDATA_MAX = 256 }; /* bytes */

/*
 * Write TXT rdata `name=value`.
 * @param out ATTRIBUTE_RDATA_MAX bytes. @param value so short that all fits
 * into 255 bytes. @return length.
 */
size_t attribute_write(uint8_t *out, enum property_id id, struct blob value);

#endif
