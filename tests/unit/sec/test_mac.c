/*
 * sec/mac: HMAC from OpenSSL. Vectors of RFC 4231 and RFC 2202.
 */
#include "unit/unit.h"

#include "sec/mac.h"
#include "sec/sec.h"

#include <stdlib.h>

struct vector {
	enum mac_algorithm algorithm;
	size_t secret_len;
	const char *secret; /* one byte, repeated, unless text is set */
	const char *data;
	size_t data_len;  /* bytes of one byte repeated; 0: text */
	const char *want; /* hex */
};

static const char jefe[] = "Jefe";
static const char what[] = "what do ya want for nothing?";
static const char big[] =
    "Test Using Larger Than Block-Size Key - Hash Key First";
static const char bigger[] =
    "This is a test using a larger than block-size key and a larger than "
    "block-size data. The key needs to be hashed before being used by the "
    "HMAC algorithm.";

/* RFC 4231 4.2, 4.3, 4.4, 4.7, 4.8; RFC 2202 3 for SHA-1. */
static const struct vector vectors[] = {
	{ MAC_SHA1, 20, "\x0b", "Hi There", 0,
	    "b617318655057264e28bc0b6fb378c8ef146be00" },
	{ MAC_SHA1, 0, jefe, what, 0,
	    "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
	{ MAC_SHA1, 80, "\xaa", big, 0,
	    "aa4ae5e15272d00e95705637ce8a3b55ed402112" },
	{ MAC_SHA224, 20, "\x0b", "Hi There", 0,
	    "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22" },
	{ MAC_SHA256, 20, "\x0b", "Hi There", 0,
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ MAC_SHA384, 20, "\x0b", "Hi There", 0,
	    "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
	    "faea9ea9076ede7f4af152e8b2fa9cb6" },
	{ MAC_SHA512, 20, "\x0b", "Hi There", 0,
	    "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
	    "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },
	{ MAC_SHA224, 0, jefe, what, 0,
	    "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44" },
	{ MAC_SHA256, 0, jefe, what, 0,
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ MAC_SHA384, 0, jefe, what, 0,
	    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
	    "8e2240ca5e69e2c78b3239ecfab21649" },
	{ MAC_SHA512, 0, jefe, what, 0,
	    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
	    "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
	{ MAC_SHA256, 20, "\xaa", "\xdd", 50,
	    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
	{ MAC_SHA512, 20, "\xaa", "\xdd", 50,
	    "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
	    "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb" },
	{ MAC_SHA224, 131, "\xaa", big, 0,
	    "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e" },
	{ MAC_SHA256, 131, "\xaa", big, 0,
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
	{ MAC_SHA384, 131, "\xaa", big, 0,
	    "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
	    "0c2ef6ab4030fe8296248df163f44952" },
	{ MAC_SHA512, 131, "\xaa", big, 0,
	    "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
	    "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598" },
	{ MAC_SHA256, 131, "\xaa", bigger, 0,
	    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
	{ MAC_SHA512, 131, "\xaa", bigger, 0,
	    "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
	    "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58" },
};

enum { VECTORS = sizeof vectors / sizeof vectors[0] };

static void
to_hex(char *out, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", data[i]);
}

static struct mac_key *
key_of(const struct vector *v)
{
	uint8_t secret[200];
	size_t len = v->secret_len;

	if (len > 0)
		memset(secret, (uint8_t)v->secret[0], len);
	else {
		len = strlen(v->secret);
		memcpy(secret, v->secret, len);
	}
	return mac_ops_openssl.prepare(v->algorithm, secret, len);
}

/* RFC 4231, 2202; and the same again with the same key, in pieces. */
static void
mac_compute__vectors__known(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		const struct vector *v = &vectors[i];
		struct mac_key *key = key_of(v);
		uint8_t data[200];
		uint8_t mac[MAC_MAX];
		char hex[2 * MAC_MAX + 1];
		size_t len = v->data_len > 0 ? v->data_len : strlen(v->data);
		if (v->data_len > 0)
			memset(data, (uint8_t)v->data[0], len);
		else
			memcpy(data, v->data, len);
		for (size_t cut = 0; cut <= len; cut++) {
			const struct blob pieces[] = { { data, cut },
				{ NULL, 0 }, { data + cut, len - cut } };
			size_t n = mac_ops_openssl.compute(key, mac, pieces,
			    3);
			assert_int_equal(n, mac_len(v->algorithm));
			to_hex(hex, mac, n);
			assert_string_equal(hex, v->want);
		}
		mac_ops_openssl.release(key);
	}
}

/* A key lives until its last holder has released it. */
static void
mac_hold__released_once__still_works(void **state)
{
	struct mac_key *key = key_of(&vectors[4]);
	const struct blob data = { (const uint8_t *)"Hi There", 8 };
	uint8_t mac[MAC_MAX];
	char hex[2 * MAC_MAX + 1];

	(void)state;
	assert_ptr_equal(mac_ops_openssl.hold(key), key);
	mac_ops_openssl.release(key);
	size_t n = mac_ops_openssl.compute(key, mac, &data, 1);
	to_hex(hex, mac, n);
	assert_string_equal(hex, vectors[4].want);
	mac_ops_openssl.release(key);
	mac_ops_openssl.release(NULL);
}

/* RFC 8945 6: names in any case, whole. */
static void
mac_find__names__found(void **state)
{
	enum mac_algorithm found;

	(void)state;
	assert_true(mac_find(&found, "hmac-sha256", 11));
	assert_int_equal(found, MAC_SHA256);
	assert_true(mac_find(&found, "HMAC-Sha1", 9));
	assert_int_equal(found, MAC_SHA1);
	assert_false(mac_find(&found, "hmac-sha25", 10));
	assert_false(mac_find(&found, "hmac-sha2566", 12));
	assert_false(mac_find(&found, "", 0));
	assert_string_equal(mac_name(MAC_SHA384), "hmac-sha384");
	assert_null(mac_name((enum mac_algorithm)0));
	assert_int_equal(mac_len((enum mac_algorithm)99), 0);
}

static void
mac_equal__bytes__compared(void **state)
{
	static const uint8_t a[] = { 1, 2, 3 };
	static const uint8_t b[] = { 1, 2, 4 };

	(void)state;
	assert_true(mac_ops_openssl.equal(a, b, 2));
	assert_false(mac_ops_openssl.equal(a, b, 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mac_compute__vectors__known),
		cmocka_unit_test(mac_hold__released_once__still_works),
		cmocka_unit_test(mac_find__names__found),
		cmocka_unit_test(mac_equal__bytes__compared),
	};

	if (sec_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
