/*
 * Client side of the control socket. Layer 9; one thread.
 */
#include "control/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_ROOM = 512 * 1024 }; /* bytes; grows for larger frames */

struct client {
	int fd;
	uint8_t *buffer;
	size_t room;
	size_t len;  /* bytes read */
	size_t used; /* of them handed out */
};

enum status
client_connect(struct client **out, const char *path, struct reason *reason)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct client *client = calloc(1, sizeof *client);

	if (client == NULL || strlen(path) >= sizeof address.sun_path) {
		free(client);
		reason_set(reason, "the path of the control socket is too "
		    "long: %s", path);
		return ERR_IO;
	}
	memcpy(address.sun_path, path, strlen(path));
	client->room = FIRST_ROOM;
	client->buffer = malloc(client->room);
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->buffer != NULL && client->fd >= 0 &&
	    connect(client->fd, (struct sockaddr *)&address,
	    sizeof address) == 0) {
		*out = client;
		return OK;
	}
	int error = errno;
	client_close(client);
	if (error == ENOENT || error == ECONNREFUSED) {
		reason_set(reason, "e164d is not running: nobody answers on "
		    "%s", path);
		return ERR_NOT_RUNNING;
	}
	reason_set(reason, "%s: %s", path, strerror(error));
	return error == EACCES || error == EPERM ? ERR_REFUSED : ERR_IO;
}

void
client_close(struct client *client)
{
	if (client == NULL)
		return;
	if (client->fd >= 0)
		close(client->fd);
	free(client->buffer);
	free(client);
}

enum status
client_wait_gone(struct client *client, int timeout_ms, struct reason *reason)
{
	struct ucred peer = { .pid = 0 };
	socklen_t len = sizeof peer;
	struct pollfd wait = { .events = POLLIN };

	if (getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
	    peer.pid <= 0) {
		reason_set(reason, "the process of e164d is not known");
		return ERR_IO;
	}
	wait.fd = (int)syscall(SYS_pidfd_open, peer.pid, 0);
	if (wait.fd < 0)
		return errno == ESRCH ? OK : ERR_IO;
	int n = poll(&wait, 1, timeout_ms);
	close(wait.fd);
	if (n > 0)
		return OK;
	reason_set(reason, "e164d (process %d) has not ended yet",
	    (int)peer.pid);
	return ERR_TIMED_OUT;
}

static enum status
say_closed(struct reason *reason)
{
	reason_set(reason, "e164d has closed the connection");
	return ERR_CLOSED;
}

static enum status
client_write(struct client *client, const void *data, size_t len, int flags)
{
	const uint8_t *p = data;

	while (len > 0) {
		ssize_t n = send(client->fd, p, len, MSG_NOSIGNAL | flags);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_CLOSED;
		p += n;
		len -= (size_t)n;
	}
	return OK;
}

enum status
client_send_call(struct client *client, const struct message *call,
    struct reason *reason)
{
	uint8_t head[FRAME_HEAD];
	size_t len = 0;
	char *text = message_encode(call, &len);

	frame_head(head, FRAME_CALL, len);
	enum status status = client_write(client, head, sizeof head, MSG_MORE);
	if (status == OK)
		status = client_write(client, text, len, 0);
	free(text);
	/* what it said before it closed is still to be read */
	(void)reason;
	return status == ERR_CLOSED ? OK : status;
}

static enum status
send_tagged(struct client *client, enum frame_kind kind, uint32_t tag,
    struct blob request, struct reason *reason)
{
	uint8_t head[FRAME_HEAD + 4];

	frame_head(head, kind, 4 + request.len);
	put_u32(head + FRAME_HEAD, tag);
	enum status status = client_write(client, head, sizeof head, MSG_MORE);
	if (status == OK)
		status = client_write(client, request.data, request.len, 0);
	return status == OK ? OK : say_closed(reason);
}

enum status
client_send_request(struct client *client, uint32_t tag, struct blob request,
    struct reason *reason)
{
	return send_tagged(client, FRAME_REQUEST, tag, request, reason);
}

