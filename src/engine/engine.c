/*
 * Opening and closing: directory, secrets, store, image, journal, in that
 * order; a state that does not fit together is refused. Layer 8; one thread.
 */
#include "engine/engine.h"

#include "base/check.h"
#include "engine/internal.h"
#include "registry/scope.h"
#include "sec/hash.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { STORE_WRITES = 2 }; /* how often the store writes a byte */

static void
tell(const struct engine *engine, const char *what)
{
	if (engine->config.progress != NULL)
		engine->config.progress(engine->config.arg, what);
}

static enum status
make_image(struct engine *engine, struct reason *reason)
{
	engine->region_len = (size_t)engine->config.image_bytes;
	engine->region = mmap(NULL, engine->region_len,
	    PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (engine->region == MAP_FAILED) {
		engine->region = NULL;
		reason_set(reason, "no address space of %zu bytes for the "
		    "image: %s", engine->region_len, strerror(errno));
		return ERR_NO_ROOM;
	}
	/* Look-ups touch a few far places: huge pages spare them a fifth to a
	 * third of their time (bench_image). A kernel without them is fine. */
	(void)madvise(engine->region, engine->region_len, MADV_HUGEPAGE);
	enum status status = image_create(&engine->image, engine->region,
	    engine->region_len);
	if (status != OK)
		reason_set(reason, "the image has %zu bytes, which is too "
		    "little to begin", engine->region_len);
	return status;
}

static enum status
load_node(void *arg, struct blob owner, const struct node *node)
{
	struct engine *engine = arg;

	if (owner_scope(owner) != SCOPE_PUBLIC)
		return OK;
	return image_load(engine->image, owner, node);
}

static enum status
load_image(struct engine *engine, struct reason *reason)
{
	enum status status = make_image(engine, reason);

	if (status != OK)
		return status;
	image_begin(engine->image);
	status = store_load(engine->store, load_node, engine, reason);
	if (status == ERR_DAMAGED) {
		struct reason why = *reason;
		reason_set(reason, "%.400s; start again: it is made again from "
		    "the journal", why.text);
	}
	if (status != OK) {
		if (status == ERR_FULL)
			reason_set(reason, "the image does not fit into %zu "
			    "bytes: give it more in the settings",
			    engine->region_len);
		image_abort(engine->image);
		return status;
	}
	image_commit(engine->image, engine->at.slot, engine->at.serial);
	return OK;
}

static enum status
replay(void *arg, uint64_t slot, struct hash hash, struct blob value)
{
	struct engine *engine = arg;
	struct reason reason = { "" };

	enum status status = apply_value(engine, slot, &hash, value, &reason);
	if (status != OK)
		tell(engine, reason.text);
	return status;
}

static void
store_died(void *arg, const char *why)
{
	struct engine *engine = arg;

	engine->config.fatal(engine->config.arg, why);
}

static struct journal_config
journal_config(const struct engine *engine)
{
	return (struct journal_config){
		.directory = engine->dir.path,
		.files = &file_ops_system,
		.hash = &hash_ops_sodium,
		.registrar = engine->dir.identity.id,
	};
}

/* The journal has everything that the store ever had, if all of it is sound. */
static enum status
store_may_go(void *arg, const char *why, struct reason *reason)
{
	const struct engine *engine = arg;
	struct journal_config config = journal_config(engine);

	enum status status = journal_check(&config, 0, reason);
	if (status != OK) {
		struct reason also = *reason;
		reason_set(reason, "%.180s; and it cannot be made again, "
		    "because %.200s; nothing was changed", why, also.text);
		return status;
	}
	log_reason(LOG_STORE_REBUILT, why);
	return OK;
}

static enum status
open_store(struct engine *engine, struct reason *reason)
{
	char path[STATE_FILE_MAX];
	struct store_config config = {
		.directory = state_dir_file(path, &engine->dir, "store"),
		.cache_len = (size_t)engine->config.cache_bytes,
		.remove = store_may_go,
		.fatal = store_died,
		.arg = engine,
	};

	if (state_dir_free(&engine->dir) < engine->config.low_disk_bytes)
		state_dir_drop_ballast(&engine->dir);
	enum status status = store_open(&engine->store, &config, reason);
	if (status != OK)
		return status;
	engine->at = store_position(engine->store);
	if (engine->at.slot == 0)
		tell(engine, "the store is empty: it is made from the whole "
		    "journal, which takes longer");
	return OK;
}

static enum status
check_journal(const struct engine *engine, struct reason *reason)
{
	struct journal_config config = journal_config(engine);

	return journal_check(&config, UINT64_MAX, reason);
}

static enum status
open_journal(struct engine *engine, struct paxos_durable *durable,
    struct reason *reason)
{
	struct journal_config config = journal_config(engine);

	return journal_open(&engine->journal, &config, &engine->batch.arena,
	    engine->at.slot, replay, engine, durable, reason);
}

/* Journal and store must meet: what one calls applied the other has. */
static enum status
start_paxos(struct engine *engine, const struct paxos_durable *durable,
    struct reason *reason)
{
	struct paxos_event start = {
		.kind = PAXOS_START,
		.now_ms = clock_mono_ms(),
		.durable = durable,
	};

	if (durable->applied_slot != engine->at.slot ||
	    memcmp(&durable->applied_hash, &engine->at.hash,
		sizeof engine->at.hash) != 0) {
		reason_set(reason, "the journal ends at slot %llu, the store "
		    "is at %llu: they are not of one run",
		    (unsigned long long)durable->applied_slot,
		    (unsigned long long)engine->at.slot);
		return ERR_DIVERGED;
	}
	enum status status = engine_step(engine, &start, NULL, reason);
	if (status == OK && !paxos_ready(&engine->px)) {
		reason_set(reason, "no leader after the start of a group of "
		    "one");
		return ERR_NOT_LEADER;
	}
	return status;
}

static enum status
open_all(struct engine *engine, struct reason *reason)
{
	char path[STATE_FILE_MAX];
	struct paxos_durable durable = { 0 };

	enum status status = secrets_load(&engine->secrets,
	    state_dir_file(path, &engine->dir, "secrets"), reason);
	if (status != OK)
		return status;
	/* Berkeley DB changes files by being opened: look at the rest first. */
	status = check_journal(engine, reason);
	if (status != OK)
		return status;
	tell(engine, "opening the store");
	status = open_store(engine, reason);
	if (status != OK)
		return status;
	tell(engine, "loading the image");
	status = load_image(engine, reason);
	if (status != OK)
		return status;
	tell(engine, "reading the journal");
	status = open_journal(engine, &durable, reason);
	if (status != OK)
		return status;
	status = start_paxos(engine, &durable, reason);
	if (status != OK)
		return status;
	engine->keys.secrets = &engine->secrets;
	engine->keys.is_sha1_allowed = engine->config.is_sha1_allowed;
	status = key_table_load(&engine->keys, engine->store,
	    engine->at.slot, reason);
	if (status != OK)
		return status;
	state_dir_ballast(&engine->dir, engine->config.ballast_bytes);
	return OK;
}

enum status
engine_open(struct engine **out, const struct engine_config *config,
    struct reason *reason)
{
	struct engine *engine = NULL;
	struct state_dir dir;

	enum status status = state_dir_open(&dir, config->state,
	    config->registrar, reason);
	if (status == OK)
		status = engine_open_taken(&engine, config, &dir, reason);
	if (status != OK)
		return status;
	if (engine->at.slot == 0) {
		reason_set(reason, "%s has no first slot; put it back from a "
		    "backup, or remove it and run init", config->state);
		engine_close(engine);
		return ERR_DAMAGED;
	}
	*out = engine;
	return OK;
}

enum status
engine_open_taken(struct engine **out, const struct engine_config *config,
    struct state_dir *dir, struct reason *reason)
{
	struct engine *engine = calloc(1, sizeof *engine);

	if (engine == NULL)
		check_fail("memory", "engine", __FILE__, __LINE__);
	engine->config = *config;
	engine->dir = *dir;
	dir->lock_fd = -1;
	engine->started_ms = clock_wall_ms();
	arena_init(&engine->batch.arena);
	receipts_init(&engine->receipts);
	engine->batch.parts =
	    calloc(ENGINE_BATCH_MAX, sizeof *engine->batch.parts);
	if (engine->batch.parts == NULL)
		check_fail("memory", "engine", __FILE__, __LINE__);
	enum status status = open_all(engine, reason);
	if (status != OK) {
		engine_close(engine);
		return status;
	}
	*out = engine;
	return OK;
}

void
engine_close(struct engine *engine)
{
	require(!engine->batch.is_open);
	if (engine->journal != NULL)
		journal_close(engine->journal);
	if (engine->store != NULL)
		store_close(engine->store);
	key_table_fini(&engine->keys);
	if (engine->image != NULL)
		image_destroy(engine->image);
	if (engine->region != NULL)
		munmap(engine->region, engine->region_len);
	state_dir_close(&engine->dir);
	arena_fini(&engine->batch.arena);
	receipts_fini(&engine->receipts);
	free(engine->batch.parts);
	free(engine);
}

/*
 * What is accepted must fit: beside the watermark the next segment of the
 * journal, twice (log and pages) what waits for the store, and what Berkeley
 * DB's cache may hold that no file has room for yet.
 */
void
engine_look_at_disk(struct engine *engine)
{
	uint64_t low = engine->config.low_disk_bytes;
	bool was_low = engine->is_low;

	if (low == 0)
		return;
	uint64_t wanted = journal_wants(engine->journal) +
	    STORE_WRITES * (uint64_t)store_waiting(engine->store) +
	    engine->config.cache_bytes;
	uint64_t free_bytes = state_dir_free(&engine->dir);
	engine->is_low = free_bytes < low || free_bytes - low < wanted;
	if (engine->is_low != was_low) {
		const struct log_field fields[] = {
			log_text("directory", engine->dir.path),
			log_number("free", free_bytes) };
		log_event(engine->is_low ? LOG_DISK_LOW : LOG_DISK_ROOM,
		    LOG_FIELDS(fields));
	}
}

/* After a burst of changes the C library sits on what they needed. */
static void
trim_when_quiet(struct engine *engine)
{
	bool is_quiet = engine->tick_slot == engine->at.slot &&
	    store_waiting(engine->store) == 0;

	engine->tick_slot = engine->at.slot;
	if (!is_quiet || engine->trimmed_slot == engine->at.slot)
		return;
	memory_trim();
	engine->trimmed_slot = engine->at.slot;
}

void
engine_tick(struct engine *engine)
{
	trim_when_quiet(engine);
	engine_time_out(engine);
	engine_look_at_disk(engine);
	if (!engine->is_low)
		state_dir_ballast(&engine->dir, engine->config.ballast_bytes);
}

void
engine_status(const struct engine *engine, struct engine_status *out)
{
	const struct identity *identity = &engine->dir.identity;

	memset(out, 0, sizeof *out);
	snprintf(out->registrar, sizeof out->registrar, "%s",
	    identity->registrar);
	out->apex = identity->zone;
	memcpy(out->group, identity->group, sizeof out->group);
	out->serial = engine->at.serial;
	out->slot_chosen = engine->at.slot;
	out->slot_applied = engine->at.slot;
	out->time_ms = engine->at.time_ms;
	out->role = "voter";
	snprintf(out->leader, sizeof out->leader, "%s", identity->registrar);
	out->voters = 1;
	out->quorum = 1;
	out->digest = engine->at.digest;
	out->usage = image_usage(engine->image);
	out->started_ms = engine->started_ms;
}

const struct image_version *
engine_version(const struct engine *engine)
{
	return image_current(engine->image);
}

const struct keyring *
engine_keyring(const struct engine *engine)
{
	return engine->keys.keyring;
}

struct store *
engine_store(struct engine *engine)
{
	return engine->store;
}

const struct identity *
engine_identity(const struct engine *engine)
{
	return &engine->dir.identity;
}

const struct group_secrets *
engine_secrets(const struct engine *engine)
{
	return &engine->secrets;
}
