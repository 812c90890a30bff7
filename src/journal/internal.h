/*
 * The journal from inside: what its files share. Layer 6.
 */
#ifndef JOURNAL_INTERNAL_H
#define JOURNAL_INTERNAL_H

#include "journal/journal.h"
#include "journal/layout.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	JOURNAL_PATH_CAP = 1100, /* bytes with NUL */
	SEGMENT_NAME_CAP = 16,   /* "00000001.seg" with NUL */
	MARK_LEN = 2 * BLOCK_LEN,
	SLICE_LEN = 256 * 1024, /* bytes zeroed at a time */
	FIRST_SEGMENT = 1,
	CACHED_INDEXES = 4, /* old segments whose index is kept */
};

/* --- segment.c: files of the journal/ directory */

struct segment {
	uint32_t number;
	uint32_t len;           /* bytes, as its block says */
	uint64_t sequence;      /* of the last record before it */
	uint64_t applied_slot;  /* before it */
	struct hash checksum;   /* of its block */
};

/* Name of a segment's file. @return out. */
char *segment_name(char out[SEGMENT_NAME_CAP], uint32_t number);

/* Path of a segment's file; suffix "" or ".new". @return out. */
char *segment_path(char out[JOURNAL_PATH_CAP],
    const struct journal_config *config, uint32_t number, const char *suffix);

/* Open a segment's file. @return OK; ERR_IO, ERR_NOT_FOUND with reason. */
MUST_CHECK enum status segment_open(int *fd,
    const struct journal_config *config, uint32_t number,
    struct reason *reason);

/*
 * Make a segment of zeroes under its own name, synced, in slices.
 * @param stop told how many bytes are made; true: give up. NULL: never.
 * @return OK; ERR_CLOSED when stopped; ERR_IO, ERR_FULL with reason.
 */
MUST_CHECK enum status segment_make(const struct journal_config *config,
    uint32_t number, bool (*stop)(void *arg, size_t at), void *arg,
    struct reason *reason);

/*
 * Numbers of the segments in the directory, ascending.
 * @param out takes: free it. @return OK; ERR_NOT_FOUND (no directory, or none
 * in it), ERR_IO with reason.
 */
MUST_CHECK enum status segment_list(uint32_t **out, size_t *n,
    const struct journal_config *config, struct reason *reason);

/* --- mark.c */

/*
 * Read both sectors and give the newer valid one.
 * @return OK; ERR_STATE_LOST (no file,
 * no valid sector), ERR_NEWER, ERR_FOREIGN, ERR_IO with reason.
 */
MUST_CHECK enum status mark_load(struct block *out,
    const struct journal_config *config, struct reason *reason);

/* A new mark file. @return OK, ERR_IO, ERR_FULL with reason. */
MUST_CHECK enum status mark_create(const struct journal_config *config,
    const struct block *block, struct reason *reason);

/* Open for writing. @return OK, ERR_IO with reason. */
MUST_CHECK enum status mark_open(int *fd,
    const struct journal_config *config, struct reason *reason);

/* Write and sync the sector that this sequence number falls on. */
MUST_CHECK enum status mark_write(int fd, const struct journal_config *config,
    const struct block *block, uint8_t *room, struct reason *reason);

/* --- index.c: slot -> location of its value */

struct slot_index {
	uint64_t first_slot;
	struct location *at;
	size_t n;
	size_t cap;
};

/* Begin empty: the next slot added is first_slot. */
void slot_index_reset(struct slot_index *index, uint64_t first_slot);

/* Add the next slot's. */
void slot_index_add(struct slot_index *index, struct location at);

/* NULL if not in it. */
const struct location *slot_index_find(const struct slot_index *index,
    uint64_t slot);

/* Forget all slots below first_slot. */
void slot_index_drop(struct slot_index *index, uint64_t first_slot);

/* Free its memory. */
void slot_index_fini(struct slot_index *index);

/* --- scan.c: walking the records of a segment */

