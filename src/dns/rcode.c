/*
 * Names of response codes, from the one table. Layer 1; any thread.
 */
#include "dns/rcode.h"

#include <stddef.h>

const char *
rcode_mnemonic(uint16_t rcode)
{
	switch (rcode) {
#define RCODE(name, number) \
	case number: \
		return #name;
#include "dns/rcode.def"
#undef RCODE
	default:
		return NULL;
	}
}
