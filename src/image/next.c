/*
 * Names in owner order. At each digit prefix three sequences meet: '*', the
 * names with other labels, and the ten longer prefixes; the next name is the
 * smallest that any of them offers. Layer 3; any thread.
 */
#include "image/image.h"

#include "e164/e164_name.h"
#include "image/decimal.h"
#include "image/other.h"
#include "image/place.h"
#include "image/state.h"

#include <string.h>

/* The nodes on the way along digits, as far as there are any. */
struct walk {
	const struct image_version *version;
	const uint8_t *base;
	struct tn tn;
	const struct decimal *node[DECIMAL_LEVELS];
};

/* What comes next below a digit prefix. */
struct offer {
	uint32_t data;    /* of a name; 0 with digit: a longer prefix */
	struct blob rest; /* its labels behind the prefix */
	bool is_digit;
	unsigned digit;
};

static void
walk_level(struct walk *w, unsigned level)
{
	uint32_t ref = w->version->root;

	if (level > 0)
		ref = w->node[level - 1] == NULL ?
		    0 :
		    decimal_get(w->node[level - 1], GROUP_CHILDREN,
			tn_triple(w->tn, (level - 1) * DECIMAL_SPAN));
	w->node[level] = ref == 0 ? NULL : ref_at(w->base, ref);
}

static bool
digit_exists(const struct walk *w, unsigned digits, unsigned digit)
{
	const struct decimal *node = w->node[digits / DECIMAL_SPAN];
	unsigned used = digits / DECIMAL_SPAN * DECIMAL_SPAN;
	unsigned behind = 0;

	for (unsigned i = used; i < digits; i++)
		behind = behind * 10 + tn_digit(w->tn, i);
	return node != NULL &&
	    decimal_exists(node, digits - used + 1, behind * 10 + digit);
}

/* Data at the first n digits of the walk. */
static uint32_t
data_at(const struct walk *w, unsigned n)
{
	unsigned level = (n - 1) / DECIMAL_SPAN;
	const struct decimal *node = w->node[level];

	if (node == NULL)
		return 0;
	if (n % DECIMAL_SPAN == 0)
		return decimal_get(
		    node, GROUP_FAR, tn_triple(w->tn, level * DECIMAL_SPAN));
	return decimal_get(node, GROUP_NEAR,
	    near_key(w->tn, level * DECIMAL_SPAN, n % DECIMAL_SPAN));
}

/* The smallest offer below the first n digits, behind `after`, digits from
 * first_digit on. */
static bool
offer_at(const struct walk *w, unsigned n, struct blob after,
    unsigned first_digit, struct offer *out)
{
	static const uint8_t STAR[] = { 1, '*' };
	static const uint8_t DIGIT[] = { 1, '0' };
	const struct decimal *node = w->node[n / DECIMAL_SPAN];
	struct blob star_rest = { STAR, sizeof STAR };

	if (node == NULL)
		return false;
	*out = (struct offer){ 0 };
	unsigned used = n / DECIMAL_SPAN * DECIMAL_SPAN;
	unsigned key = near_key(w->tn, used, n - used);
	uint32_t star = decimal_get(node, GROUP_STARS, key);
	if (star != 0 && owner_compare(star_rest, after) > 0)
		*out = (struct offer){ .data = star, .rest = star_rest };
	uint32_t trie = decimal_get(node, GROUP_OTHERS, key);
	const struct leaf *leaf = other_next(w->base, trie, after);
	if (leaf != NULL &&
	    (out->data == 0 || owner_compare(leaf_key(leaf), out->rest) < 0))
		*out = (struct offer){ .data = leaf->data,
			.rest = leaf_key(leaf) };
	if (out->data != 0 &&
	    owner_compare(out->rest, (struct blob){ DIGIT, 2 }) < 0)
		return true; /* before all digits */
	for (unsigned d = first_digit; n < TN_DIGITS_MAX && d < 10; d++) {
		uint8_t name[] = { 1, (uint8_t)('0' + d) };
		if (out->data != 0 &&
		    owner_compare(out->rest, (struct blob){ name, 2 }) < 0)
			return true;
		if (digit_exists(w, n, d)) {
			out->is_digit = true;
			out->digit = d;
			return true;
		}
	}
	return out->data != 0;
}

static void
name_set(struct owner *out, struct tn tn, struct blob rest)
{
	size_t len = e164_name_write(out->bytes, tn);

	if (rest.len > 0)
		memcpy(out->bytes + len, rest.data, rest.len);
	out->len = (uint8_t)(len + rest.len);
}

static unsigned
first_digit_behind(struct blob rest)
{
	if (rest.len == 0 || rest.data[0] < 1)
		return 0;
	if (rest.data[0] > 1 || rest.data[1] > '9')
		return 10;
	return rest.data[1] < '0' ? 0 : (unsigned)(rest.data[1] - '0') + 1;
}

/* The first name behind `after`, and its data; 0: none. */
static uint32_t
name_behind(
    const struct image_version *version, struct blob after, struct owner *out)
{
	struct walk w = { .version = version, .base = version_base(version) };
	struct offer offer;
	size_t used = 0;

	if (after.len > 0)
		used = e164_name_read(&w.tn, after.data, after.len);
	unsigned n = tn_count(w.tn);
	for (unsigned level = 0; level <= n / DECIMAL_SPAN; level++)
		walk_level(&w, level);
	/* Up, until there is something behind. */
	for (;; n--) {
		struct blob rest = { NULL, after.len - used };
		if (rest.len > 0)
			rest.data = after.data + used;
		if (offer_at(&w, n, rest, first_digit_behind(rest), &offer))
			break;
		if (n == 0)
			return 0;
		w.tn = tn_prefix(w.tn, n - 1);
		used = 2 * ((size_t)n - 1);
	}
	/* Down, to its first name. */
	while (offer.is_digit) {
		(void)tn_push(&w.tn, offer.digit);
		n++;
		uint32_t data = data_at(&w, n);
		if (data != 0) {
			name_set(out, w.tn, (struct blob){ 0 });
			return data;
		}
		if (n % DECIMAL_SPAN == 0)
			walk_level(&w, n / DECIMAL_SPAN);
		if (!offer_at(&w, n, (struct blob){ 0 }, 0, &offer))
			return 0;
	}
	name_set(out, w.tn, offer.rest);
	return offer.data;
}

bool
image_next_below(const struct image_version *version, struct blob top,
    struct blob after, struct owner *out, uint8_t *flags)
{
	struct owner found;

	if (after.len == 0 || owner_compare(after, top) < 0)
		after = top;
	uint32_t data = name_behind(version, after, &found);
	if (data == 0 || !owner_is_at_or_below(owner_blob(&found), top))
		return false;
	*out = found;
	*flags = data_flags(data);
	return true;
}
