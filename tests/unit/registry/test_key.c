/*
 * Key and registrar records, and the first request of a zone.
 */
#include "unit/unit.h"

#include "unit/registry/scene.h"

#include "base/check.h"
#include "dns/name.h"
#include "registry/genesis.h"
#include "registry/key.h"
#include "registry/registrar.h"
#include "registry/scope.h"

enum { NOERROR, FORMERR, REFUSED = 5, YXDOMAIN, YXRRSET, NXRRSET };

static int
setup(void **state)
{
	struct scene *scene = scene_create();

	scene->request.door = DOOR_CONTROL;
	scene->request.actor = (struct actor){ .role = ROLE_AUTHORITY,
		.registrar = "r1" };
	*state = scene;
	return 0;
}

static int
teardown(void **state)
{
	scene_destroy(*state);
	return 0;
}

static struct dname
name(const char *text)
{
	struct dname out;

	require(dname_parse(&out, text, strlen(text), NULL) == OK);
	return out;
}

static struct key_record
carrier(void)
{
	return (struct key_record){ .role = ROLE_CARRIER, .ocn = "1510",
		.algorithm = MAC_SHA256, .made_ms = 0x123456789abu,
		.sealed = { (const uint8_t *)"sealed secret", 13 } };
}

static struct blob
records_of(struct scene *scene, const struct dname *key)
{
	struct owner owner;

	require(key_owner(&owner, key) == OK);
	return fake_view_get(&scene->fake, owner_blob(&owner)).rrsets;
}

/* Send what a helper made, over the control socket. */
static int
send_lines(struct scene *scene, const struct request *lines)
{
	scene->request.prereqs = lines->prereqs;
	scene->request.n_prereqs = lines->n_prereqs;
	scene->request.changes = lines->changes;
	scene->request.n_changes = lines->n_changes;
	return scene_send(scene);
}

/* What was written reads back; nothing shorter, longer or odd does. */
static void
key_decode__round_trip_and_damage__checked(void **state)
{
	uint8_t rdata[KEY_RDATA_MAX];
	struct key_record key = carrier();
	struct key_record out;

	(void)state;
	key.version = 3;
	key.state = KEY_IN_FORCE;
	size_t len = key_encode(rdata, &key);
	assert_int_equal(key_decode(&out, (struct blob){ rdata, len }), OK);
	assert_int_equal(out.version, 3);
	assert_string_equal(out.ocn, "1510");
	assert_int_equal(out.made_ms, key.made_ms);
	assert_int_equal(out.sealed.len, 13);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(key_decode(&out,
		    (struct blob){ rdata, cut }), ERR_MALFORMED);
	assert_int_equal(key_decode(&out, (struct blob){ rdata, len + 1 }),
	    ERR_MALFORMED);
	static const struct {
		size_t at;
		uint8_t value;
		enum status status;
	} rows[] = { { 0, 2, ERR_NEWER }, { 0, 0, ERR_MALFORMED },
		{ 4, 0, ERR_MALFORMED }, { 5, 0, ERR_MALFORMED },
		{ 5, KEY_REVOKED, ERR_MALFORMED }, { 6, 0, ERR_MALFORMED },
		{ 6, ROLE_AUTHORITY, ERR_MALFORMED },
		{ 6, ROLE_REGISTRAR, ERR_MALFORMED }, { 7, 0, ERR_MALFORMED },
		{ 7, 9, ERR_MALFORMED }, { 8, 'a', ERR_MALFORMED },
		{ 11, 0, ERR_MALFORMED } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t was = rdata[rows[i].at];
		rdata[rows[i].at] = rows[i].value;
		if (key_decode(&out, (struct blob){ rdata, len }) !=
		    rows[i].status)
			fail_msg("row %zu", i);
		rdata[rows[i].at] = was;
	}
}

