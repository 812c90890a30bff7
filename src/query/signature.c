/*
 * Signatures of queries: checked with the published keys, at the time of the
 * batch. Refuses in the order of RFC 8945 5.2. Layer 4; pure; the query thread.
 */
#include "query/signature.h"

#include "base/check.h"
#include "dns/message.h"
#include "dns/rcode.h"

uint16_t
signature_check(struct signature *out, const struct query_env *env,
    const struct query_view *view, const struct message *m)
{
	out->kind = SIGNATURE_NONE;
	out->key = NULL;
	if (m->tsig == 0)
		return RCODE_NOERROR;
	if (tsig_read(&out->tsig, m->bytes, m->len, m->tsig) != OK)
		return RCODE_FORMERR;
	const struct keyring_key *key = keyring_find(view->keyring,
	    &out->tsig.key);
	if (tsig_check(&out->state, &env->tsig, m, &out->tsig,
		key != NULL ? &key->tsig : NULL) != OK)
		return RCODE_FORMERR;
	if (out->state.error == RCODE_BADKEY ||
	    out->state.error == TSIG_BADSIG) {
		out->kind = SIGNATURE_UNKNOWN;
		return RCODE_NOTAUTH;
	}
	/* 5.2.3 Time check, and BADTRUNC only after it */
	if (!tsig_check_time(&out->state, view->now_s) ||
	    out->state.error != RCODE_NOERROR) {
		out->kind = SIGNATURE_LATE;
		return RCODE_NOTAUTH;
	}
	out->kind = SIGNATURE_GOOD;
	out->key = key;
	return RCODE_NOERROR;
}

void
signature_reserve(const struct signature *signature, struct reply *reply)
{
	if (signature->kind != SIGNATURE_GOOD &&
	    signature->kind != SIGNATURE_LATE)
		return;
	size_t room = tsig_room(&signature->state);
	size_t limit = reply->limit > room ? reply->limit - room : 0;
	reply->limit = limit > reply->len ? limit : reply->len;
}

/* 5.3.2, where it fits: two names of 255 bytes may not, and then the RCODE must
 * do. */
static size_t
write_error(const struct signature *signature, const struct reply *reply,
    size_t len)
{
	size_t max = reply->limit;

	if (reply->query->edns.is_present)
		max += EDNS_LEN; /* which is written by now */
	struct writer w = writer_make(reply->bytes, max);
	w.pos += len;
	tsig_write_error(&w, &signature->tsig, signature->state.error);
	return writer_len(&w);
}

size_t
signature_finish(struct signature *signature, const struct query_env *env,
    const struct query_view *view, const struct reply *reply, size_t len)
{
	struct writer w = writer_make(reply->bytes, reply->cap);

	switch (signature->kind) {
	case SIGNATURE_NONE:
		return len;
	case SIGNATURE_UNKNOWN:
		return write_error(signature, reply, len);
	case SIGNATURE_GOOD:
	case SIGNATURE_LATE:
		break;
	}
	w.pos += len;
	/* signature_reserve has kept the room */
	ensure(tsig_sign_reply(&w, &env->tsig, &signature->state,
	    view->now_s) == OK);
	return writer_len(&w);
}
