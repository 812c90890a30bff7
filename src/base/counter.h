/*
 * Counters that one thread counts up and any thread may read: no lock, no
 * locked instruction, no torn value. Layer 0.
 */
#ifndef BASE_COUNTER_H
#define BASE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

struct counter {
	_Atomic uint64_t value;
};

/* Thread: the one that owns the counter. */
static inline void
counter_add(struct counter *counter, uint64_t n)
{
	uint64_t value =
	    atomic_load_explicit(&counter->value, memory_order_relaxed);

	atomic_store_explicit(&counter->value, value + n,
	    memory_order_relaxed);
}

/* Thread: any; the value may be a little old. */
static inline uint64_t
counter_read(const struct counter *counter)
{
	return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

#endif
