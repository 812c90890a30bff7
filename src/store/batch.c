/*
 * Changes that wait for the writer, found by name. Everything lives in the
 * batch's arena and goes at once. Layer 6; guarded by the store's lock while
 * it fills, by nothing while only the writer changes it.
 */
#include "store/internal.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

enum {
	BUCKETS_MIN = 1024,
	/* bytes that a waiting change takes beside its own */
	CHANGE_EXTRA = 160,
};

static void *
grow(void *old, size_t len)
{
	void *out = realloc(old, len);

	if (out == NULL)
		check_fail("memory", "store", __FILE__, __LINE__);
	return out;
}

struct batch *
batch_create(void)
{
	struct batch *batch = grow(NULL, sizeof *batch);

	*batch = (struct batch){ .n_buckets = BUCKETS_MIN };
	arena_init(&batch->arena);
	batch->buckets =
	    grow(NULL, batch->n_buckets * sizeof(struct pending_name *));
	batch_clear(batch);
	return batch;
}

void
batch_destroy(struct batch *batch)
{
	if (batch == NULL)
		return;
	arena_fini(&batch->arena);
	free(batch->buckets);
	free(batch->names);
	free(batch->slots);
	free(batch);
}

void
batch_clear(struct batch *batch)
{
	arena_reset(&batch->arena);
	for (size_t i = 0; i < batch->n_buckets; i++)
		batch->buckets[i] = NULL;
	batch->n_names = 0;
	batch->n_slots = 0;
	batch->len = 0;
}

/* FNV-1a from a secret start, so that nobody can choose colliding names. */
static uint64_t
hash_owner(struct blob owner, uint64_t seed)
{
	uint64_t hash = seed ^ UINT64_C(14695981039346656037);

	for (size_t i = 0; i < owner.len; i++)
		hash = (hash ^ owner.data[i]) * UINT64_C(1099511628211);
	return hash ^ hash >> 32;
}

struct pending_name *
batch_find(const struct batch *batch, struct blob owner, uint64_t seed)
{
	if (batch->n_names == 0)
		return NULL;
	uint64_t hash = hash_owner(owner, seed);
	struct pending_name *name =
	    batch->buckets[hash & (batch->n_buckets - 1)];

	while (name != NULL && (name->hash != hash ||
		owner_compare(name->owner, owner) != 0))
		name = name->chain;
	return name;
}

static void
link_name(struct batch *batch, struct pending_name *name)
{
	struct pending_name **bucket =
	    &batch->buckets[name->hash & (batch->n_buckets - 1)];

	name->chain = *bucket;
	*bucket = name;
}

static void
double_buckets(struct batch *batch)
{
	batch->n_buckets *= 2;
	batch->buckets = grow(batch->buckets,
	    batch->n_buckets * sizeof(struct pending_name *));
	for (size_t i = 0; i < batch->n_buckets; i++)
		batch->buckets[i] = NULL;
	for (size_t i = 0; i < batch->n_names; i++)
		link_name(batch, batch->names[i]);
}

static struct pending_name *
add_name(struct batch *batch, struct blob owner, uint64_t seed)
{
	struct pending_name *name =
	    arena_alloc(&batch->arena, sizeof *name);

	name->owner.data = arena_copy(&batch->arena, owner.data, owner.len);
	name->owner.len = owner.len;
	name->hash = hash_owner(owner, seed);
	if (batch->n_names == batch->cap_names) {
		batch->cap_names =
		    batch->cap_names == 0 ? BUCKETS_MIN : batch->cap_names * 2;
		batch->names = grow(batch->names,
		    batch->cap_names * sizeof(struct pending_name *));
	}
	if (batch->n_names == batch->n_buckets)
		double_buckets(batch);
	batch->names[batch->n_names++] = name;
	link_name(batch, name);
	return name;
}

static struct blob
copy_blob(struct batch *batch, struct blob blob)
{
	if (blob.len == 0)
		return (struct blob){ 0 };
	return (struct blob){ arena_copy(&batch->arena, blob.data, blob.len),
		blob.len };
}

void
batch_add(struct batch *batch, const struct name_change *change,
    uint64_t seed)
{
	struct pending_change *pending =
	    arena_alloc(&batch->arena, sizeof *pending);
	struct pending_name *name = batch_find(batch, change->owner, seed);

	if (name == NULL)
		name = add_name(batch, change->owner, seed);
	pending->change = *change;
	pending->change.owner = name->owner;
	pending->change.removed = copy_blob(batch, change->removed);
	pending->change.added = copy_blob(batch, change->added);
	if (name->last == NULL)
		name->first = pending;
	else
		name->last->next = pending;
	name->last = pending;
	batch->len += change->owner.len + change->removed.len +
	    change->added.len + CHANGE_EXTRA;
}

void
batch_add_slot(struct batch *batch, const struct pending_slot *slot)
{
	if (batch->n_slots == batch->cap_slots) {
		batch->cap_slots =
		    batch->cap_slots == 0 ? 64 : batch->cap_slots * 2;
		batch->slots = grow(batch->slots,
		    batch->cap_slots * sizeof *batch->slots);
	}
	batch->slots[batch->n_slots++] = *slot;
}

static int
compare_names(const void *a, const void *b)
{
	struct pending_name *const *x = a;
	struct pending_name *const *y = b;

	return owner_compare((*x)->owner, (*y)->owner);
}

void
batch_sort(struct batch *batch)
{
	if (batch->n_names > 1)
		qsort(batch->names, batch->n_names,
		    sizeof(struct pending_name *), compare_names);
}

enum status
pending_apply(const struct pending_name *name, struct arena *arena,
    struct node *node)
{
	for (const struct pending_change *pending = name->first;
	     pending != NULL; pending = pending->next) {
		const struct name_change *change = &pending->change;
		enum status status = rrsets_patch(arena, &node->rrsets,
		    node->rrsets, change->removed, change->added);
		if (status != OK)
			return status;
		node->flags = node->rrsets.len > 0 ? change->flags_after : 0;
	}
	return OK;
}
