/*
 * The TSIG record of a query (RFC 8945 4.2) as far as a server needs it that
 * knows no key: its shape is checked, and the answer says BADKEY. MACs are not
 * looked at here. Layer 1; any thread.
 */
#ifndef DNS_TSIG_H
#define DNS_TSIG_H

#include "base/bytes.h"
#include "base/status.h"
#include "dns/name.h"

#include <stddef.h>
#include <stdint.h>

struct tsig {
	struct dname key;
	struct dname algorithm;
	uint64_t time_signed_s; /* 48 bits */
	uint16_t fudge_s;
	uint16_t original_id;
	uint16_t error;
	struct blob mac;   /* inside the message */
	struct blob other; /* inside the message */
};

/*
 * Read the TSIG record that starts at offset and ends the message.
 * @return OK; ERR_MALFORMED (FORMERR): not a TSIG of class ANY and TTL 0, or
 * lengths that do not add up.
 */
MUST_CHECK enum status tsig_read(struct tsig *out, const uint8_t *message,
    size_t len, size_t offset);

/*
 * Write the unsigned TSIG record of an error (RFC 8945 5.3.2): same key,
 * algorithm and times, empty MAC.
 * @param w sticky error when it does not fit.
 * @param error 16..22, BADKEY and the like.
 */
void tsig_write_error(struct writer *w, const struct tsig *query,
    uint16_t error);

#endif
