/*
 * image/image, patch, region: versions, against a plain model of the zone.
 */
#include "zone.h"

#include "base/reason.h"
#include "image/decimal.h"
#include "image/state.h"

#include <stdlib.h>

enum {
	CAP = 8 * 1024 * 1024,
	PINS = 4, /* older versions kept readable */
};

struct fixture {
	struct arena arena;
	void *region;
	struct image *image;
	struct zone zone;
	uint64_t seed;
};

static struct fixture
start(size_t cap)
{
	struct fixture f = { .seed = 88172645463325252u };

	arena_init(&f.arena);
	zone_init(&f.zone);
	f.region = calloc(1, cap);
	assert_non_null(f.region);
	assert_int_equal(image_create(&f.image, f.region, cap), OK);
	return f;
}

static void
stop(struct fixture *f)
{
	image_destroy(f->image);
	zone_fini(&f->zone);
	free(f->region);
	arena_fini(&f->arena);
}

/* Names from few labels, so that they meet. */
static struct owner
random_owner(uint64_t *seed)
{
	static const char *const LABELS[] = { "0", "1", "9", "*", "a", "ab",
		"_tcp", "12", "!", "z", "-" };
	struct owner out = { 0 };
	unsigned digits = dice(seed, 3) == 0 ? dice(seed, 18) : dice(seed, 6);

	for (unsigned i = 0; i < digits; i++) {
		char digit = (char)('0' + dice(seed, 3) * 4);
		assert_int_equal(owner_push(&out, &digit, 1), OK);
	}
	unsigned kind = dice(seed, 4);
	unsigned labels = kind == 0 ? dice(seed, 4) : 0;
	for (unsigned i = 0; i < labels; i++) {
		const char *label = LABELS[dice(seed, 11)];
		assert_int_equal(owner_push(&out, label, strlen(label)), OK);
	}
	if (kind == 1)
		assert_int_equal(owner_push(&out, "*", 1), OK);
	return out;
}

static struct node
random_node(struct arena *arena, uint64_t *seed, struct blob owner)
{
	struct record records[8];
	size_t n = 0;
	char text[100];
	char digits[16] = { 0 };

	if (dice(seed, 4) == 0)
		return (struct node){ 0 };
	for (size_t i = 0; i + 1 < owner.len && i < 30; i += 2)
		digits[i / 2] = (char)owner.data[i + 1];
	unsigned kind = dice(seed, 64);
	if (kind & 1) {
		snprintf(text, sizeof text, "ocn=%u", 1000 + dice(seed, 4));
		records[n++] = record_txt(arena, text);
	}
	if (kind & 2) {
		snprintf(text, sizeof text, "cnam=NAME %u", dice(seed, 1000));
		records[n++] = record_txt(arena, text);
	}
	if (kind & 4) {
		snprintf(text, sizeof text, "!^.*$!sip:+%s@c%u.example!",
		    digits, dice(seed, 3));
		records[n++] = record_naptr(arena, text);
	}
	if (kind & 8 && dice(seed, 4) == 0)
		records[n++] = record_name(arena, TYPE_NS, "ns1.example.");
	if (kind & 16)
		records[n++] = record_a(arena, dice(seed, 1000));
	if (kind & 32)
		records[n++] = record_cert(arena, 7, dice(seed, 2) * 300);
	if (n == 0)
		records[n++] = record_txt(arena, "x");
	struct node node = node_of(arena, records, n);
	node.flags = dice(seed, 8) == 0 ? NODE_DERIVED : 0;
	return node;
}

/* One random change, in the image and in the model. */
static enum status
random_change(struct fixture *f)
{
	struct owner owner = random_owner(&f->seed);
	struct node before = zone_get(&f->zone, owner_blob(&owner));
	struct node after = random_node(
	    &f->arena, &f->seed, owner_blob(&owner));
	struct name_change change = change_of(
	    &f->arena, owner_blob(&owner), &before, &after);
	enum status status = image_apply(f->image, &change);

	if (status == OK)
		zone_put(&f->zone, owner_blob(&owner), &after);
	return status;
}

struct pin {
	const struct image_version *version;
	struct zone zone;
};

/* A candidate with random changes, committed or, one in four, aborted. */
static void
random_candidate(struct fixture *f, unsigned round)
{
	struct zone before;
	unsigned n = dice(&f->seed, 40);

	zone_copy(&before, &f->zone);
	image_begin(f->image);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(random_change(f), OK);
	arena_reset(&f->arena);
	f->zone.slot = round;
	f->zone.serial = round;
	if (dice(&f->seed, 4) == 0) {
		image_abort(f->image);
		zone_fini(&f->zone);
		f->zone = before;
	} else {
		image_commit(f->image, round, round);
		zone_fini(&before);
	}
}

