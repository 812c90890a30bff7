/*
 * HMAC (RFC 2104) over OpenSSL's hash functions. The two hash states that a
 * secret begins with, inner and outer, are made once; a MAC copies them. So it
 * costs two copies and the hashing: EVP_MAC_init with the same key takes a
 * third longer, EVP_MAC_CTX_dup three times as long (OpenSSL 3.0). Layer 6; any
 * thread.
 *
 * The count of holders is atomic, which is server/publish.c's business
 * elsewhere: an answer is signed by the thread that owns its socket, when the
 * table that the key came from may be gone, and copying the states to keep
 * them would cost more than the signature.
 */
#include "sec/mac.h"

#include "base/check.h"
#include "sec/sec.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_MAX = 128, /* bytes of a block of SHA-384 and SHA-512 */
	INNER_PAD = 0x36,
	OUTER_PAD = 0x5c,
};

struct mac_key {
	EVP_MD_CTX *inner; /* has taken the secret and the inner pad */
	EVP_MD_CTX *outer;
	atomic_uint holders;
};

static void
ensure_openssl(int rc, const char *what, int line)
{
	if (rc != 1) /* no memory: all else is fixed at compile time */
		check_fail("memory", what, __FILE__, line);
}

#define MUST(call) ensure_openssl((call), #call, __LINE__)

static const EVP_MD *
hash_of(enum mac_algorithm algorithm)
{
	switch (algorithm) {
	case MAC_SHA1:
		return EVP_sha1();
	case MAC_SHA224:
		return EVP_sha224();
	case MAC_SHA256:
		return EVP_sha256();
	case MAC_SHA384:
		return EVP_sha384();
	case MAC_SHA512:
		return EVP_sha512();
	}
	never("an algorithm of base/mac.def");
}

/* The state after a block: secret xor pad. */
static EVP_MD_CTX *
begin(const EVP_MD *hash, const uint8_t *block, uint8_t pad)
{
	uint8_t padded[BLOCK_MAX];
	size_t len = (size_t)EVP_MD_get_block_size(hash);
	EVP_MD_CTX *state = EVP_MD_CTX_new();

	if (state == NULL)
		check_fail("memory", "mac", __FILE__, __LINE__);
	for (size_t i = 0; i < len; i++)
		padded[i] = block[i] ^ pad;
	MUST(EVP_DigestInit_ex(state, hash, NULL));
	MUST(EVP_DigestUpdate(state, padded, len));
	sec_wipe(padded, sizeof padded);
	return state;
}

static struct mac_key *
mac_prepare(enum mac_algorithm algorithm, const uint8_t *secret, size_t len)
{
	/* fetched once here; copies of a state share it */
	EVP_MD *hash = EVP_MD_fetch(NULL,
	    EVP_MD_get0_name(hash_of(algorithm)), NULL);
	struct mac_key *key = calloc(1, sizeof *key);
	uint8_t block[BLOCK_MAX] = { 0 };

	if (key == NULL || hash == NULL)
		check_fail("memory", "mac", __FILE__, __LINE__);
	if (len > (size_t)EVP_MD_get_block_size(hash))
		MUST(EVP_Digest(secret, len, block, NULL, hash, NULL));
	else
		memcpy(block, secret, len);
	key->inner = begin(hash, block, INNER_PAD);
	key->outer = begin(hash, block, OUTER_PAD);
	atomic_init(&key->holders, 1);
	sec_wipe(block, sizeof block);
	EVP_MD_free(hash);
	return key;
}

static struct mac_key *
mac_hold(struct mac_key *key)
{
	atomic_fetch_add_explicit(&key->holders, 1, memory_order_relaxed);
	return key;
}

static void
mac_release(struct mac_key *key)
{
	if (key == NULL || atomic_fetch_sub_explicit(&key->holders, 1,
	    memory_order_acq_rel) > 1)
		return;
	EVP_MD_CTX_free(key->inner); /* these wipe themselves */
	EVP_MD_CTX_free(key->outer);
	free(key);
}

static size_t
mac_compute(const struct mac_key *key, uint8_t out[MAC_MAX],
    const struct blob *pieces, size_t n)
{
	EVP_MD_CTX *state = EVP_MD_CTX_new();
	unsigned len = 0;

	if (state == NULL)
		check_fail("memory", "mac", __FILE__, __LINE__);
	MUST(EVP_MD_CTX_copy_ex(state, key->inner));
	for (size_t i = 0; i < n; i++)
		MUST(EVP_DigestUpdate(state, pieces[i].data, pieces[i].len));
	MUST(EVP_DigestFinal_ex(state, out, &len));
	MUST(EVP_MD_CTX_copy_ex(state, key->outer));
	MUST(EVP_DigestUpdate(state, out, len));
	MUST(EVP_DigestFinal_ex(state, out, &len));
	EVP_MD_CTX_free(state);
	return len;
}

static bool
mac_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

const struct mac_ops mac_ops_openssl = {
	.prepare = mac_prepare,
	.hold = mac_hold,
	.release = mac_release,
	.compute = mac_compute,
	.equal = mac_equal,
};
