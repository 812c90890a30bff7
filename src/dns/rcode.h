/*
 * Response codes, one table (dns/rcode.def). Codes above 15 go partly into the
 * OPT record (RFC 6891 6.1.3) or into a TSIG record (BADKEY and on, where 16
 * means BADSIG). Layer 1; any thread.
 */
#ifndef DNS_RCODE_H
#define DNS_RCODE_H

#include <stdint.h>

enum dns_rcode {
#define RCODE(name, number) RCODE_##name = number,
#include "dns/rcode.def"
#undef RCODE
};

/*
 * Mnemonic of a code ("NXDOMAIN").
 * @param rcode any value. @return a static string, NULL for an unknown one.
 */
const char *rcode_mnemonic(uint16_t rcode);

#endif
