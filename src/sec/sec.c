/*
 * Start of libsodium, randomness and wiping. Layer 6; any thread.
 */
#include "sec/sec.h"

#include <sodium.h>

enum status
sec_init(void)
{
	return sodium_init() < 0 ? ERR_UNSUPPORTED : OK;
}

void
sec_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

void
sec_wipe(void *data, size_t len)
{
	sodium_memzero(data, len);
}
