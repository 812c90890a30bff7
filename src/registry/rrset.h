/*
 * The records of one name, in the one encoding that changesets, store and view
 * share. RRsets in ascending type order, each
 *
 *	0  2  type
 *	2  4  TTL, seconds (0 .. 2^31-1)
 *	6  2  count of records, 1..RRSET_RECORDS_MAX
 *	8  count times: 2 length, then that many bytes of uncompressed rdata;
 *	   in ascending order (memcmp, shorter first)
 *
 * SOA is kept with serial 0: the serial belongs to the version, not to the
 * record, and is put in where the record is read or sent. Layer 2; pure.
 */
#ifndef REGISTRY_RRSET_H
#define REGISTRY_RRSET_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	RRSET_RECORDS_MAX = 100, /* records of one RRset */
	NODE_TYPES_MAX = 100,    /* RRsets of one name */
	TTL_MAX = 0x7fffffff,    /* seconds, RFC 2181 8 */
	NODE_DERIVED = 0x01,     /* made by us to keep a block whole */
	NODE_FLAGS_ALL = NODE_DERIVED,
	RRSET_HEAD_LEN = 8, /* bytes in front of the first record */
	RDATA_HEAD_LEN = 2, /* bytes in front of rdata: its length */
};

/* What is at one name. rrsets.len 0: nothing (flags 0 then). */
struct node {
	uint8_t flags; /* NODE_DERIVED or 0 */
	struct blob rrsets;
};

struct rrset {
	uint16_t type;
	uint32_t ttl;
	uint16_t count;
	struct blob rdatas; /* count times length and rdata */
};

/*
 * Take the next RRset off the front of *rest (in the encoding above).
 * @return false at the end, or when the bytes are malformed (rest is then
 * left non-empty): callers with foreign bytes use rrsets_check first.
 */
bool rrset_next(struct blob *rest, struct rrset *out);

/* Take the next rdata off the front of *rdatas; false at the end. */
bool rrset_next_rdata(struct blob *rdatas, struct blob *rdata);

/* Find one type; false if not there. */
bool rrset_find(struct blob rrsets, uint16_t type, struct rrset *out);

/* A record with equal rdata (rdata_equal) is in the RRset. */
bool rrset_has_rdata(const struct rrset *rrset, struct blob rdata);

/* No two records are equal (rdata_equal); the RRset is in ascending order. */
bool rrset_is_distinct(const struct rrset *rrset);

/*
 * Full check of foreign bytes: structure, order, no duplicates, caps, rdata
 * well formed, no meta types, SOA serial 0. @return OK, ERR_MALFORMED.
 */
MUST_CHECK enum status rrsets_check(struct blob rrsets);

/* One record, for building. */
struct record {
	uint16_t type;
	uint32_t ttl;
	struct blob rdata;
};

/*
 * Encode records (any order) of one name. Of duplicates (rdata_equal) the
 * last stays, the last TTL of a type counts for its whole RRset (above TTL_MAX
 * it is 0, RFC 2181 8), an SOA's serial becomes 0.
 * @param records well formed (rdata_check); n 0 is allowed.
 * @param out in arena. @return OK, ERR_FULL above the caps.
 */
MUST_CHECK enum status rrsets_build(struct arena *arena, struct blob *out,
    const struct record *records, size_t n);

/*
 * before - removed + added, each in the encoding above and checked. A record
 * counts as removed only with its TTL; an RRset whose TTL changes is removed
 * and added as a whole.
 * @return OK; ERR_DIVERGED if something removed was not there, or something
 * added was; ERR_FULL above the caps.
 */
MUST_CHECK enum status rrsets_patch(struct arena *arena, struct blob *out,
    struct blob before, struct blob removed, struct blob added);

/*
 * The difference: what patch needs to get from before to after. Records are
 * compared as bytes, so a change of case is one.
 * @param before, after checked. @param removed, added out, in arena.
 * Thread: the owner of the arena.
 */
void rrsets_diff(struct arena *arena, struct blob before, struct blob after,
    struct blob *removed, struct blob *added);

#endif
