/*
 * EDNS(0): the OPT pseudo record (RFC 6891) and extended errors (RFC 8914).
 * Reads what a requestor says of itself; options are checked for their
 * lengths and otherwise ignored (6.1.2). Layer 1; any thread.
 *
 *	0  1  owner: the root
 *	1  2  TYPE 41
 *	3  2  CLASS: UDP payload size of the sender
 *	5  1  TTL: upper eight bits of the RCODE
 *	6  1       version
 *	7  2       flags, 0x8000 = DO
 *	9  2  RDLENGTH
 *	11    options: code 2, length 2, data
 */
#ifndef DNS_EDNS_H
#define DNS_EDNS_H

#include "base/bytes.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	EDNS_LEN = 11,         /* bytes of an OPT record without options */
	EDNS_ERROR_LEN = 6,    /* bytes of an extended error without text */
	EDNS_TEXT_MAX = 400,   /* bytes of its text that are sent */
	EDNS_UDP_PLAIN = 512,  /* bytes over UDP without EDNS, RFC 1035 4.2.1 */
	EDNS_UDP_SIZE = 1232,  /* what we announce: no fragment on any path */
	EDNS_FLAG_DO = 0x8000,
	EDNS_VERSION = 0,
};

/* RFC 8914 4: the codes that are sent. */
enum edns_error {
	EDNS_ERROR_NONE = -1,
	EDNS_ERROR_OTHER = 0,
	EDNS_ERROR_NOT_READY = 14,
	EDNS_ERROR_PROHIBITED = 18,
	EDNS_ERROR_NOT_AUTHORITATIVE = 20,
	EDNS_ERROR_NOT_SUPPORTED = 21,
};

struct edns {
	bool is_present;   /* an OPT record was there: answer with one */
	uint8_t version;   /* above EDNS_VERSION: BADVERS */
	uint16_t flags;    /* EDNS_FLAG_DO and unknown ones */
	uint16_t udp_size; /* bytes, at least EDNS_UDP_PLAIN (6.2.3) */
};

/*
 * Read an OPT record: what follows its owner and type.
 * @param out is_present is set even on failure: the error's answer then says
 * that EDNS is known (section 7).
 * @param class_, ttl fields of the record. @param options its rdata.
 * @return OK; ERR_MALFORMED when an option runs past the end.
 */
MUST_CHECK enum status edns_read(struct edns *out, uint16_t class_,
    uint32_t ttl, struct blob options);

/*
 * Write our OPT record. Only when the query had one.
 * @param w sticky error when it does not fit.
 * @param query what the query said; its DO flag is given back (RFC 3225 3).
 * @param rcode the whole RCODE; the upper bits go here.
 * @param error EDNS_ERROR_NONE, or an extended error to add.
 * @param text of the error, without NUL; len 0: none.
 */
void edns_write(struct writer *w, const struct edns *query, uint16_t rcode,
    enum edns_error error, struct blob text);

#endif
