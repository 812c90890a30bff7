/*
 * DNS UPDATE (RFC 2136), the part that needs no state: a message becomes a
 * request, or is refused for what it says itself; an outcome becomes an
 * answer. Who signed it is the door's to know. Layer 4; pure; any thread.
 *
 *	message -> update_read -> struct request -> (judge) -> update_reply
 *	              '-> struct update_refusal ------------------^
 */
#ifndef UPDATE_UPDATE_H
#define UPDATE_UPDATE_H

#include "base/arena.h"
#include "base/reason.h"
#include "base/status.h"
#include "dns/message.h"
#include "dns/name.h"
#include "registry/cause.h"
#include "registry/request.h"

#include <stddef.h>
#include <stdint.h>

enum { UPDATE_REPLY_MAX = 2048 }; /* bytes of an answer, with its TSIG */

/* Why there is no request. */
struct update_refusal {
	enum cause cause;
	struct reason reason;
};

/*
 * Is the zone section one that updates go to: `apex` or w.`apex`, class IN.
 * The cheap part of update_read, for messages that nobody signed.
 * @param m well formed. @param refusal out, when refused.
 * @return OK, ERR_REFUSED.
 */
MUST_CHECK enum status update_check_zone(const struct message *m,
    const struct dname *apex, struct update_refusal *refusal);

/*
 * Prerequisites and changes of an UPDATE message: zone section (3.1), names in
 * the zone, and all of 3.2 and 3.4.1 that the message alone decides. Work and
 * memory go with the length of the message.
 * @param out prereqs, n_prereqs, changes, n_changes are set; the rest is the
 * caller's. Memory from arena; rdata may point into the message.
 * @param m well formed (message_parse), its bytes live as long as *out.
 * @param refusal out, when refused.
 * @return OK, ERR_REFUSED.
 */
MUST_CHECK enum status update_read(struct arena *arena, struct request *out,
    const struct message *m, const struct dname *apex,
    struct update_refusal *refusal);

/*
 * The answer (3.8): ID, opcode and zone section of the request, and why it was
 * refused for a client that sent EDNS (RFC 8914).
 * @param m the request; only its header, question and EDNS are looked at.
 * @param rcode also above 15. @param words of the refusal; "" for none.
 * @param out cap bytes, at least 512. @param room bytes to be left free behind
 * the answer, for its TSIG.
 * @return bytes of the answer.
 */
size_t update_reply(const struct message *m, uint16_t rcode, const char *words,
    uint8_t *out, size_t cap, size_t room);

#endif
