/*
 * The system calls that are broken. They are defined here, in the program, so
 * that its own objects and the libraries that it loads call these instead of
 * the C library's; the kernel is called by number.
 */
#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	FDS_MAX = 1024,
	FILES_MAX = 256,
	PATH_CAP = 256,      /* bytes with NUL */
	SECTOR = 512,        /* bytes that are written as one */
	PAGE = 4096,         /* bytes that become clean or dirty as one */
	UNDO_MAX = 64 * 1024, /* sectors */
	HOLE_MIN = 1 << 20, /* bytes of a read that may be a hole */
	ZEROES_MIN = 1024, /* bytes at the end of a file that become a hole */
};

/* A sector as it was before a write that is not synced yet. */
struct undo {
	int file;
	bool is_given_up; /* its sync failed: only a new write helps */
	uint16_t len;     /* that there were; the rest was not there */
	uint16_t new_len; /* that were written */
	off_t offset;
	off_t size; /* of the file before */
	uint8_t old[SECTOR];
};

struct plan {
	char directory[PATH_CAP];
	struct fault fault;
	bool is_armed;
	bool has_fired;
	bool is_full; /* from now on */
	unsigned counts[PLACES][CALLS];
	char files[FILES_MAX][PATH_CAP];
	unsigned n_files;
	unsigned n_undo;
	struct undo undo[UNDO_MAX];
};

const char *const place_names[PLACES] = { "state", "journal", "spare", "mark",
	"store", "memory" };
const char *const call_names[CALLS] = { "open", "read", "write", "sync",
	"rename", "unlink", "mkdir", "truncate", "reserve", "map", "alloc" };
const char *const kind_names[KINDS] = { "EIO", "full", "EMFILE", "short",
	"torn", "stop", "NULL" };

static struct plan *plan;
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static int fd_files[FDS_MAX]; /* number of the file + 1 */
static struct stretch {
	off_t from;
	off_t to;
} holes[FDS_MAX]; /* a known one, by descriptor; empty: none */

static _Noreturn void
end_process(void)
{
	syscall(SYS_exit_group, PLAN_STOPPED);
	abort();
}

/* The tables are too small. */
static _Noreturn void
give_up(const char *what)
{
	fprintf(stderr, "tests/fault/plan.c: too many %s\n", what);
	abort();
}

bool
plan_init(void)
{
	void *at = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return false;
	plan = at;
	return true;
}

void
plan_begin(const char *directory, const struct fault *fault)
{
	snprintf(plan->directory, sizeof plan->directory, "%s", directory);
	plan->fault = *fault;
	plan->is_armed = false;
	plan->has_fired = false;
	plan->is_full = false;
	memset(plan->counts, 0, sizeof plan->counts);
	plan->n_files = 0;
	plan->n_undo = 0;
}

void
plan_arm(void)
{
	plan->is_armed = true;
}

void
plan_disarm(void)
{
	plan->is_armed = false;
	plan->is_full = false;
}

bool
plan_fired(void)
{
	return plan->has_fired;
}

unsigned
plan_count(enum fault_place place, enum fault_call call)
{
	return plan->counts[place][call];
}

/* --- whether */

/* Of a path below the directory. */
static enum fault_place
place_of(const char *path)
{
	size_t len = strlen(path);

	if (strstr(path, "/store") != NULL)
		return PLACE_STORE;
	if (len > 5 && strcmp(path + len - 5, "/mark") == 0)
		return PLACE_MARK;
	/* the directory's own sync is the spare's too */
	if (strstr(path, "/journal/") == NULL)
		return PLACE_STATE;
	/* the first one is not made ahead */
	if (strstr(path, "00000001.seg") != NULL)
		return PLACE_JOURNAL;
	return len > 4 && strcmp(path + len - 4, ".new") == 0 ? PLACE_SPARE
							      : PLACE_JOURNAL;
}

static bool
is_ours(const char *path)
{
	size_t len = plan == NULL ? 0 : strlen(plan->directory);

	return len > 0 && strncmp(path, plan->directory, len) == 0;
}

/* Count a call. @return true: this is the one. Under guard. */
static bool
is_due(enum fault_place place, enum fault_call call)
{
	const struct fault *fault = &plan->fault;
	unsigned n = 0;

	if (!plan->is_armed)
		return false;
	n = ++plan->counts[place][call];

	if (fault->nth == 0 || fault->place != place || fault->call != call ||
	    fault->nth != n)
		return false;
	plan->has_fired = true;
	if (fault->kind == KIND_STOP)
		end_process();
	if (fault->kind == KIND_FULL)
		plan->is_full = true;
	return true;
}

