/*
 * What carriers may do: every row of DESIGN 6, every refusal.
 */
#include "unit/unit.h"

#include "unit/registry/scene.h"

#include "base/check.h"
#include "registry/pin.h"

enum { NOERROR, FORMERR, NXDOMAIN = 3, REFUSED = 5, YXDOMAIN, YXRRSET, NXRRSET };

static const struct blob none = { .data = NULL };

/* Pools 1.2 and 4.4; 1510 holds 3.2.1 (with data) and the block *.5.2.1;
 * 5678 holds 4.2.1 and the block *.6.2.1. */
static int
setup(void **state)
{
	struct scene *scene = scene_create();

	scene_add(scene, "@", TYPE_NS, scene_name(scene, "ns1"));
	scene_add(scene, "ns1", TYPE_A, scene_a(scene, "\1\2\3\4"));
	scene_add_txt(scene, "12._pool", "pool=open");
	scene_add_txt(scene, "44._pool", "pool=open");
	scene_add_txt(scene, "3.2.1", "ocn=1510");
	scene_add_txt(scene, "3.2.1", "cnam=ACME");
	scene_add(scene, "3.2.1", TYPE_NAPTR, scene_naptr(scene, 10, "E2U+sip",
	    "!^.*$!sip:123@example.net!"));
	scene_add_txt(scene, "3.2.1.w", "assignee=Jo");
	scene_set_pin(scene, "3.2.1", 7);
	scene_add_txt(scene, "*.5.2.1", "ocn=1510");
	scene_add_txt(scene, "4.2.1", "ocn=5678");
	scene_add_txt(scene, "*.6.2.1", "ocn=5678");
	scene_add_txt(scene, "1510._ocn", "name=One");
	require(scene_send(scene) == 0);
	scene_as(scene, "1510");
	*state = scene;
	return 0;
}

static int
teardown(void **state)
{
	scene_destroy(*state);
	return 0;
}

static void
expect(struct scene *scene, int rcode, enum cause cause)
{
	int got = scene_send(scene);

	if (got != rcode || scene->out.cause != cause)
		fail_msg("rcode %d cause %s (%s), not %d %s", got,
		    cause_id(scene->out.cause), scene->out.reason.text, rcode,
		    cause_id(cause));
}

static void
done(struct scene *scene)
{
	expect(scene, NOERROR, CAUSE_NONE);
}

/* "allocate": prereq nxdomain N.Z / add ocn=. */
static void
allocate__free_number_in_pool__held(void **state)
{
	struct scene *scene = *state;

	scene_prereq(scene, "9.2.1", CLASS_NONE, TYPE_ANY, none);
	scene_add_txt(scene, "9.2.1", "ocn=1510");
	scene_add_txt(scene, "9.2.1", "cnam=NINE");
	done(scene);
	assert_true(scene_has_txt(scene, "9.2.1", "ocn=1510"));
	/* without the prerequisite, and what is exactly the pool's prefix */
	scene_add_txt(scene, "8.2.1", "ocn=1510");
	scene_add_txt(scene, "2.1", "ocn=1510");
	scene_add_txt(scene, "0.0.0.0.0.0.0.0.0.0.0.0.0.4.4", "ocn=1510");
	done(scene);
}

/* "[YXDOMAIN] taken", also by oneself. */
static void
allocate__taken__yxdomain(void **state)
{
	struct scene *scene = *state;

	scene_prereq(scene, "4.2.1", CLASS_NONE, TYPE_ANY, none);
	scene_add_txt(scene, "4.2.1", "ocn=1510");
	expect(scene, YXDOMAIN, CAUSE_PREREQ_NAME_IN_USE);
	scene_prereq(scene, "3.2.1", CLASS_NONE, TYPE_ANY, none);
	scene_add_txt(scene, "3.2.1", "ocn=1510");
	expect(scene, YXDOMAIN, CAUSE_PREREQ_NAME_IN_USE);
	scene_prereq(scene, "*.6.2.1", CLASS_NONE, TYPE_ANY, none);
	scene_add_txt(scene, "*.6.2.1", "ocn=1510");
	expect(scene, YXDOMAIN, CAUSE_PREREQ_NAME_IN_USE);
}

/* "[REFUSED] not in an open pool". */
static void
allocate__outside_of_pools__refused(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "9.3.1", "ocn=1510");
	expect(scene, REFUSED, CAUSE_NO_POOL);
	scene_add_txt(scene, "1", "ocn=1510");
	expect(scene, REFUSED, CAUSE_NO_POOL);
	scene_add_txt(scene, "*.1", "ocn=1510");
	expect(scene, REFUSED, CAUSE_NO_POOL);
	/* a closed pool */
	scene_as_authority(scene);
	scene_delete_name(scene, "44._pool");
	done(scene);
	scene_as(scene, "1510");
	scene_add_txt(scene, "7.4.4", "ocn=1510");
	expect(scene, REFUSED, CAUSE_NO_POOL);
}

/* "[REFUSED] inside another OCN's block", and taken without a prerequisite. */
static void
allocate__anothers__refused(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "1.6.2.1", "ocn=1510");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	scene_add_txt(scene, "4.2.1", "ocn=1510");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	assert_true(scene_has_txt(scene, "4.2.1", "ocn=5678"));
}

/* A carrier writes its own OCN and no other. */
static void
allocate__for_another__refused(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "9.2.1", "ocn=5678");
	expect(scene, REFUSED, CAUSE_FOREIGN_OCN);
	scene_add_txt(scene, "3.2.1", "ocn=5678");
	expect(scene, REFUSED, CAUSE_FOREIGN_OCN);
	scene_add_txt(scene, "1.5.2.1", "ocn=5678");
	expect(scene, REFUSED, CAUSE_FOREIGN_OCN);
	scene_add_txt(scene, "*.5.2.1", "ocn=5678");
	expect(scene, REFUSED, CAUSE_FOREIGN_OCN);
}