/* Names and owners, both ways; case does not matter. */
static void
key_owner__name__both_ways(void **state)
{
	struct dname upper = name("Admin.1510.Example.");
	struct dname lower = name("admin.1510.example.");
	struct dname back;
	struct owner a;
	struct owner b;

	(void)state;
	assert_int_equal(key_owner(&a, &upper), OK);
	assert_int_equal(key_owner(&b, &lower), OK);
	assert_int_equal(owner_compare(owner_blob(&a), owner_blob(&b)), 0);
	assert_true(owner_is_at_or_below(owner_blob(&a), key_top()));
	assert_int_equal(owner_scope(owner_blob(&a)), SCOPE_PRIVATE);
	assert_true(key_name(&back, owner_blob(&a)));
	assert_true(dname_equal(&back, &lower));
	assert_false(key_name(&back, key_top()));
	struct dname root = name(".");
	assert_int_equal(key_owner(&a, &root), ERR_BAD_VALUE);
}

/* R5: In force, revoked, in force again with the next version. */
static void
key__life__versions_only_go_up(void **state)
{
	struct scene *scene = *state;
	struct dname key_name = name("admin.1510.");
	struct key_record key = carrier();
	struct request lines;

	assert_int_equal(key_add_request(&scene->arena, &lines, &key_name,
	    &key, records_of(scene, &key_name)), OK);
	assert_int_equal(send_lines(scene, &lines), NOERROR);
	assert_false(scene->out.is_public);
	assert_int_equal(key_read(&key, records_of(scene, &key_name)), OK);
	assert_int_equal(key.version, 1);
	assert_int_equal(key_add_request(&scene->arena, &lines, &key_name,
	    &key, records_of(scene, &key_name)), ERR_EXISTS);
	assert_int_equal(key_revoke_request(&scene->arena, &lines, &key_name,
	    records_of(scene, &key_name)), OK);
	assert_int_equal(send_lines(scene, &lines), NOERROR);
	assert_int_equal(key_read(&key, records_of(scene, &key_name)), OK);
	assert_int_equal(key.state, KEY_REVOKED);
	assert_int_equal(key.sealed.len, 0);
	assert_int_equal(key_revoke_request(&scene->arena, &lines, &key_name,
	    records_of(scene, &key_name)), ERR_NOT_FOUND);
	key = carrier();
	assert_int_equal(key_add_request(&scene->arena, &lines, &key_name,
	    &key, records_of(scene, &key_name)), OK);
	assert_int_equal(send_lines(scene, &lines), NOERROR);
	assert_int_equal(key_read(&key, records_of(scene, &key_name)), OK);
	assert_int_equal(key.version, 2);
}

/* Two adds of one name: the second does not win, nor without prerequisites. */
static void
key__two_adds__one_wins(void **state)
{
	struct scene *scene = *state;
	struct dname key_name = name("admin.1510.");
	struct blob before = records_of(scene, &key_name);
	struct key_record key = carrier();
	struct key_record other = carrier();
	struct request lines;
	struct request others;

	other.sealed = (struct blob){ (const uint8_t *)"other", 5 };
	assert_int_equal(key_add_request(&scene->arena, &lines, &key_name,
	    &key, before), OK);
	assert_int_equal(key_add_request(&scene->arena, &others, &key_name,
	    &other, before), OK);
	assert_int_equal(send_lines(scene, &lines), NOERROR);
	assert_int_equal(send_lines(scene, &others), YXDOMAIN);
	others.n_prereqs = 0;
	assert_int_equal(send_lines(scene, &others), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_KEY_EXISTS);
	assert_int_equal(key_read(&key, records_of(scene, &key_name)), OK);
	assert_int_equal(key.sealed.len, 13);
}

