/*
 * HMAC (RFC 2104) of OpenSSL. A secret is taken in once; every MAC goes on from
 * a copy of that state, so that any number of threads may use a key at the
 * same time. Layer 6; any thread.
 *
 * The count of holders is atomic, which is server/publish.c's business
 * elsewhere: an answer is signed by the thread that owns its socket, when the
 * table that the key came from may be gone.
 */
#include "sec/mac.h"

#include "base/check.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdatomic.h>
#include <stdlib.h>

struct mac_key {
	EVP_MAC_CTX *ready; /* has taken the secret; only ever copied */
	atomic_uint holders;
};

static void
ensure_openssl(int rc, const char *what, int line)
{
	if (rc != 1) /* no memory: all else is fixed at compile time */
		check_fail("memory", what, __FILE__, line);
}

#define MUST(call) ensure_openssl((call), #call, __LINE__)

static const char *
hash_of(enum mac_algorithm algorithm)
{
	switch (algorithm) {
	case MAC_SHA1:
		return "SHA1";
	case MAC_SHA224:
		return "SHA2-224";
	case MAC_SHA256:
		return "SHA2-256";
	case MAC_SHA384:
		return "SHA2-384";
	case MAC_SHA512:
		return "SHA2-512";
	}
	never("an algorithm of base/mac.def");
}

static struct mac_key *
mac_prepare(enum mac_algorithm algorithm, const uint8_t *secret, size_t len)
{
	OSSL_PARAM params[] = {
		/* not written to, whatever its type says */
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
		    (char *)(uintptr_t)hash_of(algorithm), 0),
		OSSL_PARAM_construct_end(),
	};
	struct mac_key *key = calloc(1, sizeof *key);
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	MUST(key != NULL && hmac != NULL);
	key->ready = EVP_MAC_CTX_new(hmac);
	MUST(key->ready != NULL);
	MUST(EVP_MAC_init(key->ready, secret, len, params));
	EVP_MAC_free(hmac); /* the state keeps it */
	atomic_init(&key->holders, 1);
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
	EVP_MAC_CTX_free(key->ready); /* wipes the secret */
	free(key);
}

static size_t
mac_compute(const struct mac_key *key, uint8_t out[MAC_MAX],
    const struct blob *pieces, size_t n)
{
	EVP_MAC_CTX *state = EVP_MAC_CTX_dup(key->ready);
	size_t len = 0;

	MUST(state != NULL);
	for (size_t i = 0; i < n; i++)
		MUST(EVP_MAC_update(state, pieces[i].data, pieces[i].len));
	MUST(EVP_MAC_final(state, out, &len, MAC_MAX));
	EVP_MAC_CTX_free(state);
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