/* Records without ocn= at a free number allocate nothing. */
static void
free_number__without_ocn__refused(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "9.2.1", "cnam=NINE");
	expect(scene, REFUSED, CAUSE_NOT_ALLOCATED);
	scene_delete_name(scene, "9.2.1");
	expect(scene, REFUSED, CAUSE_NOT_ALLOCATED);
	scene_add_txt(scene, "9.2.1", "status=released");
	expect(scene, REFUSED, CAUSE_NOT_ALLOCATED);
	scene_add_txt(scene, "*.9.2.1", "cnam=NINE");
	expect(scene, REFUSED, CAUSE_NOT_ALLOCATED);
}

/* What the authority keeps at a number without a holder is not free. */
static void
allocate__authoritys_records__refused(void **state)
{
	struct scene *scene = *state;

	scene_as_authority(scene);
	scene_add_txt(scene, "9.2.1", "cnam=NINE");
	done(scene);
	scene_as(scene, "1510");
	scene_add_txt(scene, "9.2.1", "ocn=1510");
	expect(scene, REFUSED, CAUSE_NOT_ALLOCATED);
}

/* "allocate block". */
static void
allocate_block__free__held(void **state)
{
	struct scene *scene = *state;

	scene_prereq(scene, "*.9.2.1", CLASS_NONE, TYPE_ANY, none);
	scene_add_txt(scene, "*.9.2.1", "ocn=1510");
	done(scene);
	/* over own numbers, and inside an own block */
	scene_add_txt(scene, "1.7.2.1", "ocn=1510");
	done(scene);
	scene_add_txt(scene, "*.7.2.1", "ocn=1510");
	scene_add_txt(scene, "*.1.5.2.1", "ocn=1510");
	done(scene);
}

/* "[REFUSED] anything at, above or below is held by somebody else". */
static void
allocate_block__overlap__refused(void **state)
{
	static const char *const blocks[] = { "*.2.1", "*.4.2.1", "*.3.4.2.1" };
	struct scene *scene = *state;

	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
		scene_add_txt(scene, blocks[i], "ocn=1510");
		expect(scene, REFUSED, CAUSE_OVERLAP);
	}
	scene_add_txt(scene, "*.1.6.2.1", "ocn=1510");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	scene_add_txt(scene, "*.6.2.1", "ocn=1510");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
}

/* The same when it is below a smaller block of somebody else. */
static void
allocate_block__over_anothers_block__refused(void **state)
{
	struct scene *scene = *state;

	scene_as(scene, "9999");
	scene_add_txt(scene, "*.1.1.4.4", "ocn=9999");
	done(scene);
	scene_as(scene, "1510");
	scene_add_txt(scene, "*.1.4.4", "ocn=1510");
	expect(scene, REFUSED, CAUSE_OVERLAP);
	scene_add_txt(scene, "*.2.4.4", "ocn=1510");
	done(scene);
}

/* A ported number below: no smaller block over it inside one's own. */
static void
allocate_block__inside_own_over_ported__refused(void **state)
{
	struct scene *scene = *state;

	scene_as_authority(scene);
	scene_add_txt(scene, "1.1.5.2.1", "ocn=5678");
	done(scene);
	scene_as(scene, "1510");
	scene_add_txt(scene, "*.1.5.2.1", "cnam=ONE");
	expect(scene, REFUSED, CAUSE_OVERLAP);
	/* a property of the block that is there is no allocation */
	scene_add_txt(scene, "*.5.2.1", "cnam=FIVE");
	done(scene);
}

/* "number inside own block: ocn= is added by the registry". */
static void
number_in_own_block__gets_ocn(void **state)
{
	struct scene *scene = *state;

	scene_add(scene, "1.5.2.1", TYPE_NAPTR, scene_naptr(scene, 10,
	    "E2U+sip", "!^.*$!sip:1251@example.net!"));
	done(scene);
	assert_true(scene_has_txt(scene, "1.5.2.1", "ocn=1510"));
	scene_add_txt(scene, "1.6.2.1", "cnam=X");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
}

/* A block and numbers inside it in one message, in any order. */
static void
number_in_own_block__same_message__gets_ocn(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "1.9.2.1", "cnam=ONE");
	scene_add_txt(scene, "*.9.2.1", "ocn=1510");
	done(scene);
	assert_true(scene_has_txt(scene, "1.9.2.1", "ocn=1510"));
}

/* "change a property". */
static void
property__holder__changed(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "3.2.1", "cnam=NEW");
	scene_delete_type(scene, "3.2.1", TYPE_NAPTR);
	scene_add(scene, "3.2.1", TYPE_NAPTR, scene_naptr(scene, 20, "E2U+sip",
	    "!^.*$!sip:new@example.net!"));
	done(scene);
	assert_true(scene_has_txt(scene, "3.2.1", "cnam=NEW"));
	assert_false(scene_has_txt(scene, "3.2.1", "cnam=ACME"));
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_NAPTR), 1);
	/* no form of delete takes the holder away, silently */
	scene_delete_name(scene, "3.2.1");
	scene_delete(scene, "3.2.1", TYPE_TXT, scene_txt(scene, "ocn=1510"));
	done(scene);
	assert_true(scene_has_txt(scene, "3.2.1", "ocn=1510"));
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_TXT), 1);
}

