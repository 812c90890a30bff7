/*
 * What signed requests got, by their id: a repeat gets the first result, and a
 * replay does nothing. Kept until RECEIPT_KEPT_S of slot time after the time
 * signed; at most RECEIPTS_MAX. Layer 8; the engine thread.
 *
 * A request names its time signed, so there is one table for each second, found
 * without searching, and forgotten as a whole:
 *
 *	seconds[time signed % RECEIPT_SECONDS] -> table: open addressing
 *	      entry: 12 bytes of the id, slot - first slot, rcode and cause
 *
 * A table of a second that is over is made tight: 20 bytes an entry and an
 * eighth more.
 */
#ifndef ENGINE_RECEIPTS_H
#define ENGINE_RECEIPTS_H

#include "base/bytes.h"
#include "base/status.h"
#include "registry/changeset.h"
#include "registry/judge.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* a time signed may be FUDGE_MAX_S ahead, and a receipt of it is kept
	 * RECEIPT_KEPT_S longer; a power of two */
	RECEIPT_SECONDS = 1024,
	/* in all; more are not taken in (about 16 million: 370 MB) */
	RECEIPTS_MAX = 1 << 24,
};
_Static_assert(RECEIPT_SECONDS > 2 * FUDGE_MAX_S + RECEIPT_KEPT_S,
    "no two live seconds share a table");

struct receipt_entry {
	uint32_t id[3];   /* of the hash; id[0] 0: the place is empty */
	uint32_t slot;    /* after the table's first */
	uint16_t rcode;
	uint16_t cause;
};
_Static_assert(sizeof(struct receipt_entry) == 20, "as promised above");

struct receipt_table {
	struct receipt_entry *entries;
	uint64_t second;     /* whose it is */
	uint64_t first_slot; /* entries count from it */
	uint32_t cap;        /* places */
	uint32_t n;          /* taken */
	bool is_tight;
};

struct receipts {
	struct receipt_table *seconds; /* RECEIPT_SECONDS of them */
	uint64_t now_s;  /* slot time as last told */
	size_t n;        /* of all tables */
	size_t bytes;    /* of memory, for status and tests */
};

/* An empty index. */
void receipts_init(struct receipts *receipts);

/* Give all memory back. */
void receipts_fini(struct receipts *receipts);

/*
 * Slot time goes on: forget what is too old. Call before judging at that time.
 */
void receipts_advance(struct receipts *receipts, uint64_t now_ms);

/* Whether one more can be kept; if not, signed requests have to wait. */
bool receipts_has_room(const struct receipts *receipts);

/*
 * Keep what a request got in this slot. One that is not signed, or too old at
 * the time told last, is not kept.
 * @param slot not below one of an earlier call with the same time signed.
 */
void receipts_add(struct receipts *receipts, const struct receipt *receipt,
    uint64_t slot);

/* Forget one that was added: its slot was given up. */
void receipts_remove(struct receipts *receipts, const struct receipt *receipt);

/*
 * Find one, as struct receipts_view wants it; arg is the struct receipts.
 */
bool receipts_find(void *arg, const struct receipt *wanted,
    struct receipt *out, uint64_t *slot);

#endif
