/*
 * Bundles of rows. Layer 10; one thread.
 */
#include "cmd/bundle.h"

#include "base/check.h"

enum { RR_OVERHEAD = 32 }; /* bytes of an encoded record beside its data */

void
bundle_reset(struct bundle *bundle)
{
	arena_reset(&bundle->arena);
	bundle->n_rrs = 0;
	bundle->n_rows = 0;
	bundle->bytes = 0;
	bundle->n_todo = 0;
	bundle->n_tries = 0;
	bundle->is_sent = false;
}

bool
bundle_has_room(const struct bundle *bundle)
{
	return bundle->n_rows < BUNDLE_ROWS &&
	    bundle->n_rrs + ROW_RRS_MAX <= BUNDLE_RRS &&
	    bundle->bytes < BUNDLE_BYTES;
}

void
bundle_add(struct bundle *bundle, const struct row *row)
{
	require(bundle_has_room(bundle));
	bundle->paths[bundle->n_rows] = row->path;
	bundle->lines[bundle->n_rows] = row->line;
	bundle->first[bundle->n_rows++] = (uint32_t)bundle->n_rrs;
	for (size_t i = 0; i < row->n; i++) {
		bundle->columns[bundle->n_rrs] = row->columns[i];
		bundle->rrs[bundle->n_rrs++] = row->rrs[i];
		bundle->bytes += RR_OVERHEAD + row->rrs[i].owner.len +
		    row->rrs[i].rdata.len;
	}
	bundle->first[bundle->n_rows] = (uint32_t)bundle->n_rrs;
}

static void
push_range(struct bundle *bundle, uint32_t from, uint32_t to)
{
	if (from == to)
		return;
	ensure(bundle->n_todo <= BUNDLE_ROWS);
	bundle->todo[bundle->n_todo++] = (struct row_range){ from, to };
}

void
bundle_close(struct bundle *bundle)
{
	push_range(bundle, 0, bundle->n_rows);
}

bool
bundle_next(struct bundle *bundle)
{
	if (bundle->n_todo == 0)
		return false;
	bundle->now = bundle->todo[--bundle->n_todo];
	bundle->n_tries = 0;
	return true;
}

void
bundle_split(struct bundle *bundle)
{
	uint32_t middle = bundle->now.from +
	    (bundle->now.to - bundle->now.from) / 2;

	require(middle > bundle->now.from);
	push_range(bundle, middle, bundle->now.to);
	push_range(bundle, bundle->now.from, middle);
}

void
bundle_drop(struct bundle *bundle, uint32_t row)
{
	require(row >= bundle->now.from && row < bundle->now.to);
	push_range(bundle, row + 1, bundle->now.to);
	push_range(bundle, bundle->now.from, row);
}

uint32_t
bundle_row_at(const struct bundle *bundle, size_t at, uint32_t *column)
{
	size_t rr = bundle->first[bundle->now.from] + at;
	uint32_t row = bundle->now.from;

	while (row + 1 < bundle->now.to && bundle->first[row + 1] <= rr)
		row++;
	*column = rr < bundle->first[row + 1] ? bundle->columns[rr] : 1;
	return row;
}

const struct request_rr *
bundle_rrs(const struct bundle *bundle, size_t *n)
{
	*n = bundle->first[bundle->now.to] - bundle->first[bundle->now.from];
	return bundle->rrs + bundle->first[bundle->now.from];
}
