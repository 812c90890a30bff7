/*
 * A batch of rows on its way to the registry: one request, or, after a
 * refusal, several, each a range of its rows. Layer 10; one thread.
 *
 *	rows   [0]  [1]  [2]  ...       a row is atomic
 *	rrs    ..|..|....|.|..          row i: rrs first[i] .. first[i + 1]
 *	ranges still to be sent: a stack; the one on its way is `now`
 */
#ifndef CMD_BATCH_H
#define CMD_BATCH_H

#include "base/arena.h"
#include "registry/request.h"
#include "zonefile/row.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BATCH_ROWS = 1000,
	BATCH_RRS = 6000,
	BATCH_BYTES = 384 * 1024, /* of owners and data, before it is sent */
};

struct row_range {
	uint32_t from;
	uint32_t to; /* behind the last */
};

struct batch {
	struct arena arena;        /* the rows' */
	struct request_rr rrs[BATCH_RRS];
	uint32_t columns[BATCH_RRS];
	size_t n_rrs;
	uint32_t first[BATCH_ROWS + 1];
	const char *paths[BATCH_ROWS];
	uint64_t lines[BATCH_ROWS];
	uint32_t n_rows;
	size_t bytes;
	bool is_sent; /* now is on its way */
	struct row_range now;
	struct row_range todo[BATCH_ROWS + 1];
	size_t n_todo;
	uint32_t n_tries; /* of now, when the registry was busy */
};

/* Empty. An all-zero batch is empty too, but for batch_fini. */
void batch_reset(struct batch *batch);

/* Another row may come. */
bool batch_has_room(const struct batch *batch);

/* Take a row whose blobs lie in batch->arena. */
void batch_add(struct batch *batch, const struct row *row);

/* All rows become the range to be sent. */
void batch_close(struct batch *batch);

/* Make the next range `now`. @return false: nothing is left. */
bool batch_next(struct batch *batch);

/* `now` in two halves, to be sent one after the other; more than one row. */
void batch_split(struct batch *batch);

/* `now` without a row of it. */
void batch_drop(struct batch *batch, uint32_t row);

/* The row of record at of `now` (0 is the first record of the range). */
uint32_t batch_row_at(const struct batch *batch, size_t at, uint32_t *column);

/* Records of `now`. @param n out. */
const struct request_rr *batch_rrs(const struct batch *batch, size_t *n);

#endif
