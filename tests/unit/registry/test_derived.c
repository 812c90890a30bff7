/*
 * DESIGN "Blocks stay whole": single stories, then random requests against a
 * model that knows nothing of the code: it works the derived records out from
 * scratch, and looks names up by longest prefix.
 */
#include "unit/unit.h"

#include "unit/registry/scene.h"

#include "base/check.h"
#include "dns/name.h"
#include "registry/scope.h"

static int
setup(void **state)
{
	*state = scene_create();
	return 0;
}

static int
teardown(void **state)
{
	scene_destroy(*state);
	return 0;
}

/* R4: A number below a block: what lies between gets the block's records. */
static void
derived__number_in_block__levels_between(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "*.2.1", "ocn=1510");
	assert_int_equal(scene_send(scene), 0);
	scene_add_txt(scene, "5.4.3.2.1", "ocn=7777");
	assert_int_equal(scene_send(scene), 0);
	assert_int_equal(scene->out.part.n_changes, 5);
	assert_true(scene_has_txt(scene, "3.2.1", "ocn=1510"));
	assert_true(scene_has_txt(scene, "*.3.2.1", "ocn=1510"));
	assert_true(scene_has_txt(scene, "4.3.2.1", "ocn=1510"));
	assert_true(scene_has_txt(scene, "*.4.3.2.1", "ocn=1510"));
	assert_true(scene_is_empty(scene, "*.5.4.3.2.1"));
	assert_true(scene_is_empty(scene, "2.1"));
	/* and they go with it */
	scene_add_txt(scene, "5.4.3.2.1", "status=released");
	assert_int_equal(scene_send(scene), 0);
	assert_int_equal(scene->out.part.n_changes, 5);
	assert_true(scene_is_empty(scene, "3.2.1"));
	assert_true(scene_is_empty(scene, "*.4.3.2.1"));
}

/* A block that comes, changes and goes takes the names below with it. */
static void
derived__block_comes_and_goes__follows(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "5.4.3.2.1", "ocn=7777");
	assert_int_equal(scene_send(scene), 0);
	assert_true(scene_is_empty(scene, "3.2.1"));
	scene_add_txt(scene, "*.2.1", "ocn=1510");
	assert_int_equal(scene_send(scene), 0);
	assert_true(scene_has_txt(scene, "*.3.2.1", "ocn=1510"));
	scene_add_txt(scene, "*.2.1", "ocn=1511");
	assert_int_equal(scene_send(scene), 0);
	assert_true(scene_has_txt(scene, "*.3.2.1", "ocn=1511"));
	assert_int_equal(scene_count(scene, "*.3.2.1", TYPE_TXT), 1);
	scene_add_txt(scene, "*.2.1", "status=released");
	assert_int_equal(scene_send(scene), 0);
	assert_true(scene_is_empty(scene, "*.3.2.1"));
	assert_true(scene_has_txt(scene, "5.4.3.2.1", "ocn=7777"));
}

/* Updates cannot touch derived records, prerequisites do not see them, an
 * explicit record takes their place and leaves it to them again. */
static void
derived__explicit_at_derived_name__takes_its_place(void **state)
{
	struct scene *scene = *state;
	const struct blob none = { .data = NULL };

	scene_add_txt(scene, "*.2.1", "ocn=1510");
	scene_add_txt(scene, "5.4.3.2.1", "ocn=7777");
	assert_int_equal(scene_send(scene), 0);
	scene_prereq(scene, "4.3.2.1", CLASS_NONE, TYPE_ANY, none);
	scene_prereq(scene, "*.4.3.2.1", CLASS_NONE, TYPE_TXT, none);
	scene_delete_name(scene, "4.3.2.1");
	scene_delete_type(scene, "*.4.3.2.1", TYPE_TXT);
	assert_int_equal(scene_send(scene), 0);
	assert_int_equal(scene->out.part.n_changes, 0);
	assert_false(scene->out.is_public);
	scene_add_txt(scene, "4.3.2.1", "ocn=8888");
	assert_int_equal(scene_send(scene), 0);
	assert_int_equal(scene_count(scene, "4.3.2.1", TYPE_TXT), 1);
	assert_true(scene_has_txt(scene, "4.3.2.1", "ocn=8888"));
	scene_add_txt(scene, "4.3.2.1", "status=released");
	assert_int_equal(scene_send(scene), 0);
	assert_true(scene_has_txt(scene, "4.3.2.1", "ocn=1510"));
}

/* Nothing is derived at or below a zone cut. */
static void
derived__zone_cut__nothing_at_or_below(void **state)
{
	struct scene *scene = *state;

	scene_add_txt(scene, "*.2.1", "ocn=1510");
	scene_add_txt(scene, "5.4.3.2.1", "ocn=7777");
	assert_int_equal(scene_send(scene), 0);
	scene_add(scene, "3.2.1", TYPE_NS, scene_name(scene, "ns.other."));
	assert_int_equal(scene_send(scene), 0);
	assert_true(scene_is_empty(scene, "*.3.2.1"));
	assert_true(scene_is_empty(scene, "4.3.2.1"));
	assert_true(scene_is_empty(scene, "*.4.3.2.1"));
	scene_delete_type(scene, "3.2.1", TYPE_NS);
	assert_int_equal(scene_send(scene), 0);
	assert_true(scene_has_txt(scene, "*.4.3.2.1", "ocn=1510"));
}