/* M9. "[REFUSED] not the holder, or invalid value". */
static void
property__not_holder_or_invalid__refused(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "4.2.1", "cnam=X");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	scene_delete_name(scene, "4.2.1");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	scene_add_txt(scene, "*.6.2.1", "cnam=X");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	scene_add_txt(scene, "3.2.1", "status=unknown");
	expect(scene, REFUSED, CAUSE_INVALID_VALUE);
	scene_add_txt(scene, "3.2.1", "colour=red");
	expect(scene, REFUSED, CAUSE_UNKNOWN_ATTRIBUTE);
	scene_add_txt(scene, "3.2.1", "assignee=Jo");
	expect(scene, REFUSED, CAUSE_UNKNOWN_ATTRIBUTE);
	scene_add(scene, "3.2.1", TYPE_A, scene_a(scene, "\1\2\3\4"));
	expect(scene, REFUSED, CAUSE_TYPE_NOT_ALLOWED);
	scene_add(scene, "3.2.1", TYPE_CNAME, scene_name(scene, "ns1"));
	expect(scene, REFUSED, CAUSE_TYPE_NOT_ALLOWED);
	scene_add(scene, "3.2.1", TYPE_NAPTR, scene_naptr(scene, 20, "E2U+sip",
	    "!^.*$!nonsense!"));
	expect(scene, REFUSED, CAUSE_INVALID_VALUE);
}

/* Other kinds of names are the authority's. */
static void
names_of_the_authority__refused(void **state)
{
	static const char *const names[] = { "@", "ns1", "new", "77._pool",
		"x.3.2.1", "5678._ocn", "_ocn", "w" };
	struct scene *scene = *state;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		scene_add_txt(scene, names[i], "pool=open");
		expect(scene, REFUSED, CAUSE_NOT_AUTHORISED);
		scene_delete_name(scene, names[i]);
		expect(scene, REFUSED, CAUSE_NOT_AUTHORISED);
	}
	scene_add_txt(scene, "x._key._registry", "a=b");
	expect(scene, REFUSED, CAUSE_RESERVED_NAME);
	scene_add_txt(scene, "_has.3.2.1", "ocn=1510");
	expect(scene, REFUSED, CAUSE_RESERVED_NAME);
	scene_add_txt(scene, "_code.3.2.1", "123456");
	expect(scene, REFUSED, CAUSE_RESERVED_NAME);
	scene_add_txt(scene, "_dryrun", "1");
	expect(scene, REFUSED, CAUSE_RESERVED_NAME);
}

/* "only if I still hold it". */
static void
has__holder_is_tested(void **state)
{
	struct scene *scene = *state;

	scene_prereq(scene, "_has.3.2.1", CLASS_IN, TYPE_TXT,
	    scene_txt(scene, "ocn=1510"));
	scene_add_txt(scene, "3.2.1", "cnam=NEW");
	done(scene);
	scene_prereq(scene, "_has.4.2.1", CLASS_IN, TYPE_TXT,
	    scene_txt(scene, "ocn=1510"));
	scene_add_txt(scene, "3.2.1", "cnam=OTHER");
	expect(scene, NXRRSET, CAUSE_PREREQ_RRSET_MISSING);
	assert_true(scene_has_txt(scene, "3.2.1", "cnam=NEW"));
}

/* Which names a carrier may test: all public ones, whois of its own. */
static void
prereq__whois__own_only(void **state)
{
	struct scene *scene = *state;

	scene_prereq(scene, "3.2.1.w", CLASS_ANY, TYPE_TXT, none);
	scene_prereq(scene, "ns1", CLASS_ANY, TYPE_A, none);
	scene_prereq(scene, "12._pool", CLASS_ANY, TYPE_ANY, none);
	scene_prereq(scene, "1.5.2.1.w", CLASS_NONE, TYPE_ANY, none);
	done(scene);
	scene_prereq(scene, "4.2.1.w", CLASS_NONE, TYPE_ANY, none);
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	scene_prereq(scene, "9.2.1.w", CLASS_NONE, TYPE_ANY, none);
	expect(scene, REFUSED, CAUSE_NOT_ALLOCATED);
	scene_prereq(scene, "host.w", CLASS_NONE, TYPE_ANY, none);
	expect(scene, REFUSED, CAUSE_RESERVED_NAME);
	scene_prereq(scene, "3.2.1._pin._registry", CLASS_NONE, TYPE_ANY,
	    none);
	expect(scene, REFUSED, CAUSE_RESERVED_NAME);
	/* permission before the test: a failing one in front tells nothing */
	scene_prereq(scene, "ns1", CLASS_NONE, TYPE_ANY, none);
	scene_prereq(scene, "4.2.1.w", CLASS_NONE, TYPE_ANY, none);
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
}

/* "whois data: holder". */
static void
whois__holder_only(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "3.2.1.w", "assignee=Columbia University");
	scene_add_txt(scene, "*.5.2.1.w", "zip=07605");
	scene_add_txt(scene, "1.5.2.1.w", "zip=07605");
	done(scene);
	assert_true(scene_has_txt(scene, "3.2.1.w",
	    "assignee=Columbia University"));
	/* they change nothing public */
	assert_false(scene->out.is_public);
	scene_add_txt(scene, "4.2.1.w", "zip=07605");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	scene_delete_name(scene, "4.2.1.w");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	scene_add_txt(scene, "9.2.1.w", "zip=07605");
	expect(scene, REFUSED, CAUSE_NOT_ALLOCATED);
	scene_add_txt(scene, "*.6.2.1.w", "zip=07605");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
}

/* One message allocates a number and writes its whois data; none leaves whois
 * data behind at a number that it releases. */
