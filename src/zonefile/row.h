/*
 * What all readers of import files give: rows, each the records that one place
 * of the file asks to add, or a fault of that place. Layer 6.
 */
#ifndef ZONEFILE_ROW_H
#define ZONEFILE_ROW_H

#include "base/arena.h"
#include "base/reason.h"
#include "registry/request.h"

#include <stddef.h>
#include <stdint.h>

enum {
	ROW_RRS_MAX = 16,       /* records of one row */
	ROW_TTL = 300,          /* seconds, where a format has no TTL */
	ROW_TTL_OCN = 3600,     /* seconds, of OCN information */
	ROW_TEXT_MAX = 255,     /* bytes of a character-string, RFC 1035 3.3 */
};

/* Records to add: class IN, blobs in the arena that was handed in. */
struct row {
	const char *path; /* of the file, lives until the reader is closed */
	uint64_t line;    /* from 1 */
	struct request_rr rrs[ROW_RRS_MAX];
	uint32_t columns[ROW_RRS_MAX]; /* where each comes from, from 1 */
	size_t n;
};

/* What is wrong with a file, and where. */
struct row_fault {
	const char *path;
	uint64_t line; /* 0: the whole file */
	uint32_t column;
	struct reason reason;
};

/*
 * Append a record to a row. @param owner, rdata copied into the arena.
 * The row must have room: every format's most is below ROW_RRS_MAX.
 */
void row_add(struct row *row, struct arena *arena, struct blob owner,
    uint16_t type, uint32_t ttl, struct blob rdata, uint32_t column);

/*
 * Append TXT "attribute=value". @return OK; ERR_TOO_LONG above 255 bytes.
 */
MUST_CHECK enum status row_add_attribute(struct row *row, struct arena *arena,
    struct blob owner, uint32_t ttl, const char *attribute, struct blob value,
    uint32_t column);

#endif
