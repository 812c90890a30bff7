/*
 * How the judge sees the state: a struct of functions over the candidate
 * version of the image (public names) and the store with what is on its way
 * to it (whois and private names). Tests supply a small one of their own.
 * Layer 2; the engine thread.
 */
#ifndef REGISTRY_VIEW_H
#define REGISTRY_VIEW_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/status.h"
#include "dns/name.h"
#include "registry/rrset.h"

#include <stdbool.h>
#include <stdint.h>

struct view {
	void *arg;
	/*
	 * What is at owner, of any scope, derived records included (flags).
	 * @param out in arena or in memory that lives as long as the view.
	 * @return OK (nothing there: rrsets.len 0); ERR_IO, ERR_DAMAGED: the
	 * process must end.
	 */
	enum status (*get)(void *arg, struct blob owner, struct arena *arena,
	    struct node *out);
	/*
	 * The first public name with records strictly below top and after
	 * `after` in owner order (after.len 0: from the first).
	 * @return true and *out, *flags (of its node); false: no more.
	 */
	bool (*next_below)(void *arg, struct blob top, struct blob after,
	    struct owner *out, uint8_t *flags);
	/*
	 * Every name of scope WHOIS or PRIVATE at or below top that may have
	 * records, in any order. Costs more than the rest: for blocks only.
	 * @return OK; ERR_IO, ERR_DAMAGED; what each returned.
	 */
	enum status (*walk_hidden)(void *arg, struct blob top,
	    enum status (*each)(void *each_arg, struct blob owner),
	    void *each_arg);
	uint32_t serial; /* SOA serial of this state */
};

#endif
