/*
 * The store from inside: what its files share. Layer 6.
 *
 *	store_submit -> filling  --swap-->  writing -> Berkeley DB
 *	                   \                   \            \
 *	store_get   <-------+-------------------+------------+  newest first
 *
 * Locks, in this order: `pages` (who may look into the databases: readers
 * together, the writer alone for a few puts at a time), then `lock` (queue).
 * The environment has no lock subsystem: one writer and this gate replace it,
 * so a transaction may touch any number of pages.
 */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include "store/store.h"

#include <db.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STORE_PATH_CAP = 1100,           /* bytes with NUL */
	STORE_FORMAT = 1,
	STORE_CACHE = 48 * 1024 * 1024,  /* bytes */
	STORE_LAG = 64 * 1024 * 1024,    /* bytes */
	STORE_PAGE = 8192,               /* bytes of a page of records */
	STORE_LOG_FILE = 8 * 1024 * 1024, /* bytes of a log file */
	STORE_LOG_BUFFER = 1024 * 1024,  /* bytes */
	CHECKPOINT_KB = 64 * 1024,       /* of log between two checkpoints */
	CHECKPOINT_MIN = 1,              /* minutes, if anything was written */
	TRICKLE_PERCENT = 20,            /* of the cache to keep clean */
	KEEPER_MS = 500,                 /* between two looks */
	PUTS_AT_ONCE = 32, /* names written while readers wait */
	ERROR_CAP = 256,   /* bytes with NUL */
};

/* One change of a name that waits, in the order of slots. */
struct pending_change {
	struct name_change change; /* blobs in the batch's arena */
	struct pending_change *next;
};

/* A name with changes that wait. */
struct pending_name {
	struct blob owner;
	uint64_t hash;
	struct pending_name *chain; /* same bucket */
	struct pending_change *first;
	struct pending_change *last;
	/* Berkeley DB has the node with these changes; under `pages` */
	bool is_put;
};

/* A slot that waits. */
struct pending_slot {
	uint64_t slot;
	uint64_t time_ms;
	uint32_t serial;
	bool is_new_serial;
};

/* What is queued, or being written. */
struct batch {
	struct arena arena;
	struct pending_name **buckets; /* n_buckets, a power of two */
	size_t n_buckets;
	struct pending_name **names; /* in order of arrival */
	size_t n_names;
	size_t cap_names;
	struct pending_slot *slots;
	size_t n_slots;
	size_t cap_slots;
	size_t len; /* bytes of the changes */
	struct store_position position; /* after its last slot */
};

struct store {
	struct store_config config;
	char directory[STORE_PATH_CAP];
	int lock_fd;
	DB_ENV *env;
	DB *records; /* owner -> flags, rrsets */
	DB *meta;    /* "position" -> struct store_position */
	DB *times;   /* time, slot -> nothing */
	DB *serials; /* serial -> slot */
	uint64_t sum; /* of all nodes; opening, then the writer's */
	bool is_open; /* errors are fatal from here on */
	pthread_rwlock_t pages;

	pthread_mutex_t lock;
	pthread_cond_t changed; /* submitted, applied or stopping */
	pthread_cond_t keeper_changed;
	struct batch *filling;
	struct batch *writing; /* NULL: none */
	struct batch *resting; /* to fill next; NULL while one is written */
	bool is_stopping;
	bool is_keeper_stopping;
	struct store_position submitted;
	struct store_position applied;
	uint64_t seed; /* of the buckets */
	pthread_t writer;
	pthread_t keeper;
	bool is_writer_started;
	bool is_keeper_started;

	pthread_mutex_t error_lock;
	char error[ERROR_CAP]; /* Berkeley DB's last words */
};

/* --- directory.c */

/*
 * Make the directory or see that it is ours, and lock it.
 * @return OK; ERR_FOREIGN, ERR_NEWER, ERR_LOCKED, ERR_IO, ERR_FULL with
 * reason; nothing was changed then.
 */
MUST_CHECK enum status directory_take(struct store *store,
    struct reason *reason);

/* Note that a write failed: what the files hold is not known any more. */
void directory_condemn(const struct store *store);

/*
 * Remove the databases: all of them, if config.remove agrees.
 * @param why they cannot be used. @return OK, ERR_IO, what it returned.
 */
MUST_CHECK enum status directory_clear(struct store *store, const char *why,
    struct reason *reason);

/* The same if a run before has condemned them, otherwise OK. */
MUST_CHECK enum status directory_clear_broken(struct store *store,
    struct reason *reason);

/* Unlock. */
void directory_release(struct store *store);

/* --- env.c */

/* Open environment and databases. @return as store_open. */
MUST_CHECK enum status env_open(struct store *store, struct reason *reason);

/* Close them. @return 0 or Berkeley DB's error. */
int env_close(struct store *store);

/* What an error of Berkeley DB means, with words. */
enum status env_status(struct store *store, int error, const char *doing,
    struct reason *reason);

/* End the process: the writer cannot go on. */
void env_fatal(struct store *store, int error, const char *doing);

/* --- batch.c */

/* Empty batch. */
struct batch *batch_create(void);
void batch_destroy(struct batch *batch);
void batch_clear(struct batch *batch);

/* Copy a change into the batch. */
void batch_add(struct batch *batch, const struct name_change *change,
    uint64_t seed);

/* Note a slot. */
void batch_add_slot(struct batch *batch, const struct pending_slot *slot);

/* NULL if no change of the name waits. */
struct pending_name *batch_find(const struct batch *batch, struct blob owner,
    uint64_t seed);

/* Names in owner order. */
void batch_sort(struct batch *batch);

/*
 * Apply the changes of a name to *node, in order.
 * @return OK; ERR_DIVERGED, ERR_FULL: they do not fit.
 */
MUST_CHECK enum status pending_apply(const struct pending_name *name,
    struct arena *arena, struct node *node);

/* --- writer.c */

/* Start the writer's thread. @return 0 or errno. */
int writer_start(struct store *store);

/* --- keeper.c */

/* Start the thread of checkpoints and trickle. @return 0 or errno. */
int keeper_start(struct store *store);
void keeper_stop(struct store *store);

/* --- read.c */

/*
 * Node of a name as Berkeley DB has it. Under `pages`.
 * @param out in arena; rrsets.len 0: nothing. @return 0 or an error of it.
 */
int records_get(struct store *store, struct blob owner, struct arena *arena,
    struct node *out);

/* --- position.c */

enum { POSITION_LEN = 1 + 8 + 8 + 4 + 32 + 32 + 8 }; /* bytes */

/* Value of the position record. @param sum of all nodes. */
void position_encode(uint8_t out[POSITION_LEN],
    const struct store_position *position, uint64_t sum);

/* @return false: not one. */
bool position_decode(struct store_position *out, uint64_t *sum,
    const void *data, size_t len);

/* --- sum.c */

/* What a node adds to the sum over all; 0 when nothing is there. */
uint64_t node_sum(struct blob owner, const struct node *node);

#endif
