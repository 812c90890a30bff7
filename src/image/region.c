/*
 * The region: blocks of size classes, and the lists that make a candidate
 * undoable. It refuses to grow beyond what it was given and never joins or
 * splits blocks: sizes repeat, so that what one name gives back the next one
 * takes. Layer 3; the engine thread.
 */
#include "image/region.h"

#include "base/check.h"

#include <string.h>

static const uint64_t REGION_MAGIC = 0x6531363464696d67; /* "e164dimg" */

struct ref_chunk {
	uint32_t next;
	uint32_t n;
	uint64_t entry[REF_LIST_CHUNK]; /* reference, class << 32, kind << 48 */
};

_Static_assert(sizeof(struct ref_chunk) == REF_LIST_BYTES, "chunk size");

static unsigned
log2_floor(uint64_t v)
{
	return 63u - (unsigned)__builtin_clzll(v);
}

unsigned
region_class(size_t bytes)
{
	uint64_t units = (bytes + REGION_UNIT - 1) / REGION_UNIT;

	if (units <= REGION_FINE)
		return units == 0 ? 0 : (unsigned)units - 1;
	uint64_t last = units - 1;
	unsigned doubling = log2_floor(last);
	unsigned step = (unsigned)(last >> (doubling - 3)) & 7u;
	return REGION_FINE + (doubling - 6) * 8 + step;
}

uint32_t
region_class_units(unsigned class)
{
	if (class < REGION_FINE)
		return class + 1;
	unsigned doubling = (class - REGION_FINE) / 8;
	unsigned step = (class - REGION_FINE) % 8;
	return (9 + step) << (doubling + 3);
}

void
region_init(struct region *region, size_t head, size_t cap)
{
	size_t units = cap / REGION_UNIT;

	memset(region, 0, sizeof *region);
	region->magic = REGION_MAGIC;
	region->cap = units < REF_UNITS_MAX ? (uint32_t)units : REF_UNITS_MAX;
	region->top = (uint32_t)((head + REGION_UNIT - 1) / REGION_UNIT);
}

void
region_reset(struct region *region)
{
	region->top = region->pristine;
	region->free_units = 0;
	memset(region->free, 0, sizeof region->free);
	memset(region->young, 0, sizeof region->young);
	region->log = (struct ref_list){ 0 };
	region->retired = (struct ref_list){ 0 };
}

static uint32_t
pop(struct region *region, uint32_t *list)
{
	uint32_t ref = *list;

	if (ref != 0)
		memcpy(list, region_at(region, ref), sizeof *list);
	return ref;
}

static void
push(struct region *region, uint32_t *list, uint32_t ref)
{
	memcpy(region_at(region, ref), list, sizeof *list);
	*list = ref;
}

static uint32_t
take(struct region *region, unsigned class)
{
	if (class >= REGION_CLASSES) {
		region->is_full = 1;
		return 0;
	}
	uint32_t units = region_class_units(class);
	uint32_t ref = pop(region, &region->free[class]);
	if (ref != 0) {
		region->free_units -= units;
		return ref;
	}
	if (region->cap - region->top < units) {
		region->is_full = 1;
		return 0;
	}
	ref = region->top;
	region->top += units;
	return ref;
}

static void
give(struct region *region, uint32_t ref, unsigned class)
{
	push(region, &region->free[class], ref);
	region->free_units += region_class_units(class);
}

uint32_t
region_alloc_kept(struct region *region, size_t bytes)
{
	return take(region, region_class(bytes));
}

uint32_t
region_alloc(struct region *region, size_t bytes)
{
	unsigned class = region_class(bytes);

	require(region->is_open);
	if (region->is_bulk)
		return take(region, class);
	uint32_t ref = class < REGION_CLASSES ?
	    pop(region, &region->young[class]) :
	    0;
	if (ref != 0)
		return ref; /* it is in the log already */
	ref = take(region, class);
	if (ref == 0)
		return 0;
	if (!ref_list_push(region, &region->log, REF_BLOCK, ref, class)) {
		give(region, ref, class);
		return 0;
	}
	return ref;
}

