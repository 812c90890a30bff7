/*
 * net/tcp: framing, limits and fairness of connections, over socket pairs,
 * with times given by the test. The service answers a message with what its
 * first byte asks for.
 */
#include "unit/unit.h"

#include "net/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IDLE_MS = 1000, MESSAGE_MS = 500, WRITE_MS = 300 };

/* 'e': the message back; 'n': nothing; 'L': 60,000 bytes. */
enum { LARGE = 60000 };

static unsigned batches;

static size_t
answer(void *arg, const struct net_origin *origin, const uint8_t *in,
    size_t len, uint8_t *out, size_t cap)
{
	(void)arg;
	assert_int_equal(net_origin_transport(origin), NET_TCP);
	assert_int_equal(cap, NET_TCP_MAX);
	if (len == 0 || in[0] == 'n')
		return 0;
	if (in[0] == 'L') {
		memset(out, 'L', LARGE);
		return LARGE;
	}
	memcpy(out, in, len);
	return len;
}

static void
batch(void *arg)
{
	(void)arg;
	batches++;
}

static const struct net_service service = { .batch_begin = batch,
	.batch_end = batch, .answer = answer };
static const struct net_limits limits = { .tcp_clients = 10,
	.tcp_idle_ms = IDLE_MS, .tcp_message_ms = MESSAGE_MS,
	.tcp_write_ms = WRITE_MS };
static struct tcp_counters counters;
static struct tcp tcp;

struct peer {
	int fd; /* the client's end */
	struct conn *conn;
};

static int
setup(void **state)
{
	(void)state;
	counters = (struct tcp_counters){ 0 };
	batches = 0;
	return tcp_init(&tcp, &service, NULL, &limits, NULL, &counters);
}

static int
teardown(void **state)
{
	(void)state;
	/* what a case that failed left open */
	for (int list = 0; list < LISTS; list++) {
		while (tcp.lists[list].first != NULL)
			tcp_close(tcp.lists[list].first);
	}
	tcp_fini(&tcp);
	return 0;
}

static struct peer
connect_as(const struct client_key *key, uint64_t now_ms)
{
	int fds[2];
	int small = 4096;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fcntl(fds[i], F_SETFL, O_NONBLOCK), 0);
		setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	}
	struct peer peer = { .fd = fds[0] };
	if (tcp.clients != NULL)
		assert_int_equal(clients_enter(tcp.clients, key), OK);
	peer.conn = tcp_open(&tcp, fds[1], key, now_ms);
	assert_non_null(peer.conn);
	return peer;
}

static struct peer
connect_at(uint64_t now_ms)
{
	static const struct client_key key;

	return connect_as(&key, now_ms);
}

static void
hang_up(struct peer *peer)
{
	if (peer->conn != NULL)
		tcp_close(peer->conn);
	close(peer->fd);
}

static void
say(const struct peer *peer, const void *data, size_t len)
{
	assert_int_equal(write(peer->fd, data, len), (ssize_t)len);
}

/* What there is to read, up to cap. */
static size_t
hear(const struct peer *peer, uint8_t *data, size_t cap)
{
	ssize_t n = read(peer->fd, data, cap);

	if (n < 0)
		assert_int_equal(errno, EAGAIN);
	return n < 0 ? 0 : (size_t)n;
}

/* RFC 7766 6.2.1.1: pipelined queries, answered in one turn and one batch. */
static void
conn_turn__pipelined__all_answered(void **state)
{
	struct peer peer = connect_at(0);
	uint8_t got[100];

	(void)state;
	say(&peer, "\0\1e\0\2en\0\1n\0\3efg", 15);
	assert_int_equal(conn_turn(peer.conn, 1), WANT_READ);
	assert_int_equal(hear(&peer, got, sizeof got), 12);
	assert_memory_equal(got, "\0\1e\0\2en\0\3efg", 12);
	assert_int_equal(batches, 2);
	assert_int_equal(counter_read(&counters.received), 4);
	assert_int_equal(counter_read(&counters.sent), 3);
	hang_up(&peer);
}

/* RFC 7766 8: a message may come in any pieces. */
static void
conn_turn__byte_by_byte__answered(void **state)
{
	struct peer peer = connect_at(0);
	static const char bytes[] = "\0\5efghi";
	uint8_t got[100];

	(void)state;
	for (int i = 0; i < 7; i++) {
		assert_int_equal(hear(&peer, got, sizeof got), 0);
		say(&peer, &bytes[i], 1);
		assert_int_equal(conn_turn(peer.conn, 1), WANT_READ);
	}
	assert_int_equal(hear(&peer, got, sizeof got), 7);
	assert_memory_equal(got, "\0\5efghi", 7);
	assert_null(peer.conn->in);
	assert_int_equal(tcp.pool.busy, 0);
	hang_up(&peer);
}

