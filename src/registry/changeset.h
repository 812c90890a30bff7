/*
 * Changeset: the value of a slot, the journal entry and the peer transfer, in
 * one encoding (doc/disk-format.md draws it). A header and one part for each
 * request that the slot decided. Layer 2; pure.
 */
#ifndef REGISTRY_CHANGESET_H
#define REGISTRY_CHANGESET_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/status.h"
#include "registry/request.h"
#include "registry/rrset.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	CHANGESET_MAX = 4 * 1024 * 1024, /* bytes encoded */
	CHANGESET_PARTS_MAX = 4096,
	CHANGESET_HEADER_LEN = 88, /* bytes in front of the first part */
};

/*
 * Digest of a whole state: the sum, in four 64-bit lanes, of one hash for each
 * record; so it follows a change in the time of the change, and does not
 * depend on order. Guards against divergence, not against forgers.
 */
struct digest {
	uint64_t lane[4];
};

/*
 * One name, before -> after. Lists as rrsets_diff makes them; both may be
 * empty when only the flags change.
 */
struct name_change {
	struct blob owner;
	uint8_t flags_before; /* node flags; 0 when nothing was there */
	uint8_t flags_after;  /* node flags; 0 when nothing is left */
	struct blob removed;
	struct blob added;
};

/* What a request got. rcode as in RFC 2136 2.2. */
struct receipt {
	struct hash id; /* of the request */
	uint64_t time_signed_s;
	uint16_t rcode;
	uint16_t cause; /* enum cause, registry/cause.h */
};

struct part {
	enum door door;
	struct actor actor;
	struct receipt receipt;
	const struct name_change *changes; /* owners strictly ascending */
	size_t n_changes;
};

struct changeset_header {
	uint64_t slot;
	uint64_t time_ms;     /* leader's clock, never below the previous one */
	uint32_t serial;      /* of the state after this slot */
	struct hash previous; /* BLAKE2b of the one before; 0s at slot 1 */
	struct digest before; /* of the state this one is applied to */
};

/*
 * Encode. What changeset_decode would refuse is a bug of the caller.
 * @param out in arena.
 * @return OK; ERR_TOO_LONG above CHANGESET_MAX.
 */
MUST_CHECK enum status changeset_encode(struct arena *arena, struct blob *out,
    const struct changeset_header *header, const struct part *parts,
    size_t n_parts);

/*
 * Decode and check everything in foreign bytes. Blobs point into data.
 * @param parts, n_parts out, array in arena.
 * @return OK, ERR_MALFORMED, ERR_NEWER (unknown version).
 */
MUST_CHECK enum status changeset_decode(struct arena *arena,
    struct changeset_header *header, const struct part **parts,
    size_t *n_parts, struct blob data);

/*
 * Encoded length of a part, for filling a batch: the parts of a changeset and
 * CHANGESET_HEADER_LEN make its length exactly.
 */
size_t part_len(const struct part *part);

/* Encoded length of one change, which is in part_len of its part. */
size_t name_change_len(const struct name_change *change);

/*
 * Take a name change into the digest: out the removed, in the added. A name's
 * flags count by themselves, so records that stay are not in it.
 */
void digest_change(struct digest *digest, const struct hash_ops *hash,
    const struct name_change *change);

/* Take a whole node in (for a digest from scratch). */
void digest_node(struct digest *digest, const struct hash_ops *hash,
    struct blob owner, const struct node *node);

/* Whether two digests are of the same state. */
bool digest_equal(const struct digest *a, const struct digest *b);

#endif
