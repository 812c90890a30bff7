/*
 * One turn of a TCP connection. The turn works in two buffers of the thread;
 * only what is left over (a message not whole, answers not taken) moves into
 * buffers of the pool that belong to the connection. So an idle connection
 * costs its struct alone, and a client that neither sends nor reads holds what
 * the limits allow, for as long as they allow. Layer 6; the query thread.
 */
#include "net/tcp.h"

#include "base/check.h"
#include "net/conn_list.h"
#include "net/ticket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	IN_CAP = TCP_PREFIX + NET_TCP_MAX,
	/* A remainder up to this is copied back to the thread's buffer, where
	 * more can be read at once; a longer one grows where it is. */
	COPY_MAX = 2 * 1024,
	/* Answers are made while the largest one still fits. */
	OUT_FULL = TCP_OUT_CAP - IN_CAP,
};

_Static_assert(TCP_OUT_CAP >= 2 * 64 * 1024, "room for the largest answer");
_Static_assert((int)POOL_BUFFER_MAX >= (int)TCP_OUT_CAP,
    "output fits into a buffer");
_Static_assert((int)TCP_READ_MAX > (int)COPY_MAX, "something can be read");

enum io { IO_OK, IO_AGAIN, IO_ENDED, IO_FAILED };

/* What came in, wherever it lies. */
struct input {
	uint8_t *data;
	size_t len;
	size_t used; /* bytes of whole messages that were answered */
};

enum status
tcp_init(struct tcp *tcp, const struct net_service *service, void *thread_arg,
    const struct net_limits *limits, struct clients *clients,
    struct tcp_counters *counters)
{
	*tcp = (struct tcp){ .service = service, .thread_arg = thread_arg,
		.limits = *limits, .clients = clients, .counters = counters };
	tcp->in = malloc(IN_CAP);
	tcp->out = malloc(TCP_OUT_CAP);
	if (tcp->in == NULL || tcp->out == NULL) {
		free(tcp->in);
		free(tcp->out);
		return ERR_FULL;
	}
	pool_init(&tcp->pool, TCP_POOL_MAX);
	return OK;
}

void
tcp_fini(struct tcp *tcp)
{
	require(tcp->n_conns == 0);
	pool_fini(&tcp->pool);
	free(tcp->in);
	free(tcp->out);
}

struct conn *
tcp_open(struct tcp *tcp, int fd, const struct client_key *key, uint64_t now_ms)
{
	struct conn *conn = calloc(1, sizeof *conn);

	if (conn == NULL) {
		close(fd);
		if (tcp->clients != NULL)
			clients_leave(tcp->clients, key);
		return NULL;
	}
	conn->tcp = tcp;
	conn->fd = fd;
	conn->key = *key;
	conn_list_append(conn, LIST_IDLE, now_ms);
	tcp->n_conns++;
	return conn;
}

void
tcp_close(struct conn *conn)
{
	struct tcp *tcp = conn->tcp;

	tickets_forget(conn);
	conn_list_remove(conn);
	pool_put(&tcp->pool, conn->in);
	pool_put(&tcp->pool, conn->out);
	/* Counted as gone before the peer can know and come again. */
	if (tcp->clients != NULL)
		clients_leave(tcp->clients, &conn->key);
	close(conn->fd);
	tcp->n_conns--;
	free(conn);
}

/* Bytes of the message at the front with its prefix; 0: not known yet. */
static size_t
frame_len(const uint8_t *data, size_t len)
{
	if (len < TCP_PREFIX)
		return 0;
	return TCP_PREFIX + (size_t)(data[0] << 8 | data[1]);
}

static bool
has_whole_message(const struct buffer *in)
{
	if (in == NULL)
		return false;
	size_t need = frame_len(in->data, in->end);
	return need > 0 && in->end >= need;
}

/* --- output */

/* @param done out: bytes the kernel took. */
static enum io
send_some(int fd, const uint8_t *data, size_t len, size_t *done)
{
	*done = 0;
	while (*done < len) {
		ssize_t n = send(fd, data + *done, len - *done,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0)
			*done += (size_t)n;
		else if (errno == EAGAIN)
			return IO_AGAIN;
		else if (errno != EINTR)
			return IO_FAILED;
	}
	return IO_OK;
}

