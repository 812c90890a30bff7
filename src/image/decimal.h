/*
 * Decimal nodes: three digits of numbers a level. A node stands for a prefix
 * of 0, 3, 6, 9, 12 or 15 digits and has what is at the prefixes up to three
 * digits longer. Its places are in five groups:
 *
 *	group     keys                           what
 *	NEAR      0..9 one digit more, 10..109   data of the name
 *	STARS     the same, 110 the node itself  data of '*' below it
 *	OTHERS    the same                       trie of names with other
 *	                                         labels below it (other.h)
 *	FAR       0..999 three digits more       data of the name
 *	CHILDREN  the same                       node, never an empty one
 *
 *	head | group | group | ...               in this order, each of whole
 *	                                         8-byte units, empty: none
 *
 *	NEAR, STARS, OTHERS      2 words of bits, references by rank
 *	FAR, CHILDREN up to 16   keys ascending (16 bit), references
 *	         more            16 words of bits, 16 ranks (16 bit), references
 *
 * So 1,000 numbers of one prefix take 32 + 160 + 4,000 bytes, and whether
 * anything exists below one or two digits is a question to a few words.
 *
 * Layer 3; read by any thread, changed by the engine thread as long as the
 * node is the candidate's own.
 */
#ifndef IMAGE_DECIMAL_H
#define IMAGE_DECIMAL_H

#include "base/status.h"
#include "e164/tn.h"
#include "image/region.h"

#include <stdbool.h>
#include <stdint.h>

enum group {
	GROUP_NEAR,
	GROUP_STARS,
	GROUP_OTHERS,
	GROUP_FAR,
	GROUP_CHILDREN,
	GROUP_COUNT
};

enum {
	DECIMAL_SPAN = 3,   /* digits a level */
	DECIMAL_LEVELS = 6, /* nodes on the longest path */
	KEY_SELF = 110,     /* of the node itself, in STARS and OTHERS */
	SPARSE_MAX = 16,    /* entries of a group without bitmap */
	NEAR_WORDS = 2,
	FAR_WORDS = 16,
	RANK_WORDS = FAR_WORDS * 2 / 8, /* words that hold the ranks */
};

struct decimal {
	uint32_t generation_low;
	uint16_t generation_high;
	uint16_t count[GROUP_COUNT];
	uint16_t at[GROUP_COUNT]; /* words from the start of the node */
	uint16_t end;             /* words of the node */
	uint32_t cuts; /* delegations among its places and in its tries */
};

_Static_assert(sizeof(struct decimal) == 32, "layout");

/* Bits set; without the compiler's call where the CPU is not known. */
static inline unsigned
bits_count(uint64_t v)
{
	v -= (v >> 1) & 0x5555555555555555u;
	v = (v & 0x3333333333333333u) + ((v >> 2) & 0x3333333333333333u);
	v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (unsigned)((v * 0x0101010101010101u) >> 56);
}

/* Digits i, i+1, i+2 of a number as 0..999. */
static inline unsigned
tn_triple(struct tn tn, unsigned i)
{
	unsigned v = (unsigned)(tn.packed >> (48 - 4 * i)) & 0xfffu;

	return (v >> 8) * 100 + ((v >> 4) & 15u) * 10 + (v & 15u);
}

/*
 * Key of a place in NEAR, STARS, OTHERS.
 * @param used digits the node stands for. @param depth 0..2 digits more.
 */
static inline unsigned
near_key(struct tn tn, unsigned used, unsigned depth)
{
	if (depth == 0)
		return KEY_SELF;
	if (depth == 1)
		return tn_digit(tn, used);
	return 10 + tn_digit(tn, used) * 10 + tn_digit(tn, used + 1);
}

/* The reference at a place; 0: none. */
static inline uint32_t
decimal_get(const struct decimal *node, enum group group, unsigned key)
{
	unsigned count = node->count[group];

	if (count == 0)
		return 0;
	const uint64_t *words =
	    (const uint64_t *)(const void *)node + node->at[group];
	uint64_t bit = (uint64_t)1 << (key & 63u);
	unsigned word = key >> 6;
	if (group < GROUP_FAR) {
		if ((words[word] & bit) == 0)
			return 0;
		unsigned rank = bits_count(words[word] & (bit - 1));
		if (word > 0)
			rank += bits_count(words[0]);
		return ((const uint32_t *)(words + NEAR_WORDS))[rank];
	}
	if (count <= SPARSE_MAX) {
		const uint16_t *keys = (const uint16_t *)words;
		for (unsigned i = 0; i < count; i++)
			if (keys[i] == key)
				return ((const uint32_t *)(words +
				    (count + 3) / 4))[i];
		return 0;
	}
	if ((words[word] & bit) == 0)
		return 0;
	const uint16_t *ranks = (const uint16_t *)(words + FAR_WORDS);
	unsigned rank = ranks[word] + bits_count(words[word] & (bit - 1));
	return ((const uint32_t *)(words + FAR_WORDS + RANK_WORDS))[rank];
}

/*
 * Does the prefix exist, itself or by something below it?
 * @param digits the 1..3 digits behind the node's own, as 0..9, 0..99, 0..999.
 * @param depth 1..3.
 */
bool decimal_exists(const struct decimal *node, unsigned depth,
    unsigned digits);

/* Nothing in any group. */
bool decimal_is_empty(const struct decimal *node);

/* The candidate made it: it may be changed in place. */
bool decimal_is_own(const struct region *region, const struct decimal *node);

/* A new empty node. @return 0 when the region is full. */
uint32_t decimal_create(struct region *region);

/*
 * The candidate's own copy of a node; the old one is retired.
 * @return 0 when the region is full.
 */
uint32_t decimal_copy(struct region *region, uint32_t ref);

/* Retire or free a node that is no longer shown; not what it refers to. */
void decimal_drop(struct region *region, uint32_t ref);

/*
 * Set a place of an own node. The node may move.
 * @param ref in, out: the node. @param value not 0.
 * @return OK, ERR_FULL.
 */
MUST_CHECK enum status decimal_put(struct region *region, uint32_t *ref,
    enum group group, unsigned key, uint32_t value);

/* Clear a place of an own node that is set. The node may move. */
MUST_CHECK enum status decimal_remove(struct region *region, uint32_t *ref,
    enum group group, unsigned key);

/* The entries of a group in ascending key order, for image_check.
 * @param i 0.. in: which; @return false behind the last. */
bool decimal_entry(const struct decimal *node, enum group group, unsigned i,
    unsigned *key, uint32_t *value);

/* Bitmaps, ranks and offsets agree with the counts. */
bool decimal_is_sound(const struct decimal *node);

#endif
