/*
 * Files: whole reads and writes over short counts, small files replaced as one,
 * reasons in words. Decides nothing about a failed sync: that is the caller's
 * end. Layer 5; any thread.
 */
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_CAP = 4096 }; /* bytes with NUL */

static int
system_open(const char *path, int flags, mode_t mode)
{
	return open(path, flags | O_CLOEXEC, mode);
}

const struct file_ops file_ops_system = {
	.open = system_open,
	.pread = pread,
	.pwrite = pwrite,
	.fdatasync = fdatasync,
	.fsync = fsync,
	.ftruncate = ftruncate,
	.rename = rename,
	.unlink = unlink,
	.close = close,
};

/* What errno means to the caller, and the words for it. */
static enum status
fail(const char *doing, const char *path, struct reason *reason)
{
	int error = errno;

	reason_set(reason, "cannot %s %s: %s", doing, path, strerror(error));
	if (error == ENOSPC || error == EDQUOT)
		return ERR_FULL;
	return error == ENOENT ? ERR_NOT_FOUND : ERR_IO;
}

/* The same where a missing file is no answer that the caller knows. */
static enum status
fail_io(const char *doing, const char *path, struct reason *reason)
{
	enum status status = fail(doing, path, reason);

	return status == ERR_NOT_FOUND ? ERR_IO : status;
}

enum status
file_read_at(const struct file_ops *ops, int fd, const char *path, void *data,
    size_t len, uint64_t offset, size_t *got, struct reason *reason)
{
	uint8_t *to = data;
	size_t done = 0;

	while (done < len) {
		ssize_t n = ops->pread(fd, to + done, len - done,
		    (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_io("read", path, reason);
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*got = done;
	return OK;
}

enum status
file_write_at(const struct file_ops *ops, int fd, const char *path,
    const void *data, size_t len, uint64_t offset, struct reason *reason)
{
	const uint8_t *from = data;
	size_t done = 0;

	while (done < len) {
		ssize_t n = ops->pwrite(fd, from + done, len - done,
		    (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return fail_io("write", path, reason);
		done += (size_t)n;
	}
	return OK;
}

/* Directory part of path into out. */
static enum status
directory_of(char out[PATH_CAP], const char *path, struct reason *reason)
{
	const char *slash = strrchr(path, '/');
	int n = 0;

	if (slash == NULL)
		n = snprintf(out, PATH_CAP, ".");
	else if (slash == path)
		n = snprintf(out, PATH_CAP, "/");
	else
		n = snprintf(out, PATH_CAP, "%.*s", (int)(slash - path), path);
	if (n < 0 || n >= PATH_CAP) {
		errno = ENAMETOOLONG;
		return fail_io("use", path, reason);
	}
	return OK;
}

/* Make the file with its content, synced. */
static enum status
write_new(const struct file_ops *ops, const char *path, const void *data,
    size_t len, mode_t mode, struct reason *reason)
{
	int fd = ops->open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
	    mode);

	if (fd < 0)
		return fail_io("create", path, reason);
	enum status status =
	    file_write_at(ops, fd, path, data, len, 0, reason);
	if (status == OK && ops->fsync(fd) != 0)
		status = fail_io("sync", path, reason);
	if (ops->close(fd) != 0 && status == OK)
		status = fail_io("close", path, reason);
	return status;
}

enum status
file_replace(const struct file_ops *ops, const char *path, const void *data,
    size_t len, mode_t mode, struct reason *reason)
{
	char directory[PATH_CAP];
	char temporary[PATH_CAP];

	enum status status = directory_of(directory, path, reason);
	if (status != OK)
		return status;
	int n = snprintf(temporary, sizeof temporary, "%s.new", path);
	if (n < 0 || n >= PATH_CAP) {
		errno = ENAMETOOLONG;
		return fail_io("use", path, reason);
	}
	/* what an earlier attempt left behind */
	if (ops->unlink(temporary) != 0 && errno != ENOENT)
		return fail_io("remove", temporary, reason);
	status = write_new(ops, temporary, data, len, mode, reason);
	if (status == OK && ops->rename(temporary, path) != 0)
		status = fail_io("rename to", path, reason);
	if (status != OK) {
		(void)ops->unlink(temporary);
		return status;
	}
	return file_sync_directory(ops, directory, reason);
}

enum status
file_load(const char *path, void *data, size_t cap, size_t *len,
    struct reason *reason)
{
	uint8_t beyond = 0;
	size_t got = 0;
	size_t more = 0;
	int fd = system_open(path, O_RDONLY, 0);

	if (fd < 0)
		return fail("open", path, reason);
	enum status status = file_read_at(&file_ops_system, fd, path, data,
	    cap, 0, &got, reason);
	if (status == OK)
		status = file_read_at(&file_ops_system, fd, path, &beyond, 1,
		    cap, &more, reason);
	close(fd);
	if (status != OK)
		return status;
	if (more > 0) {
		reason_set(reason, "%s is longer than %zu bytes", path, cap);
		return ERR_TOO_LONG;
	}
	*len = got;
	return OK;
}

enum status
file_sync_directory(const struct file_ops *ops, const char *path,
    struct reason *reason)
{
	int fd = ops->open(path, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0)
		return fail_io("open", path, reason);
	enum status status = OK;
	if (ops->fsync(fd) != 0)
		status = fail_io("sync", path, reason);
	if (ops->close(fd) != 0 && status == OK)
		status = fail_io("close", path, reason);
	return status;
}
