/*
 * Names with other labels than digits: below each digit prefix that has some,
 * a PATRICIA trie (Morrison 1968) of the owner bytes behind the prefix, so
 * that a zone of hosts costs one comparison and a walk of about the logarithm
 * of their count.
 *
 *	root -> fork: bit 4 -- 0 -> leaf "03 ns1"
 *	                    \- 1 -> fork: bit 19 ...
 *
 * Keys are compared as if a 0 byte stood behind them. No label has length 0,
 * so no key is part of another, and the order of leaves is the owner order.
 * A name and those below it have the same first bytes, labels being whole:
 * the longest common start with any key is the closest encloser.
 *
 * References to leaves have REF_MARK. Layer 3; read by any thread, changed by
 * the engine thread.
 */
#ifndef IMAGE_OTHER_H
#define IMAGE_OTHER_H

#include "base/bytes.h"
#include "base/status.h"
#include "image/region.h"

#include <stdbool.h>
#include <stdint.h>

struct fork {
	uint32_t generation_low;
	uint16_t generation_high;
	uint16_t bit; /* both children agree on all before it */
	uint32_t child[2];
};

struct leaf {
	uint32_t data;
	uint8_t len;
	uint8_t key[];
};

enum {
	LEAF_HEAD = 5,       /* bytes before the key */
	OTHER_BITS = 8 * 256 /* no walk is longer */
};

/* The leaf with this key; NULL: none. @param root 0: empty. */
const struct leaf *other_get(const uint8_t *base, uint32_t root,
    struct blob key);

/*
 * The longest start of key, in whole labels, that is also the start of a key
 * in the trie: as far as key's name exists.
 * @param exact out: the leaf if it is key itself, else NULL.
 * @return bytes of key.
 */
size_t other_encloser(const uint8_t *base, uint32_t root, struct blob key,
    const struct leaf **exact);

/* The first leaf behind key (key.len 0: the first of all); NULL: none. */
const struct leaf *other_next(const uint8_t *base, uint32_t root,
    struct blob key);

/*
 * Put a key, or give it other data. @param root in, out.
 * @return OK, ERR_FULL.
 */
MUST_CHECK enum status other_put(struct region *region, uint32_t *root,
    struct blob key, uint32_t data);

/*
 * Take out a key that is there. @param root in, out: 0 when it was the last.
 * @return OK, ERR_FULL.
 */
MUST_CHECK enum status other_remove(struct region *region, uint32_t *root,
    struct blob key);

static inline struct blob
leaf_key(const struct leaf *leaf)
{
	return (struct blob){ .data = leaf->key, .len = leaf->len };
}

/* A fork the candidate made. */
bool fork_is_own(const struct region *region, const struct fork *fork);

#endif
