/*
 * Rows of fields: CSV as RFC 4180 has it, and fields between bars (PSV).
 * Refuses text that is not UTF-8, control characters, records over
 * TABLE_RECORD_MAX. Layer 6; one thread.
 */
#ifndef ZONEFILE_TABLE_H
#define ZONEFILE_TABLE_H

#include "base/bytes.h"
#include "base/status.h"
#include "zonefile/row.h"
#include "zonefile/source.h"

enum {
	TABLE_FIELDS_MAX = 32,
	TABLE_RECORD_MAX = 16 * 1024, /* bytes of a record without quotes */
};

enum table_form { TABLE_CSV, TABLE_PSV };

struct field {
	struct blob text; /* quotes taken off */
	uint32_t column;
};

struct table_record {
	uint64_t line;
	struct field fields[TABLE_FIELDS_MAX];
	size_t n; /* at least 1 */
	uint8_t bytes[TABLE_RECORD_MAX];
};

/*
 * Read the next record that is not empty.
 * @return OK; ERR_NOT_FOUND at the end; ERR_MALFORMED with fault (the source
 * stands behind the bad line, reading may go on); ERR_IO with fault.
 */
MUST_CHECK enum status table_read(struct table_record *out,
    struct source *source, enum table_form form, struct row_fault *fault);

#endif
