/*
 * Argon2id by libsodium. Layer 6; any thread.
 */
#include "sec/pin.h"

#include "base/check.h"
#include "sec/sec.h"

#include <sodium.h>
#include <string.h>

_Static_assert(PIN_SALT_LEN == crypto_pwhash_SALTBYTES, "as libsodium's");
_Static_assert((int)PIN_HASH_LEN >= (int)crypto_pwhash_BYTES_MIN, "room");

enum { MIXED_LEN = 32 };

static enum status
hash(uint8_t out[PIN_HASH_LEN], const struct pin_record *verifier,
    struct blob pin, const struct group_secrets *secrets)
{
	uint8_t mixed[MIXED_LEN];

	ensure(crypto_generichash(mixed, sizeof mixed, pin.data, pin.len,
	    secrets->pepper, sizeof secrets->pepper) == 0);
	int error = crypto_pwhash(out, PIN_HASH_LEN, (const char *)mixed,
	    sizeof mixed, verifier->salt, verifier->passes,
	    (size_t)verifier->memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13);
	sec_wipe(mixed, sizeof mixed);
	return error == 0 ? OK : ERR_FULL;
}

enum status
pin_verifier_make(struct pin_record *out, struct blob pin,
    const struct group_secrets *secrets)
{
	struct pin_record verifier = { .memory_kib = PIN_MEMORY_KIB,
		.passes = PIN_PASSES };

	do
		sec_random(verifier.salt, sizeof verifier.salt);
	while (pin_id(&verifier) == 0);
	enum status status = hash(verifier.hash, &verifier, pin, secrets);
	if (status == OK)
		*out = verifier;
	return status;
}

enum status
pin_verifier_check(bool *is_right, const struct pin_record *verifier,
    struct blob pin, const struct group_secrets *secrets)
{
	static const struct pin_record nobodys = {
		.memory_kib = PIN_MEMORY_KIB, .passes = PIN_PASSES };
	const struct pin_record *against =
	    verifier != NULL ? verifier : &nobodys;
	uint8_t got[PIN_HASH_LEN];

	if (against->memory_kib > PIN_MEMORY_KIB_MAX ||
	    against->passes > PIN_PASSES_MAX)
		return ERR_DAMAGED;
	enum status status = hash(got, against, pin, secrets);
	if (status != OK)
		return status;
	bool is_same = sodium_memcmp(got, against->hash, sizeof got) == 0;
	sec_wipe(got, sizeof got);
	*is_right = is_same && verifier != NULL;
	return OK;
}
