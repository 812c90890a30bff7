/*
 * What a carrier may do: DESIGN "UPDATE". The authority is not bound by any of
 * it. Layer 2; the engine thread.
 *
 * A change is judged by what the request as a whole makes of a name:
 *
 *	holder before   ocn= after   allowed when
 *	own             own          always (a property); a block that was not
 *	                             there: nothing of others overlaps it
 *	own             none         it was released
 *	nobody          own          allocation: in an open pool, nothing there;
 *	                             a block: nothing of others overlaps it
 *	another         own          port: a number, and its PIN was shown
 *
 * The holder is the name's own ocn=, else that of the innermost block above.
 */
#ifndef REGISTRY_CARRIER_H
#define REGISTRY_CARRIER_H

#include "registry/judging.h"

enum {
	/* names that one allocation of a block looks at */
	OVERLAP_NAMES_MAX = 1 << 16,
};

/*
 * Whether prerequisite `at`, at a name below w, may be tested: whois data of
 * what the carrier holds. The holder is public, so the answer tells nothing.
 * @return as judging.h.
 */
MUST_CHECK enum status carrier_may_test(struct judging *judging, size_t at);

/*
 * Before the changes: is every name of a kind that carriers write? OK for
 * other roles.
 * @return as judging.h.
 */
MUST_CHECK enum status carrier_permit(struct judging *judging);

/*
 * After the changes: holder, pool and block rules of every name that the
 * request names. OK for other roles.
 * @return as judging.h.
 */
MUST_CHECK enum status carrier_check(struct judging *judging);

#endif
