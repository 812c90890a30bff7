/*
 * net/address: addresses as people write them.
 */
#include "unit/unit.h"

#include "net/net.h"

/* Rule: what is read is written the same. */
static void
net_address_parse__good__formats_back(void **state)
{
	static const char *const texts[] = { "127.0.0.1@5300", "0.0.0.0@1",
		"::1@65535", "2001:db8::53@53", "::@53" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct net_address address;
		struct reason reason;
		char text[NET_ADDRESS_TEXT];
		assert_int_equal(net_address_parse(&address, texts[i], &reason),
		    OK);
		assert_string_equal(
		    net_address_format(text, sizeof text, &address), texts[i]);
	}
}

/* Rule: everything else is refused with a reason that quotes it. */
static void
net_address_parse__bad__reason(void **state)
{
	static const char *const texts[] = { "", "127.0.0.1", "127.0.0.1@",
		"127.0.0.1@0", "127.0.0.1@65536", "127.0.0.1@53x", "@53",
		"127.0.0.1@-1", "127.0.0.1@+1", "localhost@53", "127.0.0@53",
		"[::1]@53", "127.0.0.1@000053", "1@2@3",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb@1" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct net_address address = { .len = 77 };
		struct reason reason = { "" };
		assert_int_equal(net_address_parse(&address, texts[i], &reason),
		    ERR_MALFORMED);
		assert_int_equal(address.len, 77);
		assert_non_null(strstr(reason.text, texts[i]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(net_address_parse__good__formats_back),
		cmocka_unit_test(net_address_parse__bad__reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
