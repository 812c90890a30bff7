/*
 * A journal of small segments in a directory of its own, with known values,
 * and ways to look at and break its files.
 */
#ifndef UNIT_JOURNAL_FIXTURE_H
#define UNIT_JOURNAL_FIXTURE_H

#include "unit/unit.h"

#include "journal/internal.h"

enum {
	TEST_SEGMENT_LEN = 16 * 1024,
	TEST_SLOTS_MAX = 4000,
	TEST_REGISTRAR = 3,
};

struct fixture {
	char directory[64];
	struct journal_config config;
	struct journal *journal; /* NULL: closed */
	struct arena arena;
	struct paxos_durable durable;
	struct reason reason;
	struct ballot ballot;
	uint64_t accepted_slot; /* last that append said is durable */
	uint64_t replayed_first;
	uint64_t replayed_last;
	unsigned n_replayed;
	bool is_replay_wrong;
};

/* A file's bytes, to put back or to compare. */
struct image_file {
	char path[JOURNAL_PATH_CAP];
	uint8_t *data;
	size_t len;
};

/* The real ones, but without waiting for a disk. */
extern struct file_ops quick_files;

/* Fresh journal directory; not open. cmocka set-up and tear-down. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* Value of a slot: length and bytes depend on it. */
struct blob slot_value(uint64_t slot, struct hash *hash);

/* Open; replays into the fixture. */
enum status fixture_open(struct fixture *f, uint64_t from_slot);
void fixture_close(struct fixture *f);

/* A promise of the next ballot, as paxos at a start. */
enum status fixture_promise(struct fixture *f);

/* Accept the next slot, with the CHOSEN of the one before it. */
enum status fixture_accept(struct fixture *f);

/* Open, promise, accept slots until last; stays open. */
void fixture_fill(struct fixture *f, uint64_t last);

/* Value of slot is read back and right. */
void fixture_expect_slot(struct fixture *f, uint64_t slot);

/* Path of a file below the state directory. */
char *fixture_path(char out[JOURNAL_PATH_CAP], const struct fixture *f,
    const char *name);

/* Bytes of a file. Takes: image_file_free. */
struct image_file image_file_load(const struct fixture *f, const char *name);
void image_file_restore(const struct image_file *file);
void image_file_free(struct image_file *file);

/* XOR a byte; write bytes; both at an offset of a file. */
void file_flip(const struct fixture *f, const char *name, uint64_t offset);
void file_put(const struct fixture *f, const char *name, uint64_t offset,
    const void *data, size_t len);

/* One number that changes when any file of the directory does. */
struct hash directory_hash(const struct fixture *f);

#endif
