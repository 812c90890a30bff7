/*
 * Times in zone files. Layer 6; any thread.
 */
#include "zonefile/ttl.h"

static uint32_t
unit_seconds(char c)
{
	switch (c) {
	case 's':
	case 'S':
		return 1;
	case 'm':
	case 'M':
		return 60;
	case 'h':
	case 'H':
		return 3600;
	case 'd':
	case 'D':
		return 86400;
	case 'w':
	case 'W':
		return 604800;
	default:
		return 0;
	}
}

bool
ttl_parse(uint32_t *out, const char *text)
{
	uint64_t sum = 0;
	const char *c = text;

	while (*c != '\0') {
		uint64_t value = 0;
		const char *start = c;
		for (; *c >= '0' && *c <= '9' && value <= UINT32_MAX; c++)
			value = value * 10 + (uint64_t)(*c - '0');
		if (c == start)
			return false;
		uint32_t unit = unit_seconds(*c);
		if (unit == 0 && *c != '\0')
			return false;
		sum += value * (unit == 0 ? 1 : unit);
		if (value > UINT32_MAX || sum > UINT32_MAX)
			return false;
		c += *c != '\0';
	}
	if (c == text)
		return false;
	*out = (uint32_t)sum;
	return true;
}