/* Pin the current version, or let go of the oldest pin and release what
 * nobody uses then. @return count of pins. */
static unsigned
random_pins(struct fixture *f, struct pin *pins, unsigned n)
{
	if (n < PINS && dice(&f->seed, 2) == 0) {
		pins[n].version = image_current(f->image);
		zone_copy(&pins[n++].zone, &f->zone);
	} else if (n > 0 && dice(&f->seed, 3) == 0) {
		zone_fini(&pins[0].zone);
		n--;
		memmove(pins, pins + 1, n * sizeof *pins);
	}
	image_release(f->image, n > 0 ? pins[0].zone.slot : f->zone.slot);
	return n;
}

/* V1, V2, V3: every version shows what the changes up to it made, look-ups
 * agree with the RFCs, older versions stay as they were until released, an
 * aborted candidate leaves no trace, and no unit of memory is lost. */
static void
image__random_changes__as_the_model(void **state)
{
	struct fixture f = start(CAP);
	struct pin pins[PINS];
	unsigned n_pins = 0;

	(void)state;
	for (unsigned round = 1; round <= 300; round++) {
		random_candidate(&f, round);
		assert_sound(f.image, image_current(f.image));
		assert_shows(image_current(f.image), &f.zone);
		for (unsigned i = 0; i < 100; i++) {
			struct owner owner = random_owner(&f.seed);
			assert_finds(image_current(f.image), &f.zone,
			    owner_blob(&owner));
		}
		n_pins = random_pins(&f, pins, n_pins);
		for (unsigned i = 0; i < n_pins; i++) {
			assert_sound(f.image, pins[i].version);
			assert_shows(pins[i].version, &pins[i].zone);
		}
		assert_sound(f.image, image_current(f.image));
	}
	for (unsigned i = 0; i < n_pins; i++)
		zone_fini(&pins[i].zone);
	stop(&f);
}

/* The first names below a top, in order; none from outside it. */
static void
image_next_below__random_tops__as_the_model(void **state)
{
	struct fixture f = start(CAP);

	(void)state;
	image_begin(f.image);
	for (unsigned i = 0; i < 600; i++)
		assert_int_equal(random_change(&f), OK);
	image_commit(f.image, 1, 1);
	for (unsigned i = 0; i < 3000; i++) {
		struct owner top = random_owner(&f.seed);
		struct owner after = random_owner(&f.seed);
		struct owner got = { 0 };
		uint8_t flags = 0;
		const struct zone_name *want = NULL;
		if (dice(&f.seed, 4) == 0)
			after.len = 0;
		for (size_t k = 0; k < f.zone.n && want == NULL; k++) {
			struct blob name = owner_blob(&f.zone.names[k].owner);
			if (name.len > top.len &&
			    owner_is_at_or_below(name, owner_blob(&top)) &&
			    (after.len == 0 ||
				owner_compare(name, owner_blob(&after)) > 0))
				want = &f.zone.names[k];
		}
		assert_int_equal(
		    image_next_below(image_current(f.image), owner_blob(&top),
			owner_blob(&after), &got, &flags),
		    want != NULL);
		if (want == NULL)
			continue;
		assert_int_equal(got.len, want->owner.len);
		assert_memory_equal(got.bytes, want->owner.bytes, got.len);
		assert_int_equal(flags, want->node.flags);
	}
	stop(&f);
}

/* V6: what a change takes does not depend on how many names there are. */
static void
image_apply__small_and_large_zone__same_cost(void **state)
{
	static const unsigned SIZES[] = { 1000, 100000 };
	size_t cost[2];

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		struct fixture f = start(32 * 1024 * 1024);
		struct node node = node_txt(&f.arena, "cnam=A");
		struct node other = node_txt(&f.arena, "cnam=B");
		struct owner owner = { 0 };
		image_begin(f.image);
		for (unsigned i = 0; i < SIZES[k]; i++) {
			char digits[16];
			snprintf(digits, sizeof digits, "1201%06u", i);
			owner.len = 0;
			for (unsigned d = 0; d < 10; d++)
				assert_int_equal(
				    owner_push(&owner, digits + d, 1), OK);
			assert_int_equal(
			    image_load(f.image, owner_blob(&owner), &node), OK);
		}
		image_commit(f.image, 1, 1);
		size_t before = image_usage(f.image).used;
		struct name_change change = change_of(
		    &f.arena, owner_blob(&owner), &node, &other);
		image_begin(f.image);
		assert_int_equal(image_apply(f.image, &change), OK);
		image_commit(f.image, 2, 2);
		cost[k] = image_usage(f.image).used - before;
		stop(&f);
	}
	/* The last digit's node, and three above it of up to 1,000 children
	 * in the large zone. */
	assert_in_range(cost[0], 100, 8 * 1024);
	assert_in_range(cost[1], 100, 8 * 1024);
}

