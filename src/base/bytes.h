/*
 * Cursors over wire bytes, network order, with a sticky error: after the first
 * read or write that does not fit, all later ones do nothing (reads give 0),
 * and one check at the end tells. Layer 0.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A piece of somebody else's memory. len 0 = nothing, data may be NULL. */
struct blob {
	const uint8_t *data;
	size_t len; /* bytes */
};

static inline bool
blob_equal(struct blob a, struct blob b)
{
	return a.len == b.len &&
	    (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* memcmp order, a prefix before what it begins: below, equal to, above 0. */
static inline int
blob_compare(struct blob a, struct blob b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
	if (order != 0)
		return order;
	return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

struct reader {
	const uint8_t *pos;
	const uint8_t *end;
	bool bad; /* a read went past the end */
};

struct writer {
	uint8_t *start;
	uint8_t *pos;
	uint8_t *end;
	bool bad; /* a write did not fit; nothing of it was written */
};

static inline struct reader
reader_make(const void *data, size_t len)
{
	const uint8_t *p = data;
	return (struct reader){ .pos = p, .end = len > 0 ? p + len : p };
}

static inline struct writer
writer_make(void *data, size_t cap)
{
	uint8_t *p = data;
	return (struct writer){ .start = p, .pos = p,
		.end = cap > 0 ? p + cap : p };
}

/* Bytes not yet read; 0 after an error. */
static inline size_t
reader_left(const struct reader *r)
{
	return r->bad ? 0 : (size_t)(r->end - r->pos);
}

/* Bytes written so far. */
static inline size_t
writer_len(const struct writer *w)
{
	return (size_t)(w->pos - w->start);
}

/* Everything read, and nothing read past the end. */
static inline bool
reader_done(const struct reader *r)
{
	return !r->bad && r->pos == r->end;
}

/* The next len bytes in place, or NULL (and the sticky error). len 0 gives a
 * pointer that must not be read. */
static inline const uint8_t *
reader_take(struct reader *r, size_t len)
{
	if (r->bad || (size_t)(r->end - r->pos) < len) {
		r->bad = true;
		return NULL;
	}
	const uint8_t *p = r->pos;
	if (len > 0)
		r->pos += len;
	return p;
}

static inline uint8_t
read_u8(struct reader *r)
{
	const uint8_t *p = reader_take(r, 1);
	return p == NULL ? 0 : p[0];
}

static inline uint16_t
read_u16(struct reader *r)
{
	const uint8_t *p = reader_take(r, 2);
	if (p == NULL)
		return 0;
	return (uint16_t)((p[0] << 8) | p[1]);
}

static inline uint32_t
read_u32(struct reader *r)
{
	const uint8_t *p = reader_take(r, 4);
	if (p == NULL)
		return 0;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t
read_u64(struct reader *r)
{
	uint64_t high = read_u32(r);
	return high << 32 | read_u32(r);
}

/* Copy len bytes out; zeroes after an error. */
static inline void
read_bytes(struct reader *r, void *out, size_t len)
{
	const uint8_t *p = reader_take(r, len);
	if (len == 0)
		return;
	if (p == NULL)
		memset(out, 0, len);
	else
		memcpy(out, p, len);
}

/* Room for len bytes at the cursor, which moves past it; NULL if none. */
static inline uint8_t *
writer_take(struct writer *w, size_t len)
{
	if (w->bad || (size_t)(w->end - w->pos) < len) {
		w->bad = true;
		return NULL;
	}
	uint8_t *p = w->pos;
	if (len > 0)
		w->pos += len;
	return p;
}

static inline void
write_u8(struct writer *w, uint8_t v)
{
	uint8_t *p = writer_take(w, 1);
	if (p != NULL)
		p[0] = v;
}

/* v at p, which has room for two bytes; for lengths patched in later. */
static inline void
put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* v at p, which has room for four bytes. */
static inline void
put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static inline void
write_u16(struct writer *w, uint16_t v)
{
	uint8_t *p = writer_take(w, 2);
	if (p != NULL)
		put_u16(p, v);
}

static inline void
write_u32(struct writer *w, uint32_t v)
{
	uint8_t *p = writer_take(w, 4);
	if (p != NULL)
		put_u32(p, v);
}

static inline void
write_u64(struct writer *w, uint64_t v)
{
	uint8_t *p = writer_take(w, 8);
	if (p != NULL) {
		put_u32(p, (uint32_t)(v >> 32));
		put_u32(p + 4, (uint32_t)v);
	}
}

static inline void
write_bytes(struct writer *w, const void *data, size_t len)
{
	uint8_t *p = writer_take(w, len);
	if (p != NULL && len > 0)
		memcpy(p, data, len);
}

#endif
