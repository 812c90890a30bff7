/*
 * One query thread: its sockets, its connections, its event loop. Layer 6.
 */
#ifndef NET_THREAD_H
#define NET_THREAD_H

#include "net/clients.h"
#include "net/net.h"
#include "net/tcp.h"
#include "net/udp.h"

#include <stddef.h>

struct thread;

struct thread_counters {
	struct udp_counters udp;
	struct tcp_counters tcp;
};

struct thread_config {
	const struct net_service *service;
	const struct net_limits *limits; /* no zeroes */
	struct clients *clients;
	unsigned number;
};

/*
 * Make a thread's things; it does not run yet.
 * @param config its pointers must live as long as the thread.
 * @return OK; ERR_FULL, ERR_IO with reason.
 */
MUST_CHECK enum status thread_create(struct thread **out,
    const struct thread_config *config, struct reason *reason);

/*
 * Bind one more address, UDP and TCP. Before thread_start.
 * @param address as sockets_open. @return as sockets_open, ERR_FULL.
 */
MUST_CHECK enum status thread_listen(struct thread *thread,
    struct net_address *address, struct reason *reason);

/* Run. @return OK, ERR_IO with reason. */
MUST_CHECK enum status thread_start(struct thread *thread,
    struct reason *reason);

/* Sockets that are bound, for a running thread. */
struct thread_sockets {
	struct net_address address;
	int udp;
	int tcp;
};

/* What a running thread is to do from now on. */
struct thread_change {
	const struct net_limits *limits; /* no zeroes */
	const struct thread_sockets *add; /* n_add of them; taken */
	size_t n_add;
	const struct net_address *end; /* n_end of them */
	size_t n_end;
	enum status status; /* the thread's answer */
};

/*
 * Have a running thread do that, and wait until it has: it listens at the new
 * addresses, and at the ended ones everything that had arrived is answered.
 * @return OK; ERR_FULL: without memory some of the new sockets were closed.
 * Thread: the one that starts and stops.
 */
MUST_CHECK enum status thread_apply(struct thread *thread,
    struct thread_change *change);

/* Tell a running thread to end, without waiting. */
void thread_stop(struct thread *thread);

/*
 * End the loop if it runs, wait for it, close everything. NULL is allowed.
 */
void thread_destroy(struct thread *thread);

/* Wait for its end. @return clients that had not taken their answers. */
unsigned thread_join(struct thread *thread);

/* What it has counted; lives as long as the thread. Any thread. */
const struct thread_counters *thread_counters(const struct thread *thread);

#endif
