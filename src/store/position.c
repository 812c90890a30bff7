/*
 * The applied position as bytes: version, slot, time, serial, hash, digest,
 * sum over all records. Layer 6; any thread.
 */
#include "store/internal.h"

#include "base/check.h"

#include <assert.h>
#include <string.h>

enum { POSITION_VERSION = 2, LANES = 4 };

static_assert(sizeof((struct digest *)0)->lane == (size_t)LANES * 8,
    "four lanes of 64 bits");

void
position_encode(uint8_t out[POSITION_LEN],
    const struct store_position *position, uint64_t sum)
{
	struct writer w = writer_make(out, POSITION_LEN);

	write_u8(&w, POSITION_VERSION);
	write_u64(&w, position->slot);
	write_u64(&w, position->time_ms);
	write_u32(&w, position->serial);
	write_bytes(&w, position->hash.bytes, HASH_LEN);
	for (unsigned i = 0; i < LANES; i++)
		write_u64(&w, position->digest.lane[i]);
	write_u64(&w, sum);
	ensure(!w.bad && writer_len(&w) == POSITION_LEN);
}

bool
position_decode(struct store_position *out, uint64_t *sum, const void *data,
    size_t len)
{
	struct reader r = reader_make(data, len);
	struct store_position position = { 0 };

	if (read_u8(&r) != POSITION_VERSION)
		return false;
	position.slot = read_u64(&r);
	position.time_ms = read_u64(&r);
	position.serial = read_u32(&r);
	read_bytes(&r, position.hash.bytes, HASH_LEN);
	for (unsigned i = 0; i < LANES; i++)
		position.digest.lane[i] = read_u64(&r);
	uint64_t found = read_u64(&r);
	if (!reader_done(&r))
		return false;
	*out = position;
	*sum = found;
	return true;
}