/* Rule: when all names are gone nothing is kept but the emptied root. */
static void
image_release__all_names_removed__memory_back(void **state)
{
	struct fixture f = start(CAP);
	size_t used = image_usage(f.image).used;

	(void)state;
	image_begin(f.image);
	for (unsigned i = 0; i < 2000; i++)
		assert_int_equal(random_change(&f), OK);
	image_commit(f.image, 1, 1);
	image_begin(f.image);
	while (f.zone.n > 0) {
		struct owner owner = f.zone.names[f.zone.n - 1].owner;
		struct node before = f.zone.names[f.zone.n - 1].node;
		struct node none = { 0 };
		struct name_change change = change_of(
		    &f.arena, owner_blob(&owner), &before, &none);
		assert_int_equal(image_apply(f.image, &change), OK);
		zone_put(&f.zone, owner_blob(&owner), &none);
	}
	image_commit(f.image, 2, 2);
	image_release(f.image, 2);
	assert_sound(f.image, image_current(f.image));
	struct image_usage usage = image_usage(f.image);
	assert_int_equal(usage.names, 0);
	assert_int_equal(usage.records, 0);
	/* the root, and buckets the table of forms has grown by */
	assert_true(usage.used <= used + 32 + 64 * 1024);
	stop(&f);
}

/* V4: a candidate over an image that never held anything can be undone. */
static void
image_abort__first_candidate__pristine(void **state)
{
	struct fixture f = start(CAP);
	size_t used = image_usage(f.image).used;

	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		image_begin(f.image);
		for (unsigned i = 0; i < 500; i++)
			assert_int_equal(random_change(&f), OK);
		image_abort(f.image);
		zone_fini(&f.zone);
		assert_sound(f.image, image_current(f.image));
		assert_shows(image_current(f.image), &f.zone);
		assert_int_equal(image_usage(f.image).used, used);
	}
	stop(&f);
}

/* Rule: a change whose removed records or flags are not there is refused. */
static void
image_apply__removed_not_there__diverged(void **state)
{
	struct fixture f = start(CAP);
	struct owner owner = owner_of("3.2.1");
	struct node none = { 0 };
	struct node one = node_txt(&f.arena, "cnam=A");
	struct node two = node_txt(&f.arena, "cnam=B");

	(void)state;
	image_begin(f.image);
	struct name_change change = change_of(
	    &f.arena, owner_blob(&owner), &one, &two);
	assert_int_equal(image_apply(f.image, &change), ERR_DIVERGED);
	change = change_of(&f.arena, owner_blob(&owner), &none, &one);
	change.flags_before = NODE_DERIVED;
	assert_int_equal(image_apply(f.image, &change), ERR_DIVERGED);
	change.flags_before = 0;
	assert_int_equal(image_apply(f.image, &change), OK);
	assert_int_equal(image_apply(f.image, &change), ERR_DIVERGED);
	image_abort(f.image);
	assert_sound(f.image, image_current(f.image));
	stop(&f);
}

/* Rule: load puts a node where none is, only well-formed ones, and the counts
 * tell numbers from other and derived names. */
