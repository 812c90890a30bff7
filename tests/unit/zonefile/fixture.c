/*
 * Import files for the tests of zonefile.
 */
#include "unit/unit.h"

#include "unit/zonefile/fixture.h"

#include "zonefile/rdata_text.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

const struct dname test_apex = {
	.len = 14,
	.bytes = "\4e164\7example",
};

static char rdata_line[RDATA_TEXT_MAX];

int
fixture_enter(void **state)
{
	static char dir[] = "/tmp/e164d-zonefile-XXXXXX";

	*state = mkdtemp(dir);
	return *state == NULL ? -1 : chdir(dir);
}

int
fixture_leave(void **state)
{
	DIR *dir = opendir(".");
	struct dirent *entry;

	if (dir == NULL)
		return -1;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.' && unlink(entry->d_name) != 0)
			(void)rmdir(entry->d_name);
	}
	closedir(dir);
	return chdir("/") != 0 ? -1 : rmdir(*state);
}

void
fixture_write(const char *name, const void *text, size_t len)
{
	FILE *file = fopen(name, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void
print_row(FILE *out, const struct row *row)
{
	static const struct dname root = { .len = 1, .bytes = { 0 } };
	char name[NAME_TEXT_MAX];
	char type[TYPE_TEXT_MAX];

	fprintf(out, "%" PRIu64 ":", row->line);
	for (size_t i = 0; i < row->n; i++) {
		const struct request_rr *rr = &row->rrs[i];
		assert_int_equal(rr->rclass, 1);
		(void)rdata_format(rdata_line, rr->type, rr->rdata);
		fprintf(out, "%s %s %u %s %s", i > 0 ? " |" : "",
		    owner_format(name, sizeof name, rr->owner, &root),
		    (unsigned)rr->ttl, type_format(type, rr->type),
		    rdata_line);
	}
	fputc('\n', out);
}

static void
print_fault(FILE *out, const struct row_fault *fault)
{
	fprintf(out, "%" PRIu64 ":%u! %s\n", fault->line,
	    (unsigned)fault->column, fault->reason.text);
}

char *
fixture_read(enum intake_format format, const char *name,
    struct carriers *carriers)
{
	struct intake *intake = NULL;
	struct row_fault fault;
	struct row row;
	struct arena arena;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	arena_init(&arena);
	enum status status = intake_open(&intake, format, name, &test_apex,
	    carriers, &fault);
	if (status != OK)
		print_fault(out, &fault);
	while (status == OK || status == ERR_MALFORMED) {
		if (intake == NULL)
			break;
		status = intake_next(intake, &row, &arena, &fault);
		if (status == OK)
			print_row(out, &row);
		else if (status != ERR_NOT_FOUND)
			print_fault(out, &fault);
		arena_reset(&arena);
	}
	if (status == ERR_NOT_FOUND && intake != NULL)
		fputs("end\n", out);
	intake_close(intake);
	arena_fini(&arena);
	fclose(out);
	return text;
}

void
fixture_expect(enum intake_format format, const char *text, const char *want)
{
	struct carriers *carriers = carriers_create();

	fixture_write("in", text, strlen(text));
	char *got = fixture_read(format, "in", carriers);
	assert_string_equal(got, want);
	free(got);
	carriers_destroy(carriers);
}
