/*
 * Answers that come later: the tickets of one query thread, and the queue in
 * which other threads give them back. A ticket knows where its answer has to
 * go: an address and a socket, or a connection, which may be gone by then.
 * Layer 6; the query thread, but for net_post and the queue behind it.
 *
 *	answer() -> net_defer -> somebody else's thread -> net_post
 *	                                                      | queue, eventfd
 *	net_release <- net_reply <- resume() <----------------'
 */
#ifndef NET_TICKET_H
#define NET_TICKET_H

#include "net/net.h"

#include <pthread.h>

struct conn;
struct udp;

/* The tickets of a thread. */
struct tickets {
	struct udp *udp;
	unsigned n;       /* not released */
	int fd;           /* eventfd: readable while something is queued */
	struct conn *due; /* connections that got an answer; next_due */
	pthread_mutex_t mutex; /* of the queue */
	struct net_ticket *first;
	struct net_ticket **last;
};

/* What came, seen from inside. */
struct net_origin {
	enum net_transport transport;
	struct tickets *tickets; /* NULL: none are given */
	int fd;
	struct conn *conn;           /* TCP */
	const struct msghdr *header; /* UDP: as received */
};

/* @return OK, ERR_FULL. */
MUST_CHECK enum status tickets_init(struct tickets *tickets, struct udp *udp);

/* All must be released. */
void tickets_fini(struct tickets *tickets);

/* All that was given back since the last time, oldest first. */
struct net_ticket *tickets_take(struct tickets *tickets);

/* Go through what tickets_take gave: the next one, and what net_defer was
 * told of this one. */
struct net_ticket *ticket_next(const struct net_ticket *ticket);
void *ticket_arg(const struct net_ticket *ticket);

/* The connection goes: its tickets' answers have nowhere to go. */
void tickets_forget(struct conn *conn);

/* One connection that has got answers; NULL: no more. */
struct conn *tickets_due(struct tickets *tickets);

#endif
