/*
 * image/find, read: look-up as the RFCs have it, and records byte for byte.
 */
#include "zone.h"

#include <stdlib.h>

enum { CAP = 1024 * 1024 };

struct fixture {
	struct arena arena;
	void *region;
	struct image *image;
	struct zone zone;
};

static struct fixture
start(void)
{
	struct fixture f = { 0 };

	arena_init(&f.arena);
	zone_init(&f.zone);
	f.region = calloc(1, CAP);
	assert_non_null(f.region);
	assert_int_equal(image_create(&f.image, f.region, CAP), OK);
	image_begin(f.image);
	return f;
}

static void
stop(struct fixture *f)
{
	assert_sound(f->image, image_current(f->image));
	image_destroy(f->image);
	zone_fini(&f->zone);
	free(f->region);
	arena_fini(&f->arena);
}

static void
put(struct fixture *f, const char *name, const struct record *records, size_t n)
{
	struct owner owner = owner_of(name);
	struct node node = node_of(&f->arena, records, n);

	zone_put(&f->zone, owner_blob(&owner), &node);
	assert_int_equal(image_load(f->image, owner_blob(&owner), &node), OK);
}

static void
put_txt(struct fixture *f, const char *name)
{
	struct record record = record_txt(&f->arena, name);

	put(f, name, &record, 1);
}

static void
put_ns(struct fixture *f, const char *name)
{
	struct record record = record_name(
	    &f->arena, TYPE_NS, "ns.example.com.");

	put(f, name, &record, 1);
}

static void
publish(struct fixture *f)
{
	f->zone.slot = 1;
	f->zone.serial = 2026;
	image_commit(f->image, 1, 2026);
	assert_shows(image_current(f->image), &f->zone);
}

static enum image_match_kind
find(struct fixture *f, const char *name, struct image_match *match)
{
	struct owner owner = owner_of(name);
	struct qname qname;

	qname_make(&qname, owner_blob(&owner));
	image_find(image_current(f->image), &qname, match);
	assert_finds(image_current(f->image), &f->zone, owner_blob(&owner));
	return match->kind;
}

#define assert_found(f, name, want_kind, want_labels)                          \
	do {                                                                   \
		struct image_match match_;                                     \
		assert_int_equal(find(f, name, &match_), want_kind);           \
		assert_int_equal(match_.encloser_labels, want_labels);         \
	} while (0)

/* V5: RFC 4592 2.2.1: the example zone and what it says of each query. */
static void
image_find__rfc4592_example__as_written(void **state)
{
	struct fixture f = start();
	struct record apex[] = { record_soa(&f.arena),
		record_name(&f.arena, TYPE_NS, "ns.example.com.") };
	struct record host = record_a(&f.arena, 0xc0000201);

	(void)state;
	put(&f, "", apex, 2);
	put_txt(&f, "*");
	put_txt(&f, "sub.*");
	put(&f, "host1", &host, 1);
	put_txt(&f, "_ssh._tcp.host1");
	put_txt(&f, "_ssh._tcp.host2");
	put_ns(&f, "subdel");
	publish(&f);
	assert_found(&f, "host3", MATCH_WILDCARD, 0);
	assert_found(&f, "foo.bar", MATCH_WILDCARD, 0);
	assert_found(&f, "host1", MATCH_EXACT, 1);
	assert_found(&f, "sub.*", MATCH_EXACT, 2);
	assert_found(&f, "_telnet._tcp.host1", MATCH_NONE, 2);
	assert_found(&f, "host.subdel", MATCH_CUT, 1);
	assert_found(&f, "subdel", MATCH_CUT, 1);
	assert_found(&f, "ghost.*", MATCH_NONE, 1);
	assert_found(&f, "*", MATCH_EXACT, 1);
	assert_found(&f, "_tcp.host2", MATCH_EMPTY, 2);
	assert_found(&f, "", MATCH_EXACT, 0);
	stop(&f);
}

