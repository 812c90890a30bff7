/*
 * The forms in use, each kept once: a hash table inside the region that grows
 * by one bucket with each form (linear hashing), so no change ever waits for a
 * rehash. Bucket i lies in segment 0 below 256, else in the segment of its
 * highest bit:
 *
 *	segment 0: 0..255   1: 256..511   2: 512..1023   3: 1024..2047 ...
 *	bucket -> form -> form -> 0
 *
 * A form goes when its last user has gone. Layer 3; the engine thread.
 */
#ifndef IMAGE_INTERN_H
#define IMAGE_INTERN_H

#include "base/bytes.h"
#include "base/status.h"
#include "image/form.h"
#include "image/region.h"

#include <stdint.h>

enum {
	INTERN_FIRST = 256, /* buckets of the first segment */
	INTERN_SEGMENTS = 23,
};

struct intern {
	uint32_t buckets; /* in use, at least INTERN_FIRST */
	uint32_t forms;
	uint32_t segment[INTERN_SEGMENTS];
};

/* Empty table. @return OK, ERR_FULL. */
MUST_CHECK enum status intern_init(struct intern *intern,
    struct region *region);

/* Forget all forms: after region_reset. */
void intern_reset(struct intern *intern, struct region *region);

/*
 * The form with this body, made if there is none (with no users yet).
 * @return its reference; 0 when the region is full.
 */
uint32_t intern_get(struct intern *intern, struct region *region,
    struct blob body);

/*
 * Take a form without users out of the table. Its memory stays.
 */
void intern_unlink(struct intern *intern, struct region *region,
    uint32_t form);

/* First form of bucket i, for image_check. */
uint32_t intern_bucket(const struct intern *intern,
    const struct region *region, uint32_t i);

#endif
