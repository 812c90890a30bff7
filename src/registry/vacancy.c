/*
 * Free numbers. A number is a value of `digits` decimal digits here; what is
 * taken comes as intervals of values in ascending order, because owner order
 * is dialling order and `*` comes before the digits. What lies between them is
 * free. RFC 8396 3.2. Layer 2; any thread.
 */
#include "registry/vacancy.h"

#include "base/check.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "e164/e164_name.h"
#include "registry/property.h"
#include "registry/scope.h"

#include <string.h>

struct search {
	const struct view *view;
	struct arena *work;
	struct vacancy *out;
	size_t count;    /* wanted */
	unsigned digits; /* of the pool that is searched */
	uint64_t next;   /* the lowest value not yet known to be taken */
};

/* What takes numbers, and which. */
struct taken {
	uint64_t low;
	uint64_t high;
	size_t top_len; /* bytes of the owner below which nothing else counts */
};

/* -------------------------------------------------------------- values */

/* The lowest value that begins with the number, cut to digits. */
static uint64_t
value_low(struct tn tn, unsigned digits)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < digits; i++)
		value = value * 10 + (i < tn_count(tn) ? tn_digit(tn, i) : 0);
	return value;
}

static uint64_t
value_high(struct tn tn, unsigned digits)
{
	uint64_t span = 1;

	for (unsigned i = tn_count(tn); i < digits; i++)
		span *= 10;
	return value_low(tn, digits) + span - 1;
}

static struct tn
value_number(uint64_t value, unsigned digits)
{
	struct tn tn = { 0 };
	uint64_t unit = 1;

	for (unsigned i = 1; i < digits; i++)
		unit *= 10;
	for (unsigned i = 0; i < digits; i++, unit /= 10) {
		bool is_pushed = tn_push(&tn, (unsigned)(value / unit % 10));
		ensure(is_pushed);
	}
	return tn;
}

/* Everything below value is taken or has been found. */
static void
find_up_to(struct search *search, uint64_t value)
{
	struct vacancy *out = search->out;

	while (search->next < value && out->n < search->count)
		out->numbers[out->n++] = value_number(search->next++,
		    search->digits);
}

/* ------------------------------------------------------- what a name takes */

static enum status
has_text(bool *out, struct search *search, struct blob owner,
    enum property_id id)
{
	struct node node = { 0 };
	struct rrset texts;
	struct blob rdata;
	struct blob value;

	*out = false;
	arena_reset(search->work);
	enum status status = search->view->get(search->view->arg, owner,
	    search->work, &node);
	if (status != OK || (node.flags & NODE_DERIVED) != 0 ||
	    !rrset_find(node.rrsets, TYPE_TXT, &texts))
		return status;
	while (rrset_next_rdata(&texts.rdatas, &rdata))
		*out = *out || attribute_is(rdata, id, &value);
	return OK;
}

static enum status
has_cut(bool *out, struct search *search, struct blob owner)
{
	struct node node = { 0 };
	struct rrset rrset;

	arena_reset(search->work);
	enum status status = search->view->get(search->view->arg, owner,
	    search->work, &node);
	*out = status == OK && rrset_find(node.rrsets, TYPE_NS, &rrset);
	return status;
}

/* Whether all numbers below a number of the walk are taken: it is delegated,
 * or the block of them has a holder. */
static enum status
is_closed_at(bool *out, struct search *search, struct blob owner)
{
	struct name_class class = name_classify(owner);

	*out = false;
	if (class.kind == NAME_BLOCK)
		return has_text(out, search, owner, PROPERTY_OCN);
	if (class.kind == NAME_NUMBER)
		return has_cut(out, search, owner);
	return OK;
}

/*
 * An explicit name: which numbers it takes. One that is as long as they are, or
 * longer, takes the one it begins with.
 * @return false: none.
 */
static enum status
taken_by(bool *out, struct taken *taken, struct search *search,
    struct blob owner)
{
	struct tn tn;
	size_t used = e164_name_read(&tn, owner.data, owner.len);
	enum status status = OK;

	*out = tn_count(tn) >= search->digits;
	if (*out)
		tn = tn_prefix(tn, search->digits);
	else
		status = is_closed_at(out, search, owner);
	taken->low = value_low(tn, search->digits);
	taken->high = value_high(tn, search->digits);
	taken->top_len = *out ? 2 * (size_t)tn_count(tn) : used;
	return status;
}

/* Behind all names below the first len bytes of owner. */
static void
pass_below(struct owner *owner, size_t len)
{
	uint8_t last[LABEL_MAX];

	memset(last, 0xff, sizeof last);
	owner->len = (uint8_t)len;
	enum status status = owner_push(owner, last, sizeof last);
	ensure(status == OK);
}

