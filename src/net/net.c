/*
 * All query threads together: bound first, then started, so that a start
 * either serves every address or none. Layer 6; the starting thread.
 */
#include "net/net.h"

#include "base/check.h"
#include "net/clients.h"
#include "net/sockets.h"
#include "net/thread.h"
#include "sys/log.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	CLIENTS_DEFAULT = 1024,
	IDLE_MS_DEFAULT = 10000,
	MESSAGE_MS_DEFAULT = 5000,
	WRITE_MS_DEFAULT = 5000,
	PORT_TRIES = 16, /* for a port that is free for UDP and TCP */
};

struct net {
	struct net_service service;
	struct net_limits limits;
	struct clients *clients;
	size_t n_addresses;
	struct net_address addresses[NET_ADDRESSES_MAX];
	unsigned n_threads;
	struct thread **threads;
	bool is_running; /* all threads */
};

static struct net_limits
complete(const struct net_limits *given)
{
	struct net_limits limits = *given;

	if (limits.tcp_clients == 0)
		limits.tcp_clients = CLIENTS_DEFAULT;
	if (limits.tcp_idle_ms == 0)
		limits.tcp_idle_ms = IDLE_MS_DEFAULT;
	if (limits.tcp_message_ms == 0)
		limits.tcp_message_ms = MESSAGE_MS_DEFAULT;
	if (limits.tcp_write_ms == 0)
		limits.tcp_write_ms = WRITE_MS_DEFAULT;
	return limits;
}

static bool
has_port(const struct net_address *address)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	if (address->storage.ss_family == AF_INET6) {
		memcpy(&in6, &address->storage, sizeof in6);
		return in6.sin6_port != 0;
	}
	memcpy(&in4, &address->storage, sizeof in4);
	return in4.sin_port != 0;
}

/* Nobody else is there, for UDP and TCP; finds a port if there is none. */
static enum status
probe(struct net_address *address, struct reason *reason)
{
	enum status status = ERR_EXISTS;
	unsigned tries = has_port(address) ? 1 : PORT_TRIES;

	for (unsigned i = 0; i < tries && status == ERR_EXISTS; i++) {
		struct net_address one = *address;
		status = sockets_probe(NET_UDP, &one, reason);
		if (status == OK)
			status = sockets_probe(NET_TCP, &one, reason);
		if (status == OK)
			*address = one;
	}
	return status;
}

static enum status
probe_all(struct net *net, struct reason *reason)
{
	enum status status = OK;

	for (size_t i = 0; i < net->n_addresses && status == OK; i++)
		status = probe(&net->addresses[i], reason);
	return status;
}

static enum status
create_thread(struct net *net, unsigned number, struct reason *reason)
{
	const struct thread_config config = { .service = &net->service,
		.limits = &net->limits, .clients = net->clients,
		.number = number };

	enum status status = thread_create(&net->threads[number], &config,
	    reason);
	for (size_t i = 0; i < net->n_addresses && status == OK; i++)
		status = thread_listen(net->threads[number],
		    &net->addresses[i], reason);
	return status;
}

enum status
net_start(struct net **out, const struct net_address *addresses,
    size_t n_addresses, unsigned threads, const struct net_service *service,
    const struct net_limits *limits, struct reason *reason)
{
	enum status status = ERR_FULL;

	require(n_addresses > 0 && n_addresses <= NET_ADDRESSES_MAX &&
	    threads > 0);
	struct net *net = calloc(1, sizeof *net);
	if (net == NULL)
		goto out;
	net->service = *service;
	net->limits = complete(limits);
	net->n_addresses = n_addresses;
	net->clients = clients_create(net->limits.tcp_clients,
	    net->limits.tcp_per_address);
	net->threads = calloc(threads, sizeof(struct thread *));
	if (net->clients == NULL || net->threads == NULL)
		goto out;
	memcpy(net->addresses, addresses, n_addresses * sizeof addresses[0]);
	net->n_threads = threads;
	status = probe_all(net, reason);
	for (unsigned i = 0; i < threads && status == OK; i++)
		status = create_thread(net, i, reason);
	for (unsigned i = 0; i < threads && status == OK; i++)
		status = thread_start(net->threads[i], reason);
out:
	if (status == OK) {
		net->is_running = true;
		*out = net;
		return OK;
	}
	if (status == ERR_FULL)
		reason_set(reason, "no memory for query threads");
	net_stop(net);
	return status;
}

/* --- change */

static bool
is_among(const struct net_address *address, const struct net_address *list,
    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (net_address_equal(address, &list[i]))
			return true;
	}
	return false;
}

static void
close_sockets(struct thread_sockets *sockets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (sockets[i].udp >= 0)
			close(sockets[i].udp);
		if (sockets[i].tcp >= 0)
			close(sockets[i].tcp);
	}
}

/* Sockets at one new address for all threads; sockets[t * step] is the one of
 * thread t. @return OK: all; else none. */
static enum status
open_for_all(const struct net *net, const struct net_address *address,
    struct thread_sockets *sockets, size_t step, struct reason *reason)
{
	struct net_address at = *address;

