/*
 * The names that a request touches, found by a hash of their owner, each
 * loaded once from the view. Takes all memory from the arena. Refuses only
 * what is above the caps of a name. Layer 2; the engine thread.
 */
#include "registry/draft.h"

#include "base/check.h"
#include "dns/rdata.h"

#include <string.h>

enum {
	BUCKETS_MIN = 64,
	BUCKETS_MAX = 1 << 20,
};

void
draft_init(struct draft *draft, struct arena *arena, const struct view *view,
    size_t expected)
{
	size_t n = BUCKETS_MIN;

	while (n < expected * 2 && n < BUCKETS_MAX)
		n *= 2;
	*draft = (struct draft){
		.arena = arena,
		.view = view,
		.n_buckets = n,
		.buckets = arena_alloc(arena, n * sizeof(struct draft_name *)),
	};
}

/* Multiply and fold, eight bytes at a time: quick, and good enough for names
 * that are mostly digits. */
static uint64_t
owner_hash(struct blob owner)
{
	uint64_t h = 0x9e3779b97f4a7c15u ^ owner.len;
	size_t at = 0;

	for (; owner.len - at >= 8; at += 8) {
		uint64_t word;
		memcpy(&word, owner.data + at, 8);
		h = (h ^ word) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	if (at < owner.len) {
		uint64_t word = 0;
		memcpy(&word, owner.data + at, owner.len - at);
		h = (h ^ word) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	return h;
}

static struct draft_name *
find(const struct draft *draft, struct blob owner, uint64_t hash)
{
	struct draft_name *name = draft->buckets[hash & (draft->n_buckets - 1)];

	for (; name != NULL; name = name->chain) {
		if (name->hash == hash && name->owner.len == owner.len &&
		    (owner.len == 0 ||
			memcmp(name->owner.data, owner.data, owner.len) == 0))
			return name;
	}
	return NULL;
}

/* Twice the buckets, when there is more than one name for each. */
static void
grow(struct draft *draft)
{
	size_t n = draft->n_buckets * 2;

	if (draft->n_names < draft->n_buckets || n > BUCKETS_MAX)
		return;
	draft->buckets = arena_alloc(draft->arena,
	    n * sizeof(struct draft_name *));
	draft->n_buckets = n;
	for (struct draft_name *name = draft->names; name != NULL;
	     name = name->next) {
		size_t bucket = name->hash & (n - 1);
		struct draft_name **slot = &draft->buckets[bucket];
		name->chain = *slot;
		*slot = name;
	}
}

enum status
draft_get(struct draft_name **out, struct draft *draft, struct blob owner)
{
	uint64_t hash = owner_hash(owner);
	struct draft_name *name = find(draft, owner, hash);

	if (name != NULL) {
		*out = name;
		return OK;
	}
	grow(draft);
	name = arena_alloc(draft->arena, sizeof *name);
	name->owner.data = arena_copy(draft->arena, owner.data, owner.len);
	name->owner.len = owner.len;
	name->hash = hash;
	enum status status = draft->view->get(draft->view->arg, name->owner,
	    draft->arena, &name->before);
	if (status != OK)
		return status;
	if (name->before.rrsets.len == 0)
		name->before.flags = 0;
	name->now = name->before;
	struct draft_name **slot = &draft->buckets[hash &
	    (draft->n_buckets - 1)];
	name->chain = *slot;
	*slot = name;
	name->next = draft->names;
	draft->names = name;
	draft->n_names++;
	*out = name;
	return OK;
}

struct draft_name *
draft_peek(const struct draft *draft, struct blob owner)
{
	return find(draft, owner, owner_hash(owner));
}

const struct name_class *
draft_class(struct draft_name *name)
{
	if (!name->is_classified) {
		name->class = name_classify(name->owner);
		name->is_classified = true;
	}
	return &name->class;
}

struct blob
draft_explicit_before(const struct draft_name *name)
{
	if (name->before.flags & NODE_DERIVED)
		return (struct blob){ .data = NULL };
	return name->before.rrsets;
}

static struct draft_set *
set_append(struct draft *draft, struct draft_name *name, uint16_t type,
    uint32_t ttl)
{
	struct draft_set **at = &name->sets;

	while (*at != NULL)
		at = &(*at)->next;
	struct draft_set *set = arena_alloc(draft->arena, sizeof *set);
	set->type = type;
	set->ttl = ttl;
	*at = set;
	return set;
}

static void
record_append(struct draft *draft, struct draft_set *set, struct blob rdata)
{
	struct draft_record **at = &set->records;

	while (*at != NULL)
		at = &(*at)->next;
	*at = arena_alloc(draft->arena, sizeof **at);
	(*at)->rdata = rdata;
	set->count++;
}

void
draft_open(struct draft *draft, struct draft_name *name)
{
	if (name->is_open)
		return;
	name->is_open = true;
	struct blob rest = draft_explicit_before(name);
	struct rrset rrset;
	while (rrset_next(&rest, &rrset)) {
		struct draft_set *set = set_append(draft, name, rrset.type,
		    rrset.ttl);
		struct blob rdata;
		while (rrset_next_rdata(&rrset.rdatas, &rdata))
			record_append(draft, set, rdata);
	}
}

static struct draft_set *
set_find(const struct draft_name *name, uint16_t type)
{
	struct draft_set *set = name->sets;

	while (set != NULL && set->type != type)
		set = set->next;
	return set;
}

struct draft_set *
draft_find(struct draft *draft, struct draft_name *name, uint16_t type)
{
	draft_open(draft, name);
	return set_find(name, type);
}

bool
draft_has_explicit(const struct draft_name *name)
{
	if (name->is_open)
		return name->sets != NULL;
	return draft_explicit_before(name).len > 0;
}

bool
draft_has_type(const struct draft_name *name, uint16_t type)
{
	struct rrset rrset;

	if (name->is_open)
		return set_find(name, type) != NULL;
	return rrset_find(draft_explicit_before(name), type, &rrset);
}

static size_t
set_count(const struct draft_name *name)
{
	size_t n = 0;

	for (const struct draft_set *set = name->sets; set != NULL;
	     set = set->next)
		n++;
	return n;
}

enum status
draft_put(struct draft *draft, struct draft_name *name,
    const struct record *record)
{
	struct draft_set *set = draft_find(draft, name, record->type);

	if (set == NULL) {
		if (set_count(name) >= NODE_TYPES_MAX)
			return ERR_FULL;
		set = set_append(draft, name, record->type, record->ttl);
	}
	struct draft_record **at = &set->records;
	while (*at != NULL &&
	    !rdata_equal(record->type, (*at)->rdata, record->rdata))
		at = &(*at)->next;
	if (*at == NULL) {
		if (set->count >= RRSET_RECORDS_MAX)
			return ERR_FULL;
		*at = arena_alloc(draft->arena, sizeof **at);
		set->count++;
	}
	(*at)->rdata = record->rdata;
	(*at)->is_added = true;
	set->ttl = record->ttl;
	name->is_written = true;
	return OK;
}

static void
set_drop(struct draft_name *name, const struct draft_set *set)
{
	struct draft_set **at = &name->sets;

	while (*at != set)
		at = &(*at)->next;
	*at = set->next;
}

void
draft_unlink(struct draft_name *name, struct draft_set *set,
    struct draft_record **at)
{
	require(name->is_open && *at != NULL);
	*at = (*at)->next;
	set->count--;
	name->is_written = true;
	if (set->count == 0)
		set_drop(name, set);
}

void
draft_remove(struct draft *draft, struct draft_name *name, uint16_t type,
    struct blob rdata)
{
	struct draft_set *set = draft_find(draft, name, type);

	if (set == NULL)
		return;
	struct draft_record **at = &set->records;
	while (*at != NULL && !rdata_equal(type, (*at)->rdata, rdata))
		at = &(*at)->next;
	if (*at != NULL)
		draft_unlink(name, set, at);
}

void
draft_remove_type(struct draft *draft, struct draft_name *name, uint16_t type)
{
	struct draft_set *set = draft_find(draft, name, type);

	if (set == NULL)
		return;
	set_drop(name, set);
	name->is_written = true;
}

void
draft_clear(struct draft *draft, struct draft_name *name)
{
	draft_open(draft, name);
	if (name->sets == NULL)
		return;
	name->sets = NULL;
	name->is_written = true;
}

enum status
draft_encode(struct node *out, struct draft *draft,
    const struct draft_name *name)
{
	size_t n = 0;

	for (const struct draft_set *set = name->sets; set != NULL;
	     set = set->next)
		n += set->count;
	if (n == 0) {
		bool is_derived = (name->before.flags & NODE_DERIVED) != 0;
		*out = is_derived ? name->before : (struct node){ 0 };
		return OK;
	}
	struct record *records = arena_alloc(draft->arena, n * sizeof *records);
	size_t i = 0;
	for (const struct draft_set *set = name->sets; set != NULL;
	     set = set->next) {
		for (const struct draft_record *record = set->records;
		     record != NULL; record = record->next)
			records[i++] = (struct record){ .type = set->type,
				.ttl = set->ttl, .rdata = record->rdata };
	}
	out->flags = 0;
	return rrsets_build(draft->arena, &out->rrsets, records, n);
}

enum status
draft_close(struct draft *draft)
{
	for (struct draft_name *name = draft->names; name != NULL;
	     name = name->next) {
		if (!name->is_written)
			continue;
		enum status status = draft_encode(&name->now, draft, name);
		if (status != OK)
			return status;
	}
	return OK;
}

bool
draft_same(struct blob a, struct blob b)
{
	return a.len == b.len && (a.len == 0 || a.data == b.data ||
	    memcmp(a.data, b.data, a.len) == 0);
}

/* Two sorted lists into one. */
static struct draft_name *
merge(struct draft_name *a, struct draft_name *b)
{
	struct draft_name *head = NULL;
	struct draft_name **tail = &head;

	while (a != NULL && b != NULL) {
		struct draft_name **from =
		    owner_compare(a->owner, b->owner) <= 0 ? &a : &b;
		*tail = *from;
		tail = &(*from)->next;
		*from = (*from)->next;
	}
	*tail = a != NULL ? a : b;
	return head;
}

struct draft_name *
draft_sort(struct draft_name *names)
{
	/* sorted[i] is empty or has 2^i names: merge sort without recursion */
	enum { LEVELS = 40 };
	struct draft_name *sorted[LEVELS] = { NULL };

	while (names != NULL) {
		struct draft_name *run = names;
		names = names->next;
		run->next = NULL;
		size_t i = 0;
		for (; i < LEVELS - 1 && sorted[i] != NULL; i++) {
			run = merge(sorted[i], run);
			sorted[i] = NULL;
		}
		sorted[i] = run;
	}
	struct draft_name *all = NULL;
	for (size_t i = 0; i < LEVELS; i++)
		all = merge(sorted[i], all);
	return all;
}