/* ------------------------------------------------------------------- pools */

static struct owner
number_owner(struct tn tn)
{
	struct owner owner;

	owner.len = (uint8_t)e164_name_write(owner.bytes, tn);
	return owner;
}

/* Whether a block with a holder or a delegation is at or above prefix. */
static enum status
is_closed_above(bool *out, struct search *search, struct tn prefix)
{
	enum status status = OK;

	*out = false;
	for (unsigned n = 1; n <= tn_count(prefix) && status == OK && !*out;
	     n++) {
		struct owner owner = number_owner(tn_prefix(prefix, n));
		status = is_closed_at(out, search, owner_blob(&owner));
		if (status != OK || *out || n >= search->digits)
			continue;
		enum status pushed = owner_push(&owner, "*", 1);
		ensure(pushed == OK);
		status = is_closed_at(out, search, owner_blob(&owner));
	}
	return status;
}

/* Explicit records at a name. */
static enum status
has_records(bool *out, struct search *search, struct blob owner)
{
	struct node node = { 0 };

	arena_reset(search->work);
	enum status status = search->view->get(search->view->arg, owner,
	    search->work, &node);
	*out = node.rrsets.len > 0 && (node.flags & NODE_DERIVED) == 0;
	return status;
}

/* The free numbers below prefix, until there are enough. */
static enum status
search_below(struct search *search, struct tn prefix)
{
	const struct view *view = search->view;
	const struct owner top = number_owner(prefix);
	struct owner at = { .len = 0 };
	uint8_t flags = 0;
	bool is_closed = false;

	enum status status = is_closed_above(&is_closed, search, prefix);
	/* the walk is strictly below; a pool of one number is at its prefix */
	if (status == OK && !is_closed && tn_count(prefix) == search->digits)
		status = has_records(&is_closed, search, owner_blob(&top));
	if (status != OK || is_closed)
		return status;
	search->next = value_low(prefix, search->digits);
	while (search->out->n < search->count &&
	    view->next_below(view->arg, owner_blob(&top), owner_blob(&at),
	    &at, &flags)) {
		struct taken taken;
		bool is_taken = false;
		if ((flags & NODE_DERIVED) != 0)
			continue;
		status = taken_by(&is_taken, &taken, search,
		    owner_blob(&at));
		if (status != OK)
			return status;
		if (!is_taken)
			continue;
		find_up_to(search, taken.low);
		if (search->next <= taken.high)
			search->next = taken.high + 1;
		pass_below(&at, taken.top_len);
	}
	find_up_to(search, value_high(prefix, search->digits) + 1);
	return OK;
}

/* How long the numbers below prefix are: what most of the first ones are, of
 * two lengths the longer. 0: there are none. */
static unsigned
usual_digits(const struct view *view, struct tn prefix)
{
	size_t counts[TN_DIGITS_MAX + 1] = { 0 };
	const struct owner top = number_owner(prefix);
	struct owner at = { .len = 0 };
	unsigned found = 0;
	uint8_t flags = 0;

	for (unsigned i = 0; i < VACANCY_SAMPLE_NAMES &&
	    view->next_below(view->arg, owner_blob(&top), owner_blob(&at),
	    &at, &flags); i++) {
		struct name_class class = name_classify(owner_blob(&at));
		if (class.kind == NAME_NUMBER && (flags & NODE_DERIVED) == 0)
			counts[tn_count(class.tn)]++;
	}
	for (unsigned n = 1; n <= TN_DIGITS_MAX; n++) {
		if (counts[n] > 0 && counts[n] >= counts[found])
			found = n;
	}
	return found;
}

/* <prefix>._pool */
static struct owner
pool_owner(struct tn prefix)
{
	char digits[TN_DIGITS_MAX + 1];
	struct owner owner = { .len = 0 };
	size_t n = tn_digits(digits, prefix);

	enum status status = owner_push(&owner, "_pool", 5);
	if (status == OK)
		status = owner_push(&owner, digits, n);
	ensure(status == OK);
	return owner;
}

static enum status
pool_above(bool *out, struct search *search, struct tn prefix)
{
	enum status status = OK;

	*out = false;
	for (unsigned n = 1; n <= tn_count(prefix) && status == OK && !*out;
	     n++) {
		struct owner owner = pool_owner(tn_prefix(prefix, n));
		status = has_text(out, search, owner_blob(&owner),
		    PROPERTY_POOL);
	}
	return status;
}

/*
 * The prefixes to search, in dialling order, none inside another: the one
 * asked for if it is in an open pool, else the open pools that begin with it.
 */
