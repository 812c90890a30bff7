/*
 * Batches of rows. Layer 10; one thread.
 */
#include "cmd/batch.h"

#include "base/check.h"

enum { RR_OVERHEAD = 32 }; /* bytes of an encoded record beside its data */

void
batch_reset(struct batch *batch)
{
	arena_reset(&batch->arena);
	batch->n_rrs = 0;
	batch->n_rows = 0;
	batch->bytes = 0;
	batch->n_todo = 0;
	batch->n_tries = 0;
	batch->is_sent = false;
}

bool
batch_has_room(const struct batch *batch)
{
	return batch->n_rows < BATCH_ROWS &&
	    batch->n_rrs + ROW_RRS_MAX <= BATCH_RRS &&
	    batch->bytes < BATCH_BYTES;
}

void
batch_add(struct batch *batch, const struct row *row)
{
	require(batch_has_room(batch));
	batch->paths[batch->n_rows] = row->path;
	batch->lines[batch->n_rows] = row->line;
	batch->first[batch->n_rows++] = (uint32_t)batch->n_rrs;
	for (size_t i = 0; i < row->n; i++) {
		batch->columns[batch->n_rrs] = row->columns[i];
		batch->rrs[batch->n_rrs++] = row->rrs[i];
		batch->bytes += RR_OVERHEAD + row->rrs[i].owner.len +
		    row->rrs[i].rdata.len;
	}
	batch->first[batch->n_rows] = (uint32_t)batch->n_rrs;
}

static void
push_range(struct batch *batch, uint32_t from, uint32_t to)
{
	if (from == to)
		return;
	ensure(batch->n_todo <= BATCH_ROWS);
	batch->todo[batch->n_todo++] = (struct row_range){ from, to };
}

void
batch_close(struct batch *batch)
{
	push_range(batch, 0, batch->n_rows);
}

bool
batch_next(struct batch *batch)
{
	if (batch->n_todo == 0)
		return false;
	batch->now = batch->todo[--batch->n_todo];
	batch->n_tries = 0;
	return true;
}

void
batch_split(struct batch *batch)
{
	uint32_t middle = batch->now.from +
	    (batch->now.to - batch->now.from) / 2;

	require(middle > batch->now.from);
	push_range(batch, middle, batch->now.to);
	push_range(batch, batch->now.from, middle);
}

void
batch_drop(struct batch *batch, uint32_t row)
{
	require(row >= batch->now.from && row < batch->now.to);
	push_range(batch, row + 1, batch->now.to);
	push_range(batch, batch->now.from, row);
}

uint32_t
batch_row_at(const struct batch *batch, size_t at, uint32_t *column)
{
	size_t rr = batch->first[batch->now.from] + at;
	uint32_t row = batch->now.from;

	while (row + 1 < batch->now.to && batch->first[row + 1] <= rr)
		row++;
	*column = rr < batch->first[row + 1] ? batch->columns[rr] : 1;
	return row;
}

const struct request_rr *
batch_rrs(const struct batch *batch, size_t *n)
{
	*n = batch->first[batch->now.to] - batch->first[batch->now.from];
	return batch->rrs + batch->first[batch->now.from];
}
