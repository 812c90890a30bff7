/*
 * RFC 2136 as the judge does it for the authority, section by section; who may
 * ask; limits; what a part says.
 */
#include "unit/unit.h"

#include "unit/registry/scene.h"

#include "base/check.h"
#include "dns/name.h"

static const struct blob none = { .data = NULL };

enum { SERIAL = 7 };

/* A zone with SOA, one NS, a host with two addresses, an alias, and a number
 * that 1510 holds. */
static int
setup(void **state)
{
	struct scene *scene = scene_create();
	struct actor actor = scene->request.actor;

	scene->request.door = DOOR_GENESIS;
	scene->request.actor = (struct actor){ .role = ROLE_REGISTRAR };
	scene_add(scene, "@", TYPE_SOA, scene_soa(scene, "update", SERIAL));
	scene_add(scene, "@", TYPE_NS, scene_name(scene, "ns1"));
	scene_add(scene, "ns1", TYPE_A, scene_a(scene, "\1\2\3\4"));
	scene_add(scene, "ns1", TYPE_A, scene_a(scene, "\1\2\3\5"));
	scene_add(scene, "alias", TYPE_CNAME, scene_name(scene, "ns1"));
	scene_add_txt(scene, "3.2.1", "ocn=1510");
	scene_add_txt(scene, "3.2.1", "cnam=ACME");
	require(scene_send(scene) == 0);
	scene->request.actor = actor;
	scene->request.door = DOOR_UPDATE;
	*state = scene;
	return 0;
}

static int
teardown(void **state)
{
	scene_destroy(*state);
	return 0;
}

enum { NOERROR, FORMERR, NXDOMAIN = 3, REFUSED = 5, YXDOMAIN, YXRRSET, NXRRSET };

/* DESIGN 10: init --serial starts the serial. */
static void
judge__genesis__serial_as_given(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(scene->fake.view.serial, SERIAL);
	assert_int_equal(scene_count(scene, "@", TYPE_SOA), 1);
}

struct presence {
	const char *name;
	uint16_t rclass;
	uint16_t type;
	int rcode;
};

/* 3.2.1, 3.2.2, 3.2.4, 3.2.5: the forms without a value. */
static void
prereq__without_value__table_of_3_2(void **state)
{
	static const struct presence rows[] = {
		{ "ns1", CLASS_ANY, TYPE_A, NOERROR },
		{ "ns1", CLASS_ANY, TYPE_TXT, NXRRSET },
		{ "nobody", CLASS_ANY, TYPE_A, NXRRSET },
		{ "ns1", CLASS_NONE, TYPE_TXT, NOERROR },
		{ "nobody", CLASS_NONE, TYPE_TXT, NOERROR },
		{ "ns1", CLASS_NONE, TYPE_A, YXRRSET },
		{ "ns1", CLASS_ANY, TYPE_ANY, NOERROR },
		{ "nobody", CLASS_ANY, TYPE_ANY, NXDOMAIN },
		{ "2.1", CLASS_ANY, TYPE_ANY, NXDOMAIN }, /* empty: not used */
		{ "ns1", CLASS_NONE, TYPE_ANY, YXDOMAIN },
		{ "nobody", CLASS_NONE, TYPE_ANY, NOERROR },
		{ "2.1", CLASS_NONE, TYPE_ANY, NOERROR },
		{ "NS1", CLASS_ANY, TYPE_A, NOERROR }, /* case */
		{ "@", CLASS_ANY, TYPE_SOA, NOERROR },
		{ "alias", CLASS_ANY, TYPE_CNAME, NOERROR },
		{ "alias", CLASS_ANY, TYPE_A, NXRRSET },
		{ "ns1", CLASS_ANY, TYPE_AXFR, FORMERR },
		{ "ns1", CLASS_NONE, TYPE_MAILB, FORMERR },
		{ "ns1", CLASS_CH, TYPE_A, FORMERR },
		{ "_pin.3.2.1", CLASS_ANY, TYPE_ANY, NXDOMAIN },
		{ "_pin.3.2.1", CLASS_NONE, TYPE_TXT, NOERROR },
		{ "_key._registry", CLASS_ANY, TYPE_ANY, REFUSED },
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct presence *row = &rows[i];
		scene_prereq(scene, row->name, row->rclass, row->type, none);
		scene_add(scene, "new", TYPE_A, scene_a(scene, "\1\1\1\1"));
		int rcode = scene_send(scene);
		if (rcode != row->rcode)
			fail_msg("row %zu: %d, not %d", i, rcode, row->rcode);
		if (scene_is_empty(scene, "new") != (rcode != NOERROR))
			fail_msg("row %zu: all or nothing", i);
		scene_delete_name(scene, "new");
		assert_int_equal(scene_send(scene), NOERROR);
	}
}

