/*
 * One client of the control socket: frames in, requests to the engine, frames
 * out, all bounded. A client that is slow or says nothing is closed; what it
 * has handed in is decided all the same. Layer 9; the door's thread, but for
 * on_done.
 */
#include "control/internal.h"

#include "base/check.h"
#include "sys/log.h"

#include <event2/buffer.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pending *
pending_create(void)
{
	struct pending *pending = calloc(1, sizeof *pending);

	if (pending == NULL)
		check_fail("memory", "pending", __FILE__, __LINE__);
	arena_init(&pending->submission.arena);
	return pending;
}

void
pending_destroy(struct pending *pending)
{
	arena_fini(&pending->submission.arena);
	free(pending);
}

void
message_set_error(struct message *message, enum status status,
    const char *text)
{
	message_set_text(message, "error", text);
	message_set_number(message, "status", (uint64_t)-(int)status);
}

void
session_send(struct session *session, enum frame_kind kind,
    const void *payload, size_t len)
{
	uint8_t head[FRAME_HEAD];

	if (session->is_closed)
		return;
	frame_head(head, kind, len);
	if (bufferevent_write(session->stream, head, sizeof head) != 0 ||
	    bufferevent_write(session->stream, payload, len) != 0)
		check_fail("memory", "control output", __FILE__, __LINE__);
}

void
session_reply(struct session *session, enum frame_kind kind,
    const struct message *message)
{
	size_t len = 0;
	char *text = message_encode(message, &len);

	if (len < FRAME_MAX)
		session_send(session, kind, text, len);
	else
		session_refuse(session, ERR_TOO_LONG, "the answer is too long");
	free(text);
}

void
session_refuse(struct session *session, enum status status, const char *text)
{
	struct message *message = message_create();

	message_set_error(message, status, text);
	session_reply(session, FRAME_REPLY, message);
	message_destroy(message);
}

/* --------------------------------------------------------------- requests */

/* The engine's thread: hand over, no more. */
static void
on_done(struct submission *submission)
{
	struct pending *pending = submission->arg;
	struct control *door = pending->session->door;
	const uint64_t one = 1;

	pthread_mutex_lock(&door->mutex);
	bool was_empty = door->returned == NULL;
	pending->next = door->returned;
	door->returned = pending;
	/* written under the mutex: the door cannot go away before */
	if (was_empty)
		(void)!write(door->wakeup, &one, sizeof one);
	pthread_mutex_unlock(&door->mutex);
}

void
answer_of(struct answer *out, const struct pending *pending)
{
	const struct submission *s = &pending->submission;

	memset(out, 0, sizeof *out);
	out->tag = pending->tag;
	out->status = s->status;
	if (s->status != OK) {
		reason_set(&out->reason, "%s", s->outcome.reason.text[0] !=
		    '\0' ? s->outcome.reason.text : status_text(s->status));
		return;
	}
	out->rcode = s->outcome.rcode;
	out->cause = (uint16_t)s->outcome.cause;
	out->at = (uint32_t)s->outcome.at;
	out->slot = s->slot;
	out->n_changed = (uint32_t)s->n_changed;
	out->reason = s->outcome.reason;
	out->n_warnings = (uint32_t)s->outcome.n_warnings;
	size_t kept = s->outcome.n_warnings;
	if (kept > OUTCOME_WARNINGS_MAX)
		kept = OUTCOME_WARNINGS_MAX;
	out->n_kept = (uint8_t)kept;
	memcpy(out->warnings, s->outcome.warnings,
	    kept * sizeof out->warnings[0]);
}

void
session_submit(struct session *session, struct pending *pending)
{
	struct control *door = session->door;
	struct request *request = &pending->submission.request;

	/* who asks is what the socket says, never what the client says */
	request->door = DOOR_CONTROL;
	request->time_signed_s = 0;
	request->actor = (struct actor){ .role = ROLE_AUTHORITY,
		.uid = session->uid };
	snprintf(request->actor.registrar, sizeof request->actor.registrar,
	    "%s", door->settings->registrar);
	pending->session = session;
	pending->submission.done = on_done;
	pending->submission.arg = pending;
	session->n_in_flight++;
	door->n_in_flight++;
	door->bytes_in_flight += pending->len;
	door->access->submit(door->access->arg, &pending->submission);
}

