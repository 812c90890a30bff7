/*
 * The first half of opening: what is on disk, and does it hold together? It
 * changes nothing. Layer 6; one thread.
 *
 *	1 mark            how far the journal must reach
 *	2 blocks          of all segments: numbers, chain of checksums
 *	3 records         from the segment that is needed to the end
 *	4 end against mark
 */
#include "journal/opening.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- 2 blocks */

static enum status
read_block(struct opening *o, uint32_t number, struct block *block,
    struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	uint8_t data[BLOCK_LEN] = { 0 };
	size_t got = 0;
	int fd = -1;

	enum status status = segment_open(&fd, o->config, number, reason);
	if (status != OK)
		return status;
	status = file_read_at(o->config->files, fd,
	    segment_path(path, o->config, number, ""), data, sizeof data, 0,
	    &got, reason);
	(void)o->config->files->close(fd);
	if (status != OK)
		return status;
	status = block_decode(block, data, BLOCK_SEGMENT,
	    o->config->registrar, o->config->hash);
	if (status != OK)
		reason_set(reason, "the first %d bytes of %s: %s", BLOCK_LEN,
		    path, status_text(status));
	return status;
}

/* A block must follow the one before it; before the first one is nothing. */
static bool
follows(const struct opening *o, uint32_t number, const struct block *block)
{
	struct hash before = { { 0 } };

	if (block->segment != number || block->segment_len <= BLOCK_LEN)
		return false;
	if (o->n == 0)
		return memcmp(&before, &block->previous, HASH_LEN) == 0 &&
		    block->state.sequence == 0 &&
		    block->state.applied_slot == 0;
	before = o->segments[o->n - 1].checksum;
	return memcmp(&before, &block->previous, HASH_LEN) == 0 &&
	    block->state.sequence > o->segments[o->n - 1].sequence;
}

static enum status
add_block(struct opening *o, uint32_t number, const struct block *block,
    struct reason *reason)
{
	char name[SEGMENT_NAME_CAP];

	if (!follows(o, number, block)) {
		reason_set(reason, "segment %s of the journal does not follow "
		    "the one before it", segment_name(name, number));
		return ERR_DAMAGED;
	}
	o->segments[o->n] = (struct segment){
		.number = number,
		.len = block->segment_len,
		.sequence = block->state.sequence,
		.applied_slot = block->state.applied_slot,
		.checksum = block->checksum,
	};
	o->states[o->n++] = block->state;
	return OK;
}

/*
 * The last file may be the spare: without a block, or with one that was being
 * written together with its first record.
 */
static enum status
take_last(struct opening *o, uint32_t number, enum status found)
{
	if (o->n == 0 || (found != ERR_NOT_FOUND && found != ERR_DAMAGED))
		return found == ERR_NOT_FOUND ? ERR_DAMAGED : found;
	o->spare = number;
	o->is_spare_torn = found == ERR_DAMAGED;
	return OK;
}

static enum status
read_blocks(struct opening *o, const uint32_t *numbers, size_t n,
    struct reason *reason)
{
	char name[SEGMENT_NAME_CAP];

	o->segments = journal_alloc(NULL, n * sizeof *o->segments);
	o->states = journal_alloc(NULL, n * sizeof *o->states);
	for (size_t i = 0; i < n; i++) {
		struct block block;
		if (numbers[i] != FIRST_SEGMENT + i) {
			reason_set(reason, "segment %s of the journal is "
			    "missing", segment_name(name,
				(uint32_t)(FIRST_SEGMENT + i)));
			return ERR_STATE_LOST;
		}
		enum status status = read_block(o, numbers[i], &block,
		    reason);
		if (status == OK)
			status = add_block(o, numbers[i], &block, reason);
		else if (i + 1 == n)
			status = take_last(o, numbers[i], status);
		else if (status == ERR_NOT_FOUND)
			status = ERR_DAMAGED;
		if (status != OK)
			return status;
	}
	return OK;
}

/* The spare has to be zero as far as a record being written may reach. */
static enum status
check_spare(struct opening *o, struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	size_t len = BLOCK_LEN + (size_t)JOURNAL_RECORD_MAX;
	size_t got = 0;
	int fd = -1;

	if (o->spare == 0 || o->is_spare_torn)
		return OK;
	enum status status = segment_open(&fd, o->config, o->spare, reason);
	if (status != OK)
		return status;
	uint8_t *data = journal_alloc(NULL, len);
	status = file_read_at(o->config->files, fd,
	    segment_path(path, o->config, o->spare, ""), data, len, 0, &got,
	    reason);
	off_t end = lseek(fd, 0, SEEK_END);
	(void)o->config->files->close(fd);
	/* one of another length is made again, like one with rests in it */
	o->is_spare_torn = !is_zero(data, got) || end < 0 ||
	    (size_t)end != o->config->segment_len;
	free(data);
	return status;
}

/* --- 3 records */

/* First segment to walk: it holds from_slot and what the mark names. */
static size_t
first_needed(const struct opening *o)
{
	size_t i = o->n - 1;

	while (i > 0 && (o->segments[i].applied_slot > o->from_slot ||
		o->segments[i].sequence > o->mark.state.sequence))
		i--;
	return i;
}