/* 3.2.3: an RRset equal to the given one: no record more, none less. */
static void
prereq__with_value__whole_rrset(void **state)
{
	struct scene *scene = *state;
	struct blob four = scene_a(scene, "\1\2\3\4");
	struct blob five = scene_a(scene, "\1\2\3\5");
	struct blob six = scene_a(scene, "\1\2\3\6");

	scene_prereq(scene, "ns1", CLASS_IN, TYPE_A, five);
	scene_prereq(scene, "ns1", CLASS_IN, TYPE_A, four);
	scene_prereq(scene, "ns1", CLASS_IN, TYPE_A, four);
	assert_int_equal(scene_send(scene), NOERROR);
	scene_prereq(scene, "ns1", CLASS_IN, TYPE_A, four);
	assert_int_equal(scene_send(scene), NXRRSET);
	scene_prereq(scene, "ns1", CLASS_IN, TYPE_A, four);
	scene_prereq(scene, "ns1", CLASS_IN, TYPE_A, five);
	scene_prereq(scene, "ns1", CLASS_IN, TYPE_A, six);
	assert_int_equal(scene_send(scene), NXRRSET);
	scene_prereq(scene, "nobody", CLASS_IN, TYPE_A, four);
	assert_int_equal(scene_send(scene), NXRRSET);
	/* names in rdata without case (1.1.1) */
	scene_prereq(scene, "@", CLASS_IN, TYPE_NS, scene_name(scene, "NS1"));
	assert_int_equal(scene_send(scene), NOERROR);
	scene_prereq(scene, "ns1", CLASS_IN, TYPE_ANY, four);
	assert_int_equal(scene_send(scene), FORMERR);
}