void
session_answer(struct session *session, const struct answer *answer)
{
	uint8_t out[ANSWER_MAX];
	struct writer w = writer_make(out, sizeof out);

	answer_write(&w, answer);
	session_send(session, FRAME_OUTCOME, out, writer_len(&w));
}

/*
 * An offer is looked up only when nothing else of the client is on its way:
 * what the requests before it change would be missed. While they change
 * nothing it is worth to wait for that.
 */
static bool
must_wait(const struct session *session, enum frame_kind kind)
{
	return kind == FRAME_OFFER && session->n_in_flight > 0 &&
	    session->was_there;
}

static enum status
take_request(struct session *session, enum frame_kind kind,
    struct blob payload)
{
	struct reader r = reader_make(payload.data, payload.len);
	struct pending *pending = pending_create();
	struct arena *arena = &pending->submission.arena;
	struct answer answer = { .status = OK };

	pending->tag = read_u32(&r);
	if (r.bad) {
		pending_destroy(pending);
		return ERR_MALFORMED;
	}
	size_t len = reader_left(&r);
	struct blob bytes = { arena_copy(arena, r.pos, len), len };
	enum status status = request_decode(arena,
	    &pending->submission.request, bytes, &answer.reason);
	bool is_there = status == OK && kind == FRAME_OFFER &&
	    session->n_in_flight == 0 &&
	    offer_is_there(session, &pending->submission.request, &answer);
	if (status == OK && !is_there) {
		pending->len = len;
		session_submit(session, pending);
		return OK;
	}
	answer.tag = pending->tag;
	answer.status = status;
	if (status != OK && answer.reason.text[0] == '\0')
		reason_set(&answer.reason, "%s", status_text(status));
	session_answer(session, &answer);
	pending_destroy(pending);
	return OK;
}

/* ----------------------------------------------------------------- frames */

static bool
may_read(const struct session *session)
{
	const struct control *door = session->door;
	size_t waiting = evbuffer_get_length(
	    bufferevent_get_output(session->stream));

	if (session->is_closed || session->is_ending)
		return false;
	if (session->n_in_flight >= REQUESTS_MAX || waiting > OUTPUT_MAX)
		return false;
	return session->n_in_flight == 0 ||
	    door->bytes_in_flight < REQUEST_BYTES_ALL;
}

/*
 * The frame at the start of the input, in place. @param used out: its bytes, 0
 * when it is not whole yet.
 */
static enum status
peek_frame(struct session *session, struct frame *out, size_t *used)
{
	struct evbuffer *input = bufferevent_get_input(session->stream);
	uint8_t head[FRAME_HEAD];
	struct blob data = { head, sizeof head };

	*used = 0;
	if (evbuffer_copyout(input, head, sizeof head) < FRAME_HEAD)
		return OK;
	enum status status = frame_parse(out, data, FRAME_REQUEST_MAX, used);
	struct reader r = reader_make(head, sizeof head);
	size_t len = 4 + (size_t)read_u32(&r);
	if (status != OK || evbuffer_get_length(input) < len)
		return status;
	data.data = evbuffer_pullup(input, (ev_ssize_t)len);
	data.len = len;
	if (data.data == NULL)
		return ERR_MALFORMED;
	return frame_parse(out, data, FRAME_REQUEST_MAX, used);
}

static bool
is_alive(const struct control *door, const struct session *session)
{
	const struct session *s = door->sessions;

	while (s != NULL && s != session)
		s = s->next;
	return s != NULL;
}

/* A call; it may give the socket to a job, then the session is gone. */
static bool
take_call(struct session *session, struct message *message)
{
	struct control *door = session->door;

	session_call(session, message);
	message_destroy(message);
	return is_alive(door, session);
}

