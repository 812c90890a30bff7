/*
 * What a query thread has answered, one table (query/query.def). Each thread
 * counts in its own; who reads adds them up. Layer 4.
 */
#ifndef QUERY_QUERY_COUNTERS_H
#define QUERY_QUERY_COUNTERS_H

#include "base/counter.h"
#include "query/query.h"

#include <stddef.h>

enum query_counter {
#define QUERY_COUNTER(name, text) QUERY_COUNTER_##name,
#include "query/query.def"
#undef QUERY_COUNTER
	QUERY_COUNTERS
};

/* All zero at first. */
struct query_counters {
	struct counter counters[QUERY_COUNTERS];
};

/*
 * Count one message. A silent one counts in its transport and as silent alone.
 * @param result, len what query_answer gave for it.
 * Thread: the owner of *counters.
 */
void query_count(struct query_counters *counters,
    enum query_transport transport, const struct query_result *result,
    size_t len);

/* Name of a counter ("type_naptr"), and what it counts in words. */
const char *query_counter_name(enum query_counter counter);
const char *query_counter_text(enum query_counter counter);

#endif
