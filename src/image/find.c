/*
 * Look-up of one name, RFC 1034 4.3.2 step 3 and RFC 4592 3.3. Reads one
 * version, takes no lock and no memory; at most six nodes and, for a name with
 * other labels, one walk of a trie (one for each label where there are
 * delegations among them). Layer 3; any thread.
 */
#include "image/image.h"

#include "e164/e164_name.h"
#include "image/decimal.h"
#include "image/other.h"
#include "image/place.h"
#include "image/state.h"

#include <string.h>

/* A look-up that has come to a node. */
struct finder {
	const uint8_t *base;
	const struct qname *qname;
	struct image_match *out;
	const struct decimal *node;
	unsigned used; /* digits the node stands for */
};

void
qname_make(struct qname *out, struct blob owner)
{
	*out = (struct qname){ .owner = owner };
	if (owner.len == 0)
		return;
	(void)e164_name_read(&out->tn, owner.data, owner.len);
	out->n_digits = (uint8_t)tn_count(out->tn);
	out->n_labels = (uint8_t)owner_labels(owner);
}

static void
set(struct finder *f, enum image_match_kind kind, uint32_t data,
    size_t encloser_labels)
{
	__builtin_prefetch(ref_at(f->base, data)); /* wanted next */
	f->out->kind = kind;
	f->out->node.ref = data;
	f->out->encloser_labels = (uint8_t)encloser_labels;
}

/* Digits behind the node's own, as a number of 1, 2 or 3 digits. */
static unsigned
digits_behind(const struct finder *f, unsigned depth)
{
	return tn_triple(f->qname->tn, f->used) /
	    (depth == 1        ? 100u :
		    depth == 2 ? 10u :
				 1u);
}

/* Is there a delegation at one of the first n digits behind the node? */
static bool
find_cut(struct finder *f, unsigned n)
{
	for (unsigned depth = 1; depth <= n; depth++) {
		enum group group = depth == 3 ? GROUP_FAR : GROUP_NEAR;
		unsigned key = depth == 3 ?
		    digits_behind(f, 3) :
		    near_key(f->qname->tn, f->used, depth);
		uint32_t data = decimal_get(f->node, group, key);
		if (!data_has_ns(f->base, data))
			continue;
		set(f, MATCH_CUT, data, f->used + depth);
		f->out->tn = tn_prefix(f->qname->tn, f->used + depth);
		return true;
	}
	return false;
}

/* There is no such name: closest encloser among the digits, RFC 4592 3.3.1.
 * @param deepest depth that may exist. */
static void
find_wildcard(struct finder *f, unsigned deepest)
{
	unsigned depth = deepest;

	while (depth > 0 &&
	    !decimal_exists(f->node, depth, digits_behind(f, depth)))
		depth--;
	size_t labels = f->used + depth;
	if (depth == DECIMAL_SPAN) {
		/* A '*' below it would stand in a child, and there is none. */
		set(f, MATCH_NONE, 0, labels);
		return;
	}
	unsigned key = near_key(f->qname->tn, f->used, depth);
	uint32_t star = decimal_get(f->node, GROUP_STARS, key);
	if (star != 0) {
		set(f, MATCH_WILDCARD, star, labels);
		return;
	}
	/* RFC 4592 4.8: '*' that only has names below it gives NODATA. */
	static const uint8_t STAR[] = { 1, '*' };
	const struct leaf *exact = NULL;
	uint32_t trie = decimal_get(f->node, GROUP_OTHERS, key);
	bool is_empty = other_encloser(f->base, trie,
			    (struct blob){ STAR, sizeof STAR }, &exact) != 0;
	set(f, is_empty ? MATCH_EMPTY : MATCH_NONE, 0, labels);
}

/* A name of digits only, the last 1..3 of them in this node. */
static void
find_number(struct finder *f, unsigned depth)
{
	enum group group = depth == 3 ? GROUP_FAR : GROUP_NEAR;
	unsigned key = depth == 3 ? digits_behind(f, 3) :
				    near_key(f->qname->tn, f->used, depth);
	uint32_t data = decimal_get(f->node, group, key);

	if (data != 0) {
		set(f, MATCH_EXACT, data, f->qname->n_labels);
		f->out->tn = f->qname->tn;
	} else if (decimal_exists(f->node, depth, digits_behind(f, depth))) {
		set(f, MATCH_EMPTY, 0, f->qname->n_labels);
	} else {
		find_wildcard(f, depth - 1);
	}
}

static size_t
labels_of(struct blob labels)
{
	size_t n = 0;

	for (size_t at = 0; at < labels.len; at += 1 + (size_t)labels.data[at])
		n++;
	return n;
}

