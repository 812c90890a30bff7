/*
 * The loop of a query thread. libevent waits; what happens then is bounded:
 * some batches of a UDP socket, one turn of a connection, some accepts. Who
 * has more to do comes again after the others, so nobody starves.
 *
 * Around each wait the service is told that the thread sleeps: what readers
 * hold must not be held by a thread that waits for packets. The first callback
 * after a wait wakes it. Layer 6; the query thread, but create, listen, start
 * and destroy, which are the starting thread's.
 */
#include "net/thread.h"

#include "net/conn_list.h"
#include "net/sockets.h"
#include "net/ticket.h"
#include "sys/clock.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
	ACCEPT_MAX = 64,      /* connections accepted in one turn */
	ACCEPT_PAUSE_MS = 100, /* when there are no descriptors left */
	TICK_MIN_MS = 5,      /* how often limits are looked at: a quarter of */
	TICK_MAX_MS = 500,    /* the shortest one, within these */
};

/* A socket to listen on. */
struct port {
	struct thread *thread;
	enum net_transport transport;
	int fd;
	struct event event;
};

struct thread {
	struct thread_config config;
	struct event_base *base;
	struct port *ports; /* two for each address */
	size_t n_ports;
	struct udp *udp;
	struct tcp tcp;
	struct tickets tickets;
	struct event posted_event;
	struct event service_event; /* the service's tick */
	struct event stop_event;
	struct event tick_event;
	struct event resume_event;
	int stop_fd;
	bool is_stopping;
	bool is_asleep;
	bool is_started;
	bool has_tcp;
	bool has_tickets;
	uint64_t now_ms; /* as of the last wake */
	void *arg;       /* the service's, for this thread */
	pthread_t id;
	struct thread_counters counters;
};

static struct timeval
timeval_of(uint32_t ms)
{
	return (struct timeval){ .tv_sec = ms / 1000,
		.tv_usec = (suseconds_t)(ms % 1000) * 1000 };
}

/* First thing in every callback. */
static void
wake(struct thread *thread)
{
	if (!thread->is_asleep)
		return;
	thread->is_asleep = false;
	thread->now_ms = clock_mono_ms();
	thread->config.service->wake(thread->arg);
}

/* --- connections */

static void
close_conn(struct conn *conn)
{
	event_del(&conn->event);
	tcp_close(conn);
}

static void on_conn(int fd, short what, void *arg);

/* Wait for what the connection wants. @return false: libevent cannot. */
static bool
watch(struct thread *thread, struct conn *conn, enum conn_want want)
{
	short what = want == WANT_WRITE ? EV_WRITE : EV_READ;

	if (conn->want == want)
		return true;
	if (conn->want != WANT_CLOSE)
		event_del(&conn->event);
	conn->want = want;
	if (want == WANT_REPLY)
		return true;
	if (event_assign(&conn->event, thread->base, conn->fd,
		(short)(what | EV_PERSIST), on_conn, conn) != 0)
		return false;
	return event_add(&conn->event, NULL) == 0;
}

static void
turn(struct thread *thread, struct conn *conn)
{
	enum conn_want want = conn_turn(conn, thread->now_ms);

	/* Its turn comes from the list of those who are READY. */
	if (want == WANT_TURN)
		want = WANT_READ;
	if (want == WANT_CLOSE || !watch(thread, conn, want))
		close_conn(conn);
}

/* The thread is the service's argument to libevent's callbacks only by way of
 * the connection's tcp, which is a member of the thread. */
static struct thread *
thread_of(struct conn *conn)
{
	uint8_t *tcp = (uint8_t *)conn->tcp;

	return (struct thread *)(void *)(tcp - offsetof(struct thread, tcp));
}

static void
on_conn(int fd, short what, void *arg)
{
	struct conn *conn = arg;
	struct thread *thread = thread_of(conn);

	(void)fd;
	(void)what;
	wake(thread);
	if (conn->list != LIST_READY)
		turn(thread, conn);
}

/* One turn for each that was READY when this began. */
static void
turn_ready(struct thread *thread)
{
	struct conn *last = thread->tcp.lists[LIST_READY].last;

	while (last != NULL) {
		struct conn *conn = thread->tcp.lists[LIST_READY].first;
		bool is_last = conn == last;
		turn(thread, conn);
		if (is_last)
			return;
	}
}

/* --- answers that come later */

