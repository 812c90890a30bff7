/*
 * A journal and mark of any bytes: refused with words and nothing changed, or
 * opened, replayed slot after slot, able to take records, and found again.
 *
 * The first byte chooses. 0x80 set: the rest is the entries of one record;
 * what is taken is the one encoding of what it says. Else the rest makes the
 * files: bits 0 and 1 say how many segments there are, bit 2 whether there is a
 * mark, bits 3 and 4 from which slot to replay; then pieces, each
 *
 *	0  1  file: 0 the mark, 1 to 3 a segment
 *	1  2  offset
 *	3  1  length, then so many bytes
 *
 * in files of zeroes. The hash function gives zeroes, so that what lies behind
 * the checksums is reached; tests/unit/journal/test_damage.c has real ones.
 */
#include "fuzz/fuzz.h"

#include "journal/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILES = 4,
	SEGMENT_LEN = 16 * 1024,
	REGISTRAR = 3,
	SEGMENT_LEN_AT = 20, /* offset in a block */
	MODE_ENTRIES = 0x80,
	MODE_MARK = 0x04,
};

static char directory[64];
static unsigned n_changes; /* of files, by the code under test */

/* ------------------------------------------------------- hash, files */

static void
zero_hash(struct hash *out, const void *data, size_t len)
{
	(void)data;
	(void)len;
	memset(out, 0, sizeof *out);
}

static const struct hash_ops hash_ops = { .blake2b = zero_hash };

static ssize_t
counted_pwrite(int fd, const void *data, size_t len, off_t offset)
{
	__atomic_fetch_add(&n_changes, 1, __ATOMIC_RELAXED);
	return pwrite(fd, data, len, offset);
}

static int
counted_ftruncate(int fd, off_t len)
{
	__atomic_fetch_add(&n_changes, 1, __ATOMIC_RELAXED);
	return ftruncate(fd, len);
}

static int
counted_unlink(const char *path)
{
	__atomic_fetch_add(&n_changes, 1, __ATOMIC_RELAXED);
	return unlink(path);
}

static int
counted_rename(const char *from, const char *to)
{
	__atomic_fetch_add(&n_changes, 1, __ATOMIC_RELAXED);
	return rename(from, to);
}

static int
no_sync(int fd)
{
	(void)fd;
	return 0;
}

static struct file_ops files;

static const struct journal_config config = { .directory = directory,
	.files = &files, .hash = &hash_ops, .registrar = REGISTRAR,
	.segment_len = SEGMENT_LEN };

static void
leave(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf %s", directory);
	(void)!system(command);
}

