/*
 * Decimal nodes: reading and changing one node. Paths of nodes are patch.c's.
 * Layer 3; see decimal.h for threads.
 */
#include "image/decimal.h"

#include "base/check.h"

#include <string.h>

enum { NODE_UNITS_MAX = 1400 }; /* all groups full: 8-byte units */

_Static_assert(sizeof(struct decimal) / 8 + 3 * (NEAR_WORDS + 112 / 2) +
	    2 * (FAR_WORDS + RANK_WORDS + 1000 / 2) <=
	NODE_UNITS_MAX,
    "largest node");

static unsigned
sparse_keys_units(unsigned count)
{
	return (count + 3) / 4;
}

static unsigned
group_units(enum group group, unsigned count)
{
	unsigned refs = (count + 1) / 2;

	if (count == 0)
		return 0;
	if (group < GROUP_FAR)
		return NEAR_WORDS + refs;
	if (count <= SPARSE_MAX)
		return sparse_keys_units(count) + refs;
	return FAR_WORDS + RANK_WORDS + refs;
}

static bool
is_sparse(enum group group, unsigned count)
{
	return group >= GROUP_FAR && count <= SPARSE_MAX;
}

static uint64_t *
group_words(struct decimal *node, enum group group)
{
	return (uint64_t *)(void *)node + node->at[group];
}

static unsigned
group_n_words(enum group group)
{
	return group < GROUP_FAR ? NEAR_WORDS : FAR_WORDS;
}

static const uint64_t *
const_words(const struct decimal *node, enum group group)
{
	return (const uint64_t *)(const void *)node + node->at[group];
}

/* Any key in first..last, inclusive. */
static bool
any_in(
    const struct decimal *node, enum group group, unsigned first, unsigned last)
{
	unsigned count = node->count[group];

	if (count == 0)
		return false;
	const uint64_t *words = const_words(node, group);
	if (is_sparse(group, count)) {
		const uint16_t *keys = (const uint16_t *)words;
		for (unsigned i = 0; i < count; i++)
			if (keys[i] >= first && keys[i] <= last)
				return true;
		return false;
	}
	for (unsigned w = first / 64; w <= last / 64; w++) {
		uint64_t mask = ~(uint64_t)0;
		if (w == first / 64)
			mask &= ~(uint64_t)0 << (first % 64);
		if (w == last / 64)
			mask &= ~(uint64_t)0 >> (63 - last % 64);
		if ((words[w] & mask) != 0)
			return true;
	}
	return false;
}

static bool
any_near(const struct decimal *node, unsigned first, unsigned last)
{
	return any_in(node, GROUP_NEAR, first, last) ||
	    any_in(node, GROUP_STARS, first, last) ||
	    any_in(node, GROUP_OTHERS, first, last);
}

static bool
any_far(const struct decimal *node, unsigned first, unsigned last)
{
	return any_in(node, GROUP_CHILDREN, first, last) ||
	    any_in(node, GROUP_FAR, first, last);
}

bool
decimal_exists(const struct decimal *node, unsigned depth, unsigned digits)
{
	if (depth == 3)
		return any_far(node, digits, digits);
	if (depth == 2)
		return any_near(node, 10 + digits, 10 + digits) ||
		    any_far(node, digits * 10, digits * 10 + 9);
	return any_near(node, digits, digits) ||
	    any_near(node, 10 + digits * 10, 19 + digits * 10) ||
	    any_far(node, digits * 100, digits * 100 + 99);
}

bool
decimal_is_empty(const struct decimal *node)
{
	for (enum group g = 0; g < GROUP_COUNT; g++)
		if (node->count[g] != 0)
			return false;
	return true;
}

bool
decimal_is_own(const struct region *region, const struct decimal *node)
{
	return ((uint64_t)node->generation_high << 32 | node->generation_low) ==
	    region->generation;
}

