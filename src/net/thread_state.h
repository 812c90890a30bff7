/*
 * What the files of a query thread share: the thread and its listening
 * sockets. Layer 6; the query thread.
 */
#ifndef NET_THREAD_STATE_H
#define NET_THREAD_STATE_H

#include "net/tcp.h"
#include "net/thread.h"
#include "net/ticket.h"
#include "net/udp.h"

#include <event2/event.h>
#include <event2/event_struct.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* A socket to listen on. */
struct port {
	struct thread *thread;
	struct port *next;
	enum net_transport transport;
	struct net_address address;
	int fd;
	bool is_over; /* takes nothing more; tickets may still answer by it */
	struct event event;
};

struct thread {
	struct thread_config config;
	struct event_base *base;
	struct port *ports;
	struct udp *udp;
	struct tcp tcp;
	struct tickets tickets;
	struct event posted_event;
	struct event service_event; /* the service's tick */
	struct event order_event;
	struct event tick_event;
	struct event resume_event;
	struct event finish_event;
	int order_fd; /* eventfd: an order from outside */
	bool is_stopping;
	bool is_asleep;
	bool is_started;
	bool has_tcp;
	bool has_tickets;
	uint64_t now_ms; /* as of the last wake */
	void *arg;       /* the service's, for this thread */
	/* while it stops */
	unsigned n_parted;   /* connections that only wait for the peer's end */
	uint64_t parted_ms;  /* when the last of them came to that */
	unsigned n_left;     /* had not taken their answers at the end */
	pthread_t id;
	struct thread_counters counters;
	/* under the mutex: what is asked of the thread */
	pthread_mutex_t mutex;
	pthread_cond_t is_done;
	bool has_stop;
	struct thread_change *change; /* NULL: none */
};

/* First thing in every callback: the thread is awake. */
void thread_wake(struct thread *thread);

/* A new connection. @param fd taken. */
void thread_admit(struct thread *thread, int fd,
    const struct sockaddr_storage *peer);

/*
 * Make a port of a socket that is bound, and watch it.
 * @param fd taken. @return OK; ERR_FULL, the socket is closed.
 */
MUST_CHECK enum status ports_add(struct thread *thread,
    enum net_transport transport, const struct net_address *address, int fd);

/*
 * Take nothing more at an address (NULL: at all), but answer what has arrived
 * and accept who is connected.
 */
void ports_end(struct thread *thread, const struct net_address *address);

/* Close the sockets of ports that are over and that no ticket needs. */
void ports_tidy(struct thread *thread);

/* Close all. The thread does not run. */
void ports_fini(struct thread *thread);

/* Accept again after a pause. Called by libevent. */
void ports_on_resume(int fd, short what, void *arg);

#endif
