/*
 * One interface to the readers of import files. Layer 6; one thread.
 */
#include "zonefile/intake.h"

#include "zonefile/csv.h"
#include "zonefile/psv.h"
#include "zonefile/zone_read.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

struct intake {
	enum intake_format format;
	uint64_t size;
	struct carriers *carriers;  /* PSV; the caller's */
	struct zone_reader *zone;   /* zone */
	struct source source;       /* CSV, PSV */
	struct csv_header header;   /* CSV */
	struct table_record record; /* CSV, PSV */
};

static const char *const format_names[] = {
	[INTAKE_CSV] = "csv",
	[INTAKE_PSV] = "psv",
	[INTAKE_ZONE] = "zone",
};

enum status
intake_format_parse(enum intake_format *out, const char *name)
{
	for (unsigned i = 0; i < sizeof format_names / sizeof format_names[0];
	    i++) {
		if (strcmp(name, format_names[i]) == 0) {
			*out = (enum intake_format)i;
			return OK;
		}
	}
	return ERR_NOT_FOUND;
}

enum intake_format
intake_format_guess(const char *path)
{
	const char *dot = strrchr(path, '.');

	if (dot != NULL && strcasecmp(dot, ".csv") == 0)
		return INTAKE_CSV;
	if (dot != NULL && strcasecmp(dot, ".psv") == 0)
		return INTAKE_PSV;
	return INTAKE_ZONE;
}

enum status
intake_open(struct intake **out, enum intake_format format, const char *path,
    const struct dname *apex, struct carriers *carriers,
    struct row_fault *fault)
{
	struct intake *intake = calloc(1, sizeof *intake);
	struct stat info;
	enum status status;

	*fault = (struct row_fault){ .path = path };
	if (intake == NULL) {
		reason_set(&fault->reason, "not enough memory");
		return ERR_IO;
	}
	intake->format = format;
	intake->carriers = carriers;
	intake->source.fd = -1;
	if (stat(path, &info) == 0 && S_ISREG(info.st_mode))
		intake->size = (uint64_t)info.st_size;
	if (format == INTAKE_ZONE)
		status = zone_reader_open(&intake->zone, path, apex,
		    &fault->reason);
	else
		status = source_open(&intake->source, path, &fault->reason);
	if (status == OK && format == INTAKE_CSV) {
		status = csv_read_header(&intake->header, &intake->record,
		    &intake->source, fault);
		fault->path = path;
	}
	if (status == OK)
		*out = intake;
	else
		intake_close(intake);
	return status;
}

void
intake_close(struct intake *intake)
{
	if (intake == NULL)
		return;
	zone_reader_close(intake->zone);
	source_close(&intake->source);
	free(intake);
}

enum status
intake_next(struct intake *intake, struct row *out, struct arena *arena,
    struct row_fault *fault)
{
	switch (intake->format) {
	case INTAKE_CSV:
		return csv_read_row(out, arena, &intake->header,
		    &intake->record, &intake->source, fault);
	case INTAKE_PSV:
		return psv_read_row(out, arena, intake->carriers,
		    &intake->record, &intake->source, fault);
	case INTAKE_ZONE:
		break;
	}
	return zone_reader_next(intake->zone, out, arena, fault);
}

struct intake_progress
intake_progress(const struct intake *intake)
{
	struct intake_progress progress = { .size = intake->size };

	if (intake->format != INTAKE_ZONE) {
		progress.bytes = source_offset(&intake->source);
		return progress;
	}
	progress.bytes = zone_reader_offset(intake->zone);
	progress.signatures = zone_reader_signatures(intake->zone);
	progress.derived = zone_reader_derived(intake->zone);
	return progress;
}
