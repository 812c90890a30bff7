/*
 * From parts to the next state: candidate image, overlay of whois and private
 * names, digest, serial; and the same for a changeset that is read back.
 * Layer 8; the engine thread.
 */
#include "engine/internal.h"

#include "base/check.h"
#include "registry/scope.h"
#include "sec/hash.h"

#include <string.h>

static enum status
view_get(void *arg, struct blob owner, struct arena *arena, struct node *out)
{
	struct engine *engine = arg;

	if (owner_scope(owner) == SCOPE_PUBLIC) {
		image_get(image_candidate(engine->image), owner, arena, out);
		return OK;
	}
	if (overlay_get(&engine->batch.overlay, owner, out))
		return OK;
	return store_get(engine->store, owner, arena, out);
}

struct hidden_walk {
	enum status (*each)(void *each_arg, struct blob owner);
	void *arg;
};

static enum status
walk_stored(void *arg, struct blob owner, const struct node *node)
{
	struct hidden_walk *walk = arg;

	(void)node; /* the batch may have changed it: the judge looks itself */
	return walk->each(walk->arg, owner);
}

static bool
view_next_below(void *arg, struct blob top, struct blob after,
    struct owner *out, uint8_t *flags)
{
	struct engine *engine = arg;

	return image_next_below(image_candidate(engine->image), top, after,
	    out, flags);
}

/* The names in the store, once it has all slots, and those of the batch. */
static enum status
view_walk_hidden(void *arg, struct blob top,
    enum status (*each)(void *each_arg, struct blob owner), void *each_arg)
{
	struct engine *engine = arg;
	struct hidden_walk walk = { .each = each, .arg = each_arg };
	struct reason reason;

	store_wait(engine->store, engine->at.slot);
	enum status status = store_walk(engine->store, top, walk_stored, &walk,
	    &reason);
	if (status != OK)
		return status;
	return overlay_walk(&engine->batch.overlay, top, each, each_arg);
}

struct view
batch_view(struct engine *engine)
{
	return (struct view){
		.arg = engine,
		.get = view_get,
		.next_below = view_next_below,
		.walk_hidden = view_walk_hidden,
		.serial = engine->batch.serial,
	};
}

void
batch_begin(struct engine *engine)
{
	struct batch *batch = &engine->batch;

	require(!batch->is_open);
	uint64_t oldest = engine->at.slot;
	if (engine->config.oldest_slot != NULL)
		oldest = engine->config.oldest_slot(engine->config.arg);
	image_release(engine->image, oldest);
	key_table_release(&engine->keys, oldest);
	image_begin(engine->image);
	batch->first = NULL;
	batch->last = &batch->first;
	batch->n = 0;
	batch->bytes = 0;
	batch->overlay = (struct overlay){ 0 };
	batch->digest = engine->at.digest;
	batch->serial = engine->at.serial;
	batch->time_ms = engine->at.time_ms;
	batch->is_public = false;
	batch->is_open = true;
}

static enum status
take_hidden(struct engine *engine, const struct name_change *change)
{
	struct arena *arena = &engine->batch.arena;
	struct node node;

	enum status status = view_get(engine, change->owner, arena, &node);
	if (status != OK)
		return status;
	status = rrsets_patch(arena, &node.rrsets, node.rrsets,
	    change->removed, change->added);
	if (status != OK)
		return ERR_DIVERGED;
	node.flags = change->flags_after;
	overlay_put(&engine->batch.overlay, arena, change->owner, &node);
	return OK;
}

enum status
batch_take(struct engine *engine, const struct part *part)
{
	for (size_t i = 0; i < part->n_changes; i++) {
		const struct name_change *change = &part->changes[i];
		enum status status;
		if (owner_scope(change->owner) == SCOPE_PUBLIC)
			status = image_apply(engine->image, change);
		else
			status = take_hidden(engine, change);
		if (status != OK)
			return status;
		digest_change(&engine->batch.digest, &hash_ops_sodium,
		    change);
	}
	return OK;
}

void
batch_finish(struct engine *engine, uint64_t slot, const struct hash *hash,
    const struct part *parts, size_t n_parts)
{
	struct batch *batch = &engine->batch;

	engine->at = (struct store_position){
		.slot = slot,
		.time_ms = batch->time_ms,
		.serial = batch->serial,
		.hash = *hash,
		.digest = batch->digest,
	};
	const struct image_version *version =
	    image_commit(engine->image, slot, batch->serial);
	batch->is_open = false;
	store_submit(engine->store, &engine->at, parts, n_parts);
	key_table_follow(&engine->keys, parts, n_parts, &batch->overlay, slot);
	if (engine->config.publish != NULL)
		engine->config.publish(engine->config.arg, version,
		    engine->keys.keyring);
}

void
batch_drop(struct engine *engine)
{
	image_abort(engine->image);
	engine->batch.is_open = false;
	arena_reset(&engine->batch.arena);
}

enum status
apply_value(struct engine *engine, uint64_t slot, const struct hash *hash,
    struct blob value, struct reason *reason)
{
	struct batch *batch = &engine->batch;
	struct changeset_header header;
	const struct part *parts;
	size_t n_parts;

	enum status status = changeset_decode(&batch->arena, &header, &parts,
	    &n_parts, value);
	if (status != OK) {
		reason_set(reason, "the changeset of slot %llu is %s",
		    (unsigned long long)slot, status_text(status));
		arena_reset(&batch->arena);
		return status;
	}
	if (header.slot != slot || slot != engine->at.slot + 1 ||
	    memcmp(&header.previous, &engine->at.hash,
	        sizeof header.previous) != 0 ||
	    !digest_equal(&header.before, &engine->at.digest)) {
		reason_set(reason, "the changeset of slot %llu does not follow "
		    "the state at slot %llu: journal and store are not of one "
		    "run", (unsigned long long)slot,
		    (unsigned long long)engine->at.slot);
		arena_reset(&batch->arena);
		return ERR_DIVERGED;
	}
	batch_begin(engine);
	batch->time_ms = header.time_ms;
	batch->serial = header.serial;
	for (size_t i = 0; i < n_parts && status == OK; i++)
		status = batch_take(engine, &parts[i]);
	if (status != OK) {
		reason_set(reason, "the changeset of slot %llu cannot be "
		    "applied: %s", (unsigned long long)slot,
		    status_text(status));
		batch_drop(engine);
		return status;
	}
	batch_finish(engine, slot, hash, parts, n_parts);
	arena_reset(&batch->arena);
	return OK;
}
