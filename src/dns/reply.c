/*
 * Building of answers. RFC 1035 4.1, 4.1.4; RFC 2181 9; RFC 6891 7.
 * Layer 1; any thread.
 */
#include "dns/reply.h"

#include "base/bytes.h"
#include "base/check.h"
#include "dns/name.h"
#include "dns/rdata.h"

#include <string.h>

enum {
	POINTER = 0xc0, /* both upper bits of a compression pointer */
	QUESTION_FIXED = 4,
	HOPS_MAX = 128, /* pointers in a row in what we wrote ourselves */
};

void
reply_init(struct reply *reply, const struct message *query, uint8_t *out,
    size_t cap, size_t max)
{
	require(cap >= EDNS_UDP_PLAIN && max >= EDNS_UDP_PLAIN);
	reply->bytes = out;
	reply->len = MESSAGE_HEADER;
	reply->cap = cap < MESSAGE_MAX ? cap : MESSAGE_MAX;
	reply->limit = max < reply->cap ? max : reply->cap;
	reply->query = query;
	reply->flags = (uint16_t)(FLAG_QR |
	    (query->flags & (FLAG_OPCODE | FLAG_RD | FLAG_CD)));
	memset(reply->counts, 0, sizeof reply->counts);
	reply->names.n = 0;
	if (query->edns.is_present)
		reply->limit -= EDNS_LEN;
	if (query->qname_len == 0)
		return;
	size_t len = (size_t)query->qname_len + QUESTION_FIXED;
	memcpy(out + MESSAGE_HEADER, message_qname(query), len);
	reply->len += len;
	reply->counts[SECTION_QUESTION] = 1;
}

bool
reply_compresses(uint16_t type)
{
	switch (type) {
	case TYPE_NS:
	case TYPE_CNAME:
	case TYPE_SOA:
	case TYPE_PTR:
	case TYPE_MX:
		return true;
	default:
		return false;
	}
}

size_t
reply_room(const struct reply *reply, uint16_t type)
{
	size_t end = reply_compresses(type) ? reply->cap : reply->limit;

	return end > reply->len ? end - reply->len : 0;
}

/* Start of the labels at offset, with pointers followed. */
static size_t
resolve(const struct reply *reply, size_t offset)
{
	unsigned hops = 0;

	while (reply->bytes[offset] >= POINTER) {
		ensure(++hops < HOPS_MAX);
		offset = (size_t)(reply->bytes[offset] & 0x3f) << 8 |
		    reply->bytes[offset + 1];
	}
	return offset;
}

size_t
reply_suffix(const struct reply *reply, size_t offset, unsigned n)
{
	offset = resolve(reply, offset);
	for (unsigned i = 0; i < n && reply->bytes[offset] != 0; i++)
		offset = resolve(reply, offset + 1u + reply->bytes[offset]);
	return offset;
}

static bool
labels_equal(const uint8_t *a, const uint8_t *b)
{
	if (a[0] != b[0])
		return false;
	for (unsigned i = 1; i <= a[0]; i++) {
		if (dns_lower(a[i]) != dns_lower(b[i]))
			return false;
	}
	return true;
}

bool
reply_names_equal(const struct reply *reply, size_t a, size_t b)
{
	for (;;) {
		a = resolve(reply, a);
		b = resolve(reply, b);
		if (a == b)
			return true;
		if (!labels_equal(reply->bytes + a, reply->bytes + b))
			return false;
		if (reply->bytes[a] == 0)
			return true;
		a += 1u + reply->bytes[a];
		b += 1u + reply->bytes[b];
	}
}

static void
names_add(struct reply_names *names, size_t offset, size_t len)
{
	if (names->n == REPLY_NAMES || offset > REPLY_POINTER_MAX || len < 2)
		return;
	names->offset[names->n] = (uint16_t)offset;
	names->len[names->n] = (uint8_t)len;
	names->n++;
}

/* The question's name and all that it ends with. */
static void
names_begin(struct reply *reply)
{
	size_t pos = 0;
	size_t len = reply->query->qname_len;

	if (reply->names.n > 0)
		return;
	/* Longest first; the zone's own end of it matters most, and is kept
	 * by leaving out the front labels of a very long name. */
	size_t labels = 0;
	for (const uint8_t *p = message_qname(reply->query); *p != 0;
	     p += 1u + *p)
		labels++;
	for (; len > 1; labels--) {
		size_t step = 1u + reply->bytes[MESSAGE_HEADER + pos];
		if (labels <= REPLY_NAMES / 2)
			names_add(&reply->names, MESSAGE_HEADER + pos, len);
		pos += step;
		len -= step;
	}
}

/* An uncompressed name equals the one at offset, which may hold pointers. */
static bool
name_is_at(const struct reply *reply, const uint8_t *name, size_t offset)
{
	for (;;) {
		offset = resolve(reply, offset);
		if (!labels_equal(name, reply->bytes + offset))
			return false;
		if (name[0] == 0)
			return true;
		offset += 1u + name[0];
		name += 1u + name[0];
	}
}

/* Offset of a name equal to these len bytes; 0: none. */
static uint16_t
names_find(const struct reply *reply, const uint8_t *name, size_t len)
{
	const struct reply_names *names = &reply->names;

	for (unsigned i = 0; i < names->n; i++) {
		if (names->len[i] == len &&
		    name_is_at(reply, name, names->offset[i]))
			return names->offset[i];
	}
	return 0;
}

