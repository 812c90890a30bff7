/*
 * update/pins: no PIN and no key leaves the door as it was typed. DESIGN 4.1.
 */
#include "unit/unit.h"

#include "dns/rdata.h"
#include "registry/key.h"
#include "registry/pin.h"
#include "unit/blob.h"
#include "update/pins.h"

#include <string.h>

#define N BLOB("\1" "1\1" "2\1" "3")
#define PIN_N BLOB("\1" "1\1" "2\1" "3\4_pin")
#define KEY_NAME BLOB("\4_ocn\4" "1510\4_key\1x")

static struct arena arena;
static struct update_refusal refusal;

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena);
	memset(&refusal, 0, sizeof refusal);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

/* A request without any is left alone. */
static void
update_take_pins__none__untouched(void **state)
{
	const struct request_rr rrs[] = {
		{ N, TYPE_ANY, CLASS_NONE, 0, BLOB("") },
		{ PIN_N, TYPE_TXT, CLASS_ANY, 0, BLOB("") },
	};
	struct request request = { .prereqs = rrs, .n_prereqs = 2,
		.changes = rrs + 1, .n_changes = 1 };
	struct update_pins *pins = NULL;

	(void)state;
	assert_int_equal(update_take_pins(&arena, &request, &pins, &refusal),
	    OK);
	assert_null(pins);
	assert_ptr_equal(request.prereqs, rrs);
	assert_int_equal(request.n_verdicts, 0);
}

/* Among the prerequisites: out of the request, a verdict to be filled in. What
 * could be no PIN is a wrong one, not an error that tells. */
static void
update_take_pins__prerequisite__becomes_verdict(void **state)
{
	const struct request_rr rrs[] = {
		{ PIN_N, TYPE_TXT, CLASS_IN, 0, BLOB("\6" "493821") },
		{ N, TYPE_ANY, CLASS_ANY, 0, BLOB("") },
		{ PIN_N, TYPE_TXT, CLASS_IN, 0, BLOB("\1" "4") },
		{ PIN_N, TYPE_TXT, CLASS_IN, 0, BLOB("\3" "493\3" "821") },
	};
	struct request request = { .prereqs = rrs, .n_prereqs = 4 };
	struct update_pins *pins = NULL;

	(void)state;
	assert_int_equal(update_take_pins(&arena, &request, &pins, &refusal),
	    OK);
	assert_int_equal(request.n_prereqs, 1);
	assert_int_equal(request.prereqs[0].type, TYPE_ANY);
	assert_int_equal(request.n_verdicts, 3);
	assert_int_equal(pins->n, 3);
	assert_ptr_equal(pins->pins[0].verdict, &request.verdicts[0]);
	assert_true(blob_equal(request.verdicts[0].number, N));
	assert_false(request.verdicts[0].is_right);
	assert_true(blob_equal(pins->pins[0].pin, BLOB("493821")));
	assert_int_equal(pins->pins[1].pin.len, 0);
	assert_int_equal(pins->pins[2].pin.len, 0);
}

/* M11. Among the changes: a record without data in its place. */
static void
update_take_pins__change__becomes_record(void **state)
{
	const struct request_rr rrs[] = {
		{ N, TYPE_TXT, CLASS_IN, 300, BLOB("\10ocn=5678") },
		{ PIN_N, TYPE_TXT, CLASS_IN, 9, BLOB("\6" "493821") },
		{ KEY_NAME, TYPE_TXT, CLASS_IN, 9, BLOB("\3" "a:b") },
	};
	struct request request = { .changes = rrs, .n_changes = 3 };
	struct update_pins *pins = NULL;

	(void)state;
	assert_int_equal(update_take_pins(&arena, &request, &pins, &refusal),
	    OK);
	assert_int_equal(request.n_changes, 3);
	assert_int_equal(request.changes[0].type, TYPE_TXT);
	assert_int_equal(request.changes[1].type, TYPE_PIN_RECORD);
	assert_int_equal(request.changes[1].rdata.len, 0);
	assert_int_equal(request.changes[2].type, TYPE_KEY_RECORD);
	assert_int_equal(request.changes[2].rdata.len, 0);
	assert_int_equal(pins->n, 2);
	assert_ptr_equal(pins->pins[0].change, &request.changes[1]);
	assert_int_equal(pins->pins[1].class.kind, NAME_KEY);
	assert_string_equal(pins->pins[1].class.ocn, "1510");
}

/* A new PIN that is none, one that a delete names, too many. */
static void
update_take_pins__bad_ones__refused(void **state)
{
	struct request_rr rrs[17];
	struct request request = { .changes = rrs, .n_changes = 1 };
	struct update_pins *pins = NULL;

	(void)state;
	for (size_t i = 0; i < 17; i++)
		rrs[i] = (struct request_rr){ PIN_N, TYPE_TXT, CLASS_IN, 0,
			BLOB("\5" "49382") };
	assert_int_equal(update_take_pins(&arena, &request, &pins, &refusal),
	    ERR_REFUSED);
	assert_int_equal(refusal.cause, CAUSE_PIN_INVALID);
	rrs[0] = (struct request_rr){ PIN_N, TYPE_TXT, CLASS_NONE, 0,
		BLOB("\6" "493821") };
	assert_int_equal(update_take_pins(&arena, &request, &pins, &refusal),
	    ERR_REFUSED);
	assert_int_equal(refusal.cause, CAUSE_PIN_INVALID);
	request = (struct request){ .prereqs = rrs + 1, .n_prereqs = 16 };
	assert_int_equal(update_take_pins(&arena, &request, &pins, &refusal),
	    OK);
	rrs[0].rclass = CLASS_IN;
	request = (struct request){ .prereqs = rrs, .n_prereqs = 17 };
	assert_int_equal(update_take_pins(&arena, &request, &pins, &refusal),
	    ERR_REFUSED);
	assert_int_equal(refusal.cause, CAUSE_LIMIT);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(update_take_pins__none__untouched),
		TEST(update_take_pins__prerequisite__becomes_verdict),
		TEST(update_take_pins__change__becomes_record),
		TEST(update_take_pins__bad_ones__refused),
	};
#undef TEST
	return cmocka_run_group_tests(tests, NULL, NULL);
}