/* V5: RFC 4592 2.2.1 in numbers: the same names as digits. */
static void
image_find__rfc4592_in_numbers__same(void **state)
{
	struct fixture f = start();

	(void)state;
	put_txt(&f, "*.3.2.1");
	put_txt(&f, "sub.*.3.2.1");
	put_txt(&f, "5.3.2.1");
	put_txt(&f, "8.7.5.3.2.1");
	put_txt(&f, "8.7.6.3.2.1");
	put_ns(&f, "9.3.2.1");
	publish(&f);
	assert_found(&f, "4.3.2.1", MATCH_WILDCARD, 3);
	assert_found(&f, "0.0.4.3.2.1", MATCH_WILDCARD, 3);
	assert_found(&f, "5.3.2.1", MATCH_EXACT, 4);
	assert_found(&f, "sub.*.3.2.1", MATCH_EXACT, 5);
	assert_found(&f, "9.7.5.3.2.1", MATCH_NONE, 5);
	assert_found(&f, "1.9.3.2.1", MATCH_CUT, 4);
	assert_found(&f, "9.3.2.1", MATCH_CUT, 4);
	assert_found(&f, "ghost.*.3.2.1", MATCH_NONE, 4);
	assert_found(&f, "*.3.2.1", MATCH_EXACT, 4);
	assert_found(&f, "7.6.3.2.1", MATCH_EMPTY, 5);
	assert_found(&f, "2.1", MATCH_EMPTY, 2);
	assert_found(&f, "", MATCH_EMPTY, 0);
	assert_found(&f, "2", MATCH_NONE, 0);
	stop(&f);
}

/* RFC 4592 3.3.1: an existing name blocks the wildcard beside it, with or
 * without records, at every depth within a node. */
static void
image_find__wildcard_beside_names__blocked(void **state)
{
	static const char *const DEEP[] = { "4.3.2.1", "5.4.3.2.1",
		"6.5.4.3.2.1", "7.6.5.4.3.2.1" };

	(void)state;
	for (size_t i = 0; i < sizeof DEEP / sizeof *DEEP; i++) {
		struct fixture f = start();
		put_txt(&f, "*.1");
		put_txt(&f, DEEP[i]);
		publish(&f);
		assert_found(&f, "9.1", MATCH_WILDCARD, 1);
		assert_found(&f, "9.9.9.9.1", MATCH_WILDCARD, 1);
		assert_found(&f, "host.9.1", MATCH_WILDCARD, 1);
		assert_found(&f, "2.1", MATCH_EMPTY, 2);
		assert_found(&f, "9.2.1", MATCH_NONE, 2);
		assert_found(&f, "9.3.2.1", MATCH_NONE, 3);
		assert_found(&f, "host.3.2.1", MATCH_NONE, 3);
		struct owner below = owner_of(DEEP[i]);
		assert_int_equal(owner_push(&below, "0", 1), OK);
		assert_finds(
		    image_current(f.image), &f.zone, owner_blob(&below));
		stop(&f);
	}
}

/* RFC 4592 4.8: a '*' without records, but with names below, gives NODATA. */
static void
image_find__empty_wildcard__nodata(void **state)
{
	struct fixture f = start();

	(void)state;
	put_txt(&f, "a.*.2.1");
	put_txt(&f, "a.*.host");
	publish(&f);
	assert_found(&f, "3.2.1", MATCH_EMPTY, 2);
	assert_found(&f, "*.2.1", MATCH_EMPTY, 3);
	assert_found(&f, "x.host", MATCH_EMPTY, 1);
	assert_found(&f, "b.*.host", MATCH_NONE, 2);
	stop(&f);
}

/* RFC 1034 4.3.2 3b: the cut nearest to the apex wins, NS at the apex or at a
 * '*' is none, and glue below a cut is still to be had. */
static void
image_find__cuts__nearest_to_apex(void **state)
{
	struct fixture f = start();
	struct record ns = record_name(&f.arena, TYPE_NS, "ns.1.example.");
	struct record glue = record_a(&f.arena, 0x7f000001);

	(void)state;
	put(&f, "", &ns, 1);
	put_ns(&f, "3.2.1");
	put_ns(&f, "5.4.3.2.1");
	put_ns(&f, "7.6.5");
	put_ns(&f, "w");
	put_ns(&f, "b.a.w");
	put_ns(&f, "*.8");
	put_ns(&f, "*.x");
	put(&f, "ns.3.2.1", &glue, 1);
	put(&f, "9.3.2.1", &glue, 1);
	put_txt(&f, "2.1");
	put_txt(&f, "*.w");
	publish(&f);
	assert_found(&f, "2.1", MATCH_EXACT, 2);
	assert_found(&f, "3.2.1", MATCH_CUT, 3);
	assert_found(&f, "5.4.3.2.1", MATCH_CUT, 3);
	assert_found(&f, "ns.3.2.1", MATCH_CUT, 3);
	assert_found(&f, "9.3.2.1", MATCH_CUT, 3);
	assert_found(&f, "0.9.8.7.6.5", MATCH_CUT, 3);
	assert_found(&f, "x.y.z.7.6.5", MATCH_CUT, 3);
	assert_found(&f, "b.a.w", MATCH_CUT, 1);
	assert_found(&f, "w", MATCH_CUT, 1);
	assert_found(&f, "1.8", MATCH_WILDCARD, 1);
	assert_found(&f, "*.x", MATCH_EXACT, 2);
	assert_found(&f, "y.*.x", MATCH_NONE, 2);
	stop(&f);
}

