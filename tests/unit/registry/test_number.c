/*
 * DESIGN 3 and 6 at registry names, for the authority: attributes, the holder,
 * release, port, lrn, numbers in blocks; what refuses a carrier is a warning.
 */
#include "unit/unit.h"

#include "unit/registry/scene.h"

#include "registry/lrn.h"
#include "registry/scope.h"

enum { NOERROR, REFUSED = 5 };

static int
setup(void **state)
{
	*state = scene_create();
	return 0;
}

static int
teardown(void **state)
{
	scene_destroy(*state);
	return 0;
}

static struct blob
lrn_at(struct scene *scene, const char *name, const char *lrn)
{
	uint8_t *rdata = arena_alloc(&scene->arena, LRN_RDATA_MAX);
	struct name_class class = name_classify(scene_owner(scene, name));
	struct blob value = { (const uint8_t *)lrn, strlen(lrn) };

	return (struct blob){ rdata, lrn_naptr(rdata, &class, value) };
}

static struct blob
sip(struct scene *scene, unsigned preference)
{
	return scene_naptr(scene, preference, "E2U+sip",
	    "!^.*$!sip:a@example.com!");
}

/* Adding a single-valued attribute replaces its old value; contact is a list;
 * at other names RFC 2136 alone rules. */
static void
attribute__added__replaces_its_old_value(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "3.2.1", "cnam=A");
	scene_add_txt(scene, "3.2.1", "x-mine=1");
	scene_add_txt(scene, "1510._ocn", "contact=a");
	scene_add_txt(scene, "1510._ocn", "name=Zo\303\253");
	scene_add_txt(scene, "host", "cnam=A");
	assert_int_equal(scene_send(scene), NOERROR);
	scene_add_txt(scene, "3.2.1", "CNAM=B");
	scene_add_txt(scene, "3.2.1", "x-mine=2");
	scene_add_txt(scene, "1510._ocn", "contact=b");
	scene_add_txt(scene, "1510._ocn", "name=Other");
	scene_add_txt(scene, "host", "cnam=B");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.n_warnings, 0);
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_TXT), 2);
	assert_true(scene_has_txt(scene, "3.2.1", "CNAM=B"));
	assert_true(scene_has_txt(scene, "3.2.1", "x-mine=2"));
	assert_int_equal(scene_count(scene, "1510._ocn", TYPE_TXT), 3);
	assert_int_equal(scene_count(scene, "host", TYPE_TXT), 2);
}

struct row {
	const char *name;
	const char *text;
	unsigned warnings;
};

/* The attribute table: place and value. The authority is warned, and obeyed. */
static void
attribute__table__authority_warned(void **state)
{
	static const struct row rows[] = {
		{ "3.2.1", "ocn=1510", 0 },
		{ "3.2.1", "ocn=151", 1 },
		{ "3.2.1", "ocn=151a", 1 },
		{ "1510._ocn", "ocn=1510", 1 },
		{ "3.2.1", "cnam=123456789012345", 0 },
		{ "3.2.1", "cnam=1234567890123456", 1 }, /* telephones cut */
		{ "3.2.1", "cnam=", 1 },
		{ "3.2.1", "cnam=Zo\303\253", 1 },
		{ "3.2.1", "otc=1234567890123456", 0 },
		{ "3.2.1", "otc=12345678901234567", 1 },
		{ "3.2.1", "lrn=123", 0 },
		{ "4.2.1", "lrn=12", 1 },
		{ "4.2.1", "lrn=12a4", 1 },
		{ "3.2.1", "status=aging", 0 },
		{ "3.2.1", "status=gone", 1 },
		{ "3.2.1", "location=here", 1 },
		{ "*.9", "location=here", 0 },
		{ "3.2.1.w", "location=here", 0 },
		{ "3.2.1.w", "assignee=Zo\303\253", 0 },
		{ "3.2.1.w", "assignee=\303", 1 },
		{ "*.9.w", "zip=10027", 0 },
		{ "3.2.1", "zip=10027", 1 },
		{ "3.2.1", "name=x", 1 },
		{ "120._pool", "pool=open", 0 },
		{ "120._pool", "pool=shut", 1 },
		{ "3.2.1", "pool=open", 1 },
		{ "3.2.1", "x-anything=", 0 },
		{ "3.2.1", "y-anything=", 1 },
		{ "3.2.1", "x-=", 1 },
		{ "3.2.1", "no attribute", 1 },
		{ "3.2.1", "=", 1 },
		{ "host", "anything", 0 },
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		scene_add_txt(scene, rows[i].name, rows[i].text);
		assert_int_equal(scene_send(scene), NOERROR);
		if (scene->out.n_warnings != rows[i].warnings)
			fail_msg("row %zu, %s: %zu warnings", i, rows[i].text,
			    scene->out.n_warnings);
		if (!scene_has_txt(scene, rows[i].name, rows[i].text))
			fail_msg("row %zu, %s: not there", i, rows[i].text);
		if (rows[i].warnings > 0)
			assert_string_not_equal(
			    scene->out.warnings[0].reason.text, "");
	}
}