static void
start_service_tick(struct thread *thread)
{
	struct timeval tick = timeval_of(NET_TICK_MS);

	if (thread->tickets.n > 0 && thread->config.service->tick != NULL &&
	    !event_pending(&thread->service_event, EV_TIMEOUT, NULL))
		event_add(&thread->service_event, &tick);
}

/* What the service has answered outside of a turn goes out. */
static void
send_later(struct thread *thread)
{
	udp_flush(thread->udp);
	for (;;) {
		struct conn *conn = tickets_due(&thread->tickets);
		if (conn == NULL)
			break;
		turn(thread, conn);
	}
	start_service_tick(thread);
}

static void
on_posted(int fd, short what, void *arg)
{
	struct thread *thread = arg;
	const struct net_service *service = thread->config.service;

	(void)fd;
	(void)what;
	wake(thread);
	struct net_ticket *ticket = tickets_take(&thread->tickets);
	service->batch_begin(thread->arg);
	while (ticket != NULL) {
		struct net_ticket *next = ticket_next(ticket);
		service->resume(thread->arg, ticket, ticket_arg(ticket));
		ticket = next;
	}
	service->batch_end(thread->arg);
	send_later(thread);
}

static void
on_service_tick(int fd, short what, void *arg)
{
	struct thread *thread = arg;
	const struct net_service *service = thread->config.service;

	(void)fd;
	(void)what;
	wake(thread);
	service->batch_begin(thread->arg);
	service->tick(thread->arg);
	service->batch_end(thread->arg);
	send_later(thread);
}

/* --- limits */

static void
start_tick(struct thread *thread)
{
	const struct net_limits *limits = thread->config.limits;
	uint32_t tick_ms = limits->tcp_idle_ms;

	if (limits->tcp_message_ms < tick_ms)
		tick_ms = limits->tcp_message_ms;
	if (limits->tcp_write_ms < tick_ms)
		tick_ms = limits->tcp_write_ms;
	tick_ms /= 4;
	if (tick_ms < TICK_MIN_MS)
		tick_ms = TICK_MIN_MS;
	if (tick_ms > TICK_MAX_MS)
		tick_ms = TICK_MAX_MS;
	struct timeval tick = timeval_of(tick_ms);
	if (!event_pending(&thread->tick_event, EV_TIMEOUT, NULL))
		event_add(&thread->tick_event, &tick);
}

static void
on_tick(int fd, short what, void *arg)
{
	struct thread *thread = arg;

	(void)fd;
	(void)what;
	wake(thread);
	for (;;) {
		struct conn *conn = tcp_expired(&thread->tcp, thread->now_ms);
		if (conn == NULL)
			break;
		close_conn(conn);
	}
	if (thread->tcp.n_conns > 0)
		start_tick(thread);
}

/* --- sockets */

static void
pause_accept(struct thread *thread)
{
	struct timeval pause = timeval_of(ACCEPT_PAUSE_MS);

	for (size_t i = 0; i < thread->n_ports; i++) {
		if (thread->ports[i].transport == NET_TCP)
			event_del(&thread->ports[i].event);
	}
	event_add(&thread->resume_event, &pause);
}

static void
on_resume(int fd, short what, void *arg)
{
	struct thread *thread = arg;

	(void)fd;
	(void)what;
	wake(thread);
	for (size_t i = 0; i < thread->n_ports; i++) {
		if (thread->ports[i].transport == NET_TCP)
			event_add(&thread->ports[i].event, NULL);
	}
}

/* Room for one more, if need be at the cost of one that is idle, or of a
 * client that has many. */
static enum status
enter(struct thread *thread, const struct client_key *key)
{
	enum status status = clients_enter(thread->config.clients, key);

	if (status != ERR_FULL)
		return status;
	struct conn *spare = tcp_spare(&thread->tcp, thread->now_ms);
	if (spare == NULL)
		spare = tcp_crowding(&thread->tcp, key);
	if (spare == NULL)
		return status;
	counter_add(&thread->counters.tcp.timed_out, 1);
	close_conn(spare);
	return clients_enter(thread->config.clients, key);
}