enum status
client_send_offer(struct client *client, uint32_t tag, struct blob request,
    struct reason *reason)
{
	return send_tagged(client, FRAME_OFFER, tag, request, reason);
}

/* Make room behind len for at least one more read. */
static enum status
make_room(struct client *client, struct reason *reason)
{
	if (client->used > 0) {
		memmove(client->buffer, client->buffer + client->used,
		    client->len - client->used);
		client->len -= client->used;
		client->used = 0;
	}
	if (client->len < client->room)
		return OK;
	uint8_t *larger = realloc(client->buffer, client->room * 2);
	if (larger == NULL || client->room > (size_t)FRAME_MAX * 2) {
		free(larger);
		client->buffer = larger == NULL ? client->buffer : NULL;
		reason_set(reason, "not enough memory");
		return ERR_IO;
	}
	client->buffer = larger;
	client->room *= 2;
	return OK;
}

enum status
client_next(struct client *client, struct frame *out, struct reason *reason)
{
	for (;;) {
		struct blob rest = { client->buffer + client->used,
			client->len - client->used };
		size_t used = 0;
		if (frame_parse(out, rest, FRAME_MAX, &used) != OK) {
			reason_set(reason, "what answers is not e164d, or "
			    "another version of it");
			return ERR_MALFORMED;
		}
		if (used > 0) {
			client->used += used;
			return OK;
		}
		enum status status = make_room(client, reason);
		if (status != OK)
			return status;
		ssize_t n = recv(client->fd, client->buffer + client->len,
		    client->room - client->len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return say_closed(reason);
		client->len += (size_t)n;
	}
}

enum status
client_reply(const struct frame *frame, struct message **out,
    struct reason *reason)
{
	struct message *message = NULL;
	uint64_t status = 0;

	*out = NULL;
	enum status result = message_decode(&message, frame->payload, reason);
	if (result != OK)
		return result;
	const char *error = message_text(message, "error");
	if (error == NULL) {
		*out = message;
		return OK;
	}
	reason_set(reason, "%s", error);
	bool has_status = message_number(message, "status", &status) &&
	    status > 0 && status < STATUS_COUNT;
	message_destroy(message);
	return has_status ? (enum status)-(int)status : ERR_REFUSED;
}

enum status
client_call(struct client *client, const struct message *call,
    struct message **reply, struct reason *reason)
{
	struct frame frame;

	enum status status = client_send_call(client, call, reason);
	if (status == OK)
		status = client_next(client, &frame, reason);
	if (status != OK)
		return status;
	if (frame.kind != FRAME_REPLY) {
		reason_set(reason, "e164d gave no reply to the call");
		return ERR_MALFORMED;
	}
	return client_reply(&frame, reply, reason);
}

static enum status
take_stream_frame(const struct frame *frame, const struct client_sink *sink,
    bool *is_end, struct reason *reason)
{
	struct message *message = NULL;
	struct reader r = reader_make(frame->payload.data, frame->payload.len);

	if (frame->kind == FRAME_DATA)
		return sink->data(sink->arg, frame->payload);
	if (frame->kind == FRAME_PROGRESS) {
		uint64_t done = read_u64(&r);
		uint64_t all = read_u64(&r);
		if (reader_done(&r) && sink->progress != NULL)
			sink->progress(sink->arg, done, all);
		return OK;
	}
	if (frame->kind != FRAME_REPLY && frame->kind != FRAME_END) {
		reason_set(reason, "e164d gave no reply to the call");
		return ERR_MALFORMED;
	}
	enum status status = client_reply(frame, &message, reason);
	if (status == OK && frame->kind == FRAME_REPLY && sink->begin != NULL)
		status = sink->begin(sink->arg, message);
	message_destroy(message);
	*is_end = frame->kind == FRAME_END;
	return status;
}

enum status
client_stream(struct client *client, const struct message *call,
    const struct client_sink *sink, struct reason *reason)
{
	struct frame frame;
	bool is_end = false;

	enum status status = client_send_call(client, call, reason);
	while (status == OK && !is_end) {
		status = client_next(client, &frame, reason);
		if (status == OK)
			status = take_stream_frame(&frame, sink, &is_end,
			    reason);
	}
	return status;
}
