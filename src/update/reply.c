/*
 * The answer to an UPDATE. It has no records, so it is short and never
 * truncated. Layer 4; pure; a query thread.
 */
#include "update/update.h"

#include "dns/rcode.h"
#include "dns/reply.h"

/* The extended error that goes with an RCODE (RFC 8914 4). */
static enum edns_error
error_of(uint16_t rcode)
{
	switch (rcode) {
	case RCODE_NOERROR:
	case RCODE_BADVERS:
		return EDNS_ERROR_NONE;
	case RCODE_REFUSED:
		return EDNS_ERROR_PROHIBITED;
	case RCODE_NOTAUTH:
		return EDNS_ERROR_NOT_AUTHORITATIVE;
	case RCODE_NOTIMP:
		return EDNS_ERROR_NOT_SUPPORTED;
	default: /* foreign value, not an enum */
		return EDNS_ERROR_OTHER;
	}
}

size_t
update_reply(const struct message *m, uint16_t rcode, const char *words,
    uint8_t *out, size_t cap, size_t room)
{
	struct reply reply;

	reply_init(&reply, m, out, cap, cap - room);
	return reply_finish_in_words(&reply, rcode, error_of(rcode), words);
}