/* ---- the model ---- */

enum {
	MODEL_NAMES = 400,
	ROUNDS = 120,
	LOOKUPS = 60,
	SEEDS = 10,
};

struct model {
	struct blob owner[MODEL_NAMES];
	struct blob rrsets[MODEL_NAMES];
	size_t n;
};

static uint64_t seed;

static unsigned
pick(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((seed >> 33) % n);
}

/* Text of a random name: few digits, so that names meet. */
static const char *
random_name(char *out)
{
	static const char *const tops[] = { "", "", "", "", "*.", "*.", "*.",
		"_sip._tcp.", "ns.", "foo.*.", "*.*.", "_x." };
	unsigned n = 1 + pick(6);
	size_t len;

	strcpy(out, tops[pick(sizeof tops / sizeof tops[0])]);
	len = strlen(out);
	for (unsigned i = 0; i < n; i++) {
		out[len++] = (char)('1' + pick(3));
		out[len++] = '.';
	}
	out[len - 1] = '\0';
	return out;
}

static bool
below(struct blob name, struct blob top)
{
	return name.len > top.len &&
	    (top.len == 0 || memcmp(name.data, top.data, top.len) == 0);
}

static struct blob
star(struct scene *scene, struct blob top)
{
	uint8_t *owner = arena_alloc(&scene->arena, top.len + 2);

	memcpy(owner, top.data, top.len);
	owner[top.len] = 1;
	owner[top.len + 1] = '*';
	return (struct blob){ owner, top.len + 2 };
}

/* *.P with P of digits? */
static bool
is_block_name(struct blob owner)
{
	if (owner.len < 4 || owner.data[owner.len - 2] != 1 ||
	    owner.data[owner.len - 1] != '*')
		return false;
	for (size_t i = 0; i + 2 < owner.len; i += 2) {
		if (owner.data[i] != 1 || owner.data[i + 1] < '0' ||
		    owner.data[i + 1] > '9')
			return false;
	}
	return true;
}

static struct node
at(struct scene *scene, struct blob owner)
{
	return fake_view_get(&scene->fake, owner);
}

static struct blob
explicit_at(struct scene *scene, struct blob owner)
{
	struct node node = at(scene, owner);

	if (node.flags & NODE_DERIVED)
		node.rrsets.len = 0;
	return node.rrsets;
}

/* Whether anything that begins with top shuts derivation off at D. */
static bool
is_shut(struct scene *scene, struct blob d)
{
	struct rrset rrset;

	for (size_t end = 0; end < d.len;) {
		end += (size_t)1 + d.data[end];
		struct blob top = { d.data, end };
		struct blob records = explicit_at(scene, top);
		if (rrset_find(records, TYPE_NS, &rrset) ||
		    (records.len > 0 && is_block_name(top)))
			return true;
	}
	return false;
}

static bool
has_child(struct scene *scene, struct blob d)
{
	for (size_t i = 0; i < scene->fake.n; i++) {
		if (below(scene->fake.names[i].owner, d) &&
		    (scene->fake.names[i].node.flags & NODE_DERIVED) == 0)
			return true;
	}
	return false;
}

/* The innermost explicit block whose P is strictly above d. */
static struct blob
block_above(struct scene *scene, struct blob d)
{
	struct blob best = { .data = NULL };
	size_t best_len = 0;

	for (size_t i = 0; i < scene->fake.n; i++) {
		const struct fake_name *name = &scene->fake.names[i];
		struct blob p = { name->owner.data, name->owner.len - 2 };
		if ((name->node.flags & NODE_DERIVED) != 0 ||
		    !is_block_name(name->owner) || !below(d, p))
			continue;
		if (p.len >= best_len) {
			best = name->node.rrsets;
			best_len = p.len;
		}
	}
	return best;
}

/* What has to be at a name that has no explicit records. */
static struct blob
model_derived(struct scene *scene, struct blob owner)
{
	const struct blob nothing = { .data = NULL };
	struct blob d = owner;

	if (owner.len >= 2 && owner.data[owner.len - 2] == 1 &&
	    owner.data[owner.len - 1] == '*')
		d.len -= 2;
	struct blob block = block_above(scene, d);
	if (block.len == 0 || is_shut(scene, d) || !has_child(scene, d))
		return nothing;
	return block;
}

