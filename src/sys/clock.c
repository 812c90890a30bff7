/*
 * The real clocks. Layer 5; any thread.
 */
#include "sys/clock.h"

#include "base/check.h"

#include <time.h>

static uint64_t
read_ms(clockid_t id)
{
	struct timespec now;

	ensure(clock_gettime(id, &now) == 0);
	if (now.tv_sec < 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t
clock_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

uint64_t
clock_mono_ms(void)
{
	return read_ms(CLOCK_BOOTTIME);
}
