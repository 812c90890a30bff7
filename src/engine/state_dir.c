/*
 * The state directory. Nothing is written into a directory before it is known
 * to be ours. Layer 8; one thread.
 */
#include "engine/state_dir.h"

#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
	IDENTITY_CAP = 2048, /* bytes of the identity file at most */
	IDENTITY_VERSION = 1,
	GROUP_HEX_LEN = 2 * GROUP_ID_LEN,
	OPEN_FDS = 16, /* of a removal */
};

static const char identity_word[] = "e164d state ";
static const char unfinished[] = "unfinished"; /* there until init is done */

char *
state_dir_file(char out[STATE_FILE_MAX], const struct state_dir *dir,
    const char *name)
{
	snprintf(out, STATE_FILE_MAX, "%s/%s", dir->path, name);
	return out;
}

/* FNV-1a, 64 bit: against slips and bad sectors, not against people. */
static uint64_t
checksum(const char *text, size_t len)
{
	uint64_t sum = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (uint8_t)text[i]) * 0x100000001b3u;
	return sum;
}

static size_t
identity_write(char text[IDENTITY_CAP], const struct identity *identity)
{
	char zone[NAME_TEXT_MAX];
	char group[GROUP_HEX_LEN + 1];

	for (size_t i = 0; i < GROUP_ID_LEN; i++)
		snprintf(group + 2 * i, 3, "%02x", identity->group[i]);
	int len = snprintf(text, IDENTITY_CAP,
	    "%s%d\nregistrar %s\nid %u\ngroup %s\nzone %s\n", identity_word,
	    IDENTITY_VERSION, identity->registrar, identity->id, group,
	    dname_format(zone, sizeof zone, &identity->zone));
	len += snprintf(text + len, IDENTITY_CAP - (size_t)len,
	    "check %016llx\n",
	    (unsigned long long)checksum(text, (size_t)len));
	return (size_t)len;
}

/* The value of line `word value`; *at moves to the next line. NULL: other. */
static char *
take_line(char **at, const char *word)
{
	size_t word_len = strlen(word);
	char *end = strchr(*at, '\n');

	if (end == NULL || strncmp(*at, word, word_len) != 0 ||
	    (*at)[word_len] != ' ')
		return NULL;
	char *value = *at + word_len + 1;
	*end = '\0';
	*at = end + 1;
	return value;
}

