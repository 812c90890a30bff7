/*
 * registry/pin: verifiers and tries as bytes, pauses. DESIGN 6 "PIN".
 */
#include "unit/unit.h"

#include "registry/pin.h"
#include "registry/rrset.h"
#include "unit/blob.h"

#include <string.h>

static const struct pin_record sample = { .memory_kib = 19456, .passes = 2,
	.salt = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, .hash = { 11, 12 } };

/* 6 to 64 printable characters; a space is none. */
static void
pin_is_valid__lengths_and_characters__6_to_64(void **state)
{
	static const char longest[] = "1234567890123456789012345678901234567890"
	    "123456789012345678901234";

	(void)state;
	assert_true(pin_is_valid(BLOB("493821")));
	assert_true(pin_is_valid(BLOB("a!~#%&")));
	assert_false(pin_is_valid(BLOB("49382")));
	assert_false(pin_is_valid(BLOB("")));
	assert_false(pin_is_valid(BLOB("493 821")));
	assert_false(pin_is_valid(BLOB("49382\x7f")));
	assert_false(pin_is_valid(BLOB("49382\xc3\xa4")));
	assert_true(pin_is_valid((struct blob){ (const uint8_t *)longest,
	    64 }));
	assert_false(pin_is_valid((struct blob){ (const uint8_t *)longest,
	    65 }));
}

/* What is encoded reads back; one byte more, less, or of another layout is
 * refused; nothing means 0 of memory, passes or id. */
static void
pin_decode__foreign_bytes__checked(void **state)
{
	uint8_t bytes[PIN_RDATA_LEN + 1] = { 0 };
	struct pin_record pin;

	(void)state;
	pin_encode(bytes, &sample);
	assert_int_equal(pin_decode(&pin, (struct blob){ bytes,
	    PIN_RDATA_LEN }), OK);
	assert_memory_equal(pin.salt, sample.salt, sizeof pin.salt);
	assert_memory_equal(pin.hash, sample.hash, sizeof pin.hash);
	assert_int_equal(pin.memory_kib, 19456);
	assert_int_equal(pin.passes, 2);
	assert_true(pin_id(&pin) == UINT64_C(0x0102030405060708));
	for (size_t len = 0; len <= PIN_RDATA_LEN + 1; len++) {
		if (len != PIN_RDATA_LEN)
			assert_int_equal(pin_decode(&pin,
			    (struct blob){ bytes, len }), ERR_MALFORMED);
	}
	bytes[0] = 2;
	assert_int_equal(pin_decode(&pin, (struct blob){ bytes,
	    PIN_RDATA_LEN }), ERR_NEWER);
	bytes[0] = 1;
	memset(bytes + 9, 0, 8);
	assert_int_equal(pin_decode(&pin, (struct blob){ bytes,
	    PIN_RDATA_LEN }), ERR_MALFORMED);
}

static void
tries_decode__foreign_bytes__checked(void **state)
{
	const struct tries_record sample_tries = { .ocn = "15AB", .wrong = 7,
		.last_ms = UINT64_C(0x0102030405060708) };
	uint8_t bytes[TRIES_RDATA_LEN + 1] = { 0 };
	struct tries_record tries;

	(void)state;
	tries_encode(bytes, &sample_tries);
	assert_int_equal(tries_decode(&tries, (struct blob){ bytes,
	    TRIES_RDATA_LEN }), OK);
	assert_string_equal(tries.ocn, "15AB");
	assert_int_equal(tries.wrong, 7);
	assert_true(tries.last_ms == sample_tries.last_ms);
	for (size_t len = 0; len <= TRIES_RDATA_LEN + 1; len++) {
		if (len != TRIES_RDATA_LEN)
			assert_int_equal(tries_decode(&tries,
			    (struct blob){ bytes, len }), ERR_MALFORMED);
	}
	bytes[0] = 2;
	assert_int_equal(tries_decode(&tries, (struct blob){ bytes,
	    TRIES_RDATA_LEN }), ERR_NEWER);
}

/* Five cost nothing, then a minute, doubling, 24 hours at most. */
static void
tries_until_ms__more_and_more__doubles(void **state)
{
	static const uint64_t minutes[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256,
		512, 1024, 1440, 1440 };
	struct tries_record tries = { .ocn = "1510", .last_ms = 1000 };

	(void)state;
	for (tries.wrong = 0; tries.wrong <= TRIES_FREE; tries.wrong++)
		assert_true(tries_until_ms(&tries) == 0);
	for (size_t i = 0; i < sizeof minutes / sizeof minutes[0]; i++) {
		tries.wrong = (uint32_t)(TRIES_FREE + 1 + i);
		assert_true(tries_until_ms(&tries) ==
		    1000 + minutes[i] * 60000);
	}
	tries.wrong = UINT32_MAX;
	assert_true(tries_until_ms(&tries) == 1000 + UINT64_C(1440) * 60000);
}

/* Names of the longest number fit, and are private. */
static void
pin_owner__15_digits__fits(void **state)
{
	static const uint8_t digits[] = "\1" "1\1" "2\1" "3\1" "4\1" "5\1" "6"
	    "\1" "7\1" "8\1" "9\1" "0\1" "1\1" "2\1" "3\1" "4\1" "5";
	struct owner owner;

	(void)state;
	pin_owner(&owner, (struct blob){ digits, 30 });
	assert_int_equal(owner.len, 15 + 30);
	assert_true(owner_is_valid(owner_blob(&owner)));
	tries_owner(&owner, (struct blob){ digits, 30 });
	assert_int_equal(owner.len, 17 + 30);
	assert_true(owner_is_valid(owner_blob(&owner)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pin_is_valid__lengths_and_characters__6_to_64),
		cmocka_unit_test(pin_decode__foreign_bytes__checked),
		cmocka_unit_test(tries_decode__foreign_bytes__checked),
		cmocka_unit_test(tries_until_ms__more_and_more__doubles),
		cmocka_unit_test(pin_owner__15_digits__fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