/* A version is the old one + 1, whoever made the lines. */
static void
key__version_skipped__refused(void **state)
{
	struct scene *scene = *state;
	struct dname key_name = name("admin.");
	struct key_record key = carrier();
	struct request lines;
	uint8_t rdata[KEY_RDATA_MAX];
	struct blob written = { rdata, 0 };

	assert_int_equal(key_add_request(&scene->arena, &lines, &key_name,
	    &key, records_of(scene, &key_name)), OK);
	assert_int_equal(send_lines(scene, &lines), NOERROR);
	assert_int_equal(key_revoke_request(&scene->arena, &lines, &key_name,
	    records_of(scene, &key_name)), OK);
	assert_int_equal(send_lines(scene, &lines), NOERROR);
	static const uint32_t versions[] = { 1, 3, 2 };
	for (size_t i = 0; i < 3; i++) {
		key.version = versions[i];
		key.state = KEY_IN_FORCE;
		written.len = key_encode(rdata, &key);
		scene_delete_type(scene, "admin._key._registry",
		    TYPE_KEY_RECORD);
		scene_change(scene, "admin._key._registry", CLASS_IN,
		    TYPE_KEY_RECORD, 0, written);
		assert_int_equal(scene_send(scene),
		    versions[i] == 2 ? NOERROR : REFUSED);
	}
}

/* A tombstone stays, and a key's name holds nothing else. */
static void
key__deleted_or_mixed__refused(void **state)
{
	struct scene *scene = *state;
	struct dname key_name = name("admin.");
	struct key_record key = carrier();
	struct request lines;

	assert_int_equal(key_add_request(&scene->arena, &lines, &key_name,
	    &key, records_of(scene, &key_name)), OK);
	assert_int_equal(send_lines(scene, &lines), NOERROR);
	scene_delete_name(scene, "admin._key._registry");
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_INVALID_VALUE);
	scene_add_txt(scene, "other._key._registry", "no key");
	assert_int_equal(scene_send(scene), REFUSED);
}

/* A key in force gets another secret: the next version, at once, and the
 * version before it is nobody's any more; role and OCN stay. */
static void
key_rotate_request__in_force__next_version(void **state)
{
	struct scene *scene = *state;
	struct dname key_name = name("admin.1510.");
	struct key_record key = carrier();
	struct key_record other = { .algorithm = MAC_SHA512, .made_ms = 7,
		.sealed = { (const uint8_t *)"new", 3 } };
	struct request lines;

	assert_int_equal(key_rotate_request(&scene->arena, &lines, &key_name,
	    &other, records_of(scene, &key_name)), ERR_NOT_FOUND);
	assert_int_equal(key_add_request(&scene->arena, &lines, &key_name,
	    &key, records_of(scene, &key_name)), OK);
	assert_int_equal(send_lines(scene, &lines), NOERROR);
	struct blob before = records_of(scene, &key_name);
	assert_int_equal(key_rotate_request(&scene->arena, &lines, &key_name,
	    &other, before), OK);
	assert_int_equal(send_lines(scene, &lines), NOERROR);
	assert_int_equal(send_lines(scene, &lines), NXRRSET); /* not twice */
	assert_int_equal(key_read(&key, records_of(scene, &key_name)), OK);
	assert_int_equal(key.version, 2);
	assert_int_equal(key.state, KEY_IN_FORCE);
	assert_int_equal(key.role, ROLE_CARRIER);
	assert_string_equal(key.ocn, "1510");
	assert_int_equal(key.algorithm, MAC_SHA512);
	assert_int_equal(key.sealed.len, 3);
}

/* Another role or OCN under a name that is in force: never. */
static void
key__other_owner_while_in_force__refused(void **state)
{
	struct scene *scene = *state;
	struct dname key_name = name("admin.");
	struct key_record key = carrier();
	struct request lines;
	uint8_t rdata[KEY_RDATA_MAX];
	struct blob written = { rdata, 0 };

	assert_int_equal(key_add_request(&scene->arena, &lines, &key_name,
	    &key, records_of(scene, &key_name)), OK);
	assert_int_equal(send_lines(scene, &lines), NOERROR);
	key.version = 2;
	key.state = KEY_IN_FORCE;
	memcpy(key.ocn, "5678", 5);
	written.len = key_encode(rdata, &key);
	scene_delete_type(scene, "admin._key._registry", TYPE_KEY_RECORD);
	scene_change(scene, "admin._key._registry", CLASS_IN, TYPE_KEY_RECORD,
	    0, written);
	assert_int_equal(scene_send(scene), REFUSED);
	assert_int_equal(scene->out.cause, CAUSE_KEY_EXISTS);
}

