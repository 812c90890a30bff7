/*
 * Whois data by key: what is at a name below w.<apex>, who holds the number,
 * and the answer made of it. The data are not in the image; they are looked up
 * off the query path, with a struct of functions. Layer 4; pure.
 */
#ifndef QUERY_WHOIS_H
#define QUERY_WHOIS_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/status.h"
#include "dns/reply.h"
#include "registry/rrset.h"

#include <stdbool.h>
#include <stdint.h>

struct image_version;
struct keyring_key;

struct whois_source {
	void *arg;
	/* As engine_access.get: a node of any scope. */
	enum status (*get)(void *arg, struct blob owner, struct arena *arena,
	    struct node *out);
	/* Whether there are records at or below a whois name. @return OK,
	 * ERR_IO, ERR_DAMAGED. */
	enum status (*exists)(void *arg, struct blob owner, bool *out);
};

struct whois {
	bool exists;        /* else NXDOMAIN */
	struct blob rrsets; /* at the name, or the '*' it falls under; may be
	                     * empty: NODATA */
	char holder[5];     /* OCN that holds the number or block; "": nobody */
};

/*
 * Look a whois name up as RFC 4592 3.3 does.
 * @param out in arena. @param owner of scope WHOIS.
 * @return OK, ERR_IO, ERR_DAMAGED, ERR_BUSY. Thread: any but query threads.
 */
MUST_CHECK enum status whois_find(struct whois *out, struct arena *arena,
    const struct whois_source *source, struct blob owner);

/* This key may read: the authority's, and those of the number's OCN. */
bool whois_may_read(const struct keyring_key *key, const struct whois *whois);

/*
 * Write the answer into the reply, whose question it answers.
 * @param zone offset of the name w.<apex> in the reply.
 * @return NOERROR, NXDOMAIN; SERVFAIL: the image has no SOA.
 */
uint16_t whois_answer(struct reply *reply, const struct whois *whois,
    const struct image_version *version, uint16_t zone);

#endif