/* 5.7: the SOA as prerequisite is a lock on the version of the zone. */
static void
prereq__soa__serial_of_the_zone(void **state)
{
	struct scene *scene = *state;
	uint32_t serial = scene->fake.view.serial;

	scene_prereq(scene, "@", CLASS_IN, TYPE_SOA,
	    scene_soa(scene, "update", serial));
	scene_add(scene, "new", TYPE_A, scene_a(scene, "\1\1\1\1"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->fake.view.serial, serial + 1);
	scene_prereq(scene, "@", CLASS_IN, TYPE_SOA,
	    scene_soa(scene, "update", serial));
	assert_int_equal(scene_send(scene), NXRRSET);
}

/* DESIGN 3: _has.N is true when N has that one string. */
static void
prereq__has__one_string_of_the_number(void **state)
{
	struct scene *scene = *state;

	scene_prereq(scene, "_has.3.2.1", CLASS_IN, TYPE_TXT,
	    scene_txt(scene, "ocn=1510"));
	scene_prereq(scene, "_has.3.2.1", CLASS_IN, TYPE_TXT,
	    scene_txt(scene, "CNAM=ACME"));
	assert_int_equal(scene_send(scene), NOERROR);
	scene_prereq(scene, "_has.3.2.1", CLASS_IN, TYPE_TXT,
	    scene_txt(scene, "ocn=1511"));
	assert_int_equal(scene_send(scene), NXRRSET);
	scene_prereq(scene, "_has.4.2.1", CLASS_IN, TYPE_TXT,
	    scene_txt(scene, "ocn=1510"));
	assert_int_equal(scene_send(scene), NXRRSET);
	/* no PIN is set: answered like a wrong one */
	scene_prereq(scene, "_pin.3.2.1", CLASS_IN, TYPE_TXT,
	    scene_txt(scene, "493821"));
	assert_int_equal(scene_send(scene), NXRRSET);
}

/* 2.4: TTL must be zero; 2.4.1: no rdata. */
static void
prereq__ttl_or_rdata__formerr(void **state)
{
	struct scene *scene = *state;

	scene_prereq(scene, "ns1", CLASS_ANY, TYPE_A, none);
	scene->prereqs[0].ttl = 1;
	assert_int_equal(scene_send(scene), FORMERR);
	scene_prereq(scene, "ns1", CLASS_ANY, TYPE_A,
	    scene_a(scene, "\1\2\3\4"));
	assert_int_equal(scene_send(scene), FORMERR);
	scene_prereq(scene, "ns1", CLASS_NONE, TYPE_A,
	    scene_a(scene, "\1\2\3\4"));
	assert_int_equal(scene_send(scene), FORMERR);
}

struct form {
	uint16_t rclass;
	uint16_t type;
	uint32_t ttl;
	bool has_rdata;
	int rcode;
};

/* 3.4.1.3: the prescan; and nothing is done when one line fails it. */
static void
prescan__forms__table_of_3_4_1(void **state)
{
	static const struct form rows[] = {
		{ CLASS_IN, TYPE_A, 300, true, NOERROR },
		{ CLASS_IN, TYPE_ANY, 300, true, FORMERR },
		{ CLASS_IN, TYPE_AXFR, 300, true, FORMERR },
		{ CLASS_IN, TYPE_MAILA, 300, true, FORMERR },
		{ CLASS_ANY, TYPE_A, 0, false, NOERROR },
		{ CLASS_ANY, TYPE_ANY, 0, false, NOERROR },
		{ CLASS_ANY, TYPE_A, 1, false, FORMERR },
		{ CLASS_ANY, TYPE_A, 0, true, FORMERR },
		{ CLASS_ANY, TYPE_AXFR, 0, false, FORMERR },
		{ CLASS_NONE, TYPE_A, 0, true, NOERROR },
		{ CLASS_NONE, TYPE_A, 1, true, FORMERR },
		{ CLASS_NONE, TYPE_ANY, 0, true, FORMERR },
		{ CLASS_CH, TYPE_A, 0, true, FORMERR },
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct form *row = &rows[i];
		char name[8];
		snprintf(name, sizeof name, "n%zu", i);
		scene_add(scene, name, TYPE_A, scene_a(scene, "\1\1\1\1"));
		scene_change(scene, "host", row->rclass, row->type, row->ttl,
		    row->has_rdata ? scene_a(scene, "\1\1\1\2") : none);
		int rcode = scene_send(scene);
		if (rcode != row->rcode)
			fail_msg("row %zu: %d, not %d", i, rcode, row->rcode);
		if (scene_is_empty(scene, name) != (rcode != NOERROR))
			fail_msg("row %zu: all or nothing", i);
	}
}

/* Types nobody may add: DNAME is not served, signatures are the signer's. */
static void
prescan__types_not_taken__refused_with_reason(void **state)
{
	static const uint16_t types[] = { TYPE_DNAME, TYPE_RRSIG, TYPE_NSEC,
		TYPE_NSEC3, TYPE_NSEC3PARAM };
	struct scene *scene = *state;

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		scene_add(scene, "host", types[i], scene_name(scene, "x"));
		assert_int_equal(scene_send(scene), REFUSED);
		assert_int_equal(scene->out.cause, CAUSE_TYPE_NOT_ALLOWED);
		assert_string_not_equal(scene->out.reason.text, "");
	}
}

/* Names that the registry keeps for itself. */
static void
prescan__reserved_names__refused(void **state)
{
	static const char *const names[] = { "x._registry", "_registry",
		"_has.3.2.1", "_code.3.2.1", "_has", "_pin", "_dryrun", "x.w",
		"_x.3.2.1.w" };
	struct scene *scene = *state;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		scene_add_txt(scene, names[i], "x-a=b");
		if (scene_send(scene) != REFUSED)
			fail_msg("taken: %s", names[i]);
		assert_int_equal(scene->out.cause, CAUSE_RESERVED_NAME);
	}
	scene->request.door = DOOR_CONTROL;
	scene_add_txt(scene, "x._registry", "x-a=b");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_false(scene->out.is_public);
	scene->request.door = DOOR_CONSOLE;
	scene_add_txt(scene, "x._registry", "x-a=b");
	assert_int_equal(scene_send(scene), REFUSED);
}

