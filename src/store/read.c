/*
 * Reading: a node as of the last submitted slot, all nodes in order, slots by
 * time and serial. Layer 6; any thread.
 */
#include "store/internal.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

enum {
	GET_LEN = 1024,           /* bytes tried first for one node */
	READ_MISSES_MAX = 4,      /* looks at the next name in vain */
	BULK_LEN = 1024 * 1024,   /* bytes of a bulk read */
	BULK_MAX = 64 * 1024 * 1024, /* bytes; a node is never that long */
};

static bool
decode_node(struct node *out, const uint8_t *data, size_t len)
{
	if (len < 2)
		return false;
	out->flags = data[0];
	out->rrsets = (struct blob){ data + 1, len - 1 };
	return true;
}

int
records_get(struct store *store, struct blob owner, struct arena *arena,
    struct node *out)
{
	DB *db = store->records;
	uint8_t key_data[OWNER_MAX];
	DBT key = { .data = key_data, .size = (uint32_t)owner.len };
	DBT value = { .ulen = GET_LEN, .flags = DB_DBT_USERMEM };

	require(owner.len <= OWNER_MAX);
	if (owner.len > 0)
		memcpy(key_data, owner.data, owner.len);
	*out = (struct node){ 0 };
	value.data = arena_alloc(arena, value.ulen);
	int error = db->get(db, NULL, &key, &value, 0);
	if (error == DB_BUFFER_SMALL) {
		value.ulen = value.size;
		value.data = arena_alloc(arena, value.ulen);
		error = db->get(db, NULL, &key, &value, 0);
	}
	if (error == DB_NOTFOUND)
		return 0;
	if (error != 0)
		return error;
	return decode_node(out, value.data, value.size) ? 0 : DB_VERIFY_BAD;
}

/* Changes that Berkeley DB does not have yet, oldest first. Under lock. */
static enum status
add_pending(struct store *store, struct blob owner, struct arena *arena,
    struct node *node)
{
	struct pending_name *name = NULL;
	enum status status = OK;

	if (store->writing != NULL)
		name = batch_find(store->writing, owner, store->seed);
	if (name != NULL && !name->is_put)
		status = pending_apply(name, arena, node);
	name = batch_find(store->filling, owner, store->seed);
	if (name != NULL && status == OK)
		status = pending_apply(name, arena, node);
	/* what is left may point into a batch, which goes away */
	if (node->rrsets.len > 0)
		node->rrsets.data = arena_copy(arena, node->rrsets.data,
		    node->rrsets.len);
	return status;
}

enum status
store_get(struct store *store, struct blob owner, struct arena *arena,
    struct node *out)
{
	struct reason reason;
	struct node node = { 0 };

	/* while it is held, no name moves from a batch into the databases */
	pthread_rwlock_rdlock(&store->pages);
	int error = records_get(store, owner, arena, &node);
	enum status status = env_status(store, error, "read a name", &reason);
	if (status == OK) {
		pthread_mutex_lock(&store->lock);
		if (add_pending(store, owner, arena, &node) != OK)
			status = ERR_DAMAGED;
		pthread_mutex_unlock(&store->lock);
	}
	pthread_rwlock_unlock(&store->pages);
	if (status == OK)
		*out = node;
	return status;
}

/* ---------------------------------------------------- many, one by one */

struct store_reader {
	struct store *store;
	DBC *cursor;
	unsigned n_missed; /* times in a row that the next was another name */
};

/* Names are mostly asked for in owner order: is it the next one? */
static int
cursor_next(struct store_reader *reader, struct blob owner, DBT *value)
{
	uint8_t key_data[OWNER_MAX];
	DBT key = { .data = key_data, .ulen = sizeof key_data,
		.flags = DB_DBT_USERMEM };

	int error = reader->cursor->get(reader->cursor, &key, value, DB_NEXT);
	if (error == DB_BUFFER_SMALL)
		return DB_NOTFOUND;
	if (error == 0 && (key.size != owner.len ||
	    memcmp(key_data, owner.data, owner.len) != 0))
		error = DB_NOTFOUND;
	reader->n_missed = error == DB_NOTFOUND ? reader->n_missed + 1 : 0;
	return error;
}

static int
cursor_get(struct store_reader *reader, struct blob owner,
    struct arena *arena, struct node *out)
{
	DBC *cursor = reader->cursor;
	DBT key = { .data = (void *)(uintptr_t)owner.data,
		.size = (uint32_t)owner.len };
	DBT value = { .ulen = GET_LEN, .flags = DB_DBT_USERMEM };
	int error = DB_NOTFOUND;

