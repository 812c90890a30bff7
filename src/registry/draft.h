/*
 * The state as one request would leave it: every name that the request
 * touches, loaded once from the view, with its explicit records in a form that
 * can be changed. Holds no rule of its own. Layer 2; the engine thread.
 *
 *	draft -> buckets[hash] -> name -> name        found by owner
 *	         names: every name touched, in any order
 *	name  -> before (view)      sets -> set TXT -> record -> record
 *	         now (after close)          set NAPTR -> record
 */
#ifndef REGISTRY_DRAFT_H
#define REGISTRY_DRAFT_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/status.h"
#include "registry/rrset.h"
#include "registry/scope.h"
#include "registry/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct draft_record {
	struct draft_record *next;
	struct blob rdata;
	bool is_added; /* by this request */
};

struct draft_set {
	struct draft_set *next;
	struct draft_record *records;
	uint32_t ttl;
	uint16_t type;
	uint16_t count;
};

struct prereq_set;

struct draft_name {
	struct draft_name *chain; /* same bucket */
	struct draft_name *next;  /* all names of the draft */
	struct blob owner;
	uint64_t hash;
	struct node before; /* as the view has it */
	struct node now;    /* before, until draft_close */
	struct draft_set *sets; /* explicit records, when is_open */
	struct name_class class; /* valid when is_classified */
	struct prereq_set *prereqs; /* prereq.c: RRsets that must be there */
	size_t change; /* index of the last change that touched it */
	bool is_open;
	bool is_written; /* sets may differ from before */
	bool is_named;   /* a change of the request names it */
	bool is_classified;
	/* for derived.c */
	bool has_new_below; /* an explicit name below appears */
	bool is_candidate;  /* its derived records may change */
	struct draft_name *next_candidate;
};

struct draft {
	struct arena *arena;
	const struct view *view;
	struct draft_name **buckets;
	size_t n_buckets; /* a power of two */
	size_t n_names;
	struct draft_name *names;
};

/*
 * An empty draft over view. @param expected names that will be touched; only
 * speed depends on it. Lives as long as the arena. Thread: the arena's.
 */
void draft_init(struct draft *draft, struct arena *arena,
    const struct view *view, size_t expected);

/*
 * The name at owner, loaded from the view at first touch. @param owner is
 * copied. @return OK; ERR_IO, ERR_DAMAGED from the view.
 */
MUST_CHECK enum status draft_get(struct draft_name **out, struct draft *draft,
    struct blob owner);

/* The name if it was touched already, else NULL. */
struct draft_name *draft_peek(const struct draft *draft, struct blob owner);

/* What kind of name it is; worked out at the first call. */
const struct name_class *draft_class(struct draft_name *name);

/* Explicit records of the name before the request; empty if derived. */
struct blob draft_explicit_before(const struct draft_name *name);

/*
 * Make name->sets valid: the explicit records as they are now.
 */
void draft_open(struct draft *draft, struct draft_name *name);

/* The RRset of a type, or NULL. Opens the name. */
struct draft_set *draft_find(struct draft *draft, struct draft_name *name,
    uint16_t type);

/*
 * Whether the name has explicit records, whatever stage it is in.
 */
bool draft_has_explicit(const struct draft_name *name);

/*
 * Whether it has explicit records of a type, whatever stage it is in.
 */
bool draft_has_type(const struct draft_name *name, uint16_t type);

/*
 * Put a record in: takes the place of an equal one (RFC 2136 1.1.1), and gives
 * its TTL to the whole RRset. @param rdata is not copied.
 * @return OK; ERR_FULL above the caps of a name, nothing changed then.
 */
MUST_CHECK enum status draft_put(struct draft *draft, struct draft_name *name,
    const struct record *record);

/* Take out the record *at points to, where at is a link in set. */
void draft_unlink(struct draft_name *name, struct draft_set *set,
    struct draft_record **at);

/* Take out the record equal to rdata, if there. */
void draft_remove(struct draft *draft, struct draft_name *name, uint16_t type,
    struct blob rdata);

/* Take out a whole RRset, if there. */
void draft_remove_type(struct draft *draft, struct draft_name *name,
    uint16_t type);

/* Take out everything. */
void draft_clear(struct draft *draft, struct draft_name *name);

/*
 * Encode the records of one name as they are at this moment.
 * @param out in the draft's arena; name itself stays as it is.
 * @return OK; ERR_FULL above the caps.
 */
MUST_CHECK enum status draft_encode(struct node *out, struct draft *draft,
    const struct draft_name *name);

/*
 * Encode what was changed: name->now of every name touched is valid then.
 * A name that had derived records and gets no explicit ones keeps them here.
 * @return OK; ERR_FULL above the caps.
 */
MUST_CHECK enum status draft_close(struct draft *draft);

/*
 * Sort a list of names linked by `next` into owner order. @return its head.
 */
struct draft_name *draft_sort(struct draft_name *names);

/* Whether the records of two blobs in the encoding are the same bytes. */
bool draft_same(struct blob a, struct blob b);

#endif
