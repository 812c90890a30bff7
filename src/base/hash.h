/*
 * Hash functions as the pure layers see them: a struct of functions that the
 * program fills from libsodium (sec/hash.h) and a test may replace. Layer 0.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_LEN = 32 }; /* bytes of a BLAKE2b-256 hash */

struct hash {
	uint8_t bytes[HASH_LEN];
};

struct hash_ops {
	/*
	 * BLAKE2b-256 (RFC 7693), unkeyed, of len bytes at data.
	 * @param out HASH_LEN bytes. Thread: any.
	 */
	void (*blake2b)(struct hash *out, const void *data, size_t len);
};

#endif