/* What is no key at all. */
static void
key_add_request__unsound__bad_value(void **state)
{
	struct scene *scene = *state;
	struct dname key_name = name("admin.");
	const struct blob nothing = { .data = NULL };
	struct request lines;
	struct key_record key = carrier();

	key.ocn[0] = '\0';
	assert_int_equal(key_add_request(&scene->arena, &lines, &key_name,
	    &key, nothing), ERR_BAD_VALUE);
	key = carrier();
	key.role = ROLE_REGISTRAR;
	assert_int_equal(key_add_request(&scene->arena, &lines, &key_name,
	    &key, nothing), ERR_BAD_VALUE);
	key = carrier();
	key.sealed.len = 0;
	assert_int_equal(key_add_request(&scene->arena, &lines, &key_name,
	    &key, nothing), ERR_BAD_VALUE);
}

/* Registrar records read back; damage does not. */
static void
registrar_decode__round_trip_and_damage__checked(void **state)
{
	uint8_t rdata[REGISTRAR_RDATA_LEN + 1] = { 0 };
	const struct registrar_record in = { .state = REGISTRAR_VOTER,
		.id = 1, .changed_ms = 0x123456789abu };
	struct registrar_record out;
	struct owner owner;

	(void)state;
	registrar_encode(rdata, &in);
	const size_t len = REGISTRAR_RDATA_LEN;
	assert_int_equal(registrar_decode(&out, (struct blob){ rdata, len }),
	    OK);
	assert_int_equal(out.changed_ms, in.changed_ms);
	assert_int_equal(registrar_decode(&out,
	    (struct blob){ rdata, len - 1 }), ERR_MALFORMED);
	assert_int_equal(registrar_decode(&out,
	    (struct blob){ rdata, len + 1 }), ERR_MALFORMED);
	rdata[1] = 0;
	assert_int_equal(registrar_decode(&out, (struct blob){ rdata, len }),
	    ERR_MALFORMED);
	rdata[0] = 2;
	assert_int_equal(registrar_decode(&out, (struct blob){ rdata, len }),
	    ERR_NEWER);
	assert_int_equal(registrar_owner(&owner, ""), ERR_BAD_VALUE);
	assert_int_equal(registrar_owner(&owner, "r1"), OK);
	assert_int_equal(owner_scope(owner_blob(&owner)), SCOPE_PRIVATE);
}

static struct genesis_server
server(const char *text, const char *address, uint8_t len)
{
	struct genesis_server out = { .name = name(text), .address_len = len };

	memcpy(out.address, address, len);
	return out;
}

