/*
 * The whole server over a TCP connection: the bytes behind the first two are
 * what a client sends, in pieces whose sizes the first two choose, and it reads
 * the answers in such pieces, too, or keeps the server waiting. However they
 * are cut: what comes back is, in order, the answer to each whole message with
 * its length, and then the end. With the upper bit of the first byte set the
 * client goes away when it has said half, and the server's end has to notice.
 */
#include "fuzz/fuzz.h"
#include "fuzz/scene.h"

#include "net/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	STREAM_MAX = 4096,     /* bytes of a client */
	EXPECTED_CAP = 1 << 20,
	SOCKET_BYTES = 2048,   /* the kernel makes it what it can */
	STEPS_MAX = 100000,
	MODE_GOES_AWAY = 0x80,
};

static size_t
ask(const uint8_t *in, size_t in_len, uint8_t *out, size_t cap)
{
	const struct query_view view = { .version = scene_version() };
	struct query_result result;

	return query_answer(scene_env(), &view, QUERY_TCP, in, in_len, out,
	    cap, &result);
}

static size_t
answer(void *arg, const struct net_origin *origin, const uint8_t *in,
    size_t in_len, uint8_t *out, size_t cap)
{
	(void)arg;
	FUZZ_CHECK(net_origin_transport(origin) == NET_TCP);
	FUZZ_CHECK(cap == NET_TCP_MAX);
	return ask(in, in_len, out, cap);
}

static void
batch(void *arg)
{
	(void)arg;
}

static const struct net_service service = { .batch_begin = batch,
	.batch_end = batch, .answer = answer };

/* What has to come back for a stream. @return its length. */
static size_t
expect(uint8_t *out, const uint8_t *data, size_t len)
{
	size_t at = 0;
	size_t used = 0;

	while (len - used >= TCP_PREFIX) {
		size_t n = (size_t)(data[used] << 8 | data[used + 1]);
		if (len - used - TCP_PREFIX < n)
			break;
		FUZZ_CHECK(at + TCP_PREFIX + NET_TCP_MAX <= EXPECTED_CAP);
		size_t got = ask(data + used + TCP_PREFIX, n,
		    out + at + TCP_PREFIX, NET_TCP_MAX);
		used += TCP_PREFIX + n;
		if (got == 0)
			continue;
		out[at] = (uint8_t)(got >> 8);
		out[at + 1] = (uint8_t)got;
		at += TCP_PREFIX + got;
	}
	return at;
}

/* The client, one step after the other. */
struct client {
	int fd;
	struct conn *conn; /* the server's end; NULL: closed */
	const uint8_t *data;
	size_t len;
	size_t sent;
	bool is_ended;
	bool goes_away;
	uint32_t chance;   /* state of a generator */
	uint8_t piece;     /* the longest one */
	const uint8_t *expected;
	size_t expected_len;
	size_t heard;
};

static size_t
piece_of(struct client *client)
{
	client->chance = client->chance * 1664525u + 1013904223u;
	return 1u + (client->chance >> 16) % (1u + client->piece);
}

static void
say(struct client *client)
{
	size_t n = piece_of(client);

	if (n > client->len - client->sent)
		n = client->len - client->sent;
	if (n > 0) {
		ssize_t done = write(client->fd, client->data + client->sent,
		    n);
		FUZZ_CHECK(done > 0 || errno == EAGAIN || errno == EPIPE);
		client->sent += done > 0 ? (size_t)done : 0;
	} else if (!client->is_ended) {
		FUZZ_CHECK(shutdown(client->fd, SHUT_WR) == 0);
		client->is_ended = true;
	}
}

static void
hear(struct client *client)
{
	uint8_t got[256 * 16];
	ssize_t n = read(client->fd, got, piece_of(client) * 16);

	FUZZ_CHECK(n >= 0 || errno == EAGAIN);
	if (n <= 0)
		return;
	FUZZ_CHECK((size_t)n <= client->expected_len - client->heard);
	FUZZ_CHECK(memcmp(got, client->expected + client->heard,
		       (size_t)n) == 0);
	client->heard += (size_t)n;
}

static void
serve(struct client *client)
{
	if (client->conn == NULL || conn_turn(client->conn, 0) != WANT_CLOSE)
		return;
	/* nothing is cut off: all was said, and all was answered */
	FUZZ_CHECK(client->is_ended || client->fd < 0);
	tcp_close(client->conn);
	client->conn = NULL;
}

/* It goes away; the server finds out, by reading or by its clock. */
static void
hang_up(struct tcp *tcp, struct client *client)
{
	close(client->fd);
	client->fd = -1;
	serve(client);
	if (client->conn == NULL)
		return;
	struct conn *expired = tcp_expired(tcp, 1);
	FUZZ_CHECK(expired == client->conn || expired == NULL);
	tcp_close(client->conn);
	client->conn = NULL;
}

static void
run(struct tcp *tcp, struct client *client)
{
	static const struct client_key key;
	int small = SOCKET_BYTES;
	int fds[2];

	FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) ==
	    0);
	FUZZ_CHECK(setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &small,
		       sizeof small) == 0);
	client->fd = fds[0];
	client->conn = tcp_open(tcp, fds[1], &key, 0);
	FUZZ_CHECK(client->conn != NULL);
	for (unsigned i = 0; i < STEPS_MAX && client->conn != NULL; i++) {
		say(client);
		serve(client);
		if (client->goes_away && client->sent >= client->len / 2) {
			hang_up(tcp, client);
			return;
		}
		/* now and then it does not listen */
		if (client->is_ended || (client->chance >> 24) % 4 == 0)
			hear(client);
	}
	FUZZ_CHECK(client->conn == NULL);
	while (client->heard < client->expected_len) {
		size_t before = client->heard;
		hear(client);
		FUZZ_CHECK(client->heard > before);
	}
	close(client->fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t expected[EXPECTED_CAP];
	static const struct net_limits limits = { .tcp_clients = 1,
		.tcp_idle_ms = 1, .tcp_message_ms = 1, .tcp_write_ms = 1 };
	static struct tcp tcp;
	static struct tcp_counters counters;

	if (len < 2 || len > STREAM_MAX)
		return 0;
	if (tcp.in == NULL)
		FUZZ_CHECK(tcp_init(&tcp, &service, NULL, &limits, NULL,
			       &counters) == OK);
	struct client client = { .data = data + 2, .len = len - 2,
		.chance = data[0], .piece = data[1], .expected = expected,
		.goes_away = (data[0] & MODE_GOES_AWAY) != 0 };
	client.expected_len = expect(expected, data + 2, len - 2);
	run(&tcp, &client);
	return 0;
}
