/*
 * The change path: judge requests into a batch, make it the value of the next
 * slot, carry out what Paxos orders. DESIGN 4. Layer 8; the engine thread.
 */
#include "engine/internal.h"

#include "base/check.h"
#include "sec/hash.h"
#include "sys/clock.h"

#include <string.h>

unsigned
engine_batched(const struct engine *engine)
{
	return engine->batch.n;
}

bool
engine_batch_is_full(const struct engine *engine)
{
	return engine->batch.n >= ENGINE_BATCH_MAX ||
	    engine->batch.bytes >= ENGINE_BATCH_BYTES;
}

/* The duties of one step, in the order of paxos.h. */
enum status
engine_step(struct engine *engine, const struct paxos_event *event,
    uint64_t *slot, struct reason *reason)
{
	struct paxos_event next = *event;
	bool is_more = true;

	while (is_more) {
		struct paxos_output output;
		enum status status = paxos_step(&engine->px, &next, &output);
		if (status != OK)
			return status;
		engine->deadline_ms = output.deadline_ms;
		is_more = output.n_writes > 0;
		if (is_more) {
			status = journal_append(engine->journal, output.writes,
			    output.n_writes, reason);
			if (status != OK)
				return status;
			next = (struct paxos_event){
				.kind = PAXOS_PERSISTED,
				.now_ms = clock_mono_ms(),
				.token =
				    output.writes[output.n_writes - 1].token,
			};
		}
		for (unsigned i = 0; i < output.n_chosen; i++) {
			const struct paxos_chosen *chosen = &output.chosen[i];
			if (slot != NULL) {
				*slot = chosen->slot;
				continue;
			}
			status = apply_value(engine, chosen->slot,
			    &chosen->hash, chosen->value, reason);
			if (status != OK)
				return status;
		}
	}
	return OK;
}

static void
fatal(struct engine *engine, const char *what, enum status status)
{
	struct reason reason;

	reason_set(&reason, "%s: %s", what, status_text(status));
	engine->config.fatal(engine->config.arg, reason.text);
	never("fatal returned");
}

void
engine_time_out(struct engine *engine)
{
	const struct paxos_event event = {
		.kind = PAXOS_TIMEOUT,
		.now_ms = clock_mono_ms(),
	};
	struct reason reason = { "" };

	if (event.now_ms < engine->deadline_ms)
		return;
	enum status status = engine_step(engine, &event, NULL, &reason);
	if (status != OK)
		fatal(engine, reason.text[0] != '\0' ? reason.text :
		    "consensus cannot go on", status);
}

static void
answer(struct submission *submission, enum status status, uint64_t slot)
{
	submission->status = status;
	submission->slot = slot;
	submission->n_changed = submission->outcome.part.n_changes;
	submission->outcome.part = (struct part){ 0 };
	submission->done(submission);
}

/* The batch cannot go on: everybody in it gets `status`, nothing happened. */
static void
answer_all(struct engine *engine, enum status status, uint64_t slot)
{
	struct submission *submission = engine->batch.first;

	engine->batch.first = NULL;
	engine->batch.n = 0;
	engine->batch.bytes = 0;
	while (submission != NULL) {
		struct submission *next = submission->next;
		answer(submission, status, slot);
		submission = next;
	}
}

/* The serial that the batch has with this outcome in it. */
static uint32_t
serial_with(const struct engine *engine, const struct outcome *outcome)
{
	const struct batch *batch = &engine->batch;

	if (outcome->serial_wanted != 0)
		return outcome->serial_wanted;
	if (outcome->is_public && !batch->is_public)
		return serial_next(engine->at.serial);
	return batch->serial;
}

static void
queue(struct batch *batch, struct submission *submission)
{
	submission->next = NULL;
	*batch->last = submission;
	batch->last = &submission->next;
}

/* The batch comes to nothing: its requests may come again. */
static void
forget_receipts(struct engine *engine)
{
	for (unsigned i = 0; i < engine->batch.n; i++)
		receipts_remove(&engine->receipts,
		    &engine->batch.parts[i].receipt);
}

/* What leaves no part. A copy of a request of this very batch waits with it. */
static void
answer_aside(struct engine *engine, struct submission *submission)
{
	const struct outcome *outcome = &submission->outcome;

	switch (outcome->judged) {
	case JUDGED_REPEAT:
		if (outcome->slot > engine->at.slot)
			queue(&engine->batch, submission);
		else
			answer(submission, OK, outcome->slot);
		return;
	case JUDGED_LATE:
		answer(submission, OK, engine->at.slot);
		return;
	case JUDGED_STALE:
		answer(submission, ERR_STALE, 0);
		return;
	case JUDGED:
		break;
	}
	never("a part that nobody takes");
}