/* More warnings than are kept are counted. */
static void
attribute__many_warnings__counted(void **state)
{
	struct scene *scene = *state;
	char name[16];

	for (unsigned i = 0; i < 50; i++) {
		snprintf(name, sizeof name, "%u.%u.5", i % 10, i / 10);
		scene_add_txt(scene, name, "ocn=bad");
	}
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.n_warnings, 50);
	assert_int_equal(scene->out.warnings[OUTCOME_WARNINGS_MAX - 1].change,
	    OUTCOME_WARNINGS_MAX - 1);
}

/* Types that are not kept at a number: the authority is warned; a wildcard NS
 * nobody may write. */
static void
type__at_registry_name__authority_warned(void **state)
{
	struct scene *scene = *state;

	scene_add(scene, "3.2.1", TYPE_A, scene_a(scene, "\1\2\3\4"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.n_warnings, 1);
	scene_add(scene, "4.2.1", TYPE_CNAME, scene_name(scene, "3.2.1"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.n_warnings, 1);
	assert_int_equal(scene_count(scene, "4.2.1", TYPE_CNAME), 1);
	scene_add(scene, "*.2.1", TYPE_NS, scene_name(scene, "ns.other."));
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_TYPE_NOT_ALLOWED);
}

/* A NAPTR outside the rules is a warning for the authority, too. */
static void
naptr__outside_the_rules__authority_warned(void **state)
{
	struct scene *scene = *state;

	scene_add(scene, "3.2.1", TYPE_NAPTR, sip(scene, 10));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.n_warnings, 0);
	scene_add(scene, "3.2.1", TYPE_NAPTR, scene_naptr(scene, 10,
	    "E2U+sip", "!^.*$!sip:b@example.com!"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.n_warnings, 1); /* same preference */
	scene_add(scene, "*.2.1", TYPE_NAPTR, scene_naptr(scene, 10,
	    "E2U+sip", "!^.*$!nonsense!"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.n_warnings, 1);
	/* at other names it is just a record */
	scene_add(scene, "host", TYPE_NAPTR, scene_naptr(scene, 10, "x", "y"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.n_warnings, 0);
}

/* R2: DESIGN 3: no form of delete removes the holder, silently. */
static void
holder__every_delete__stays(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "3.2.1", "ocn=1510");
	scene_add_txt(scene, "3.2.1", "cnam=A");
	scene_add_txt(scene, "*.5", "ocn=1510");
	assert_int_equal(scene_send(scene), NOERROR);
	scene_delete_name(scene, "3.2.1");
	scene_delete_type(scene, "3.2.1", TYPE_TXT);
	scene_delete(scene, "3.2.1", TYPE_TXT, scene_txt(scene, "ocn=1510"));
	scene_delete_name(scene, "*.5");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_TXT), 1);
	assert_true(scene_has_txt(scene, "3.2.1", "ocn=1510"));
	assert_true(scene_has_txt(scene, "*.5", "ocn=1510"));
	/* delete and add in one message are a change */
	scene_delete(scene, "3.2.1", TYPE_TXT, scene_txt(scene, "ocn=1510"));
	scene_add_txt(scene, "3.2.1", "ocn=1511");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_TXT), 1);
	assert_true(scene_has_txt(scene, "3.2.1", "ocn=1511"));
	/* at other names ocn= is text like any other */
	scene_add_txt(scene, "host", "ocn=1510");
	scene_delete_name(scene, "host");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_true(scene_is_empty(scene, "host"));
}

/* DESIGN 6: everything at and below N and N.w goes; what has a holder of its
 * own stays; the status itself is not kept. */