static int
error_of(enum fault_kind kind)
{
	switch (kind) {
	case KIND_FULL:
		return ENOSPC;
	case KIND_FDS:
		return EMFILE;
	case KIND_NULL:
		return ENOMEM;
	case KIND_EIO:
	case KIND_SHORT:
	case KIND_TORN:
	case KIND_STOP:
	case KINDS:
		break;
	}
	return EIO;
}

/* A call with a path that fails in no other way than by an error. */
static bool
path_fails(const char *path, enum fault_call call, bool needs_room)
{
	if (!is_ours(path) || !plan->is_armed)
		return false;
	pthread_mutex_lock(&guard);
	bool is_now = is_due(place_of(path), call);
	bool fails = is_now || (needs_room && plan->is_full);
	if (fails)
		errno = is_now ? error_of(plan->fault.kind) : ENOSPC;
	pthread_mutex_unlock(&guard);
	return fails;
}

bool
plan_memory_fails(void)
{
	if (plan == NULL || !plan->is_armed)
		return false;
	pthread_mutex_lock(&guard);
	bool fails = is_due(PLACE_MEMORY, CALL_MEMORY);
	pthread_mutex_unlock(&guard);
	return fails;
}

/* --- what was not synced */

/* Number of the file of this path; -1: too many. Under guard. */
static int
file_number(const char *path)
{
	for (unsigned i = 0; i < plan->n_files; i++) {
		if (strcmp(plan->files[i], path) == 0)
			return (int)i;
	}
	if (plan->n_files == FILES_MAX)
		give_up("files");
	snprintf(plan->files[plan->n_files], PATH_CAP, "%s", path);
	return (int)plan->n_files++;
}

/* Of a descriptor: the number of its file, or -1. */
static int
file_of(int fd)
{
	if (plan == NULL || fd < 0 || fd >= FDS_MAX)
		return -1;
	return fd_files[fd] - 1;
}

/* Keep what the sectors held. Under guard. */
static void
remember(int fd, size_t len, off_t offset)
{
	struct stat info;
	off_t end = offset + (off_t)len;

	if (!plan->is_armed)
		return;
	if (fstat(fd, &info) != 0)
		give_up("errors");
	while (offset < end) {
		if (plan->n_undo == UNDO_MAX)
			give_up("sectors that are not synced");
		struct undo *u = &plan->undo[plan->n_undo++];
		off_t next = offset / SECTOR * SECTOR + SECTOR;
		if (next > end)
			next = end;
		long n = syscall(SYS_pread64, fd, u->old,
		    (size_t)(next - offset), offset);
		u->file = fd_files[fd] - 1;
		u->is_given_up = false;
		u->len = (uint16_t)(n > 0 ? n : 0);
		u->new_len = (uint16_t)(next - offset);
		u->offset = offset;
		u->size = info.st_size;
		offset = next;
	}
}

/* A page of which any byte is written once more will be synced after all. */
static void
take_back(int file, size_t len, off_t offset)
{
	off_t begin = offset / PAGE * PAGE;
	off_t end = (offset + (off_t)len + PAGE - 1) / PAGE * PAGE;

	for (unsigned i = 0; i < plan->n_undo; i++) {
		struct undo *u = &plan->undo[i];
		if (u->file == file && u->offset >= begin && u->offset < end)
			u->is_given_up = false;
	}
}

/* The file's sectors are on the disk; or their sync has failed. */
static void
take_sync(int file, bool has_failed)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < plan->n_undo; i++) {
		struct undo *u = &plan->undo[i];
		if (u->file == file && has_failed)
			u->is_given_up = true;
		if (u->file != file || u->is_given_up)
			plan->undo[kept++] = *u;
	}
	plan->n_undo = kept;
}

