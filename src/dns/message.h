/*
 * A DNS message taken apart far enough to answer it: header, the one question,
 * EDNS and where a TSIG stands. Strict: every byte must belong to a record,
 * counts must be true. Nothing is copied. Layer 1; any thread.
 *
 *	0  2  ID          4  2  QDCOUNT (ZOCOUNT)    8   2  NSCOUNT (UPCOUNT)
 *	2  2  flags       6  2  ANCOUNT (PRCOUNT)    10  2  ARCOUNT (ADCOUNT)
 *	12    question: QNAME, QTYPE 2, QCLASS 2, then the records
 *
 * Source: RFC 1035 4.1, RFC 6891 6.1.1, RFC 8945 5.1.
 */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include "base/status.h"
#include "dns/edns.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MESSAGE_HEADER = 12, /* bytes */
	MESSAGE_MAX = 65535, /* bytes */
};

enum message_flag {
	FLAG_QR = 0x8000,
	FLAG_OPCODE = 0x7800,
	FLAG_AA = 0x0400,
	FLAG_TC = 0x0200,
	FLAG_RD = 0x0100,
	FLAG_RA = 0x0080,
	FLAG_AD = 0x0020,
	FLAG_CD = 0x0010,
	FLAG_RCODE = 0x000f,
};

enum dns_opcode {
	OPCODE_QUERY = 0,
	OPCODE_NOTIFY = 4,
	OPCODE_UPDATE = 5,
};

enum message_section {
	SECTION_QUESTION, /* zone, in UPDATE */
	SECTION_ANSWER,
	SECTION_AUTHORITY,
	SECTION_ADDITIONAL,
	SECTIONS,
};

struct message {
	const uint8_t *bytes;
	size_t len;
	uint16_t id;
	uint16_t flags;
	uint16_t counts[SECTIONS];
	/* The question; qname_len 0: none, or not readable. */
	uint8_t qname_len; /* bytes of QNAME at MESSAGE_HEADER, with the root */
	uint16_t qtype;
	uint16_t qclass;
	struct edns edns;
	size_t tsig; /* offset of a TSIG record, which is the last; 0: none */
};

/* OPCODE of a message, 0..15. */
static inline unsigned
message_opcode(const struct message *message)
{
	return (message->flags & FLAG_OPCODE) >> 11;
}

/* QNAME in place, uncompressed. Only if qname_len > 0. */
static inline const uint8_t *
message_qname(const struct message *message)
{
	return message->bytes + MESSAGE_HEADER;
}

/*
 * Take a message apart.
 * @param out bytes, len, id, flags and counts are always set; question and
 * EDNS as far as they could be read, so that an error's answer can give them
 * back.
 * @param bytes len bytes, at least MESSAGE_HEADER, kept by *out.
 * @return OK; ERR_MALFORMED (FORMERR): QDCOUNT is not 1, a name is bad or
 * QNAME is compressed, a record runs past the end, bytes are left over, OPT is
 * twice or not at the root or its options are bad, TSIG is not the last record.
 */
MUST_CHECK enum status message_parse(struct message *out,
    const uint8_t *bytes, size_t len);

/* One record of a message, in place. */
struct message_rr {
	size_t owner; /* offset of its name, which may be compressed */
	uint16_t type;
	uint16_t rclass;
	uint32_t ttl;
	size_t rdata; /* offset */
	uint16_t rdlen;
};

/* Offset of the first record of a message that message_parse found good. */
size_t message_records(const struct message *message);

/*
 * The record at an offset of a good message; one behind its end is a bug of
 * the caller, who goes by the counts.
 * @return offset of the next one.
 */
size_t message_rr_at(const struct message *message, size_t offset,
    struct message_rr *out);

#endif
