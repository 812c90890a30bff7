/*
 * Region memory: many allocations, one release. The pure layers get all their
 * memory from an arena that the caller hands in. Layer 0.
 *
 *	arena -> chunk -> chunk -> NULL        newest first; allocations are
 *	         [used |free]                  bumped from the newest chunk
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *newest;
	size_t total; /* bytes handed out since init or reset */
};

/*
 * Make an empty arena; no memory is taken yet.
 * Thread: an arena belongs to one thread.
 */
void arena_init(struct arena *arena);

/*
 * len zeroed bytes, aligned for any type. Lives until reset or fini.
 * @param len 0 is allowed and gives a pointer that must not be read.
 * @return never NULL: no memory ends the process (check_fail), because every
 * acknowledged change is on disk and a restart is the safe way on.
 */
void *arena_alloc(struct arena *arena, size_t len)
    __attribute__((returns_nonnull));

/*
 * Copy of len bytes at data, as arena_alloc.
 */
void *arena_copy(struct arena *arena, const void *data, size_t len)
    __attribute__((returns_nonnull));

/*
 * Forget all allocations; keeps one chunk of modest size for the next use.
 */
void arena_reset(struct arena *arena);

/*
 * Give all memory back.
 */
void arena_fini(struct arena *arena);

#endif
