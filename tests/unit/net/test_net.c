/*
 * net: real threads and sockets on loopback, ports chosen by the kernel. The
 * service answers a message with itself, 'n' with nothing. What waits for the
 * other side blocks in the kernel with a generous limit, so no result depends
 * on how fast the machine is.
 */
#include "unit/unit.h"

#include "net/net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

enum { THREADS_MAX = 4 };

/* What the service saw, per thread: calls must alternate as promised. */
struct seen {
	bool is_asleep;
	bool is_in_batch;
	bool is_stopped;
	bool is_wrong;
	unsigned answers;
};

static struct seen seen[THREADS_MAX];

static void *
thread_start(void *arg, unsigned thread)
{
	(void)arg;
	seen[thread] = (struct seen){ 0 };
	return &seen[thread];
}

static void
thread_stop(void *arg)
{
	struct seen *s = arg;
	s->is_stopped = true;
}

static void
batch_begin(void *arg)
{
	struct seen *s = arg;
	s->is_wrong = s->is_wrong || s->is_asleep || s->is_in_batch;
	s->is_in_batch = true;
}

static void
batch_end(void *arg)
{
	struct seen *s = arg;
	s->is_wrong = s->is_wrong || !s->is_in_batch;
	s->is_in_batch = false;
}

static void
sleep_begin(void *arg)
{
	struct seen *s = arg;
	s->is_wrong = s->is_wrong || s->is_asleep || s->is_in_batch;
	s->is_asleep = true;
}

static void
wake(void *arg)
{
	struct seen *s = arg;
	s->is_wrong = s->is_wrong || !s->is_asleep;
	s->is_asleep = false;
}

static size_t
answer(void *arg, const struct net_origin *origin, const uint8_t *in,
    size_t len, uint8_t *out, size_t cap)
{
	struct seen *s = arg;

	(void)origin;
	s->is_wrong = s->is_wrong || !s->is_in_batch || len > cap;
	s->answers++;
	if (len == 0 || in[0] == 'n')
		return 0;
	memcpy(out, in, len);
	return len;
}

static const struct net_service service = { .thread_start = thread_start,
	.thread_stop = thread_stop, .batch_begin = batch_begin,
	.batch_end = batch_end, .sleep = sleep_begin, .wake = wake,
	.answer = answer };

/* Address text without its port: port 0 asks the kernel for one. */
static struct net_address
any_port(const char *host)
{
	struct net_address address;
	struct reason reason;
	char text[NET_ADDRESS_TEXT];

	snprintf(text, sizeof text, "%s@1", host);
	assert_int_equal(net_address_parse(&address, text, &reason), OK);
	if (address.storage.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&address.storage)->sin6_port = 0;
	else
		((struct sockaddr_in *)&address.storage)->sin_port = 0;
	return address;
}

static struct net *
start(const char *host, unsigned threads, const struct net_limits *limits)
{
	struct net_address address = any_port(host);
	struct net *net = NULL;
	struct reason reason = { "" };

	enum status status = net_start(&net, &address, 1, threads, &service,
	    limits, &reason);
	if (status != OK)
		print_error("%s\n", reason.text);
	assert_int_equal(status, OK);
	return net;
}

/* Stop, and see that the calls came as promised. */
static void
stop(struct net *net, unsigned threads)
{
	net_stop(net);
	for (unsigned i = 0; i < threads; i++) {
		assert_true(seen[i].is_stopped);
		assert_false(seen[i].is_wrong);
	}
}

static int
dial(const struct net_address *address, int type)
{
	struct timeval limit = { .tv_sec = 20 };

	int fd = socket(address->storage.ss_family, type, 0);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address->storage,
			     address->len), 0);
	return fd;
}

static void
read_all(int fd, void *data, size_t len)
{
	assert_int_equal(recv(fd, data, len, MSG_WAITALL), (ssize_t)len);
}

static const struct net_limits defaults;

/* Rule: UDP and TCP answer on the same address, from every thread. */
static void
net_start__two_threads__udp_and_tcp_answer(void **state)
{
	struct net *net = start("127.0.0.1", 2, &defaults);
	struct net_address address = net_bound(net, 0);
	uint8_t got[64];

	(void)state;
	for (int i = 0; i < 20; i++) {
		int udp = dial(&address, SOCK_DGRAM);
		int tcp = dial(&address, SOCK_STREAM);
		assert_int_equal(send(udp, "n", 1, 0), 1);
		assert_int_equal(send(udp, "hello", 5, 0), 5);
		assert_int_equal(recv(udp, got, sizeof got, 0), 5);
		assert_int_equal(send(tcp, "\0\5hello\0\1n\0\2ab", 14, 0), 14);
		read_all(tcp, got, 11);
		assert_memory_equal(got, "\0\5hello\0\2ab", 11);
		close(udp);
		close(tcp);
	}
	struct net_counters counters = net_counters(net);
	assert_int_equal(counters.udp_received, 40);
	/* counted after it was sent: each thread may be one behind */
	assert_in_range(counters.udp_sent, 18, 20);
	assert_int_equal(counters.tcp_accepted, 20);
	assert_int_equal(counters.tcp_received, 60);
	assert_int_equal(counters.tcp_sent, 40);
	stop(net, 2);
	assert_true(seen[0].answers > 0);
	assert_true(seen[1].answers > 0);
}