	*out = (struct node){ 0 };
	value.data = arena_alloc(arena, value.ulen);
	if (reader->n_missed < READ_MISSES_MAX)
		error = cursor_next(reader, owner, &value);
	if (error == DB_NOTFOUND)
		error = cursor->get(cursor, &key, &value, DB_SET);
	if (error == DB_BUFFER_SMALL) {
		value.ulen = value.size;
		value.data = arena_alloc(arena, value.ulen);
		error = cursor->get(cursor, &key, &value, DB_SET);
	}
	if (error == DB_NOTFOUND)
		return 0;
	if (error != 0)
		return error;
	return decode_node(out, value.data, value.size) ? 0 : DB_VERIFY_BAD;
}

enum status
store_read_begin(struct store_reader **out, struct store *store)
{
	struct store_reader *reader = calloc(1, sizeof *reader);
	struct reason reason;

	if (reader == NULL)
		check_fail("memory", "store", __FILE__, __LINE__);
	reader->store = store;
	pthread_rwlock_rdlock(&store->pages);
	int error = store->records->cursor(store->records, NULL,
	    &reader->cursor, 0);
	enum status status = env_status(store, error, "read names", &reason);
	if (status == OK) {
		*out = reader;
		return OK;
	}
	pthread_rwlock_unlock(&store->pages);
	free(reader);
	return status;
}

enum status
store_read(struct store_reader *reader, struct blob owner,
    struct arena *arena, struct node *out)
{
	struct store *store = reader->store;
	struct node node = { 0 };
	struct reason reason;

	require(owner.len > 0 && owner.len <= OWNER_MAX);
	int error = cursor_get(reader, owner, arena, &node);
	enum status status = env_status(store, error, "read a name", &reason);
	if (status != OK)
		return status;
	pthread_mutex_lock(&store->lock);
	status = add_pending(store, owner, arena, &node);
	pthread_mutex_unlock(&store->lock);
	if (status != OK)
		return ERR_DAMAGED;
	*out = node;
	return OK;
}

void
store_read_end(struct store_reader *reader)
{
	(void)reader->cursor->close(reader->cursor);
	pthread_rwlock_unlock(&reader->store->pages);
	free(reader);
}

/* ---------------------------------------------------------------- in bulk */

/* A bulk read in progress. */
struct walk {
	struct store *store;
	struct blob top;
	struct owner next; /* where the next bulk read begins */
	uint8_t next_extra; /* a zero byte behind it: strictly after */
	void *room;
	uint32_t room_len;
	bool is_over;
};

static void
set_room(struct walk *walk, uint32_t len)
{
	free(walk->room);
	walk->room = malloc(len);
	if (walk->room == NULL)
		check_fail("memory", "store", __FILE__, __LINE__);
	walk->room_len = len;
}

/* One bulk read from walk->next on. */
static int
read_bulk(struct walk *walk, DBT *value)
{
	DB *db = walk->store->records;
	uint8_t key_data[OWNER_MAX + 1] = { 0 };
	DBC *cursor = NULL;

	if (walk->next.len > 0)
		memcpy(key_data, walk->next.bytes, walk->next.len);
	DBT key = {
		.data = key_data,
		.size = walk->next.len + (uint32_t)walk->next_extra,
		.ulen = sizeof key_data,
		.flags = DB_DBT_USERMEM,
	};
	*value = (DBT){
		.data = walk->room,
		.ulen = walk->room_len,
		.flags = DB_DBT_USERMEM,
	};
	int error = db->cursor(db, NULL, &cursor, DB_CURSOR_BULK);
	if (error != 0)
		return error;
	error = cursor->get(cursor, &key, value,
	    DB_SET_RANGE | DB_MULTIPLE_KEY);
	int closed = cursor->close(cursor);
	return error != 0 ? error : closed;
}

static enum status
give_nodes(struct walk *walk, DBT *value, store_walk_fn *each, void *arg,
    struct reason *reason)
{
	void *at = NULL;

	DB_MULTIPLE_INIT(at, value);
	for (;;) {
		uint8_t *key = NULL;
		uint8_t *data = NULL;
		size_t key_len = 0;
		size_t data_len = 0;
		struct node node;
		DB_MULTIPLE_KEY_NEXT(at, value, key, key_len, data, data_len);
		if (at == NULL)
			return OK;
		struct blob owner = { key, key_len };
		if (!owner_is_at_or_below(owner, walk->top)) {
			walk->is_over = true;
			return OK;
		}
		if (key_len > OWNER_MAX ||
		    !decode_node(&node, data, data_len)) {
			reason_set(reason, "store %.300s: a record is "
			    "damaged", walk->store->directory);
			return ERR_DAMAGED;
		}
		enum status status = each(arg, owner, &node);
		if (status != OK)
			return status;
		owner_set(&walk->next, owner);
		walk->next_extra = 1;
	}
}

