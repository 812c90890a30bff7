/*
 * PINs of numbers: making and checking verifiers. Argon2id (libsodium, 19 MiB,
 * 2 passes) over the PIN, which the group's pepper was mixed into first: who
 * steals the state alone cannot try PINs. Takes some 20 ms: never on a query
 * thread or the engine's. Layer 6; any thread.
 */
#ifndef SEC_PIN_H
#define SEC_PIN_H

#include "base/bytes.h"
#include "base/status.h"
#include "registry/pin.h"
#include "sec/seal.h"

enum {
	PIN_MEMORY_KIB = 19 * 1024,
	PIN_PASSES = 2,
	/* more than these a verifier from the state may not ask for */
	PIN_MEMORY_KIB_MAX = 256 * 1024,
	PIN_PASSES_MAX = 16,
};

/*
 * A verifier for a new PIN, with a fresh salt.
 * @return OK; ERR_FULL: no memory now.
 */
MUST_CHECK enum status pin_verifier_make(struct pin_record *out,
    struct blob pin, const struct group_secrets *secrets);

/*
 * Is this the PIN? In constant time. NULL for a number without one: takes as
 * long, and is wrong.
 * @return OK; ERR_FULL: no memory now; ERR_DAMAGED: a verifier that asks for
 * more than the limits above.
 */
MUST_CHECK enum status pin_verifier_check(bool *is_right,
    const struct pin_record *verifier, struct blob pin,
    const struct group_secrets *secrets);

#endif
