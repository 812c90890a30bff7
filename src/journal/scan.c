/*
 * Walks the records of segments, checks their chain and keeps the state that
 * they make; says what is behind the last one. Changes nothing on disk.
 * Layer 6; one thread for one scan.
 */
#include "journal/internal.h"

#include <stdlib.h>
#include <string.h>

enum { WINDOW_LEN = 2 * JOURNAL_RECORD_MAX }; /* bytes read at a time */

void
scan_init(struct scan *scan, const struct journal_config *config,
    const struct journal_state *state, struct slot_index *index)
{
	*scan = (struct scan){
		.config = config,
		.state = *state,
		.index = index,
		.fd = -1,
		.watch_sequence = UINT64_MAX,
	};
}

static void
watch(struct scan *scan)
{
	if (scan->state.sequence != scan->watch_sequence)
		return;
	scan->watch_chain = scan->state.chain;
	scan->is_watch_seen = true;
}

static void
close_segment(struct scan *scan)
{
	if (scan->fd >= 0)
		(void)scan->config->files->close(scan->fd);
	scan->fd = -1;
}

enum status
scan_segment(struct scan *scan, const struct segment *segment,
    struct reason *reason)
{
	close_segment(scan);
	size_t cap = segment->len < WINDOW_LEN ? segment->len : WINDOW_LEN;
	if (cap > scan->room_cap) {
		scan->room = journal_alloc(scan->room, cap);
		scan->room_cap = cap;
	}
	scan->segment = segment->number;
	scan->len = segment->len;
	scan->offset = BLOCK_LEN;
	scan->last_at = 0;
	scan->room_len = 0;
	watch(scan);
	return segment_open(&scan->fd, scan->config, segment->number, reason);
}

/* Have len bytes at offset in the window; what the file lacks is zero. */
static enum status
look(struct scan *scan, uint64_t offset, size_t len, uint8_t **data,
    struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	size_t got = 0;

	if (scan->room_len > 0 && offset >= scan->room_at &&
	    offset + len <= scan->room_at + scan->room_len) {
		*data = scan->room + (offset - scan->room_at);
		return OK;
	}
	size_t want = scan->len - offset;
	if (want > scan->room_cap)
		want = scan->room_cap;
	enum status status = file_read_at(scan->config->files, scan->fd,
	    segment_path(path, scan->config, scan->segment, ""), scan->room,
	    want, offset, &got, reason);
	if (status != OK)
		return status;
	memset(scan->room + got, 0, want - got);
	scan->room_at = offset;
	scan->room_len = want;
	*data = scan->room;
	return OK;
}

static enum status
impossible(struct scan *scan, struct reason *reason)
{
	char name[SEGMENT_NAME_CAP];

	reason_set(reason, "record %llu of the journal (segment %s, offset "
	    "%llu) cannot follow the records before it",
	    (unsigned long long)scan->state.sequence,
	    segment_name(name, scan->segment),
	    (unsigned long long)scan->offset);
	return ERR_DAMAGED;
}

/* Take the entries of the record at scan->offset into the state. */
static enum status
take_entries(struct scan *scan, const uint8_t *data, size_t len,
    struct reason *reason)
{
	struct reader entries = reader_make(data + RECORD_HEAD_LEN,
	    len - RECORD_HEAD_LEN);
	struct entry entry;

	for (;;) {
		enum status status = entry_next(&entries, &entry);
		if (status == ERR_NOT_FOUND)
			return OK;
		if (status != OK)
			return impossible(scan, reason);
		struct location at = { .segment = scan->segment };
		if (entry.value.data != NULL) {
			at.offset = (uint32_t)(scan->offset +
			    (size_t)(entry.value.data - data));
			at.len = (uint32_t)entry.value.len;
		}
		struct location chosen;
		if (state_apply(&scan->state, &entry, at, &chosen) != OK)
			return impossible(scan, reason);
		if (entry.kind == ENTRY_CHOSEN)
			slot_index_add(scan->index, chosen);
	}
}

/* One record. @return OK; ERR_NOT_FOUND: no next record here. */
static enum status
take_record(struct scan *scan, struct reason *reason)
{
	uint8_t *data = NULL;
	struct hash chain;

	if (scan->offset + RECORD_HEAD_LEN > scan->len)
		return ERR_NOT_FOUND;
	enum status status = look(scan, scan->offset, RECORD_HEAD_LEN, &data,
	    reason);
	if (status != OK)
		return status;
	size_t len = record_peek(data, scan->state.sequence + 1);
	if (len == 0 || len > JOURNAL_RECORD_MAX ||
	    len > scan->len - scan->offset)
		return ERR_NOT_FOUND;
	status = look(scan, scan->offset, len, &data, reason);
	if (status != OK)
		return status;
	bool is_good = record_check(data, len, &scan->state.chain, &chain,
	    scan->config->hash);
	memcpy(data, chain.bytes, HASH_LEN);
	if (!is_good)
		return ERR_NOT_FOUND;
	scan->state.sequence++;
	scan->state.chain = chain;
	watch(scan);
	status = take_entries(scan, data, len, reason);
	if (status != OK)
		return status;
	scan->last_at = scan->offset;
	scan->offset += record_padded(len);
	return OK;
}

enum status
scan_records(struct scan *scan, struct reason *reason)
{
	enum status status = OK;

	while (status == OK)
		status = take_record(scan, reason);
	return status == ERR_NOT_FOUND ? OK : status;
}

/*
 * A record further on whose chain follows the stored chain of the unreadable
 * one shows that this was no last record.
 */
static bool
has_later_record(struct scan *scan, uint8_t *data, size_t len)
{
	struct hash broken;
	struct hash chain;

	memcpy(broken.bytes, data, HASH_LEN);
	for (size_t at = RECORD_ALIGN; at + RECORD_HEAD_LEN <= len;
	     at += RECORD_ALIGN) {
		size_t n = record_peek(data + at, scan->state.sequence + 2);
		if (n != 0 && n <= len - at &&
		    record_check(data + at, n, &broken, &chain,
			scan->config->hash))
			return true;
	}
	return false;
}

enum status
scan_tail(struct scan *scan, struct reason *reason)
{
	bool is_torn = false;
	uint64_t at = scan->offset;

	scan->room_len = 0;
	while (at < scan->len) {
		uint8_t *data = NULL;
		size_t len = scan->len - at;
		if (len > JOURNAL_RECORD_MAX)
			len = JOURNAL_RECORD_MAX;
		enum status status = look(scan, at, len, &data, reason);
		if (status != OK)
			return status;
		bool is_dirty = !is_zero(data, len);
		if (is_dirty && (at > scan->offset ||
			has_later_record(scan, data, len)))
			return ERR_DAMAGED;
		is_torn = is_torn || is_dirty;
		if (!is_torn)
			return OK;
		at += len;
	}
	return is_torn ? ERR_MALFORMED : OK;
}

void
scan_fini(struct scan *scan)
{
	close_segment(scan);
	free(scan->room);
	scan->room = NULL;
}