static void
admit(struct thread *thread, int fd, const struct sockaddr_storage *peer)
{
	struct client_key key = client_key_of(peer);

	if (enter(thread, &key) != OK) {
		counter_add(&thread->counters.tcp.refused, 1);
		close(fd);
		return;
	}
	struct conn *conn = tcp_open(&thread->tcp, fd, &key, thread->now_ms);
	if (conn == NULL) {
		counter_add(&thread->counters.tcp.refused, 1);
		return;
	}
	counter_add(&thread->counters.tcp.accepted, 1);
	conn->want = WANT_CLOSE; /* nothing is watched yet */
	if (!watch(thread, conn, WANT_READ)) {
		close_conn(conn);
		return;
	}
	start_tick(thread);
}

static void
accept_some(struct thread *thread, int listener)
{
	for (unsigned i = 0; i < ACCEPT_MAX; i++) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof peer;
		int fd = accept4(listener, (struct sockaddr *)&peer, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			admit(thread, fd, &peer);
			continue;
		}
		switch (errno) {
		case EMFILE:
		case ENFILE:
		case ENOBUFS:
		case ENOMEM:
			/* Waiting connections would keep the loop spinning. */
			pause_accept(thread);
			return;
		case EINTR:
		case ECONNABORTED:
			continue;
		default:
			return;
		}
	}
}

static void
on_port(int fd, short what, void *arg)
{
	struct port *port = arg;

	(void)what;
	wake(port->thread);
	if (port->transport == NET_UDP)
		udp_turn(port->thread->udp, port->thread->arg, fd);
	else
		accept_some(port->thread, fd);
}

static void
on_stop(int fd, short what, void *arg)
{
	struct thread *thread = arg;

	(void)fd;
	(void)what;
	wake(thread);
	thread->is_stopping = true;
}

/* --- life */

/* Wait for the tickets; whoever has none any more is closed. */
static void
finish_tickets(struct thread *thread)
{
	for (size_t i = 0; i < thread->n_ports; i++)
		event_del(&thread->ports[i].event);
	event_del(&thread->resume_event);
	event_del(&thread->stop_event); /* stays readable */
	while (thread->tickets.n > 0) {
		start_service_tick(thread);
		thread->config.service->sleep(thread->arg);
		thread->is_asleep = true;
		event_base_loop(thread->base, EVLOOP_ONCE);
		wake(thread);
	}
	for (int list = 0; list < LISTS; list++) {
		while (thread->tcp.lists[list].first != NULL)
			close_conn(thread->tcp.lists[list].first);
	}
}

/* The last messages of a connection; it stays for its tickets only. */
static void
finish_conn(struct thread *thread, struct conn *conn)
{
	enum conn_want want = conn_turn(conn, thread->now_ms);

	if (want == WANT_CLOSE || conn->n_tickets == 0) {
		close_conn(conn);
		return;
	}
	conn_stop(conn);
	conn_list_move(conn, LIST_LATER, thread->now_ms);
}

/* The last turn: what has arrived is answered, nothing more is waited for. */
static void
finish(struct thread *thread)
{
	for (size_t i = 0; i < thread->n_ports; i++) {
		if (thread->ports[i].transport == NET_UDP)
			udp_turn(thread->udp, thread->arg,
			    thread->ports[i].fd);
	}
	struct conn *conn = thread->tcp.lists[LIST_LATER].first;
	for (; conn != NULL; conn = conn->next)
		conn_stop(conn);
	for (int list = 0; list < LISTS; list++) {
		while (list != LIST_LATER &&
		    thread->tcp.lists[list].first != NULL)
			finish_conn(thread, thread->tcp.lists[list].first);
	}
	finish_tickets(thread);
}

static void *
run(void *arg)
{
	struct thread *thread = arg;
	const struct net_service *service = thread->config.service;

	thread->arg = service->thread_start(service->arg,
	    thread->config.number);
	thread->tcp.thread_arg = thread->arg;
	while (!thread->is_stopping) {
		bool has_ready = thread->tcp.lists[LIST_READY].first != NULL;
		service->sleep(thread->arg);
		thread->is_asleep = true;
		event_base_loop(thread->base,
		    has_ready ? EVLOOP_ONCE | EVLOOP_NONBLOCK : EVLOOP_ONCE);
		wake(thread);
		turn_ready(thread);
	}
	finish(thread);
	service->thread_stop(thread->arg);
	return NULL;
}

static enum status
fail(struct reason *reason, enum status status, const char *what)
{
	reason_set(reason, "cannot start a query thread: %s: %s", what,
	    errno != 0 ? strerror(errno) : status_text(status));
	return status;
}

