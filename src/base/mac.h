/*
 * Message authentication (HMAC, RFC 2104) as the pure layers see it: a struct
 * of functions that the program fills from OpenSSL (sec/mac.h). What a secret
 * needs before its first use is done once, in a mac_key. Layer 0.
 */
#ifndef BASE_MAC_H
#define BASE_MAC_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mac_algorithm {
#define MAC(code, number, len, name) MAC_##code = (number),
#include "base/mac.def"
#undef MAC
};

enum { MAC_MAX = 64 }; /* bytes of the longest MAC */

/* A secret made ready. Does not change, so any number of threads may use one
 * at the same time. Holders are counted. */
struct mac_key;

struct mac_ops {
	/*
	 * Make a secret ready; the secret itself is not kept.
	 * @param algorithm one of the table. @param secret len bytes, 1..1024.
	 * @return held once, to be released. Thread: any.
	 */
	struct mac_key *(*prepare)(enum mac_algorithm algorithm,
	    const uint8_t *secret, size_t len);
	/* One more holder. @return key. Thread: any. */
	struct mac_key *(*hold)(struct mac_key *key);
	/* One holder less; after the last nothing of it is left in memory.
	 * NULL is allowed. Thread: any. */
	void (*release)(struct mac_key *key);
	/*
	 * MAC over n pieces, one after the other.
	 * @param out MAC_MAX bytes. @return bytes of the MAC, in full.
	 * Thread: any.
	 */
	size_t (*compute)(const struct mac_key *key, uint8_t out[MAC_MAX],
	    const struct blob *pieces, size_t n);
	/* Equal, found out in a time that does not depend on the bytes. */
	bool (*equal)(const uint8_t *a, const uint8_t *b, size_t len);
};

/* Bytes of a MAC in full; 0: no such algorithm. */
size_t mac_len(enum mac_algorithm algorithm);

/* "hmac-sha256"; NULL: no such algorithm. */
const char *mac_name(enum mac_algorithm algorithm);

/*
 * The algorithm of a name.
 * @param name len bytes in any case, without a last dot.
 * @return false: none of the table.
 */
bool mac_find(enum mac_algorithm *out, const char *name, size_t len);

#endif