static void
check_name(struct scene *scene, struct blob owner)
{
	struct node node = at(scene, owner);

	if (node.rrsets.len > 0 && (node.flags & NODE_DERIVED) == 0)
		return;
	struct blob want = model_derived(scene, owner);
	if (want.len == node.rrsets.len &&
	    (want.len == 0 ||
		memcmp(want.data, node.rrsets.data, want.len) == 0))
		return;
	char text[NAME_TEXT_MAX];
	owner_format(text, sizeof text, owner, &scene->apex);
	fail_msg("%s: derived records differ from the model's: %zu bytes, "
	    "%zu wanted", text, node.rrsets.len, want.len);
}

/* Every name that is, or is above one that is, and the * below each. */
static void
check_zone(struct scene *scene)
{
	for (size_t i = 0; i < scene->fake.n; i++) {
		struct blob owner = scene->fake.names[i].owner;
		if (owner_scope(owner) != SCOPE_PUBLIC)
			continue;
		check_name(scene, owner);
		for (struct blob top = owner; top.len > 0;
		     top = owner_parent(top)) {
			check_name(scene, top);
			check_name(scene, star(scene, top));
		}
	}
}

static bool
exists(struct scene *scene, struct blob owner)
{
	for (size_t i = 0; i < scene->fake.n; i++) {
		struct blob name = scene->fake.names[i].owner;
		if (name.len == owner.len ? memcmp(name.data, owner.data,
		    owner.len) == 0 : below(name, owner))
			return true;
	}
	return owner.len == 0;
}

/* RFC 4592 3.3: exact match, else the * below the closest encloser. */
static struct blob
dns_lookup(struct scene *scene, struct blob owner)
{
	if (exists(scene, owner))
		return at(scene, owner).rrsets;
	while (!exists(scene, owner))
		owner = owner_parent(owner);
	return at(scene, star(scene, owner)).rrsets;
}

/* A number with records of its own and nothing below ends what a block covers:
 * longer numbers than it there are not. */
static bool
is_below_leaf(struct scene *scene, struct blob name)
{
	for (size_t len = 2; len < name.len; len += 2) {
		struct blob top = { name.data, len };
		if (explicit_at(scene, top).len > 0 && !has_child(scene, top))
			return true;
	}
	return false;
}

/* A name answers with its own records, else with those of the innermost block
 * above. Only for digits: other names are DNS's own business. */
static void
check_lookup(struct scene *scene)
{
	uint8_t owner[16];
	size_t len = 0;

	for (unsigned n = 1 + pick(8); n > 0; n--) {
		owner[len++] = 1;
		owner[len++] = (uint8_t)('0' + pick(4));
	}
	struct blob name = { owner, len };
	if (is_shut(scene, name))
		return;
	struct blob want = explicit_at(scene, name);
	if (want.len == 0 && !is_below_leaf(scene, name))
		want = block_above(scene, name);
	struct blob got = dns_lookup(scene, name);
	if (want.len != got.len ||
	    (want.len > 0 && memcmp(want.data, got.data, want.len) != 0)) {
		char text[NAME_TEXT_MAX];
		owner_format(text, sizeof text, name, &scene->apex);
		fail_msg("%s: not what the longest prefix says", text);
	}
}

static void
random_line(struct scene *scene)
{
	char name[64];
	char text[32];

	random_name(name);
	switch (pick(10)) {
	case 0:
		scene_delete_name(scene, name);
		return;
	case 1:
	case 2:
		scene_add_txt(scene, name, "status=released");
		return;
	case 3:
		if (pick(3) == 0 && name[0] != '*')
			scene_add(scene, name, TYPE_NS,
			    scene_name(scene, "ns.other."));
		else
			scene_delete_type(scene, name, TYPE_NS);
		return;
	case 4:
		scene_add(scene, name, TYPE_A, scene_a(scene, "\1\2\3\4"));
		return;
	default:
		snprintf(text, sizeof text, "ocn=%04u", pick(10000));
		scene_add_txt(scene, name, text);
		return;
	}
}

/* R4: after each request the records are those that the rule demands. */
static void
derived__random_requests__as_the_model(void **state)
{
	(void)state;
	for (unsigned s = 1; s <= SEEDS; s++) {
		struct scene *scene = scene_create();
		seed = s;
		for (unsigned round = 0; round < ROUNDS; round++) {
			for (unsigned n = 1 + pick(6); n > 0; n--)
				random_line(scene);
			if (scene_send(scene) != 0)
				fail_msg("seed %u: refused: %s", s,
				    scene->out.reason.text);
			check_zone(scene);
			for (unsigned i = 0; i < LOOKUPS; i++)
				check_lookup(scene);
			arena_reset(&scene->arena);
		}
		scene_destroy(scene);
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(derived__number_in_block__levels_between),
		TEST(derived__block_comes_and_goes__follows),
		TEST(derived__explicit_at_derived_name__takes_its_place),
		TEST(derived__zone_cut__nothing_at_or_below),
		cmocka_unit_test(derived__random_requests__as_the_model),
	};
#undef TEST
	return cmocka_run_group_tests(tests, NULL, NULL);
}