static void
whois__with_the_number(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "9.2.1.w", "zip=07605");
	scene_add_txt(scene, "9.2.1", "ocn=1510");
	done(scene);
	scene_add_txt(scene, "9.2.1", "status=released");
	scene_add_txt(scene, "9.2.1.w", "zip=07605");
	expect(scene, REFUSED, CAUSE_NOT_ALLOCATED);
	scene_delete_name(scene, "9.2.1.w");
	scene_add_txt(scene, "9.2.1", "status=released");
	done(scene);
	assert_true(scene_is_empty(scene, "9.2.1.w"));
}

/* "OCN information: the OCN's administrators". */
static void
ocn_information__own_only(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "1510._ocn", "name=First Telephone");
	scene_add_txt(scene, "1510._OCN", "contact=noc@example.net");
	scene_add_txt(scene, "1510._ocn", "contact=billing@example.net");
	done(scene);
	assert_int_equal(scene_count(scene, "1510._ocn", TYPE_TXT), 3);
	scene_add_txt(scene, "5678._ocn", "name=Second");
	expect(scene, REFUSED, CAUSE_NOT_AUTHORISED);
}

/* "An OCN's administrator may add and revoke keys of its own OCN." */
static void
keys__own_ocn__added_and_revoked(void **state)
{
	struct scene *scene = *state;

	scene_add_key(scene, "second.1510", "1510");
	done(scene);
	assert_true(scene_has_key(scene, "second.1510", "1510", 1));
	assert_false(scene->out.is_public);
	/* it is there already */
	scene_add_key(scene, "second.1510", "1510");
	expect(scene, REFUSED, CAUSE_KEY_EXISTS);
	/* another secret: both in one request */
	scene_delete_name(scene, "second.1510._key.1510._ocn");
	scene_add_key(scene, "second.1510", "1510");
	done(scene);
	assert_true(scene_has_key(scene, "second.1510", "1510", 2));
	scene_delete_type(scene, "second.1510._key.1510._ocn", TYPE_TXT);
	done(scene);
	assert_false(scene_has_key(scene, "second.1510", "1510", 2));
	scene_delete_name(scene, "second.1510._key.1510._ocn");
	expect(scene, REFUSED, CAUSE_KEY_UNKNOWN);
	/* no version comes twice */
	scene_add_key(scene, "second.1510", "1510");
	done(scene);
	assert_true(scene_has_key(scene, "second.1510", "1510", 3));
	/* its own key, by which it acts */
	scene_delete_name(scene, "admin.1510._key.1510._ocn");
	done(scene);
	scene_add_txt(scene, "9.2.1", "ocn=1510");
	expect(scene, REFUSED, CAUSE_KEY_UNKNOWN);
}

/* Nobody else's: not by the OCN in the name, nor by the key's name. */
static void
keys__of_others__refused(void **state)
{
	struct scene *scene = *state;

	scene_add_key(scene, "second.5678", "5678");
	expect(scene, REFUSED, CAUSE_NOT_AUTHORISED);
	scene_as(scene, "5678");
	scene_add_key(scene, "second", "5678");
	done(scene);
	scene_as(scene, "1510");
	scene_delete_name(scene, "second._key.1510._ocn");
	expect(scene, REFUSED, CAUSE_KEY_UNKNOWN);
	scene_delete_name(scene, "second._key.5678._ocn");
	expect(scene, REFUSED, CAUSE_NOT_AUTHORISED);
	scene_add_key(scene, "second", "1510");
	expect(scene, REFUSED, CAUSE_KEY_EXISTS);
	scene_delete_name(scene, "authority._key.1510._ocn");
	expect(scene, REFUSED, CAUSE_KEY_UNKNOWN);
	scene_add_key(scene, "authority", "1510");
	expect(scene, REFUSED, CAUSE_KEY_EXISTS);
	/* nor a name that was another's once */
	scene_as(scene, "5678");
	scene_delete_name(scene, "second._key.5678._ocn");
	done(scene);
	scene_as(scene, "1510");
	scene_add_key(scene, "second", "1510");
	expect(scene, REFUSED, CAUSE_KEY_EXISTS);
	/* a key in the clear never comes here */
	scene_add_txt(scene, "x._key.1510._ocn", "hmac-sha256:AAAA");
	expect(scene, REFUSED, CAUSE_INVALID_VALUE);
	scene_add_txt(scene, "_key.1510._ocn", "hmac-sha256:AAAA");
	expect(scene, REFUSED, CAUSE_RESERVED_NAME);
	assert_true(scene_has_key(scene, "admin.1510", "1510", 1));
}

/* "set PIN: holder". */
static void
pin__set__holder_only(void **state)
{
	struct scene *scene = *state;

	scene_set_pin(scene, "1.5.2.1", 9); /* by a block */
	scene_set_pin(scene, "3.2.1", 9);
	done(scene);
	assert_true(scene_has_pin(scene, "1.5.2.1"));
	assert_true(scene_is_empty(scene, "1.5.2.1"));
	assert_false(scene->out.is_public);
	scene_set_pin(scene, "4.2.1", 9);
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	scene_set_pin(scene, "9.2.1", 9);
	expect(scene, REFUSED, CAUSE_NOT_ALLOCATED);
	scene_delete_name(scene, "_pin.4.2.1");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	scene_delete_type(scene, "_pin.3.2.1", TYPE_TXT);
	done(scene);
	assert_false(scene_has_pin(scene, "3.2.1"));
	/* one in the clear never comes here, whoever sends it */
	scene_add_txt(scene, "_pin.3.2.1", "493821");
	expect(scene, REFUSED, CAUSE_PIN_INVALID);
	scene_delete(scene, "_pin.3.2.1", TYPE_TXT,
	    scene_txt(scene, "493821"));
	expect(scene, REFUSED, CAUSE_PIN_INVALID);
}

