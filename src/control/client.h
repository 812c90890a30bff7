/*
 * The other side of the control socket, for e164ctl. Blocking. Layer 9; one
 * thread.
 */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include "base/bytes.h"
#include "base/reason.h"
#include "base/status.h"
#include "control/frame.h"
#include "control/message.h"

struct client;

/*
 * Connect. @return OK; ERR_NOT_RUNNING (no socket, or nobody answers),
 * ERR_REFUSED (not allowed), ERR_IO; with reason.
 */
MUST_CHECK enum status client_connect(struct client **out, const char *path,
    struct reason *reason);
void client_close(struct client *client);

/*
 * Wait until the process at the other end has ended.
 * @return OK; ERR_TIMED_OUT, ERR_IO with reason.
 */
MUST_CHECK enum status client_wait_gone(struct client *client,
    int timeout_ms, struct reason *reason);

/*
 * Make a call and wait for its reply.
 * @param reply out, to be given to message_destroy.
 * @return OK; the status that the server gives, with reason; ERR_CLOSED when
 * it goes away, ERR_MALFORMED when it does not speak the protocol.
 */
MUST_CHECK enum status client_call(struct client *client,
    const struct message *call, struct message **reply, struct reason *reason);

/* Send a call without waiting; client_next gives what comes. */
MUST_CHECK enum status client_send_call(struct client *client,
    const struct message *call, struct reason *reason);

/* Send an encoded request. @return OK; ERR_CLOSED with reason. */
MUST_CHECK enum status client_send_request(struct client *client,
    uint32_t tag, struct blob request, struct reason *reason);

/*
 * The same for one that only adds: if all of it is there already, the answer
 * comes without a slot and has n_changed 0.
 */
MUST_CHECK enum status client_send_offer(struct client *client,
    uint32_t tag, struct blob request, struct reason *reason);

/*
 * Wait for a frame. @param out payload valid until the next call.
 * @return OK; ERR_CLOSED, ERR_MALFORMED with reason.
 */
MUST_CHECK enum status client_next(struct client *client, struct frame *out,
    struct reason *reason);

/* Status and reason of a REPLY or END. @param out the message; NULL on
 * failure. */
MUST_CHECK enum status client_reply(const struct frame *frame,
    struct message **out, struct reason *reason);

/*
 * Make a call that ends with END, and hand each DATA payload to each.
 * @param begin gets the REPLY that may come first; NULL: not wanted.
 * @return OK; what each returns, the server's status, ERR_CLOSED, with reason.
 */
struct client_sink {
	void *arg;
	enum status (*begin)(void *arg, const struct message *reply);
	enum status (*data)(void *arg, struct blob payload);
	void (*progress)(void *arg, uint64_t done, uint64_t all);
};
MUST_CHECK enum status client_stream(struct client *client,
    const struct message *call, const struct client_sink *sink,
    struct reason *reason);

#endif
