/*
 * Whether a request changes nothing: yes is said only where the judge agrees.
 */
#include "unit/unit.h"

#include "unit/registry/scene.h"

#include "registry/there.h"

enum { NOERROR = 0 };

static int
setup(void **state)
{
	struct scene *scene = scene_create();

	scene_add_txt(scene, "*.2.1", "ocn=1510");
	scene_add_txt(scene, "9.9", "ocn=1510");
	scene_add_txt(scene, "9.9", "cnam=A");
	scene_add_txt(scene, "9.9", "lrn=12012000000");
	scene_add(scene, "9.9", TYPE_NAPTR, scene_naptr(scene, 10, "E2U+sip",
	    "!^.*$!sip:a@example.com!"));
	scene_add_txt(scene, "9.9.w", "assignee=B");
	scene_add_txt(scene, "1510._ocn", "contact=a");
	scene_add_txt(scene, "1510._ocn", "contact=b");
	scene_add(scene, "host", TYPE_CNAME, scene_name(scene, "Other"));
	/* one inside the block: the block is derived at its ancestors */
	scene_add_txt(scene, "5.4.3.2.1", "ocn=1510");
	assert_int_equal(scene_send(scene), NOERROR);
	*state = scene;
	return 0;
}

static int
teardown(void **state)
{
	scene_destroy(*state);
	return 0;
}

/* What is said of the request that has been built; the judge is asked too. */
static bool
is_there(struct scene *scene)
{
	struct arena arena;
	bool is_there = true;

	arena_init(&arena);
	scene->request.changes = scene->changes;
	scene->request.prereqs = scene->prereqs;
	assert_int_equal(request_is_there(&is_there, &arena,
	    &scene->fake.view, &scene->request), OK);
	arena_fini(&arena);
	(void)scene_send(scene);
	if (is_there)
		assert_int_equal(scene->out.part.n_changes, 0);
	return is_there;
}

/* RFC 2136 3.4.2.2: records that are there, of any scope a client may add. */
static void
request_is_there__all_records__yes(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "9.9", "cnam=A");
	scene_add_txt(scene, "9.9", "lrn=12012000000");
	scene_add_txt(scene, "9.9.w", "assignee=B");
	scene_add_txt(scene, "1510._ocn", "contact=b");
	scene_add_txt(scene, "*.2.1", "ocn=1510");
	scene_add(scene, "host", TYPE_CNAME, scene_name(scene, "Other"));
	assert_true(is_there(scene));
}

/* Nothing to add is there. */
static void
request_is_there__no_records__yes(void **state)
{
	assert_true(is_there(*state));
}

/* Value, TTL, case of a name, type: all of it counts. */
static void
request_is_there__differs__no(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "9.9", "cnam=B");
	assert_false(is_there(scene));
	scene_change(scene, "9.9", CLASS_IN, TYPE_TXT, 301,
	    scene_txt(scene, "ocn=1510"));
	assert_false(is_there(scene));
	scene_change(scene, "9.9", CLASS_IN, TYPE_TXT, 0x80000000,
	    scene_txt(scene, "ocn=1510"));
	assert_false(is_there(scene));
	scene_add(scene, "host", TYPE_CNAME, scene_name(scene, "OTHER"));
	assert_false(is_there(scene));
	scene_add(scene, "9.9", TYPE_A, scene_a(scene, "\1\2\3\4"));
	assert_false(is_there(scene));
	scene_add_txt(scene, "8.9", "ocn=1510");
	assert_false(is_there(scene));
	scene_add_txt(scene, "9.9.w", "assignee=C");
	assert_false(is_there(scene));
}

/* One that is missing is enough, wherever it stands. */
static void
request_is_there__last_is_missing__no(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "*.2.1", "ocn=1510");
	scene_add_txt(scene, "9.9", "cnam=A");
	scene_add_txt(scene, "9.9.w", "zip=10027");
	assert_false(is_there(scene));
}

/* The registry's own records are nobody's: a file's count as new there. */
static void
request_is_there__derived__no(void **state)
{
	struct scene *scene = *state;

	assert_true(scene_has_txt(scene, "*.3.2.1", "ocn=1510"));
	scene_add_txt(scene, "*.3.2.1", "ocn=1510");
	assert_false(is_there(scene));
}

/* DESIGN 6: a number inside a block that gets records gets its holder. */
static void
request_is_there__number_without_holder__no(void **state)
{
	struct scene *scene = *state;

	scene_add(scene, "7.7", TYPE_A, scene_a(scene, "\1\2\3\4"));
	assert_int_equal(scene_send(scene), NOERROR);
	scene_add_txt(scene, "*.7", "ocn=1510");
	assert_int_equal(scene_send(scene), NOERROR);
	scene_add(scene, "7.7", TYPE_A, scene_a(scene, "\1\2\3\4"));
	assert_false(is_there(scene));
	assert_true(scene_has_txt(scene, "7.7", "ocn=1510"));
	scene_add(scene, "7.7", TYPE_A, scene_a(scene, "\1\2\3\4"));
	assert_true(is_there(scene));
}

/* What does more than add is the judge's. */
static void
request_is_there__no_plain_add__no(void **state)
{
	struct scene *scene = *state;

	scene_prereq(scene, "9.9", CLASS_ANY, TYPE_ANY, (struct blob){ 0 });
	assert_false(is_there(scene));
	scene_delete(scene, "9.9", TYPE_TXT, scene_txt(scene, "cnam=A"));
	assert_false(is_there(scene));
	scene_add(scene, "e164.example.", TYPE_SOA, scene_soa(scene, "ns", 5));
	assert_false(is_there(scene));
	scene_add_txt(scene, "k._key._registry", "x");
	assert_false(is_there(scene));
	scene_add_txt(scene, "_pin.9.9", "123456");
	assert_false(is_there(scene));
	scene_add_txt(scene, "9.9", "status=released");
	assert_false(is_there(scene));
}

/* What the view cannot read is passed on. */
static void
request_is_there__view_fails__its_status(void **state)
{
	struct scene *scene = *state;
	struct arena arena;
	bool is_there = false;

	arena_init(&arena);
	scene_add_txt(scene, "9.9", "cnam=A");
	scene->request.changes = scene->changes;
	scene->fake.fail = ERR_IO;
	assert_int_equal(request_is_there(&is_there, &arena,
	    &scene->fake.view, &scene->request), ERR_IO);
	arena_fini(&arena);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(request_is_there__all_records__yes),
		TEST(request_is_there__no_records__yes),
		TEST(request_is_there__differs__no),
		TEST(request_is_there__last_is_missing__no),
		TEST(request_is_there__derived__no),
		TEST(request_is_there__number_without_holder__no),
		TEST(request_is_there__no_plain_add__no),
		TEST(request_is_there__view_fails__its_status),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