/* Numbers to 15 digits, a number that begins others, digits behind the 15th,
 * and labels that only look like digits. */
static void
image_find__odd_names__found(void **state)
{
	static const char *const NAMES[] = { "5.4.3.2.1.0.9.8.7.6.5.4.3.2.1",
		"4.3.2.1.0.9.8.7.6.5.4.3.2.1", "1", "2.1", "3.2.1",
		"7.6.5.4.3.2.1.0.9.8.7.6.5.4.3.2.1",
		"*.5.4.3.2.1.0.9.8.7.6.5.4.3.2.1", "12.3", "1.12.3",
		"_sip._tcp.3.2.1", "1.2.a", "*.3.2.1.b" };

	(void)state;
	struct fixture f = start();
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
		put_txt(&f, NAMES[i]);
	publish(&f);
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
		struct owner owner = owner_of(NAMES[i]);
		assert_found(&f, NAMES[i], MATCH_EXACT,
		    owner_labels(owner_blob(&owner)));
	}
	assert_found(&f, "9.5.4.3.2.1.0.9.8.7.6.5.4.3.2.1", MATCH_WILDCARD, 15);
	assert_found(&f, "6.5.4.3.2.1.0.9.8.7.6.5.4.3.2.1", MATCH_EMPTY, 16);
	assert_found(&f, "2.12.3", MATCH_NONE, 2);
	assert_found(&f, "_udp.3.2.1", MATCH_NONE, 3);
	stop(&f);
}

/* Before anything is stored nothing is found. */
static void
image_find__empty_zone__none(void **state)
{
	struct fixture f = start();

	(void)state;
	publish(&f);
	assert_found(&f, "", MATCH_EMPTY, 0);
	assert_found(&f, "2.1", MATCH_NONE, 0);
	assert_found(&f, "host", MATCH_NONE, 0);
	stop(&f);
}

/* RFC 1035 3.3.13: the SOA goes out with the version's serial, and is kept
 * with 0. */
static void
image_emit__soa__serial_of_version(void **state)
{
	struct fixture f = start();
	struct record soa = record_soa(&f.arena);
	struct image_match match;
	struct image_rrset rrset;
	uint8_t out[64];

	(void)state;
	put(&f, "", &soa, 1);
	publish(&f);
	find(&f, "", &match);
	const struct image_version *version = image_current(f.image);
	assert_true(image_rrset(version, match.node, TYPE_SOA, &rrset));
	assert_int_equal(image_emit(&rrset, match.tn, 12, out, sizeof out), 40);
	static const uint8_t WANT[] = { 0xc0, 12, 0, 6, 0, 1, 0, 0, 14, 16, 0,
		28, 2, 'n', 's', 0, 2, 'm', 'e', 0, 0, 0, 2026 >> 8,
		2026 & 255 };
	assert_memory_equal(out, WANT, sizeof WANT);
	struct node node;
	image_get(version, (struct blob){ 0 }, &f.arena, &node);
	struct rrset kept;
	assert_true(rrset_find(node.rrsets, TYPE_SOA, &kept));
	assert_memory_equal(kept.rdatas.data + 2, soa.rdata.data, 28);
	assert_false(image_rrset(version, match.node, TYPE_A, &rrset));
	stop(&f);
}

/* Records that hold the number anywhere, or parts of it, come out as they
 * went in; what is left out is no more than that. */