/* 3.4.2.2: an equal record is replaced, and its TTL is the RRset's. */
static void
update__add_equal__ttl_of_the_rrset(void **state)
{
	struct scene *scene = *state;

	scene_change(scene, "ns1", CLASS_IN, TYPE_A, 60,
	    scene_a(scene, "\1\2\3\4"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "ns1", TYPE_A), 2);
	assert_int_equal(scene_ttl(scene, "ns1", TYPE_A), 60);
	assert_true(scene->out.is_public);
	/* RFC 2181 8: the top bit makes it 0 */
	scene_change(scene, "ns1", CLASS_IN, TYPE_A, 0x80000001u,
	    scene_a(scene, "\1\2\3\4"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_ttl(scene, "ns1", TYPE_A), 0);
}

/* R3: Nothing changes: no change in the part, and secondaries stay. */
static void
update__no_effect__serial_stays(void **state)
{
	struct scene *scene = *state;
	uint32_t serial = scene->fake.view.serial;

	scene_add(scene, "ns1", TYPE_A, scene_a(scene, "\1\2\3\4"));
	scene_add(scene, "new", TYPE_A, scene_a(scene, "\1\2\3\4"));
	scene_delete_name(scene, "new");
	scene_delete_type(scene, "nobody", TYPE_A);
	scene_delete(scene, "ns1", TYPE_A, scene_a(scene, "\7\7\7\7"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.part.n_changes, 0);
	assert_false(scene->out.is_public);
	assert_int_equal(scene->fake.view.serial, serial);
}

/* 3.4.2.2: a CNAME and other data exclude each other, silently. */
static void
update__cname__alone_or_not_at_all(void **state)
{
	struct scene *scene = *state;

	scene_add(scene, "ns1", TYPE_CNAME, scene_name(scene, "x"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "ns1", TYPE_CNAME), 0);
	scene_add(scene, "alias", TYPE_A, scene_a(scene, "\1\1\1\1"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "alias", TYPE_A), 0);
	scene_add(scene, "alias", TYPE_CNAME, scene_name(scene, "other"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "alias", TYPE_CNAME), 1);
	assert_true(scene_has(scene, "alias", TYPE_CNAME,
	    scene_name(scene, "other")));
	/* in one message, in its order */
	scene_delete_name(scene, "alias");
	scene_add(scene, "alias", TYPE_A, scene_a(scene, "\1\1\1\1"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "alias", TYPE_A), 1);
	assert_int_equal(scene_count(scene, "alias", TYPE_CNAME), 0);
}

/* An import is told: exit 0 means that all of the file is there. */
static void
update__beside_cname_at_control__refused(void **state)
{
	struct scene *scene = *state;

	scene->request.door = DOOR_CONTROL;
	scene_add(scene, "alias", TYPE_A, scene_a(scene, "\1\2\3\4"));
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_CNAME_CONFLICT);
	assert_string_equal(scene->out.reason.text,
	    "alias.e164.example.: a CNAME cannot stand beside other records");
	scene_add(scene, "ns1", TYPE_CNAME, scene_name(scene, "alias"));
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_CNAME_CONFLICT);
}

/* R3: 3.4.2.2: the SOA is replaced unless the new serial is older; elsewhere
 * than at the apex it is ignored. A greater serial becomes the zone's. */
static void
update__soa__newer_serial_only(void **state)
{
	struct scene *scene = *state;

	scene_add(scene, "@", TYPE_SOA, scene_soa(scene, "other", SERIAL - 1));
	scene_add(scene, "ns1", TYPE_SOA, scene_soa(scene, "other", 99));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.part.n_changes, 0);
	assert_int_equal(scene->out.serial_wanted, 0);
	scene_add(scene, "@", TYPE_SOA, scene_soa(scene, "other", 1000));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.serial_wanted, 1000);
	assert_true(scene->out.is_public);
	assert_int_equal(scene_count(scene, "@", TYPE_SOA), 1);
	/* only the serial: no record differs, but the zone is a new one */
	scene_add(scene, "@", TYPE_SOA, scene_soa(scene, "other", 2000));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.part.n_changes, 0);
	assert_true(scene->out.is_public);
	assert_int_equal(scene->fake.view.serial, 2000);
	/* the same serial: the record counts, the serial moves by one */
	scene_add(scene, "@", TYPE_SOA, scene_soa(scene, "third", 2000));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->fake.view.serial, 2001);
}

