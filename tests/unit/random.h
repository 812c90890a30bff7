/*
 * Numbers that look random and are the same in every run: xorshift64*.
 */
#ifndef UNIT_RANDOM_H
#define UNIT_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state; /* not 0 */
};

static inline struct random
random_make(uint64_t seed)
{
	return (struct random){ seed * UINT64_C(0x9e3779b97f4a7c15) | 1 };
}

/* 0 .. limit - 1. */
static inline uint32_t
random_below(struct random *random, uint32_t limit)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	uint64_t v = random->state * UINT64_C(0x2545f4914f6cdd1d);
	return (uint32_t)((v >> 32) % limit);
}

#endif
