/*
 * net: what has arrived is answered, also when the server ends or listens
 * elsewhere from now on. The service answers a message with itself; 'w' makes
 * its thread wait until the test lets it go, so that what is sent meanwhile is
 * in the sockets for certain. Real sockets on loopback, no clock.
 */
#include "unit/unit.h"

#include "net/clients.h"
#include "net/net.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { CLIENTS = 40, QUERIES = 20 };

static sem_t waits; /* a thread is in 'w' */
static sem_t goes;  /* it may go on */

static void *
thread_start(void *arg, unsigned thread)
{
	(void)thread;
	return arg;
}

static void
nothing(void *arg)
{
	(void)arg;
}

static size_t
answer(void *arg, const struct net_origin *origin, const uint8_t *in,
    size_t len, uint8_t *out, size_t cap)
{
	(void)arg;
	(void)origin;
	if (len > cap || len == 0)
		return 0;
	if (in[0] == 'w') {
		sem_post(&waits);
		sem_wait(&goes);
	}
	memcpy(out, in, len);
	return len;
}

static const struct net_service service = { .thread_start = thread_start,
	.thread_stop = nothing, .batch_begin = nothing, .batch_end = nothing,
	.sleep = nothing, .wake = nothing, .answer = answer };

static const struct net_limits defaults;

/* A free port of an address. */
static struct net_address
free_address(const char *host)
{
	struct net_address address;
	struct reason reason;
	char text[NET_ADDRESS_TEXT];
	socklen_t len = sizeof address.storage;

	snprintf(text, sizeof text, "%s@1", host);
	assert_int_equal(net_address_parse(&address, text, &reason), OK);
	if (address.storage.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&address.storage)->sin6_port = 0;
	else
		((struct sockaddr_in *)&address.storage)->sin_port = 0;
	int fd = socket(address.storage.ss_family, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address.storage,
			     address.len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address.storage,
			     &len), 0);
	close(fd);
	return address;
}

static struct net *
start(const struct net_address *address, unsigned threads)
{
	struct net *net = NULL;
	struct reason reason = { "" };

	assert_int_equal(net_start(&net, address, 1, threads, &service,
			     &defaults, &reason), OK);
	return net;
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

/* Clients with queries on their way to a server whose only thread waits. */
struct crowd {
	int waiting; /* whose query makes the thread wait */
	int udp[CLIENTS];
	int tcp[CLIENTS]; /* connected before the thread waits */
	int late[CLIENTS]; /* connected, not accepted */
};

static void
crowd_send(struct crowd *crowd, const struct net_address *address)
{
	sem_init(&waits, 0, 0);
	sem_init(&goes, 0, 0);
	for (int i = 0; i < CLIENTS; i++)
		crowd->tcp[i] = dial(address, SOCK_STREAM);
	crowd->waiting = dial(address, SOCK_DGRAM);
	assert_int_equal(send(crowd->waiting, "w", 1, 0), 1);
	sem_wait(&waits);
	for (int i = 0; i < CLIENTS; i++) {
		crowd->udp[i] = dial(address, SOCK_DGRAM);
		crowd->late[i] = dial(address, SOCK_STREAM);
		for (int n = 0; n < QUERIES; n++) {
			assert_int_equal(send(crowd->udp[i], "u", 1, 0), 1);
			assert_int_equal(send(crowd->tcp[i], "\0\1t", 3, 0),
			    3);
			assert_int_equal(send(crowd->late[i], "\0\1l", 3, 0),
			    3);
		}
	}
}

/* All are answered; then TCP ends in order (is_end). */
static void
crowd_read(struct crowd *crowd, bool is_end)
{
	uint8_t got[3 * QUERIES + 1];

	assert_int_equal(recv(crowd->waiting, got, 1, 0), 1);
	close(crowd->waiting);
	for (int i = 0; i < CLIENTS; i++) {
		const int conns[] = { crowd->tcp[i], crowd->late[i] };
		for (int n = 0; n < QUERIES; n++)
			assert_int_equal(recv(crowd->udp[i], got, 1, 0), 1);
		close(crowd->udp[i]);
		for (int n = 0; n < 2; n++) {
			assert_int_equal(recv(conns[n], got,
					     (size_t)3 * QUERIES,
					     MSG_WAITALL), 3 * QUERIES);
			if (is_end)
				assert_int_equal(recv(conns[n], got, 1, 0), 0);
			else
				assert_int_equal(send(conns[n], "\0\1t", 3,
						     0), 3);
			if (!is_end)
				assert_int_equal(recv(conns[n], got, 3,
						     MSG_WAITALL), 3);
			close(conns[n]);
		}
	}
}

static void *
stop(void *net)
{
	net_stop(net);
	return NULL;
}

/* Rule: the end answers what is in the sockets: UDP, connections with queries
 * not read, connections not accepted. */
static void
net_stop__queries_in_sockets__answered(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "0.0.0.0", "::1" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct crowd crowd;
		pthread_t thread;
		struct net_address address = free_address(hosts[i]);
		struct net *net = start(&address, 1);
		crowd_send(&crowd, &address);
		pthread_create(&thread, NULL, stop, net);
		sem_post(&goes);
		pthread_join(thread, NULL);
		crowd_read(&crowd, true);
	}
}

/* Rule: a client that sends on and on, and one that never reads, do not keep
 * the server from its end. */
static void
net_stop__client_that_does_not_read__ends(void **state)
{
	static uint8_t message[2 + 65535];
	struct net_address address = free_address("127.0.0.1");
	struct net *net = start(&address, 2);

	(void)state;
	message[0] = message[1] = 0xff;
	int bad = dial(&address, SOCK_STREAM);
	while (send(bad, message, sizeof message, MSG_DONTWAIT) > 0)
		continue;
	int idle = dial(&address, SOCK_STREAM);
	net_stop(net);
	close(bad);
	close(idle);
}

