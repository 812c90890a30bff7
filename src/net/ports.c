/*
 * The listening sockets of a query thread: what comes in at them, and their
 * end. A socket that ends first lets go of its address and is then emptied, so
 * that what has arrived is answered and what comes later goes to another
 * socket or is refused by the kernel at once. Layer 6; the query thread.
 */
#include "net/sockets.h"
#include "net/thread_state.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ACCEPT_MAX = 64,       /* connections accepted in one turn */
	ACCEPT_PAUSE_MS = 100, /* when there are no descriptors left */
	EMPTY_MS = 1000,       /* for emptying one socket at its end */
};

static void
pause_accept(struct thread *thread, int error)
{
	const struct timeval pause = { .tv_usec = ACCEPT_PAUSE_MS * 1000 };

	log_reason(LOG_DESCRIPTORS, strerror(error));
	for (struct port *port = thread->ports; port != NULL;
	    port = port->next) {
		if (port->transport == NET_TCP && !port->is_over)
			event_del(&port->event);
	}
	event_add(&thread->resume_event, &pause);
}

void
ports_on_resume(int fd, short what, void *arg)
{
	struct thread *thread = arg;

	(void)fd;
	(void)what;
	thread_wake(thread);
	for (struct port *port = thread->ports; port != NULL;
	    port = port->next) {
		if (port->transport == NET_TCP && !port->is_over)
			event_add(&port->event, NULL);
	}
}

/* @return false: there is nobody more for now. */
static bool
accept_some(struct thread *thread, int listener)
{
	for (unsigned i = 0; i < ACCEPT_MAX; i++) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof peer;
		int fd = accept4(listener, (struct sockaddr *)&peer, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			thread_admit(thread, fd, &peer);
			continue;
		}
		switch (errno) {
		case EMFILE:
		case ENFILE:
		case ENOBUFS:
		case ENOMEM:
			/* Waiting connections would keep the loop spinning. */
			pause_accept(thread, errno);
			return false;
		case EINTR:
		case ECONNABORTED:
			continue;
		default:
			return false;
		}
	}
	return true;
}

static void
on_port(int fd, short what, void *arg)
{
	struct port *port = arg;

	(void)what;
	thread_wake(port->thread);
	if (port->transport == NET_UDP)
		(void)udp_turn(port->thread->udp, port->thread->arg, fd);
	else
		(void)accept_some(port->thread, fd);
}

enum status
ports_add(struct thread *thread, enum net_transport transport,
    const struct net_address *address, int fd)
{
	struct port *port = calloc(1, sizeof *port);

	if (port == NULL) {
		close(fd);
		return ERR_FULL;
	}
	*port = (struct port){ .thread = thread, .next = thread->ports,
		.transport = transport, .address = *address, .fd = fd };
	if (event_assign(&port->event, thread->base, fd, EV_READ | EV_PERSIST,
		on_port, port) != 0 ||
	    event_add(&port->event, NULL) != 0) {
		close(fd);
		free(port);
		return ERR_FULL;
	}
	thread->ports = port;
	return OK;
}

static void
end_port(struct thread *thread, struct port *port)
{
	uint64_t end_ms = clock_mono_ms() + EMPTY_MS;
	bool has_more = true;

	event_del(&port->event);
	port->is_over = true;
	if (port->transport == NET_UDP)
		sockets_detach(port->fd);
	while (has_more && clock_mono_ms() < end_ms)
		has_more = port->transport == NET_UDP ?
		    udp_turn(thread->udp, thread->arg, port->fd) :
		    accept_some(thread, port->fd);
	/* answers that come later may still leave by a UDP socket */
	if (port->transport == NET_TCP) {
		close(port->fd);
		port->fd = -1;
	}
}

void
ports_end(struct thread *thread, const struct net_address *address)
{
	for (struct port *port = thread->ports; port != NULL;
	    port = port->next) {
		if (!port->is_over && (address == NULL ||
			net_address_equal(address, &port->address)))
			end_port(thread, port);
	}
}

void
ports_tidy(struct thread *thread)
{
	struct port **link = &thread->ports;

	if (thread->tickets.n > 0)
		return;
	while (*link != NULL) {
		struct port *port = *link;
		if (!port->is_over) {
			link = &port->next;
			continue;
		}
		*link = port->next;
		if (port->fd >= 0)
			close(port->fd);
		free(port);
	}
}

void
ports_fini(struct thread *thread)
{
	while (thread->ports != NULL) {
		struct port *port = thread->ports;
		thread->ports = port->next;
		if (!port->is_over)
			event_del(&port->event);
		if (port->fd >= 0)
			close(port->fd);
		free(port);
	}
}