/* A PIN belongs to a holder: not even the authority leaves one at a number
 * that nobody holds. */
static void
pin__authority_at_free_number__refused(void **state)
{
	struct scene *scene = *state;

	scene_as_authority(scene);
	scene_set_pin(scene, "9.2.1", 9);
	expect(scene, REFUSED, CAUSE_NOT_ALLOCATED);
	scene_set_pin(scene, "4.2.1", 9);
	done(scene);
}

/* M7. "port": the PIN shown, ocn= the gaining carrier's. What goes, what stays. */
static void
port__pin_shown__number_moves(void **state)
{
	struct scene *scene = *state;

	scene_as(scene, "5678");
	scene_pin(scene, "3.2.1", true);
	scene_add_txt(scene, "3.2.1", "ocn=5678");
	done(scene);
	assert_true(scene_has_txt(scene, "3.2.1", "ocn=5678"));
	assert_false(scene_has_txt(scene, "3.2.1", "ocn=1510"));
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_NAPTR), 0);
	assert_true(scene_has_txt(scene, "3.2.1", "cnam=ACME"));
	assert_true(scene_has_txt(scene, "3.2.1.w", "assignee=Jo"));
	/* the PIN is void */
	assert_false(scene_has_pin(scene, "3.2.1"));
	scene_as(scene, "1510");
	scene_pin(scene, "3.2.1", true);
	scene_add_txt(scene, "3.2.1", "ocn=1510");
	expect(scene, NXRRSET, CAUSE_PIN_WRONG);
}

/* New NAPTR and new PIN in the same message, whatever the order. */
static void
port__with_new_naptr_and_pin__kept(void **state)
{
	struct scene *scene = *state;

	scene_as(scene, "5678");
	scene_pin(scene, "3.2.1", true);
	scene_set_pin(scene, "3.2.1", 11);
	scene_add(scene, "3.2.1", TYPE_NAPTR, scene_naptr(scene, 10, "E2U+sip",
	    "!^.*$!sip:123@gaining.example!"));
	scene_add_txt(scene, "3.2.1.w", "zip=07605");
	scene_add_txt(scene, "3.2.1", "ocn=5678");
	done(scene);
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_NAPTR), 1);
	assert_true(scene_has_pin(scene, "3.2.1"));
	assert_true(scene_has_txt(scene, "3.2.1.w", "zip=07605"));
}

/* A number without records inside the losing carrier's block. */
static void
port__out_of_block__number_moves(void **state)
{
	struct scene *scene = *state;

	scene_set_pin(scene, "1.5.2.1", 9);
	done(scene);
	scene_as(scene, "5678");
	scene_pin(scene, "1.5.2.1", true);
	scene_add_txt(scene, "1.5.2.1", "ocn=5678");
	done(scene);
	assert_true(scene_has_txt(scene, "1.5.2.1", "ocn=5678"));
	assert_false(scene_has_pin(scene, "1.5.2.1"));
}

/* "[NXRRSET] wrong PIN", or none set; without any: the holder's. */
static void
port__wrong_or_no_pin__refused(void **state)
{
	struct scene *scene = *state;

	scene_as(scene, "5678");
	scene_pin(scene, "3.2.1", false);
	scene_add_txt(scene, "3.2.1", "ocn=5678");
	expect(scene, NXRRSET, CAUSE_PIN_WRONG);
	assert_int_equal(scene_tries(scene, "3.2.1", "5678"), 1);
	assert_true(scene_has_txt(scene, "3.2.1", "ocn=1510"));
	scene_pin(scene, "1.5.2.1", false);
	scene_add_txt(scene, "1.5.2.1", "ocn=5678");
	expect(scene, NXRRSET, CAUSE_PIN_WRONG);
	scene_add_txt(scene, "3.2.1", "ocn=5678");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	/* the PIN of another number */
	scene_pin(scene, "3.2.1", true);
	scene_add_txt(scene, "1.5.2.1", "ocn=5678");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	/* the PIN gives the number, not the right to write for its holder */
	scene_pin(scene, "3.2.1", true);
	scene_add_txt(scene, "3.2.1", "cnam=X");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	/* nor to release it */
	scene_pin(scene, "3.2.1", true);
	scene_add_txt(scene, "3.2.1", "status=released");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
}

/* Five wrong ones cost nothing; then 1 min, 2, 4 ... up to 24 h; a right one
 * is not honoured meanwhile. */
static void
tries__pause__doubles(void **state)
{
	struct scene *scene = *state;
	uint64_t pause_s = 60;

	scene_as(scene, "5678");
	for (unsigned i = 0; i < TRIES_FREE; i++) {
		scene_pin(scene, "3.2.1", false);
		expect(scene, NXRRSET, CAUSE_PIN_WRONG);
	}
	for (unsigned i = 0; i < 14; i++) {
		scene_pin(scene, "3.2.1", false);
		expect(scene, NXRRSET, CAUSE_PIN_WRONG);
		assert_int_equal(scene_tries(scene, "3.2.1", "5678"),
		    TRIES_FREE + i + 1);
		scene->now_ms += pause_s * 1000 - 1;
		scene_pin(scene, "3.2.1", true);
		scene_add_txt(scene, "3.2.1", "ocn=5678");
		expect(scene, REFUSED, CAUSE_PIN_LOCKED);
		scene->now_ms++;
		pause_s = pause_s * 2 < 86400 ? pause_s * 2 : 86400;
	}
	/* others are not locked out by that */
	scene_as(scene, "9999");
	scene_pin(scene, "3.2.1", true);
	scene_add_txt(scene, "3.2.1", "ocn=9999");
	done(scene);
	assert_int_equal(scene_tries(scene, "3.2.1", "5678"), 0);
}

