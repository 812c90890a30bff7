/*
 * A journal of small segments in a directory of its own.
 */
#include "fixture.h"

#include "sec/hash.h"
#include "sec/sec.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_ops quick_files;

static int
no_sync(int fd)
{
	(void)fd;
	return 0;
}

int
fixture_set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (f == NULL || sec_init() != OK)
		return -1;
	snprintf(f->directory, sizeof f->directory,
	    "/tmp/e164d-journal-XXXXXX");
	if (mkdtemp(f->directory) == NULL)
		return -1;
	quick_files = file_ops_system;
	quick_files.fsync = no_sync;
	quick_files.fdatasync = no_sync;
	f->config = (struct journal_config){
		.directory = f->directory,
		.files = &quick_files,
		.hash = &hash_ops_sodium,
		.registrar = TEST_REGISTRAR,
		.segment_len = TEST_SEGMENT_LEN,
	};
	arena_init(&f->arena);
	*state = f;
	return journal_create(&f->config, &f->reason) == OK ? 0 : -1;
}

static void
remove_files(const char *path)
{
	DIR *directory = opendir(path);

	if (directory == NULL)
		return;
	for (struct dirent *e = readdir(directory); e != NULL;
	     e = readdir(directory)) {
		char name[JOURNAL_PATH_CAP];
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", path, e->d_name);
		unlink(name);
	}
	closedir(directory);
}

int
fixture_tear_down(void **state)
{
	struct fixture *f = *state;
	char path[JOURNAL_PATH_CAP];

	fixture_close(f);
	remove_files(fixture_path(path, f, "journal"));
	rmdir(path);
	remove_files(f->directory);
	rmdir(f->directory);
	arena_fini(&f->arena);
	free(f);
	return 0;
}

struct blob
slot_value(uint64_t slot, struct hash *hash)
{
	static _Thread_local uint8_t room[2048];
	size_t len = 1 + slot * 37 % 700;

	for (size_t i = 0; i < len; i++)
		room[i] = (uint8_t)(slot * 131 + i * 7 + 1);
	hash_ops_sodium.blake2b(hash, room, len);
	return (struct blob){ room, len };
}

static enum status
on_replay(void *arg, uint64_t slot, struct hash hash, struct blob value)
{
	struct fixture *f = arg;
	struct hash want_hash;
	struct blob want = slot_value(slot, &want_hash);

	if (f->n_replayed == 0)
		f->replayed_first = slot;
	else if (slot != f->replayed_last + 1)
		f->is_replay_wrong = true;
	if (value.len != want.len ||
	    memcmp(value.data, want.data, want.len) != 0 ||
	    memcmp(&hash, &want_hash, sizeof hash) != 0)
		f->is_replay_wrong = true;
	f->replayed_last = slot;
	f->n_replayed++;
	return OK;
}

enum status
fixture_open(struct fixture *f, uint64_t from_slot)
{
	f->n_replayed = 0;
	f->is_replay_wrong = false;
	enum status status = journal_open(&f->journal, &f->config, &f->arena,
	    from_slot, on_replay, f, &f->durable, &f->reason);
	if (status != OK)
		f->journal = NULL;
	assert_false(f->is_replay_wrong);
	return status;
}

void
fixture_close(struct fixture *f)
{
	if (f->journal != NULL)
		journal_close(f->journal);
	f->journal = NULL;
}

enum status
fixture_promise(struct fixture *f)
{
	struct paxos_write write = { .kind = PAXOS_WRITE_PROMISE };

	f->ballot.round = f->durable.promised.round + 1;
	f->ballot.registrar = TEST_REGISTRAR;
	write.ballot = f->ballot;
	return journal_append(f->journal, &write, 1, &f->reason);
}