/* Rule: the largest message, in pieces, then the next one behind it. */
static void
conn_turn__message_of_65535__whole(void **state)
{
	struct peer peer = connect_at(0);
	uint8_t *message = calloc(1, 70000);
	uint8_t *got = calloc(1, 70000);
	size_t sent = 0;
	size_t heard = 0;
	const size_t total = 2 + 65535 + 3;

	(void)state;
	assert_non_null(message);
	assert_non_null(got);
	memset(message, 'e', 70000);
	message[0] = message[1] = 0xff;
	memcpy(message + 2 + 65535, "\0\1e", 3);
	for (int i = 0; i < 1000 && heard < total; i++) {
		size_t chunk = total - sent < 1000 ? total - sent : 1000;
		ssize_t n = write(peer.fd, message + sent, chunk);
		sent += n > 0 ? (size_t)n : 0;
		assert_int_not_equal(conn_turn(peer.conn, 1), WANT_CLOSE);
		heard += hear(&peer, got + heard, 70000 - heard);
	}
	assert_int_equal(heard, total);
	assert_memory_equal(got, message, total);
	assert_int_equal(conn_turn(peer.conn, 1), WANT_READ);
	assert_int_equal(tcp.pool.busy, 0);
	free(message);
	free(got);
	hang_up(&peer);
}

/* Rule: a client that sends nothing ends after the idle limit; a message
 * answered starts it anew. */
static void
tcp_expired__idle__after_its_limit(void **state)
{
	struct peer a = connect_at(0);
	struct peer b = connect_at(0);

	(void)state;
	say(&a, "\0\1e", 3);
	assert_int_equal(conn_turn(a.conn, 600), WANT_READ);
	assert_int_equal(conn_turn(b.conn, 600), WANT_READ);
	assert_null(tcp_expired(&tcp, IDLE_MS - 1));
	assert_ptr_equal(tcp_expired(&tcp, IDLE_MS), b.conn);
	tcp_close(b.conn);
	b.conn = NULL;
	assert_null(tcp_expired(&tcp, 600 + IDLE_MS - 1));
	assert_ptr_equal(tcp_expired(&tcp, 600 + IDLE_MS), a.conn);
	assert_int_equal(counter_read(&counters.timed_out), 2);
	hang_up(&a);
	hang_up(&b);
}

/* Rule: a message has one deadline, from its first byte; each further byte
 * gives no more time. */
static void
tcp_expired__drip_fed_message__not_prolonged(void **state)
{
	struct peer peer = connect_at(0);

	(void)state;
	say(&peer, "\0", 1);
	assert_int_equal(conn_turn(peer.conn, 100), WANT_READ);
	for (uint64_t now = 150; now < 100 + MESSAGE_MS; now += 50) {
		say(&peer, "\120", 1);
		assert_int_equal(conn_turn(peer.conn, now), WANT_READ);
		assert_null(tcp_expired(&tcp, now));
	}
	assert_ptr_equal(tcp_expired(&tcp, 100 + MESSAGE_MS), peer.conn);
	hang_up(&peer);
}

/* Rule: the deadline is each message's own. */
static void
tcp_expired__message_done_in_time__new_deadline(void **state)
{
	struct peer peer = connect_at(0);

	(void)state;
	say(&peer, "\0\2e", 3);
	assert_int_equal(conn_turn(peer.conn, 0), WANT_READ);
	say(&peer, "f\0", 2);
	assert_int_equal(conn_turn(peer.conn, 400), WANT_READ);
	assert_null(tcp_expired(&tcp, 400 + MESSAGE_MS - 1));
	assert_ptr_equal(tcp_expired(&tcp, 400 + MESSAGE_MS), peer.conn);
	hang_up(&peer);
}

/* Many queries with large answers from a peer that does not read. */
static void
flood(struct peer *peer, uint64_t now_ms)
{
	uint8_t queries[60];

	for (size_t i = 0; i < sizeof queries; i += 3)
		memcpy(queries + i, "\0\1L", 3);
	say(peer, queries, sizeof queries);
	assert_int_equal(conn_turn(peer->conn, now_ms), WANT_WRITE);
	assert_non_null(peer->conn->out);
}

/* CVE-2024-0760: who does not read is not read from, holds one turn's output,
 * and goes when nothing moves. */