/* Send what waits. @return OK: all gone; AGAIN: in WRITING; FAILED: close. */
static enum io
flush_waiting(struct conn *conn, uint64_t now_ms)
{
	struct tcp *tcp = conn->tcp;
	struct buffer *out = conn->out;
	size_t done = 0;

	if (out == NULL)
		return IO_OK;
	enum io io = send_some(conn->fd, out->data + out->start,
	    out->end - out->start, &done);
	out->start += (uint32_t)done;
	if (io == IO_OK) {
		pool_put(&tcp->pool, out);
		conn->out = NULL;
	} else if (io == IO_AGAIN && conn->list != LIST_WRITING) {
		conn->out_since_ms = now_ms;
		conn_list_move(conn, LIST_WRITING, now_ms);
	} else if (io == IO_AGAIN && done > 0) {
		/* Some progress is not enough: a peer that takes a byte now
		 * and then would hold the buffer for ever. */
		uint64_t limit_ms =
		    (uint64_t)tcp->limits.tcp_write_ms * TCP_DRAIN_FACTOR;
		if (now_ms - conn->out_since_ms >= limit_ms) {
			counter_add(&tcp->counters->timed_out, 1);
			return IO_FAILED;
		}
		conn_list_move(conn, LIST_WRITING, now_ms);
	}
	return io;
}

/* Send the answers of this turn; what the kernel does not take waits. */
static enum io
send_answers(struct conn *conn, size_t len, uint64_t now_ms)
{
	struct tcp *tcp = conn->tcp;
	size_t done = 0;

	enum io io = send_some(conn->fd, tcp->out, len, &done);
	if (io != IO_AGAIN)
		return io;
	conn->out = pool_take(&tcp->pool, len - done);
	if (conn->out == NULL)
		return IO_FAILED;
	memcpy(conn->out->data, tcp->out + done, len - done);
	conn->out->end = (uint32_t)(len - done);
	conn->out_since_ms = now_ms;
	conn_list_move(conn, LIST_WRITING, now_ms);
	return IO_AGAIN;
}

/* --- input */

static enum io
receive(struct conn *conn, uint8_t *to, size_t room, size_t *len)
{
	ssize_t n;

	do
		n = recv(conn->fd, to, room, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		*len = (size_t)n;
		return IO_OK;
	}
	if (n == 0)
		return IO_ENDED;
	return errno == EAGAIN ? IO_AGAIN : IO_FAILED;
}

/* Put what was kept and what can be read now into one place. */
static enum io
read_input(struct conn *conn, struct input *input)
{
	struct tcp *tcp = conn->tcp;
	struct buffer *kept = conn->in;
	size_t cap = TCP_READ_MAX;
	size_t got = 0;

	*input = (struct input){ .data = tcp->in };
	if (kept != NULL) {
		input->len = kept->end;
		if (kept->end <= COPY_MAX) {
			memcpy(tcp->in, kept->data, kept->end);
		} else {
			input->data = kept->data;
			cap = kept->cap;
		}
	}
	if (conn->is_ended || has_whole_message(kept))
		return IO_OK;
	enum io io = receive(conn, input->data + input->len, cap - input->len,
	    &got);
	input->len += got;
	return io;
}

/* Keep what is left of the input for the next turn. */
static enum io
keep_rest(struct conn *conn, const struct input *input)
{
	struct tcp *tcp = conn->tcp;
	const uint8_t *rest = input->data + input->used;
	size_t len = input->len - input->used;
	struct buffer *kept = conn->in;

	if (len == 0) {
		pool_put(&tcp->pool, kept);
		conn->in = NULL;
		return IO_OK;
	}
	/* Room for the whole message, and to read at least a byte more. */
	size_t need = frame_len(rest, len);
	need = need > len ? need : len + 1;
	if (kept == NULL || kept->cap < need) {
		struct buffer *larger = pool_take(&tcp->pool, need);
		if (larger == NULL)
			return IO_FAILED;
		memcpy(larger->data, rest, len);
		pool_put(&tcp->pool, kept);
		conn->in = larger;
	} else {
		memmove(kept->data, rest, len);
	}
	conn->in->end = (uint32_t)len;
	return IO_OK;
}

