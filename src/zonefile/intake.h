/*
 * An import file of any form as a stream of rows. Layer 6; one thread.
 */
#ifndef ZONEFILE_INTAKE_H
#define ZONEFILE_INTAKE_H

#include "base/arena.h"
#include "dns/name.h"
#include "zonefile/carriers.h"
#include "zonefile/row.h"

#include <stdint.h>

enum intake_format { INTAKE_CSV, INTAKE_PSV, INTAKE_ZONE };

struct intake;

/*
 * Form by its name ("csv", "psv", "zone").
 * @return OK; ERR_NOT_FOUND.
 */
MUST_CHECK enum status intake_format_parse(enum intake_format *out,
    const char *name);

/* Form by the file's name: .csv, .psv, all else zone. */
enum intake_format intake_format_guess(const char *path);

/*
 * Open a file and read its header if the form has one.
 * @param apex of the zone. @param carriers for PSV: kept, may grow.
 * @return OK; ERR_NOT_FOUND, ERR_IO, ERR_MALFORMED with fault.
 */
MUST_CHECK enum status intake_open(struct intake **out,
    enum intake_format format, const char *path, const struct dname *apex,
    struct carriers *carriers, struct row_fault *fault);
void intake_close(struct intake *intake);

/*
 * The next row. @param out records in arena; at least one.
 * @return OK; ERR_NOT_FOUND at the end; ERR_MALFORMED with fault (reading may
 * go on); ERR_FOREIGN (another zone), ERR_IO with fault: no way on.
 */
MUST_CHECK enum status intake_next(struct intake *intake, struct row *out,
    struct arena *arena, struct row_fault *fault);

struct intake_progress {
	uint64_t bytes;      /* read */
	uint64_t size;       /* of the file, 0: not known */
	uint64_t signatures; /* records of a signer that were left out */
	uint64_t derived;    /* derived records that were left out */
};
struct intake_progress intake_progress(const struct intake *intake);

#endif
