/*
 * The Berkeley DB environment: transactional, recovered at every opening, pages
 * checksummed, log not synced and removed when it is not needed: whatever is
 * lost with it, the journal replays. It is private to the process (the lock of
 * directory.c sees to it), so there are no region files that could be stale,
 * damaged, or written back by the system beside the journal. Layer 6.
 */
#include "store/internal.h"

#include "base/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INDEX_PAGE = 4096 }; /* bytes of a page of meta and indices */

/*
 * Memory for Berkeley DB. Where it gets none it goes on in places, and crashes
 * (its conversion of pages at an opening); the end has words instead.
 */
static void *
have(void *data)
{
	if (data == NULL)
		check_fail("memory", "store", __FILE__, __LINE__);
	return data;
}

static void *
get_memory(size_t len)
{
	return have(malloc(len > 0 ? len : 1));
}

static void *
get_more_memory(void *old, size_t len)
{
	return have(realloc(old, len > 0 ? len : 1));
}

static void
on_error(const DB_ENV *env, const char *prefix, const char *text)
{
	struct store *store = env->app_private;

	(void)prefix;
	pthread_mutex_lock(&store->error_lock);
	/* the first words of a failure say the most */
	if (store->error[0] == '\0')
		snprintf(store->error, sizeof store->error, "%s", text);
	pthread_mutex_unlock(&store->error_lock);
}

/* Something went wrong where no call can return it. */
static void
on_event(DB_ENV *env, uint32_t event, void *info)
{
	struct store *store = env->app_private;

	(void)info;
	if (!store->is_open)
		return;
	if (event == DB_EVENT_PANIC)
		env_fatal(store, DB_RUNRECOVERY, "go on");
	if (event == DB_EVENT_WRITE_FAILED)
		env_fatal(store, EIO, "write");
}

static enum status
status_of(int error)
{
	switch (error) {
	case 0:
		return OK;
	case ENOSPC:
	case EDQUOT:
		return ERR_FULL;
	case DB_RUNRECOVERY:
	case DB_VERIFY_BAD:
	case DB_OLD_VERSION:
	case DB_PAGE_NOTFOUND:
	case DB_CHKSUM_FAIL:
	case DB_LOG_VERIFY_BAD:
	case EINVAL:
	case ENOENT: /* one of several files */
		return ERR_DAMAGED;
	}
	return ERR_IO;
}

enum status
env_status(struct store *store, int error, const char *doing,
    struct reason *reason)
{
	char words[ERROR_CAP];
	enum status status = status_of(error);

	if (status == OK)
		return OK;
	pthread_mutex_lock(&store->error_lock);
	snprintf(words, sizeof words, "%s", store->error);
	pthread_mutex_unlock(&store->error_lock);
	/* Berkeley DB's code seldom says it, its words do */
	if (strstr(words, strerror(ENOSPC)) != NULL)
		status = ERR_FULL;
	reason_set(reason, "store %.300s: cannot %s: %s%s%s",
	    store->directory, doing, db_strerror(error),
	    words[0] != '\0' ? ": " : "", words);
	return status;
}

void
env_fatal(struct store *store, int error, const char *doing)
{
	struct reason reason = { "" };

	enum status status = env_status(store, error, doing, &reason);
	if (status != OK)
		directory_condemn(store);
	if (status == OK)
		reason_set(&reason, "store: cannot %s", doing);
	store->config.fatal(store->config.arg, reason.text);
	never("fatal returned");
}

static int
configure(struct store *store)
{
	DB_ENV *env = store->env;
	/* Berkeley DB adds a quarter to what it is asked for below 500 MB:
	 * the whole of it is to be what was configured. */
	size_t cache = store->config.cache_len / 5 * 4;

	env->app_private = store;
	env->set_errcall(env, on_error);
	int error = env->set_event_notify(env, on_event);
	if (error == 0)
		error = env->set_cachesize(env,
		    (uint32_t)(cache >> 30), (uint32_t)(cache & 0x3fffffff),
		    1);
	if (error == 0)
		error = env->set_lg_max(env, STORE_LOG_FILE);
	if (error == 0)
		error = env->set_lg_bsize(env, STORE_LOG_BUFFER);
	if (error == 0)
		error = env->log_set_config(env, DB_LOG_AUTO_REMOVE, 1);
	/* a commit goes to the system at once, to the disk later */
	if (error == 0)
		error = env->set_flags(env, DB_TXN_WRITE_NOSYNC, 1);
	return error;
}

