/*
 * One DNS question to one server, as a stub resolver asks it: UDP with EDNS,
 * TCP when the answer does not fit. The answer is checked to be one to the
 * question; aliases in it have been followed by the server. Layer 10; one
 * thread. RFC 1035 4.2, 7.3, RFC 7766.
 */
#ifndef CMD_LOOKUP_H
#define CMD_LOOKUP_H

#include "base/bytes.h"
#include "base/reason.h"
#include "base/status.h"
#include "dns/name.h"
#include "net/net.h"
#include "registry/rrset.h"

#include <stdint.h>

enum {
	LOOKUP_TRIES = 3,         /* over UDP */
	LOOKUP_TIMEOUT_MS = 1500, /* for each */
	LOOKUP_QUERY_MAX = 12 + DNAME_MAX + 4 + 11, /* bytes */
};

/* What came back. Records of other types in the answer are left out. */
struct lookup {
	uint16_t rcode;
	size_t n;
	struct blob rdatas[RRSET_RECORDS_MAX]; /* in room; uncompressed */
	uint8_t room[65535];
};

/*
 * Ask, and wait.
 * @param server of an address that listens at all addresses the loopback one
 * is asked.
 * @return OK, whatever the RCODE; ERR_TIMED_OUT, ERR_IO, ERR_MALFORMED with
 * reason.
 */
MUST_CHECK enum status lookup_ask(struct lookup *out,
    const struct net_address *server, const struct dname *name, uint16_t type,
    struct reason *reason);

/*
 * The query that lookup_ask sends. @param out LOOKUP_QUERY_MAX bytes.
 * @return its length.
 */
size_t lookup_query(uint8_t *out, uint16_t id, const struct dname *name,
    uint16_t type);

/*
 * Read an answer to a query of lookup_query.
 * @return OK; ERR_NOT_FOUND (the answer to something else: wait on);
 * ERR_NO_ROOM (truncated: ask over TCP); ERR_MALFORMED.
 */
MUST_CHECK enum status lookup_read(struct lookup *out, struct blob query,
    struct blob answer);

#endif