static struct event_base *
create_base(void)
{
	struct event_config *config = event_config_new();

	if (config == NULL)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	struct event_base *base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

enum status
thread_create(struct thread **out, const struct thread_config *config,
    size_t n_addresses, struct reason *reason)
{
	struct thread *thread = calloc(1, sizeof *thread);

	errno = 0;
	if (thread == NULL)
		return fail(reason, ERR_FULL, "memory");
	thread->config = *config;
	thread->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	thread->ports = calloc(2 * n_addresses, sizeof thread->ports[0]);
	thread->base = create_base();
	thread->udp = udp_create(config->service, &thread->counters.udp);
	if (thread->stop_fd < 0 || thread->ports == NULL ||
	    thread->base == NULL || thread->udp == NULL) {
		thread_destroy(thread);
		return fail(reason, ERR_FULL, "event loop");
	}
	if (tcp_init(&thread->tcp, config->service, NULL, config->limits,
		config->clients, &thread->counters.tcp) != OK) {
		thread_destroy(thread);
		return fail(reason, ERR_FULL, "memory");
	}
	thread->has_tcp = true;
	if (tickets_init(&thread->tickets, thread->udp) != OK) {
		thread_destroy(thread);
		return fail(reason, ERR_FULL, "eventfd");
	}
	thread->has_tickets = true;
	thread->tcp.tickets = &thread->tickets;
	udp_give_tickets(thread->udp, &thread->tickets);
	event_assign(&thread->posted_event, thread->base, thread->tickets.fd,
	    EV_READ | EV_PERSIST, on_posted, thread);
	event_add(&thread->posted_event, NULL);
	event_assign(&thread->service_event, thread->base, -1, 0,
	    on_service_tick, thread);
	event_assign(&thread->stop_event, thread->base, thread->stop_fd,
	    EV_READ | EV_PERSIST, on_stop, thread);
	event_add(&thread->stop_event, NULL);
	event_assign(&thread->tick_event, thread->base, -1, 0, on_tick, thread);
	event_assign(&thread->resume_event, thread->base, -1, 0, on_resume,
	    thread);
	*out = thread;
	return OK;
}

static enum status
listen_one(struct thread *thread, enum net_transport transport,
    struct net_address *address, struct reason *reason)
{
	struct port *port = &thread->ports[thread->n_ports];

	enum status status = sockets_open(&port->fd, transport, address,
	    reason);
	if (status != OK)
		return status;
	port->thread = thread;
	port->transport = transport;
	thread->n_ports++;
	event_assign(&port->event, thread->base, port->fd,
	    EV_READ | EV_PERSIST, on_port, port);
	errno = 0;
	if (event_add(&port->event, NULL) != 0)
		return fail(reason, ERR_IO, "event loop");
	return OK;
}

enum status
thread_listen(struct thread *thread, struct net_address *address,
    struct reason *reason)
{
	enum status status = listen_one(thread, NET_UDP, address, reason);

	if (status == OK)
		status = listen_one(thread, NET_TCP, address, reason);
	return status;
}

enum status
thread_start(struct thread *thread, struct reason *reason)
{
	sigset_t all;
	sigset_t before;

	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	errno = pthread_create(&thread->id, NULL, run, thread);
	thread->is_started = errno == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return thread->is_started ? OK : fail(reason, ERR_IO, "thread");
}

void
thread_destroy(struct thread *thread)
{
	if (thread == NULL)
		return;
	if (thread->is_started) {
		uint64_t one = 1;
		/* An eventfd of value 0 takes a 1 always. */
		ssize_t n = write(thread->stop_fd, &one, sizeof one);
		(void)n;
		pthread_join(thread->id, NULL);
	}
	for (size_t i = 0; i < thread->n_ports; i++) {
		event_del(&thread->ports[i].event);
		close(thread->ports[i].fd);
	}
	if (thread->has_tickets)
		tickets_fini(&thread->tickets);
	if (thread->has_tcp)
		tcp_fini(&thread->tcp);
	udp_destroy(thread->udp);
	if (thread->base != NULL)
		event_base_free(thread->base);
	if (thread->stop_fd >= 0)
		close(thread->stop_fd);
	free(thread->ports);
	free(thread);
}

const struct thread_counters *
thread_counters(const struct thread *thread)
{
	return &thread->counters;
}