enum status
store_walk(struct store *store, struct blob top, store_walk_fn *each,
    void *arg, struct reason *reason)
{
	struct walk walk = { .store = store, .top = top };
	enum status status = OK;

	owner_set(&walk.next, top);
	set_room(&walk, BULK_LEN);
	while (status == OK && !walk.is_over) {
		DBT value;
		pthread_rwlock_rdlock(&store->pages);
		int error = read_bulk(&walk, &value);
		pthread_rwlock_unlock(&store->pages);
		if (error == DB_BUFFER_SMALL && walk.room_len < BULK_MAX) {
			set_room(&walk, walk.room_len * 2);
			continue;
		}
		if (error == DB_NOTFOUND)
			break;
		status = env_status(store, error, "read all names", reason);
		if (status == OK)
			status = give_nodes(&walk, &value, each, arg, reason);
	}
	free(walk.room);
	return status;
}

/* A walk over all that adds up what it sees. */
struct load {
	store_walk_fn *each;
	void *arg;
	uint64_t sum;
};

static enum status
load_one(void *arg, struct blob owner, const struct node *node)
{
	struct load *load = arg;

	load->sum += node_sum(owner, node);
	return load->each(load->arg, owner, node);
}

enum status
store_load(struct store *store, store_walk_fn *each, void *arg,
    struct reason *reason)
{
	struct load load = { .each = each, .arg = arg };

	enum status status = store_walk(store, (struct blob){ 0 }, load_one,
	    &load, reason);
	if (status == OK && load.sum != store->sum) {
		reason_set(reason, "store %.300s: records.db is not of one "
		    "run with meta.db", store->directory);
		status = ERR_DAMAGED;
	}
	if (status == ERR_DAMAGED)
		directory_condemn(store);
	return status;
}

static uint64_t
get_u64(const uint8_t *data)
{
	struct reader r = reader_make(data, 8);

	return read_u64(&r);
}

/* First slot at or after the time in Berkeley DB. Under `pages`. */
static bool
stored_slot_at(struct store *store, uint64_t time_ms, uint64_t *slot)
{
	DB *db = store->times;
	uint8_t data[16] = { 0 };
	DBC *cursor = NULL;
	DBT value = { .flags = DB_DBT_USERMEM };
	DBT key = { .data = data, .size = 8, .ulen = sizeof data,
		.flags = DB_DBT_USERMEM };

	put_u32(data, (uint32_t)(time_ms >> 32));
	put_u32(data + 4, (uint32_t)time_ms);
	int error = db->cursor(db, NULL, &cursor, 0);
	if (error != 0)
		return false;
	error = cursor->get(cursor, &key, &value, DB_SET_RANGE);
	(void)cursor->close(cursor);
	if (error != 0 || key.size != sizeof data)
		return false;
	*slot = get_u64(data + 8);
	return true;
}

static bool
pending_slot_at(const struct batch *batch, uint64_t time_ms, uint64_t *slot)
{
	for (size_t i = 0; batch != NULL && i < batch->n_slots; i++) {
		if (batch->slots[i].time_ms < time_ms)
			continue;
		*slot = batch->slots[i].slot;
		return true;
	}
	return false;
}

bool
store_slot_at(struct store *store, uint64_t time_ms, uint64_t *slot)
{
	pthread_rwlock_rdlock(&store->pages);
	bool is_found = stored_slot_at(store, time_ms, slot);
	if (!is_found) {
		pthread_mutex_lock(&store->lock);
		is_found = pending_slot_at(store->writing, time_ms, slot) ||
		    pending_slot_at(store->filling, time_ms, slot);
		pthread_mutex_unlock(&store->lock);
	}
	pthread_rwlock_unlock(&store->pages);
	return is_found;
}

static bool
stored_slot_of_serial(struct store *store, uint32_t serial, uint64_t *slot)
{
	DB *db = store->serials;
	uint8_t key_data[4];
	uint8_t data[8];
	DBT key = { .data = key_data, .size = sizeof key_data };
	DBT value = { .data = data, .ulen = sizeof data,
		.flags = DB_DBT_USERMEM };

	put_u32(key_data, serial);
	if (db->get(db, NULL, &key, &value, 0) != 0 ||
	    value.size != sizeof data)
		return false;
	*slot = get_u64(data);
	return true;
}

static bool
pending_slot_of_serial(const struct batch *batch, uint32_t serial,
    uint64_t *slot)
{
	if (batch == NULL)
		return false;
	for (size_t i = batch->n_slots; i > 0; i--) {
		const struct pending_slot *pending = &batch->slots[i - 1];
		if (pending->serial != serial || !pending->is_new_serial)
			continue;
		*slot = pending->slot;
		return true;
	}
	return false;
}

bool
store_slot_of_serial(struct store *store, uint32_t serial, uint64_t *slot)
{
	pthread_rwlock_rdlock(&store->pages);
	pthread_mutex_lock(&store->lock);
	bool is_found =
	    pending_slot_of_serial(store->filling, serial, slot) ||
	    pending_slot_of_serial(store->writing, serial, slot);
	pthread_mutex_unlock(&store->lock);
	if (!is_found)
		is_found = stored_slot_of_serial(store, serial, slot);
	pthread_rwlock_unlock(&store->pages);
	return is_found;
}
