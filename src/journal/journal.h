/*
 * The journal: what this registrar promised, accepted and knows to be chosen,
 * in preallocated segment files of checksummed, hash-chained records, readable
 * before any recovery; and beside it the mark, two alternating checksummed
 * sectors that say how far the journal must reach. doc/disk-format.md draws
 * both. Layer 6; the engine thread (reading of old slots: any).
 *
 * A step's writes are one record, one pwrite; the journal is synced, then the
 * mark. So the mark is never ahead, and a bad last record that it does not name
 * was being written, was never acknowledged, and is cut. Everything else is
 * lost state or damage: reported, never repaired, nothing changed on disk.
 */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/reason.h"
#include "base/status.h"
#include "paxos/paxos.h"
#include "sys/file.h"

#include <stdint.h>

enum {
	JOURNAL_SEGMENT_LEN = 64 * 1024 * 1024, /* bytes, preallocated */
	JOURNAL_RECORD_MAX = 5 * 1024 * 1024,   /* bytes of one record */
};

struct journal;

struct journal_config {
	const char *directory; /* <state>; files journal/ and mark below it */
	const struct file_ops *files; /* sys/file.h; tests break them */
	const struct hash_ops *hash;
	uint32_t registrar;   /* own id */
	size_t segment_len;   /* 0: JOURNAL_SEGMENT_LEN; tests use small ones */
};

/*
 * Make an empty journal and mark for a new registrar.
 * @return OK; ERR_EXISTS when there is one; ERR_IO, ERR_FULL with reason.
 */
MUST_CHECK enum status journal_create(const struct journal_config *config,
    struct reason *reason);

/*
 * A look before anything else of the state is opened: the blocks of all
 * segments, the records from those that the mark names to the end. Changes
 * nothing. journal_open looks again, and at what is to be replayed.
 * @param from_slot look at all records of slots above this one as well;
 * UINT64_MAX: only at the end.
 * @return OK, or what journal_open would return, with reason.
 */
MUST_CHECK enum status journal_check(const struct journal_config *config,
    uint64_t from_slot, struct reason *reason);

/*
 * Called for every slot that is known to be chosen, in order, while opening.
 * @return anything but OK stops the opening with that status.
 */
typedef enum status journal_replay_fn(void *arg, uint64_t slot,
    struct hash hash, struct blob value);

/*
 * Open: read all records, check the chain and the mark, cut a torn tail, then
 * write and sync a record of a new incarnation.
 * @param durable out: for PAXOS_START; accepted.value is in arena.
 * @param from_slot replay only slots above this one (what the store has). The
 * store may have the one slot whose CHOSEN record is still owed: that slot then
 * counts as chosen. The caller compares durable->applied_hash with the store's.
 * @param replay NULL: none. Its value lives until it returns.
 * @return OK; ERR_NOT_FOUND no journal; ERR_STATE_LOST, ERR_DAMAGED with the
 * segment and offset in reason: this registrar must not vote, nothing was
 * changed; ERR_NEWER; ERR_FOREIGN another registrar's; ERR_IO, ERR_FULL; what
 * replay returned.
 */
MUST_CHECK enum status journal_open(struct journal **out,
    const struct journal_config *config, struct arena *arena,
    uint64_t from_slot, journal_replay_fn *replay, void *arg,
    struct paxos_durable *durable, struct reason *reason);

/*
 * Append the writes of one step, sync the journal, then the mark. On return
 * all is durable. Invariants: J1-J4.
 * @return OK; anything else (ERR_TOO_LONG: does not fit a segment; ERR_IO,
 * ERR_FULL): the process must end at once, unanswered; nothing more is taken.
 */
MUST_CHECK enum status journal_append(struct journal *journal,
    const struct paxos_write *writes, unsigned n_writes,
    struct reason *reason);

/*
 * Value of a chosen slot, read back and checked. Thread: any.
 * @return OK; ERR_NOT_FOUND (trimmed, or its CHOSEN record is not written
 * yet), ERR_DAMAGED, ERR_IO.
 */
MUST_CHECK enum status journal_read(struct journal *journal, uint64_t slot,
    struct arena *arena, struct blob *value);

/*
 * The same for many slots in a row, cheaper for each.
 * @param first, last slots; those that are trimmed are left out.
 * @param each gets them in order; its value lives until it returns; anything
 * but OK ends the walk with it.
 * @return OK, ERR_DAMAGED, ERR_IO, what each returned.
 */
MUST_CHECK enum status journal_walk(struct journal *journal, uint64_t first,
    uint64_t last, journal_replay_fn *each, void *arg);

/*
 * Bytes that the journal will still take by itself: what the next segment does
 * not have yet. Thread: the engine's.
 */
uint64_t journal_wants(struct journal *journal);

/* Close. Nothing is owed: all that was appended is durable. */
void journal_close(struct journal *journal);

#endif
