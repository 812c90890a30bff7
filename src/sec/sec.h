/*
 * Start of the crypto libraries, randomness, and secrets in memory.
 * Layer 6; any thread after sec_init.
 */
#ifndef SEC_SEC_H
#define SEC_SEC_H

#include "base/status.h"

#include <stddef.h>

/* Initialise libsodium. @return OK; ERR_UNSUPPORTED: end the program. */
MUST_CHECK enum status sec_init(void);

/* len random bytes for keys, ids and nonces. */
void sec_random(void *out, size_t len);

/* Overwrite a secret so that the compiler cannot leave it out. */
void sec_wipe(void *data, size_t len);

#endif
