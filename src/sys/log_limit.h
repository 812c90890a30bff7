/*
 * How often one event may be written: LOG_BURST times in LOG_SPAN_S seconds,
 * the rest is counted. Layer 5; under the caller's lock; no clock of its own.
 */
#ifndef SYS_LOG_LIMIT_H
#define SYS_LOG_LIMIT_H

#include "sys/log.h"

#include <stdbool.h>
#include <stdint.h>

/* All zero: nothing has been written. */
struct log_limit {
	uint64_t began_ms; /* of the span, monotonic */
	unsigned n;        /* written in it */
	uint64_t n_more;   /* left out in it */
};

/* One more wants to be written. @return false: left out, counted. */
static inline bool
log_limit_take(struct log_limit *limit, uint64_t now_ms)
{
	if (limit->n < LOG_BURST) {
		if (limit->n++ == 0)
			limit->began_ms = now_ms;
		return true;
	}
	limit->n_more++;
	return false;
}

/*
 * When the span is over, begin anew.
 * @return how many were left out in it; 0: none, or it goes on.
 */
static inline uint64_t
log_limit_end(struct log_limit *limit, uint64_t now_ms)
{
	uint64_t n_more = limit->n_more;

	if (limit->n == 0 ||
	    now_ms - limit->began_ms < UINT64_C(1000) * LOG_SPAN_S)
		return 0;
	*limit = (struct log_limit){ 0 };
	return n_more;
}

#endif