/* After the free ones a right PIN is taken, and forgets the wrong ones. */
static void
tries__right_after_five__taken(void **state)
{
	struct scene *scene = *state;

	scene_as(scene, "5678");
	for (unsigned i = 0; i < TRIES_FREE; i++) {
		scene_pin(scene, "3.2.1", false);
		expect(scene, NXRRSET, CAUSE_PIN_WRONG);
	}
	scene_pin(scene, "3.2.1", true);
	done(scene);
	assert_int_equal(scene_tries(scene, "3.2.1", "5678"), 0);
}

/* The sum over all OCNs refuses those that have not tried before, and them
 * alone; a new PIN begins anew. */
static void
tries__sum__newcomers_refused(void **state)
{
	struct scene *scene = *state;
	char ocn[5];

	for (unsigned i = 0; i < TRIES_SUM_MAX; i++) {
		snprintf(ocn, sizeof ocn, "%04u", i / 4);
		scene_as(scene, ocn);
		scene_pin(scene, "3.2.1", false);
		expect(scene, NXRRSET, CAUSE_PIN_WRONG);
	}
	scene_as(scene, "5678");
	scene_pin(scene, "3.2.1", true);
	expect(scene, REFUSED, CAUSE_PIN_LOCKED);
	scene_as(scene, "0003");
	scene_pin(scene, "3.2.1", true);
	done(scene);
	/* 30 days later it is as if it had never been */
	scene->now_ms += UINT64_C(31) * 86400 * 1000;
	scene_as(scene, "5678");
	scene_pin(scene, "3.2.1", true);
	done(scene);
	scene_as(scene, "1510");
	scene_set_pin(scene, "3.2.1", 12);
	done(scene);
	assert_int_equal(scene_tries(scene, "3.2.1", "0000"), 0);
}

/* A new PIN forgets the wrong ones. */
static void
tries__new_pin__forgotten(void **state)
{
	struct scene *scene = *state;

	scene_as(scene, "5678");
	for (unsigned i = 0; i < TRIES_FREE + 1; i++) {
		scene_pin(scene, "3.2.1", false);
		expect(scene, NXRRSET, CAUSE_PIN_WRONG);
	}
	scene_pin(scene, "3.2.1", true);
	expect(scene, REFUSED, CAUSE_PIN_LOCKED);
	scene_as(scene, "1510");
	scene_set_pin(scene, "3.2.1", 12);
	done(scene);
	scene_as(scene, "5678");
	scene_pin(scene, "3.2.1", true);
	done(scene);
}

/* M8. Every PIN of a message counts, also behind a wrong one, and also when the
 * message fails for another reason, or is a dry run. */
static void
tries__many_in_one_message__all_count(void **state)
{
	struct scene *scene = *state;

	scene_as(scene, "5678");
	scene_pin(scene, "3.2.1", false);
	scene_pin(scene, "1.5.2.1", false);
	scene_pin(scene, "3.2.1", false);
	expect(scene, NXRRSET, CAUSE_PIN_WRONG);
	assert_int_equal(scene->out.part.n_changes, 2);
	assert_int_equal(scene_tries(scene, "3.2.1", "5678"), 2);
	assert_int_equal(scene_tries(scene, "1.5.2.1", "5678"), 1);
	scene_prereq(scene, "ns1", CLASS_NONE, TYPE_ANY, none);
	scene_pin(scene, "3.2.1", false);
	expect(scene, NXRRSET, CAUSE_PIN_WRONG);
	assert_int_equal(scene_tries(scene, "3.2.1", "5678"), 3);
	scene_prereq(scene, "_dryrun", CLASS_IN, TYPE_TXT,
	    scene_txt(scene, "1"));
	scene_pin(scene, "3.2.1", false);
	expect(scene, NXRRSET, CAUSE_PIN_WRONG);
	assert_int_equal(scene_tries(scene, "3.2.1", "5678"), 4);
	/* a right PIN does not make a failing prerequisite hold */
	scene_prereq(scene, "ns1", CLASS_NONE, TYPE_ANY, none);
	scene_pin(scene, "3.2.1", true);
	expect(scene, YXDOMAIN, CAUSE_PREREQ_NAME_IN_USE);
}

/* A verdict for a verifier that is no more is void, and nothing counts. */
static void
verdict__stale__checked_again(void **state)
{
	struct scene *scene = *state;

	scene_as(scene, "5678");
	scene_pin(scene, "3.2.1", true);
	scene->verdicts[0].verifier++;
	(void)scene_send(scene);
	assert_int_equal(scene->out.judged, JUDGED_STALE);
	assert_int_equal(scene->out.part.n_changes, 0);
	scene_pin(scene, "1.5.2.1", false);
	scene_pin(scene, "3.2.1", false);
	scene->verdicts[1].verifier = 0;
	(void)scene_send(scene);
	assert_int_equal(scene->out.judged, JUDGED_STALE);
	assert_int_equal(scene_tries(scene, "1.5.2.1", "5678"), 0);
	/* "right" without a verifier is a door's lie */
	scene_pin(scene, "1.5.2.1", true);
	expect(scene, NXRRSET, CAUSE_PIN_WRONG);
}