	enum status status = probe(&at, reason);
	for (unsigned t = 0; t < net->n_threads; t++)
		sockets[t * step] = (struct thread_sockets){ at, -1, -1 };
	for (unsigned t = 0; t < net->n_threads && status == OK; t++) {
		struct thread_sockets *one = &sockets[t * step];
		status = sockets_open(&one->udp, NET_UDP, &at, reason);
		if (status == OK)
			status = sockets_open(&one->tcp, NET_TCP, &at, reason);
	}
	for (unsigned t = 0; t < net->n_threads && status != OK; t++)
		close_sockets(&sockets[t * step], 1);
	return status;
}

/* Open what is new. @param sockets NET_ADDRESSES_MAX for each thread. */
static enum status
open_new(const struct net *net, const struct net_address *addresses, size_t n,
    struct thread_sockets *sockets, size_t *n_new, struct reason *reason)
{
	enum status status = OK;

	*n_new = 0;
	for (size_t i = 0; i < n && status == OK; i++) {
		if (is_among(&addresses[i], net->addresses, net->n_addresses))
			continue;
		status = open_for_all(net, &addresses[i], &sockets[*n_new],
		    NET_ADDRESSES_MAX, reason);
		*n_new += status == OK;
	}
	for (unsigned t = 0; t < net->n_threads && status != OK; t++)
		close_sockets(&sockets[(size_t)t * NET_ADDRESSES_MAX], *n_new);
	return status;
}

/* Sockets are open: have the threads use them, and end what is not wanted. */
static enum status
apply(struct net *net, const struct net_address *addresses, size_t n,
    const struct thread_sockets *sockets, size_t n_new, struct reason *reason)
{
	struct net_address end[NET_ADDRESSES_MAX];
	enum status status = OK;
	size_t n_end = 0;

	for (size_t i = 0; i < net->n_addresses; i++) {
		if (!is_among(&net->addresses[i], addresses, n))
			end[n_end++] = net->addresses[i];
	}
	for (unsigned t = 0; t < net->n_threads; t++) {
		struct thread_change change = { .limits = &net->limits,
			.add = &sockets[(size_t)t * NET_ADDRESSES_MAX],
			.n_add = n_new, .end = end, .n_end = n_end };
		enum status one = thread_apply(net->threads[t], &change);
		if (one != OK)
			status = one;
	}
	memcpy(net->addresses, addresses, n * sizeof addresses[0]);
	net->n_addresses = n;
	if (status != OK)
		reason_set(reason, "no memory: not all threads listen at the "
		    "new addresses; restart");
	return status;
}

enum status
net_change(struct net *net, const struct net_address *addresses,
    size_t n_addresses, const struct net_limits *limits,
    struct reason *reason)
{
	const struct net_limits wanted = complete(limits);
	size_t n_new = 0;

	require(n_addresses > 0 && n_addresses <= NET_ADDRESSES_MAX);
	struct thread_sockets *sockets = calloc((size_t)net->n_threads *
	    NET_ADDRESSES_MAX, sizeof sockets[0]);
	enum status status = sockets == NULL ? ERR_FULL :
	    open_new(net, addresses, n_addresses, sockets, &n_new, reason);
	if (status == OK) {
		status = clients_limit(net->clients, wanted.tcp_clients,
		    wanted.tcp_per_address);
		for (unsigned t = 0; t < net->n_threads && status != OK; t++)
			close_sockets(&sockets[(size_t)t * NET_ADDRESSES_MAX],
			    n_new);
	}
	if (status == ERR_FULL)
		reason_set(reason, "no memory for sockets");
	if (status == OK) {
		net->limits = wanted;
		status = apply(net, addresses, n_addresses, sockets, n_new,
		    reason);
	}
	free(sockets);
	return status;
}

/* --- end */

/* All at the same time: each may take as long as its clients. */
static void
stop_threads(struct net *net)
{
	unsigned n_left = 0;

	if (!net->is_running)
		return;
	for (unsigned i = 0; i < net->n_threads; i++)
		thread_stop(net->threads[i]);
	for (unsigned i = 0; i < net->n_threads; i++)
		n_left += thread_join(net->threads[i]);
	if (n_left > 0) {
		const struct log_field fields[] = {
			log_number("clients", n_left) };
		log_event(LOG_CLIENTS_LEFT, LOG_FIELDS(fields));
	}
}

void
net_stop(struct net *net)
{
	if (net == NULL)
		return;
	stop_threads(net);
	for (unsigned i = 0; i < net->n_threads; i++)
		thread_destroy(net->threads[i]);
	clients_destroy(net->clients);
	free(net->threads);
	free(net);
}

struct net_address
net_bound(const struct net *net, size_t i)
{
	require(i < net->n_addresses);
	return net->addresses[i];
}

struct net_counters
net_counters(const struct net *net)
{
	struct net_counters sum = { .tcp_open = clients_open(net->clients) };

	for (unsigned i = 0; i < net->n_threads; i++) {
		const struct thread_counters *one =
		    thread_counters(net->threads[i]);
		sum.udp_received += counter_read(&one->udp.received);
		sum.udp_sent += counter_read(&one->udp.sent);
		sum.udp_dropped += counter_read(&one->udp.dropped);
		sum.tcp_accepted += counter_read(&one->tcp.accepted);
		sum.tcp_refused += counter_read(&one->tcp.refused);
		sum.tcp_timed_out += counter_read(&one->tcp.timed_out);
		sum.tcp_received += counter_read(&one->tcp.received);
		sum.tcp_sent += counter_read(&one->tcp.sent);
	}
	return sum;
}
