/*
 * The real clocks. Layer 5; any thread.
 */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970 UTC; may jump. For slot times and logs. */
uint64_t clock_wall_ms(void);

/* Milliseconds of a clock that never jumps and counts suspend. For limits and
 * deadlines. */
uint64_t clock_mono_ms(void);

#endif
