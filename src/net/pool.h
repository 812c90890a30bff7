/*
 * Buffers for what a TCP connection must keep between two turns: a message
 * that is not whole, answers that the peer does not take. One pool a thread,
 * with a limit on all its memory, in use or not. Layer 6; the query thread.
 */
#ifndef NET_POOL_H
#define NET_POOL_H

#include <stddef.h>
#include <stdint.h>

enum {
	POOL_CLASSES = 4,
	POOL_BUFFER_MAX = 132 * 1024, /* bytes of the largest buffer */
};

struct buffer {
	struct buffer *next; /* in the pool's free list */
	uint32_t class_;
	uint32_t cap;   /* bytes of data */
	uint32_t start; /* first byte not yet used */
	uint32_t end;   /* behind the last byte */
	uint8_t data[];
};

struct pool {
	size_t max;  /* bytes of all buffers */
	size_t used; /* bytes of those that exist */
	size_t busy; /* bytes of those that are taken */
	struct buffer *free[POOL_CLASSES];
};

/* An empty pool of at most max bytes. */
void pool_init(struct pool *pool, size_t max);

/* Free all; every buffer must have been put back. */
void pool_fini(struct pool *pool);

/*
 * A buffer with room for at least need bytes, empty.
 * @param need at most POOL_BUFFER_MAX.
 * @return NULL: the limit is reached, or no memory.
 */
struct buffer *pool_take(struct pool *pool, size_t need);

/* Put a buffer back. NULL is allowed. */
void pool_put(struct pool *pool, struct buffer *buffer);

#endif