static void
image_emit__number_in_records__byte_exact(void **state)
{
	static const char *const TEXTS[] = {
		"!^.*$!sip:+12015550123@c.example!", "12015550123",
		"0012015550123", "2015550123", "5550123", "550123",
		"120155501234", "12015550123;ext=12015550123", "", "a=", "=b",
		"cnam=", "cnam=12015550123", "x-y=2015550123",
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz=long",
		"tel:+12015550123;npdi;rn=+12015550123"
	};
	struct fixture f = start();
	struct record records[40];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
		records[n++] = record_txt(&f.arena, TEXTS[i]);
		records[n++] = record_naptr(&f.arena, TEXTS[i]);
	}
	records[n++] = record_a(&f.arena, 0x31323031);
	records[n++] = record_cert(&f.arena, '1', 0);
	records[n++] = record_cert(&f.arena, '1', 249);
	records[n++] = record_cert(&f.arena, '1', 250);
	records[n++] = record_cert(&f.arena, '1', 5000);
	put(&f, "3.2.1.0.5.5.5.1.0.2.1", records, n);
	put(&f, "4.3.2.1", records, n);
	put(&f, "3.2.1", records, n);
	put(&f, "*.3.2.1", records, n);
	put(&f, "host", records, n);
	publish(&f);
	assert_found(&f, "3.2.1.0.5.5.5.1.0.2.1", MATCH_EXACT, 11);
	assert_found(&f, "4.3.2.1", MATCH_EXACT, 4);
	assert_found(&f, "3.2.1", MATCH_EXACT, 3);
	assert_found(&f, "9.3.2.1", MATCH_WILDCARD, 3);
	assert_found(&f, "host", MATCH_EXACT, 1);
	stop(&f);
}

/* The numbers of one carrier share what they have in common: 1,000 of them in
 * one prefix take their values and four bytes in the node. */
static void
image_load__numbers_of_one_carrier__small(void **state)
{
	enum { NUMBERS = 1000, BYTES_EACH = 28 };
	struct fixture f = start();
	size_t before = image_usage(f.image).used;

	(void)state;
	for (unsigned i = 0; i < NUMBERS; i++) {
		char name[64];
		char text[64];
		snprintf(name, sizeof name, "%u.%u.%u.5.5.5.1.0.2", i % 10,
		    i / 10 % 10, i / 100);
		struct record records[3];
		records[0] = record_txt(&f.arena, "ocn=1510");
		snprintf(text, sizeof text, "cnam=CALLER %06u", i * 997);
		records[1] = record_txt(&f.arena, text);
		snprintf(text, sizeof text,
		    "!^.*$!sip:+201555%u%u%u@carrier1510.example!", i / 100,
		    i / 10 % 10, i % 10);
		records[2] = record_naptr(&f.arena, text);
		put(&f, name, records, 3);
	}
	publish(&f);
	size_t used = image_usage(f.image).used - before;
	assert_in_range(used, 1, NUMBERS * BYTES_EACH + 1500);
	stop(&f);
}

/* Derived records share one form with their block: 4 bytes each. */
static void
image_load__derived_names__share_the_block(void **state)
{
	struct fixture f = start();
	struct record record = record_txt(&f.arena, "cnam=BLOCK");
	struct node node = node_of(&f.arena, &record, 1);

	(void)state;
	put(&f, "*.5.5.5", &record, 1);
	node.flags = NODE_DERIVED;
	size_t before = image_usage(f.image).used;
	for (unsigned i = 0; i < 100; i++) {
		char name[64];
		snprintf(name, sizeof name, "%u.%u.5.5.5", i % 10, i / 10);
		struct owner owner = owner_of(name);
		assert_int_equal(
		    image_load(f.image, owner_blob(&owner), &node), OK);
		zone_put(&f.zone, owner_blob(&owner), &node);
	}
	publish(&f);
	assert_in_range(image_usage(f.image).used - before, 400, 400 + 120);
	assert_int_equal(image_usage(f.image).numbers, 0);
	assert_found(&f, "0.0.5.5.5", MATCH_EXACT, 5);
	stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(image_find__rfc4592_example__as_written),
		cmocka_unit_test(image_find__rfc4592_in_numbers__same),
		cmocka_unit_test(image_find__wildcard_beside_names__blocked),
		cmocka_unit_test(image_find__empty_wildcard__nodata),
		cmocka_unit_test(image_find__cuts__nearest_to_apex),
		cmocka_unit_test(image_find__odd_names__found),
		cmocka_unit_test(image_find__empty_zone__none),
		cmocka_unit_test(image_emit__soa__serial_of_version),
		cmocka_unit_test(image_emit__number_in_records__byte_exact),
		cmocka_unit_test(image_load__numbers_of_one_carrier__small),
		cmocka_unit_test(image_load__derived_names__share_the_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