/* DESIGN 10, init: SOA, NS, addresses, update.Z, the cut at w, the key. */
static void
genesis_request__two_servers__whole_zone(void **state)
{
	struct scene *scene = *state;
	struct dname key_name = name("authority.");
	const struct genesis_server servers[] = {
		server("ns1.e164.example.", "\177\0\0\1", 4),
		server("ns1.e164.example.", "0123456789abcdef", 16),
		server("ns2.other.", "\177\0\0\2", 4),
	};
	struct genesis genesis = { .apex = &scene->apex, .serial = 4000000000u,
		.servers = servers, .n_servers = 3, .key_name = &key_name,
		.key = carrier(), .registrar = "r1", .registrar_id = 1 };
	struct owner owner;

	genesis.key.ocn[0] = '\0';
	/* a zone that has nothing at all */
	require(key_owner(&owner, &key_name) == OK);
	fake_view_put(&scene->fake, owner_blob(&owner), &(struct node){ 0 });
	assert_int_equal(genesis_request(&scene->arena, &scene->request,
	    &genesis, NULL), OK);
	assert_int_equal(scene_send(scene), NOERROR);
	assert_int_equal(scene->fake.view.serial, 4000000000u);
	assert_int_equal(scene->out.n_warnings, 0);
	assert_int_equal(scene_count(scene, "@", TYPE_SOA), 1);
	assert_int_equal(scene_count(scene, "@", TYPE_NS), 2);
	assert_int_equal(scene_count(scene, "w", TYPE_NS), 2);
	assert_int_equal(scene_count(scene, "update", TYPE_A), 2);
	assert_int_equal(scene_count(scene, "update", TYPE_AAAA), 1);
	assert_int_equal(scene_count(scene, "ns1", TYPE_A), 1);
	assert_int_equal(scene_count(scene, "ns1", TYPE_AAAA), 1);
	assert_int_equal(scene_count(scene, "authority._key._registry",
	    TYPE_KEY_RECORD), 1);
	assert_int_equal(scene_count(scene, "r1._registrar._registry",
	    TYPE_REGISTRAR_RECORD), 1);
}

/* Options that make no zone. */
static void
genesis_request__bad_options__bad_value(void **state)
{
	static const char *const names[] = { "w.e164.example.",
		"x.w.e164.example.", "_registry.e164.example.",
		"1.2.e164.example.", "_pin.e164.example.",
		"1510._ocn.e164.example." };
	struct scene *scene = *state;
	struct dname key_name = name("authority.");
	struct genesis_server one = server("ns1.e164.example.", "abcd", 4);
	struct genesis genesis = { .apex = &scene->apex, .serial = 1,
		.servers = &one, .n_servers = 1, .key_name = &key_name,
		.key = carrier(), .registrar = "r1", .registrar_id = 1 };
	struct request out;
	struct reason reason;

	genesis.key.ocn[0] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		one.name = name(names[i]);
		reason.text[0] = '\0';
		if (genesis_request(&scene->arena, &out, &genesis, &reason) !=
		    ERR_BAD_VALUE)
			fail_msg("taken: %s", names[i]);
		assert_string_not_equal(reason.text, "");
	}
	one = server("ns1.e164.example.", "abcd", 4);
	one.address_len = 5;
	assert_int_equal(genesis_request(&scene->arena, &out, &genesis, NULL),
	    ERR_BAD_VALUE);
	one.address_len = 4;
	genesis.serial = 0;
	assert_int_equal(genesis_request(&scene->arena, &out, &genesis, NULL),
	    ERR_BAD_VALUE);
	genesis.serial = 1;
	genesis.n_servers = 0;
	assert_int_equal(genesis_request(&scene->arena, &out, &genesis, NULL),
	    ERR_BAD_VALUE);
	genesis.n_servers = 1;
	genesis.registrar = "";
	assert_int_equal(genesis_request(&scene->arena, &out, &genesis, NULL),
	    ERR_BAD_VALUE);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_decode__round_trip_and_damage__checked),
		cmocka_unit_test(key_owner__name__both_ways),
		TEST(key__life__versions_only_go_up),
		TEST(key__two_adds__one_wins),
		TEST(key__version_skipped__refused),
		TEST(key__deleted_or_mixed__refused),
		TEST(key_rotate_request__in_force__next_version),
		TEST(key__other_owner_while_in_force__refused),
		TEST(key_add_request__unsound__bad_value),
		cmocka_unit_test(
		    registrar_decode__round_trip_and_damage__checked),
		TEST(genesis_request__two_servers__whole_zone),
		TEST(genesis_request__bad_options__bad_value),
	};
#undef TEST
	return cmocka_run_group_tests(tests, NULL, NULL);
}
