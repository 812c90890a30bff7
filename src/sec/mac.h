/*
 * HMAC from OpenSSL as the pure layers take it. Layer 6; any thread.
 */
#ifndef SEC_MAC_H
#define SEC_MAC_H

#include "base/mac.h"

/* OpenSSL's functions; sec_init must have been called. */
extern const struct mac_ops mac_ops_openssl;

#endif
