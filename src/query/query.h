/*
 * Queries: one DNS message in, one out. The whole answer of the server without
 * a socket. No lock, no allocation, no clock. RFC 1034 4.3.2, 1035, 2181,
 * 2308, 4592, 6891, 8482, 8945. Layer 4; a query thread, between two quiescent
 * states of its reader.
 */
#ifndef QUERY_QUERY_H
#define QUERY_QUERY_H

#include "dns/name.h"
#include "dns/tsig.h"
#include "image/image.h"
#include "registry/keyring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	QUERY_UDP_MAX = 1232,  /* bytes of an answer over UDP at most */
	QUERY_TCP_MAX = 65535, /* bytes over TCP */
	QUERY_TEXT_MAX = 255,  /* bytes of version.bind and id.server */
};

enum query_transport { QUERY_UDP, QUERY_TCP };

/* Made once, read by all query threads. */
struct query_env {
	struct dname apex;
	char version_bind[QUERY_TEXT_MAX + 1]; /* "": REFUSED */
	char id_server[QUERY_TEXT_MAX + 1];    /* "": REFUSED */
	struct tsig_env tsig;
};

struct whois;

/* What a batch of queries sees of the state. */
struct query_view {
	const struct image_version *version; /* NULL: not ready or expired,
	                                      * SERVFAIL */
	const struct keyring *keyring; /* NULL: no keys */
	uint64_t now_s;            /* for signatures: seconds since 1970 */
	const struct whois *whois; /* what wants_whois asked for; NULL: not
	                            * looked up yet */
};

/* What happened, for the thread's counters; one of query.def. */
struct query_result {
	uint16_t rcode; /* extended RCODE */
	uint16_t qtype; /* 0: no question */
	bool is_truncated;
	/* The answer needs whois data: look up what is at whois_owner
	 * (query/whois.h), then ask again with it. Nothing was answered. */
	bool wants_whois;
	struct owner whois_owner; /* set with it */
};

/*
 * Answer one message.
 * @param in, in_len the message. @param out cap bytes: 65535 for TCP (what is
 * sent may be less), at least 1232 for UDP; room above that is used to work in.
 * @param result out.
 * @return bytes of answer; 0: say nothing (response bit set, under 12 bytes),
 * or result->wants_whois.
 */
size_t query_answer(const struct query_env *env,
    const struct query_view *view, enum query_transport transport,
    const uint8_t *in, size_t in_len, uint8_t *out, size_t cap,
    struct query_result *result);

#endif