static void
set_up(void)
{
	char path[80];

	files = file_ops_system;
	files.pwrite = counted_pwrite;
	files.ftruncate = counted_ftruncate;
	files.unlink = counted_unlink;
	files.rename = counted_rename;
	files.fsync = no_sync;
	files.fdatasync = no_sync;
	snprintf(directory, sizeof directory, "%s/e164d-fuzz-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	FUZZ_CHECK(mkdtemp(directory) != NULL && atexit(leave) == 0);
	snprintf(path, sizeof path, "%s/journal", directory);
	FUZZ_CHECK(mkdir(path, 0700) == 0);
}

static char *
path_of(char out[JOURNAL_PATH_CAP], unsigned file)
{
	if (file == 0)
		snprintf(out, JOURNAL_PATH_CAP, "%s/mark", directory);
	else
		segment_path(out, &config, file, "");
	return out;
}

static void
write_file(unsigned file, const uint8_t *data, size_t len)
{
	char path[JOURNAL_PATH_CAP];
	int fd = open(path_of(path, file), O_WRONLY | O_CREAT | O_TRUNC,
	    0600);

	FUZZ_CHECK(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	close(fd);
}

/* No segment of more than 64 KiB: only its length would take time. */
static void
bound_segment(uint8_t *block)
{
	block[SEGMENT_LEN_AT] = 0;
	block[SEGMENT_LEN_AT + 1] = 0;
}

static void
make_files(uint8_t mode, const uint8_t *data, size_t len)
{
	static uint8_t bytes[FILES][SEGMENT_LEN];
	struct reader r = reader_make(data, len);
	char path[JOURNAL_PATH_CAP];

	memset(bytes, 0, sizeof bytes);
	while (reader_left(&r) > 0) {
		unsigned file = read_u8(&r) % FILES;
		size_t at = read_u16(&r);
		size_t n = read_u8(&r);
		n = n < reader_left(&r) ? n : reader_left(&r);
		const uint8_t *piece = reader_take(&r, n);
		if (r.bad || at + n > SEGMENT_LEN)
			continue;
		memcpy(bytes[file] + at, piece, n);
	}
	bound_segment(bytes[0]);
	bound_segment(bytes[0] + BLOCK_LEN);
	for (unsigned file = 0; file < FILES + 2; file++)
		(void)unlink(path_of(path, file));
	if ((mode & MODE_MARK) != 0)
		write_file(0, bytes[0], MARK_LEN);
	for (unsigned file = 1; file <= (mode & 3u); file++) {
		bound_segment(bytes[file]);
		write_file(file, bytes[file], SEGMENT_LEN);
	}
}

/* ------------------------------------------------------------ the checks */

struct replayed {
	uint64_t last;
};

static enum status
replay(void *arg, uint64_t slot, struct hash hash, struct blob value)
{
	struct replayed *seen = arg;

	(void)hash;
	FUZZ_CHECK(slot == seen->last + 1);
	FUZZ_CHECK(value.len == 0 || value.data != NULL);
	seen->last = slot;
	return OK;
}

/* It goes on: a promise, a value. Then it is found again. */
static void
use(struct journal *journal, const struct paxos_durable *durable)
{
	struct arena arena;
	struct reason reason = { "" };
	struct paxos_durable after;
	struct blob value;
	struct paxos_write write = { .kind = PAXOS_WRITE_PROMISE,
		.ballot = { durable->promised.round + 1, REGISTRAR } };

	arena_init(&arena);
	for (uint64_t i = 0; i < 4 && i < durable->applied_slot; i++) {
		enum status read = journal_read(journal,
		    durable->applied_slot - i, &arena, &value);
		FUZZ_CHECK(read == OK || read == ERR_DAMAGED ||
		    read == ERR_NOT_FOUND || read == ERR_IO);
	}
	bool has_next = durable->promised.round != UINT64_MAX;
	if (has_next)
		FUZZ_CHECK(journal_append(journal, &write, 1, &reason) == OK);
	journal_close(journal);
	FUZZ_CHECK(journal_check(&config, 0, &reason) == OK);
	FUZZ_CHECK(journal_open(&journal, &config, &arena,
		       durable->applied_slot, NULL, NULL, &after,
		       &reason) == OK);
	FUZZ_CHECK(after.incarnation == durable->incarnation + 1);
	FUZZ_CHECK(after.applied_slot == durable->applied_slot);
	FUZZ_CHECK(!has_next ||
	    after.promised.round == durable->promised.round + 1);
	journal_close(journal);
	arena_fini(&arena);
}

static void
try_files(uint8_t mode, const uint8_t *data, size_t len)
{
	struct journal *journal = NULL;
	struct reason reason = { "" };
	struct paxos_durable durable;
	struct arena arena;
	uint64_t from_slot = (mode >> 3) & 3u;
	struct replayed seen = { .last = from_slot };

	make_files(mode, data, len);
	n_changes = 0;
	arena_init(&arena);
	enum status checked = journal_check(&config, from_slot, &reason);
	FUZZ_CHECK(n_changes == 0);
	FUZZ_CHECK(checked == OK || reason.text[0] != '\0');
	enum status opened = journal_open(&journal, &config, &arena, from_slot,
	    replay, &seen, &durable, &reason);
	FUZZ_CHECK((opened == OK) == (reason.text[0] == '\0'));
	if (opened == OK) {
		FUZZ_CHECK(checked == OK);
		FUZZ_CHECK(seen.last >= durable.applied_slot ||
		    seen.last == from_slot);
		use(journal, &durable);
	} else if (checked != OK) {
		FUZZ_CHECK(opened == checked || opened == ERR_DAMAGED);
		FUZZ_CHECK(n_changes == 0);
	}
	arena_fini(&arena);
}

static void
try_entries(const uint8_t *data, size_t len)
{
	struct entry entries[RECORD_ENTRIES_MAX];
	struct reader r = reader_make(data, len);
	struct journal_state state = { .sequence = 0 };
	struct location at = { 0 };
	const struct hash before = { { 0 } };
	struct hash chain;
	unsigned n = 0;
	enum status status = OK;

	while (n < RECORD_ENTRIES_MAX) {
		status = entry_next(&r, &entries[n]);
		if (status != OK)
			break;
		(void)!state_apply(&state, &entries[n++], at, &at);
	}
	if (status != ERR_NOT_FOUND || n == 0)
		return;
	size_t again_len = record_len(entries, n);
	uint8_t *again = malloc(record_padded(again_len));
	FUZZ_CHECK(again != NULL && again_len == RECORD_HEAD_LEN + len);
	record_encode(again, entries, n, 7, &before, &chain, &hash_ops);
	FUZZ_CHECK(record_peek(again, 7) == again_len);
	FUZZ_CHECK(record_check(again, again_len, &before, &chain, &hash_ops));
	FUZZ_CHECK(memcmp(again + RECORD_HEAD_LEN, data, len) == 0);
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (directory[0] == '\0')
		set_up();
	if (len < 1)
		return 0;
	if ((data[0] & MODE_ENTRIES) != 0)
		try_entries(data + 1, len - 1);
	else
		try_files(data[0], data + 1, len - 1);
	return 0;
}
