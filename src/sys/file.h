/*
 * Files behind a struct of functions, so that tests can break each of them.
 * Layer 5; any thread.
 */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include "base/reason.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* As the system calls of the same names: -1 and errno on failure. */
struct file_ops {
	int (*open)(const char *path, int flags, mode_t mode);
	ssize_t (*pread)(int fd, void *data, size_t len, off_t offset);
	ssize_t (*pwrite)(int fd, const void *data, size_t len, off_t offset);
	int (*fdatasync)(int fd);
	int (*fsync)(int fd);
	int (*ftruncate)(int fd, off_t len);
	int (*rename)(const char *from, const char *to);
	int (*unlink)(const char *path);
	int (*close)(int fd);
};

/* The real ones. */
extern const struct file_ops file_ops_system;

/*
 * Read or write exactly len bytes at offset, over short counts and EINTR.
 * file_read_at: *got out, less than len only at the end of the file.
 * @return OK; ERR_FULL (ENOSPC, EDQUOT), ERR_IO otherwise; reason says which
 * path (given for that only) and why.
 */
MUST_CHECK enum status file_read_at(const struct file_ops *ops, int fd,
    const char *path, void *data, size_t len, uint64_t offset, size_t *got,
    struct reason *reason);
MUST_CHECK enum status file_write_at(const struct file_ops *ops, int fd,
    const char *path, const void *data, size_t len, uint64_t offset,
    struct reason *reason);

/*
 * Write a small file so that it is there whole or not at all: temporary file,
 * fsync, rename, fsync of the directory.
 * @param mode e.g. 0600. @return OK, ERR_IO, ERR_FULL with reason.
 */
MUST_CHECK enum status file_replace(const struct file_ops *ops,
    const char *path, const void *data, size_t len, mode_t mode,
    struct reason *reason);

/*
 * Read a whole small file into cap bytes. @return OK, ERR_NOT_FOUND,
 * ERR_TOO_LONG (more than cap), ERR_IO with reason.
 */
MUST_CHECK enum status file_load(const char *path, void *data, size_t cap,
    size_t *len, struct reason *reason);

/* fsync a directory, so that names created in it last. */
MUST_CHECK enum status file_sync_directory(const struct file_ops *ops,
    const char *path, struct reason *reason);

#endif
