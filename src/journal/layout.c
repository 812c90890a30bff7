/*
 * Encoding and decoding of blocks, records and entries. Bytes read back are
 * checked for everything, asserted for nothing. Layer 6; pure, any thread.
 */
#include "journal/layout.h"

#include "base/check.h"

#include <assert.h>
#include <string.h>

enum {
	MAGIC_LEN = 8,
	BALLOT_LEN = 12,
	BLOCK_USED = 216, /* bytes of a block that mean something */
};

static_assert((int)BLOCK_CHECKSUM_AT + (int)HASH_LEN == (int)BLOCK_LEN,
    "the checksum ends the block");
static_assert((int)BLOCK_USED < (int)BLOCK_CHECKSUM_AT, "block too small");

static const char *const magics[] = {
	[BLOCK_SEGMENT] = "e164djnl",
	[BLOCK_MARK] = "e164dmrk",
};

bool
is_zero(const uint8_t *data, size_t len)
{
	return len == 0 ||
	    (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

static void
write_ballot(struct writer *w, struct ballot ballot)
{
	write_u64(w, ballot.round);
	write_u32(w, ballot.registrar);
}

static struct ballot
read_ballot(struct reader *r)
{
	struct ballot ballot = { 0 };

	ballot.round = read_u64(r);
	ballot.registrar = read_u32(r);
	return ballot;
}

static void
write_hash(struct writer *w, const struct hash *hash)
{
	write_bytes(w, hash->bytes, HASH_LEN);
}

static void
read_hash(struct reader *r, struct hash *hash)
{
	read_bytes(r, hash->bytes, HASH_LEN);
}

void
block_encode(uint8_t *out, struct block *block, const struct hash_ops *hash)
{
	const struct journal_state *state = &block->state;
	struct writer w = writer_make(out, BLOCK_LEN);

	memset(out, 0, BLOCK_LEN);
	write_bytes(&w, magics[block->kind], MAGIC_LEN);
	write_u32(&w, JOURNAL_FORMAT);
	write_u32(&w, block->registrar);
	write_u32(&w, block->segment);
	write_u32(&w, block->segment_len);
	write_u64(&w, state->sequence);
	write_hash(&w, &state->chain);
	write_hash(&w, &block->previous);
	write_u64(&w, state->incarnation);
	write_ballot(&w, state->promised);
	write_u32(&w, state->is_accepted ? 1 : 0);
	write_u64(&w, state->applied_slot);
	write_hash(&w, &state->applied_hash);
	if (state->is_accepted) {
		write_ballot(&w, state->accepted_ballot);
		write_u32(&w, state->accepted_at.segment);
		write_u32(&w, state->accepted_at.offset);
		write_u32(&w, state->accepted_at.len);
		write_hash(&w, &state->accepted_hash);
		ensure(writer_len(&w) == BLOCK_USED);
	}
	hash->blake2b(&block->checksum, out, BLOCK_CHECKSUM_AT);
	memcpy(out + BLOCK_CHECKSUM_AT, block->checksum.bytes, HASH_LEN);
}

static void
read_state(struct reader *r, struct journal_state *state,
    struct hash *previous)
{
	state->sequence = read_u64(r);
	read_hash(r, &state->chain);
	read_hash(r, previous);
	state->incarnation = read_u64(r);
	state->promised = read_ballot(r);
	state->is_accepted = read_u32(r) == 1;
	state->applied_slot = read_u64(r);
	read_hash(r, &state->applied_hash);
	state->accepted_ballot = read_ballot(r);
	state->accepted_at.segment = read_u32(r);
	state->accepted_at.offset = read_u32(r);
	state->accepted_at.len = read_u32(r);
	read_hash(r, &state->accepted_hash);
}

/*
 * Every number here has one more than any that was counted to: what claims the
 * largest was not written by us, and nothing could follow it.
 */
static bool
is_at_end(const struct journal_state *state)
{
	return state->sequence == UINT64_MAX ||
	    state->incarnation == UINT64_MAX ||
	    state->applied_slot == UINT64_MAX;
}

enum status
block_decode(struct block *out, const uint8_t *data, enum block_kind kind,
    uint32_t registrar, const struct hash_ops *hash)
{
	struct reader r = reader_make(data, BLOCK_CHECKSUM_AT);
	struct block block = { .kind = kind };

	if (is_zero(data, BLOCK_LEN))
		return ERR_NOT_FOUND;
	hash->blake2b(&block.checksum, data, BLOCK_CHECKSUM_AT);
	if (memcmp(block.checksum.bytes, data + BLOCK_CHECKSUM_AT,
		HASH_LEN) != 0)
		return ERR_DAMAGED;
	if (memcmp(reader_take(&r, MAGIC_LEN), magics[kind], MAGIC_LEN) != 0)
		return ERR_DAMAGED;
	uint32_t version = read_u32(&r);
	if (version != JOURNAL_FORMAT)
		return version > JOURNAL_FORMAT ? ERR_NEWER : ERR_DAMAGED;
	block.registrar = read_u32(&r);
	block.segment = read_u32(&r);
	block.segment_len = read_u32(&r);
	read_state(&r, &block.state, &block.previous);
	if (block.registrar != registrar)
		return ERR_FOREIGN;
	if (is_at_end(&block.state))
		return ERR_DAMAGED;
	*out = block;
	return OK;
}

/* Bytes of an entry after its head. */
static size_t
entry_len(const struct entry *entry)
{
	switch (entry->kind) {
	case ENTRY_INCARNATION:
		return 8;
	case ENTRY_PROMISE:
		return BALLOT_LEN;
	case ENTRY_ACCEPTED:
		return 8 + BALLOT_LEN + HASH_LEN + entry->value.len;
	case ENTRY_CHOSEN:
		return 8 + HASH_LEN + entry->value.len;
	}
	never("entry kind");
}

size_t
record_len(const struct entry *entries, unsigned n)
{
	size_t len = RECORD_HEAD_LEN;

	for (unsigned i = 0; i < n; i++)
		len += ENTRY_HEAD_LEN + entry_len(&entries[i]);
	return len;
}

size_t
record_padded(size_t len)
{
	return (len + RECORD_ALIGN - 1) / RECORD_ALIGN * RECORD_ALIGN;
}

static void
write_entry(struct writer *w, const struct entry *entry)
{
	write_u32(w, (uint32_t)entry->kind << 24);
	write_u32(w, (uint32_t)entry_len(entry));
	switch (entry->kind) {
	case ENTRY_INCARNATION:
		write_u64(w, entry->incarnation);
		break;
	case ENTRY_PROMISE:
		write_ballot(w, entry->ballot);
		break;
	case ENTRY_ACCEPTED:
		write_u64(w, entry->slot);
		write_ballot(w, entry->ballot);
		write_hash(w, &entry->hash);
		write_bytes(w, entry->value.data, entry->value.len);
		break;
	case ENTRY_CHOSEN:
		write_u64(w, entry->slot);
		write_hash(w, &entry->hash);
		write_bytes(w, entry->value.data, entry->value.len);
		break;
	}
}

void
record_encode(uint8_t *out, const struct entry *entries, unsigned n,
    uint64_t sequence, const struct hash *before, struct hash *chain,
    const struct hash_ops *hash)
{
	size_t len = record_len(entries, n);
	size_t padded = record_padded(len);
	struct writer w = writer_make(out, len);

	require(n >= 1 && n <= RECORD_ENTRIES_MAX);
	write_hash(&w, before);
	write_u32(&w, (uint32_t)len);
	write_u16(&w, (uint16_t)n);
	write_u16(&w, 0);
	write_u64(&w, sequence);
	for (unsigned i = 0; i < n; i++)
		write_entry(&w, &entries[i]);
	ensure(!w.bad && writer_len(&w) == len);
	memset(out + len, 0, padded - len);
	hash->blake2b(chain, out, len);
	memcpy(out, chain->bytes, HASH_LEN);
}

size_t
record_peek(const uint8_t *data, uint64_t sequence)
{
	struct reader r = reader_make(data + HASH_LEN,
	    RECORD_HEAD_LEN - HASH_LEN);
	size_t len = read_u32(&r);
	unsigned n = read_u16(&r);
	unsigned zero = read_u16(&r);

	if (read_u64(&r) != sequence || zero != 0 || n == 0 ||
	    n > RECORD_ENTRIES_MAX || len <= RECORD_HEAD_LEN)
		return 0;
	return len;
}

bool
record_check(uint8_t *data, size_t len, const struct hash *before,
    struct hash *chain, const struct hash_ops *hash)
{
	struct hash got;

	memcpy(chain->bytes, data, HASH_LEN);
	memcpy(data, before->bytes, HASH_LEN);
	hash->blake2b(&got, data, len);
	return memcmp(got.bytes, chain->bytes, HASH_LEN) == 0;
}

/* The fields of a kind. */
static bool
read_fields(struct reader *r, struct entry *entry)
{
	switch (entry->kind) {
	case ENTRY_INCARNATION:
		entry->incarnation = read_u64(r);
		return reader_done(r);
	case ENTRY_PROMISE:
		entry->ballot = read_ballot(r);
		return reader_done(r);
	case ENTRY_ACCEPTED:
		entry->slot = read_u64(r);
		entry->ballot = read_ballot(r);
		break;
	case ENTRY_CHOSEN:
		entry->slot = read_u64(r);
		break;
	}
	read_hash(r, &entry->hash);
	entry->value.len = reader_left(r);
	entry->value.data = reader_take(r, entry->value.len);
	return !r->bad;
}

enum status
entry_next(struct reader *entries, struct entry *out)
{
	if (reader_done(entries))
		return ERR_NOT_FOUND;
	uint32_t head = read_u32(entries);
	size_t len = read_u32(entries);
	const uint8_t *data = reader_take(entries, len);
	unsigned kind = head >> 24;
	if (entries->bad || (head & 0xffffff) != 0 ||
	    kind < ENTRY_INCARNATION || kind > ENTRY_CHOSEN)
		return ERR_MALFORMED;
	*out = (struct entry){ .kind = (enum entry_kind)kind };
	struct reader fields = reader_make(data, len);
	return read_fields(&fields, out) ? OK : ERR_MALFORMED;
}

static enum status
apply_accepted(struct journal_state *state, const struct entry *entry,
    struct location at)
{
	/* P2 and one undecided slot, as far as a disk can show them */
	if (entry->slot != state->applied_slot + 1 ||
	    ballot_compare(entry->ballot, state->promised) < 0)
		return ERR_DAMAGED;
	state->promised = entry->ballot;
	state->is_accepted = true;
	state->accepted_ballot = entry->ballot;
	state->accepted_hash = entry->hash;
	state->accepted_at = at;
	return OK;
}

static enum status
apply_chosen(struct journal_state *state, const struct entry *entry,
    struct location at, struct location *chosen)
{
	if (entry->slot != state->applied_slot + 1)
		return ERR_DAMAGED;
	bool is_held = state->is_accepted &&
	    memcmp(&state->accepted_hash, &entry->hash, HASH_LEN) == 0;
	if (!is_held && entry->value.len == 0)
		return ERR_DAMAGED;
	*chosen = entry->value.len > 0 ? at : state->accepted_at;
	state->applied_slot = entry->slot;
	state->applied_hash = entry->hash;
	state->is_accepted = false;
	return OK;
}

enum status
state_apply(struct journal_state *state, const struct entry *entry,
    struct location at, struct location *chosen)
{
	/* as is_at_end */
	if (entry->incarnation == UINT64_MAX || entry->slot == UINT64_MAX)
		return ERR_DAMAGED;
	switch (entry->kind) {
	case ENTRY_INCARNATION:
		if (entry->incarnation <= state->incarnation)
			return ERR_DAMAGED;
		state->incarnation = entry->incarnation;
		return OK;
	case ENTRY_PROMISE:
		if (ballot_compare(entry->ballot, state->promised) <= 0)
			return ERR_DAMAGED;
		state->promised = entry->ballot;
		return OK;
	case ENTRY_ACCEPTED:
		return apply_accepted(state, entry, at);
	case ENTRY_CHOSEN:
		return apply_chosen(state, entry, at, chosen);
	}
	never("entry kind");
}
