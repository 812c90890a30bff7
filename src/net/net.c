/*
 * All query threads together: bound first, then started, so that a start
 * either serves every address or none. Layer 6; the starting thread.
 */
#include "net/net.h"

#include "base/check.h"
#include "net/clients.h"
#include "net/sockets.h"
#include "net/thread.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

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
	struct net_address *addresses;
	unsigned n_threads;
	struct thread **threads;
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
	    net->n_addresses, reason);
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

	require(n_addresses > 0 && threads > 0);
	struct net *net = calloc(1, sizeof *net);
	if (net == NULL)
		goto out;
	net->service = *service;
	net->limits = complete(limits);
	net->n_addresses = n_addresses;
	net->clients = clients_create(net->limits.tcp_clients,
	    net->limits.tcp_per_address);
	net->addresses = calloc(n_addresses, sizeof net->addresses[0]);
	net->threads = calloc(threads, sizeof(struct thread *));
	if (net->clients == NULL || net->addresses == NULL ||
	    net->threads == NULL)
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
		*out = net;
		return OK;
	}
	if (status == ERR_FULL)
		reason_set(reason, "no memory for query threads");
	net_stop(net);
	return status;
}

void
net_stop(struct net *net)
{
	if (net == NULL)
		return;
	for (unsigned i = 0; i < net->n_threads; i++)
		thread_destroy(net->threads[i]);
	clients_destroy(net->clients);
	free(net->threads);
	free(net->addresses);
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
