/*
 * The buffer pool: four sizes, free lists, one budget. Layer 6; the query
 * thread.
 */
#include "net/pool.h"

#include "base/check.h"

#include <stdlib.h>

static const uint32_t sizes[POOL_CLASSES] = { 2 * 1024, 16 * 1024, 66 * 1024,
	POOL_BUFFER_MAX };

void
pool_init(struct pool *pool, size_t max)
{
	*pool = (struct pool){ .max = max };
}

static void
destroy(struct pool *pool, struct buffer *buffer)
{
	pool->used -= sizeof *buffer + buffer->cap;
	free(buffer);
}

/* Free what lies in the free lists. */
static void
drop_free(struct pool *pool)
{
	for (unsigned i = 0; i < POOL_CLASSES; i++) {
		while (pool->free[i] != NULL) {
			struct buffer *buffer = pool->free[i];
			pool->free[i] = buffer->next;
			destroy(pool, buffer);
		}
	}
}

void
pool_fini(struct pool *pool)
{
	drop_free(pool);
	ensure(pool->used == 0);
}

static struct buffer *
create(struct pool *pool, uint32_t class_)
{
	size_t len = sizeof(struct buffer) + sizes[class_];

	if (pool->used + len > pool->max)
		drop_free(pool);
	if (pool->used + len > pool->max)
		return NULL;
	struct buffer *buffer = malloc(len);
	if (buffer == NULL)
		return NULL;
	pool->used += len;
	buffer->class_ = class_;
	buffer->cap = sizes[class_];
	return buffer;
}

struct buffer *
pool_take(struct pool *pool, size_t need)
{
	uint32_t class_ = 0;

	require(need <= POOL_BUFFER_MAX);
	while (sizes[class_] < need)
		class_++;
	struct buffer *buffer = pool->free[class_];
	if (buffer != NULL)
		pool->free[class_] = buffer->next;
	else
		buffer = create(pool, class_);
	if (buffer == NULL)
		return NULL;
	pool->busy += buffer->cap;
	buffer->next = NULL;
	buffer->start = 0;
	buffer->end = 0;
	return buffer;
}

void
pool_put(struct pool *pool, struct buffer *buffer)
{
	if (buffer == NULL)
		return;
	pool->busy -= buffer->cap;
	buffer->next = pool->free[buffer->class_];
	pool->free[buffer->class_] = buffer;
}
