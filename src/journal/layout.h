/*
 * What the journal has on disk, as bytes. All numbers in network order.
 *
 * Block: the state of the journal at one point, in 4096 bytes; the first of
 * every segment, and both sectors of the mark.
 *
 *	   0   8  "e164djnl" in a segment, "e164dmrk" in the mark
 *	   8   4  format version, 1
 *	  12   4  registrar
 *	  16   4  segment: this one's number; in the mark that of the record
 *	  20   4  length of the segment, bytes
 *	  24   8  sequence number of the last record before this point, 0: none
 *	  32  32  chain of that record, 0s: none
 *	  64  32  checksum of the block of the segment before, 0s: none
 *	  96   8  incarnation
 *	 104   8  promised ballot: round
 *	 112   4                   registrar
 *	 116   4  1: a value is accepted for the slot after the applied one
 *	 120   8  applied slot (last known to be chosen)
 *	 128  32  its hash
 *	 160   8  accepted ballot: round       (this and below 0 if none)
 *	 168   4                   registrar
 *	 172   4  where its value is: segment
 *	 176   4                      offset in it
 *	 180   4                      length, bytes
 *	 184  32  its hash
 *	 216      zeroes
 *	4064  32  BLAKE2b of the 4064 bytes before (same place in all versions)
 *
 * Record: what was written in one step, behind the block and 8-aligned.
 *
 *	   0  32  chain: BLAKE2b of the record with the chain of the record
 *	          before it in this place
 *	  32   4  length, bytes, this head included, padding not
 *	  36   2  entries, 1..RECORD_ENTRIES_MAX
 *	  38   2  zero
 *	  40   8  sequence number, one more than the record before
 *	  48      entries, then zeroes up to a multiple of 8
 *
 * Entry:
 *
 *	   0   1  kind
 *	   1   3  zero
 *	   4   4  length of what follows, bytes
 *	   8      INCARNATION  8 incarnation
 *	          PROMISE      8 round, 4 registrar
 *	          ACCEPTED     8 slot, 8 round, 4 registrar, 32 hash, value
 *	          CHOSEN       8 slot, 32 hash, value (none if it is the
 *	                       accepted one)
 *
 * Layer 6; pure, any thread.
 */
#ifndef JOURNAL_LAYOUT_H
#define JOURNAL_LAYOUT_H

#include "base/bytes.h"
#include "base/hash.h"
#include "base/status.h"
#include "paxos/paxos.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	JOURNAL_FORMAT = 1,
	BLOCK_LEN = 4096,         /* bytes */
	BLOCK_CHECKSUM_AT = 4064, /* offset */
	RECORD_HEAD_LEN = 48,     /* bytes */
	RECORD_ENTRIES_MAX = 8,
	ENTRY_HEAD_LEN = 8, /* bytes */
	RECORD_ALIGN = 8,
};

/* Where the bytes of a value are. The 32 bytes before it are its hash. */
struct location {
	uint32_t segment;
	uint32_t offset;
	uint32_t len;
};

/* What all records up to one say together. */
struct journal_state {
	uint64_t sequence;
	struct hash chain;
	uint64_t incarnation;
	struct ballot promised;
	uint64_t applied_slot;
	struct hash applied_hash;
	bool is_accepted; /* a value for applied_slot + 1 */
	struct ballot accepted_ballot;
	struct hash accepted_hash;
	struct location accepted_at;
};

enum block_kind { BLOCK_SEGMENT, BLOCK_MARK };

struct block {
	enum block_kind kind;
	uint32_t registrar;
	uint32_t segment;
	uint32_t segment_len;
	struct hash previous;
	struct hash checksum; /* out of both functions */
	struct journal_state state;
};

enum entry_kind {
	ENTRY_INCARNATION = 1,
	ENTRY_PROMISE = 2,
	ENTRY_ACCEPTED = 3,
	ENTRY_CHOSEN = 4,
};

struct entry {
	enum entry_kind kind;
	uint64_t incarnation;
	uint64_t slot;
	struct ballot ballot;
	struct hash hash;
	struct blob value;
};

/* Encode a block. @param out BLOCK_LEN bytes. */
void block_encode(uint8_t *out, struct block *block,
    const struct hash_ops *hash);

/*
 * Decode and check BLOCK_LEN foreign bytes.
 * @return OK; ERR_NOT_FOUND all zero; ERR_DAMAGED; ERR_NEWER;
 * ERR_FOREIGN another registrar's.
 */
MUST_CHECK enum status block_decode(struct block *out, const uint8_t *data,
    enum block_kind kind, uint32_t registrar, const struct hash_ops *hash);

/* Bytes of a record of these entries, without padding. */
size_t record_len(const struct entry *entries, unsigned n);

/* Up to the next multiple of RECORD_ALIGN. */
size_t record_padded(size_t len);

/*
 * Encode a record with its padding. @param out record_padded(record_len) bytes.
 * @param before chain of the record before. @param chain out: its own.
 */
void record_encode(uint8_t *out, const struct entry *entries, unsigned n,
    uint64_t sequence, const struct hash *before, struct hash *chain,
    const struct hash_ops *hash);

/*
 * Length of the record at data, if its head can be one.
 * @param data RECORD_HEAD_LEN bytes. @return 0: it cannot.
 */
size_t record_peek(const uint8_t *data, uint64_t sequence);

/*
 * Check the chain of a record. @param data len bytes; its chain field is
 * changed to `before`. @param chain out: the record's own.
 */
bool record_check(uint8_t *data, size_t len, const struct hash *before,
    struct hash *chain, const struct hash_ops *hash);

/*
 * Take the next entry off a record's entries.
 * @return OK; ERR_NOT_FOUND at the end; ERR_MALFORMED.
 */
MUST_CHECK enum status entry_next(struct reader *entries, struct entry *out);

/*
 * Take one entry into the state.
 * @param at where the entry's value is, if it has one.
 * @param chosen out: where the value of a CHOSEN entry is.
 * @return OK; ERR_DAMAGED: it cannot follow the state.
 */
MUST_CHECK enum status state_apply(struct journal_state *state,
    const struct entry *entry, struct location at, struct location *chosen);

/* Only zeroes. */
bool is_zero(const uint8_t *data, size_t len);

#endif
