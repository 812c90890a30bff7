/*
 * Import files: the first byte is the form (c, p, else zone), the rest the
 * file. Every row that is taken has sound names and data; every fault has a
 * reason and a place in the file; the reader comes to an end.
 */
#include "fuzz/fuzz.h"

#include "dns/rdata.h"
#include "zonefile/intake.h"
#include "zonefile/rdata_text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct dname apex = { .len = 14, .bytes = "\4e164\7example" };
static char dir[] = "/tmp/e164d-fuzz-XXXXXX";
static char path[sizeof dir + 3];

static void
leave(void)
{
	(void)unlink(path);
	(void)rmdir(dir);
}

/* The input as file "in" of a directory of its own, so that an $INCLUDE finds
 * nothing else. */
static void
write_input(const uint8_t *data, size_t len)
{
	if (path[0] == '\0') {
		FUZZ_CHECK(mkdtemp(dir) != NULL && atexit(leave) == 0);
		snprintf(path, sizeof path, "%s/in", dir);
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	FUZZ_CHECK(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	close(fd);
}

static void
check_row(const struct row *row)
{
	static char text[RDATA_TEXT_MAX];

	FUZZ_CHECK(row->n > 0 && row->n <= ROW_RRS_MAX && row->line > 0);
	for (size_t i = 0; i < row->n; i++) {
		const struct request_rr *rr = &row->rrs[i];
		FUZZ_CHECK(owner_is_valid(rr->owner));
		FUZZ_CHECK(rdata_check(rr->type, rr->rdata, NULL) == OK);
		FUZZ_CHECK(rdata_format(text, rr->type, rr->rdata) > 0 ||
		    rr->rdata.len == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct intake *intake = NULL;
	struct row_fault fault;
	struct row row;
	struct arena arena;

	if (len == 0)
		return 0;
	write_input(data + 1, len - 1);
	struct carriers *carriers = carriers_create();
	FUZZ_CHECK(carriers != NULL);
	arena_init(&arena);
	enum status status = intake_open(&intake, data[0] == 'c' ?
	    INTAKE_CSV : data[0] == 'p' ? INTAKE_PSV : INTAKE_ZONE, path,
	    &apex, carriers, &fault);
	FUZZ_CHECK(status == OK || fault.reason.text[0] != '\0');
	while (status == OK || status == ERR_MALFORMED) {
		if (intake == NULL)
			break;
		arena_reset(&arena);
		status = intake_next(intake, &row, &arena, &fault);
		if (status == OK)
			check_row(&row);
		else if (status != ERR_NOT_FOUND)
			FUZZ_CHECK(fault.reason.text[0] != '\0' &&
			    fault.path != NULL);
	}
	intake_close(intake);
	arena_fini(&arena);
	carriers_destroy(carriers);
	return 0;
}