/* "release": everything at and below N and N.w, and all private data. */
static void
release__number__nothing_left(void **state)
{
	struct scene *scene = *state;

	scene_as(scene, "5678");
	scene_pin(scene, "3.2.1", false);
	expect(scene, NXRRSET, CAUSE_PIN_WRONG);
	scene_as(scene, "1510");
	scene_add_txt(scene, "3.2.1", "status=released");
	done(scene);
	assert_true(scene_is_empty(scene, "3.2.1"));
	assert_true(scene_is_empty(scene, "3.2.1.w"));
	assert_false(scene_has_pin(scene, "3.2.1"));
	assert_int_equal(scene_tries(scene, "3.2.1", "5678"), 0);
	/* free again, and without the old PIN */
	scene_as(scene, "5678");
	scene_prereq(scene, "3.2.1", CLASS_NONE, TYPE_ANY, none);
	scene_add_txt(scene, "3.2.1", "ocn=5678");
	done(scene);
	assert_false(scene_has_pin(scene, "3.2.1"));
	scene_add_txt(scene, "*.5.2.1", "status=released");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
}

/* A number inside a block falls back to the block: its holder's again. */
static void
release__inside_block__falls_back(void **state)
{
	struct scene *scene = *state;

	scene_set_pin(scene, "1.5.2.1", 9);
	done(scene);
	scene_as(scene, "5678");
	scene_pin(scene, "1.5.2.1", true);
	scene_add_txt(scene, "1.5.2.1", "ocn=5678");
	done(scene);
	scene_add_txt(scene, "1.5.2.1", "status=released");
	done(scene);
	scene_add_txt(scene, "1.5.2.1", "ocn=5678");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	scene_as(scene, "1510");
	scene_add_txt(scene, "1.5.2.1", "cnam=BACK");
	done(scene);
	assert_true(scene_has_txt(scene, "1.5.2.1", "ocn=1510"));
}

/* Releasing a block keeps numbers ported out of it; whois data and PINs of
 * numbers that were held by the block alone go with it. */
static void
release__block__ported_numbers_stay(void **state)
{
	struct scene *scene = *state;

	scene_set_pin(scene, "1.5.2.1", 9);
	scene_set_pin(scene, "2.5.2.1", 9);
	scene_set_pin(scene, "1.1.5.2.1", 9);
	scene_add_txt(scene, "2.5.2.1.w", "assignee=Two");
	scene_add_txt(scene, "*.5.2.1.w", "assignee=All");
	scene_add_txt(scene, "*.1.5.2.1", "ocn=1510");
	scene_add_txt(scene, "*.1.5.2.1.w", "assignee=Some");
	done(scene);
	scene_as(scene, "5678");
	scene_pin(scene, "1.5.2.1", true);
	scene_add_txt(scene, "1.5.2.1", "ocn=5678");
	scene_set_pin(scene, "1.5.2.1", 9);
	scene_add_txt(scene, "1.5.2.1.w", "assignee=One");
	done(scene);
	scene_pin(scene, "2.5.2.1", false);
	expect(scene, NXRRSET, CAUSE_PIN_WRONG);
	scene_as(scene, "1510");
	scene_add_txt(scene, "*.5.2.1", "status=released");
	done(scene);
	assert_true(scene_is_empty(scene, "*.5.2.1"));
	assert_true(scene_is_empty(scene, "*.5.2.1.w"));
	assert_true(scene_has_txt(scene, "1.5.2.1", "ocn=5678"));
	assert_true(scene_has_pin(scene, "1.5.2.1"));
	assert_true(scene_has_txt(scene, "1.5.2.1.w", "assignee=One"));
	assert_false(scene_has_pin(scene, "2.5.2.1"));
	assert_int_equal(scene_tries(scene, "2.5.2.1", "5678"), 0);
	assert_true(scene_is_empty(scene, "2.5.2.1.w"));
	/* the smaller block inside is held for itself */
	assert_true(scene_has_pin(scene, "1.1.5.2.1"));
	assert_true(scene_has_txt(scene, "*.1.5.2.1.w", "assignee=Some"));
}

/* The authority moves a block: PINs of its numbers are void, their whois data
 * stay. */
static void
port__block_by_the_authority__pins_void(void **state)
{
	struct scene *scene = *state;

	scene_set_pin(scene, "2.5.2.1", 9);
	scene_add_txt(scene, "2.5.2.1.w", "assignee=Two");
	done(scene);
	scene_as_authority(scene);
	scene_add_txt(scene, "*.5.2.1", "ocn=5678");
	done(scene);
	assert_false(scene_has_pin(scene, "2.5.2.1"));
	assert_true(scene_has_txt(scene, "2.5.2.1.w", "assignee=Two"));
}

/* A number gets an ocn= of its own inside its holder's block: same holder. */
static void
pin__number_in_block_gets_records__stays(void **state)
{
	struct scene *scene = *state;

	scene_set_pin(scene, "2.5.2.1", 9);
	done(scene);
	scene_add_txt(scene, "2.5.2.1", "cnam=TWO");
	done(scene);
	assert_true(scene_has_pin(scene, "2.5.2.1"));
}

/* "bulk: all or nothing". */
static void
bulk__one_refused__nothing_done(void **state)
{
	struct scene *scene = *state;
	char name[32];

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "%u.%u.%u.7.2.1", i % 10,
		    i / 10 % 10, i / 100);
		scene_add_txt(scene, name, "ocn=1510");
	}
	scene_add_txt(scene, "4.2.1", "ocn=1510");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	assert_true(scene_is_empty(scene, "0.0.0.7.2.1"));
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "%u.%u.%u.7.2.1", i % 10,
		    i / 10 % 10, i / 100);
		scene_add_txt(scene, name, "ocn=1510");
	}
	done(scene);
	assert_int_equal(scene->out.part.n_changes, 1000);
}

