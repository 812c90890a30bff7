/*
 * Tickets: taken and released on the query thread, given back by any. Refuses
 * more than NET_TICKETS_MAX of a thread, so what is on its way is bounded
 * whoever sends. Layer 6.
 */
#include "net/ticket.h"

#include "base/check.h"
#include "net/tcp.h"
#include "net/udp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct net_ticket {
	struct tickets *tickets;
	void *arg;
	struct net_ticket *queued; /* behind it in the queue */
	enum net_transport transport;
	bool is_answered;
	/* TCP: the connection, NULL when it is gone, and its other tickets */
	struct conn *conn;
	struct net_ticket *prev;
	struct net_ticket *next;
	struct udp_target target; /* UDP */
};

enum status
tickets_init(struct tickets *tickets, struct udp *udp)
{
	*tickets = (struct tickets){ .udp = udp };
	tickets->last = &tickets->first;
	tickets->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (tickets->fd < 0)
		return ERR_FULL;
	pthread_mutex_init(&tickets->mutex, NULL);
	return OK;
}

void
tickets_fini(struct tickets *tickets)
{
	require(tickets->n == 0);
	pthread_mutex_destroy(&tickets->mutex);
	close(tickets->fd);
}

/* --- the queue */

void
net_post(struct net_ticket *ticket)
{
	struct tickets *tickets = ticket->tickets;
	const uint64_t one = 1;

	pthread_mutex_lock(&tickets->mutex);
	bool was_empty = tickets->first == NULL;
	ticket->queued = NULL;
	*tickets->last = ticket;
	tickets->last = &ticket->queued;
	/* written under the mutex: the thread cannot end before */
	if (was_empty) {
		ssize_t n = write(tickets->fd, &one, sizeof one);
		(void)n; /* takes a 1 always */
	}
	pthread_mutex_unlock(&tickets->mutex);
}

struct net_ticket *
tickets_take(struct tickets *tickets)
{
	uint64_t count;

	ssize_t n = read(tickets->fd, &count, sizeof count);
	(void)n; /* whether there was one to count is seen below */
	pthread_mutex_lock(&tickets->mutex);
	struct net_ticket *all = tickets->first;
	tickets->first = NULL;
	tickets->last = &tickets->first;
	pthread_mutex_unlock(&tickets->mutex);
	return all;
}

struct net_ticket *
ticket_next(const struct net_ticket *ticket)
{
	return ticket->queued;
}

void *
ticket_arg(const struct net_ticket *ticket)
{
	return ticket->arg;
}

/* --- take, answer, release */

static void
attach(struct net_ticket *ticket, struct conn *conn)
{
	ticket->conn = conn;
	ticket->prev = NULL;
	ticket->next = conn->tickets;
	if (conn->tickets != NULL)
		conn->tickets->prev = ticket;
	conn->tickets = ticket;
	conn->n_tickets++;
}

static void
detach(struct net_ticket *ticket)
{
	struct conn *conn = ticket->conn;

	if (conn == NULL)
		return;
	if (ticket->prev != NULL)
		ticket->prev->next = ticket->next;
	else
		conn->tickets = ticket->next;
	if (ticket->next != NULL)
		ticket->next->prev = ticket->prev;
	conn->n_tickets--;
	ticket->conn = NULL;
}

/* The connection has something to do that no event says. */
static void
make_due(struct tickets *tickets, struct conn *conn)
{
	if (conn->is_due)
		return;
	conn->is_due = true;
	conn->next_due = tickets->due;
	tickets->due = conn;
}

struct conn *
tickets_due(struct tickets *tickets)
{
	struct conn *conn = tickets->due;

	if (conn == NULL)
		return NULL;
	tickets->due = conn->next_due;
	conn->is_due = false;
	return conn;
}