static void
undo_one(const struct undo *u, enum fault_loss loss)
{
	static const uint8_t zeroes[SECTOR];
	int fd = (int)syscall(SYS_openat, AT_FDCWD, plan->files[u->file],
	    O_WRONLY, 0);

	if (fd < 0)
		return; /* removed since */
	(void)!syscall(SYS_pwrite64, fd, u->old, (size_t)u->len, u->offset);
	if (u->new_len > u->len)
		(void)!syscall(SYS_pwrite64, fd, zeroes,
		    (size_t)(u->new_len - u->len), u->offset + u->len);
	if (loss == LOSS_ALL)
		(void)!syscall(SYS_ftruncate, fd, u->size);
	syscall(SYS_close, fd);
}

void
plan_lose(enum fault_loss loss, unsigned seed)
{
	if (loss == LOSS_NONE)
		return;
	while (plan->n_undo > 0) {
		const struct undo *u = &plan->undo[--plan->n_undo];
		seed = seed * 1103515245 + 12345;
		if (loss == LOSS_ALL || (seed >> 16) % 2 == 0)
			undo_one(u, loss);
	}
}

static bool
is_zero(const uint8_t *data, size_t len)
{
	return data[0] == 0 && memcmp(data, data + 1, len - 1) == 0;
}

/*
 * Nothing was ever written there, and the file is long enough; its position
 * stays. What was found is kept until the file is written to.
 */
static bool
is_hole(int fd, size_t len, off_t offset)
{
	struct stretch *hole = &holes[fd];
	struct stat info;
	off_t end = offset + (off_t)len;

	if (offset >= hole->from && end <= hole->to)
		return true;
	off_t at = lseek(fd, 0, SEEK_CUR);
	off_t data = lseek(fd, offset, SEEK_DATA);
	(void)lseek(fd, at, SEEK_SET);
	if (fstat(fd, &info) != 0)
		return false;
	hole->from = offset;
	hole->to = data < 0 || data > info.st_size ? info.st_size : data;
	return end <= hole->to;
}

/* --- the calls */

int
open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode = 0;

	va_start(args, flags);
	if ((flags & O_CREAT) != 0)
		mode = va_arg(args, mode_t);
	va_end(args);
	if (path_fails(path, CALL_OPEN, (flags & O_CREAT) != 0))
		return -1;
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (fd >= 0 && fd < FDS_MAX) {
		pthread_mutex_lock(&guard);
		fd_files[fd] = is_ours(path) ? file_number(path) + 1 : 0;
		holes[fd] = (struct stretch){ 0, 0 };
		pthread_mutex_unlock(&guard);
	}
	return fd;
}

int
close(int fd)
{
	if (fd >= 0 && fd < FDS_MAX) {
		pthread_mutex_lock(&guard);
		fd_files[fd] = 0;
		pthread_mutex_unlock(&guard);
	}
	return (int)syscall(SYS_close, fd);
}

ssize_t
pread(int fd, void *data, size_t len, off_t offset)
{
	int file = file_of(fd);

	if (file >= 0 && path_fails(plan->files[file], CALL_READ, false))
		return -1;
	if (file >= 0 && len >= HOLE_MIN && is_hole(fd, len, offset)) {
		memset(data, 0, len);
		return (ssize_t)len;
	}
	return syscall(SYS_pread64, fd, data, len, offset);
}

ssize_t
read(int fd, void *data, size_t len)
{
	int file = file_of(fd);

	if (file >= 0 && path_fails(plan->files[file], CALL_READ, false))
		return -1;
	return syscall(SYS_read, fd, data, len);
}

/* The file has these bytes already. Under guard. */
static bool
has_bytes(int fd, const uint8_t *data, size_t len, off_t offset)
{
	static uint8_t room[1 << 16];

	if (len >= ZEROES_MIN && is_zero(data, len) &&
	    is_hole(fd, len, offset))
		return true;
	while (len > 0) {
		size_t n = len < sizeof room ? len : sizeof room;
		if (syscall(SYS_pread64, fd, room, n, offset) != (long)n ||
		    memcmp(room, data, n) != 0)
			return false;
		data += n;
		len -= n;
		offset += (off_t)n;
	}
	return true;
}

/*
 * Write at offset, remembering what was there. What changes nothing, as
 * Berkeley DB's zeroes at the end of its log, or makes a file longer by zeroes,
 * is not written, so that holes stay holes. Under guard.
 */