static void
release__number__all_that_belongs_to_it(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "3.2.1", "ocn=1510");
	scene_add(scene, "3.2.1", TYPE_NAPTR, sip(scene, 10));
	scene_add_txt(scene, "3.2.1", "lrn=12345");
	scene_add(scene, "_sip._tcp.3.2.1", TYPE_A, scene_a(scene, "\1\1\1\1"));
	scene_add_txt(scene, "3.2.1.w", "assignee=X");
	scene_add_txt(scene, "4.3.2.1", "ocn=1511");
	scene_add_txt(scene, "_x.4.3.2.1", "hello");
	scene_add_txt(scene, "*.5.3.2.1", "ocn=1512");
	scene_add(scene, "6.3.2.1", TYPE_A, scene_a(scene, "\1\1\1\1"));
	assert_int_equal(scene_send(scene), NOERROR);
	scene_add_txt(scene, "3.2.1", "status=released");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_true(scene_is_empty(scene, "3.2.1"));
	assert_true(scene_is_empty(scene, "_sip._tcp.3.2.1"));
	assert_true(scene_is_empty(scene, "3.2.1.w"));
	assert_true(scene_is_empty(scene, "6.3.2.1"));
	assert_true(scene_has_txt(scene, "4.3.2.1", "ocn=1511"));
	assert_true(scene_has_txt(scene, "_x.4.3.2.1", "hello"));
	assert_true(scene_has_txt(scene, "*.5.3.2.1", "ocn=1512"));
	/* nobody's number: nothing to do */
	scene_add_txt(scene, "9.9.9", "status=released");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.part.n_changes, 0);
}

/* A block's release keeps the numbers in it. */
static void
release__block__numbers_stay(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "*.2.1", "ocn=1510");
	scene_add_txt(scene, "*.2.1.w", "zip=10027");
	scene_add_txt(scene, "_x.*.2.1", "hello");
	scene_add_txt(scene, "4.3.2.1", "ocn=1511");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_false(scene_is_empty(scene, "3.2.1"));
	scene_add_txt(scene, "*.2.1", "status=released");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_true(scene_is_empty(scene, "*.2.1"));
	assert_true(scene_is_empty(scene, "*.2.1.w"));
	assert_true(scene_is_empty(scene, "_x.*.2.1"));
	assert_true(scene_is_empty(scene, "3.2.1"));
	assert_true(scene_has_txt(scene, "4.3.2.1", "ocn=1511"));
}

/* Released and taken anew in one message: only the new is there. */
static void
release__then_add__only_the_new(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "3.2.1", "ocn=1510");
	scene_add_txt(scene, "3.2.1", "cnam=A");
	assert_int_equal(scene_send(scene), NOERROR);
	scene_add_txt(scene, "_x.3.2.1", "in this message");
	scene_add_txt(scene, "3.2.1", "status=released");
	scene_add_txt(scene, "3.2.1", "ocn=1511");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_TXT), 1);
	assert_true(scene_has_txt(scene, "3.2.1", "ocn=1511"));
	assert_true(scene_is_empty(scene, "_x.3.2.1"));
}

/* DESIGN 6: the losing carrier's NAPTR, CERT, URI go, consumer data stays. */
static void
port__ocn_changes__routing_of_the_loser_goes(void **state)
{
	struct scene *scene = *state;
	const struct blob uri = { (const uint8_t *)"\0\1\0\1sip:a", 9 };
	const struct blob cert = { (const uint8_t *)"\0\1\0\0\0x", 6 };

	scene_add_txt(scene, "3.2.1", "ocn=1510");
	scene_add_txt(scene, "3.2.1", "cnam=A");
	scene_add_txt(scene, "3.2.1", "lrn=12345");
	scene_add(scene, "3.2.1", TYPE_NAPTR, sip(scene, 10));
	scene_add(scene, "3.2.1", TYPE_URI, uri);
	scene_add(scene, "3.2.1", TYPE_CERT, cert);
	scene_add(scene, "_sip.3.2.1", TYPE_URI, uri);
	scene_add_txt(scene, "3.2.1.w", "assignee=X");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_NAPTR), 2);
	scene_add_txt(scene, "3.2.1", "ocn=1511");
	scene_add(scene, "3.2.1", TYPE_URI, uri); /* the gaining one's too */
	scene_add(scene, "3.2.1", TYPE_NAPTR, sip(scene, 20));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_NAPTR), 1);
	assert_true(scene_has(scene, "3.2.1", TYPE_NAPTR, sip(scene, 20)));
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_URI), 1);
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_CERT), 0);
	assert_true(scene_is_empty(scene, "_sip.3.2.1"));
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_TXT), 2);
	assert_true(scene_has_txt(scene, "3.2.1", "cnam=A"));
	assert_true(scene_has_txt(scene, "3.2.1.w", "assignee=X"));
	/* the same holder again is no port */
	scene_add_txt(scene, "3.2.1", "ocn=1511");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_NAPTR), 1);
}