static void
stamp(const struct region *region, struct decimal *node)
{
	node->generation_low = (uint32_t)region->generation;
	node->generation_high = (uint16_t)(region->generation >> 32);
}

uint32_t
decimal_create(struct region *region)
{
	uint32_t ref = region_alloc(region, sizeof(struct decimal));

	if (ref == 0)
		return 0;
	struct decimal *node = region_at(region, ref);
	memset(node, 0, sizeof *node);
	stamp(region, node);
	node->end = sizeof *node / 8;
	for (enum group g = 0; g < GROUP_COUNT; g++)
		node->at[g] = node->end;
	return ref;
}

uint32_t
decimal_copy(struct region *region, uint32_t ref)
{
	const struct decimal *old = region_at(region, ref);
	size_t bytes = (size_t)old->end * 8;
	uint32_t made = region_alloc(region, bytes);

	if (made == 0)
		return 0;
	struct decimal *node = region_at(region, made);
	memcpy(node, old, bytes);
	stamp(region, node);
	region_retire(region, ref, bytes);
	return made;
}

void
decimal_drop(struct region *region, uint32_t ref)
{
	const struct decimal *node = region_at(region, ref);
	size_t bytes = (size_t)node->end * 8;

	if (decimal_is_own(region, node))
		region_free_young(region, ref, bytes);
	else
		region_retire(region, ref, bytes);
}

/* Move what is behind a group so that the group has `units`; the block of
 * the node has room. */
static void
resize(struct decimal *node, enum group group, unsigned units)
{
	unsigned behind = group + 1 < GROUP_COUNT ? node->at[group + 1] :
						    node->end;
	uint64_t *words = (uint64_t *)(void *)node;

	memmove(words + node->at[group] + units, words + behind,
	    (size_t)(node->end - behind) * 8);
	unsigned old = behind - node->at[group];
	for (enum group g = group + 1; g < GROUP_COUNT; g++)
		node->at[g] = (uint16_t)(node->at[g] - old + units);
	node->end = (uint16_t)(node->end - old + units);
}

/* Make room for a node of so many words: another block if the class differs.
 * The contents are the same after it. */
static enum status
refit(struct region *region, uint32_t *ref, unsigned units)
{
	const struct decimal *node = region_at(region, *ref);
	size_t bytes = (size_t)node->end * 8;
	size_t wanted = (size_t)units * 8;

	if (region_class(bytes) == region_class(wanted))
		return OK;
	uint32_t made = region_alloc(region, wanted);
	if (made == 0)
		return ERR_FULL;
	memcpy(region_at(region, made), node, bytes < wanted ? bytes : wanted);
	region_free_young(region, *ref, bytes);
	*ref = made;
	return OK;
}

/* A group as two arrays; for small ones and when the form changes. */
struct entries {
	unsigned n;
	uint16_t key[SPARSE_MAX + 1];
	uint32_t value[SPARSE_MAX + 1];
};

static void
unpack(const struct decimal *node, enum group group, struct entries *out)
{
	unsigned key = 0;

	out->n = 0;
	while (out->n <= SPARSE_MAX &&
	    decimal_entry(node, group, out->n, &key, &out->value[out->n]))
		out->key[out->n++] = (uint16_t)key;
}

static void
pack(struct decimal *node, enum group group, const struct entries *in)
{
	uint64_t *words = group_words(node, group);

	if (is_sparse(group, in->n)) {
		unsigned units = sparse_keys_units(in->n);
		memset(words, 0, (size_t)units * 8);
		memcpy(words, in->key, in->n * sizeof in->key[0]);
		words += units;
	} else {
		memset(words, 0, (FAR_WORDS + RANK_WORDS) * sizeof *words);
		uint16_t *ranks = (uint16_t *)(words + FAR_WORDS);
		for (unsigned i = 0; i < in->n; i++) {
			unsigned word = in->key[i] / 64;
			words[word] |= (uint64_t)1 << (in->key[i] % 64);
			for (unsigned w = word + 1; w < FAR_WORDS; w++)
				ranks[w]++;
		}
		words += FAR_WORDS + RANK_WORDS;
	}
	memcpy(words, in->value, in->n * sizeof in->value[0]);
}

