/*
 * DNS messages for tests, put together piece by piece. Names are given in
 * dotted text without escapes.
 */
#ifndef UNIT_PACKET_H
#define UNIT_PACKET_H

#include "unit/unit.h"

enum { PACKET_CAP = 70000 };

struct packet {
	size_t len;
	uint8_t bytes[PACKET_CAP];
};

static inline void
packet_u8(struct packet *p, unsigned v)
{
	p->bytes[p->len++] = (uint8_t)v;
}

static inline void
packet_u16(struct packet *p, unsigned v)
{
	packet_u8(p, v >> 8);
	packet_u8(p, v & 0xff);
}

static inline void
packet_u32(struct packet *p, uint32_t v)
{
	packet_u16(p, v >> 16);
	packet_u16(p, v & 0xffff);
}

static inline void
packet_put(struct packet *p, const void *data, size_t len)
{
	if (len > 0)
		memcpy(p->bytes + p->len, data, len);
	p->len += len;
}

/* "3.2.1.e164.example." ; "." is the root. */
static inline void
packet_name(struct packet *p, const char *text)
{
	while (*text != '\0' && strcmp(text, ".") != 0) {
		size_t len = strcspn(text, ".");
		packet_u8(p, (unsigned)len);
		packet_put(p, text, len);
		text += len;
		if (*text == '.')
			text++;
	}
	packet_u8(p, 0);
}

/* Header: counts of question 1, of all others 0. */
static inline void
packet_begin(struct packet *p, unsigned id, unsigned flags)
{
	p->len = 0;
	packet_u16(p, id);
	packet_u16(p, flags);
	packet_u16(p, 1);
	packet_u16(p, 0);
	packet_u16(p, 0);
	packet_u16(p, 0);
}

/* A query of class IN, ID 0x1234, RD clear. */
static inline void
packet_query(struct packet *p, const char *name, unsigned type)
{
	packet_begin(p, 0x1234, 0);
	packet_name(p, name);
	packet_u16(p, type);
	packet_u16(p, 1);
}

/* Add n to the count of section 0..3. */
static inline void
packet_count(struct packet *p, unsigned section, unsigned n)
{
	unsigned at = 4 + 2 * section;
	unsigned v = (unsigned)(p->bytes[at] << 8 | p->bytes[at + 1]) + n;

	p->bytes[at] = (uint8_t)(v >> 8);
	p->bytes[at + 1] = (uint8_t)v;
}

/* A record into section; owner NULL: the root. */
static inline void
packet_record(struct packet *p, unsigned section, const char *owner,
    unsigned type, unsigned class_, uint32_t ttl, const void *rdata, size_t len)
{
	packet_name(p, owner == NULL ? "." : owner);
	packet_u16(p, type);
	packet_u16(p, class_);
	packet_u32(p, ttl);
	packet_u16(p, (unsigned)len);
	packet_put(p, rdata, len);
	packet_count(p, section, 1);
}

/* EDNS: size, ttl (extended RCODE, version, flags), options. */
static inline void
packet_opt(struct packet *p, unsigned size, uint32_t ttl, const void *options,
    size_t len)
{
	packet_record(p, 3, NULL, 41, size, ttl, options, len);
}

/* A well-formed TSIG record of hmac-sha256 with an 8-byte MAC. */
static inline void
packet_tsig(struct packet *p, const char *key)
{
	struct packet rdata = { .len = 0 };

	packet_name(&rdata, "hmac-sha256.");
	packet_u16(&rdata, 0);
	packet_u32(&rdata, 1700000000u);
	packet_u16(&rdata, 300);
	packet_u16(&rdata, 8);
	packet_put(&rdata, "MACMACMA", 8);
	packet_u16(&rdata, 0x1234);
	packet_u16(&rdata, 0);
	packet_u16(&rdata, 0);
	packet_record(p, 3, key, 250, 255, 0, rdata.bytes, rdata.len);
}

#endif
