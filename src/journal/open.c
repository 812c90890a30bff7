/*
 * Opening: find out what is there, compare it with the mark, replay, and only
 * then change anything. Whatever does not fit is refused with the segment and
 * the offset; a registrar so refused must not vote. Layer 6; one thread.
 *
 *	1-4 survey.c      mark, blocks, records, end against mark
 *	5 replay          of slots above from_slot
 *	6 repair          cut what was being written, mark what is there
 *	7 a new incarnation
 */
#include "journal/opening.h"

#include "base/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/*
 * The record that the mark does not name, once more. A sync that failed in the
 * run before may have left it in memory only, and called clean: another sync
 * alone would not write it.
 */
static enum status
write_again(struct opening *o, struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	const struct journal *journal = o->journal;
	const struct file_ops *files = o->config->files;
	size_t got = 0;

	if (o->scan.last_at == 0)
		return OK;
	/* the first record of a segment came with its block */
	uint64_t from = o->scan.last_at == BLOCK_LEN ? 0 : o->scan.last_at;
	size_t len = (size_t)(journal->offset - from);
	segment_path(path, o->config, journal->current.number, "");
	uint8_t *data = journal_alloc(NULL, len);
	memset(data, 0, len);
	enum status status = file_read_at(files, journal->fd, path, data, len,
	    from, &got, reason);
	if (status == OK)
		status = file_write_at(files, journal->fd, path, data, len,
		    from, reason);
	free(data);
	return status;
}

/*
 * What was read may be in memory only, left by a killed run: the journal is
 * synced before the mark names it; the mark, written anew because a sync that
 * failed may have left it clean in memory only, before the next record (J3).
 */
static enum status
repair(struct opening *o, struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	struct journal *journal = o->journal;
	const struct file_ops *files = o->config->files;
	bool is_ahead = o->mark.state.sequence != journal->state.sequence;
	enum status status = OK;

	if (o->is_tail_torn)
		status = cut_tail(o, reason);
	if (status == OK && is_ahead)
		status = write_again(o, reason);
	if (status == OK && files->fdatasync(journal->fd) != 0) {
		reason_set(reason, "cannot sync %s: %s", segment_path(path,
		    o->config, journal->current.number, ""), strerror(errno));
		status = ERR_IO;
	}
	/* and so may be the name of a segment made last */
	snprintf(path, sizeof path, "%s/journal", o->config->directory);
	if (status == OK)
		status = file_sync_directory(files, path, reason);
	if (status != OK)
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

	enum status status = opening_survey(o, reason);
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

static void
opening_fini(struct opening *o)
{
	scan_fini(&o->scan);
	slot_index_fini(&o->index);
	free(o->segments);
	free(o->states);
}

enum status
journal_check(const struct journal_config *config, uint64_t from_slot,
    struct reason *reason)
{
	struct journal_config whole = *config;

	require(config->registrar != 0);
	if (whole.segment_len == 0)
		whole.segment_len = JOURNAL_SEGMENT_LEN;
	struct opening o = {
		.config = &whole,
		.from_slot = from_slot,
		.scan = { .fd = -1, .config = &whole },
	};
	enum status status = opening_survey(&o, reason);
	opening_fini(&o);
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
	opening_fini(&o);
	if (status != OK) {
		journal_close(journal);
		return status;
	}
	reason->text[0] = '\0';
	*out = journal;
	return OK;
}
