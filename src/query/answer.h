/*
 * The look-up of a query that may be answered: RFC 1034 4.3.2 over an image.
 * Layer 4; pure; the query thread.
 */
#ifndef QUERY_ANSWER_H
#define QUERY_ANSWER_H

#include "dns/reply.h"
#include "image/image.h"
#include "query/qname.h"

#include <stdint.h>

enum {
	ANSWER_CHAIN_MAX = 16,      /* CNAMEs followed */
	ANSWER_ADDITIONAL_MAX = 13, /* names whose addresses are added, but
	                             * for those that need glue */
};

/* One query under way. */
struct answer {
	const struct dname *apex;
	const struct image_version *version;
	struct reply *reply;
	uint16_t qtype;
	uint16_t rcode;         /* out */
	uint16_t owner;         /* offset in the reply of the name looked up */
	struct query_name name; /* the name looked up */
	uint16_t n_chain;
	uint16_t chain[ANSWER_CHAIN_MAX]; /* where names were CNAMEs */
};

/*
 * Answer for answer->name, at or below the apex and not below the whois zone:
 * positive, CNAME chain, NODATA, NXDOMAIN or referral, with TC when it does
 * not fit.
 */
void answer_name(struct answer *answer);

/*
 * Answer for w.<apex> itself: its SOA and NS, NODATA for all else; for DS as
 * the parent.
 */
void answer_whois_apex(struct answer *answer);

#endif
