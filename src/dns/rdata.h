/*
 * Record types and their data: one table (dns/rr.def), from which come the
 * check of foreign rdata, the equality of RFC 2136 1.1, and which names in it
 * may be compressed. Types that are not in the table are opaque (RFC 3597).
 * Presentation text is not here: zonefile does that with ldns.
 * Layer 1; any thread.
 */
#ifndef DNS_RDATA_H
#define DNS_RDATA_H

#include "base/bytes.h"
#include "base/status.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stdint.h>

enum dns_type {
#define RR(name, number, layout) TYPE_##name = number,
#include "dns/rr.def"
#undef RR
	TYPE_OPT = 41,
	TYPE_TKEY = 249,
	TYPE_TSIG = 250,
	TYPE_IXFR = 251,
	TYPE_AXFR = 252,
	TYPE_MAILB = 253,
	TYPE_MAILA = 254,
	TYPE_ANY = 255,
};

enum dns_class {
	CLASS_IN = 1,
	CLASS_CH = 3,
	CLASS_NONE = 254,
	CLASS_ANY = 255,
};

enum {
	RDATA_MAX = 65535, /* bytes */
	SOA_TAIL_LEN = 20, /* bytes behind the names; the serial comes first */
};

struct reason;

/* Layout string of a type, or NULL for an unknown (opaque) one. */
const char *rdata_layout(uint16_t type);

/* Mnemonic of a type ("NAPTR"), or NULL: then it is written TYPEnnn. */
const char *rdata_mnemonic(uint16_t type);

/* The type has a name (N, n) whose case does not count. */
bool rdata_has_names(uint16_t type);

/* QTYPEs and meta types that cannot be stored (RFC 6895 3.1): 0, OPT,
 * 128..255, 65535. */
bool rdata_is_meta(uint16_t type);

/* One field of rdata: the letter of its layout and its bytes. */
struct rdata_field {
	char letter;
	struct blob data;
};

/* A walk over the fields of uncompressed rdata. */
struct rdata_walk {
	const char *layout; /* letters still to come; "" at the end */
	struct blob rest;   /* bytes still to come */
};

/*
 * Begin a walk. Rdata of an unknown type is one field 'x'.
 * @param rdata kept, not copied: fields point into it.
 */
struct rdata_walk rdata_walk_make(uint16_t type, struct blob rdata);

/*
 * The next field, checked: its bytes are there and as its letter says.
 * @return false at the end, or where the rdata is not well formed (*out is
 * untouched then); rdata_walk_done tells which.
 */
bool rdata_next_field(struct rdata_walk *walk, struct rdata_field *out);

/* All fields were read and nothing is left: the rdata is well formed. */
bool rdata_walk_done(const struct rdata_walk *walk);

/*
 * Check uncompressed rdata of a type against its layout.
 * @return OK; ERR_MALFORMED with reason if it is not well formed, or if no
 * data of that type can be stored (rdata_is_meta).
 */
MUST_CHECK enum status rdata_check(uint16_t type, struct blob rdata,
    struct reason *reason);

/*
 * Read the rdata of a record inside a message: expands compressed names (types
 * with N or n in the layout; RFC 3597 4), checks it, writes the uncompressed
 * form.
 * @param out cap bytes of room, RDATA_MAX suffices; may be written to also on
 * failure. @param out_len out.
 * @param message, message_len the message; offset, len: the rdata in it.
 * @return OK; ERR_MALFORMED (FORMERR), also for meta types; ERR_NO_ROOM.
 */
MUST_CHECK enum status rdata_read(uint8_t *out, size_t cap, size_t *out_len,
    uint16_t type, const uint8_t *message, size_t message_len, size_t offset,
    size_t len);

/*
 * Equal as RFC 2136 1.1.1 means it: names (N, n) without case, the rest as
 * bytes. Both well formed.
 */
bool rdata_equal(uint16_t type, struct blob a, struct blob b);

#endif
