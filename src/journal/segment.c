/*
 * Files of the journal/ directory: names, listing, making of new ones. A new
 * segment is really written with zeroes, because a file whose blocks were only
 * reserved makes every later sync slower. Layer 6; any thread.
 */
#include "journal/internal.h"

#include "base/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_DIGITS = 8 };

void *
journal_alloc(void *old, size_t len)
{
	void *out = realloc(old, len);

	if (out == NULL)
		check_fail("memory", "journal", __FILE__, __LINE__);
	return out;
}

char *
segment_name(char out[SEGMENT_NAME_CAP], uint32_t number)
{
	snprintf(out, SEGMENT_NAME_CAP, "%08" PRIx32 ".seg", number);
	return out;
}

char *
segment_path(char out[JOURNAL_PATH_CAP], const struct journal_config *config,
    uint32_t number, const char *suffix)
{
	char name[SEGMENT_NAME_CAP];
	int n = snprintf(out, JOURNAL_PATH_CAP, "%s/journal/%s%s",
	    config->directory, segment_name(name, number), suffix);

	require(n > 0 && n < JOURNAL_PATH_CAP);
	return out;
}

enum status
segment_open(int *fd, const struct journal_config *config, uint32_t number,
    struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];

	*fd = config->files->open(segment_path(path, config, number, ""),
	    O_RDWR, 0);
	if (*fd >= 0)
		return OK;
	reason_set(reason, "cannot open %s: %s", path, strerror(errno));
	return ERR_IO;
}

/* Zeroes, synced slice by slice so that no other sync waits long for them. */
static enum status
fill(const struct journal_config *config, int fd, const char *path,
    bool (*stop)(void *arg, size_t at), void *arg, struct reason *reason)
{
	const struct file_ops *files = config->files;
	uint8_t *zeroes = journal_alloc(NULL, SLICE_LEN);
	size_t len = config->segment_len;
	enum status status = OK;

	memset(zeroes, 0, SLICE_LEN);
	for (size_t at = 0; at < len && status == OK; at += SLICE_LEN) {
		size_t n = len - at < SLICE_LEN ? len - at : SLICE_LEN;
		if (stop != NULL && stop(arg, at)) {
			status = ERR_CLOSED;
			break;
		}
		status = file_write_at(files, fd, path, zeroes, n, at,
		    reason);
		if (status == OK && files->fdatasync(fd) != 0) {
			reason_set(reason, "cannot sync %s: %s", path,
			    strerror(errno));
			status = ERR_IO;
		}
	}
	free(zeroes);
	return status;
}

enum status
segment_make(const struct journal_config *config, uint32_t number,
    bool (*stop)(void *arg, size_t at), void *arg, struct reason *reason)
{
	const struct file_ops *files = config->files;
	char temporary[JOURNAL_PATH_CAP];
	char path[JOURNAL_PATH_CAP];

	segment_path(temporary, config, number, ".new");
	segment_path(path, config, number, "");
	(void)files->unlink(temporary);
	int fd = files->open(temporary, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0) {
		reason_set(reason, "cannot create %s: %s", temporary,
		    strerror(errno));
		return errno == ENOSPC ? ERR_FULL : ERR_IO;
	}
	enum status status = fill(config, fd, temporary, stop, arg, reason);
	if (files->close(fd) != 0 && status == OK) {
		reason_set(reason, "cannot close %s: %s", temporary,
		    strerror(errno));
		status = ERR_IO;
	}
	if (status == OK && files->rename(temporary, path) != 0) {
		reason_set(reason, "cannot rename %s to %s: %s", temporary,
		    path, strerror(errno));
		status = ERR_IO;
	}
	if (status != OK) {
		(void)files->unlink(temporary);
		return status;
	}
	char *slash = strrchr(path, '/');
	*slash = '\0';
	return file_sync_directory(files, path, reason);
}

/* The number in a segment's file name. false: not a segment. */
static bool
parse_name(const char *name, uint32_t *number)
{
	char same[SEGMENT_NAME_CAP];
	unsigned long value = 0;

	if (strlen(name) != NAME_DIGITS + strlen(".seg") ||
	    strspn(name, "0123456789abcdef") != NAME_DIGITS)
		return false;
	value = strtoul(name, NULL, 16);
	if (value == 0 || value >= UINT32_MAX)
		return false;
	*number = (uint32_t)value;
	return strcmp(segment_name(same, *number), name) == 0;
}

static int
compare_numbers(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	return *x < *y ? -1 : *x > *y;
}

enum status
segment_list(uint32_t **out, size_t *n, const struct journal_config *config,
    struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	uint32_t *numbers = NULL;
	size_t count = 0;

	snprintf(path, sizeof path, "%s/journal", config->directory);
	DIR *directory = opendir(path);
	if (directory == NULL) {
		reason_set(reason, "cannot open %s: %s", path,
		    strerror(errno));
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	}
	for (struct dirent *e = readdir(directory); e != NULL;
	     e = readdir(directory)) {
		uint32_t number = 0;
		if (!parse_name(e->d_name, &number))
			continue;
		numbers = journal_alloc(numbers,
		    (count + 1) * sizeof *numbers);
		numbers[count++] = number;
	}
	closedir(directory);
	if (count == 0) {
		reason_set(reason, "%s has no segments", path);
		return ERR_NOT_FOUND;
	}
	qsort(numbers, count, sizeof *numbers, compare_numbers);
	*out = numbers;
	*n = count;
	return OK;
}
