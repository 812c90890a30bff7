/*
 * RFC 2136 as the judge does it, for the authority.
 */
#include "unit/unit.h"

#include "unit/registry/scene.h"

#include "base/check.h"

static const struct blob none = { .data = NULL };

static int
setup(void **state)
{
	struct scene *scene = scene_create();
	struct actor actor = scene->request.actor;

	scene->request.door = DOOR_GENESIS;
	scene->request.actor = (struct actor){ .role = ROLE_REGISTRAR };
	scene_add(scene, "@", TYPE_SOA, scene_soa(scene, "update", 7));
	scene_add(scene, "@", TYPE_NS, scene_name(scene, "ns1"));
	scene_add(scene, "ns1", TYPE_A, scene_a(scene, "\1\2\3\4"));
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

/* DESIGN 10: init --serial starts the serial. */
static void
judge__genesis__serial_as_given(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(scene->fake.view.serial, 7);
	assert_int_equal(scene_count(scene, "@", TYPE_SOA), 1);
}

/* RFC 2136 3.4.2.2: records are added; the serial moves by one. */
static void
judge__add_number__records_there(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "3.2.1", "ocn=1510");
	scene_add_txt(scene, "3.2.1", "cnam=ACME");
	scene_add(scene, "3.2.1", TYPE_NAPTR, scene_naptr(scene, 10, "E2U+sip",
	    "!^.*$!sip:123@example.com!"));
	assert_int_equal(scene_send(scene), 0);
	assert_true(scene_has_txt(scene, "3.2.1", "ocn=1510"));
	assert_true(scene_has_txt(scene, "3.2.1", "cnam=ACME"));
	assert_int_equal(scene_count(scene, "3.2.1", TYPE_NAPTR), 1);
	assert_int_equal(scene->fake.view.serial, 8);
	assert_true(scene->out.is_public);
	assert_int_equal(scene->out.n_warnings, 0);
	(void)none;
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(judge__genesis__serial_as_given),
		TEST(judge__add_number__records_there),
	};
#undef TEST
	return cmocka_run_group_tests(tests, NULL, NULL);
}
