/*
 * BLAKE2b-256 (RFC 7693) from libsodium. Layer 6; any thread.
 */
#include "sec/hash.h"

#include "base/check.h"

#include <sodium.h>

static void
hash_blake2b(struct hash *out, const void *data, size_t len)
{
	ensure(crypto_generichash(out->bytes, HASH_LEN, data, len, NULL, 0) ==
	    0);
}

const struct hash_ops hash_ops_sodium = { .blake2b = hash_blake2b };