struct scan {
	const struct journal_config *config;
	struct journal_state state;
	struct slot_index *index;
	uint32_t segment; /* number of the open one */
	uint32_t len;     /* of the open one, bytes */
	int fd;           /* -1: none */
	uint64_t offset;  /* of the next record */
	uint64_t last_at; /* of the last one; 0: none in this segment */
	uint8_t *room;    /* a window of the file */
	size_t room_cap;
	uint64_t room_at; /* its offset */
	size_t room_len;
	uint64_t watch_sequence; /* whose chain is wanted */
	struct hash watch_chain; /* out: as soon as that was passed */
	bool is_watch_seen;
};

/* Begin with the state before the first record of the walk. */
void scan_init(struct scan *scan, const struct journal_config *config,
    const struct journal_state *state, struct slot_index *index);

/* Go to the first record of a segment. @return OK, ERR_IO with reason. */
MUST_CHECK enum status scan_segment(struct scan *scan,
    const struct segment *segment, struct reason *reason);

/*
 * Take all records of the open segment that follow one another.
 * @return OK at the first place that is no next record (scan->offset);
 * ERR_DAMAGED a record whose hashes are right cannot follow; ERR_IO.
 */
MUST_CHECK enum status scan_records(struct scan *scan, struct reason *reason);

/*
 * What is behind the last record of the open segment?
 * @return OK all zero; ERR_MALFORMED a record that was being written, less
 * than JOURNAL_RECORD_MAX of it; ERR_DAMAGED more than that, or later
 * records; ERR_IO.
 */
MUST_CHECK enum status scan_tail(struct scan *scan, struct reason *reason);

/* Close the file and free memory, not the index. */
void scan_fini(struct scan *scan);

/* --- spare.c: the next segment, made ahead by a thread of its own */

struct spare {
	const struct journal_config *config;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_started;
	bool is_stopping;
	uint32_t wanted; /* number; 0: none */
	uint32_t ready;  /* number; 0: none */
	size_t made_len; /* bytes of the one that is being made */
	enum status status; /* of the last attempt */
	struct reason reason;
};

/* Start the thread. @return OK, ERR_IO with reason. */
MUST_CHECK enum status spare_start(struct spare *spare,
    const struct journal_config *config, struct reason *reason);

/* Have this segment made. */
void spare_want(struct spare *spare, uint32_t number);

/* It is there already. */
void spare_have(struct spare *spare, uint32_t number);

/* Bytes that it does not have yet; 0: it is made. */
size_t spare_lacks(struct spare *spare, uint32_t number);

/* Wait for it. @return OK; ERR_IO, ERR_FULL with reason. */
MUST_CHECK enum status spare_take(struct spare *spare, uint32_t number,
    struct reason *reason);

/* Stop the thread and wait for its end. */
void spare_stop(struct spare *spare);

/* --- the journal itself */

/* Index of an old segment. */
struct cached_index {
	uint32_t segment; /* 0: empty */
	uint64_t used;    /* when last */
	struct slot_index index;
};

struct journal {
	struct journal_config config; /* directory: own copy */
	char *directory;
	/* engine thread */
	int fd; /* current segment */
	int mark_fd;
	struct segment current;
	uint64_t offset; /* of the next record */
	struct journal_state state;
	uint8_t *room; /* one block and one record */
	size_t room_cap;
	uint8_t *mark_room; /* BLOCK_LEN */
	bool is_failed;
	struct spare spare;
	/* any thread, under lock */
	pthread_mutex_t lock;
	struct segment *segments; /* ascending; the last is current */
	size_t n_segments;
	struct slot_index index; /* slots of the current segment */
	uint64_t applied_slot;
	/* readers, under read_lock */
	pthread_mutex_t read_lock;
	struct cached_index cached[CACHED_INDEXES];
	uint64_t clock;
};

/* append.c: one record, durable. As journal_append. */
MUST_CHECK enum status journal_write(struct journal *journal,
    const struct entry *entries, unsigned n, struct reason *reason);

/* append.c: take one segment into the table of segments. */
void journal_add_segment(struct journal *journal,
    const struct segment *segment);

/* read.c: the value at a location, checked against its hash.
 * @param want NULL: only against the hash that is stored with it.
 * @return OK, ERR_DAMAGED, ERR_IO with reason. */
MUST_CHECK enum status value_read(const struct journal_config *config,
    struct location at, const struct hash *want, struct arena *arena,
    struct blob *value, struct hash *hash, struct reason *reason);

/* Memory or the end of the process. */
void *journal_alloc(void *old, size_t len);

#endif