/* The references of a group with bitmap, and the rank of a key. */
static uint32_t *
bitmap_refs(
    struct decimal *node, enum group group, unsigned key, unsigned *rank)
{
	uint64_t *words = group_words(node, group);
	uint64_t below = ((uint64_t)1 << (key % 64)) - 1;

	*rank = bits_count(words[key / 64] & below);
	if (group < GROUP_FAR) {
		if (key >= 64)
			*rank += bits_count(words[0]);
		return (uint32_t *)(words + NEAR_WORDS);
	}
	*rank += ((const uint16_t *)(words + FAR_WORDS))[key / 64];
	return (uint32_t *)(words + FAR_WORDS + RANK_WORDS);
}

static void
ranks_add(struct decimal *node, enum group group, unsigned key, int n)
{
	if (group < GROUP_FAR)
		return;
	uint16_t *ranks = (uint16_t *)(group_words(node, group) + FAR_WORDS);
	for (unsigned w = key / 64 + 1; w < FAR_WORDS; w++)
		ranks[w] = (uint16_t)(ranks[w] + n);
}

static bool
overwrite(struct decimal *node, enum group group, unsigned key, uint32_t value)
{
	unsigned count = node->count[group];
	unsigned rank = 0;

	if (count == 0)
		return false;
	if (is_sparse(group, count)) {
		uint64_t *words = group_words(node, group);
		const uint16_t *keys = (const uint16_t *)words;
		while (rank < count && keys[rank] != key)
			rank++;
		if (rank == count)
			return false;
		((uint32_t *)(words + sparse_keys_units(count)))[rank] = value;
		return true;
	}
	if ((group_words(node, group)[key / 64] >> (key % 64) & 1u) == 0)
		return false;
	bitmap_refs(node, group, key, &rank)[rank] = value;
	return true;
}

static void
sparse_insert(struct decimal *node, enum group group, unsigned key,
    uint32_t value, unsigned units)
{
	struct entries entries;

	unpack(node, group, &entries);
	unsigned i = entries.n++;
	for (; i > 0 && entries.key[i - 1] > key; i--) {
		entries.key[i] = entries.key[i - 1];
		entries.value[i] = entries.value[i - 1];
	}
	entries.key[i] = (uint16_t)key;
	entries.value[i] = value;
	resize(node, group, units);
	pack(node, group, &entries);
}

enum status
decimal_put(struct region *region, uint32_t *ref, enum group group,
    unsigned key, uint32_t value)
{
	struct decimal *node = region_at(region, *ref);

	if (overwrite(node, group, key, value))
		return OK;
	unsigned count = node->count[group];
	unsigned units = group_units(group, count + 1);
	enum status status = refit(
	    region, ref, node->end - group_units(group, count) + units);
	if (status != OK)
		return status;
	node = region_at(region, *ref);
	if (is_sparse(group, count)) {
		sparse_insert(node, group, key, value, units);
	} else {
		resize(node, group, units);
		if (count == 0)
			memset(group_words(node, group), 0,
			    NEAR_WORDS * sizeof(uint64_t));
		unsigned rank = 0;
		uint32_t *refs = bitmap_refs(node, group, key, &rank);
		memmove(refs + rank + 1, refs + rank,
		    (count - rank) * sizeof *refs);
		refs[rank] = value;
		group_words(node, group)[key / 64] |= (uint64_t)1 << (key % 64);
		ranks_add(node, group, key, 1);
	}
	node->count[group]++;
	return OK;
}

