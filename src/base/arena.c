/*
 * Region memory. The one place of the pure layers, beside image's slabs, that
 * asks libc for memory. Layer 0; the owner of the arena.
 */
#include "base/arena.h"

#include "base/check.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHUNK_MIN = 64 * 1024,    /* bytes of the smallest chunk */
	CHUNK_KEPT = 1024 * 1024, /* bytes: larger ones are freed on reset */
};

struct arena_chunk {
	struct arena_chunk *older;
	size_t cap;
	size_t used;
	alignas(max_align_t) uint8_t data[];
};

void
arena_init(struct arena *arena)
{
	arena->newest = NULL;
	arena->total = 0;
}

static struct arena_chunk *
chunk_create(size_t need)
{
	size_t cap = need > CHUNK_MIN ? need : CHUNK_MIN;

	require(cap < SIZE_MAX - sizeof(struct arena_chunk));
	struct arena_chunk *chunk = malloc(sizeof *chunk + cap);
	if (chunk == NULL)
		check_fail("memory", "arena", __FILE__, __LINE__);
	chunk->older = NULL;
	chunk->cap = cap;
	chunk->used = 0;
	return chunk;
}

void *
arena_alloc(struct arena *arena, size_t len)
{
	size_t align = alignof(max_align_t);

	require(len < SIZE_MAX / 2);
	size_t need = (len + align - 1) / align * align;
	struct arena_chunk *chunk = arena->newest;
	if (chunk == NULL || chunk->cap - chunk->used < need) {
		size_t grown = chunk == NULL ? 0 : chunk->cap * 2;
		if (grown > CHUNK_KEPT)
			grown = CHUNK_KEPT;
		chunk = chunk_create(need > grown ? need : grown);
		chunk->older = arena->newest;
		arena->newest = chunk;
	}
	void *out = chunk->data + chunk->used;
	chunk->used += need;
	arena->total += need;
	memset(out, 0, need);
	return out;
}

void *
arena_copy(struct arena *arena, const void *data, size_t len)
{
	void *out = arena_alloc(arena, len);

	if (len > 0)
		memcpy(out, data, len);
	return out;
}

static void
free_older(struct arena_chunk *chunk)
{
	while (chunk != NULL) {
		struct arena_chunk *older = chunk->older;
		free(chunk);
		chunk = older;
	}
}

void
arena_reset(struct arena *arena)
{
	struct arena_chunk *keep = arena->newest;

	arena->total = 0;
	if (keep == NULL)
		return;
	free_older(keep->older);
	keep->older = NULL;
	keep->used = 0;
	if (keep->cap > CHUNK_KEPT) {
		free(keep);
		arena->newest = NULL;
	}
}

void
arena_fini(struct arena *arena)
{
	free_older(arena->newest);
	arena_init(arena);
}
