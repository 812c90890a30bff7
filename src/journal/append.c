/*
 * Appending: one record for all writes of a step, in one write; then the
 * journal is synced, then the mark. In this order the mark is never ahead (J2),
 * so an opening can tell a record that was being written from one that was
 * acknowledged. It costs one sync more than syncing both side by side would
 * (measured: median 193 us against 135), which would leave the last record in
 * doubt. A failure is final. Layer 6; the engine thread.
 */
#include "journal/internal.h"

#include "base/check.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static_assert((int)PAXOS_WRITES_MAX < (int)RECORD_ENTRIES_MAX,
    "a step does not fit a record");

/* A step into the next segment: its block goes in front of the record. */
struct place {
	bool is_new; /* the record begins a segment */
	size_t len;  /* of the block in front, bytes */
};

static struct block
block_here(const struct journal *journal, enum block_kind kind)
{
	return (struct block){
		.kind = kind,
		.registrar = journal->config.registrar,
		.segment = journal->current.number,
		.segment_len = journal->current.len,
		.state = journal->state,
	};
}

/* Leave the current segment, which is synced, for the next one. */
static enum status
next_segment(struct journal *journal, struct reason *reason)
{
	uint32_t number = journal->current.number + 1;
	int fd = -1;

	enum status status = spare_take(&journal->spare, number, reason);
	if (status != OK)
		return status;
	status = segment_open(&fd, &journal->config, number, reason);
	if (status != OK)
		return status;
	(void)journal->config.files->close(journal->fd);
	journal->fd = fd;
	struct block block = block_here(journal, BLOCK_SEGMENT);
	block.segment = number;
	block.segment_len = (uint32_t)journal->config.segment_len;
	block.previous = journal->current.checksum;
	block_encode(journal->room, &block, journal->config.hash);
	journal->current = (struct segment){
		.number = number,
		.len = block.segment_len,
		.sequence = journal->state.sequence,
		.applied_slot = journal->state.applied_slot,
		.checksum = block.checksum,
	};
	journal->offset = 0;
	return OK;
}

/* Room for a block and a record; and a segment that has room. */
static enum status
make_room(struct journal *journal, size_t padded, struct place *place,
    struct reason *reason)
{
	*place = (struct place){ .is_new = false };
	if (padded > JOURNAL_RECORD_MAX ||
	    padded > journal->config.segment_len - BLOCK_LEN) {
		reason_set(reason, "a record of %zu bytes does not fit into a "
		    "journal segment", padded);
		return ERR_TOO_LONG;
	}
	if (BLOCK_LEN + padded > journal->room_cap) {
		journal->room_cap = BLOCK_LEN + padded;
		journal->room =
		    journal_alloc(journal->room, journal->room_cap);
	}
	if (journal->offset + padded <= journal->current.len)
		return OK;
	place->is_new = true;
	place->len = BLOCK_LEN;
	return next_segment(journal, reason);
}

static enum status
sync_segment(struct journal *journal, struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];

	if (journal->config.files->fdatasync(journal->fd) == 0)
		return OK;
	reason_set(reason, "cannot sync %s: %s", segment_path(path,
	    &journal->config, journal->current.number, ""), strerror(errno));
	return ERR_IO;
}

void
journal_add_segment(struct journal *journal, const struct segment *segment)
{
	journal->segments = journal_alloc(journal->segments,
	    (journal->n_segments + 1) * sizeof *journal->segments);
	journal->segments[journal->n_segments++] = *segment;
}

/* The record is durable: its entries are the state, and readers may see it. */
static void
take_entries(struct journal *journal, const struct entry *entries, unsigned n,
    uint64_t at, const struct place *place)
{
	struct location chosen;

	pthread_mutex_lock(&journal->lock);
	if (place->is_new) {
		journal_add_segment(journal, &journal->current);
		slot_index_reset(&journal->index,
		    journal->state.applied_slot + 1);
	}
	at += RECORD_HEAD_LEN;
	for (unsigned i = 0; i < n; i++) {
		at += record_len(&entries[i], 1) - RECORD_HEAD_LEN;
		struct location value = {
			.segment = journal->current.number,
			.offset = (uint32_t)(at - entries[i].value.len),
			.len = (uint32_t)entries[i].value.len,
		};
		/* Paxos ordered them: they cannot be out of order */
		ensure(state_apply(&journal->state, &entries[i], value,
		    &chosen) == OK);
		if (entries[i].kind == ENTRY_CHOSEN)
			slot_index_add(&journal->index, chosen);
	}
	journal->applied_slot = journal->state.applied_slot;
	pthread_mutex_unlock(&journal->lock);
}

static enum status
write_all(struct journal *journal, const struct entry *entries, unsigned n,
    struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	size_t padded = record_padded(record_len(entries, n));
	struct place place;
	struct hash chain;

	enum status status = make_room(journal, padded, &place, reason);
	if (status != OK)
		return status;
	record_encode(journal->room + place.len, entries, n,
	    journal->state.sequence + 1, &journal->state.chain, &chain,
	    journal->config.hash);
	status = file_write_at(journal->config.files, journal->fd,
	    segment_path(path, &journal->config, journal->current.number, ""),
	    journal->room, place.len + padded, journal->offset, reason);
	if (status == OK)
		status = sync_segment(journal, reason);
	if (status != OK)
		return status;
	journal->state.sequence++;
	journal->state.chain = chain;
	take_entries(journal, entries, n, journal->offset + place.len, &place);
	journal->offset += place.len + padded;
	struct block mark = block_here(journal, BLOCK_MARK);
	status = mark_write(journal->mark_fd, &journal->config, &mark,
	    journal->mark_room, reason);
	/* not before the first record of the current one is durable */
	if (status == OK && place.is_new)
		spare_want(&journal->spare, journal->current.number + 1);
	return status;
}

enum status
journal_write(struct journal *journal, const struct entry *entries,
    unsigned n, struct reason *reason)
{
	if (journal->is_failed) {
		reason_set(reason, "the journal failed before and takes "
		    "nothing more");
		return ERR_IO;
	}
	enum status status = write_all(journal, entries, n, reason);
	journal->is_failed = status != OK;
	return status;
}

static struct entry
entry_of(const struct paxos_write *write)
{
	static const enum entry_kind kinds[] = {
		[PAXOS_WRITE_PROMISE] = ENTRY_PROMISE,
		[PAXOS_WRITE_ACCEPTED] = ENTRY_ACCEPTED,
		[PAXOS_WRITE_CHOSEN] = ENTRY_CHOSEN,
	};

	return (struct entry){
		.kind = kinds[write->kind],
		.slot = write->slot,
		.ballot = write->ballot,
		.hash = write->hash,
		.value = write->value,
	};
}

enum status
journal_append(struct journal *journal, const struct paxos_write *writes,
    unsigned n_writes, struct reason *reason)
{
	struct entry entries[PAXOS_WRITES_MAX];

	require(n_writes >= 1 && n_writes <= PAXOS_WRITES_MAX);
	for (unsigned i = 0; i < n_writes; i++)
		entries[i] = entry_of(&writes[i]);
	return journal_write(journal, entries, n_writes, reason);
}

uint64_t
journal_wants(struct journal *journal)
{
	return spare_lacks(&journal->spare, journal->current.number + 1);
}
