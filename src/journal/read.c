/*
 * Reading values of chosen slots back: the current segment's from the index
 * that appends keep, an older one's from an index made by walking it once.
 * Layer 6; any thread.
 */
#include "journal/internal.h"

#include <string.h>

/* As value_read, from a file that is open. */
static enum status
value_read_from(int fd, const struct journal_config *config,
    struct location at, const struct hash *want, struct arena *arena,
    struct blob *value, struct hash *hash, struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	struct hash real;
	size_t got = 0;
	size_t len = HASH_LEN + (size_t)at.len;

	if (at.offset < BLOCK_LEN + RECORD_HEAD_LEN + HASH_LEN ||
	    at.len > JOURNAL_RECORD_MAX) {
		reason_set(reason, "the journal's place of a value is none");
		return ERR_DAMAGED;
	}
	uint8_t *data = arena_alloc(arena, len);
	segment_path(path, config, at.segment, "");
	enum status status = file_read_at(config->files, fd, path, data, len,
	    at.offset - HASH_LEN, &got, reason);
	if (status != OK)
		return status;
	config->hash->blake2b(&real, data + HASH_LEN, at.len);
	if (got != len || memcmp(real.bytes, data, HASH_LEN) != 0 ||
	    (want != NULL && memcmp(real.bytes, want, HASH_LEN) != 0)) {
		reason_set(reason, "%s is damaged at offset %lu", path,
		    (unsigned long)at.offset);
		return ERR_DAMAGED;
	}
	*value = (struct blob){ data + HASH_LEN, at.len };
	*hash = real;
	return OK;
}

enum status
value_read(const struct journal_config *config, struct location at,
    const struct hash *want, struct arena *arena, struct blob *value,
    struct hash *hash, struct reason *reason)
{
	int fd = -1;

	enum status status = segment_open(&fd, config, at.segment, reason);
	if (status != OK)
		return status;
	status = value_read_from(fd, config, at, want, arena, value, hash,
	    reason);
	(void)config->files->close(fd);
	return status;
}

/* Walk an old segment to make its index. */
static enum status
load_index(const struct journal_config *config, const struct segment *segment,
    struct slot_index *index, struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	uint8_t data[BLOCK_LEN];
	struct block block;
	struct scan scan;
	size_t got = 0;
	int fd = -1;

	enum status status = segment_open(&fd, config, segment->number,
	    reason);
	if (status != OK)
		return status;
	segment_path(path, config, segment->number, "");
	status = file_read_at(config->files, fd, path, data, sizeof data, 0,
	    &got, reason);
	(void)config->files->close(fd);
	if (status != OK)
		return status;
	if (got != sizeof data || block_decode(&block, data, BLOCK_SEGMENT,
		config->registrar, config->hash) != OK)
		return ERR_DAMAGED;
	slot_index_reset(index, block.state.applied_slot + 1);
	scan_init(&scan, config, &block.state, index);
	status = scan_segment(&scan, segment, reason);
	if (status == OK)
		status = scan_records(&scan, reason);
	scan_fini(&scan);
	return status;
}

/* The cached index of an old segment; the longest unused one makes room. */
static enum status
cached_find(struct journal *journal, const struct segment *segment,
    uint64_t slot, struct location *at, struct reason *reason)
{
	struct cached_index *cached = &journal->cached[0];

	for (size_t i = 0; i < CACHED_INDEXES; i++) {
		struct cached_index *other = &journal->cached[i];
		if (other->segment == segment->number) {
			cached = other;
			break;
		}
		if (other->used < cached->used)
			cached = other;
	}
	if (cached->segment != segment->number) {
		cached->segment = 0;
		enum status status = load_index(&journal->config, segment,
		    &cached->index, reason);
		if (status != OK)
			return status;
		cached->segment = segment->number;
	}
	cached->used = ++journal->clock;
	const struct location *found = slot_index_find(&cached->index, slot);
	/* the walk ended early: a record before this slot is damaged */
	if (found == NULL)
		return ERR_DAMAGED;
	*at = *found;
	return OK;
}

/* The segment whose records say that this slot is chosen. */
static const struct segment *
segment_of(const struct journal *journal, uint64_t slot)
{
	size_t low = 0;
	size_t high = journal->n_segments;

	/* the last one that begins with an applied slot below it */
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (journal->segments[middle].applied_slot < slot)
			low = middle;
		else
			high = middle;
	}
	return &journal->segments[low];
}

/* Where the value of a slot is. */
static enum status
locate(struct journal *journal, uint64_t slot, struct location *at,
    struct reason *reason)
{
	enum status status = OK;

	pthread_mutex_lock(&journal->lock);
	bool is_there = slot > journal->segments[0].applied_slot &&
	    slot <= journal->applied_slot;
	const struct location *found = slot_index_find(&journal->index, slot);
	if (found != NULL)
		*at = *found;
	struct segment segment = *segment_of(journal, slot);
	pthread_mutex_unlock(&journal->lock);
	if (!is_there)
		return ERR_NOT_FOUND;
	if (found == NULL) {
		pthread_mutex_lock(&journal->read_lock);
		status = cached_find(journal, &segment, slot, at, reason);
		pthread_mutex_unlock(&journal->read_lock);
	}
	return status;
}

enum status
journal_read(struct journal *journal, uint64_t slot, struct arena *arena,
    struct blob *value)
{
	struct reason reason;
	struct location at = { 0 };
	struct hash hash;

	enum status status = locate(journal, slot, &at, &reason);
	if (status != OK)
		return status;
	return value_read(&journal->config, at, NULL, arena, value, &hash,
	    &reason);
}

/* The file of one segment, kept open from one slot to the next. */
struct walk_file {
	uint32_t segment;
	int fd; /* -1: none */
};

static enum status
walk_slot(struct journal *journal, uint64_t slot, struct walk_file *file,
    struct arena *arena, struct blob *value, struct hash *hash)
{
	const struct journal_config *config = &journal->config;
	struct location at = { 0 };
	struct reason reason;

	enum status status = locate(journal, slot, &at, &reason);
	if (status != OK)
		return status;
	if (file->fd < 0 || file->segment != at.segment) {
		if (file->fd >= 0)
			(void)config->files->close(file->fd);
		file->fd = -1;
		file->segment = at.segment;
		status = segment_open(&file->fd, config, at.segment, &reason);
	}
	if (status != OK)
		return status;
	return value_read_from(file->fd, config, at, NULL, arena, value, hash,
	    &reason);
}

enum status
journal_walk(struct journal *journal, uint64_t first, uint64_t last,
    journal_replay_fn *each, void *arg)
{
	struct walk_file file = { .fd = -1 };
	struct arena arena;
	enum status status = OK;

	arena_init(&arena);
	for (uint64_t slot = first; slot <= last && status == OK; slot++) {
		struct blob value;
		struct hash hash;
		status = walk_slot(journal, slot, &file, &arena, &value,
		    &hash);
		if (status == OK)
			status = each(arg, slot, hash, value);
		else if (status == ERR_NOT_FOUND)
			status = OK;
		arena_reset(&arena);
	}
	if (file.fd >= 0)
		(void)journal->config.files->close(file.fd);
	arena_fini(&arena);
	return status;
}