static enum status
pools_of(struct tn *pools, size_t *n, struct search *search, struct tn prefix)
{
	const struct view *view = search->view;
	struct owner top = { .len = 0 };
	struct owner at = { .len = 0 };
	uint8_t flags = 0;
	bool is_inside = false;

	*n = 0;
	enum status status = pool_above(&is_inside, search, prefix);
	if (status != OK || is_inside) {
		pools[0] = prefix;
		*n = is_inside;
		return status;
	}
	status = owner_push(&top, "_pool", 5);
	ensure(status == OK);
	while (*n < VACANCY_POOLS_MAX && view->next_below(view->arg,
	    owner_blob(&top), owner_blob(&at), &at, &flags)) {
		struct name_class class = name_classify(owner_blob(&at));
		bool is_open = false;
		if (class.kind != NAME_POOL ||
		    !tn_is_prefix(prefix, class.tn))
			continue;
		status = has_text(&is_open, search, owner_blob(&at),
		    PROPERTY_POOL);
		if (status != OK)
			return status;
		if (is_open)
			pools[(*n)++] = class.tn;
	}
	return OK;
}

/* Owner order has short labels first: back to dialling order, and of pools
 * inside each other the outermost. */
static size_t
pools_sort(struct tn *pools, size_t n)
{
	size_t kept = 0;

	for (size_t i = 1; i < n; i++) {
		struct tn pool = pools[i];
		size_t j = i;
		for (; j > 0 && tn_compare(pools[j - 1], pool) > 0; j--)
			pools[j] = pools[j - 1];
		pools[j] = pool;
	}
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || !tn_is_prefix(pools[kept - 1], pools[i]))
			pools[kept++] = pools[i];
	}
	return kept;
}

/* ------------------------------------------------------------------ search */

static enum status
check_order(const struct vacancy_order *order, struct reason *reason)
{
	if (order->digits > TN_DIGITS_MAX || (order->digits > 0 &&
	    order->digits < tn_count(order->prefix))) {
		reason_set(reason, "numbers that begin with these %u digits "
		    "have %u to 15, not %u", tn_count(order->prefix),
		    tn_count(order->prefix), order->digits);
		return ERR_BAD_VALUE;
	}
	if (order->count == 0 || order->count > VACANCY_COUNT_MAX) {
		reason_set(reason, "1 to %d numbers can be found at a time",
		    VACANCY_COUNT_MAX);
		return ERR_BAD_VALUE;
	}
	return OK;
}

/* Nothing was found: why, of one pool or of several. */
static enum status
say_none(struct search *search, const struct vacancy_order *order,
    size_t n_pools, size_t n_unknown, struct reason *reason)
{
	char prefix[TN_TEXT_MAX];
	bool is_closed = false;

	(void)tn_format(prefix, order->prefix);
	search->digits = TN_DIGITS_MAX;
	enum status status = is_closed_above(&is_closed, search,
	    order->prefix);
	if (status != OK)
		return status;
	if (n_pools == 0)
		reason_set(reason, "no pool is open at %s, around or below it",
		    prefix);
	else if (is_closed)
		reason_set(reason, "%s is inside a block that has a holder, or "
		    "is delegated", prefix);
	else if (n_unknown > 0)
		reason_set(reason, "no number stands below %s yet that would "
		    "show how many digits they have: say --digits", prefix);
	else
		reason_set(reason, "no number is free in the open pools at %s",
		    prefix);
	return ERR_NOT_FOUND;
}

enum status
vacancy_find(struct vacancy *out, struct arena *arena, struct arena *work,
    const struct view *view, const struct vacancy_order *order,
    struct reason *reason)
{
	struct search search = { .view = view, .work = work, .out = out,
		.count = order->count };
	size_t n_pools = 0;
	size_t n_unknown = 0;

	*out = (struct vacancy){ .n = 0 };
	enum status status = check_order(order, reason);
	if (status != OK)
		return status;
	out->numbers = arena_alloc(arena,
	    order->count * sizeof out->numbers[0]);
	struct tn *pools = arena_alloc(arena,
	    VACANCY_POOLS_MAX * sizeof pools[0]);
	status = pools_of(pools, &n_pools, &search, order->prefix);
	n_pools = pools_sort(pools, n_pools);
	for (size_t i = 0; i < n_pools && status == OK &&
	     out->n < order->count; i++) {
		search.digits = order->digits > 0 ? order->digits :
		    usual_digits(view, pools[i]);
		n_unknown += search.digits == 0;
		if (search.digits >= tn_count(pools[i]))
			status = search_below(&search, pools[i]);
	}
	if (status != OK || out->n > 0)
		return status;
	return say_none(&search, order, n_pools, n_unknown, reason);
}
