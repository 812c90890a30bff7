/*
 * POSIX extended regular expressions (IEEE 1003.1, 9.4) for NAPTR rules, small
 * and bounded: no memory but the caller's, and a match takes at most
 * instructions times characters steps whatever the pattern, because all its
 * ways are followed side by side (Thompson 1968, Pike). Leftmost, then longest;
 * groups as the first way of that length set them. Bytes are ASCII.
 *
 * Refused, because readers differ or the standard leaves it open: empty
 * alternatives and groups, a repetition of nothing or of a repetition, escapes
 * of ordinary characters, back references in a pattern, collating symbols.
 * Layer 2; any thread.
 */
#ifndef REGISTRY_ERE_H
#define REGISTRY_ERE_H

#include "base/bytes.h"
#include "base/reason.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	ERE_GROUPS = 10,      /* the match itself and \1 to \9 */
	ERE_PROGRAM_MAX = 128, /* instructions */
	ERE_SETS_MAX = 8,     /* bracket expressions */
	ERE_REPEAT_MAX = 64,  /* highest number in {m,n} */
	ERE_SUBJECT_MAX = 64, /* bytes that are matched against */
	ERE_UNSET = 0xff,     /* a group that took no part */
};

struct ere_step {
	uint8_t op;
	uint8_t arg;   /* byte, set or slot */
	int16_t first; /* jumps: where to, relative; the preferred way */
	int16_t second;
};

struct ere_set {
	uint32_t bits[8]; /* one for each byte value */
};

/* A compiled pattern. */
struct ere {
	uint16_t n;
	uint8_t n_sets;
	uint8_t n_groups; /* parenthesised ones, 0..9 counted */
	struct ere_step steps[ERE_PROGRAM_MAX];
	struct ere_set sets[ERE_SETS_MAX];
};

/* Offsets into the subject: [2g] begin, [2g + 1] end of group g. */
struct ere_match {
	uint8_t at[2 * ERE_GROUPS];
};

/*
 * Compile. @return OK; ERR_MALFORMED, ERR_UNSUPPORTED (more than 9 groups, or
 * what this header refuses), ERR_TOO_LONG; with reason.
 */
MUST_CHECK enum status ere_compile(struct ere *out, struct blob pattern,
    struct reason *reason);

/*
 * Find the leftmost longest match.
 * @param subject at most ERE_SUBJECT_MAX bytes. @return false: none.
 */
bool ere_search(struct ere_match *out, const struct ere *ere,
    struct blob subject);

#endif
