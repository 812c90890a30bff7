/*
 * Changing the candidate: the path from the root to a name is made its own,
 * node by node, and the name's place set or cleared. What it costs depends on
 * the path, at most six nodes and one walk of a trie, not on the zone. Layer
 * 3; the engine thread.
 */
#include "image/image.h"

#include "base/check.h"
#include "image/decimal.h"
#include "image/other.h"
#include "image/place.h"
#include "image/state.h"

/* The candidate's nodes from the root to a place. */
struct path {
	struct image *image;
	struct image_version *version;
	struct tn tn;
	unsigned level; /* of the last node */
	uint32_t ref[DECIMAL_LEVELS];
};

/* Let the node above refer to the node of a level, which has moved. */
static enum status
path_link(struct path *path, unsigned level)
{
	struct region *region = &path->image->region;

	for (; level > 0; level--) {
		uint32_t before = path->ref[level - 1];
		unsigned key = tn_triple(path->tn, (level - 1) * DECIMAL_SPAN);
		enum status status = decimal_put(region, &path->ref[level - 1],
		    GROUP_CHILDREN, key, path->ref[level]);
		if (status != OK)
			return status;
		if (path->ref[level - 1] == before)
			return OK;
	}
	path->version->root = path->ref[0];
	return OK;
}

/* Make all nodes down to a level the candidate's own; create missing ones. */
static enum status
path_own(struct path *path)
{
	struct region *region = &path->image->region;

	for (unsigned i = 0; i <= path->level; i++) {
		uint32_t ref = i == 0 ?
		    path->version->root :
		    decimal_get(region_at(region, path->ref[i - 1]),
			GROUP_CHILDREN,
			tn_triple(path->tn, (i - 1) * DECIMAL_SPAN));
		path->ref[i] = ref;
		if (ref != 0 && decimal_is_own(region, region_at(region, ref)))
			continue;
		path->ref[i] = ref == 0 ? decimal_create(region) :
					  decimal_copy(region, ref);
		if (path->ref[i] == 0)
			return ERR_FULL;
		enum status status = path_link(path, i);
		if (status != OK)
			return status;
	}
	return OK;
}

/* Nodes that have become empty go, the root excepted. */
static enum status
path_prune(struct path *path)
{
	struct region *region = &path->image->region;
	unsigned level = path->level;

	for (; level > 0; level--) {
		if (!decimal_is_empty(region_at(region, path->ref[level])))
			break;
		decimal_drop(region, path->ref[level]);
		unsigned key = tn_triple(path->tn, (level - 1) * DECIMAL_SPAN);
		enum status status = decimal_remove(
		    region, &path->ref[level - 1], GROUP_CHILDREN, key);
		if (status != OK)
			return status;
	}
	return path_link(path, level);
}

static bool
counts_as_cut(
    const struct image *image, const struct place *place, uint32_t data)
{
	if (place->kind == PLACE_APEX)
		return false;
	if (place->rest.len > 0) {
		/* NS at `*` is no delegation (RFC 4592 4.2). */
		struct blob label = owner_last_label(place->rest);
		if (label.len == 1 && label.data[0] == '*')
			return false;
	}
	return data_has_ns((const uint8_t *)image, data);
}

/* Set (data not 0) or clear the slot or leaf of a place in its own node. */
static enum status
path_set(struct path *path, const struct place *place, uint32_t data)
{
	struct region *region = &path->image->region;
	uint32_t *ref = &path->ref[path->level];
	uint32_t value = data;

	if (place->kind == PLACE_LEAF) {
		value = decimal_get(
		    region_at(region, *ref), place->group, place->key);
		enum status status = data != 0 ?
		    other_put(region, &value, place->rest, data) :
		    other_remove(region, &value, place->rest);
		if (status != OK)
			return status;
	}
	if (value == 0)
		return decimal_remove(region, ref, place->group, place->key);
	return decimal_put(region, ref, place->group, place->key, value);
}

/* What the version counts. sign: 1 or -1. */
static void
count_name(
    struct image *image, const struct place *place, uint32_t data, int sign)
{
	struct image_version *version = region_at(
	    &image->region, image->candidate);
	const uint8_t *values = NULL;
	uint64_t step = (uint64_t)(int64_t)sign;

	if (data == 0)
		return;
	version->names += step;
	version->records += step *
	    data_form((const uint8_t *)image, data, &values)->n_records;
	if (tn_count(place_number(place)) > 0 && (data & REF_MARK) == 0)
		version->numbers += step;
}

/* Put `after` where `before` is; either may be 0. */
static enum status
replace(struct image *image, const struct place *place, uint32_t before,
    uint32_t after)
{
	struct path path = { .image = image,
		.tn = place->tn,
		.level = place->level,
		.version = region_at(&image->region, image->candidate) };

	if (place->kind == PLACE_APEX) {
		path.version->apex = after;
	} else {
		enum status status = path_own(&path);
		if (status != OK)
			return status;
		uint32_t cuts = counts_as_cut(image, place, after) ? 1 : 0;
		cuts -= counts_as_cut(image, place, before) ? 1 : 0;
		uint32_t own = path.ref[path.level];
		status = path_set(&path, place, after);
		if (status != OK)
			return status;
		struct decimal *node = region_at(
		    &image->region, path.ref[path.level]);
		node->cuts += cuts;
		if (decimal_is_empty(node))
			status = path_prune(&path);
		else if (path.ref[path.level] != own)
			status = path_link(&path, path.level);
		if (status != OK)
			return status;
	}
	count_name(image, place, before, -1);
	count_name(image, place, after, 1);
	if (before != 0)
		data_retire(image, before);
	return image->region.is_full ? ERR_FULL : OK;
}

enum status
image_load(struct image *image, struct blob owner, const struct node *node)
{
	struct place place;

	require(image->region.is_open && node->rrsets.len > 0);
	if (image->region.is_full)
		return ERR_FULL;
	place_of(&place, owner);
	if (place_data(image_candidate(image), &place) != 0)
		return ERR_EXISTS;
	uint32_t data = 0;
	enum status status = data_create(
	    image, &data, node, place_number(&place));
	arena_reset(&image->scratch);
	if (status == OK)
		status = replace(image, &place, 0, data);
	if (status == ERR_FULL)
		image->region.is_full = 1;
	return status;
}

static enum status
apply(struct image *image, const struct name_change *change)
{
	const uint8_t *base = (const uint8_t *)image;
	struct place place;
	struct node before;
	struct node after = { .flags = change->flags_after };

	place_of(&place, change->owner);
	struct tn tn = place_number(&place);
	uint32_t old = place_data(image_candidate(image), &place);
	data_expand(base, old, tn, &image->scratch, &before);
	if (before.flags != change->flags_before)
		return ERR_DIVERGED;
	enum status status = rrsets_patch(&image->scratch, &after.rrsets,
	    before.rrsets, change->removed, change->added);
	if (status != OK)
		return status;
	if (after.rrsets.len == 0 && change->flags_after != 0)
		return ERR_DIVERGED;
	uint32_t data = 0;
	if (after.rrsets.len > 0)
		status = data_create(image, &data, &after, tn);
	if (status == OK && (old != 0 || data != 0))
		status = replace(image, &place, old, data);
	return status;
}

enum status
image_apply(struct image *image, const struct name_change *change)
{
	require(image->region.is_open);
	if (image->region.is_full)
		return ERR_FULL;
	enum status status = apply(image, change);
	arena_reset(&image->scratch);
	return status;
}
