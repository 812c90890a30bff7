/*
 * The store's directory: ours, somebody else's, a newer version's, or in use.
 * Only an empty or missing directory is taken; what is not ours is not
 * touched. Layer 6; one thread.
 *
 *	FORMAT   "e164d store 1\n"; locked by the process that uses the store
 *	BROKEN   empty; a write failed. After a failed write or sync, pages may
 *	         be torn, or in memory only and called clean, so the databases
 *	         are made again from the journal. It need not last: what goes
 *	         with the power is read from the disk again anyway.
 */
#include "store/internal.h"

#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char format_prefix[] = "e164d store ";
static const char broken_name[] = "BROKEN";

enum {
	FORMAT_CAP = 64, /* bytes of the file, with NUL */
	FILE_PATH_CAP = STORE_PATH_CAP + NAME_MAX + 2, /* bytes with NUL */
};

static char *
format_path(char out[STORE_PATH_CAP + 16], const struct store *store)
{
	snprintf(out, STORE_PATH_CAP + 16, "%s/FORMAT", store->directory);
	return out;
}

static enum status
make_directory(struct store *store, struct reason *reason)
{
	if (mkdir(store->directory, 0700) == 0 || errno == EEXIST)
		return OK;
	reason_set(reason, "cannot make %s: %s", store->directory,
	    strerror(errno));
	return errno == ENOSPC ? ERR_FULL : ERR_IO;
}

/* Nothing in it, or only the rest of an attempt to take it. */
static enum status
check_empty(struct store *store, struct reason *reason)
{
	enum status status = OK;
	DIR *directory = opendir(store->directory);

	if (directory == NULL) {
		reason_set(reason, "cannot open %s: %s", store->directory,
		    strerror(errno));
		return errno == ENOTDIR ? ERR_FOREIGN : ERR_IO;
	}
	for (struct dirent *e = readdir(directory); e != NULL && status == OK;
	     e = readdir(directory)) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    strcmp(e->d_name, "FORMAT.new") == 0)
			continue;
		reason_set(reason, "%s is not a store of this program: there "
		    "is %s in it and no file FORMAT; move it away, the store "
		    "is then made again from the journal", store->directory,
		    e->d_name);
		status = ERR_FOREIGN;
	}
	closedir(directory);
	return status;
}

static enum status
check_format(const char *path, const char *text, struct reason *reason)
{
	char *end = NULL;
	size_t prefix = sizeof format_prefix - 1;

	if (strncmp(text, format_prefix, prefix) != 0) {
		reason_set(reason, "%s is not that of a store of this "
		    "program", path);
		return ERR_FOREIGN;
	}
	unsigned long version = strtoul(text + prefix, &end, 10);
	if (end == text + prefix || strcmp(end, "\n") != 0 || version == 0) {
		reason_set(reason, "%s is damaged", path);
		return ERR_DAMAGED;
	}
	if (version > STORE_FORMAT) {
		reason_set(reason, "%s: format %lu, this program knows up to "
		    "%d", path, version, STORE_FORMAT);
		return ERR_NEWER;
	}
	return OK;
}

static enum status
lock_file(struct store *store, const char *path, struct reason *reason)
{
	store->lock_fd = open(path, O_RDWR | O_CLOEXEC);
	if (store->lock_fd < 0) {
		reason_set(reason, "cannot open %s: %s", path,
		    strerror(errno));
		return ERR_IO;
	}
	if (flock(store->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return OK;
	reason_set(reason, "%s is in use by another process",
	    store->directory);
	return errno == EWOULDBLOCK ? ERR_LOCKED : ERR_IO;
}

static char *
file_path(char out[FILE_PATH_CAP], const struct store *store,
    const char *name)
{
	snprintf(out, FILE_PATH_CAP, "%s/%s", store->directory,
	    name);
	return out;
}

void
directory_condemn(const struct store *store)
{
	char path[FILE_PATH_CAP];

	int fd = open(file_path(path, store, broken_name),
	    O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
}

/* A database or a log file of Berkeley DB. */
static bool
is_database(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL && (strcmp(dot, ".db") == 0 ||
	    strncmp(name, "log.", 4) == 0);
}

/* The databases and their log; the mark that they are broken last. */
static enum status
remove_databases(struct store *store, struct reason *reason)
{
	char path[FILE_PATH_CAP];
	int error = 0;

	DIR *directory = opendir(store->directory);
	if (directory == NULL)
		error = errno;
	while (error == 0) {
		struct dirent *e = readdir(directory);
		if (e == NULL)
			break;
		if (is_database(e->d_name) &&
		    unlink(file_path(path, store, e->d_name)) != 0)
			error = errno;
	}
	if (directory != NULL)
		closedir(directory);
	if (error == 0 && unlink(file_path(path, store, broken_name)) != 0)
		error = errno;
	if (error == 0)
		return file_sync_directory(&file_ops_system,
		    store->directory, reason);
	reason_set(reason, "cannot remove %s: %s", path, strerror(error));
	return ERR_IO;
}

enum status
directory_clear(struct store *store, const char *why, struct reason *reason)
{
	struct reason words;

	reason_set(&words, "%s", why);
	enum status status = store->config.remove(store->config.arg,
	    words.text, reason);
	if (status != OK)
		return status;
	/* so that a removal which does not come to its end is taken up */
	directory_condemn(store);
	return remove_databases(store, reason);
}

enum status
directory_clear_broken(struct store *store, struct reason *reason)
{
	char path[FILE_PATH_CAP];

	if (access(file_path(path, store, broken_name), F_OK) != 0)
		return OK;
	return directory_clear(store, "a write to the store failed in the run "
	    "before", reason);
}

enum status
directory_take(struct store *store, struct reason *reason)
{
	char path[STORE_PATH_CAP + 16];
	char text[FORMAT_CAP] = "";
	size_t len = 0;

	enum status status = make_directory(store, reason);
	if (status != OK)
		return status;
	status = file_load(format_path(path, store), text, sizeof text - 1,
	    &len, reason);
	if (status == ERR_NOT_FOUND) {
		status = check_empty(store, reason);
		if (status != OK)
			return status;
		len = (size_t)snprintf(text, sizeof text, "%s%d\n",
		    format_prefix, STORE_FORMAT);
		status = file_replace(&file_ops_system, path, text, len, 0600,
		    reason);
	}
	if (status == ERR_TOO_LONG)
		status = ERR_FOREIGN;
	if (status != OK)
		return status;
	text[len] = '\0';
	status = check_format(path, text, reason);
	if (status != OK)
		return status;
	return lock_file(store, path, reason);
}

void
directory_release(struct store *store)
{
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	store->lock_fd = -1;
}
