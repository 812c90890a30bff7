/*
 * PINs and new keys of an UPDATE, in the clear only here: taken out of the
 * request before it leaves the door. A PIN to be checked becomes a verdict, a
 * new one a verifier, the text of a key a sealed record; whoever hashes and
 * seals fills them in. Layer 4; pure; any thread.
 */
#ifndef UPDATE_PINS_H
#define UPDATE_PINS_H

#include "base/arena.h"
#include "registry/request.h"
#include "registry/scope.h"
#include "update/update.h"

enum {
	UPDATE_NEW_PINS_MAX = 16, /* PINs and keys set by one message */
};

struct update_pin {
	struct blob pin; /* or the text of a key; len 0: none that could be
	                  * one */
	/* one of these is to be filled in: */
	struct pin_verdict *verdict; /* number is set */
	struct request_rr *change;   /* rdata is empty */
	struct name_class class;     /* of the change: NAME_PIN, NAME_KEY */
};

struct update_pins {
	struct update_pin pins[REQUEST_VERDICTS_MAX + UPDATE_NEW_PINS_MAX];
	size_t n;
};

/*
 * Take the PINs out.
 * @param request prereqs, changes and verdicts may be replaced, in arena.
 * @param out in arena, its pins point into the message's bytes; NULL: none.
 * @param refusal out, when refused: a new PIN that is none, too many of them.
 * @return OK, ERR_REFUSED.
 */
MUST_CHECK enum status update_take_pins(struct arena *arena,
    struct request *request, struct update_pins **out,
    struct update_refusal *refusal);

#endif
