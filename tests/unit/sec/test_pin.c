/*
 * sec/pin: verifiers of PINs. DESIGN 6 "PIN": Argon2id, 19 MiB, 2 passes, with
 * the group's pepper.
 */
#include "unit/unit.h"

#include "sec/key_file.h"
#include "sec/pin.h"
#include "sec/sec.h"
#include "unit/blob.h"

#include <string.h>

static struct group_secrets secrets;

static int
setup(void **state)
{
	(void)state;
	secrets_generate(&secrets);
	return 0;
}

static bool
check(const struct pin_record *verifier, struct blob pin,
    const struct group_secrets *by)
{
	bool is_right = true;

	assert_int_equal(pin_verifier_check(&is_right, verifier, pin, by), OK);
	return is_right;
}

/* The PIN is right, no other is; not under another pepper; each verifier has
 * its own salt. */
static void
pin_verifier_check__right_and_wrong(void **state)
{
	struct group_secrets other = secrets;
	struct pin_record verifier;
	struct pin_record again;

	(void)state;
	assert_int_equal(pin_verifier_make(&verifier, BLOB("493821"),
	    &secrets), OK);
	assert_int_equal(verifier.memory_kib, 19456);
	assert_int_equal(verifier.passes, 2);
	assert_true(check(&verifier, BLOB("493821"), &secrets));
	assert_false(check(&verifier, BLOB("493822"), &secrets));
	assert_false(check(&verifier, BLOB("49382"), &secrets));
	other.pepper[0] ^= 1;
	assert_false(check(&verifier, BLOB("493821"), &other));
	assert_int_equal(pin_verifier_make(&again, BLOB("493821"), &secrets),
	    OK);
	assert_memory_not_equal(again.salt, verifier.salt, PIN_SALT_LEN);
	assert_memory_not_equal(again.hash, verifier.hash, PIN_HASH_LEN);
}

/* A number without a PIN: every one is wrong. */
static void
pin_verifier_check__no_verifier__wrong(void **state)
{
	(void)state;
	assert_false(check(NULL, BLOB("493821"), &secrets));
}

/* A verifier that asks for more than we give is damage, not work. */
static void
pin_verifier_check__too_costly__damaged(void **state)
{
	struct pin_record verifier = { .memory_kib = PIN_MEMORY_KIB_MAX + 1,
		.passes = 1, .salt = { 1 } };
	bool is_right = false;

	(void)state;
	assert_int_equal(pin_verifier_check(&is_right, &verifier,
	    BLOB("493821"), &secrets), ERR_DAMAGED);
	verifier.memory_kib = 1024;
	verifier.passes = PIN_PASSES_MAX + 1;
	assert_int_equal(pin_verifier_check(&is_right, &verifier,
	    BLOB("493821"), &secrets), ERR_DAMAGED);
	assert_false(is_right);
}

static enum status
parse(struct key_file *file, const char *text)
{
	return key_secret_parse(file, text, strlen(text));
}

/* "algorithm:base64", 16 to 64 bytes. */
static void
key_secret_parse__forms(void **state)
{
	struct key_file file;

	(void)state;
	assert_int_equal(parse(&file,
	    "hmac-sha512:MDEyMzQ1Njc4OTAxMjM0NQ=="), OK);
	assert_int_equal(file.algorithm, MAC_SHA512);
	assert_int_equal(file.len, 16);
	assert_memory_equal(file.secret, "0123456789012345", 16);
	assert_int_equal(parse(&file, "hmac-sha512:MDEyMzQ1Njc4OTAxMjM0"),
	    ERR_MALFORMED);
	assert_int_equal(parse(&file, "hmac-sha512"), ERR_MALFORMED);
	assert_int_equal(parse(&file, ""), ERR_MALFORMED);
	assert_int_equal(parse(&file, "hmac-sha512:***"), ERR_MALFORMED);
	assert_int_equal(parse(&file,
	    "hmac-rot13:MDEyMzQ1Njc4OTAxMjM0NQ=="), ERR_UNSUPPORTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pin_verifier_check__right_and_wrong),
		cmocka_unit_test(pin_verifier_check__no_verifier__wrong),
		cmocka_unit_test(pin_verifier_check__too_costly__damaged),
		cmocka_unit_test(key_secret_parse__forms),
	};
	if (sec_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, setup, NULL);
}
