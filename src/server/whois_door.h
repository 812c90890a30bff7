/*
 * Whois data by key: queries that need the store are put aside, a thread looks
 * their data up, and the query thread they came from answers. One for the
 * server. Bounded: above WHOIS_JOBS_MAX the answer is SERVFAIL. Layer 10.
 *
 *	query thread                               whois thread
 *	query_answer: wants_whois
 *	whois_door_take: net_defer, queue -------> whois_find: store, image
 *	resume (server/later.h) <-- net_post -----
 *	    query_answer with the data, net_reply
 */
#ifndef SERVER_WHOIS_DOOR_H
#define SERVER_WHOIS_DOOR_H

#include "base/status.h"
#include "engine/access.h"
#include "net/net.h"
#include "query/query.h"
#include "query/query_counters.h"

#include <stddef.h>
#include <stdint.h>

enum { WHOIS_JOBS_MAX = 1024 }; /* queries on their way */

struct whois_door;

/* A query thread's own things that a later answer needs; they outlive it. */
struct whois_asker {
	const struct query_view *view; /* within a batch, so also in resume */
	struct query_counters *counters;
};

/*
 * Start the thread.
 * @param env, access live longer than the door; get and walk are used.
 * @return OK; ERR_BUSY when no thread can be made.
 */
MUST_CHECK enum status whois_door_start(struct whois_door **out,
    const struct query_env *env, const struct engine_access *access);

/* End the thread; nothing may be on its way. NULL is allowed. */
void whois_door_stop(struct whois_door *door);

/*
 * A query that wants whois data. Thread: the asker's.
 * @param in in_len bytes, copied. @param wanted what query_answer said.
 * @return false: too many are on their way.
 */
MUST_CHECK bool whois_door_take(struct whois_door *door,
    const struct whois_asker *asker, const struct net_origin *origin,
    struct blob in, const struct query_result *wanted);

#endif
