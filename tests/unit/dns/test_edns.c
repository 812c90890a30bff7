/*
 * dns/edns and dns/rcode.
 */
#include "unit/unit.h"

#include "dns/edns.h"
#include "dns/rcode.h"

/* RFC 6891 6.2.3: values lower than 512 MUST be treated as 512. */
static void
edns_read__small_size__512(void **state)
{
	struct edns edns = { 0 };
	struct blob none = { .len = 0 };

	(void)state;
	assert_int_equal(edns_read(&edns, 0, 0, none), OK);
	assert_int_equal(edns.udp_size, 512);
	assert_int_equal(edns_read(&edns, 511, 0, none), OK);
	assert_int_equal(edns.udp_size, 512);
	assert_int_equal(edns_read(&edns, 4096, 0x00018000, none), OK);
	assert_int_equal(edns.udp_size, 4096);
	assert_int_equal(edns.version, 1);
	assert_int_equal(edns.flags, EDNS_FLAG_DO);
}

/* RFC 6891 6.1.2: unknown options MUST be ignored; their lengths count. */
static void
edns_read__options__lengths_checked(void **state)
{
	static const uint8_t two[] = "\xff\xfe\0\2ab\0\3\0";
	struct edns edns = { 0 };

	(void)state;
	struct blob good = { .data = two, .len = 6 };
	assert_int_equal(edns_read(&edns, 1232, 0, good), OK);
	good.len = 10;
	assert_int_equal(edns_read(&edns, 1232, 0, good), OK);
	for (size_t len = 1; len < 10; len++) {
		struct blob cut = { .data = two, .len = len };
		enum status expected = len == 6 ? OK : ERR_MALFORMED;
		edns.is_present = false;
		assert_int_equal(edns_read(&edns, 1232, 0, cut), expected);
		assert_true(edns.is_present);
	}
}

/* RFC 6891 6.1.3, RFC 3225 3, RFC 8914 2: the bytes of our OPT. */
static void
edns_write__badvers_and_error__bytes(void **state)
{
	struct edns query = { .is_present = true, .flags = 0xffff };
	uint8_t out[EDNS_LEN + EDNS_ERROR_LEN];

	(void)state;
	struct writer w = writer_make(out, sizeof out);
	edns_write(&w, &query, RCODE_BADVERS, EDNS_ERROR_NONE,
	    (struct blob){ 0 });
	assert_int_equal(writer_len(&w), EDNS_LEN);
	assert_memory_equal(out, "\0\0\51\4\320\1\0\200\0\0\0", EDNS_LEN);
	w = writer_make(out, sizeof out);
	edns_write(&w, &query, RCODE_REFUSED, EDNS_ERROR_PROHIBITED,
	    (struct blob){ 0 });
	assert_false(w.bad);
	assert_memory_equal(out,
	    "\0\0\51\4\320\0\0\200\0\0\6\0\17\0\2\0\22", sizeof out);
}

/* Rule: names of codes come from the one table. */
static void
rcode_mnemonic__known_and_unknown__name_or_null(void **state)
{
	(void)state;
	assert_string_equal(rcode_mnemonic(RCODE_NXDOMAIN), "NXDOMAIN");
	assert_string_equal(rcode_mnemonic(16), "BADVERS");
	assert_null(rcode_mnemonic(4095));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edns_read__small_size__512),
		cmocka_unit_test(edns_read__options__lengths_checked),
		cmocka_unit_test(edns_write__badvers_and_error__bytes),
		cmocka_unit_test(
		    rcode_mnemonic__known_and_unknown__name_or_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