/* A dry run is judged like the real one, and changes nothing. */
static void
dry_run__judged__nothing_changed(void **state)
{
	struct scene *scene = *state;
	uint32_t serial = scene->fake.view.serial;

	scene_prereq(scene, "_dryrun", CLASS_IN, TYPE_TXT,
	    scene_txt(scene, "1"));
	scene_add_txt(scene, "9.2.1", "ocn=1510");
	done(scene);
	assert_true(scene->out.is_dry);
	assert_true(scene_is_empty(scene, "9.2.1"));
	assert_int_equal(scene->fake.view.serial, serial);
	scene_prereq(scene, "_dryrun", CLASS_IN, TYPE_TXT,
	    scene_txt(scene, "1"));
	scene_add_txt(scene, "4.2.1", "ocn=1510");
	expect(scene, REFUSED, CAUSE_NOT_HOLDER);
	scene_prereq(scene, "_dryrun", CLASS_IN, TYPE_TXT,
	    scene_txt(scene, "2"));
	scene_add_txt(scene, "9.2.1", "ocn=1510");
	expect(scene, NXRRSET, CAUSE_PREREQ_RRSET_MISSING);
	/* an SOA's serial, too */
	scene_as_authority(scene);
	scene_prereq(scene, "_dryrun", CLASS_IN, TYPE_TXT,
	    scene_txt(scene, "1"));
	scene_add(scene, "@", TYPE_SOA, scene_soa(scene, "update", 77));
	done(scene);
	assert_int_equal(scene->fake.view.serial, serial);
}

/* Holders' rights and pools do not bind the authority. */
static void
authority__overrules(void **state)
{
	struct scene *scene = *state;

	scene_as_authority(scene);
	scene_add_txt(scene, "9.9.9", "ocn=5678");
	scene_add_txt(scene, "*.2.1", "ocn=9999");
	scene_add_txt(scene, "3.2.1", "ocn=5678");
	scene_add_txt(scene, "4.2.1.w", "zip=07605");
	scene_add_txt(scene, "5678._ocn", "name=Second");
	scene_add_txt(scene, "77._pool", "pool=open");
	done(scene);
	/* but a port is a port */
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_NAPTR), 0);
	assert_false(scene_has_pin(scene, "3.2.1"));
	/* and a PIN that it shows must be right, without being counted */
	scene_pin(scene, "3.2.1", false);
	expect(scene, NXRRSET, CAUSE_PIN_WRONG);
	assert_int_equal(scene->out.part.n_changes, 0);
}

/* Two thousand releases and what is written below them in one request. */
static void
release__many__no_quadratic_work(void **state)
{
	struct scene *scene = *state;
	char name[32];
	enum { N = 2000 };

	for (unsigned i = 0; i < N; i++) {
		snprintf(name, sizeof name, "%u.%u.%u.%u.7.2.1", i % 10,
		    i / 10 % 10, i / 100 % 10, i / 1000);
		scene_add_txt(scene, name, "ocn=1510");
	}
	done(scene);
	size_t n_gets = scene->fake.n_gets;
	scene_as_authority(scene);
	for (unsigned i = 0; i < N; i++) {
		snprintf(name, sizeof name, "x.%u.%u.%u.%u.7.2.1", i % 10,
		    i / 10 % 10, i / 100 % 10, i / 1000);
		scene_add_txt(scene, name, "below");
		scene_add_txt(scene, name + 2, "status=released");
	}
	done(scene);
	assert_true(scene_is_empty(scene, "x.0.0.0.0.7.2.1"));
	assert_true(scene_is_empty(scene, "0.0.0.0.7.2.1"));
	assert_true(scene->fake.n_gets - n_gets < 30 * N);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(allocate__free_number_in_pool__held),
		TEST(allocate__taken__yxdomain),
		TEST(allocate__outside_of_pools__refused),
		TEST(allocate__anothers__refused),
		TEST(allocate__for_another__refused),
		TEST(free_number__without_ocn__refused),
		TEST(allocate__authoritys_records__refused),
		TEST(allocate_block__free__held),
		TEST(allocate_block__overlap__refused),
		TEST(allocate_block__over_anothers_block__refused),
		TEST(allocate_block__inside_own_over_ported__refused),
		TEST(number_in_own_block__gets_ocn),
		TEST(number_in_own_block__same_message__gets_ocn),
		TEST(property__holder__changed),
		TEST(property__not_holder_or_invalid__refused),
		TEST(names_of_the_authority__refused),
		TEST(has__holder_is_tested),
		TEST(prereq__whois__own_only),
		TEST(whois__holder_only),
		TEST(whois__with_the_number),
		TEST(ocn_information__own_only),
		TEST(keys__own_ocn__added_and_revoked),
		TEST(keys__of_others__refused),
		TEST(pin__set__holder_only),
		TEST(pin__authority_at_free_number__refused),
		TEST(port__pin_shown__number_moves),
		TEST(port__with_new_naptr_and_pin__kept),
		TEST(port__out_of_block__number_moves),
		TEST(port__wrong_or_no_pin__refused),
		TEST(tries__pause__doubles),
		TEST(tries__right_after_five__taken),
		TEST(tries__sum__newcomers_refused),
		TEST(tries__new_pin__forgotten),
		TEST(tries__many_in_one_message__all_count),
		TEST(verdict__stale__checked_again),
		TEST(release__number__nothing_left),
		TEST(release__inside_block__falls_back),
		TEST(release__block__ported_numbers_stay),
		TEST(port__block_by_the_authority__pins_void),
		TEST(pin__number_in_block_gets_records__stays),
		TEST(bulk__one_refused__nothing_done),
		TEST(dry_run__judged__nothing_changed),
		TEST(authority__overrules),
		TEST(release__many__no_quadratic_work),
	};
#undef TEST
	return cmocka_run_group_tests(tests, NULL, NULL);
}
