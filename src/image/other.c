/*
 * PATRICIA tries of names with other labels. Persistent: what the candidate
 * did not make is copied from the root to the change, at most OTHER_BITS forks
 * of 16 bytes. Layer 3; see other.h.
 */
#include "image/other.h"

#include "base/check.h"

#include <string.h>

static bool
is_leaf(uint32_t ref)
{
	return (ref & REF_MARK) != 0;
}

static unsigned
key_bit(struct blob key, unsigned bit)
{
	unsigned at = bit / 8;

	return at < key.len ? (unsigned)key.data[at] >> (7 - bit % 8) & 1u : 0;
}

/* The leaf that has most in common with key. root is not 0. */
static const struct leaf *
nearest(const uint8_t *base, uint32_t root, struct blob key)
{
	while (!is_leaf(root)) {
		const struct fork *fork = ref_at(base, root);
		root = fork->child[key_bit(key, fork->bit)];
	}
	return ref_at(base, root);
}

static size_t
common_len(struct blob a, struct blob b)
{
	size_t max = a.len < b.len ? a.len : b.len;
	size_t n = 0;

	while (n < max && a.data[n] == b.data[n])
		n++;
	return n;
}

/* The first bit in which the keys differ. They do differ. */
static unsigned
first_difference(struct blob a, struct blob b)
{
	size_t n = common_len(a, b);
	unsigned x = n < a.len ? a.data[n] : 0;
	unsigned y = n < b.len ? b.data[n] : 0;

	ensure(x != y);
	return (unsigned)n * 8 + (unsigned)__builtin_clz(x ^ y) - 24;
}

static bool
key_equal(const struct leaf *leaf, struct blob key)
{
	return leaf->len == key.len &&
	    memcmp(leaf->key, key.data, key.len) == 0;
}

const struct leaf *
other_get(const uint8_t *base, uint32_t root, struct blob key)
{
	if (root == 0)
		return NULL;
	const struct leaf *leaf = nearest(base, root, key);
	return key_equal(leaf, key) ? leaf : NULL;
}

size_t
other_encloser(const uint8_t *base, uint32_t root, struct blob key,
    const struct leaf **exact)
{
	size_t len = 0;

	*exact = NULL;
	if (root == 0)
		return 0;
	const struct leaf *leaf = nearest(base, root, key);
	size_t common = common_len(leaf_key(leaf), key);
	while (len < common && len + 1 + key.data[len] <= common)
		len += 1 + (size_t)key.data[len];
	if (common == key.len && leaf->len == key.len)
		*exact = leaf;
	return len;
}

static const struct leaf *
first_leaf(const uint8_t *base, uint32_t root)
{
	while (root != 0 && !is_leaf(root))
		root = ((const struct fork *)ref_at(base, root))->child[0];
	return root == 0 ? NULL : ref_at(base, root);
}

const struct leaf *
other_next(const uint8_t *base, uint32_t root, struct blob key)
{
	if (root == 0 || key.len == 0)
		return first_leaf(base, root);
	const struct leaf *leaf = nearest(base, root, key);
	bool is_same = key_equal(leaf, key);
	unsigned differs = is_same ? OTHER_BITS :
				     first_difference(leaf_key(leaf), key);
	uint32_t larger = 0; /* the nearest subtree with larger keys */

	while (!is_leaf(root)) {
		const struct fork *fork = ref_at(base, root);
		if (fork->bit > differs)
			break;
		unsigned side = key_bit(key, fork->bit);
		if (side == 0)
			larger = fork->child[1];
		root = fork->child[side];
	}
	/* All below root differ from key in the same bit. */
	if (!is_same && key_bit(key, differs) == 0)
		return first_leaf(base, root);
	return first_leaf(base, larger);
}

bool
fork_is_own(const struct region *region, const struct fork *fork)
{
	return ((uint64_t)fork->generation_high << 32 | fork->generation_low) ==
	    region->generation;
}