/* lrn= makes its NAPTR, changes it, keeps it, and takes it away. */
static void
lrn__comes_changes_goes__naptr_follows(void **state)
{
	static const char *const names[] = { "3.2.1", "*.2.1" };
	struct scene *scene = *state;

	for (size_t i = 0; i < 2; i++) {
		const char *name = names[i];
		scene_add_txt(scene, name, "lrn=12345");
		assert_int_equal(scene_send(scene), NOERROR);
		assert_int_equal(scene->out.n_warnings, 0);
		assert_true(scene_has(scene, name, TYPE_NAPTR,
		    lrn_at(scene, name, "12345")));
		assert_int_equal(scene_ttl(scene, name, TYPE_NAPTR), 300);
		scene_add_txt(scene, name, "lrn=54321");
		assert_int_equal(scene_send(scene), NOERROR);
		assert_int_equal(scene_count(scene, name, TYPE_NAPTR), 1);
		assert_true(scene_has(scene, name, TYPE_NAPTR,
		    lrn_at(scene, name, "54321")));
		scene_delete_type(scene, name, TYPE_NAPTR);
		assert_int_equal(scene_send(scene), NOERROR);
		assert_int_equal(scene_count(scene, name, TYPE_NAPTR), 1);
		scene_delete(scene, name, TYPE_TXT,
		    scene_txt(scene, "lrn=54321"));
		assert_int_equal(scene_send(scene), NOERROR);
		assert_true(scene_is_empty(scene, name));
	}
}

/* DESIGN 6: a number inside a block that gets records gets the ocn= too. */
static void
block__number_without_ocn__gets_the_blocks(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "*.1", "ocn=1510");
	scene_add_txt(scene, "*.2.1", "cnam=NO HOLDER HERE");
	scene_add_txt(scene, "*.3.1", "ocn=1511");
	assert_int_equal(scene_send(scene), NOERROR);
	scene_change(scene, "4.2.1", CLASS_IN, TYPE_NAPTR, 60, sip(scene, 10));
	scene_add_txt(scene, "4.3.1", "cnam=A");
	scene_add_txt(scene, "5.3.1", "ocn=7777");
	scene_add(scene, "6.3.1", TYPE_NS, scene_name(scene, "ns.other."));
	scene_add(scene, "4.9", TYPE_NAPTR, sip(scene, 10));
	scene_add(scene, "_sip.7.3.1", TYPE_A, scene_a(scene, "\1\1\1\1"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_true(scene_has_txt(scene, "4.2.1", "ocn=1510"));
	assert_int_equal(scene_ttl(scene, "4.2.1", TYPE_TXT), 60);
	assert_true(scene_has_txt(scene, "4.3.1", "ocn=1511"));
	assert_int_equal(scene_count(scene, "5.3.1", TYPE_TXT), 1);
	assert_int_equal(scene_count(scene, "6.3.1", TYPE_TXT), 0);
	assert_int_equal(scene_count(scene, "4.9", TYPE_TXT), 0);
	assert_int_equal(scene_count(scene, "_sip.7.3.1", TYPE_TXT), 0);
}

/* R6: Whois data is written, not public, and moves no serial. */
static void
whois__written__not_public(void **state)
{
	struct scene *scene = *state;
	uint32_t serial = scene->fake.view.serial;

	scene_add_txt(scene, "3.2.1.w", "assignee=X");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.part.n_changes, 1);
	assert_false(scene->out.is_public);
	assert_int_equal(scene->fake.view.serial, serial);
	/* the cut itself is public */
	scene_add(scene, "w", TYPE_NS, scene_name(scene, "ns1"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_true(scene->out.is_public);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(attribute__added__replaces_its_old_value),
		TEST(attribute__table__authority_warned),
		TEST(attribute__many_warnings__counted),
		TEST(type__at_registry_name__authority_warned),
		TEST(naptr__outside_the_rules__authority_warned),
		TEST(holder__every_delete__stays),
		TEST(release__number__all_that_belongs_to_it),
		TEST(release__block__numbers_stay),
		TEST(release__then_add__only_the_new),
		TEST(port__ocn_changes__routing_of_the_loser_goes),
		TEST(lrn__comes_changes_goes__naptr_follows),
		TEST(block__number_without_ocn__gets_the_blocks),
		TEST(whois__written__not_public),
	};
#undef TEST
	return cmocka_run_group_tests(tests, NULL, NULL);
}
