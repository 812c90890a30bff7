/*
 * Blocks as PSV and the OCNs of carrier names (DESIGN 10).
 */
#include "unit/unit.h"

#include "unit/zonefile/fixture.h"

#include <stdlib.h>

static void
find(struct carriers *carriers, const char *name, char *ocn, bool *is_new)
{
	const struct blob blob = { (const uint8_t *)name, strlen(name) };

	assert_int_equal(carriers_find(carriers, blob, ocn, is_new), OK);
	assert_int_equal(strlen(ocn), 4);
	assert_int_equal(strspn(ocn, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
	    4);
	assert_true(ocn[0] >= 'A');
}

/* The OCN is registered where its carrier first appears, and only there. */
static void
psv_read_row__blocks__ocn_with_its_name_once(void **state)
{
	(void)state;
	fixture_expect(INTAKE_PSV, "12|BaTelCo\n13|S\xc3\xadminn\n14|BaTelCo\n",
	    "1: v5od._ocn. 3600 TXT \"name=BaTelCo\""
	    " | *.2.1. 300 TXT \"ocn=V5OD\"\n"
	    "2: arx9._ocn. 3600 TXT \"name=S\\195\\173minn\""
	    " | *.3.1. 300 TXT \"ocn=ARX9\"\n"
	    "3: *.4.1. 300 TXT \"ocn=V5OD\"\nend\n");
}

/* Faults have line, column and reason; quotes mean nothing here. */
static void
psv_read_row__bad_lines__said(void **state)
{
	(void)state;
	fixture_expect(INTAKE_PSV, "12\n12|a|b\nx|a\n|a\n12|\n\n12*|\"q\"\n",
	    "1:1! expected prefix|carrier name, found 1 fields\n"
	    "2:1! expected prefix|carrier name, found 3 fields\n"
	    "3:1! character 1 of the number, 'x', is no digit\n"
	    "4:1! '' is no prefix of 1 to 15 digits\n"
	    "5:4! the carrier name has 0 bytes: expected 1 to 250\n"
	    "7: twvh._ocn. 3600 TXT \"name=\\\"q\\\"\""
	    " | *.2.1. 300 TXT \"ocn=TWVH\"\nend\n");
}

/* A registered name keeps its OCN, whatever would be made of it. */
static void
carriers_find__registered__kept(void **state)
{
	static const uint8_t name[] = "BaTelCo";
	struct carriers *carriers = carriers_create();
	bool is_new = true;
	char ocn[5];

	(void)state;
	assert_int_equal(carriers_enter(carriers, "1510",
	    (struct blob){ name, 7 }), OK);
	assert_int_equal(carriers_find(carriers, (struct blob){ name, 7 }, ocn,
	    &is_new), OK);
	assert_string_equal(ocn, "1510");
	assert_false(is_new);
	carriers_destroy(carriers);
}

/* An OCN that is taken is not given again. */
static void
carriers_find__taken__next_free(void **state)
{
	struct carriers *carriers = carriers_create();
	bool is_new = false;
	char ocn[5];

	(void)state;
	assert_int_equal(carriers_enter(carriers, "V5OD",
	    (struct blob){ NULL, 0 }), OK);
	assert_int_equal(carriers_enter(carriers, "v5o!",
	    (struct blob){ NULL, 0 }), OK);
	find(carriers, "BaTelCo", ocn, &is_new);
	assert_string_equal(ocn, "V5OE");
	assert_true(is_new);
	carriers_destroy(carriers);
}

/* Many names: no OCN twice, and the same OCNs in every run. */
static void
carriers_find__many__no_collision_and_stable(void **state)
{
	enum { MANY = 50000 };
	static char ocns[MANY][5];
	static uint8_t seen[36 * 36 * 36 * 36];
	struct carriers *carriers[2] = { carriers_create(), carriers_create() };
	bool is_new = false;
	char name[32];
	char ocn[5];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "carrier %d", i);
		find(carriers[0], name, ocns[i], &is_new);
		assert_true(is_new);
		size_t value = strtoul(ocns[i], NULL, 36);
		assert_int_equal(seen[value], 0);
		seen[value] = 1;
	}
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "carrier %d", i);
		find(carriers[1], name, ocn, &is_new);
		assert_string_equal(ocn, ocns[i]);
		find(carriers[0], name, ocn, &is_new);
		assert_string_equal(ocn, ocns[i]);
		assert_false(is_new);
	}
	carriers_destroy(carriers[0]);
	carriers_destroy(carriers[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(psv_read_row__blocks__ocn_with_its_name_once),
		cmocka_unit_test(psv_read_row__bad_lines__said),
		cmocka_unit_test(carriers_find__registered__kept),
		cmocka_unit_test(carriers_find__taken__next_free),
		cmocka_unit_test(carriers_find__many__no_collision_and_stable),
	};

	return cmocka_run_group_tests(tests, fixture_enter, fixture_leave);
}