/* R2: 3.4.2.3, 3.4.2.4: SOA and last NS of the apex are never deleted. */
static void
update__delete_apex__soa_and_ns_stay(void **state)
{
	struct scene *scene = *state;

	scene_add(scene, "@", TYPE_MX, scene_name(scene, "x"));
	scene->changes[0].rdata = (struct blob){
		(const uint8_t *)"\0\1\0", 3 };
	assert_int_equal(scene_send(scene), NOERROR);
	scene_delete_type(scene, "@", TYPE_SOA);
	scene_delete_type(scene, "@", TYPE_NS);
	scene_delete(scene, "@", TYPE_NS, scene_name(scene, "ns1"));
	scene_delete(scene, "@", TYPE_SOA, scene_soa(scene, "update", SERIAL));
	scene_delete_name(scene, "@");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "@", TYPE_SOA), 1);
	assert_int_equal(scene_count(scene, "@", TYPE_NS), 1);
	assert_int_equal(scene_count(scene, "@", TYPE_MX), 0);
	scene_add(scene, "@", TYPE_NS, scene_name(scene, "ns2"));
	scene_delete(scene, "@", TYPE_NS, scene_name(scene, "ns1"));
	scene_delete(scene, "@", TYPE_NS, scene_name(scene, "ns2"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "@", TYPE_NS), 1);
	assert_true(scene_has(scene, "@", TYPE_NS, scene_name(scene, "ns2")));
}

/* 3.4.2.3, 3.4.2.4 at other names: name, RRset, record. */
static void
update__deletes__name_rrset_record(void **state)
{
	struct scene *scene = *state;

	scene_delete(scene, "ns1", TYPE_A, scene_a(scene, "\1\2\3\4"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "ns1", TYPE_A), 1);
	scene_add_txt(scene, "ns1", "hello");
	scene_delete_type(scene, "ns1", TYPE_A);
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene_count(scene, "ns1", TYPE_A), 0);
	assert_int_equal(scene_count(scene, "ns1", TYPE_TXT), 1);
	scene_delete_name(scene, "ns1");
	assert_int_equal(scene_send(scene), NOERROR);
	assert_true(scene_is_empty(scene, "ns1"));
}

/* Who may ask. Carriers come with their own rules; no other role at all. */
static void
judge__role__others_refused(void **state)
{
	struct scene *scene = *state;

	scene_take_key(scene, "transfer.", ROLE_TRANSFER, "");
	scene_add_txt(scene, "4.2.1", "ocn=1510");
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_NOT_AUTHORISED);
	scene->request.actor.key.len = 0;
	scene->request.actor.role = ROLE_NONE;
	scene_add_txt(scene, "4.2.1", "ocn=1510");
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_NOT_AUTHORISED);
}

/* DESIGN 4: the key is still in force at that version, with that role. */
static void
judge__key_not_in_force__refused(void **state)
{
	struct scene *scene = *state;
	struct actor *actor = &scene->request.actor;

	actor->key_version = 2;
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_KEY_UNKNOWN);
	actor->key_version = 1;
	assert_int_equal(scene_send(scene), NOERROR);
	actor->key.len = 0;
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_NOT_AUTHORISED);
	require(dname_parse(&actor->key, "other.", 6, NULL) == OK);
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_KEY_UNKNOWN);
}

/* What the view fails with goes up as it is. */
static void
judge__view_fails__status_passed_on(void **state)
{
	struct scene *scene = *state;
	const struct judge_env env = { .view = &scene->fake.view,
		.apex = &scene->apex };

	scene_add_txt(scene, "4.2.1", "ocn=1510");
	scene->fake.fail = ERR_IO;
	assert_int_equal(registry_judge(&scene->arena, &env, &scene->request,
	    &scene->out), ERR_IO);
	scene->fake.fail = ERR_DAMAGED;
	assert_int_equal(registry_judge(&scene->arena, &env, &scene->request,
	    &scene->out), ERR_DAMAGED);
}

/* DESIGN 3: 100 records an RRset. */
static void
judge__101_records__refused(void **state)
{
	struct scene *scene = *state;

	for (unsigned i = 0; i < 101; i++) {
		char address[5] = { 1, 1, 1, (char)(i + 1) };
		scene_add(scene, "host", TYPE_A, scene_a(scene, address));
	}
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_LIMIT);
	assert_int_equal(scene->out.at, 100);
	for (unsigned i = 0; i < 100; i++) {
		char address[5] = { 1, 1, 1, (char)(i + 1) };
		scene_add(scene, "host", TYPE_A, scene_a(scene, address));
	}
	assert_int_equal(scene_send(scene), NOERROR);
	scene_add(scene, "host", TYPE_A, scene_a(scene, "\2\2\2\2"));
	assert_int_equal(scene_send(scene), REFUSED);
}

