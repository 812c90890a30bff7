/*
 * Nodes of whois and private names that the open batch has changed: what the
 * store does not know yet. Layer 8; the engine thread.
 */
#ifndef ENGINE_OVERLAY_H
#define ENGINE_OVERLAY_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/status.h"
#include "registry/rrset.h"

#include <stdbool.h>
#include <stddef.h>

struct overlay_entry;

struct overlay {
	struct overlay_entry **slots; /* open addressing, in the arena */
	size_t n_slots;               /* a power of two, or 0 */
	size_t n;
};

/* What the batch left at owner. false: it did not touch it. */
bool overlay_get(const struct overlay *overlay, struct blob owner,
    struct node *out);

/*
 * Call each for every owner at or below top, in any order; it must not put.
 * @return OK, or what each returned, which ends the walk.
 */
MUST_CHECK enum status overlay_walk(const struct overlay *overlay,
    struct blob top, enum status (*each)(void *arg, struct blob owner),
    void *arg);

/* Set the node at owner; owner and node are copied into the arena. */
void overlay_put(struct overlay *overlay, struct arena *arena,
    struct blob owner, const struct node *node);

#endif
