/*
 * Times in zone files: seconds, or with the units that BIND made common, as in
 * 1w2d3h4m5s. Layer 6; any thread.
 */
#ifndef ZONEFILE_TTL_H
#define ZONEFILE_TTL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Read a time. @param out seconds. @return false if it is none or does not
 * fit into 32 bits (*out is unchanged then).
 */
bool ttl_parse(uint32_t *out, const char *text);

#endif