static ssize_t
write_through(int fd, int file, const void *data, size_t len, off_t offset)
{
	struct stat info;

	take_back(file, len, offset);
	if (has_bytes(fd, data, len, offset))
		return (ssize_t)len;
	if (len >= ZEROES_MIN && is_zero(data, len) && fstat(fd, &info) == 0 &&
	    info.st_size <= offset)
		return syscall(SYS_ftruncate, fd, offset + (off_t)len) == 0
		    ? (ssize_t)len : -1;
	memset(holes, 0, sizeof holes);
	remember(fd, len, offset);
	return syscall(SYS_pwrite64, fd, data, len, offset);
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t offset)
{
	int file = file_of(fd);

	if (file < 0 || len == 0)
		return syscall(SYS_pwrite64, fd, data, len, offset);
	pthread_mutex_lock(&guard);
	ssize_t n = -1;
	size_t half = len > 2 * SECTOR ? len / 2 / SECTOR * SECTOR : len / 2;
	if (is_due(place_of(plan->files[file]), CALL_WRITE)) {
		enum fault_kind kind = plan->fault.kind;
		if (kind == KIND_SHORT && half > 0)
			n = write_through(fd, file, data, half, offset);
		if (kind == KIND_TORN && half > 0)
			n = write_through(fd, file, data, half, offset);
		if (kind == KIND_TORN)
			end_process();
		errno = error_of(kind);
	} else if (plan->is_full) {
		errno = ENOSPC;
	} else {
		n = write_through(fd, file, data, len, offset);
	}
	pthread_mutex_unlock(&guard);
	return n;
}

ssize_t
write(int fd, const void *data, size_t len)
{
	if (file_of(fd) < 0)
		return syscall(SYS_write, fd, data, len);
	off_t offset = lseek(fd, 0, SEEK_CUR);
	ssize_t n = pwrite(fd, data, len, offset);
	if (n > 0)
		(void)lseek(fd, offset + n, SEEK_SET);
	return n;
}

static int
sync_file(int fd)
{
	int file = file_of(fd);

	if (file < 0)
		return 0;
	pthread_mutex_lock(&guard);
	bool fails = is_due(place_of(plan->files[file]), CALL_SYNC);
	take_sync(file, fails);
	if (fails)
		errno = error_of(plan->fault.kind);
	pthread_mutex_unlock(&guard);
	return fails ? -1 : 0;
}

int
fsync(int fd)
{
	return sync_file(fd);
}

int
fdatasync(int fd)
{
	return sync_file(fd);
}

int
ftruncate(int fd, off_t len)
{
	int file = file_of(fd);

	memset(holes, 0, sizeof holes);
	if (file >= 0 && path_fails(plan->files[file], CALL_TRUNCATE, false))
		return -1;
	return (int)syscall(SYS_ftruncate, fd, len);
}

/* Names are taken as durable at once; what a file holds is not. */
int
rename(const char *from, const char *to)
{
	if (path_fails(from, CALL_RENAME, true))
		return -1;
	int result = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to,
	    0);
	if (result != 0 || !is_ours(to))
		return result;
	pthread_mutex_lock(&guard);
	int file = file_number(from);
	int old = file_number(to);
	take_sync(old, false);
	plan->files[old][0] = '\0';
	snprintf(plan->files[file], PATH_CAP, "%s", to);
	pthread_mutex_unlock(&guard);
	return 0;
}

int
unlink(const char *path)
{
	if (path_fails(path, CALL_UNLINK, false))
		return -1;
	int result = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
	if (result == 0 && is_ours(path)) {
		pthread_mutex_lock(&guard);
		take_sync(file_number(path), false);
		pthread_mutex_unlock(&guard);
	}
	return result;
}

int
mkdir(const char *path, mode_t mode)
{
	if (path_fails(path, CALL_MKDIR, true))
		return -1;
	return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int
posix_fallocate(int fd, off_t offset, off_t len)
{
	int file = file_of(fd);

	if (file >= 0 && path_fails(plan->files[file], CALL_RESERVE, true))
		return errno;
	return syscall(SYS_fallocate, fd, 0, offset, len) == 0 ? 0 : errno;
}

void *
mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	if (plan != NULL && plan->is_armed) {
		pthread_mutex_lock(&guard);
		bool fails = is_due(PLACE_MEMORY, CALL_MAP);
		pthread_mutex_unlock(&guard);
		if (fails) {
			errno = ENOMEM;
			return MAP_FAILED;
		}
	}
	/* the address is a number to the kernel */
	return (void *)syscall(SYS_mmap, at, len, protection, flags, fd,
	    offset);
}
