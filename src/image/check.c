/*
 * Invariants of a version, for tests: nodes sound and not empty, tries in
 * order, counts right, nothing refers outside the region. For the current
 * version with no candidate open also the account of the region: every unit
 * ever handed out has exactly one use (shown, kept for an older version, in a
 * table or a list, or free), and every form as many users as it says. Layer
 * 3; the engine thread.
 */
#include "image/image.h"

#include "base/reason.h"
#include "image/decimal.h"
#include "image/other.h"
#include "image/place.h"
#include "image/state.h"

#include <string.h>

struct checker {
	const struct image *image;
	const struct image_version *version;
	const uint8_t *base;
	uint32_t top;
	struct reason *reason;
	bool is_bad;
	bool is_accounting;
	uint8_t *used;   /* by unit */
	uint32_t *users; /* of the form at a unit */
	uint64_t numbers;
	uint64_t names;
	uint64_t records;
};

static void
bad(struct checker *c, const char *what, uint32_t ref)
{
	if (!c->is_bad)
		reason_set(c->reason, "image: %s at unit %u of %u", what,
		    (unsigned)(ref & ~REF_MARK), (unsigned)c->top);
	c->is_bad = true;
}

/* A block is inside the region and has no other use. */
static bool
block(struct checker *c, uint32_t ref, size_t bytes, const char *what)
{
	uint32_t units = region_class_units(region_class(bytes));
	uint32_t start = ref & ~REF_MARK;

	if (start == 0 || start >= c->top || units > c->top - start) {
		bad(c, what, ref);
		return false;
	}
	for (uint32_t i = 0; c->is_accounting && i < units; i++) {
		if (c->used[start + i]++ != 0) {
			bad(c, what, ref);
			return false;
		}
	}
	return true;
}

static void
data(struct checker *c, uint32_t ref)
{
	uint32_t start = ref & ~REF_MARK;

	if (start == 0 || start >= c->top) {
		bad(c, "data out of the region", ref);
		return;
	}
	uint32_t form = *(const uint32_t *)ref_at(c->base, ref);
	if (form >= c->top) {
		bad(c, "form out of the region", ref);
		return;
	}
	size_t len = data_len(c->base, ref);
	if (len > 0 && !block(c, ref, len, "data"))
		return;
	if (c->is_accounting)
		c->users[form == 0 ? start : form]++;
}

static void
name(struct checker *c, uint32_t ref, bool is_number)
{
	const uint8_t *values = NULL;

	data(c, ref);
	if (c->is_bad)
		return;
	c->names++;
	c->records += data_form(c->base, ref, &values)->n_records;
	if (is_number && (ref & REF_MARK) == 0)
		c->numbers++;
}

static bool
is_wild(const struct leaf *leaf)
{
	struct blob label = owner_last_label(leaf_key(leaf));

	return label.len == 1 && label.data[0] == '*';
}

static void
leaf(struct checker *c, uint32_t root, uint32_t ref, const struct leaf **last,
    uint32_t *cuts)
{
	const struct leaf *leaf = ref_at(c->base, ref);

	if (!block(c, ref, LEAF_HEAD + (size_t)leaf->len, "leaf"))
		return;
	if (!owner_is_valid(leaf_key(leaf)))
		bad(c, "leaf key", ref);
	else if (other_get(c->base, root, leaf_key(leaf)) != leaf)
		bad(c, "leaf not found by its key", ref);
	else if (*last != NULL &&
	    owner_compare(leaf_key(*last), leaf_key(leaf)) >= 0)
		bad(c, "leaf out of order", ref);
	*last = leaf;
	name(c, leaf->data, false);
	if (!c->is_bad && !is_wild(leaf) && data_has_ns(c->base, leaf->data))
		++*cuts;
}

/* @return delegations in it. */
static uint32_t
trie(struct checker *c, uint32_t root)
{
	uint32_t stack[OTHER_BITS];
	unsigned depth = 1;
	uint32_t cuts = 0;
	const struct leaf *last = NULL;

	stack[0] = root;
	while (depth > 0 && !c->is_bad) {
		uint32_t ref = stack[--depth];
		if ((ref & REF_MARK) != 0) {
			leaf(c, root, ref, &last, &cuts);
			continue;
		}
		if (!block(c, ref, sizeof(struct fork), "fork"))
			break;
		const struct fork *fork = ref_at(c->base, ref);
		if (depth + 2 > OTHER_BITS) {
			bad(c, "trie too deep", ref);
			break;
		}
		stack[depth++] = fork->child[1];
		stack[depth++] = fork->child[0];
	}
	return cuts;
}