enum status
engine_add(struct engine *engine, struct submission *submission)
{
	struct batch *batch = &engine->batch;
	struct outcome *outcome = &submission->outcome;

	if (engine_batch_is_full(engine))
		return ERR_NO_ROOM;
	if (!batch->is_open)
		engine_look_at_disk(engine);
	if (engine->is_low) {
		memset(outcome, 0, sizeof *outcome);
		reason_set(&outcome->reason, "the disk of %s is nearly full: "
		    "no changes until there is room", engine->dir.path);
		answer(submission, ERR_FULL, 0);
		return OK;
	}
	if (!batch->is_open)
		batch_begin(engine);
	uint64_t now_ms = clock_wall_ms();
	if (now_ms > batch->time_ms)
		batch->time_ms = now_ms;
	receipts_advance(&engine->receipts, batch->time_ms);
	if (submission->request.time_signed_s != 0 &&
	    !receipts_has_room(&engine->receipts)) {
		memset(outcome, 0, sizeof *outcome);
		reason_set(&outcome->reason, "more than %d signed requests in "
		    "six minutes", RECEIPTS_MAX);
		answer(submission, ERR_BUSY, 0);
		return OK;
	}
	struct view view = batch_view(engine);
	struct judge_env env = {
		.view = &view,
		.apex = &engine->dir.identity.zone,
		.now_ms = batch->time_ms,
		.receipts = { &engine->receipts, receipts_find },
	};
	memset(outcome, 0, sizeof *outcome);
	enum status status = registry_judge(&batch->arena, &env,
	    &submission->request, outcome);
	if (status != OK)
		fatal(engine, "the state cannot be read", status);
	if (outcome->judged != JUDGED) {
		answer_aside(engine, submission);
		return OK;
	}
	size_t len = part_len(&outcome->part);
	if (CHANGESET_HEADER_LEN + batch->bytes + len > CHANGESET_MAX)
		return ERR_NO_ROOM;
	status = batch_take(engine, &outcome->part);
	if (status == ERR_FULL) {
		forget_receipts(engine);
		batch_drop(engine);
		answer_all(engine, ERR_FULL, 0);
		answer(submission, ERR_FULL, 0);
		return OK;
	}
	if (status != OK)
		fatal(engine, "a judged change cannot be applied", status);
	batch->serial = serial_with(engine, outcome);
	batch->is_public = batch->is_public || outcome->is_public;
	batch->parts[batch->n++] = outcome->part;
	batch->bytes += len;
	receipts_add(&engine->receipts, &outcome->part.receipt,
	    engine->at.slot + 1);
	queue(batch, submission);
	return OK;
}

/* Make the batch's value the next slot's, durable on the quorum. */
static void
choose(struct engine *engine, struct hash *hash)
{
	struct batch *batch = &engine->batch;
	struct changeset_header header = {
		.slot = engine->at.slot + 1,
		.time_ms = batch->time_ms,
		.serial = batch->serial,
		.previous = engine->at.hash,
		.before = engine->at.digest,
	};
	struct blob value;
	struct reason reason = { "" };
	uint64_t slot = 0;

	enum status status = changeset_encode(&batch->arena, &value, &header,
	    batch->parts, batch->n);
	if (status != OK)
		fatal(engine, "the batch cannot be encoded", status);
	hash_ops_sodium.blake2b(hash, value.data, value.len);
	struct paxos_event submit = {
		.kind = PAXOS_SUBMIT,
		.now_ms = clock_mono_ms(),
		.value = value,
		.hash = *hash,
	};
	status = engine_step(engine, &submit, &slot, &reason);
	if (status != OK)
		fatal(engine, reason.text[0] != '\0' ? reason.text :
		    "the slot cannot be decided", status);
	ensure(slot == header.slot);
}

void
engine_decide(struct engine *engine)
{
	struct batch *batch = &engine->batch;
	struct hash hash;

	if (!batch->is_open)
		return;
	if (batch->n == 0) {
		batch_drop(engine);
		return;
	}
	choose(engine, &hash);
	batch_finish(engine, engine->at.slot + 1, &hash, batch->parts,
	    batch->n);
	answer_all(engine, OK, engine->at.slot);
	arena_reset(&batch->arena);
}