/* RFC 1122 4.1.3.5: the answer comes from the address that was asked. */
static void
udp_turn__wildcard__answers_from_where_asked(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "127.0.0.53" };
	struct net *net = start("0.0.0.0", 1, &defaults);
	struct net_address bound = net_bound(net, 0);
	uint8_t got[64];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct net_address address = any_port(hosts[i]);
		((struct sockaddr_in *)&address.storage)->sin_port =
		    ((struct sockaddr_in *)&bound.storage)->sin_port;
		/* a connected socket hears its peer only */
		int fd = dial(&address, SOCK_DGRAM);
		assert_int_equal(send(fd, "hello", 5, 0), 5);
		assert_int_equal(recv(fd, got, sizeof got, 0), 5);
		close(fd);
	}
	stop(net, 1);
}

/* Rule: IPv6 works beside IPv4 on the same port (IPV6_V6ONLY). */
static void
net_start__both_families__one_port(void **state)
{
	struct net_address addresses[2] = { any_port("::1"),
		any_port("127.0.0.1") };
	struct net *net = NULL;
	struct reason reason = { "" };
	uint8_t got[64];

	(void)state;
	if (net_start(&net, addresses, 2, 1, &service, &defaults, &reason) !=
	    OK)
		skip(); /* a machine without IPv6 */
	for (size_t i = 0; i < 2; i++) {
		struct net_address address = net_bound(net, i);
		int fd = dial(&address, SOCK_DGRAM);
		assert_int_equal(send(fd, "hello", 5, 0), 5);
		assert_int_equal(recv(fd, got, sizeof got, 0), 5);
		close(fd);
	}
	stop(net, 1);
}

/* Rule: an address that another server has is an error with its name, even
 * though both would share it (SO_REUSEPORT). */
static void
net_start__address_in_use__exists(void **state)
{
	struct net *net = start("127.0.0.1", 1, &defaults);
	struct net_address address = net_bound(net, 0);
	struct net *second = NULL;
	struct reason reason = { "" };
	char text[NET_ADDRESS_TEXT];

	(void)state;
	assert_int_equal(net_start(&second, &address, 1, 1, &service, &defaults,
			     &reason), ERR_EXISTS);
	assert_null(second);
	assert_non_null(strstr(reason.text,
	    net_address_format(text, sizeof text, &address)));
	stop(net, 1);
}

/* Rule: an address that is not ours is refused, and nothing stays open. */
static void
net_start__foreign_address__io(void **state)
{
	struct net_address address = any_port("192.0.2.1");
	struct net *net = NULL;
	struct reason reason = { "" };

	(void)state;
	assert_int_equal(net_start(&net, &address, 1, 2, &service, &defaults,
			     &reason), ERR_IO);
	assert_null(net);
	assert_non_null(strstr(reason.text, "192.0.2.1"));
}

/* Rule: over its own limit a client's connection is closed at once; the
 * others stay and answer. */
static void
net__per_address_limit__third_closed(void **state)
{
	const struct net_limits limits = { .tcp_per_address = 2 };
	struct net *net = start("127.0.0.1", 1, &limits);
	struct net_address address = net_bound(net, 0);
	uint8_t got[8];
	int fds[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		fds[i] = dial(&address, SOCK_STREAM);
		if (i == 2)
			break;
		assert_int_equal(send(fds[i], "\0\1a", 3, 0), 3);
		read_all(fds[i], got, 3);
	}
	assert_int_equal(recv(fds[2], got, 1, 0), 0);
	assert_int_equal(net_counters(net).tcp_refused, 1);
	assert_int_equal(send(fds[0], "\0\1a", 3, 0), 3);
	read_all(fds[0], got, 3);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	stop(net, 1);
}

/* Rule: the loop itself ends clients that are idle or feed by the drip. */
static void
net__short_limits__clients_ended(void **state)
{
	const struct net_limits limits = { .tcp_idle_ms = 30,
		.tcp_message_ms = 30, .tcp_write_ms = 30 };
	struct net *net = start("127.0.0.1", 1, &limits);
	struct net_address address = net_bound(net, 0);
	uint8_t got[8];

	(void)state;
	int idle = dial(&address, SOCK_STREAM);
	int drip = dial(&address, SOCK_STREAM);
	assert_int_equal(send(drip, "\0", 1, 0), 1);
	assert_int_equal(recv(idle, got, 1, 0), 0);
	assert_int_equal(recv(drip, got, 1, 0), 0);
	assert_int_equal(net_counters(net).tcp_timed_out, 2);
	assert_int_equal(net_counters(net).tcp_open, 0);
	close(idle);
	close(drip);
	stop(net, 1);
}

