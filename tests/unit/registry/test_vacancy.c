/*
 * Free numbers: what takes a number is what would refuse its allocation
 * (DESIGN 6: allocate).
 */
#include "unit/unit.h"

#include "unit/registry/scene.h"

#include "registry/vacancy.h"

enum { NOERROR = 0 };

static int
setup(void **state)
{
	struct scene *scene = scene_create();

	scene_add_txt(scene, "12._pool", "pool=open");
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

static struct tn
tn(const char *text)
{
	struct tn out = { 0 };

	assert_int_equal(tn_parse(&out, text, strlen(text), NULL), OK);
	return out;
}

/* Search, and compare with the numbers as text: "120 121", or the reason. */
static void
expect(struct scene *scene, const char *prefix, unsigned digits, size_t count,
    const char *want)
{
	const struct vacancy_order order = { .prefix = tn(prefix),
		.digits = digits, .count = count };
	struct vacancy found = { .n = 0 };
	struct reason reason = { "" };
	struct arena arena;
	struct arena work;
	char text[1024] = "";
	char number[TN_DIGITS_MAX + 1];

	arena_init(&arena);
	arena_init(&work);
	enum status status = vacancy_find(&found, &arena, &work,
	    &scene->fake.view, &order, &reason);
	assert_true((status == OK) == (found.n > 0));
	for (size_t i = 0; i < found.n; i++) {
		(void)tn_digits(number, found.numbers[i]);
		snprintf(text + strlen(text), sizeof text - strlen(text),
		    "%s%s", i > 0 ? " " : "", number);
	}
	arena_fini(&work);
	arena_fini(&arena);
	if (status != OK)
		assert_int_equal(status, ERR_NOT_FOUND);
	assert_string_equal(status == OK ? text : reason.text, want);
}

static void
put(struct scene *scene, const char *name, const char *text)
{
	scene_add_txt(scene, name, text);
	assert_int_equal(scene_send(scene), NOERROR);
}

/* The lowest first, and no more than asked for. */
static void
vacancy_find__empty_pool__lowest(void **state)
{
	expect(*state, "12", 4, 3, "1200 1201 1202");
	expect(*state, "12", 3, 100, "120 121 122 123 124 125 126 127 128 129");
	expect(*state, "12", 2, 100, "12");
}

/* A number with any record is taken, also by the authority alone. */
static void
vacancy_find__numbers__between_them(void **state)
{
	struct scene *scene = *state;

	put(scene, "0.2.1", "ocn=1510");
	put(scene, "3.2.1", "status=reserved");
	scene_add(scene, "4.2.1", TYPE_A, scene_a(scene, "\1\2\3\4"));
	assert_int_equal(scene_send(scene), NOERROR);
	put(scene, "9.2.1", "ocn=1510");
	expect(scene, "12", 0, 100, "121 122 125 126 127 128");
}

/* Inside a block with a holder nothing is free, wherever the search begins. */
static void
vacancy_find__block_with_holder__passed(void **state)
{
	struct scene *scene = *state;

	put(scene, "*.1.2.1", "ocn=1510");
	put(scene, "7.3.1.2.1", "ocn=1510"); /* in it: derived records */
	expect(scene, "12", 4, 12, "1200 1201 1202 1203 1204 1205 1206 1207 "
	    "1208 1209 1220 1221");
	expect(scene, "121", 4, 5,
	    "+121 is inside a block that has a holder, or is delegated");
	expect(scene, "1213", 5, 5,
	    "+1213 is inside a block that has a holder, or is delegated");
}

/* A block that nobody holds (a location) takes nothing. */
static void
vacancy_find__block_without_holder__counts_not(void **state)
{
	struct scene *scene = *state;

	put(scene, "*.2.1", "location=Here");
	put(scene, "0.2.1", "ocn=1510");
	expect(scene, "12", 3, 2, "121 122");
}

/* A number that longer names begin with is not offered. */
static void
vacancy_find__longer_names__not_offered(void **state)
{
	struct scene *scene = *state;

	put(scene, "5.0.2.1", "ocn=1510");
	put(scene, "*.1.2.1", "ocn=1510");
	scene_add(scene, "_sip._tcp.2.2.1", TYPE_A, scene_a(scene,
	    "\1\2\3\4"));
	assert_int_equal(scene_send(scene), NOERROR);
	expect(scene, "12", 3, 2, "123 124");
}

/* What is delegated is not ours to give. */
static void
vacancy_find__delegated__passed(void **state)
{
	struct scene *scene = *state;

	scene_add(scene, "0.2.1", TYPE_NS, scene_name(scene, "ns1"));
	assert_int_equal(scene_send(scene), NOERROR);
	expect(scene, "12", 4, 2, "1210 1211");
	expect(scene, "1205", 5, 2,
	    "+1205 is inside a block that has a holder, or is delegated");
}

/* Inside a pool, around one, around several, and where there is none. */
static void
vacancy_find__pools__at_around_below(void **state)
{
	struct scene *scene = *state;

	put(scene, "139._pool", "pool=open");
	put(scene, "1255._pool", "pool=open"); /* inside 12 */
	expect(scene, "128", 4, 2, "1280 1281");
	expect(scene, "1", 3, 100,
	    "120 121 122 123 124 125 126 127 128 129 139");
	expect(scene, "13", 4, 2, "1390 1391");
	expect(scene, "14", 4, 2, "no pool is open at +14, around or below it");
	scene_delete(scene, "12._pool", TYPE_TXT, scene_txt(scene,
	    "pool=open"));
	assert_int_equal(scene_send(scene), NOERROR);
	expect(scene, "12", 5, 2, "12550 12551");
	expect(scene, "128", 4, 2,
	    "no pool is open at +128, around or below it");
}

/* Without --digits: as most numbers of the pool; of two lengths the longer. */
static void
vacancy_find__digits_not_given__as_in_the_pool(void **state)
{
	struct scene *scene = *state;

	expect(scene, "12", 0, 1, "no number stands below +12 yet that would "
	    "show how many digits they have: say --digits");
	put(scene, "0.0.0.2.1", "ocn=1510");
	expect(scene, "12", 0, 1, "12001");
	put(scene, "9.9.9.9.2.1", "ocn=1510");
	expect(scene, "12", 0, 1, "120000");
	put(scene, "1.0.0.2.1", "ocn=1510");
	expect(scene, "12", 0, 1, "12002");
}

/* A pool with nothing left says so. */
static void
vacancy_find__full__said(void **state)
{
	struct scene *scene = *state;
	char name[] = "0.2.1";

	for (char d = '0'; d <= '9'; d++) {
		name[0] = d;
		put(scene, name, "ocn=1510");
	}
	expect(scene, "12", 0, 1, "no number is free in the open pools at +12");
	expect(scene, "125", 3, 1,
	    "no number is free in the open pools at +125");
}

/* Numbers of 15 digits, the most there are. */
static void
vacancy_find__15_digits__found(void **state)
{
	expect(*state, "12999999999999", 15, 2,
	    "129999999999990 129999999999991");
	expect(*state, "129999999999999", 15, 2, "129999999999999");
}

/* Lengths and counts that cannot be. */
static void
vacancy_find__out_of_range__refused(void **state)
{
	static const struct vacancy_order orders[] = {
		{ .digits = 16, .count = 1 },
		{ .digits = 1, .count = 1 },
		{ .digits = 5, .count = 0 },
		{ .digits = 5, .count = VACANCY_COUNT_MAX + 1 },
	};
	struct scene *scene = *state;
	struct vacancy found;
	struct reason reason;

	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		struct vacancy_order order = orders[i];
		order.prefix = tn("12");
		reason.text[0] = '\0';
		assert_int_equal(vacancy_find(&found, &scene->arena,
		    &scene->arena, &scene->fake.view, &order, &reason),
		    ERR_BAD_VALUE);
		assert_true(reason.text[0] != '\0');
	}
}

/* What the view cannot read is passed on. */
static void
vacancy_find__view_fails__its_status(void **state)
{
	struct scene *scene = *state;
	const struct vacancy_order order = { .prefix = tn("12"), .digits = 4,
		.count = 1 };
	struct vacancy found;
	struct reason reason;
	struct arena work;

	arena_init(&work);
	scene->fake.fail = ERR_IO;
	assert_int_equal(vacancy_find(&found, &scene->arena, &work,
	    &scene->fake.view, &order, &reason), ERR_IO);
	arena_fini(&work);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(vacancy_find__empty_pool__lowest),
		TEST(vacancy_find__numbers__between_them),
		TEST(vacancy_find__block_with_holder__passed),
		TEST(vacancy_find__block_without_holder__counts_not),
		TEST(vacancy_find__longer_names__not_offered),
		TEST(vacancy_find__delegated__passed),
		TEST(vacancy_find__pools__at_around_below),
		TEST(vacancy_find__digits_not_given__as_in_the_pool),
		TEST(vacancy_find__full__said),
		TEST(vacancy_find__15_digits__found),
		TEST(vacancy_find__out_of_range__refused),
		TEST(vacancy_find__view_fails__its_status),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
