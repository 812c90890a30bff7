/*
 * A bundle of rows on its way to the registry: one request, or, after a
 * refusal, several, each a range of its rows. Layer 10; one thread.
 *
 *	rows   [0]  [1]  [2]  ...       a row is atomic
 *	rrs    ..|..|....|.|..          row i: rrs first[i] .. first[i + 1]
 *	ranges still to be sent: a stack; the one on its way is `now`
 */
#ifndef CMD_BUNDLE_H
#define CMD_BUNDLE_H

#include "base/arena.h"
#include "registry/request.h"
#include "zonefile/row.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BUNDLE_ROWS = 1000,
	BUNDLE_RRS = 6000,
	BUNDLE_BYTES = 384 * 1024, /* of owners and data, before it is sent */
};

struct row_range {
	uint32_t from;
	uint32_t to; /* behind the last */
};

struct bundle {
	struct arena arena;        /* the rows' */
	struct request_rr rrs[BUNDLE_RRS];
	uint32_t columns[BUNDLE_RRS];
	size_t n_rrs;
	uint32_t first[BUNDLE_ROWS + 1];
	const char *paths[BUNDLE_ROWS];
	uint64_t lines[BUNDLE_ROWS];
	uint32_t n_rows;
	size_t bytes;
	uint64_t end_bytes; /* of the file, read when it was filled */
	bool is_sent; /* now is on its way */
	struct row_range now;
	struct row_range todo[BUNDLE_ROWS + 1];
	size_t n_todo;
	uint32_t n_tries; /* of now, when the registry was busy */
};

/* Empty. An all-zero bundle is empty too, but for bundle_fini. */
void bundle_reset(struct bundle *bundle);

/* Another row may come. */
bool bundle_has_room(const struct bundle *bundle);

/* Take a row whose blobs lie in bundle->arena. */
void bundle_add(struct bundle *bundle, const struct row *row);

/* All rows become the range to be sent. */
void bundle_close(struct bundle *bundle);

/* Make the next range `now`. @return false: nothing is left. */
bool bundle_next(struct bundle *bundle);

/* `now` in two halves, to be sent one after the other; more than one row. */
void bundle_split(struct bundle *bundle);

/* `now` without a row of it. */
void bundle_drop(struct bundle *bundle, uint32_t row);

/* The row of record at of `now` (0 is the first record of the range). */
uint32_t bundle_row_at(const struct bundle *bundle, size_t at,
    uint32_t *column);

/* Records of `now`. @param n out. */
const struct request_rr *bundle_rrs(const struct bundle *bundle, size_t *n);

#endif