/* Answer whole messages into the thread's buffer. @return bytes of answers. */
static size_t
answer_messages(struct conn *conn, struct input *input)
{
	struct tcp *tcp = conn->tcp;
	const struct net_service *service = tcp->service;
	const struct net_origin origin = { .transport = NET_TCP,
		.tickets = tcp->tickets, .fd = conn->fd, .conn = conn };
	size_t out = 0;
	uint64_t n_in = 0;
	uint64_t n_out = 0;

	service->batch_begin(tcp->thread_arg);
	while (n_in < TCP_TURN_MESSAGES && out <= OUT_FULL &&
	    conn->n_tickets < NET_CONN_TICKETS_MAX) {
		const uint8_t *at = input->data + input->used;
		size_t left = input->len - input->used;
		size_t need = frame_len(at, left);
		if (need == 0 || left < need)
			break;
		uint8_t *to = tcp->out + out;
		size_t len = service->answer(tcp->thread_arg, &origin,
		    at + TCP_PREFIX, need - TCP_PREFIX, to + TCP_PREFIX,
		    NET_TCP_MAX);
		input->used += need;
		n_in++;
		if (len == 0)
			continue;
		to[0] = (uint8_t)(len >> 8);
		to[1] = (uint8_t)len;
		out += TCP_PREFIX + len;
		n_out++;
	}
	service->batch_end(tcp->thread_arg);
	counter_add(&tcp->counters->received, n_in);
	counter_add(&tcp->counters->sent, n_out);
	return out;
}

/* Nothing waits to be written: where does the connection stand now? */
static enum conn_want
settle(struct conn *conn, bool has_progress, uint64_t now_ms)
{
	if (conn->n_tickets >= NET_CONN_TICKETS_MAX) {
		conn_list_move(conn, LIST_LATER, now_ms);
		return WANT_REPLY;
	}
	if (has_whole_message(conn->in)) {
		conn_list_move(conn, LIST_READY, now_ms);
		return WANT_TURN;
	}
	bool is_waited_for = conn->n_tickets > 0;
	if (conn->is_ended) {
		if (!is_waited_for)
			return WANT_CLOSE;
		conn_list_move(conn, LIST_LATER, now_ms);
		return WANT_REPLY;
	}
	enum conn_list list = conn->in != NULL ? LIST_MESSAGE :
	    is_waited_for ? LIST_LATER : LIST_IDLE;
	/* A clock that runs goes on, unless a message was answered. */
	if (has_progress || conn->list != list)
		conn_list_move(conn, list, now_ms);
	return WANT_READ;
}

enum conn_want
conn_turn(struct conn *conn, uint64_t now_ms)
{
	struct input input;

	if (conn->is_broken)
		return WANT_CLOSE;
	enum io io = flush_waiting(conn, now_ms);
	if (io != IO_OK)
		return io == IO_AGAIN ? WANT_WRITE : WANT_CLOSE;
	if (conn->n_tickets >= NET_CONN_TICKETS_MAX)
		return settle(conn, false, now_ms);
	io = read_input(conn, &input);
	if (io == IO_FAILED)
		return WANT_CLOSE;
	if (io == IO_ENDED)
		conn->is_ended = true;
	size_t len = answer_messages(conn, &input);
	if (keep_rest(conn, &input) != IO_OK)
		return WANT_CLOSE;
	if (len > 0) {
		io = send_answers(conn, len, now_ms);
		if (io != IO_OK)
			return io == IO_AGAIN ? WANT_WRITE : WANT_CLOSE;
	}
	return settle(conn, input.used > 0, now_ms);
}

void
conn_append(struct conn *conn, const uint8_t *out, size_t len)
{
	struct tcp *tcp = conn->tcp;
	struct buffer *old = conn->out;
	size_t kept = old != NULL ? old->end - old->start : 0;
	size_t need = kept + TCP_PREFIX + len;

	if (len == 0 || conn->is_broken)
		return;
	if (old == NULL || old->end + TCP_PREFIX + len > old->cap) {
		struct buffer *larger = need <= POOL_BUFFER_MAX
		    ? pool_take(&tcp->pool, need)
		    : NULL;
		if (larger == NULL) {
			conn->is_broken = true;
			return;
		}
		if (kept > 0)
			memcpy(larger->data, old->data + old->start, kept);
		larger->end = (uint32_t)kept;
		pool_put(&tcp->pool, old);
		conn->out = larger;
	}
	uint8_t *to = conn->out->data + conn->out->end;
	to[0] = (uint8_t)(len >> 8);
	to[1] = (uint8_t)len;
	memcpy(to + TCP_PREFIX, out, len);
	conn->out->end += (uint32_t)(TCP_PREFIX + len);
	counter_add(&tcp->counters->sent, 1);
}

void
conn_stop(struct conn *conn)
{
	pool_put(&conn->tcp->pool, conn->in);
	conn->in = NULL;
	conn->is_ended = true;
}