/* Delegations among names with other labels: the first one on the way to the
 * end of `known`, which exists. */
static bool
find_other_cut(struct finder *f, uint32_t trie, struct blob known)
{
	size_t labels = f->qname->n_digits;
	struct blob name = { known.data, 0 };

	while (name.len < known.len) {
		bool is_wild = known.data[name.len] == 1 &&
		    known.data[name.len + 1] == '*';
		name.len += 1 + (size_t)known.data[name.len];
		labels++;
		const struct leaf *leaf = other_get(f->base, trie, name);
		if (is_wild || leaf == NULL ||
		    !data_has_ns(f->base, leaf->data))
			continue;
		set(f, MATCH_CUT, leaf->data, labels);
		return true;
	}
	return false;
}

/* There is no such name, and its closest encloser is not of digits only. */
static void
find_other_wildcard(struct finder *f, uint32_t trie, struct blob encloser)
{
	uint8_t bytes[OWNER_MAX + 2];
	struct blob wild = { bytes, encloser.len + 2 };
	const struct leaf *exact = NULL;
	size_t labels = f->qname->n_digits + labels_of(encloser);

	memcpy(bytes, encloser.data, encloser.len);
	bytes[encloser.len] = 1;
	bytes[encloser.len + 1] = '*';
	size_t known = other_encloser(f->base, trie, wild, &exact);
	if (exact != NULL)
		set(f, MATCH_WILDCARD, exact->data, labels);
	else
		set(f, known == wild.len ? MATCH_EMPTY : MATCH_NONE, 0, labels);
}

/* A name with other labels behind the digits, the last `depth` (0..2) of which
 * are in this node. */
static void
find_other(struct finder *f, unsigned depth)
{
	size_t digits_len = 2 * (size_t)f->qname->n_digits;
	struct blob owner = f->qname->owner;
	struct blob rest = { owner.data + digits_len, owner.len - digits_len };
	unsigned key = near_key(f->qname->tn, f->used, depth);
	uint32_t trie = decimal_get(f->node, GROUP_OTHERS, key);
	uint32_t star = decimal_get(f->node, GROUP_STARS, key);
	const struct leaf *exact = NULL;
	size_t known = other_encloser(f->base, trie, rest, &exact);

	if (f->node->cuts != 0 &&
	    find_other_cut(f, trie, (struct blob){ rest.data, known }))
		return;
	if (star != 0 && known == 0 && starts_with_star(rest))
		known = 2; /* `*` itself is not in the trie */
	if (known == rest.len) {
		uint32_t data = exact != NULL ? exact->data :
		    is_star(rest)             ? star :
						0;
		set(f, data != 0 ? MATCH_EXACT : MATCH_EMPTY, data,
		    f->qname->n_labels);
	} else if (known == 0) {
		find_wildcard(f, depth);
	} else {
		find_other_wildcard(f, trie, (struct blob){ rest.data, known });
	}
}

void
image_find(const struct image_version *version, const struct qname *qname,
    struct image_match *out)
{
	struct finder f = {
		.base = version_base(version), .qname = qname, .out = out
	};
	bool is_other = qname->owner.len > 2 * (size_t)qname->n_digits;
	uint32_t ref = version->root;

	*out = (struct image_match){ .kind = MATCH_NONE };
	if (qname->owner.len == 0) {
		set(&f, version->apex != 0 ? MATCH_EXACT : MATCH_EMPTY,
		    version->apex, 0);
		return;
	}
	if (ref == 0)
		return;
	for (;;) {
		f.node = ref_at(f.base, ref);
		unsigned left = qname->n_digits - f.used;
		if (f.node->cuts != 0 &&
		    find_cut(&f, left < DECIMAL_SPAN ? left : DECIMAL_SPAN))
			return;
		if (left < DECIMAL_SPAN + (is_other ? 0u : 1u)) {
			if (is_other)
				find_other(&f, left);
			else
				find_number(&f, left);
			return;
		}
		ref = decimal_get(
		    f.node, GROUP_CHILDREN, tn_triple(qname->tn, f.used));
		if (ref == 0) {
			find_wildcard(&f, DECIMAL_SPAN);
			return;
		}
		f.used += DECIMAL_SPAN;
	}
}

bool
image_find_glue(const struct image_version *version, const struct qname *qname,
    struct node_ref *node, struct tn *tn)
{
	struct place place;

	place_of(&place, qname->owner);
	uint32_t data = place_data(version, &place);
	if (data == 0)
		return false;
	node->ref = data;
	*tn = place_number(&place);
	return true;
}
