/*
 * Opening: find out what is there, compare it with the mark, replay, and only
 * then change anything. Whatever does not fit is refused with the segment and
 * the offset; a registrar so refused must not vote. Layer 6; one thread.
 *
 *	1 mark            how far the journal must reach
 *	2 blocks          of all segments: numbers, chain of checksums
 *	3 records         from the segment that is needed to the end
 *	4 end against mark
 *	5 replay          of slots above from_slot
 *	6 repair          cut what was being written, mark what is there
 *	7 a new incarnation
 */
#include "journal/internal.h"

#include "base/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What opening has found out so far. */
struct opening {
	struct journal *journal;
	const struct journal_config *config;
	struct block mark;
	struct segment *segments; /* those with a block */
	struct journal_state *states; /* before their first record */
	size_t n;
	uint32_t spare; /* number of the one without a block; 0: none */
	bool is_spare_torn;
	bool is_tail_torn;
	struct scan scan;
	struct slot_index index;
	uint64_t from_slot;
	bool is_chosen_by_store;
};

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

/* A block must follow the one before it. */
static enum status
add_block(struct opening *o, uint32_t number, const struct block *block,
    struct reason *reason)
{
	char name[SEGMENT_NAME_CAP];
	struct hash before = { { 0 } };

	if (o->n > 0)
		before = o->segments[o->n - 1].checksum;
	if (block->segment != number || block->segment_len <= BLOCK_LEN ||
	    memcmp(&before, &block->previous, HASH_LEN) != 0 ||
	    (o->n > 0 && block->state.sequence <=
		o->segments[o->n - 1].sequence)) {
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
is_same_state(const struct journal_state *a, const struct journal_state *b)
{
	return a->sequence == b->sequence &&
	    memcmp(&a->chain, &b->chain, HASH_LEN) == 0 &&
	    a->incarnation == b->incarnation &&
	    ballot_compare(a->promised, b->promised) == 0 &&
	    a->applied_slot == b->applied_slot &&
	    a->is_accepted == b->is_accepted;
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
	status = check_spare(o, reason);
	if (status != OK)
		return status;
	/* only one record can have been on its way */
	if (found > marked && o->is_tail_torn)
		return broken_at(o, ERR_DAMAGED, reason);
	return OK;
}

/* --- 5 replay */

/* The store may have the slot that is accepted and not known to be chosen. */
static enum status
compare_with_store(struct opening *o, struct reason *reason)
{
	const struct journal_state *state = &o->scan.state;

	if (o->from_slot <= state->applied_slot)
		return OK;
	o->is_chosen_by_store = state->is_accepted &&
	    o->from_slot == state->applied_slot + 1;
	if (o->is_chosen_by_store)
		return OK;
	reason_set(reason, "acknowledged state is lost: the store has slot "
	    "%llu, the journal ends at slot %llu",
	    (unsigned long long)o->from_slot,
	    (unsigned long long)state->applied_slot);
	return ERR_STATE_LOST;
}

static enum status
replay_slots(struct opening *o, journal_replay_fn *replay, void *arg,
    struct reason *reason)
{
	struct arena arena;
	enum status status = OK;

	if (replay == NULL)
		return OK;
	arena_init(&arena);
	for (uint64_t slot = o->from_slot + 1;
	     slot <= o->scan.state.applied_slot && status == OK; slot++) {
		const struct location *at = slot_index_find(&o->index, slot);
		struct blob value;
		struct hash hash;
		ensure(at != NULL);
		arena_reset(&arena);
		status = value_read(o->config, *at, NULL, &arena, &value,
		    &hash, reason);
		if (status == OK) {
			reason_set(reason, "slot %llu cannot be applied",
			    (unsigned long long)slot);
			status = replay(arg, slot, hash, value);
		}
	}
	arena_fini(&arena);
	return status;
}

/* --- 6 repair */

static enum status
cut_tail(struct opening *o, struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	const struct journal *journal = o->journal;
	size_t left = journal->current.len - journal->offset;
	size_t len = left < JOURNAL_RECORD_MAX ? left : JOURNAL_RECORD_MAX;

	uint8_t *zeroes = journal_alloc(NULL, len);
	memset(zeroes, 0, len);
	enum status status = file_write_at(o->config->files, journal->fd,
	    segment_path(path, o->config, journal->current.number, ""), zeroes,
	    len, journal->offset, reason);
	free(zeroes);
	return status;
}

/* What was read may be in memory only: sync it before the mark names it. */
static enum status
repair(struct opening *o, struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	struct journal *journal = o->journal;
	const struct file_ops *files = o->config->files;
	enum status status = OK;

	if (o->is_tail_torn)
		status = cut_tail(o, reason);
	if (status == OK && files->fdatasync(journal->fd) != 0) {
		reason_set(reason, "cannot sync %s: %s", segment_path(path,
		    o->config, journal->current.number, ""), strerror(errno));
		status = ERR_IO;
	}
	if (status != OK ||
	    o->mark.state.sequence == journal->state.sequence)
		return status;
	struct block mark = {
		.kind = BLOCK_MARK,
		.registrar = o->config->registrar,
		.segment = journal->current.number,
		.segment_len = journal->current.len,
		.state = journal->state,
	};
	return mark_write(journal->mark_fd, o->config, &mark,
	    journal->mark_room, reason);
}

/* --- 7 a new incarnation */

static enum status
begin_incarnation(struct opening *o, struct reason *reason)
{
	struct journal *journal = o->journal;
	struct entry entries[2] = {
		{ .kind = ENTRY_INCARNATION,
		    .incarnation = journal->state.incarnation + 1 },
		{ .kind = ENTRY_CHOSEN,
		    .slot = journal->state.applied_slot + 1,
		    .hash = journal->state.accepted_hash },
	};

	return journal_write(journal, entries, o->is_chosen_by_store ? 2 : 1,
	    reason);
}

static enum status
tell_durable(struct opening *o, struct arena *arena,
    struct paxos_durable *durable, struct reason *reason)
{
	const struct journal_state *state = &o->journal->state;
	struct hash hash;

	*durable = (struct paxos_durable){
		.registrar = o->config->registrar,
		.incarnation = state->incarnation,
		.promised = state->promised,
		.applied_slot = state->applied_slot,
		.applied_hash = state->applied_hash,
	};
	if (!state->is_accepted)
		return OK;
	durable->accepted = (struct accepted){
		.is_set = true,
		.slot = state->applied_slot + 1,
		.ballot = state->accepted_ballot,
		.hash = state->accepted_hash,
	};
	return value_read(o->config, state->accepted_at,
	    &state->accepted_hash, arena, &durable->accepted.value, &hash,
	    reason);
}

/* Steps 1 to 4: nothing is changed. */
static enum status
look_around(struct opening *o, struct reason *reason)
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

/* What was found becomes the journal's own state. */
static enum status
take_over(struct opening *o, struct reason *reason)
{
	struct journal *journal = o->journal;

	journal->segments = o->segments;
	journal->n_segments = o->n;
	o->segments = NULL;
	journal->current = journal->segments[o->n - 1];
	journal->offset = o->scan.offset;
	journal->state = o->scan.state;
	journal->applied_slot = journal->state.applied_slot;
	slot_index_drop(&o->index, journal->current.applied_slot + 1);
	journal->index = o->index;
	o->index = (struct slot_index){ 0 };
	enum status status = segment_open(&journal->fd, o->config,
	    journal->current.number, reason);
	if (status == OK)
		status = mark_open(&journal->mark_fd, o->config, reason);
	return status;
}

static enum status
open_all(struct opening *o, journal_replay_fn *replay, void *arg,
    struct reason *reason)
{
	struct journal *journal = o->journal;

	enum status status = look_around(o, reason);
	if (status == OK)
		status = compare_with_store(o, reason);
	if (status == OK)
		status = replay_slots(o, replay, arg, reason);
	if (status == OK)
		status = take_over(o, reason);
	if (status == OK)
		status = repair(o, reason);
	if (status == OK)
		status = spare_start(&journal->spare, o->config, reason);
	if (status != OK)
		return status;
	if (o->spare != 0 && !o->is_spare_torn)
		spare_have(&journal->spare, o->spare);
	status = begin_incarnation(o, reason);
	/* want it also when the incarnation began a segment: same number */
	if (status == OK)
		spare_want(&journal->spare, journal->current.number + 1);
	return status;
}

enum status
journal_open(struct journal **out, const struct journal_config *config,
    struct arena *arena, uint64_t from_slot, journal_replay_fn *replay,
    void *arg, struct paxos_durable *durable, struct reason *reason)
{
	struct reason unused;
	struct journal *journal = journal_alloc(NULL, sizeof *journal);

	require(config->registrar != 0);
	if (reason == NULL)
		reason = &unused;
	reason->text[0] = '\0';
	*journal = (struct journal){ .fd = -1, .mark_fd = -1 };
	size_t len = strlen(config->directory) + 1;
	journal->directory = journal_alloc(NULL, len);
	memcpy(journal->directory, config->directory, len);
	journal->config = *config;
	journal->config.directory = journal->directory;
	if (config->segment_len == 0)
		journal->config.segment_len = JOURNAL_SEGMENT_LEN;
	journal->mark_room = journal_alloc(NULL, BLOCK_LEN);
	pthread_mutex_init(&journal->lock, NULL);
	pthread_mutex_init(&journal->read_lock, NULL);
	struct opening o = {
		.journal = journal,
		.config = &journal->config,
		.from_slot = from_slot,
		.scan = { .fd = -1, .config = &journal->config },
	};
	enum status status = open_all(&o, replay, arg, reason);
	if (status == OK)
		status = tell_durable(&o, arena, durable, reason);
	scan_fini(&o.scan);
	slot_index_fini(&o.index);
	free(o.segments);
	free(o.states);
	if (status != OK) {
		journal_close(journal);
		return status;
	}
	reason->text[0] = '\0';
	*out = journal;
	return OK;
}