/* One frame from the input. @return false: no more now, or session gone. */
static bool
take_frame(struct session *session)
{
	struct message *message = NULL;
	struct reason reason = { "" };
	struct frame frame;
	size_t used = 0;

	enum status status = peek_frame(session, &frame, &used);
	if (status == OK && (used == 0 || must_wait(session, frame.kind)))
		return false;
	if (status == OK && frame.kind == FRAME_CALL)
		status = message_decode(&message, frame.payload, &reason);
	else if (status == OK && (frame.kind == FRAME_REQUEST ||
	    frame.kind == FRAME_OFFER))
		status = take_request(session, frame.kind, frame.payload);
	else
		status = ERR_MALFORMED;
	if (status != OK) {
		session_refuse(session, ERR_MALFORMED,
		    "that is not the protocol of the control socket");
		session_end(session);
		return false;
	}
	evbuffer_drain(bufferevent_get_input(session->stream), used);
	return message == NULL || take_call(session, message);
}

void
session_resume(struct session *session)
{
	if (session->is_closed || session->is_ending)
		return;
	while (may_read(session)) {
		if (!take_frame(session))
			return;
	}
}

static void
on_readable(struct bufferevent *stream, void *arg)
{
	(void)stream;
	session_resume(arg);
}

static void
on_written(struct bufferevent *stream, void *arg)
{
	struct session *session = arg;

	(void)stream;
	if (session->is_ending && session->n_in_flight == 0)
		session_close(session);
	else
		session_resume(session);
}

static void
on_event(struct bufferevent *stream, short what, void *arg)
{
	struct session *session = arg;

	if ((what & BEV_EVENT_TIMEOUT) != 0 &&
	    (what & BEV_EVENT_READING) != 0 && session->n_in_flight > 0) {
		bufferevent_enable(stream, EV_READ);
		return;
	}
	session_close(session);
}

void
session_start(struct control *door, int fd, uid_t uid)
{
	const struct timeval idle = { .tv_sec = IDLE_S };
	const struct timeval slow = { .tv_sec = WRITE_S };
	struct session *session = calloc(1, sizeof *session);
	struct bufferevent *stream = bufferevent_socket_new(door->base, fd, 0);

	if (session == NULL || stream == NULL) {
		free(session);
		if (stream != NULL)
			bufferevent_free(stream);
		close(fd);
		return;
	}
	session->door = door;
	session->stream = stream;
	session->fd = fd;
	session->uid = uid;
	session->next = door->sessions;
	door->sessions = session;
	door->n_sessions++;
	bufferevent_setcb(stream, on_readable, on_written, on_event, session);
	/* never more input in memory than one frame of the largest kind */
	bufferevent_setwatermark(stream, EV_READ, 0, 4 + FRAME_REQUEST_MAX);
	bufferevent_set_timeouts(stream, &idle, &slow);
	bufferevent_enable(stream, EV_READ | EV_WRITE);
}

void
session_end(struct session *session)
{
	session->is_ending = true;
	if (session->is_closed)
		return;
	bufferevent_disable(session->stream, EV_READ);
	size_t waiting = evbuffer_get_length(
	    bufferevent_get_output(session->stream));
	if (waiting == 0 && session->n_in_flight == 0)
		session_close(session);
}

static void
forget_session(struct session *session)
{
	struct control *door = session->door;
	struct session **link = &door->sessions;

	while (*link != session)
		link = &(*link)->next;
	*link = session->next;
	door->n_sessions--;
	free(session);
	if (door->is_stopping && door->n_sessions == 0 &&
	    door->n_in_flight == 0)
		event_base_loopbreak(door->base);
}

void
session_close(struct session *session)
{
	if (!session->is_closed) {
		bufferevent_free(session->stream);
		close(session->fd);
		session->stream = NULL;
		session->is_closed = true;
	}
	if (session->n_in_flight == 0)
		forget_session(session);
}

int
session_release(struct session *session)
{
	int fd = session->fd;

	require(session->n_in_flight == 0 && !session->is_closed);
	/* at once: freeing alone lets go of the socket after this callback */
	(void)bufferevent_disable(session->stream, EV_READ | EV_WRITE);
	bufferevent_free(session->stream);
	session->is_closed = true;
	forget_session(session);
	return fd;
}