/* CVE-2019-6477 and its like: one client with a full pipeline that never
 * reads does not keep another from its answers. */
static void
net__flood_that_does_not_read__others_answered(void **state)
{
	struct net *net = start("127.0.0.1", 1, &defaults);
	struct net_address address = net_bound(net, 0);
	static uint8_t message[2 + 65535];
	uint8_t got[8];

	(void)state;
	message[0] = message[1] = 0xff;
	int bad = dial(&address, SOCK_STREAM);
	/* until the server stops reading */
	ssize_t n;
	do
		n = send(bad, message, sizeof message, MSG_DONTWAIT);
	while (n > 0);
	int good = dial(&address, SOCK_STREAM);
	int udp = dial(&address, SOCK_DGRAM);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(send(good, "\0\1a", 3, 0), 3);
		read_all(good, got, 3);
		assert_int_equal(send(udp, "b", 1, 0), 1);
		assert_int_equal(recv(udp, got, 1, 0), 1);
	}
	close(bad);
	close(good);
	close(udp);
	stop(net, 1);
}

/* CVE-2022-0396: connections of clients that hung up or reset are gone. */
static void
net__clients_hang_up_or_reset__none_left(void **state)
{
	struct net *net = start("127.0.0.1", 1, &defaults);
	struct net_address address = net_bound(net, 0);
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	uint8_t got[8];

	(void)state;
	for (int i = 0; i < 50; i++) {
		int fd = dial(&address, SOCK_STREAM);
		assert_int_equal(send(fd, "\0\1a\0", 4, 0), 4);
		if (i % 2 == 0)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset,
			    sizeof reset);
		close(fd);
	}
	/* once this one is answered it counts; the others go with the turns
	 * that its queries cause */
	int last = dial(&address, SOCK_STREAM);
	int turns = 0;
	do {
		assert_int_equal(send(last, "\0\1a", 3, 0), 3);
		read_all(last, got, 3);
	} while (net_counters(net).tcp_open != 1 && ++turns < 1000);
	assert_int_equal(net_counters(net).tcp_open, 1);
	close(last);
	stop(net, 1);
}

/* Rule: without descriptors accepting pauses; who is connected is served, and
 * who waits gets in when there are descriptors again. */
static void
net__no_descriptors__accept_waits(void **state)
{
	struct net *net = start("127.0.0.1", 1, &defaults);
	struct net_address address = net_bound(net, 0);
	struct rlimit before;
	uint8_t got[8];

	(void)state;
	int first = dial(&address, SOCK_STREAM);
	assert_int_equal(send(first, "\0\1a", 3, 0), 3);
	read_all(first, got, 3);
	int second = socket(AF_INET, SOCK_STREAM, 0);
	struct timeval limit_s = { .tv_sec = 20 };
	setsockopt(second, SOL_SOCKET, SO_RCVTIMEO, &limit_s, sizeof limit_s);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	struct rlimit none = before;
	none.rlim_cur = (rlim_t)second + 1;
	/* every number below is taken, so none is left */
	int fill[64];
	int n_fill = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	while (n_fill < 64 && (fill[n_fill] = dup(first)) >= 0)
		n_fill++;
	assert_int_equal(connect(second,
			     (const struct sockaddr *)&address.storage,
			     address.len), 0);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(send(first, "\0\1a", 3, 0), 3);
		read_all(first, got, 3);
	}
	assert_int_equal(net_counters(net).tcp_accepted, 1);
	while (n_fill > 0)
		close(fill[--n_fill]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(send(second, "\0\1a", 3, 0), 3);
	read_all(second, got, 3);
	close(first);
	close(second);
	stop(net, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(net_start__two_threads__udp_and_tcp_answer),
		cmocka_unit_test(udp_turn__wildcard__answers_from_where_asked),
		cmocka_unit_test(net_start__both_families__one_port),
		cmocka_unit_test(net_start__address_in_use__exists),
		cmocka_unit_test(net_start__foreign_address__io),
		cmocka_unit_test(net__per_address_limit__third_closed),
		cmocka_unit_test(net__short_limits__clients_ended),
		cmocka_unit_test(
		    net__flood_that_does_not_read__others_answered),
		cmocka_unit_test(net__clients_hang_up_or_reset__none_left),
		cmocka_unit_test(net__no_descriptors__accept_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
