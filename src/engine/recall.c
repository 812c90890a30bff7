/*
 * Receipts back from the journal's tail after a start. Layer 8; the engine
 * thread.
 */
#include "engine/internal.h"

#include "base/check.h"

/* Time signed is at most FUDGE_MAX_S ahead of the slot's. */
enum { RECALL_MS = (FUDGE_MAX_S + RECEIPT_KEPT_S + 1) * 1000 };

static enum status
recall_slot(void *arg, uint64_t slot, struct hash hash, struct blob value)
{
	struct engine *engine = arg;
	struct arena *arena = &engine->batch.arena;
	struct changeset_header header;
	const struct part *parts;
	size_t n_parts = 0;

	(void)hash; /* the journal has compared it */
	enum status status = changeset_decode(arena, &header, &parts,
	    &n_parts, value);
	for (size_t i = 0; i < n_parts && status == OK; i++)
		receipts_add(&engine->receipts, &parts[i].receipt, slot);
	arena_reset(arena);
	return status;
}

size_t
engine_recall(struct engine *engine)
{
	uint64_t now_ms = engine->at.time_ms;
	uint64_t since_ms = now_ms > RECALL_MS ? now_ms - RECALL_MS : 0;
	struct reason reason;
	uint64_t first;

	require(!engine->batch.is_open);
	receipts_advance(&engine->receipts, now_ms);
	if (!store_slot_at(engine->store, since_ms, &first))
		return 0;
	enum status status = journal_walk(engine->journal, first,
	    engine->at.slot, recall_slot, engine);
	if (status == OK)
		return engine->receipts.n;
	reason_set(&reason, "receipts cannot be read back from the journal: "
	    "%s", status_text(status));
	engine->config.fatal(engine->config.arg, reason.text);
	never("fatal returned");
}
