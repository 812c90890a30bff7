/*
 * The judge's rules about PINs: wrong ones are counted before a right one
 * counts, verifiers belong to a number's holder and go with him. Layer 2; the
 * engine thread.
 */
#ifndef REGISTRY_PIN_RULE_H
#define REGISTRY_PIN_RULE_H

#include "registry/judging.h"

/*
 * Counters, then verdicts, one after the other. What was counted is kept in
 * judging->counted whatever becomes of the request.
 * @return as judging.h; a verdict for a verifier that is no more makes the
 * outcome JUDGED_STALE and is refused.
 */
MUST_CHECK enum status pin_rule_verdicts(struct judging *judging);

/* Whether the request showed the PIN of the number at this owner. Only after
 * pin_rule_verdicts. */
bool pin_rule_has_shown(const struct judging *judging, struct blob number);

/*
 * A change at _pin.N: a new verifier, or none. Prescanned.
 * @return as judging.h.
 */
MUST_CHECK enum status pin_rule_change(struct judging *judging, size_t at);

/*
 * After all changes: who has set a PIN holds the number. New PIN, new counts.
 * @return as judging.h.
 */
MUST_CHECK enum status pin_rule_check(struct judging *judging);

/*
 * The number has another holder: its PIN is void, and wrong ones are forgotten;
 * a PIN that this request sets stays.
 * @return as judging.h.
 */
MUST_CHECK enum status pin_rule_void(struct judging *judging,
    struct blob number);

/* The number is free: all its private data go. @return as judging.h. */
MUST_CHECK enum status pin_rule_forget(struct judging *judging,
    struct blob number);

#endif
