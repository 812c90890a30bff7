/*
 * The signature of a query and of its answer. RFC 8945 5.2, 5.3. Layer 4;
 * pure; the query thread.
 */
#ifndef QUERY_SIGNATURE_H
#define QUERY_SIGNATURE_H

#include "dns/reply.h"
#include "dns/tsig.h"
#include "query/query.h"

#include <stddef.h>
#include <stdint.h>

enum signature_kind {
	SIGNATURE_NONE,
	SIGNATURE_GOOD,    /* the answer is signed */
	SIGNATURE_LATE,    /* BADTIME, BADTRUNC: so is the error */
	SIGNATURE_UNKNOWN, /* BADKEY, BADSIG: the error is not signed */
};

struct signature {
	enum signature_kind kind;
	const struct keyring_key *key; /* GOOD: who asks */
	struct tsig_state state;
	struct tsig tsig;
};

/*
 * Check the signature of a well-formed query, if it has one.
 * @param out kind and, unless it is NONE, the rest.
 * @return RCODE_NOERROR (none, or good); RCODE_FORMERR; RCODE_NOTAUTH.
 */
uint16_t signature_check(struct signature *out, const struct query_env *env,
    const struct query_view *view, const struct message *m);

/*
 * Keep room in the answer for its signature. Header, question and signature
 * always have it, whatever the answer's limit says (RFC 8945 5.3).
 */
void signature_reserve(const struct signature *signature,
    struct reply *reply);

/*
 * Sign the finished answer.
 * @param len its bytes, as reply_finish gave them.
 * @return bytes with the signature.
 */
size_t signature_finish(struct signature *signature,
    const struct query_env *env, const struct query_view *view,
    const struct reply *reply, size_t len);

#endif
