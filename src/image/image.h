/*
 * The image: the picture of the public zone that is served. Immutable versions
 * over shared memory: readers use a version without lock or allocation while
 * the engine thread prepares the next by copying the path to what changes.
 *
 * Everything lies in one region handed in by the caller; references are 32-bit
 * numbers of 8-byte units from its start, so a region can be written to a file
 * and mapped elsewhere.
 *
 *	version -> decimal node: three digits a level, bitmap and rank
 *	               |-- child nodes                 (more digits below)
 *	               |-- node data at depth 1, 2, 3 and at '*' below them
 *	               '-- names with other labels: a PATRICIA trie of owners
 *	node data -> RRsets, each a reference to an interned template with the
 *	             number and the values of attributes left out, and these
 *
 * Layer 3; pure. One engine thread writes; any number of readers.
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/status.h"
#include "dns/name.h"
#include "e164/tn.h"
#include "registry/changeset.h"
#include "registry/rrset.h"
#include "registry/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image;         /* the writer's side; engine thread only */
struct image_version; /* immutable; lives in the region */

/* ------------------------------------------------------------------ writing */

/*
 * Start an empty image.
 * @param out the image, to be given to image_destroy.
 * @param region cap bytes, 8-byte aligned, kept by the image until destroy;
 * untouched pages need no memory, so cap may be far above the need (16 GiB of
 * it are used at most).
 * @return OK; ERR_NO_ROOM when cap is too small to begin.
 */
MUST_CHECK enum status image_create(struct image **out, void *region,
    size_t cap);
void image_destroy(struct image *image);

/* The version that image_commit made last (an empty one at first). */
const struct image_version *image_current(const struct image *image);

/*
 * Open the next version; one at a time. Changes go into it one by one and are
 * seen through image_candidate at once; readers of older versions see nothing.
 */
void image_begin(struct image *image);

/* The version being prepared: for the judge's view. Valid until the next
 * image_apply, commit or abort; take it anew after each. */
const struct image_version *image_candidate(const struct image *image);

/*
 * Apply one name change (public scope) to the candidate.
 * @return OK; ERR_DIVERGED when `removed` or flags_before is not what is there
 * (abort, and end the process); ERR_FULL when the region is used up, or the
 * records would be too many (abort: the request that caused it must be
 * refused, or the process ends).
 */
MUST_CHECK enum status image_apply(struct image *image,
    const struct name_change *change);

/*
 * Put a whole node at a name that has none: loading from the store. Fastest,
 * and without bookkeeping, into an image that never held anything, in owner
 * order. @param node at least one record.
 * @return OK; ERR_FULL; ERR_EXISTS; ERR_MALFORMED (not the shared encoding).
 */
MUST_CHECK enum status image_load(struct image *image, struct blob owner,
    const struct node *node);

/*
 * Close the candidate: it becomes image_current. Not after ERR_FULL.
 * @param slot, serial of the state it shows; slots never go back.
 * @return the new version; what it replaced stays readable until released.
 */
const struct image_version *image_commit(struct image *image, uint64_t slot,
    uint32_t serial);

/* Drop the candidate as if begin had never been. */
void image_abort(struct image *image);

/*
 * No reader uses a version with a slot below this any more: give its memory
 * back. The caller knows from the readers' quiescent states and pins. Nothing
 * happens while a candidate is open.
 */
void image_release(struct image *image, uint64_t oldest_slot_in_use);

struct image_usage {
	size_t used;      /* bytes of the region in use, free lists left out */
	size_t reserved;  /* bytes of the region ever touched */
	uint64_t numbers; /* names that are numbers, derived ones left out */
	uint64_t names;   /* all names with records */
	uint64_t records; /* all records */
};
struct image_usage image_usage(const struct image *image);

/*
 * Invariants of a version: bitmap ranks, counts, no dangling reference, every
 * interned template's count of users. For tests. @return OK, ERR_DAMAGED with
 * reason.
 */
struct reason;
MUST_CHECK enum status image_check(const struct image *image,
    const struct image_version *version, struct reason *reason);