/* Recursion: at most DECIMAL_LEVELS deep. */
static void
node(struct checker *c, uint32_t ref, unsigned level)
{
	const struct decimal *node_at = ref_at(c->base, ref);
	uint32_t cuts = 0;

	if (level >= DECIMAL_LEVELS) {
		bad(c, "node too deep", ref);
		return;
	}
	if (!decimal_is_sound(node_at) ||
	    (level > 0 && decimal_is_empty(node_at))) {
		bad(c, "node not sound", ref);
		return;
	}
	if (!block(c, ref, (size_t)node_at->end * 8, "node"))
		return;
	for (enum group g = 0; g < GROUP_COUNT; g++) {
		unsigned key = 0;
		uint32_t value = 0;
		for (unsigned i = 0;
		     !c->is_bad && decimal_entry(node_at, g, i, &key, &value);
		     i++) {
			bool is_number = g == GROUP_NEAR || g == GROUP_FAR;
			if (decimal_get(node_at, g, key) != value)
				bad(c, "entry not found by its key", ref);
			else if (g == GROUP_CHILDREN)
				node(c, value, level + 1);
			else if (g == GROUP_OTHERS)
				cuts += trie(c, value);
			else
				name(c, value, is_number);
			if (!c->is_bad && is_number &&
			    data_has_ns(c->base, value))
				cuts++;
		}
	}
	if (!c->is_bad && cuts != node_at->cuts)
		bad(c, "count of delegations", ref);
}

static void
list(struct checker *c, const struct ref_list *refs)
{
	const struct region *region = &c->image->region;
	struct ref_entry entry = { 0 };
	uint32_t chunk = 0;

	while (!c->is_bad && ref_list_next(region, refs, &entry)) {
		if (entry.chunk != chunk)
			block(c, entry.chunk, REF_LIST_BYTES, "list");
		chunk = entry.chunk;
		if (entry.kind == REF_DATA)
			data(c, entry.ref);
		else
			block(c, entry.ref,
			    (size_t)region_class_units(entry.class) *
				REGION_UNIT,
			    "retired block");
	}
}

static void
versions(struct checker *c)
{
	uint32_t ref = c->image->oldest;

	while (!c->is_bad) {
		const struct image_version *version = ref_at(c->base, ref);
		if (!block(c, ref, sizeof *version, "version"))
			return;
		list(c, &version->retired);
		if (ref == c->image->current)
			return;
		ref = version->next;
	}
}

static void
free_lists(struct checker *c)
{
	const struct region *region = &c->image->region;
	uint64_t units = 0;

	for (unsigned class = 0; class < REGION_CLASSES; class ++) {
		uint32_t ref = region->free[class];
		while (ref != 0 && !c->is_bad) {
			uint32_t n = region_class_units(class);
			block(c, ref, (size_t)n * REGION_UNIT, "free block");
			units += n;
			ref = *(const uint32_t *)ref_at(c->base, ref);
		}
		if (region->young[class] != 0)
			bad(c, "young block", region->young[class]);
	}
	if (!c->is_bad && units != region->free_units)
		bad(c, "count of free units", 0);
}

static void
forms(struct checker *c)
{
	const struct image *image = c->image;
	const struct intern *intern = &image->intern;
	uint32_t n = 0;

	for (unsigned i = 0; i < INTERN_SEGMENTS; i++) {
		size_t buckets = i == 0 ? INTERN_FIRST : 128u << i;
		if (intern->segment[i] != 0)
			block(c, intern->segment[i], buckets * sizeof(uint32_t),
			    "segment of forms");
	}
	for (uint32_t i = 0; !c->is_bad && i < intern->buckets; i++) {
		uint32_t ref = intern_bucket(intern, &image->region, i);
		while (ref != 0 && !c->is_bad) {
			const struct form *form = ref_at(c->base, ref);
			n++;
			block(c, ref, FORM_HEAD + (size_t)form->len, "form");
			if (!c->is_bad && form->users != c->users[ref])
				bad(c, "count of users of form", ref);
			ref = form->next;
		}
	}
	if (!c->is_bad && n != intern->forms)
		bad(c, "count of forms", 0);
}

static void
account(struct checker *c)
{
	const struct region *region = &c->image->region;
	uint32_t head = (uint32_t)((sizeof *c->image + 7) / REGION_UNIT);

	versions(c);
	free_lists(c);
	forms(c);
	if (!c->is_bad &&
	    (region->log.first != 0 || region->retired.first != 0))
		bad(c, "list of a closed candidate", region->log.first);
	for (uint32_t i = head; !c->is_bad && i < c->top; i++)
		if (c->used[i] == 0)
			bad(c, "unit without use", i);
}

enum status
image_check(const struct image *image, const struct image_version *version,
    struct reason *reason)
{
	struct arena arena;
	struct checker c = {
		.image = image,
		.version = version,
		.base = version_base(version),
		.top = image->region.top,
		.reason = reason,
		.is_accounting = version == image_current(image) &&
		    image->region.is_open == 0,
	};

	arena_init(&arena);
	if (c.is_accounting) {
		c.used = arena_alloc(&arena, c.top);
		c.users = arena_alloc(&arena, c.top * sizeof *c.users);
	}
	if (c.base != (const uint8_t *)image)
		bad(&c, "version of another image", version->self);
	if (!c.is_bad && version->apex != 0)
		name(&c, version->apex, false);
	if (!c.is_bad && version->root != 0)
		node(&c, version->root, 0);
	if (!c.is_bad &&
	    (c.names != version->names || c.numbers != version->numbers ||
		c.records != version->records))
		bad(&c, "counts of names, numbers, records", version->self);
	if (!c.is_bad && c.is_accounting)
		account(&c);
	arena_fini(&arena);
	return c.is_bad ? ERR_DAMAGED : OK;
}