struct change_order {
	struct net *net;
	const struct net_address *addresses;
	size_t n;
	struct reason reason;
	enum status status;
};

static void *
change(void *arg)
{
	struct change_order *order = arg;

	order->status = net_change(order->net, order->addresses, order->n,
	    &defaults, &order->reason);
	return NULL;
}

/* Rule: an address that goes answers what has arrived; connections made there
 * live on; a new query there is refused by the kernel, one at the new address
 * is answered. */
static void
net_change__other_address__nothing_lost(void **state)
{
	struct net_address old = free_address("127.0.0.1");
	struct net_address new = free_address("127.0.0.1");
	struct net *net = start(&old, 1);
	struct change_order order = { .net = net, .addresses = &new, .n = 1 };
	struct crowd crowd;
	pthread_t thread;
	uint8_t got[1];

	(void)state;
	crowd_send(&crowd, &old);
	pthread_create(&thread, NULL, change, &order);
	sem_post(&goes);
	pthread_join(thread, NULL);
	assert_int_equal(order.status, OK);
	crowd_read(&crowd, false);
	int fd = dial(&new, SOCK_DGRAM);
	assert_int_equal(send(fd, "x", 1, 0), 1);
	assert_int_equal(recv(fd, got, 1, 0), 1);
	close(fd);
	fd = dial(&old, SOCK_DGRAM);
	assert_int_equal(send(fd, "x", 1, 0), 1);
	assert_int_equal(recv(fd, got, 1, 0), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(fd);
	/* and back again, while queries arrive at the new one */
	crowd_send(&crowd, &new);
	order.addresses = &old;
	pthread_create(&thread, NULL, change, &order);
	sem_post(&goes);
	pthread_join(thread, NULL);
	assert_int_equal(order.status, OK);
	crowd_read(&crowd, false);
	net_stop(net);
}

/* Rule: sockets of an address that stays are not touched. */
static void
net_change__one_more__both_answer(void **state)
{
	struct net_address both[2] = { free_address("127.0.0.1"),
		free_address("::1") };
	struct net *net = start(&both[0], 3);
	struct reason reason;
	uint8_t got[1];

	(void)state;
	int old = dial(&both[0], SOCK_DGRAM);
	assert_int_equal(net_change(net, both, 2, &defaults, &reason), OK);
	for (int i = 0; i < 50; i++) {
		int new = dial(&both[1], SOCK_DGRAM);
		assert_int_equal(send(old, "x", 1, 0), 1);
		assert_int_equal(send(new, "y", 1, 0), 1);
		assert_int_equal(recv(old, got, 1, 0), 1);
		assert_int_equal(recv(new, got, 1, 0), 1);
		close(new);
	}
	close(old);
	net_stop(net);
}

/* Rule: an address that somebody else has changes nothing. */
static void
net_change__address_in_use__as_it_was(void **state)
{
	struct net_address good = free_address("127.0.0.1");
	struct net_address wanted[3] = { free_address("127.0.0.1"),
		free_address("127.0.0.1"), good };
	struct net *net = start(&good, 2);
	struct reason reason = { "" };
	uint8_t got[1];

	(void)state;
	int other = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(other, (struct sockaddr *)&wanted[1].storage,
			     wanted[1].len), 0);
	assert_int_equal(net_change(net, wanted, 3, &defaults, &reason),
	    ERR_EXISTS);
	assert_non_null(strstr(reason.text, "cannot listen on 127.0.0.1@"));
	int fd = dial(&good, SOCK_DGRAM);
	assert_int_equal(send(fd, "x", 1, 0), 1);
	assert_int_equal(recv(fd, got, 1, 0), 1);
	close(fd);
	/* the first was opened and is free again */
	int again = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(again, (struct sockaddr *)&wanted[0].storage,
			     wanted[0].len), 0);
	close(again);
	close(other);
	net_stop(net);
}

/* Rule: other limits hold from now on; who is there stays and is counted. */
static void
clients_limit__smaller_and_larger__counted_on(void **state)
{
	struct clients *clients = clients_create(4, 2);
	struct client_key keys[200];

	(void)state;
	for (int i = 0; i < 200; i++)
		keys[i] = (struct client_key){ { (uint8_t)i, 1 } };
	for (int i = 0; i < 4; i++)
		assert_int_equal(clients_enter(clients, &keys[i]), OK);
	assert_int_equal(clients_limit(clients, 2, 1), OK);
	assert_int_equal(clients_enter(clients, &keys[5]), ERR_FULL);
	assert_int_equal(clients_enter(clients, &keys[1]), ERR_REFUSED);
	assert_int_equal(clients_limit(clients, 200, 0), OK);
	for (int i = 4; i < 200; i++)
		assert_int_equal(clients_enter(clients, &keys[i]), OK);
	assert_int_equal(clients_enter(clients, &keys[1]), ERR_FULL);
	for (int i = 0; i < 200; i++) {
		assert_int_equal(clients_held(clients, &keys[i]), 1);
		clients_leave(clients, &keys[i]);
	}
	assert_int_equal(clients_open(clients), 0);
	clients_destroy(clients);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(net_stop__queries_in_sockets__answered),
		cmocka_unit_test(net_stop__client_that_does_not_read__ends),
		cmocka_unit_test(net_change__other_address__nothing_lost),
		cmocka_unit_test(net_change__one_more__both_answer),
		cmocka_unit_test(net_change__address_in_use__as_it_was),
		cmocka_unit_test(
		    clients_limit__smaller_and_larger__counted_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
