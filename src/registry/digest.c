/*
 * Digest of a state: one hash for each record, added up. A name's flags count
 * as one more record, so that they are guarded, too, and records that stay
 * need not be hashed again when only the flags change. Hash input:
 *
 *	0  1  length of owner
 *	1  n  owner
 *	   2  type; 0 for the flags of the name
 *	   4  TTL; for the flags: the flags
 *	   2  length of rdata; for the flags: 0
 *	   n  rdata, or its BLAKE2b when it is longer than RDATA_INLINE_MAX
 *
 * Layer 2; pure.
 */
#include "registry/changeset.h"

#include "base/check.h"
#include "dns/name.h"

#include <string.h>

enum {
	RDATA_INLINE_MAX = 1024, /* bytes hashed in the same call */
	RECORD_HEAD_LEN = 2 + 4 + 2,
	INPUT_MAX = 1 + OWNER_MAX + RECORD_HEAD_LEN + RDATA_INLINE_MAX,
	TYPE_FLAGS = 0, /* no record has this type */
};

_Static_assert(RDATA_INLINE_MAX >= (int)HASH_LEN, "a hash fits instead");

/* What is hashed; the owner stays for all records of a name. */
struct input {
	const struct hash_ops *ops;
	size_t owner_len; /* with its length byte */
	uint8_t bytes[INPUT_MAX];
};

enum sign { SIGN_IN, SIGN_OUT };

static void
input_open(struct input *input, const struct hash_ops *ops, struct blob owner)
{
	require(owner.len <= OWNER_MAX);
	input->ops = ops;
	input->bytes[0] = (uint8_t)owner.len;
	if (owner.len > 0)
		memcpy(input->bytes + 1, owner.data, owner.len);
	input->owner_len = 1 + owner.len;
}

static uint64_t
lane_at(const uint8_t *p)
{
	struct reader r = reader_make(p, 8);
	return read_u64(&r);
}

static void
take_record(struct digest *digest, struct input *input, enum sign sign,
    const struct record *record)
{
	uint8_t *p = input->bytes + input->owner_len;
	struct blob tail = record->rdata;
	struct hash hash;

	put_u16(p, record->type);
	put_u32(p + 2, record->ttl);
	put_u16(p + 6, (uint16_t)record->rdata.len);
	p += RECORD_HEAD_LEN;
	if (tail.len > RDATA_INLINE_MAX) {
		input->ops->blake2b(&hash, tail.data, tail.len);
		tail = (struct blob){ hash.bytes, HASH_LEN };
	}
	if (tail.len > 0)
		memcpy(p, tail.data, tail.len);
	p += tail.len;
	input->ops->blake2b(&hash, input->bytes, (size_t)(p - input->bytes));
	for (size_t i = 0; i < 4; i++) {
		uint64_t lane = lane_at(hash.bytes + 8 * i);
		digest->lane[i] += sign == SIGN_IN ? lane : -lane;
	}
}

static void
take_flags(struct digest *digest, struct input *input, enum sign sign,
    uint8_t flags)
{
	struct record record = { .type = TYPE_FLAGS, .ttl = flags };

	if (flags != 0)
		take_record(digest, input, sign, &record);
}

static void
take_rrsets(struct digest *digest, struct input *input, enum sign sign,
    struct blob rrsets)
{
	struct rrset rrset;

	while (rrset_next(&rrsets, &rrset)) {
		struct record record = { .type = rrset.type,
			.ttl = rrset.ttl };
		while (rrset_next_rdata(&rrset.rdatas, &record.rdata))
			take_record(digest, input, sign, &record);
	}
}

void
digest_change(struct digest *digest, const struct hash_ops *hash,
    const struct name_change *change)
{
	struct input input;

	input_open(&input, hash, change->owner);
	if (change->flags_before != change->flags_after) {
		take_flags(digest, &input, SIGN_OUT, change->flags_before);
		take_flags(digest, &input, SIGN_IN, change->flags_after);
	}
	take_rrsets(digest, &input, SIGN_OUT, change->removed);
	take_rrsets(digest, &input, SIGN_IN, change->added);
}

void
digest_node(struct digest *digest, const struct hash_ops *hash,
    struct blob owner, const struct node *node)
{
	struct input input;

	input_open(&input, hash, owner);
	take_flags(digest, &input, SIGN_IN, node->flags);
	take_rrsets(digest, &input, SIGN_IN, node->rrsets);
}

bool
digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a->lane, b->lane, sizeof a->lane) == 0;
}