static void
conn_turn__peer_does_not_read__stops_then_ends(void **state)
{
	struct peer peer = connect_at(0);

	(void)state;
	flood(&peer, 100);
	uint64_t received = counter_read(&counters.received);
	assert_true(received < 20);
	assert_true(tcp.pool.busy <= 2 * POOL_BUFFER_MAX);
	for (uint64_t now = 110; now < 390; now += 10)
		assert_int_equal(conn_turn(peer.conn, now), WANT_WRITE);
	assert_int_equal(counter_read(&counters.received), received);
	assert_null(tcp_expired(&tcp, 100 + WRITE_MS - 1));
	assert_ptr_equal(tcp_expired(&tcp, 100 + WRITE_MS), peer.conn);
	hang_up(&peer);
}

/* Rule: who reads slowly but steadily gets everything, in order. */
static void
conn_turn__slow_reader__gets_all(void **state)
{
	struct peer peer = connect_at(0);
	uint8_t got[5000];
	size_t heard = 0;

	(void)state;
	flood(&peer, 100);
	uint64_t now = 100;
	while (heard < 20 * (LARGE + 2u) && now < 20000) {
		heard += hear(&peer, got, sizeof got);
		enum conn_want want = conn_turn(peer.conn, ++now);
		assert_int_not_equal(want, WANT_CLOSE);
		assert_null(tcp_expired(&tcp, now));
	}
	assert_int_equal(heard, 20 * (LARGE + 2u));
	assert_int_equal(counter_read(&counters.sent), 20);
	assert_int_equal(tcp.pool.busy, 0);
	hang_up(&peer);
}

/* Rule: progress alone does not hold a buffer for ever. */
static void
conn_turn__crawling_reader__ends(void **state)
{
	struct peer peer = connect_at(0);
	uint8_t got[2048];
	enum conn_want want = WANT_WRITE;
	uint64_t now = 0;

	(void)state;
	flood(&peer, now);
	while (want == WANT_WRITE && now < 100000) {
		(void)hear(&peer, got, sizeof got);
		now += WRITE_MS / 2;
		want = conn_turn(peer.conn, now);
	}
	assert_int_equal(want, WANT_CLOSE);
	assert_in_range(now, WRITE_MS * TCP_DRAIN_FACTOR,
	    WRITE_MS * (TCP_DRAIN_FACTOR + 4));
	hang_up(&peer);
}

/* Rule: a turn answers so many messages and no more; the rest is READY and
 * comes after the others, without reading more. */
static void
conn_turn__more_than_a_turn__ready_again(void **state)
{
	struct peer peer = connect_at(0);
	uint8_t bytes[3 * (TCP_TURN_MESSAGES + 10)];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i += 3)
		memcpy(bytes + i, "\0\1n", 3);
	say(&peer, bytes, sizeof bytes);
	assert_int_equal(conn_turn(peer.conn, 1), WANT_TURN);
	assert_int_equal(counter_read(&counters.received), TCP_TURN_MESSAGES);
	assert_ptr_equal(tcp.lists[LIST_READY].first, peer.conn);
	assert_null(tcp_expired(&tcp, 1000000));
	assert_int_equal(conn_turn(peer.conn, 2), WANT_READ);
	assert_int_equal(counter_read(&counters.received),
	    TCP_TURN_MESSAGES + 10);
	hang_up(&peer);
}

/* RFC 7766 6.2.4: who has sent its last query still gets the answers. */
static void
conn_turn__half_closed__answers_then_closes(void **state)
{
	struct peer peer = connect_at(0);
	uint8_t got[100];

	(void)state;
	say(&peer, "\0\1e\0\1e\0", 7);
	assert_int_equal(shutdown(peer.fd, SHUT_WR), 0);
	assert_int_equal(conn_turn(peer.conn, 1), WANT_READ);
	assert_int_equal(hear(&peer, got, sizeof got), 6);
	assert_int_equal(conn_turn(peer.conn, 1), WANT_CLOSE);
	hang_up(&peer);
}

/* The same with output that waits: all of it first. */
static void
conn_turn__half_closed_slow__all_output_first(void **state)
{
	struct peer peer = connect_at(0);
	uint8_t got[70000];
	size_t heard = 0;
	enum conn_want want = WANT_WRITE;

	(void)state;
	flood(&peer, 1);
	assert_int_equal(shutdown(peer.fd, SHUT_WR), 0);
	for (uint64_t now = 2; want != WANT_CLOSE && now < 10000; now++) {
		heard += hear(&peer, got, sizeof got);
		want = conn_turn(peer.conn, now);
	}
	while (heard < 20 * (LARGE + 2u)) {
		size_t n = hear(&peer, got, sizeof got);
		assert_true(n > 0);
		heard += n;
	}
	assert_int_equal(heard, 20 * (LARGE + 2u));
	assert_int_equal(want, WANT_CLOSE);
	hang_up(&peer);
}

