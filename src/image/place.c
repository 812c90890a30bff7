/*
 * Where a name stands: owner bytes to node, group and key. Layer 3; any
 * thread.
 */
#include "image/place.h"

#include "e164/e164_name.h"
#include "image/other.h"

void
place_of(struct place *out, struct blob owner)
{
	*out = (struct place){ .kind = PLACE_APEX };
	if (owner.len == 0)
		return;
	size_t used = e164_name_read(&out->tn, owner.data, owner.len);
	out->digits = tn_count(out->tn);
	out->rest = (struct blob){ owner.data + used, owner.len - used };
	out->kind = PLACE_SLOT;
	unsigned depth = out->digits % DECIMAL_SPAN;
	if (out->rest.len > 0) {
		out->level = out->digits / DECIMAL_SPAN;
		if (is_star(out->rest)) {
			out->group = GROUP_STARS;
		} else {
			out->kind = PLACE_LEAF;
			out->group = GROUP_OTHERS;
		}
	} else if (depth == 0) {
		out->level = out->digits / DECIMAL_SPAN - 1;
		out->group = GROUP_FAR;
		out->key = tn_triple(out->tn, out->level * DECIMAL_SPAN);
		return;
	} else {
		out->level = out->digits / DECIMAL_SPAN;
		out->group = GROUP_NEAR;
	}
	out->key = near_key(out->tn, out->level * DECIMAL_SPAN, depth);
}

const struct decimal *
place_node(const struct image_version *version, struct tn tn, unsigned level)
{
	const uint8_t *base = version_base(version);
	uint32_t ref = version->root;

	for (unsigned i = 0; ref != 0 && i < level; i++)
		ref = decimal_get(ref_at(base, ref), GROUP_CHILDREN,
		    tn_triple(tn, i * DECIMAL_SPAN));
	return ref == 0 ? NULL : ref_at(base, ref);
}

uint32_t
place_data(const struct image_version *version, const struct place *place)
{
	if (place->kind == PLACE_APEX)
		return version->apex;
	const struct decimal *node = place_node(
	    version, place->tn, place->level);
	if (node == NULL)
		return 0;
	uint32_t ref = decimal_get(node, place->group, place->key);
	if (place->kind == PLACE_SLOT)
		return ref;
	const struct leaf *leaf = other_get(
	    version_base(version), ref, place->rest);
	return leaf == NULL ? 0 : leaf->data;
}
