/*
 * BLAKE2b from libsodium as the pure layers take it. Layer 6; any thread.
 */
#ifndef SEC_HASH_H
#define SEC_HASH_H

#include "base/hash.h"

/* libsodium's functions; sec_init must have been called. */
extern const struct hash_ops hash_ops_sodium;

#endif
