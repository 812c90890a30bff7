/*
 * The judge: request and state in, outcome out. Pure, the same everywhere.
 * DESIGN "the change path" 3; RFC 2136 3.2-3.4 in their own order.
 * Layer 2; the engine thread.
 */
#ifndef REGISTRY_JUDGE_H
#define REGISTRY_JUDGE_H

#include "base/arena.h"
#include "base/reason.h"
#include "registry/cause.h"
#include "registry/changeset.h"
#include "registry/request.h"
#include "registry/view.h"

#include <stdint.h>

enum { OUTCOME_WARNINGS_MAX = 16 }; /* kept with text; all are counted */

/*
 * Results of earlier requests. find NULL: none are kept.
 */
struct receipts_view {
	void *arg;
	/* The receipt of the request with wanted's id and time signed.
	 * @param slot out: where it was decided.
	 * @return false: no such request, or it was too long ago. */
	bool (*find)(void *arg, const struct receipt *wanted,
	    struct receipt *out, uint64_t *slot);
};

struct judge_env {
	const struct view *view;
	const struct dname *apex;
	uint64_t now_ms; /* slot time */
	struct receipts_view receipts;
};

enum {
	FUDGE_MAX_S = 300,    /* whatever the client asks for */
	RECEIPT_KEPT_S = 360, /* slot time after the time signed */
};

/* What became of a request. */
enum judged {
	JUDGED,        /* its part goes into the slot */
	JUDGED_REPEAT, /* an earlier copy got this rcode and cause; no part */
	JUDGED_LATE,   /* BADTIME: nothing is recorded; no part */
	JUDGED_STALE,  /* a verdict is for a verifier that has changed since:
	                * the door checks the PIN again; no part */
};

/* A rule that refuses a carrier but only warns the authority. */
struct warning {
	size_t change; /* index into the request's changes */
	struct reason reason;
};

struct outcome {
	enum judged judged;
	uint64_t slot; /* JUDGED_REPEAT: where the first copy was decided */
	bool is_dry;   /* a dry run: done, and nothing changed */
	uint16_t rcode;       /* 0 NOERROR, 5 REFUSED, 6 YXDOMAIN, ... */
	enum cause cause;     /* why; CAUSE_NONE when done */
	size_t at;            /* index of the prerequisite or change refused */
	struct reason reason; /* in words; "" when done */
	struct warning warnings[OUTCOME_WARNINGS_MAX];
	size_t n_warnings; /* all of them, also those not kept */
	struct part part;  /* in the arena; its blobs may point into request */
	bool is_public;    /* public records change: the serial moves */
	uint32_t serial_wanted; /* an SOA update's serial; 0: none */
};

/*
 * Judge one request against the view. A refused request has a part too (its
 * receipt, and counters). The part has removed and added records of every name
 * that changes, derived ones included, in owner order.
 * @param arena holds all of *out. @param out complete also when refused.
 * @return OK whatever the outcome; ERR_IO, ERR_DAMAGED from the view.
 */
MUST_CHECK enum status registry_judge(struct arena *arena,
    const struct judge_env *env, const struct request *request,
    struct outcome *out);

/* The serial after a slot: RFC 1982 increment that skips 0. */
uint32_t serial_next(uint32_t serial);

/* a is newer than b, RFC 1982 3.2; false when exactly 2^31 apart. */
bool serial_newer(uint32_t a, uint32_t b);

#endif
