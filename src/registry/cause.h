/*
 * Causes of refusal, one table (registry/cause.def). The number is in receipts
 * on disk: new causes go at the end of the table. Layer 2; any thread.
 */
#ifndef REGISTRY_CAUSE_H
#define REGISTRY_CAUSE_H

#include <stdint.h>

enum cause {
#define CAUSE(code, id, rcode, text, meaning, action) CAUSE_##code,
#include "registry/cause.def"
#undef CAUSE
	CAUSE_COUNT
};

/* The RCODE that goes with a cause. */
uint16_t cause_rcode(enum cause cause);

/* Words for people; a static string, also for numbers that are no cause. */
const char *cause_text(enum cause cause);

/* Stable id, "not-authorised", for logs and `e164ctl explain`. */
const char *cause_id(enum cause cause);

#endif