static void
image_load__names__counted_once(void **state)
{
	struct fixture f = start(CAP);
	struct node node = node_txt(&f.arena, "cnam=A");
	struct node derived = node_txt(&f.arena, "ocn=1510");
	struct node cut_short = node;
	struct owner number = owner_of("3.2.1");
	struct owner ent = owner_of("2.1");
	struct owner host = owner_of("ns1");
	struct owner apex = owner_of("");

	(void)state;
	derived.flags = NODE_DERIVED;
	cut_short.rrsets.len--;
	image_begin(f.image);
	assert_int_equal(image_load(f.image, owner_blob(&number), &cut_short),
	    ERR_MALFORMED);
	assert_int_equal(image_load(f.image, owner_blob(&number), &node), OK);
	assert_int_equal(
	    image_load(f.image, owner_blob(&number), &node), ERR_EXISTS);
	assert_int_equal(image_load(f.image, owner_blob(&ent), &derived), OK);
	assert_int_equal(image_load(f.image, owner_blob(&host), &node), OK);
	assert_int_equal(image_load(f.image, owner_blob(&apex), &node), OK);
	image_commit(f.image, 7, 9);
	struct image_usage usage = image_usage(f.image);
	assert_int_equal(usage.numbers, 1);
	assert_int_equal(usage.names, 4);
	assert_int_equal(usage.records, 4);
	assert_int_equal(image_slot(image_current(f.image)), 7);
	assert_int_equal(image_serial(image_current(f.image)), 9);
	assert_sound(f.image, image_current(f.image));
	stop(&f);
}

/* V4: a full region refuses, and abort leaves what was before. */
static void
image_apply__region_full__as_before(void **state)
{
	struct fixture f = start(96 * 1024);
	unsigned round = 1;
	enum status status = OK;

	(void)state;
	while (status == OK) {
		struct zone before;
		zone_copy(&before, &f.zone);
		image_begin(f.image);
		for (unsigned i = 0; status == OK && i < 20; i++)
			status = random_change(&f);
		arena_reset(&f.arena);
		if (status == OK) {
			f.zone.slot = round;
			f.zone.serial = round;
			image_commit(f.image, round, round);
			image_release(f.image, round);
			round++;
			zone_fini(&before);
		} else {
			assert_int_equal(status, ERR_FULL);
			struct node node = node_txt(&f.arena, "a=b");
			struct owner owner = owner_of("7");
			assert_int_equal(
			    image_load(f.image, owner_blob(&owner), &node),
			    ERR_FULL);
			image_abort(f.image);
			zone_fini(&f.zone);
			f.zone = before;
		}
		assert_sound(f.image, image_current(f.image));
	}
	assert_shows(image_current(f.image), &f.zone);
	assert_true(round > 3);
	struct image *none = NULL;
	uint64_t small[8];
	assert_int_equal(image_create(&none, small, sizeof small), ERR_NO_ROOM);
	stop(&f);
}

/* Rule: versions of one slot are all kept until the slot has passed. */
static void
image_release__same_slot_twice__kept(void **state)
{
	struct fixture f = start(CAP);
	struct zone first;

	(void)state;
	f.zone.slot = 5;
	f.zone.serial = 5;
	image_begin(f.image);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(random_change(&f), OK);
	const struct image_version *version = image_commit(f.image, 5, 5);
	zone_copy(&first, &f.zone);
	image_begin(f.image);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(random_change(&f), OK);
	image_commit(f.image, 5, 5);
	image_release(f.image, 5);
	assert_shows(version, &first);
	assert_shows(image_current(f.image), &f.zone);
	zone_fini(&first);
	stop(&f);
}

/* Rule: a release while a candidate is open changes nothing: what the
 * candidate shares with the version it began with may still be aborted. */
static void
image_release__candidate_open__later(void **state)
{
	struct fixture f = start(CAP);
	struct owner one = owner_of("3.2.1");
	struct owner two = owner_of("4.2.1");
	struct node none = { 0 };
	struct node node = node_txt(&f.arena, "ocn=1510");
	struct name_change add = change_of(
	    &f.arena, owner_blob(&one), &none, &node);
	struct name_change remove = change_of(
	    &f.arena, owner_blob(&one), &node, &none);

	(void)state;
	image_begin(f.image);
	assert_int_equal(image_apply(f.image, &add), OK);
	image_commit(f.image, 1, 1);
	image_begin(f.image);
	assert_int_equal(image_apply(f.image, &remove), OK);
	image_commit(f.image, 2, 2);
	image_begin(f.image);
	add.owner = owner_blob(&two);
	assert_int_equal(image_apply(f.image, &add), OK);
	size_t used = image_usage(f.image).used;
	image_release(f.image, 2);
	assert_int_equal(image_usage(f.image).used, used);
	image_abort(f.image);
	assert_sound(f.image, image_current(f.image));
	image_release(f.image, 2);
	assert_true(image_usage(f.image).used < used);
	assert_sound(f.image, image_current(f.image));
	stop(&f);
}