static bool
read_hex(uint8_t *out, size_t len, const char *text)
{
	if (strlen(text) != 2 * len ||
	    strspn(text, "0123456789abcdef") != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		char pair[3] = { text[2 * i], text[2 * i + 1], '\0' };
		out[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return true;
}

static bool
read_fields(struct identity *out, char *at)
{
	const char *registrar = take_line(&at, "registrar");
	const char *id = registrar ? take_line(&at, "id") : NULL;
	const char *group = id ? take_line(&at, "group") : NULL;
	const char *zone = group ? take_line(&at, "zone") : NULL;

	if (zone == NULL || strlen(registrar) >= sizeof out->registrar)
		return false;
	unsigned long number = strtoul(id, NULL, 10);
	if (number == 0 || number > UINT32_MAX)
		return false;
	snprintf(out->registrar, sizeof out->registrar, "%s", registrar);
	out->id = (uint32_t)number;
	return read_hex(out->group, GROUP_ID_LEN, group) &&
	    dname_parse(&out->zone, zone, strlen(zone), NULL) == OK;
}

static enum status
identity_read(struct identity *out, char *text, size_t len, const char *path,
    struct reason *reason)
{
	size_t word_len = sizeof identity_word - 1;

	text[len] = '\0';
	if (strncmp(text, identity_word, word_len) != 0) {
		reason_set(reason, "%s is not e164d's: the directory belongs "
		    "to something else", path);
		return ERR_FOREIGN;
	}
	char *at = NULL;
	unsigned long version = strtoul(text + word_len, &at, 10);
	if (version > IDENTITY_VERSION) {
		reason_set(reason, "%s says format %lu, this program knows up "
		    "to %d: run the newer version", path, version,
		    IDENTITY_VERSION);
		return ERR_NEWER;
	}
	/* What was read, written again, must be the same bytes. */
	char again[IDENTITY_CAP];
	char copy[IDENTITY_CAP];
	memcpy(copy, text, len + 1);
	if (*at != '\n' || !read_fields(out, copy + (at + 1 - text)) ||
	    identity_write(again, out) != len ||
	    memcmp(again, text, len) != 0) {
		reason_set(reason, "%s is damaged; put it back from a backup",
		    path);
		return ERR_DAMAGED;
	}
	return OK;
}

/* Names in the directory other than . and .. */
static bool
is_empty(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;

	if (dir == NULL)
		return errno == ENOENT;
	while (readdir(dir) != NULL && n < 3)
		n++;
	closedir(dir);
	return n <= 2;
}

static enum status
take_lock(struct state_dir *dir, int flags, struct reason *reason)
{
	char path[STATE_FILE_MAX];
	char owner[32] = "";

	state_dir_file(path, dir, "lock");
	int fd = open(path, O_RDWR | O_CLOEXEC | flags, 0600);
	if (fd < 0) {
		reason_set(reason, "%s: %s", path, strerror(errno));
		return errno == ENOENT ? ERR_DAMAGED : ERR_IO;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		ssize_t n = pread(fd, owner, sizeof owner - 1, 0);
		owner[n > 0 ? n : 0] = '\0';
		owner[strcspn(owner, "\n")] = '\0';
		reason_set(reason, "%s is in use by process %s: one registrar "
		    "for each state directory", dir->path,
		    owner[0] != '\0' ? owner : "(unknown)");
		close(fd);
		return ERR_LOCKED;
	}
	int len = snprintf(owner, sizeof owner, "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0 ||
	    pwrite(fd, owner, (size_t)len, 0) != len)
		owner[0] = '\0'; /* full disk: only the hint is lost */
	dir->lock_fd = fd;
	return OK;
}

static enum status
set_path(struct state_dir *dir, const char *path, struct reason *reason)
{
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof dir->path) {
		reason_set(reason, "the path of the state directory has %zu "
		    "bytes, 1 to %zu are allowed", len, sizeof dir->path - 1);
		return ERR_TOO_LONG;
	}
	memset(dir, 0, sizeof *dir);
	dir->lock_fd = -1;
	memcpy(dir->path, path, len);
	return OK;
}

/* Take away what an init that did not finish has left. */
static int
remove_one(const char *path, const struct stat *info, int kind,
    struct FTW *at)
{
	const char *name = path + at->base;

	(void)info;
	(void)kind;
	if (at->level == 0 || (at->level == 1 &&
		(strcmp(name, "lock") == 0 || strcmp(name, unfinished) == 0)))
		return 0;
	return remove(path);
}

static bool
is_unfinished(const struct state_dir *dir)
{
	char path[STATE_FILE_MAX];

	return access(state_dir_file(path, dir, unfinished), F_OK) == 0;
}

/* An empty directory with the file that says so, locked. */
static enum status
begin(struct state_dir *dir, struct reason *reason)
{
	char path[STATE_FILE_MAX];

	if (mkdir(dir->path, 0700) != 0 && errno != EEXIST) {
		int error = errno;
		reason_set(reason, "cannot make %s: %s", dir->path,
		    error == ENOENT ? "the directory above it is not there, "
		    "make it first" : strerror(error));
		return error == ENOSPC ? ERR_FULL : ERR_IO;
	}
	state_dir_file(path, dir, unfinished);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || chmod(dir->path, 0700) != 0) {
		reason_set(reason, "%s: %s", dir->path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return errno == ENOSPC ? ERR_FULL : ERR_IO;
	}
	close(fd);
	enum status status = file_sync_directory(&file_ops_system, dir->path,
	    reason);
	if (status == OK)
		status = take_lock(dir, O_CREAT, reason);
	if (status != OK)
		return status;
	if (nftw(dir->path, remove_one, OPEN_FDS, FTW_DEPTH | FTW_PHYS) == 0)
		return OK;
	reason_set(reason, "what an unfinished init left in %s cannot be "
	    "removed: %s", dir->path, strerror(errno));
	state_dir_close(dir);
	return ERR_IO;
}

enum status
state_dir_create(struct state_dir *out, const char *path,
    const struct identity *identity, struct reason *reason)
{
	char text[IDENTITY_CAP];
	char file[STATE_FILE_MAX];

	enum status status = set_path(out, path, reason);
	if (status != OK)
		return status;
	state_dir_file(file, out, "identity");
	bool is_again = is_unfinished(out);
	if (!is_again && access(file, F_OK) == 0) {
		reason_set(reason, "%s holds a registrar's state already; "
		    "choose another directory, or remove it if that state is "
		    "not needed", path);
		return ERR_EXISTS;
	}
	if (!is_again && !is_empty(path)) {
		reason_set(reason, "%s is not empty and holds no registrar's "
		    "state; choose an empty or new directory", path);
		return ERR_FOREIGN;
	}
	status = begin(out, reason);
	if (status != OK)
		return status;
	out->identity = *identity;
	size_t len = identity_write(text, identity);
	status = file_replace(&file_ops_system, file, text, len, 0600, reason);
	if (status != OK)
		state_dir_close(out);
	return status;
}

enum status
state_dir_finish(const struct state_dir *dir, struct reason *reason)
{
	char path[STATE_FILE_MAX];

	if (unlink(state_dir_file(path, dir, unfinished)) != 0) {
		reason_set(reason, "%s: %s", path, strerror(errno));
		return ERR_IO;
	}
	return file_sync_directory(&file_ops_system, dir->path, reason);
}

void
state_dir_discard(struct state_dir *dir)
{
	char path[STATE_FILE_MAX];

	nftw(dir->path, remove_one, OPEN_FDS, FTW_DEPTH | FTW_PHYS);
	unlink(state_dir_file(path, dir, "lock"));
	unlink(state_dir_file(path, dir, unfinished));
	state_dir_close(dir);
}

enum status
state_dir_open(struct state_dir *out, const char *path, const char *registrar,
    struct reason *reason)
{
	char text[IDENTITY_CAP];
	char file[STATE_FILE_MAX];
	size_t len = 0;

	enum status status = set_path(out, path, reason);
	if (status != OK)
		return status;
	if (is_unfinished(out)) {
		reason_set(reason, "the init of %s did not finish: run it "
		    "again", path);
		return ERR_DAMAGED;
	}
	state_dir_file(file, out, "identity");
	status = file_load(file, text, sizeof text - 1, &len, reason);
	if (status == ERR_NOT_FOUND && is_empty(path)) {
		reason_set(reason, "%s holds no registrar's state: run "
		    "'e164ctl init' first", path);
		return ERR_NOT_FOUND;
	}
	if (status == ERR_NOT_FOUND || status == ERR_TOO_LONG) {
		reason_set(reason, "%s holds something else: no identity file "
		    "of e164d in it", path);
		return ERR_FOREIGN;
	}
	if (status != OK)
		return status;
	status = identity_read(&out->identity, text, len, file, reason);
	if (status != OK)
		return status;
	if (strcmp(out->identity.registrar, registrar) != 0) {
		reason_set(reason, "%s is the state of registrar '%s', the "
		    "settings say '%s'", path, out->identity.registrar,
		    registrar);
		return ERR_FOREIGN;
	}
	/* a lost one is made again; the store has a lock of its own */
	return take_lock(out, O_CREAT, reason);
}

void
state_dir_close(struct state_dir *dir)
{
	if (dir->lock_fd >= 0)
		close(dir->lock_fd);
	dir->lock_fd = -1;
}

uint64_t
state_dir_free(const struct state_dir *dir)
{
	struct statvfs info;

	if (statvfs(dir->path, &info) != 0)
		return UINT64_MAX;
	return (uint64_t)info.f_bavail * (uint64_t)info.f_frsize;
}

bool
state_dir_ballast(const struct state_dir *dir, uint64_t len)
{
	char path[STATE_FILE_MAX];
	struct stat info;

	state_dir_file(path, dir, "ballast");
	if (len == 0 || len > INT64_MAX)
		return false;
	bool is_there = stat(path, &info) == 0;
	if (is_there && (uint64_t)info.st_size == len)
		return true;
	if (state_dir_free(dir) / 2 < len)
		return false;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	bool is_done = posix_fallocate(fd, 0, (off_t)len) == 0;
	close(fd);
	if (!is_done)
		unlink(path);
	return is_done;
}

void
state_dir_drop_ballast(const struct state_dir *dir)
{
	char path[STATE_FILE_MAX];

	unlink(state_dir_file(path, dir, "ballast"));
}
