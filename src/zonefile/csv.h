/*
 * Numbers and blocks as CSV (csv.def), both ways. RFC 4180.
 *
 *	number    digits, or a prefix and '*' for a block
 *	ocn       4 of 0-9 A-Z; may be empty at a block that has other values
 *	naptr_sip a sip: or sips: URI, \1 in it is the number; or a whole
 *	          regexp that begins with '!'
 *	others    attributes; assignee, zip, and location of a number are
 *	          whois data (below w)
 *
 * Layer 6; one thread.
 */
#ifndef ZONEFILE_CSV_H
#define ZONEFILE_CSV_H

#include "base/arena.h"
#include "registry/rrset.h"
#include "zonefile/row.h"
#include "zonefile/source.h"
#include "zonefile/table.h"

#include <stdbool.h>
#include <stdio.h>

enum csv_column {
#define COLUMN(id, name) CSV_##id,
#include "zonefile/csv.def"
#undef COLUMN
	CSV_COLUMNS
};

enum { CSV_NONE = 0xff };

/* Which column each field is; from the header. */
struct csv_header {
	uint8_t column[TABLE_FIELDS_MAX];
	size_t n;
};

/*
 * Read the first line.
 * @return OK; ERR_MALFORMED with fault: the file cannot be read as CSV of
 * numbers; ERR_IO with fault.
 */
MUST_CHECK enum status csv_read_header(struct csv_header *out,
    struct table_record *work, struct source *source, struct row_fault *fault);

/*
 * Read the next line. @param out row with its records in arena.
 * @return OK; ERR_NOT_FOUND at the end; ERR_MALFORMED with fault (go on with
 * the next line); ERR_IO with fault.
 */
MUST_CHECK enum status csv_read_row(struct row *out, struct arena *arena,
    const struct csv_header *header, struct table_record *work,
    struct source *source, struct row_fault *fault);

/* Writing: nodes come in owner order, N.w right behind N. */
struct csv_writer {
	FILE *out;
	uint64_t rows; /* written */
	uint64_t lost; /* records of numbers that the form cannot hold */
	uint64_t others; /* records of other names: left out */
	struct csv_pending *pending; /* the row being collected */
};

/* Write the header. @return OK, ERR_IO. */
MUST_CHECK enum status csv_write_start(struct csv_writer *out, FILE *file);

/* Take one node; derived ones are left out. */
void csv_write_node(struct csv_writer *writer, struct blob owner,
    const struct node *node);

/* Write the last row, release. @return OK; ERR_IO when writing failed. */
MUST_CHECK enum status csv_write_end(struct csv_writer *writer);

#endif