static void
assert_damaged(struct fixture *f, const char *what)
{
	struct reason reason = { 0 };

	assert_int_equal(
	    image_check(f->image, image_current(f->image), &reason),
	    ERR_DAMAGED);
	if (strstr(reason.text, what) == NULL)
		fail_msg("said \"%s\", not \"%s\"", reason.text, what);
}

/* V2: the check of the tests above does see what is wrong. */
static void
image_check__something_wrong__said(void **state)
{
	struct fixture f = start(CAP);

	(void)state;
	image_begin(f.image);
	for (unsigned i = 0; i < 500; i++)
		assert_int_equal(random_change(&f), OK);
	image_commit(f.image, 1, 1);
	struct region *region = &f.image->region;
	struct image_version *version = region_at(region, f.image->current);
	struct decimal *root = region_at(region, version->root);

	version->names++;
	assert_damaged(&f, "counts");
	version->names--;
	root->cuts++;
	assert_damaged(&f, "delegations");
	root->cuts--;
	root->count[GROUP_CHILDREN]--;
	assert_damaged(&f, "node not sound");
	root->count[GROUP_CHILDREN]++;
	unsigned key = 0;
	uint32_t value = 0;
	assert_true(decimal_entry(root, GROUP_NEAR, 0, &key, &value));
	const uint8_t *values = NULL;
	const struct form *form = data_form(
	    version_base(version), value, &values);
	uint32_t form_ref = (uint32_t)(((const uint8_t *)form -
					   version_base(version)) /
	    REGION_UNIT);
	((struct form *)region_at(region, form_ref))->users++;
	assert_damaged(&f, "users of form");
	((struct form *)region_at(region, form_ref))->users--;
	region->top++;
	assert_damaged(&f, "unit without use");
	region->top--;
	uint32_t free_was = region->free[3];
	region->free[3] = f.image->current;
	assert_damaged(&f, "free block");
	region->free[3] = free_was;
	assert_sound(f.image, image_current(f.image));
	stop(&f);
}

/* Rule: replacing values of random numbers for a long time does not make the
 * region grow by more than a third. */
static void
image_apply__random_replacing__bounded(void **state)
{
	enum { NUMBERS = 20000, CHANGES = 60000 };
	struct fixture f = start(32 * 1024 * 1024);
	size_t reserved = 0;

	(void)state;
	image_begin(f.image);
	for (unsigned i = 0; i < NUMBERS + CHANGES; i++) {
		char text[80];
		uint32_t number = i < NUMBERS ? i : dice(&f.seed, NUMBERS);
		snprintf(text, sizeof text, "%u%u%u%u%u%u%u", number % 10,
		    number / 10 % 10, number / 100 % 10, number / 1000 % 10,
		    number / 10000, 1, 2);
		struct owner owner = { 0 };
		for (unsigned k = 7; k-- > 0;)
			assert_int_equal(owner_push(&owner, text + k, 1), OK);
		snprintf(text, sizeof text, "cnam=%.*s", (int)dice(&f.seed, 30),
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ1234");
		struct node after = node_txt(&f.arena, text);
		struct node before;
		image_get(image_candidate(f.image), owner_blob(&owner),
		    &f.arena, &before);
		struct name_change change = change_of(
		    &f.arena, owner_blob(&owner), &before, &after);
		assert_int_equal(image_apply(f.image, &change), OK);
		if (i % 100 == 99) {
			image_commit(f.image, i, 1);
			image_release(f.image, i);
			image_begin(f.image);
			arena_reset(&f.arena);
		}
		if (i == NUMBERS)
			reserved = image_usage(f.image).reserved;
	}
	image_abort(f.image);
	assert_int_equal(image_usage(f.image).numbers, NUMBERS);
	assert_true(image_usage(f.image).reserved < reserved * 13 / 10);
	assert_sound(f.image, image_current(f.image));
	stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(image__random_changes__as_the_model),
		cmocka_unit_test(image_next_below__random_tops__as_the_model),
		cmocka_unit_test(image_apply__small_and_large_zone__same_cost),
		cmocka_unit_test(image_release__all_names_removed__memory_back),
		cmocka_unit_test(image_abort__first_candidate__pristine),
		cmocka_unit_test(image_apply__removed_not_there__diverged),
		cmocka_unit_test(image_load__names__counted_once),
		cmocka_unit_test(image_apply__region_full__as_before),
		cmocka_unit_test(image_release__same_slot_twice__kept),
		cmocka_unit_test(image_release__candidate_open__later),
		cmocka_unit_test(image_check__something_wrong__said),
		cmocka_unit_test(image_apply__random_replacing__bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