/* DESIGN 3: 100 types a name. */
static void
judge__101_types__refused(void **state)
{
	struct scene *scene = *state;

	for (unsigned i = 0; i < 101; i++)
		scene_add(scene, "host", (uint16_t)(1000 + i),
		    scene_a(scene, "\1\1\1\1"));
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_LIMIT);
}

/* DESIGN 3: 4 MiB a changeset; nothing is left of the changes. */
static void
judge__changes_too_large__refused(void **state)
{
	static const uint8_t zeroes[60000];
	struct scene *scene = *state;
	char name[16];

	for (unsigned i = 0; i < 80; i++) {
		snprintf(name, sizeof name, "host%u", i);
		scene_add(scene, name, 65400,
		    (struct blob){ zeroes, sizeof zeroes });
	}
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_TOO_LARGE);
	assert_int_equal(scene->out.part.n_changes, 0);
	assert_false(scene->out.is_public);
}

/* M5: The part: owner order, whole RRsets when the TTL changes, receipt. */
static void
judge__part__owner_order_and_receipt(void **state)
{
	struct scene *scene = *state;

	scene->request.id.bytes[3] = 42;
	scene->request.time_signed_s = 77;
	scene->now_ms = 77999;
	scene_add(scene, "z", TYPE_A, scene_a(scene, "\1\1\1\1"));
	scene_add(scene, "9.1", TYPE_A, scene_a(scene, "\1\1\1\1"));
	scene_add(scene, "a", TYPE_A, scene_a(scene, "\1\1\1\1"));
	scene_delete_name(scene, "ns1");
	assert_int_equal(scene_send(scene), NOERROR);
	const struct part *part = &scene->out.part;
	assert_int_equal(part->n_changes, 4);
	assert_int_equal(part->receipt.id.bytes[3], 42);
	assert_int_equal(part->receipt.time_signed_s, 77);
	assert_int_equal(part->actor.key_version, 1);
	assert_int_equal(part->door, DOOR_UPDATE);
	for (size_t i = 1; i < part->n_changes; i++)
		assert_true(owner_compare(part->changes[i - 1].owner,
		    part->changes[i].owner) < 0);
}

struct time_row {
	uint64_t signed_s;
	uint16_t fudge_s;
	uint16_t rcode;
};

/* RFC 8945 5.2.3 against slot time, and a fudge counts 300 s at most. What is
 * too late is not recorded. */
static void
judge__time_signed__within_fudge(void **state)
{
	enum { NOW_S = 10000, NOTAUTH = 9 };
	static const struct time_row rows[] = {
		{ NOW_S, 0, NOERROR },
		{ NOW_S - 1, 0, NOTAUTH },
		{ NOW_S - 300, 300, NOERROR },
		{ NOW_S - 301, 300, NOTAUTH },
		{ NOW_S + 300, 300, NOERROR },
		{ NOW_S + 301, 300, NOTAUTH },
		{ NOW_S - 300, 65535, NOERROR },
		{ NOW_S - 301, 65535, NOTAUTH },
		{ NOW_S + 301, 65535, NOTAUTH },
		{ UINT64_C(0xffffffffffff), 65535, NOTAUTH },
		{ 1, 65535, NOTAUTH },
	};
	struct scene *scene = *state;

	scene->now_ms = NOW_S * 1000 + 999;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		scene->request.time_signed_s = rows[i].signed_s;
		scene->request.fudge_s = rows[i].fudge_s;
		scene_add(scene, "new", TYPE_A, scene_a(scene, "\1\1\1\1"));
		if (scene_send(scene) != rows[i].rcode)
			fail_msg("row %zu: %d", i, scene->out.rcode);
		bool is_late = rows[i].rcode != NOERROR;
		assert_int_equal(scene->out.judged,
		    is_late ? JUDGED_LATE : JUDGED);
		assert_int_equal(scene->out.cause,
		    is_late ? CAUSE_BAD_TIME : CAUSE_NONE);
	}
}

