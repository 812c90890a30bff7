/*
 * What lies where in the region, and data of names: the private side of
 * image.h for the files of this folder.
 *
 *	struct image (at unit 0) --> current, candidate: struct image_version
 *	                         --> oldest -> next -> ... -> current
 *
 *	version -- root ----> struct decimal (image/decimal.h)
 *	        -- apex ----> data of the apex
 *	        -- retired -> what goes when this version is read no more
 *
 * Reference to data: REF_MARK set if the records are derived; 0: none. Layer
 * 3.
 */
#ifndef IMAGE_STATE_H
#define IMAGE_STATE_H

#include "base/arena.h"
#include "image/form.h"
#include "image/image.h"
#include "image/intern.h"
#include "image/region.h"

#include <stdint.h>

struct image_version {
	uint32_t self; /* own reference: finds the start of the region */
	uint32_t root;
	uint64_t slot;
	uint32_t serial;
	uint32_t apex;
	uint64_t numbers;
	uint64_t names;
	uint64_t records;
	/* the engine thread's: */
	uint32_t next;
	struct ref_list retired;
};

struct image {
	struct region region; /* first: its address is the region's */
	struct intern intern;
	uint32_t current;
	uint32_t candidate; /* 0: none open */
	uint32_t oldest;
	struct arena scratch; /* not part of the state; for one call */
};

/* The region that a version lies in. */
static inline const uint8_t *
version_base(const struct image_version *version)
{
	return (const uint8_t *)version - (size_t)version->self * REGION_UNIT;
}

/* The form of a name's data; *values behind it, or NULL when it has none. */
static inline const struct form *
data_form(const uint8_t *base, uint32_t data, const uint8_t **values)
{
	const uint32_t *block = ref_at(base, data);

	if (block[0] == 0) {
		*values = NULL;
		return (const struct form *)(const void *)block;
	}
	*values = (const uint8_t *)(block + 1);
	return ref_at(base, block[0]);
}

/* Flags of struct node, from the reference to its data. */
static inline uint8_t
data_flags(uint32_t data)
{
	return (uint8_t)((data & REF_MARK) != 0 ? NODE_DERIVED : 0);
}

/* The data has a delegation. */
static inline bool
data_has_ns(const uint8_t *base, uint32_t data)
{
	const uint8_t *values = NULL;

	return data != 0 &&
	    (data_form(base, data, &values)->flags & FORM_HAS_NS) != 0;
}

/*
 * Make the data of a name in the candidate.
 * @param node its records, not none. @param tn its number, or empty.
 * @return OK, ERR_MALFORMED, ERR_FULL.
 */
MUST_CHECK enum status data_create(struct image *image, uint32_t *out,
    const struct node *node, struct tn tn);

/* The candidate shows it no more; older versions may. */
void data_retire(struct image *image, uint32_t data);

/* Nobody shows it: one user less, and the memory back. */
void data_drop(struct image *image, uint32_t data);

/* Undo data_create on abort: one user less; memory goes with the log. */
void data_undo(struct image *image, uint32_t data);

/* Bytes of the block at data; 0 if it is a form. */
size_t data_len(const uint8_t *base, uint32_t data);

/*
 * The records in the shared encoding. @param data 0 gives none.
 */
void data_expand(const uint8_t *base, uint32_t data, struct tn tn,
    struct arena *arena, struct node *out);

#endif
