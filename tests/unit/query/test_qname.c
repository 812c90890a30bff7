/*
 * query/qname: names ready for look-up.
 */
#include "unit/unit.h"

#include "query/qname.h"

#include "unit/packet.h"

static struct dname apex;
static struct query_name name;

static bool
make(const char *text)
{
	struct packet p = { .len = 0 };

	packet_name(&p, text);
	return query_name_make(&name, p.bytes, p.len, &apex);
}

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(dname_parse(&apex, "e164.Example.", 13, NULL), OK);
	return 0;
}

/* Rule: labels turned around, lower case, the number at the front. */
static void
query_name_make__in_zone__owner_and_number(void **state)
{
	(void)state;
	assert_true(make("_SIP.a.3.2.1.E164.example."));
	assert_int_equal(name.qname.owner.len, 13);
	assert_memory_equal(name.qname.owner.data, "\1""1\1""2\1""3\1a\4_sip",
	    13);
	assert_int_equal(name.qname.n_labels, 5);
	assert_int_equal(name.qname.n_digits, 3);
	assert_true(name.qname.tn.packed == 0x3123000000000000u);
	assert_true(make("e164.example."));
	assert_int_equal(name.qname.owner.len, 0);
	assert_int_equal(name.qname.n_labels, 0);
	assert_int_equal(name.qname.n_digits, 0);
}

/* Rule: what does not end with the apex, label for label, is outside. */
static void
query_name_make__outside__false(void **state)
{
	static const char *const names[] = { ".", "example.", "164.example.",
		"xe164.example.", "e164.example.org.", "e165.example.",
		"1.e164.exampl." };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_false(make(names[i]));
	static const uint8_t hidden[] = "\16x\4e164\7example";
	assert_false(query_name_make(&name, hidden, sizeof hidden, &apex));
}

/* Rule: the same as dns/name and image give, one by one, for any name. */
static void
query_name_make__random_names__as_the_slow_way(void **state)
{
	static const char letters[] = "0123456789aZ*_";
	uint32_t random = 12345;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct packet p = { .len = 0 };
		random = random * 1103515245u + 12345u;
		unsigned n = (random >> 16) % 20;
		for (unsigned i = 0; i < n; i++) {
			random = random * 1103515245u + 12345u;
			unsigned len = (random >> 28) > 2 ? 1 : 1 + (random >>
			    16) % 9;
			packet_u8(&p, len);
			for (; len > 0; len--) {
				random = random * 1103515245u + 12345u;
				packet_u8(&p, (unsigned char)
				    letters[(random >> 16) % 14]);
			}
		}
		packet_name(&p, (random & 0x10000) != 0 ? "e164.example."
							: "E164.exAMPLE.");
		struct dname dname;
		struct owner owner;
		struct qname qname;
		size_t offset = 0;
		assert_int_equal(dname_read(&dname, p.bytes, p.len, &offset),
		    OK);
		assert_int_equal(owner_from_dname(&owner, &dname, &apex), OK);
		qname_make(&qname, owner_blob(&owner));
		assert_true(query_name_make(&name, p.bytes, p.len, &apex));
		assert_int_equal(name.qname.owner.len, owner.len);
		assert_memory_equal(name.qname.owner.data, owner.bytes,
		    owner.len);
		assert_int_equal(name.qname.n_labels, qname.n_labels);
		assert_int_equal(name.qname.n_digits, qname.n_digits);
		assert_true(name.qname.tn.packed == qname.tn.packed);
	}
}

/* Rule: w and what is below it, and no other name. */
static void
query_name_is_whois__names__w_alone(void **state)
{
	(void)state;
	assert_true(make("w.e164.example."));
	assert_true(query_name_is_whois(&name));
	assert_true(make("3.2.1.W.e164.example."));
	assert_true(query_name_is_whois(&name));
	assert_true(make("w.1.e164.example."));
	assert_false(query_name_is_whois(&name));
	assert_true(make("ww.e164.example."));
	assert_false(query_name_is_whois(&name));
	assert_true(make("e164.example."));
	assert_false(query_name_is_whois(&name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query_name_make__in_zone__owner_and_number),
		cmocka_unit_test(query_name_make__outside__false),
		cmocka_unit_test(query_name_make__random_names__as_the_slow_way),
		cmocka_unit_test(query_name_is_whois__names__w_alone),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
