/*
 * Domain names. Two forms:
 *
 *  - struct dname: uncompressed wire form (RFC 1035 3.1), ends with the root
 *    label, upper and lower case as entered.
 *  - owner: a name at or below the zone's apex, seen from the apex: its labels
 *    from the apex outwards, lower case, each with its length byte, no root
 *    label; length 0 is the apex.
 *
 *	3.2.1.e164.example. in zone e164.example.
 *	dname  01 '3' 01 '2' 01 '1' 04 'e164' 07 'example' 00
 *	owner  01 '1' 01 '2' 01 '3'
 *
 * In owner form a name is at or below another exactly if the other is a byte
 * prefix of it, all names below a name sort together, and numbers sort in
 * dialling order. It is the key of the image, the store and the changesets.
 * Layer 1; any thread.
 */
#ifndef DNS_NAME_H
#define DNS_NAME_H

#include "base/bytes.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNAME_MAX = 255,  /* bytes of a wire name, RFC 1035 2.3.4 */
	LABEL_MAX = 63,   /* bytes of a label */
	LABELS_MAX = 127, /* labels of a name without the root */
	OWNER_MAX = 254,  /* bytes of an owner */
	/* bytes of a name as text: every byte escaped, dots, NUL */
	NAME_TEXT_MAX = 1024,
};

struct dname {
	uint8_t len;
	uint8_t bytes[DNAME_MAX];
};

struct owner {
	uint8_t len;
	uint8_t bytes[OWNER_MAX];
};

/* Lower case of an ASCII letter; all other bytes as they are (RFC 4343). */
static inline uint8_t
dns_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* The owner's bytes, valid as long as *owner. */
static inline struct blob
owner_blob(const struct owner *owner)
{
	return (struct blob){ .data = owner->bytes, .len = owner->len };
}

/*
 * Read a name that may be compressed (RFC 1035 4.1.4). Pointers must point
 * strictly backwards, so it ends.
 * @param out untouched on failure. @param message, len: the whole message.
 * @param offset in: where the name starts; out: first byte behind it.
 * @return OK, ERR_MALFORMED (FORMERR).
 */
MUST_CHECK enum status dname_read(struct dname *out, const uint8_t *message,
    size_t len, size_t *offset);

/*
 * Check an uncompressed wire name at the start of data.
 * @return its length in bytes with the root label, or 0 if it is none.
 */
size_t dname_check(const uint8_t *data, size_t len);

/*
 * Name from text (RFC 1035 5.1 escapes). Without a trailing dot it is relative
 * to origin; origin NULL: the dot may be missing.
 * @return OK, ERR_MALFORMED, ERR_TOO_LONG.
 */
MUST_CHECK enum status dname_parse(struct dname *out, const char *text,
    size_t len, const struct dname *origin);

/*
 * Text of a wire name with trailing dot, escaped so that it reads back.
 * @param out cap bytes, NAME_TEXT_MAX always suffices; cut and NUL-terminated.
 * @return out.
 */
char *dname_format(char *out, size_t cap, const struct dname *name);

/* Equal, ignoring ASCII case. */
bool dname_equal(const struct dname *a, const struct dname *b);

/*
 * The owner form of name in the zone apex.
 * @return OK; ERR_NOT_FOUND if name is not at or below apex (NOTZONE).
 */
MUST_CHECK enum status owner_from_dname(struct owner *out,
    const struct dname *name, const struct dname *apex);

/*
 * The wire form of an owner.
 * @return OK; ERR_TOO_LONG if it does not fit into 255 bytes below this apex.
 */
MUST_CHECK enum status owner_to_dname(struct dname *out, struct blob owner,
    const struct dname *apex);

/* Structural check of foreign owner bytes: labels 1..63, lower case, exact. */
bool owner_is_valid(struct blob owner);

/* Number of labels; owner must be valid. */
size_t owner_labels(struct blob owner);

/* name is top or below it. */
bool owner_is_at_or_below(struct blob name, struct blob top);

/* The name without its last (leftmost in text) label. Not for the apex. */
struct blob owner_parent(struct blob owner);

/* The last (leftmost in text) label without length byte. Not for the apex. */
struct blob owner_last_label(struct blob owner);

/* memcmp order, shorter first: the order of iteration everywhere. */
int owner_compare(struct blob a, struct blob b);

/*
 * Append a label (lower-cased). @return OK, ERR_TOO_LONG, ERR_MALFORMED for an
 * empty label or one over 63 bytes; *owner unchanged then.
 */
MUST_CHECK enum status owner_push(struct owner *owner, const void *label,
    size_t len);

/* Copy of owner bytes into the fixed form; owner must be at most OWNER_MAX. */
void owner_set(struct owner *out, struct blob owner);

/* Text of owner in the zone apex, as dname_format. */
char *owner_format(char *out, size_t cap, struct blob owner,
    const struct dname *apex);

#endif