void
region_free(struct region *region, uint32_t ref, size_t bytes)
{
	give(region, ref & ~REF_MARK, region_class(bytes));
}

void
region_free_young(struct region *region, uint32_t ref, size_t bytes)
{
	unsigned class = region_class(bytes);

	if (region->is_bulk)
		give(region, ref & ~REF_MARK, class);
	else
		push(region, &region->young[class], ref & ~REF_MARK);
}

void
region_retire(struct region *region, uint32_t ref, size_t bytes)
{
	unsigned class = region_class(bytes);

	if (region->is_bulk)
		give(region, ref & ~REF_MARK, class);
	else
		(void)ref_list_push(
		    region, &region->retired, REF_BLOCK, ref, class);
}

bool
ref_list_push(struct region *region, struct ref_list *list, enum ref_kind kind,
    uint32_t ref, unsigned class)
{
	struct ref_chunk *chunk = region_at(region, list->last);

	if (list->last == 0 || chunk->n == REF_LIST_CHUNK) {
		uint32_t fresh = region_alloc_kept(region, sizeof *chunk);
		if (fresh == 0)
			return false;
		if (list->last == 0)
			list->first = fresh;
		else
			chunk->next = fresh;
		list->last = fresh;
		chunk = region_at(region, fresh);
		chunk->next = 0;
		chunk->n = 0;
	}
	chunk->entry[chunk->n++] = (ref & ~REF_MARK) | (uint64_t) class << 32 |
	    (uint64_t)kind << 48;
	return true;
}

bool
ref_list_next(const struct region *region, const struct ref_list *list,
    struct ref_entry *entry)
{
	const uint8_t *base = (const uint8_t *)region;

	if (entry->chunk == 0) {
		entry->chunk = list->first;
		entry->index = 0;
	}
	if (entry->chunk == 0)
		return false;
	const struct ref_chunk *chunk = ref_at(base, entry->chunk);
	if (entry->index == chunk->n) {
		if (chunk->next == 0)
			return false;
		entry->chunk = chunk->next;
		entry->index = 0;
		chunk = ref_at(base, entry->chunk);
	}
	uint64_t packed = chunk->entry[entry->index++];
	entry->ref = (uint32_t)packed;
	entry->class = (uint16_t)(packed >> 32);
	entry->kind = (uint16_t)(packed >> 48);
	return true;
}

void
ref_list_clear(struct region *region, struct ref_list *list)
{
	uint32_t ref = list->first;

	while (ref != 0) {
		const struct ref_chunk *chunk = region_at(region, ref);
		uint32_t next = chunk->next;
		region_free(region, ref, sizeof *chunk);
		ref = next;
	}
	*list = (struct ref_list){ 0 };
}

void
region_open(struct region *region)
{
	require(!region->is_open);
	region->is_open = 1;
	region->is_bulk = region->top == region->pristine &&
	    region->free_units == 0;
	region->is_full = 0;
	region->generation++;
}

/* The young join the free lists. */
static void
young_grow_up(struct region *region)
{
	for (unsigned class = 0; class < REGION_CLASSES; class ++) {
		uint32_t ref = pop(region, &region->young[class]);
		for (; ref != 0; ref = pop(region, &region->young[class]))
			give(region, ref, class);
	}
}

void
region_commit(struct region *region, struct ref_list *retired)
{
	require(region->is_open && !region->is_full);
	young_grow_up(region);
	ref_list_clear(region, &region->log);
	*retired = region->retired;
	region->retired = (struct ref_list){ 0 };
	region->is_open = 0;
}

void
region_abort(struct region *region)
{
	require(region->is_open);
	if (region->is_bulk) {
		region_reset(region);
	} else {
		struct ref_entry entry = { 0 };
		memset(region->young, 0, sizeof region->young);
		while (ref_list_next(region, &region->log, &entry))
			if (entry.kind == REF_BLOCK)
				give(region, entry.ref, entry.class);
		ref_list_clear(region, &region->log);
		ref_list_clear(region, &region->retired);
	}
	region->is_open = 0;
	region->is_full = 0;
}
