/*
 * How far two words are apart, to say what was probably meant. Layer 0; any
 * thread; no state.
 */
#ifndef BASE_SPELLING_H
#define BASE_SPELLING_H

#include <stddef.h>

enum { SPELLING_MAX = 64 }; /* bytes of a word; longer ones are far away */

/*
 * Levenshtein's distance, with a swap of neighbours as one step.
 * @param a, b not NUL-terminated.
 * @return the steps from one to the other; SPELLING_MAX when one is too long.
 */
unsigned spelling_distance(const char *a, size_t a_len, const char *b,
    size_t b_len);

#endif
