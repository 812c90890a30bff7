/*
 * A hash table in an arena, forgotten with it. Layer 8; the engine thread.
 */
#include "engine/overlay.h"

#include "dns/name.h"

#include <stdint.h>
#include <string.h>

enum { SLOTS_MIN = 64 };

struct overlay_entry {
	struct blob owner;
	struct node node;
};

static size_t
place_of(const struct overlay *overlay, struct blob owner)
{
	uint64_t sum = 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < owner.len; i++)
		sum = (sum ^ owner.data[i]) * 0x100000001b3u;
	size_t at = (size_t)(sum ^ sum >> 32) & (overlay->n_slots - 1);
	for (;; at = (at + 1) & (overlay->n_slots - 1)) {
		const struct overlay_entry *entry = overlay->slots[at];
		if (entry == NULL || (entry->owner.len == owner.len &&
			memcmp(entry->owner.data, owner.data, owner.len) == 0))
			return at;
	}
}

bool
overlay_get(const struct overlay *overlay, struct blob owner,
    struct node *out)
{
	if (overlay->n == 0)
		return false;
	const struct overlay_entry *entry =
	    overlay->slots[place_of(overlay, owner)];
	if (entry == NULL)
		return false;
	*out = entry->node;
	return true;
}

static void
grow(struct overlay *overlay, struct arena *arena)
{
	struct overlay old = *overlay;

	overlay->n_slots = old.n_slots == 0 ? SLOTS_MIN : old.n_slots * 2;
	overlay->slots = arena_alloc(arena,
	    overlay->n_slots * sizeof(struct overlay_entry *));
	for (size_t i = 0; i < old.n_slots; i++) {
		struct overlay_entry *entry = old.slots[i];
		if (entry != NULL)
			overlay->slots[place_of(overlay, entry->owner)] =
			    entry;
	}
}

enum status
overlay_walk(const struct overlay *overlay, struct blob top,
    enum status (*each)(void *arg, struct blob owner), void *arg)
{
	for (size_t i = 0; i < overlay->n_slots; i++) {
		const struct overlay_entry *entry = overlay->slots[i];
		if (entry == NULL || !owner_is_at_or_below(entry->owner, top))
			continue;
		enum status status = each(arg, entry->owner);
		if (status != OK)
			return status;
	}
	return OK;
}

void
overlay_put(struct overlay *overlay, struct arena *arena, struct blob owner,
    const struct node *node)
{
	if (overlay->n * 2 >= overlay->n_slots)
		grow(overlay, arena);
	size_t at = place_of(overlay, owner);
	struct overlay_entry *entry = overlay->slots[at];
	if (entry == NULL) {
		entry = arena_alloc(arena, sizeof *entry);
		entry->owner.data =
		    arena_copy(arena, owner.data, owner.len);
		entry->owner.len = owner.len;
		overlay->slots[at] = entry;
		overlay->n++;
	}
	entry->node.flags = node->flags;
	entry->node.rrsets.data =
	    arena_copy(arena, node->rrsets.data, node->rrsets.len);
	entry->node.rrsets.len = node->rrsets.len;
}
