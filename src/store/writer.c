/*
 * The writer: takes all that waits, puts each name together once, in key order
 * so that neighbours share pages, and commits it with the position in one
 * transaction. An error ends the process: the journal has everything.
 * Layer 6; its own thread.
 */
#include "store/internal.h"

#include "base/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	NODE_FLAGS_LEN = 1, /* bytes before the RRsets of a value */
	TIME_KEY_LEN = 16,  /* time, slot */
};

/* Put one name as its changes make it. */
static int
write_name(struct store *store, DB_TXN *txn, struct pending_name *name,
    struct arena *arena)
{
	DB *db = store->records;
	struct node node = { 0 };
	DBT key = { .size = (uint32_t)name->owner.len };
	DBT value = { 0 };

	int error = records_get(store, name->owner, arena, &node);
	if (error != 0)
		return error;
	bool is_there = node.rrsets.len > 0;
	store->sum -= node_sum(name->owner, &node);
	if (pending_apply(name, arena, &node) != OK)
		env_fatal(store, 0, "apply a chosen change: the state differs "
		    "from the one it was made for");
	store->sum += node_sum(name->owner, &node);
	/* Berkeley DB does not write to a key that it is given */
	key.data = arena_copy(arena, name->owner.data, name->owner.len);
	if (node.rrsets.len == 0)
		return is_there ? db->del(db, txn, &key, 0) : 0;
	uint8_t *data = arena_alloc(arena, NODE_FLAGS_LEN + node.rrsets.len);
	data[0] = node.flags;
	memcpy(data + NODE_FLAGS_LEN, node.rrsets.data, node.rrsets.len);
	value.data = data;
	value.size = (uint32_t)(NODE_FLAGS_LEN + node.rrsets.len);
	return db->put(db, txn, &key, &value, 0);
}

/* All names, a few at a time, so that readers never wait long. */
static int
write_names(struct store *store, DB_TXN *txn, struct batch *batch)
{
	struct arena arena;
	int error = 0;

	arena_init(&arena);
	batch_sort(batch);
	for (size_t i = 0; i < batch->n_names && error == 0;) {
		pthread_rwlock_wrlock(&store->pages);
		for (unsigned n = 0; n < PUTS_AT_ONCE &&
		     i < batch->n_names && error == 0; n++, i++) {
			error = write_name(store, txn, batch->names[i],
			    &arena);
			batch->names[i]->is_put = error == 0;
		}
		pthread_rwlock_unlock(&store->pages);
		arena_reset(&arena);
	}
	arena_fini(&arena);
	return error;
}

static int
write_slot(struct store *store, DB_TXN *txn, const struct pending_slot *slot)
{
	uint8_t time_key[TIME_KEY_LEN];
	uint8_t serial_key[4];
	DBT key = { .data = time_key, .size = sizeof time_key };
	DBT value = { 0 };

	put_u32(time_key, (uint32_t)(slot->time_ms >> 32));
	put_u32(time_key + 4, (uint32_t)slot->time_ms);
	put_u32(time_key + 8, (uint32_t)(slot->slot >> 32));
	put_u32(time_key + 12, (uint32_t)slot->slot);
	int error = store->times->put(store->times, txn, &key, &value, 0);
	if (error != 0 || !slot->is_new_serial)
		return error;
	put_u32(serial_key, slot->serial);
	key = (DBT){ .data = serial_key, .size = sizeof serial_key };
	value = (DBT){ .data = time_key + 8, .size = 8 };
	return store->serials->put(store->serials, txn, &key, &value, 0);
}

static int
write_position(struct store *store, DB_TXN *txn,
    const struct store_position *position)
{
	uint8_t data[POSITION_LEN];
	static char name[] = "position";
	DBT key = { .data = name, .size = sizeof name - 1 };
	DBT value = { .data = data, .size = sizeof data };

	position_encode(data, position, store->sum);
	return store->meta->put(store->meta, txn, &key, &value, 0);
}

/* Slots and position: small, in one go. */
static int
write_slots(struct store *store, DB_TXN *txn, const struct batch *batch)
{
	int error = 0;

	pthread_rwlock_wrlock(&store->pages);
	for (size_t i = 0; i < batch->n_slots && error == 0; i++)
		error = write_slot(store, txn, &batch->slots[i]);
	if (error == 0)
		error = write_position(store, txn, &batch->position);
	pthread_rwlock_unlock(&store->pages);
	return error;
}

static int
write_batch(struct store *store, struct batch *batch)
{
	DB_TXN *txn = NULL;

	int error = store->env->txn_begin(store->env, NULL, &txn, 0);
	if (error == 0)
		error = write_names(store, txn, batch);
	if (error == 0)
		error = write_slots(store, txn, batch);
	return error != 0 ? error : txn->commit(txn, 0);
}

/* What waits becomes what is written. @return NULL: stop. */
static struct batch *
take_batch(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	while (store->filling->n_slots == 0 && !store->is_stopping)
		pthread_cond_wait(&store->changed, &store->lock);
	struct batch *batch = NULL;
	if (store->filling->n_slots > 0) {
		batch = store->filling;
		store->writing = batch;
		store->filling = store->resting;
		store->resting = NULL;
	}
	pthread_mutex_unlock(&store->lock);
	return batch;
}

static void *
run(void *arg)
{
	struct store *store = arg;
	struct batch *batch = take_batch(store);

	while (batch != NULL) {
		int error = write_batch(store, batch);
		if (error != 0)
			env_fatal(store, error, "write");
		pthread_mutex_lock(&store->lock);
		store->writing = NULL;
		store->applied = batch->position;
		pthread_cond_broadcast(&store->changed);
		pthread_mutex_unlock(&store->lock);
		batch_clear(batch);
		pthread_mutex_lock(&store->lock);
		store->resting = batch;
		pthread_mutex_unlock(&store->lock);
		batch = take_batch(store);
	}
	return NULL;
}

int
writer_start(struct store *store)
{
	int error = pthread_create(&store->writer, NULL, run, store);

	store->is_writer_started = error == 0;
	return error;
}
