/*
 * The region: one piece of memory from which the image takes all it needs, in
 * units of 8 bytes, and which it can be moved with: references are unit
 * numbers from its start, never addresses.
 *
 *	0        region (lists, counters) and the rest of struct image
 *	...      blocks, each of one size class
 *	top      untouched memory
 *
 * Classes: every multiple of 8 bytes up to 512, then eight to each doubling.
 * A free block holds the reference to the next free one of its class.
 *
 * While a candidate is open, three lists make it undoable:
 *
 *	log      what the candidate took: on abort it goes back
 *	young    what it took and gave up again: taken first by its next
 *	         allocations; part of the free lists after commit
 *	retired  what older versions still show: goes back on release
 *
 * A candidate over an image that never held anything ("bulk") needs none of
 * them: what it gives up is free at once, and abort empties the region.
 *
 * Layer 3; the engine thread.
 */
#ifndef IMAGE_REGION_H
#define IMAGE_REGION_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	REGION_UNIT = 8,           /* bytes */
	REGION_FINE = 64,          /* classes of 1, 2, ... 64 units */
	REGION_CLASSES = 64 + 200, /* fine, and 8 for each of 25 doublings */
	REF_LIST_CHUNK = 31,       /* entries */
	REF_LIST_BYTES = 256,      /* of a chunk of them */
};

/* A reference has 31 bits: 16 GiB. The highest says something about what it
 * refers to: a derived name's data, or a leaf. */
#define REF_MARK 0x80000000u
#define REF_UNITS_MAX 0x80000000u

enum ref_kind {
	REF_BLOCK, /* memory of a class */
	REF_DATA,  /* one user of a name's data */
};

/* Things to give back, in chunks taken from the region itself. */
struct ref_list {
	uint32_t first;
	uint32_t last;
};

struct region {
	uint64_t magic;
	uint32_t cap;        /* units */
	uint32_t top;        /* units handed out at least once */
	uint32_t pristine;   /* top when nothing has been stored yet */
	uint32_t is_open;    /* a candidate is open */
	uint32_t is_bulk;    /* ... over a pristine image */
	uint32_t is_full;    /* ... and ran out of room: can only be aborted */
	uint64_t generation; /* of the candidate; what has it may be changed */
	uint64_t free_units; /* in the lists below */
	struct ref_list log;
	struct ref_list retired;
	uint32_t free[REGION_CLASSES];
	uint32_t young[REGION_CLASSES];
};

/* The address of a reference without its mark. */
static inline void *
region_at(struct region *region, uint32_t ref)
{
	return (uint8_t *)region + (size_t)(ref & ~REF_MARK) * REGION_UNIT;
}

/* The same for readers. */
static inline const void *
ref_at(const uint8_t *base, uint32_t ref)
{
	return base + (size_t)(ref & ~REF_MARK) * REGION_UNIT;
}

/*
 * Begin: nothing allocated. @param head bytes at the start that are not to be
 * handed out. @param cap bytes of the whole.
 */
void region_init(struct region *region, size_t head, size_t cap);

/* As after region_init. */
void region_reset(struct region *region);

/* Class of a block of so many bytes: blocks of one class change places. */
unsigned region_class(size_t bytes);

/* Units of a class. */
uint32_t region_class_units(unsigned class);

/*
 * A block of at least so many bytes, not cleared; given back by abort.
 * @return 0 when there is no room (is_full is set then).
 */
uint32_t region_alloc(struct region *region, size_t bytes);

/* The same, but not given back by abort. */
uint32_t region_alloc_kept(struct region *region, size_t bytes);

/* Give a block back that no version shows and abort does not know. */
void region_free(struct region *region, uint32_t ref, size_t bytes);

/* Give a block back that the open candidate took. */
void region_free_young(struct region *region, uint32_t ref, size_t bytes);

/* Give a block back when no version before the candidate is read any more. */
void region_retire(struct region *region, uint32_t ref, size_t bytes);

/*
 * Note something in a list. @return false when there is no room (is_full).
 */
bool ref_list_push(struct region *region, struct ref_list *list,
    enum ref_kind kind, uint32_t ref, unsigned class);

/* Steps through a list. Start with entry zeroed; false at the end. */
struct ref_entry {
	uint32_t ref;
	uint16_t class;
	uint16_t kind; /* enum ref_kind */
	uint32_t chunk;
	uint32_t index;
};
bool ref_list_next(const struct region *region, const struct ref_list *list,
    struct ref_entry *entry);

/* Give back the chunks of a list, not what is noted in it. */
void ref_list_clear(struct region *region, struct ref_list *list);

/* Open and close a candidate's bookkeeping. */
void region_open(struct region *region);
/* @param retired out: the list to keep with the version that was replaced. */
void region_commit(struct region *region, struct ref_list *retired);
/* Blocks of the log go back; its data users must be undone before. */
void region_abort(struct region *region);

#endif