static void
stamp(const struct region *region, struct fork *fork)
{
	fork->generation_low = (uint32_t)region->generation;
	fork->generation_high = (uint16_t)(region->generation >> 32);
}

/* The fork at *link, made the candidate's own. NULL: full. */
static struct fork *
own_fork(struct region *region, uint32_t *link)
{
	struct fork *old = region_at(region, *link);

	if (fork_is_own(region, old))
		return old;
	uint32_t made = region_alloc(region, sizeof *old);
	if (made == 0)
		return NULL;
	struct fork *fork = region_at(region, made);
	*fork = *old;
	stamp(region, fork);
	region_retire(region, *link, sizeof *old);
	*link = made;
	return fork;
}

static uint32_t
leaf_create(struct region *region, struct blob key, uint32_t data)
{
	require(key.len > 0 && key.len < 256);
	uint32_t ref = region_alloc(region, LEAF_HEAD + key.len);
	if (ref == 0)
		return 0;
	struct leaf *leaf = region_at(region, ref);
	leaf->data = data;
	leaf->len = (uint8_t)key.len;
	memcpy(leaf->key, key.data, key.len);
	return ref | REF_MARK;
}

static void
leaf_retire(struct region *region, uint32_t ref)
{
	const struct leaf *leaf = region_at(region, ref);

	region_retire(region, ref, LEAF_HEAD + (size_t)leaf->len);
}

/*
 * Walk down along key to the leaf or the first fork behind `bit`, making the
 * forks on the way own. @return where the reference to it stands; NULL: full.
 */
static uint32_t *
own_path(struct region *region, uint32_t *link, struct blob key, unsigned bit)
{
	while (!is_leaf(*link)) {
		const struct fork *next = region_at(region, *link);
		if (next->bit > bit)
			break;
		struct fork *fork = own_fork(region, link);
		if (fork == NULL)
			return NULL;
		link = &fork->child[key_bit(key, fork->bit)];
	}
	return link;
}

enum status
other_put(struct region *region, uint32_t *root, struct blob key, uint32_t data)
{
	uint32_t made = leaf_create(region, key, data);

	if (made == 0)
		return ERR_FULL;
	if (*root == 0) {
		*root = made;
		return OK;
	}
	const struct leaf *near = nearest((const uint8_t *)region, *root, key);
	bool is_same = key_equal(near, key);
	unsigned bit = is_same ? OTHER_BITS :
				 first_difference(leaf_key(near), key);
	uint32_t *link = own_path(region, root, key, bit);
	if (link == NULL)
		return ERR_FULL;
	if (is_same) {
		leaf_retire(region, *link);
		*link = made;
		return OK;
	}
	uint32_t ref = region_alloc(region, sizeof(struct fork));
	if (ref == 0)
		return ERR_FULL;
	struct fork *fork = region_at(region, ref);
	unsigned side = key_bit(key, bit);
	fork->bit = (uint16_t)bit;
	fork->child[side] = made;
	fork->child[1 - side] = *link;
	stamp(region, fork);
	*link = ref;
	return OK;
}

enum status
other_remove(struct region *region, uint32_t *root, struct blob key)
{
	uint32_t *above = NULL; /* refers to the fork above the leaf */
	uint32_t *link = root;
	struct fork *fork = NULL;

	while (!is_leaf(*link)) {
		fork = own_fork(region, link);
		if (fork == NULL)
			return ERR_FULL;
		above = link;
		link = &fork->child[key_bit(key, fork->bit)];
	}
	require(key_equal(region_at(region, *link), key));
	leaf_retire(region, *link);
	if (above == NULL) {
		*root = 0;
		return OK;
	}
	uint32_t gone = *above;
	*above = link == &fork->child[0] ? fork->child[1] : fork->child[0];
	region_free_young(region, gone, sizeof *fork);
	return OK;
}