struct net_ticket *
net_defer(const struct net_origin *origin, void *arg)
{
	struct tickets *tickets = origin->tickets;

	if (tickets == NULL || tickets->n >= NET_TICKETS_MAX ||
	    (origin->conn != NULL &&
		origin->conn->n_tickets >= NET_CONN_TICKETS_MAX))
		return NULL;
	struct net_ticket *ticket = calloc(1, sizeof *ticket);
	if (ticket == NULL)
		return NULL;
	ticket->tickets = tickets;
	ticket->arg = arg;
	ticket->transport = origin->transport;
	if (origin->transport == NET_TCP)
		attach(ticket, origin->conn);
	else
		udp_target_set(&ticket->target, origin->fd, origin->header);
	tickets->n++;
	return ticket;
}

void
net_reply(struct net_ticket *ticket, const uint8_t *out, size_t len)
{
	require(!ticket->is_answered);
	ticket->is_answered = true;
	if (ticket->transport == NET_UDP) {
		udp_send_later(ticket->tickets->udp, &ticket->target, out,
		    len);
	} else if (ticket->conn != NULL) {
		struct conn *conn = ticket->conn;
		conn_append(conn, out, len);
		/* whoever was answered does not hold up the connection */
		detach(ticket);
		make_due(ticket->tickets, conn);
	}
}

void
net_release(struct net_ticket *ticket)
{
	struct tickets *tickets = ticket->tickets;

	if (ticket->conn != NULL) {
		struct conn *conn = ticket->conn;
		detach(ticket);
		make_due(tickets, conn);
	}
	tickets->n--;
	free(ticket);
}

void
tickets_forget(struct conn *conn)
{
	struct tickets *tickets = conn->tcp->tickets;

	while (conn->is_due) {
		struct conn **link = &tickets->due;
		while (*link != conn)
			link = &(*link)->next_due;
		*link = conn->next_due;
		conn->is_due = false;
	}
	while (conn->tickets != NULL)
		detach(conn->tickets);
}

/* --- where a message came from */

enum net_transport
net_origin_transport(const struct net_origin *origin)
{
	return origin->transport;
}

static bool
is_loopback(const struct sockaddr_storage *address)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	if (address->ss_family == AF_INET6) {
		memcpy(&in6, address, sizeof in6);
		return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
	}
	if (address->ss_family != AF_INET)
		return false;
	memcpy(&in4, address, sizeof in4);
	return ntohl(in4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* The client's end. @return false: it is gone. */
static bool
peer_of(const struct net_origin *origin, struct sockaddr_storage *out)
{
	socklen_t len = sizeof *out;

	*out = (struct sockaddr_storage){ .ss_family = AF_UNSPEC };
	if (origin->transport == NET_TCP)
		return getpeername(origin->fd, (struct sockaddr *)out,
			   &len) == 0;
	memcpy(out, origin->header->msg_name, origin->header->msg_namelen);
	return true;
}

bool
net_origin_is_local(const struct net_origin *origin)
{
	struct sockaddr_storage peer;
	struct sockaddr_storage own = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof own;

	if (!peer_of(origin, &peer) || !is_loopback(&peer))
		return false;
	if (origin->transport == NET_UDP &&
	    udp_arrived_at(&own, origin->header))
		return is_loopback(&own);
	return getsockname(origin->fd, (struct sockaddr *)&own, &len) == 0 &&
	    is_loopback(&own);
}

char *
net_ticket_format(char *out, size_t cap, const struct net_ticket *ticket)
{
	struct net_address address = { .len = sizeof address.storage };

	if (ticket->transport == NET_UDP) {
		address.storage = ticket->target.name;
		address.len = ticket->target.name_len;
	} else if (ticket->conn == NULL ||
	    getpeername(ticket->conn->fd,
		(struct sockaddr *)&address.storage, &address.len) != 0) {
		snprintf(out, cap, "unknown");
		return out;
	}
	return net_address_format(out, cap, &address);
}

char *
net_origin_format(char *out, size_t cap, const struct net_origin *origin)
{
	struct net_address address = { .len = sizeof address.storage };

	if (peer_of(origin, &address.storage))
		return net_address_format(out, cap, &address);
	snprintf(out, cap, "unknown");
	return out;
}
