/*
 * image/decimal and region: one node through all its forms; size classes.
 */
#include "unit/unit.h"

#include "image/decimal.h"
#include "image/region.h"

#include <stdlib.h>

enum { CAP = 1024 * 1024, PLACES = 1000 };

struct fixture {
	struct region *region;
	uint32_t node;
	uint32_t want[GROUP_COUNT][PLACES];
};

static void
start(struct fixture *f)
{
	memset(f, 0, sizeof *f);
	f->region = calloc(1, CAP);
	assert_non_null(f->region);
	region_init(f->region, sizeof *f->region, CAP);
	f->region->pristine = f->region->top;
	region_open(f->region);
	f->node = decimal_create(f->region);
	assert_int_not_equal(f->node, 0);
}

static const struct decimal *
node_of(const struct fixture *f)
{
	return region_at(f->region, f->node);
}

static unsigned
places(enum group group)
{
	return group == GROUP_NEAR ? KEY_SELF :
	    group < GROUP_FAR      ? KEY_SELF + 1 :
				     PLACES;
}

static void
assert_as_wanted(const struct fixture *f)
{
	const struct decimal *node = node_of(f);

	assert_true(decimal_is_sound(node));
	for (enum group g = 0; g < GROUP_COUNT; g++)
		for (unsigned key = 0; key < places(g); key++)
			assert_int_equal(
			    decimal_get(node, g, key), f->want[g][key]);
}

static bool
wanted(const struct fixture *f, enum group group, unsigned first, unsigned last)
{
	for (unsigned key = first; key <= last; key++)
		if (f->want[group][key] != 0)
			return true;
	return false;
}

static bool
wanted_near(const struct fixture *f, unsigned first, unsigned last)
{
	return wanted(f, GROUP_NEAR, first, last) ||
	    wanted(f, GROUP_STARS, first, last) ||
	    wanted(f, GROUP_OTHERS, first, last);
}

static bool
wanted_far(const struct fixture *f, unsigned first, unsigned last)
{
	return wanted(f, GROUP_FAR, first, last) ||
	    wanted(f, GROUP_CHILDREN, first, last);
}

static void
assert_exists_as_wanted(const struct fixture *f)
{
	const struct decimal *node = node_of(f);

	for (unsigned d = 0; d < 1000; d++)
		assert_int_equal(
		    decimal_exists(node, 3, d), wanted_far(f, d, d));
	for (unsigned d = 0; d < 100; d++)
		assert_int_equal(decimal_exists(node, 2, d),
		    wanted_near(f, 10 + d, 10 + d) ||
			wanted_far(f, 10 * d, 10 * d + 9));
	for (unsigned d = 0; d < 10; d++)
		assert_int_equal(decimal_exists(node, 1, d),
		    wanted_near(f, d, d) ||
			wanted_near(f, 10 + 10 * d, 19 + 10 * d) ||
			wanted_far(f, 100 * d, 100 * d + 99));
}

static void
put(struct fixture *f, enum group group, unsigned key, uint32_t value)
{
	assert_int_equal(
	    decimal_put(f->region, &f->node, group, key, value), OK);
	f->want[group][key] = value;
}

static void
take(struct fixture *f, enum group group, unsigned key)
{
	assert_int_equal(decimal_remove(f->region, &f->node, group, key), OK);
	f->want[group][key] = 0;
}

/* Rule: each group holds what was put there while it grows to all its places
 * and shrinks to none, whatever the others hold. */
static void
decimal_put__all_places_of_a_group__found(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	for (enum group g = 0; g < GROUP_COUNT; g++)
		put(&f, g, 7, 1000 + g);
	for (enum group g = 0; g < GROUP_COUNT; g++) {
		unsigned n = places(g);
		for (unsigned i = 0; i < n; i++) {
			put(&f, g, i * 7 % n, 1 + i);
			if (i < 40 || i + 3 > n)
				assert_as_wanted(&f);
		}
		assert_exists_as_wanted(&f);
		for (unsigned i = 0; i < n - 1; i++) {
			take(&f, g, i * 13 % n);
			if (i < 3 || i + 40 > n)
				assert_as_wanted(&f);
		}
		assert_exists_as_wanted(&f);
	}
	free(f.region);
}

/* Rule: names exist by what is below them: every single place. */
static void
decimal_exists__one_place__all_above_it(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	for (enum group g = 0; g < GROUP_COUNT; g++) {
		for (unsigned key = 0; key < places(g); key += 3) {
			put(&f, g, key, 5);
			assert_exists_as_wanted(&f);
			take(&f, g, key);
		}
	}
	assert_true(decimal_is_empty(node_of(&f)));
	free(f.region);
}

/* Rule: 1,000 numbers of a prefix take little more than four bytes each. */
static void
decimal_put__thousand_numbers__four_bytes_each(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	for (unsigned key = 0; key < PLACES; key++)
		put(&f, GROUP_FAR, key, 1 + key);
	assert_in_range(node_of(&f)->end * 8u, 4000, 4200);
	free(f.region);
}

/* Rule: classes cover every size, waste at most an eighth, and keep order. */
static void
region_class__all_sizes__fit(void **state)
{
	unsigned last = 0;

	(void)state;
	for (size_t bytes = 1; bytes < 3 * CAP; bytes += 1 + bytes / 97) {
		unsigned class = region_class(bytes);
		size_t room = (size_t)region_class_units(class) * REGION_UNIT;
		assert_true(class >= last && class < REGION_CLASSES);
		assert_true(room >= bytes);
		assert_true(
		    room < bytes + REGION_UNIT || room - bytes <= bytes / 8);
		assert_true(class == 0 ||
		    (size_t)region_class_units(class - 1) * REGION_UNIT <
			bytes);
		last = class;
	}
	/* the largest: 16 GiB are one block at most */
	assert_int_equal(region_class((size_t)1 << 34), REGION_CLASSES - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimal_put__all_places_of_a_group__found),
		cmocka_unit_test(decimal_exists__one_place__all_above_it),
		cmocka_unit_test(
		    decimal_put__thousand_numbers__four_bytes_each),
		cmocka_unit_test(region_class__all_sizes__fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