/*
 * Write the uncompressed name at `from` to `to`, which is at or before it in
 * the same buffer: never longer than what was read. Moves both.
 */
static void
compress_name(struct reply *reply, const uint8_t **from, uint8_t **to)
{
	const uint8_t *name = *from;
	size_t len = 1;

	for (const uint8_t *p = name; *p != 0; p += 1u + *p)
		len += 1u + *p;
	*from = name + len;
	while (len > 1) {
		size_t step = 1u + name[0];
		uint16_t known = names_find(reply, name, len);
		if (known != 0) {
			put_u16(*to, (uint16_t)(POINTER << 8 | known));
			*to += 2;
			return;
		}
		memmove(*to, name, step);
		names_add(&reply->names, (size_t)(*to - reply->bytes), len);
		*to += step;
		name += step;
		len -= step;
	}
	*(*to)++ = 0;
}

/* The compressible names of one rdata: SOA has two, MX two bytes before. */
static void
compress_rdata(struct reply *reply, uint16_t type, const uint8_t **from,
    uint8_t **to, const uint8_t *end)
{
	if (type == TYPE_MX) {
		memmove(*to, *from, 2);
		*to += 2;
		*from += 2;
	}
	compress_name(reply, from, to);
	if (type == TYPE_SOA)
		compress_name(reply, from, to);
	size_t rest = (size_t)(end - *from);
	memmove(*to, *from, rest);
	*to += rest;
	*from = end;
}

/* Rewrite count records at the tail. @return their new length. */
static size_t
compress_records(struct reply *reply, uint16_t type, uint16_t count)
{
	uint8_t *to = reply_tail(reply);
	const uint8_t *from = to;

	names_begin(reply);
	for (uint16_t i = 0; i < count; i++) {
		size_t rdlen = (size_t)(from[10] << 8 | from[11]);
		const uint8_t *end = from + REPLY_RECORD_FIXED + rdlen;
		uint8_t *head = to;
		memmove(to, from, REPLY_RECORD_FIXED);
		to += REPLY_RECORD_FIXED;
		from += REPLY_RECORD_FIXED;
		compress_rdata(reply, type, &from, &to, end);
		put_u16(head + 10,
		    (uint16_t)(to - head - REPLY_RECORD_FIXED));
	}
	return (size_t)(to - reply_tail(reply));
}

bool
reply_take(struct reply *reply, enum message_section section, uint16_t type,
    uint16_t count, size_t len)
{
	uint16_t n_names = reply->names.n;

	if (len == 0)
		return false;
	if (reply_compresses(type))
		len = compress_records(reply, type, count);
	if (len > reply->limit - reply->len) {
		reply->names.n = n_names;
		return false;
	}
	reply->len += len;
	reply->counts[section] = (uint16_t)(reply->counts[section] + count);
	return true;
}

void
reply_truncate(struct reply *reply)
{
	reply->len = MESSAGE_HEADER;
	if (reply->counts[SECTION_QUESTION] == 1)
		reply->len += (size_t)reply->query->qname_len + QUESTION_FIXED;
	reply->counts[SECTION_ANSWER] = 0;
	reply->counts[SECTION_AUTHORITY] = 0;
	reply->counts[SECTION_ADDITIONAL] = 0;
	reply->names.n = 0;
	reply->flags |= FLAG_TC;
}

/* Bytes of text that go out: not more than max, no character cut apart. */
static size_t
words_len(const char *text, size_t max)
{
	size_t len = strlen(text);

	max = max < EDNS_TEXT_MAX ? max : EDNS_TEXT_MAX;
	if (len <= max)
		return len;
	len = max;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static void
finish_edns(struct reply *reply, uint16_t rcode, enum edns_error error,
    const char *text)
{
	size_t room = reply->limit + EDNS_LEN - reply->len;
	struct blob words = { .data = (const uint8_t *)text };

	if (room < EDNS_LEN + EDNS_ERROR_LEN)
		error = EDNS_ERROR_NONE;
	else if (error != EDNS_ERROR_NONE)
		words.len = words_len(text, room - EDNS_LEN - EDNS_ERROR_LEN);
	struct writer w = writer_make(reply_tail(reply), room);
	edns_write(&w, &reply->query->edns, rcode, error, words);
	ensure(!w.bad);
	reply->len += writer_len(&w);
	reply->counts[SECTION_ADDITIONAL]++;
}

size_t
reply_finish(struct reply *reply, uint16_t rcode, enum edns_error error)
{
	return reply_finish_in_words(reply, rcode, error, "");
}

size_t
reply_finish_in_words(struct reply *reply, uint16_t rcode,
    enum edns_error error, const char *text)
{
	if (reply->query->edns.is_present)
		finish_edns(reply, rcode, error, text);
	put_u16(reply->bytes, reply->query->id);
	put_u16(reply->bytes + 2,
	    (uint16_t)(reply->flags | (rcode & FLAG_RCODE)));
	for (int s = 0; s < SECTIONS; s++)
		put_u16(reply->bytes + 4 + 2 * s, reply->counts[s]);
	return reply->len;
}