static enum status
broken_at(struct opening *o, enum status status, struct reason *reason)
{
	char name[SEGMENT_NAME_CAP];

	reason_set(reason, "the journal is damaged in segment %s at offset "
	    "%llu: record %llu cannot be read, and it is not the last one",
	    segment_name(name, o->scan.segment),
	    (unsigned long long)o->scan.offset,
	    (unsigned long long)o->scan.state.sequence + 1);
	return status;
}

static bool
is_same_value(const struct journal_state *a, const struct journal_state *b)
{
	return ballot_compare(a->accepted_ballot, b->accepted_ballot) == 0 &&
	    memcmp(&a->accepted_hash, &b->accepted_hash, HASH_LEN) == 0 &&
	    a->accepted_at.segment == b->accepted_at.segment &&
	    a->accepted_at.offset == b->accepted_at.offset &&
	    a->accepted_at.len == b->accepted_at.len;
}

static bool
is_same_state(const struct journal_state *a, const struct journal_state *b)
{
	return a->sequence == b->sequence &&
	    memcmp(&a->chain, &b->chain, HASH_LEN) == 0 &&
	    a->incarnation == b->incarnation &&
	    ballot_compare(a->promised, b->promised) == 0 &&
	    a->applied_slot == b->applied_slot &&
	    memcmp(&a->applied_hash, &b->applied_hash, HASH_LEN) == 0 &&
	    a->is_accepted == b->is_accepted &&
	    (!a->is_accepted || is_same_value(a, b));
}

static enum status
walk(struct opening *o, struct reason *reason)
{
	size_t first = first_needed(o);

	slot_index_reset(&o->index, o->states[first].applied_slot + 1);
	scan_init(&o->scan, o->config, &o->states[first], &o->index);
	o->scan.watch_sequence = o->mark.state.sequence;
	for (size_t i = first; i < o->n; i++) {
		if (i > first &&
		    !is_same_state(&o->scan.state, &o->states[i]))
			return broken_at(o, ERR_DAMAGED, reason);
		enum status status = scan_segment(&o->scan, &o->segments[i],
		    reason);
		if (status == OK)
			status = scan_records(&o->scan, reason);
		if (status != OK)
			return status;
	}
	return OK;
}

/* --- 4 end against mark */

static enum status
state_lost(struct opening *o, struct reason *reason)
{
	char name[SEGMENT_NAME_CAP];

	reason_set(reason, "acknowledged state is lost: the mark names record "
	    "%llu, the journal can be read to record %llu only (segment %s, "
	    "offset %llu). This registrar must not vote again: remove it from "
	    "the group and join under a new id",
	    (unsigned long long)o->mark.state.sequence,
	    (unsigned long long)o->scan.state.sequence,
	    segment_name(name, o->scan.segment),
	    (unsigned long long)o->scan.offset);
	return ERR_STATE_LOST;
}

static enum status
mark_differs(struct opening *o, const char *how, struct reason *reason)
{
	reason_set(reason, "mark and journal are not of one run: the mark "
	    "names record %llu, the journal has %llu%s",
	    (unsigned long long)o->mark.state.sequence,
	    (unsigned long long)o->scan.state.sequence, how);
	return ERR_DAMAGED;
}

/* J2, J3: the journal has what the mark names, and at most one record more. */
static enum status
compare_with_mark(struct opening *o, struct reason *reason)
{
	uint64_t marked = o->mark.state.sequence;
	uint64_t found = o->scan.state.sequence;

	if (found < marked)
		return state_lost(o, reason);
	if (!o->scan.is_watch_seen || memcmp(&o->scan.watch_chain,
		&o->mark.state.chain, HASH_LEN) != 0)
		return mark_differs(o, " and another record there", reason);
	if (found > marked + 1)
		return mark_differs(o, ": an old mark was put back", reason);
	enum status status = scan_tail(&o->scan, reason);
	o->is_tail_torn = status == ERR_MALFORMED;
	if (status == ERR_DAMAGED)
		return broken_at(o, ERR_DAMAGED, reason);
	if (status != OK && status != ERR_MALFORMED)
		return status;
	return check_spare(o, reason);
}

enum status
opening_survey(struct opening *o, struct reason *reason)
{
	uint32_t *numbers = NULL;
	size_t n = 0;
	struct reason why = { "" };

	enum status listed = segment_list(&numbers, &n, o->config, &why);
	if (listed != OK && listed != ERR_NOT_FOUND) {
		*reason = why;
		return listed;
	}
	enum status status = mark_load(&o->mark, o->config, reason);
	if (listed == ERR_NOT_FOUND) {
		*reason = why;
		/* nothing at all, or only the mark is left */
		return status == ERR_STATE_LOST ? ERR_NOT_FOUND
						: ERR_STATE_LOST;
	}
	if (status == OK)
		status = read_blocks(o, numbers, n, reason);
	if (status == OK)
		status = walk(o, reason);
	if (status == OK)
		status = compare_with_mark(o, reason);
	free(numbers);
	return status;
}