/* Rule: a peer that is gone costs nothing more, and no signal. */
static void
conn_turn__peer_gone__closes(void **state)
{
	struct peer peer = connect_at(0);

	(void)state;
	say(&peer, "\0\1e", 3);
	close(peer.fd);
	assert_int_equal(conn_turn(peer.conn, 1), WANT_CLOSE);
	peer.fd = -1;
	hang_up(&peer);
}

/* Rule: room for a newcomer comes from the longest idle, not from one at
 * work, nor from one just come. */
static void
tcp_spare__idle_for_long__that_one(void **state)
{
	struct peer a = connect_at(0);
	struct peer b = connect_at(0);

	(void)state;
	assert_null(tcp_spare(&tcp, IDLE_MS / 10 - 1));
	say(&a, "\0", 1);
	assert_int_equal(conn_turn(a.conn, 10), WANT_READ);
	assert_ptr_equal(tcp_spare(&tcp, IDLE_MS / 10), b.conn);
	hang_up(&b);
	assert_null(tcp_spare(&tcp, IDLE_MS));
	hang_up(&a);
}

/* Rule: a client that has many makes room for one that has few, also when all
 * its connections are at work; who has as many as others does not. */
static void
tcp_crowding__one_has_many__its_oldest(void **state)
{
	static const struct client_key one = { { 1 } };
	static const struct client_key two = { { 2 } };
	static const struct client_key new = { { 3 } };
	struct clients *clients = clients_create(10, 0);
	struct peer a[3];

	(void)state;
	assert_null(tcp_crowding(&tcp, &new));
	tcp.clients = clients;
	struct peer b = connect_as(&two, 0);
	assert_int_equal(clients_held(clients, &one), 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_null(tcp_crowding(&tcp, &new));
		a[i] = connect_as(&one, 0);
		say(&a[i], "\0", 1);
		assert_int_equal(conn_turn(a[i].conn, i), WANT_READ);
	}
	assert_int_equal(clients_held(clients, &one), 3);
	assert_ptr_equal(tcp_crowding(&tcp, &new), a[0].conn);
	/* two has one already: for another, three are not too many */
	assert_null(tcp_crowding(&tcp, &two));
	assert_null(tcp_crowding(&tcp, &one));
	for (unsigned i = 0; i < 3; i++)
		hang_up(&a[i]);
	hang_up(&b);
	tcp.clients = NULL;
	clients_destroy(clients);
}

/* Rule: while memory is scarce, who holds it has less time. */
static void
tcp_expired__pool_nearly_full__shorter_limits(void **state)
{
	struct peer peer = connect_at(0);

	(void)state;
	say(&peer, "\0", 1);
	assert_int_equal(conn_turn(peer.conn, 0), WANT_READ);
	assert_null(tcp_expired(&tcp, MESSAGE_MS / 2));
	tcp.pool.max = tcp.pool.busy;
	assert_ptr_equal(tcp_expired(&tcp, MESSAGE_MS / 2), peer.conn);
	tcp.pool.max = TCP_POOL_MAX;
	hang_up(&peer);
}

/* Rule: without memory for a remainder only that connection ends. */
static void
conn_turn__pool_empty__closes(void **state)
{
	struct peer peer = connect_at(0);

	(void)state;
	tcp.pool.max = 0;
	say(&peer, "\0", 1);
	assert_int_equal(conn_turn(peer.conn, 0), WANT_CLOSE);
	tcp.pool.max = TCP_POOL_MAX;
	hang_up(&peer);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(conn_turn__pipelined__all_answered),
		CASE(conn_turn__byte_by_byte__answered),
		CASE(conn_turn__message_of_65535__whole),
		CASE(tcp_expired__idle__after_its_limit),
		CASE(tcp_expired__drip_fed_message__not_prolonged),
		CASE(tcp_expired__message_done_in_time__new_deadline),
		CASE(conn_turn__peer_does_not_read__stops_then_ends),
		CASE(conn_turn__slow_reader__gets_all),
		CASE(conn_turn__crawling_reader__ends),
		CASE(conn_turn__more_than_a_turn__ready_again),
		CASE(conn_turn__half_closed__answers_then_closes),
		CASE(conn_turn__half_closed_slow__all_output_first),
		CASE(conn_turn__peer_gone__closes),
		CASE(tcp_spare__idle_for_long__that_one),
		CASE(tcp_crowding__one_has_many__its_oldest),
		CASE(tcp_expired__pool_nearly_full__shorter_limits),
		CASE(conn_turn__pool_empty__closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
