/*
 * Blocks as `prefix|carrier name`, one a line: the form of contrib/real-blocks.
 * The carrier gets an OCN (zonefile/carriers.h), which is registered with its
 * name where it first appears. Layer 6; one thread.
 */
#ifndef ZONEFILE_PSV_H
#define ZONEFILE_PSV_H

#include "zonefile/carriers.h"
#include "zonefile/row.h"
#include "zonefile/source.h"
#include "zonefile/table.h"

/*
 * Read the next line. @param out row with its records in arena.
 * @return as csv_read_row.
 */
MUST_CHECK enum status psv_read_row(struct row *out, struct arena *arena,
    struct carriers *carriers, struct table_record *work,
    struct source *source, struct row_fault *fault);

#endif
