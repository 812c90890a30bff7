/*
 * The reading of one import file, and what must hold for it. What is costly to
 * make (4 MB of carriers, a folder) is made once for many inputs.
 */
#include "fuzz/intake_input.h"

#include "fuzz/fuzz.h"

#include "dns/rdata.h"
#include "zonefile/rdata_text.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum {
	CARRIERS_USES = 1000,  /* files that may add to one table of carriers */
	FORMATTED_MAX = 4,     /* records of a row that are also written */
};

static const struct dname apex = { .len = 14, .bytes = "\4e164\7example" };
static char dir[] = "/tmp/e164d-fuzz-XXXXXX";
static char path[sizeof dir + 3];
static struct carriers *carriers;

static void
leave(void)
{
	carriers_destroy(carriers);
	(void)unlink(path);
	(void)rmdir(dir);
}

/*
 * The input as file "in" of a directory of its own, so that an $INCLUDE finds
 * nothing else. It stays open: a file that is cut to nothing, written and
 * closed is sent to the disk at once by some file systems.
 */
static void
write_input(const uint8_t *data, size_t len)
{
	static int fd = -1;

	if (fd < 0) {
		FUZZ_CHECK(mkdtemp(dir) != NULL && atexit(leave) == 0);
		snprintf(path, sizeof path, "%s/in", dir);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	}
	FUZZ_CHECK(fd >= 0 && pwrite(fd, data, len, 0) == (ssize_t)len &&
	    ftruncate(fd, (off_t)len) == 0);
}

static void
have_carriers(void)
{
	static unsigned uses;
	const struct blob carrier = { (const uint8_t *)"Columbia", 8 };

	if (uses++ % CARRIERS_USES != 0)
		return;
	carriers_destroy(carriers);
	carriers = carriers_create();
	FUZZ_CHECK(carriers != NULL);
	/* one that is registered, one OCN without a name, one that is none */
	FUZZ_CHECK(carriers_enter(carriers, "1510", carrier) == OK);
	FUZZ_CHECK(carriers_enter(carriers, "A000", (struct blob){ 0 }) == OK);
	FUZZ_CHECK(carriers_enter(carriers, "a-0", carrier) == OK);
	FUZZ_CHECK(carriers_enter(carriers, "1", carrier) == OK);
	FUZZ_CHECK(carriers_enter(carriers, "1511", carrier) == OK);
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
		FUZZ_CHECK(i >= FORMATTED_MAX || rr->rdata.len == 0 ||
		    rdata_format(text, rr->type, rr->rdata) > 0);
	}
}

void
intake_input_run(enum intake_format format, const uint8_t *data, size_t len)
{
	struct intake *intake = NULL;
	struct row_fault fault;
	struct row row;
	struct arena arena;

	write_input(data, len);
	have_carriers();
	arena_init(&arena);
	enum status status = intake_open(&intake, format, path, &apex,
	    carriers, &fault);
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
	if (intake != NULL && status == ERR_NOT_FOUND)
		FUZZ_CHECK(intake_progress(intake).bytes >= len);
	intake_close(intake);
	arena_fini(&arena);
}