/* ------------------------------------------------------------------ reading */

/* What the version shows: its slot, its SOA serial. Thread: any. */
uint64_t image_slot(const struct image_version *version);
uint32_t image_serial(const struct image_version *version);

/* A QNAME at or below the apex, ready for look-up. */
struct qname {
	struct blob owner; /* lower case */
	struct tn tn;      /* the leading single-digit labels, at most 15 */
	uint8_t n_digits;  /* labels in tn */
	uint8_t n_labels;  /* labels of owner */
};

/*
 * Fill *out for an owner. @param owner valid; kept by reference.
 */
void qname_make(struct qname *out, struct blob owner);

/* Reference to the data of one name within a version. 0: none. */
struct node_ref {
	uint32_t ref;
};

enum image_match_kind {
	MATCH_NONE,     /* NXDOMAIN: no such name, no wildcard */
	MATCH_EXACT,    /* the name has records */
	MATCH_EMPTY,    /* the name, or the '*' it falls under, exists without
	                 * records: NODATA */
	MATCH_WILDCARD, /* RFC 4592: synthesise from node */
	MATCH_CUT,      /* at or below a delegation: node has its NS */
};

struct image_match {
	enum image_match_kind kind;
	struct node_ref node;    /* EXACT, WILDCARD, CUT */
	uint8_t encloser_labels; /* labels of the closest encloser or the cut */
	struct tn tn; /* for image_emit: the number whose name node is at,
	               * empty when that name is no number */
};

/*
 * Look a name up as RFC 1034 4.3.2 and RFC 4592 3.3 do: cuts on the way down
 * win, then the exact name, then `*.<closest encloser>`. The apex's own NS is
 * no cut. At a cut name itself: MATCH_CUT with encloser_labels = its labels.
 * No lock, no allocation, at most 6 decimal nodes.
 */
void image_find(const struct image_version *version, const struct qname *qname,
    struct image_match *out);

/*
 * The records that stand at exactly this name, cuts above it ignored and no
 * wildcard tried: for the addresses of name servers (glue, RFC 1034 4.3.2 3b).
 * @return true with *node and *tn (for image_emit) set; false: none there.
 */
bool image_find_glue(const struct image_version *version,
    const struct qname *qname, struct node_ref *node, struct tn *tn);

/* One RRset of a node. Valid as long as the version. */
struct image_rrset {
	const struct image_version *version;
	const uint8_t *form;   /* interned template */
	const uint8_t *values; /* what it leaves out, from the node */
	uint16_t type;
	uint16_t count;
	uint32_t ttl;
};

/* The RRset of a type at a node. @return false if there is none. */
bool image_rrset(const struct image_version *version, struct node_ref node,
    uint16_t type, struct image_rrset *out);

/*
 * The RRsets of a node in ascending type order. *cursor starts at 0.
 * @return false at the end.
 */
bool image_rrset_next(const struct image_version *version,
    struct node_ref node, uint32_t *cursor, struct image_rrset *out);

/*
 * Write all records of an RRset as they stand in an answer: for each a pointer
 * to the owner (0xC000 | owner_offset), TYPE, CLASS IN, TTL, RDLENGTH, rdata
 * (names in it uncompressed). The query path's only way to rdata.
 * @param tn from image_match. @param out cap bytes of room.
 * @return bytes written; 0 if they do not all fit (nothing is written then
 * that matters). No allocation.
 */
size_t image_emit(const struct image_rrset *rrset, struct tn tn,
    uint16_t owner_offset, uint8_t *out, size_t cap);

/*
 * Node by name, expanded into the shared encoding (SOA serial 0). For the
 * judge, export, transfers; not the query path. out->rrsets.len 0: nothing.
 */
void image_get(const struct image_version *version, struct blob owner,
    struct arena *arena, struct node *out);

/*
 * The first name with records strictly below top and after `after` in owner
 * order (after.len 0: from the first). Cost: one walk down, not one of all.
 */
bool image_next_below(const struct image_version *version, struct blob top,
    struct blob after, struct owner *out, uint8_t *flags);

#endif