static int
open_environment(struct store *store)
{
	const uint32_t flags = DB_CREATE | DB_INIT_LOG | DB_INIT_MPOOL |
	    DB_INIT_TXN | DB_THREAD | DB_PRIVATE | DB_RECOVER;

	int error = db_env_set_func_malloc(get_memory);
	if (error == 0)
		error = db_env_set_func_realloc(get_more_memory);
	if (error == 0)
		error = db_env_create(&store->env, 0);
	if (error != 0) {
		store->env = NULL;
		return error;
	}
	error = configure(store);
	if (error == 0)
		error = store->env->open(store->env, store->directory, flags,
		    0600);
	return error;
}

static int
open_database(struct store *store, DB **out, const char *name, uint32_t page,
    uint32_t create)
{
	DB *db = NULL;

	int error = db_create(&db, store->env, 0);
	if (error != 0)
		return error;
	error = db->set_pagesize(db, page);
	if (error == 0)
		error = db->set_flags(db, DB_CHKSUM);
	if (error == 0)
		error = db->open(db, NULL, name, NULL, DB_BTREE,
		    create | DB_AUTO_COMMIT | DB_THREAD, 0600);
	if (error != 0) {
		(void)db->close(db, 0);
		return error;
	}
	*out = db;
	return 0;
}

static int
load_position(struct store *store)
{
	uint8_t data[POSITION_LEN];
	static char name[] = "position";
	DBT key = { .data = name, .size = sizeof name - 1 };
	DBT value = { .data = data, .ulen = sizeof data,
		.flags = DB_DBT_USERMEM };

	int error = store->meta->get(store->meta, NULL, &key, &value, 0);
	if (error == DB_NOTFOUND)
		return 0;
	if (error == DB_BUFFER_SMALL)
		return DB_VERIFY_BAD;
	if (error != 0)
		return error;
	return position_decode(&store->applied, &store->sum, data, value.size)
	    ? 0 : DB_VERIFY_BAD;
}

/* Records without a position belong to a meta.db that is gone. */
static int
expect_empty(DB *db)
{
	DBC *cursor = NULL;
	DBT key = { 0 };
	DBT value = { 0 };

	int error = db->cursor(db, NULL, &cursor, 0);
	if (error != 0)
		return error;
	error = cursor->get(cursor, &key, &value, DB_FIRST);
	(void)cursor->close(cursor);
	if (error == DB_NOTFOUND)
		return 0;
	return error == 0 ? DB_VERIFY_BAD : error;
}

/*
 * The position first: where there is one, all databases must be there, and one
 * that is missing must not be made, empty, beside the others.
 */
static int
open_databases(struct store *store)
{
	int error = open_database(store, &store->meta, "meta.db",
	    INDEX_PAGE, DB_CREATE);
	if (error == 0)
		error = load_position(store);
	bool is_new = store->applied.slot == 0;
	const uint32_t create = is_new ? DB_CREATE : 0;
	if (error == 0)
		error = open_database(store, &store->records, "records.db",
		    STORE_PAGE, create);
	if (error == 0)
		error = open_database(store, &store->times, "time.db",
		    INDEX_PAGE, create);
	if (error == 0)
		error = open_database(store, &store->serials, "serial.db",
		    INDEX_PAGE, create);
	if (error == 0 && is_new)
		error = expect_empty(store->records);
	return error;
}

enum status
env_open(struct store *store, struct reason *reason)
{
	int error = open_environment(store);

	if (error == 0)
		error = open_databases(store);
	return env_status(store, error, "open it", reason);
}

int
env_close(struct store *store)
{
	DB **databases[] = { &store->records, &store->meta, &store->times,
		&store->serials };
	int result = 0;

	for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++) {
		DB *db = *databases[i];
		if (db == NULL)
			continue;
		int error = db->close(db, 0);
		if (result == 0)
			result = error;
		*databases[i] = NULL;
	}
	if (store->env != NULL) {
		int error = store->env->close(store->env, 0);
		if (result == 0)
			result = error;
		store->env = NULL;
	}
	return result;
}
