/*
 * An answer under construction: header and question copied from the query,
 * records appended at the tail, OPT kept room for. Records are written by
 * somebody else with names in full and owners as pointers; reply_take then
 * compresses the names inside them in place (RFC 1035 4.1.4, only the types
 * that RFC 3597 4 allows) and counts them. Layer 1; any thread.
 *
 *	bytes                         len        limit            cap
 *	|header|question|records ......|..tail....|.OPT.|..working room..|
 */
#ifndef DNS_REPLY_H
#define DNS_REPLY_H

#include "base/status.h"
#include "dns/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	REPLY_NAMES = 64,         /* names that others can point to */
	REPLY_POINTER_MAX = 0x3fff, /* farthest offset of a pointer */
	REPLY_RECORD_FIXED = 12,  /* bytes of a record with a pointer as owner,
	                           * in front of its rdata */
};

/* Names in the answer so far: offset, and length when written in full. */
struct reply_names {
	uint16_t n;
	uint8_t len[REPLY_NAMES];
	uint16_t offset[REPLY_NAMES];
};

struct reply {
	uint8_t *bytes;
	size_t len;   /* bytes written */
	size_t limit; /* bytes the message may have, without OPT */
	size_t cap;   /* bytes of the buffer */
	const struct message *query;
	uint16_t flags; /* QR, AA, TC, ...; RCODE comes with finish */
	uint16_t counts[SECTIONS];
	struct reply_names names; /* filled when first needed */
};

/*
 * Begin: header, and the question if there was one that could be read.
 * Opcode, RD and CD are copied, all other flags clear (RFC 4035 3.2.2).
 * @param out bytes of the answer: cap of them, at least 512, not the query's.
 * @param max bytes that may be sent, at least 512, with OPT.
 */
void reply_init(struct reply *reply, const struct message *query, uint8_t *out,
    size_t cap, size_t max);

/* Where the next record goes. */
static inline uint8_t *
reply_tail(const struct reply *reply)
{
	return reply->bytes + reply->len;
}

/* Names in the rdata of this type are compressed in answers. */
bool reply_compresses(uint16_t type);

/* Bytes that may be written at the tail for records of this type: more than
 * may be sent when reply_take will make them shorter. */
size_t reply_room(const struct reply *reply, uint16_t type);

/*
 * Take count records of one type into a section: len bytes, just written at
 * the tail, every owner a pointer. Sections must come in order.
 * @return false: they do not fit, and are not in the answer.
 */
MUST_CHECK bool reply_take(struct reply *reply, enum message_section section,
    uint16_t type, uint16_t count, size_t len);

/*
 * Drop all records and say so: TC (RFC 2181 9). Question and OPT stay.
 */
void reply_truncate(struct reply *reply);

/*
 * Offset of the name that is left when the first n labels of the name at
 * offset are taken away. Follows pointers.
 * @param offset of a name in this answer. @param n at most its labels.
 * @return its offset, to be used in a pointer if at most REPLY_POINTER_MAX.
 */
size_t reply_suffix(const struct reply *reply, size_t offset, unsigned n);

/* The names at two offsets of this answer are equal, but for case. */
bool reply_names_equal(const struct reply *reply, size_t a, size_t b);

/*
 * Finish: counts, flags, RCODE, and OPT when the query had one.
 * @param rcode also above 15. @param error extended error or EDNS_ERROR_NONE;
 * left out for a requestor without EDNS and when it does not fit.
 * @return bytes of the message.
 */
size_t reply_finish(struct reply *reply, uint16_t rcode,
    enum edns_error error);

/*
 * The same with words for people beside the extended error (RFC 8914 2).
 * @param text UTF-8; cut to EDNS_TEXT_MAX bytes and to what fits.
 */
size_t reply_finish_in_words(struct reply *reply, uint16_t rcode,
    enum edns_error error, const char *text);

#endif