static void
take_out(struct decimal *node, enum group group, unsigned key, unsigned count,
    unsigned units)
{
	if (is_sparse(group, count) || is_sparse(group, count - 1)) {
		struct entries entries;
		unpack(node, group, &entries);
		unsigned i = 0;
		while (entries.key[i] != key)
			i++;
		entries.n--;
		for (; i < entries.n; i++) {
			entries.key[i] = entries.key[i + 1];
			entries.value[i] = entries.value[i + 1];
		}
		resize(node, group, units);
		if (entries.n > 0)
			pack(node, group, &entries);
		return;
	}
	unsigned rank = 0;
	uint32_t *refs = bitmap_refs(node, group, key, &rank);
	memmove(
	    refs + rank, refs + rank + 1, (count - rank - 1) * sizeof *refs);
	group_words(node, group)[key / 64] &= ~((uint64_t)1 << (key % 64));
	ranks_add(node, group, key, -1);
	resize(node, group, units);
}

enum status
decimal_remove(
    struct region *region, uint32_t *ref, enum group group, unsigned key)
{
	struct decimal *node = region_at(region, *ref);
	unsigned count = node->count[group];

	require(decimal_get(node, group, key) != 0);
	unsigned units = group_units(group, count - 1);
	size_t bytes = (size_t)node->end * 8;
	size_t wanted = bytes - (size_t)(group_units(group, count) - units) * 8;
	uint32_t made = 0;
	if (region_class(bytes) != region_class(wanted)) {
		made = region_alloc(region, wanted);
		if (made == 0)
			return ERR_FULL;
	}
	take_out(node, group, key, count, units);
	node->count[group]--;
	if (made != 0) {
		memcpy(region_at(region, made), node, wanted);
		region_free_young(region, *ref, bytes);
		*ref = made;
	}
	return OK;
}

bool
decimal_entry(const struct decimal *node, enum group group, unsigned i,
    unsigned *key, uint32_t *value)
{
	unsigned count = node->count[group];

	if (i >= count)
		return false;
	const uint64_t *words = const_words(node, group);
	if (is_sparse(group, count)) {
		*key = ((const uint16_t *)words)[i];
		words += sparse_keys_units(count);
		*value = ((const uint32_t *)words)[i];
		return true;
	}
	unsigned left = i;
	unsigned w = 0;
	while (left >= bits_count(words[w]))
		left -= bits_count(words[w++]);
	uint64_t rest = words[w];
	for (; left > 0; left--)
		rest &= rest - 1;
	*key = w * 64 + (unsigned)__builtin_ctzll(rest);
	words += group < GROUP_FAR ? NEAR_WORDS : FAR_WORDS + RANK_WORDS;
	*value = ((const uint32_t *)words)[i];
	return true;
}

static bool
group_is_sound(const struct decimal *node, enum group group)
{
	unsigned count = node->count[group];
	const uint64_t *words = const_words(node, group);
	unsigned limit = group < GROUP_FAR ? KEY_SELF + 1 : 1000;

	if (group == GROUP_NEAR)
		limit = KEY_SELF;
	if (count > limit)
		return false;
	if (count == 0)
		return true;
	if (is_sparse(group, count)) {
		const uint16_t *keys = (const uint16_t *)words;
		for (unsigned i = 0; i < count; i++)
			if (keys[i] >= limit ||
			    (i > 0 && keys[i] <= keys[i - 1]))
				return false;
		return true;
	}
	unsigned sum = 0;
	for (unsigned w = 0; w < group_n_words(group); w++) {
		if (group >= GROUP_FAR &&
		    ((const uint16_t *)(words + FAR_WORDS))[w] != sum)
			return false;
		sum += bits_count(words[w]);
	}
	unsigned last = group_n_words(group) - 1;
	return sum == count && words[last] >> (limit - last * 64) == 0;
}

bool
decimal_is_sound(const struct decimal *node)
{
	unsigned at = sizeof *node / 8;

	for (enum group g = 0; g < GROUP_COUNT; g++) {
		if (node->at[g] != at)
			return false;
		at += group_units(g, node->count[g]);
		if (at > node->end || !group_is_sound(node, g))
			return false;
	}
	return at == node->end;
}