enum status
fixture_accept(struct fixture *f)
{
	struct paxos_write writes[2];
	unsigned n = 0;
	uint64_t slot = f->journal->state.applied_slot + 1;

	if (f->journal->state.is_accepted) {
		writes[n] = (struct paxos_write){ .kind = PAXOS_WRITE_CHOSEN,
			.slot = slot };
		(void)slot_value(slot, &writes[n].hash);
		n++;
		slot++;
	}
	writes[n] = (struct paxos_write){ .kind = PAXOS_WRITE_ACCEPTED,
		.slot = slot, .ballot = f->ballot };
	writes[n].value = slot_value(slot, &writes[n].hash);
	enum status status =
	    journal_append(f->journal, writes, n + 1, &f->reason);
	if (status == OK)
		f->accepted_slot = slot;
	return status;
}

void
fixture_fill(struct fixture *f, uint64_t last)
{
	assert_int_equal(fixture_open(f, 0), OK);
	assert_int_equal(fixture_promise(f), OK);
	while (f->accepted_slot < last)
		assert_int_equal(fixture_accept(f), OK);
}

void
fixture_expect_slot(struct fixture *f, uint64_t slot)
{
	struct hash hash;
	struct blob want = slot_value(slot, &hash);
	struct blob got = { 0 };
	struct arena arena;

	arena_init(&arena);
	assert_int_equal(journal_read(f->journal, slot, &arena, &got), OK);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.data, want.data, want.len);
	arena_fini(&arena);
}

char *
fixture_path(char out[JOURNAL_PATH_CAP], const struct fixture *f,
    const char *name)
{
	snprintf(out, JOURNAL_PATH_CAP, "%s/%s", f->directory, name);
	return out;
}

struct image_file
image_file_load(const struct fixture *f, const char *name)
{
	struct image_file file = { .data = NULL };
	struct stat st;

	fixture_path(file.path, f, name);
	int fd = open(file.path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	file.len = (size_t)st.st_size;
	file.data = malloc(file.len + 1);
	assert_int_equal(read(fd, file.data, file.len), st.st_size);
	close(fd);
	return file;
}

void
image_file_restore(const struct image_file *file)
{
	int fd = open(file->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, file->data, file->len),
	    (ssize_t)file->len);
	close(fd);
}

void
image_file_free(struct image_file *file)
{
	free(file->data);
	file->data = NULL;
}

void
file_put(const struct fixture *f, const char *name, uint64_t offset,
    const void *data, size_t len)
{
	char path[JOURNAL_PATH_CAP];
	int fd = open(fixture_path(path, f, name), O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, len, (off_t)offset), (ssize_t)len);
	close(fd);
}

void
file_flip(const struct fixture *f, const char *name, uint64_t offset)
{
	struct image_file file = image_file_load(f, name);
	uint8_t byte = file.data[offset] ^ 0x40;

	file_put(f, name, offset, &byte, 1);
	image_file_free(&file);
}

/* Sum over the files, so that the order of the directory does not matter. */
static void
hash_files(const struct fixture *f, const char *below, struct hash *sum)
{
	char path[JOURNAL_PATH_CAP];
	DIR *directory = opendir(fixture_path(path, f, below));

	assert_non_null(directory);
	for (struct dirent *e = readdir(directory); e != NULL;
	     e = readdir(directory)) {
		char name[512];
		struct hash hash[2];
		if (e->d_name[0] == '.' || strcmp(e->d_name, "journal") == 0)
			continue;
		snprintf(name, sizeof name, "%s/%s", below, e->d_name);
		struct image_file file = image_file_load(f, name);
		hash_ops_sodium.blake2b(&hash[0], file.data, file.len);
		hash_ops_sodium.blake2b(&hash[1], name, strlen(name));
		hash_ops_sodium.blake2b(&hash[0], hash, sizeof hash);
		for (size_t i = 0; i < HASH_LEN; i++)
			sum->bytes[i] ^= hash[0].bytes[i];
		image_file_free(&file);
	}
	closedir(directory);
}

struct hash
directory_hash(const struct fixture *f)
{
	struct hash sum = { { 0 } };

	hash_files(f, ".", &sum);
	hash_files(f, "journal", &sum);
	return sum;
}