static bool
find_refused(void *arg, const struct receipt *wanted, struct receipt *out,
    uint64_t *slot)
{
	(void)arg;
	if (wanted->id.bytes[0] != 42)
		return false;
	*out = *wanted;
	out->cause = (uint16_t)(wanted->id.bytes[1] == 0 ? CAUSE_NONE
							 : CAUSE_LIMIT);
	out->rcode = cause_rcode((enum cause)out->cause);
	*slot = 77;
	return true;
}

/* R7: DESIGN 4: a repeat gets the first result and changes nothing, also when
 * it is late by now; but not when its key is revoked, and only signed ones. */
static void
judge__repeat__first_result(void **state)
{
	struct scene *scene = *state;

	scene->receipts.find = find_refused;
	scene->request.id.bytes[0] = 42;
	scene->request.time_signed_s = 1;
	scene_add(scene, "new", TYPE_A, scene_a(scene, "\1\1\1\1"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.judged, JUDGED_REPEAT);
	assert_int_equal(scene->out.slot, 77);
	assert_true(scene_is_empty(scene, "new"));
	scene->request.id.bytes[1] = 1;
	scene_add(scene, "new", TYPE_A, scene_a(scene, "\1\1\1\1"));
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.judged, JUDGED_REPEAT);
	assert_int_equal(scene->out.cause, CAUSE_LIMIT);
	scene->request.actor.key_version = 2;
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.judged, JUDGED);
	assert_int_equal(scene->out.cause, CAUSE_KEY_UNKNOWN);
	scene->request.actor.key_version = 1;
	scene->request.time_signed_s = 0;
	scene_add(scene, "new", TYPE_A, scene_a(scene, "\1\1\1\1"));
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.judged, JUDGED);
}

/* R1: A thousand numbers in one request are one request. */
static void
judge__bulk__all_or_nothing(void **state)
{
	struct scene *scene = *state;
	char name[32];

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "%u.%u.%u.5", i % 10, i / 10 % 10,
		    i / 100);
		scene_add_txt(scene, name, "ocn=1510");
	}
	scene_add(scene, "x._registry", TYPE_A, none);
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.at, 1000);
	assert_true(scene_is_empty(scene, "0.0.0.5"));
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "%u.%u.%u.5", i % 10, i / 10 % 10,
		    i / 100);
		scene_add_txt(scene, name, "ocn=1510");
	}
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->out.part.n_changes, 1000);
}

/* RFC 1982 3.2, and 0 is skipped. */
static void
serial__arithmetic__rfc1982(void **state)
{
	(void)state;
	assert_int_equal(serial_next(1), 2);
	assert_int_equal(serial_next(0xffffffffu), 1);
	assert_true(serial_newer(2, 1));
	assert_false(serial_newer(1, 1));
	assert_false(serial_newer(1, 2));
	assert_true(serial_newer(1, 0xffffffffu));
	assert_false(serial_newer(0x80000001u, 1));
	assert_false(serial_newer(1, 0x80000001u));
	assert_true(serial_newer(0x80000000u, 1));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(judge__genesis__serial_as_given),
		TEST(prereq__without_value__table_of_3_2),
		TEST(prereq__with_value__whole_rrset),
		TEST(prereq__soa__serial_of_the_zone),
		TEST(prereq__has__one_string_of_the_number),
		TEST(prereq__ttl_or_rdata__formerr),
		TEST(prescan__forms__table_of_3_4_1),
		TEST(prescan__types_not_taken__refused_with_reason),
		TEST(prescan__reserved_names__refused),
		TEST(update__add_equal__ttl_of_the_rrset),
		TEST(update__no_effect__serial_stays),
		TEST(update__cname__alone_or_not_at_all),
		TEST(update__beside_cname_at_control__refused),
		TEST(update__soa__newer_serial_only),
		TEST(update__delete_apex__soa_and_ns_stay),
		TEST(update__deletes__name_rrset_record),
		TEST(judge__role__others_refused),
		TEST(judge__key_not_in_force__refused),
		TEST(judge__view_fails__status_passed_on),
		TEST(judge__101_records__refused),
		TEST(judge__101_types__refused),
		TEST(judge__changes_too_large__refused),
		TEST(judge__part__owner_order_and_receipt),
		TEST(judge__time_signed__within_fudge),
		TEST(judge__repeat__first_result),
		TEST(judge__bulk__all_or_nothing),
		cmocka_unit_test(serial__arithmetic__rfc1982),
	};
#undef TEST
	return cmocka_run_group_tests(tests, NULL, NULL);
}
