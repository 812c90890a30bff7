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
#include "net/thread_state.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	TICK_MIN_MS = 5,      /* how often limits are looked at: a quarter of */
	TICK_MAX_MS = 500,    /* the shortest one, within these */
	/* The clean end: */
	FINISH_MS = 1000,     /* for clients to take their answers */
	PART_MS = 200,        /* for them to end their side after that */
	QUIET_MS = 1000,      /* who was idle for so long waits for nothing */
	FINISH_TICK_MS = 20,  /* between two looks at the clock */
};

static struct timeval
timeval_of(uint32_t ms)
{
	return (struct timeval){ .tv_sec = ms / 1000,
		.tv_usec = (suseconds_t)(ms % 1000) * 1000 };
}

void
thread_wake(struct thread *thread)
{
	if (!thread->is_asleep)
		return;
	thread->is_asleep = false;
	thread->now_ms = clock_mono_ms();
	thread->config.service->wake(thread->arg);
}

/* The service looks after its tickets while there are some. */
static void
start_service_tick(struct thread *thread)
{
	struct timeval tick = timeval_of(NET_TICK_MS);

	if (thread->tickets.n > 0 && thread->config.service->tick != NULL &&
	    !event_pending(&thread->service_event, EV_TIMEOUT, NULL))
		event_add(&thread->service_event, &tick);
}

/* --- connections */

static struct thread *thread_of(struct conn *conn);

static void
close_conn(struct conn *conn)
{
	if (conn->is_parted)
		thread_of(conn)->n_parted--;
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

static bool
has_input(const struct conn *conn)
{
	int n = 0;

	return ioctl(conn->fd, FIONREAD, &n) == 0 && n > 0;
}

/*
 * All answers are with the kernel. To close now, while the peer may still send,
 * would make the kernel throw them away (RFC 1122 4.2.2.13): our side ends, and
 * what comes is read for a moment. @return false: it is to be closed.
 */
static bool
part(struct thread *thread, struct conn *conn)
{
	if (conn->is_parted || shutdown(conn->fd, SHUT_WR) != 0)
		return false;
	conn->is_parted = true;
	thread->n_parted++;
	thread->parted_ms = thread->now_ms;
	conn_list_move(conn, LIST_LATER, thread->now_ms);
	return watch(thread, conn, WANT_READ);
}

static void
turn(struct thread *thread, struct conn *conn)
{
	enum conn_want want = conn_turn(conn, thread->now_ms);

	if (thread->is_stopping && want == WANT_READ && !has_input(conn)) {
		conn_stop(conn);
		want = conn_turn(conn, thread->now_ms);
	}
	if (thread->is_stopping && want == WANT_CLOSE && part(thread, conn))
		return;
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

/* Until the peer ends its side, too. */
static void
discard(struct thread *thread, struct conn *conn)
{
	ssize_t n = recv(conn->fd, thread->tcp.in, TCP_READ_MAX, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_conn(conn);
}

static void
on_conn(int fd, short what, void *arg)
{
	struct conn *conn = arg;
	struct thread *thread = thread_of(conn);

	(void)fd;
	(void)what;
	thread_wake(thread);
	if (conn->is_parted)
		discard(thread, conn);
	else if (conn->list != LIST_READY)
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
}

static void
on_posted(int fd, short what, void *arg)
{
	struct thread *thread = arg;
	const struct net_service *service = thread->config.service;

	(void)fd;
	(void)what;
	thread_wake(thread);
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
	thread_wake(thread);
	service->batch_begin(thread->arg);
	service->tick(thread->arg);
	service->batch_end(thread->arg);
	send_later(thread);
}

/* --- limits */

static void
start_tick(struct thread *thread)
{
	const struct net_limits *limits = &thread->tcp.limits;
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
	thread_wake(thread);
	for (;;) {
		struct conn *conn = tcp_expired(&thread->tcp, thread->now_ms);
		if (conn == NULL)
			break;
		close_conn(conn);
	}
	if (thread->tcp.n_conns > 0)
		start_tick(thread);
}

/* --- new connections */

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
say_refused(const struct sockaddr_storage *peer, enum status status)
{
	char text[NET_ADDRESS_TEXT];
	const struct net_address address = { .storage = *peer,
		.len = sizeof *peer };
	const struct log_field fields[] = {
		log_text("client",
		    net_address_format(text, sizeof text, &address)),
		log_text("reason", status == ERR_REFUSED ?
		    "it has as many as one address may have" :
		    "there are as many as there may be in all") };

	log_event(LOG_TCP_FULL, LOG_FIELDS(fields));
}

void
thread_admit(struct thread *thread, int fd,
    const struct sockaddr_storage *peer)
{
	struct client_key key = client_key_of(peer);

	enum status status = enter(thread, &key);
	if (status != OK) {
		say_refused(peer, status);
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

/* --- orders from outside */

static enum status
change(struct thread *thread, const struct thread_change *what)
{
	enum status status = OK;

	thread->tcp.limits = *what->limits;
	for (size_t i = 0; i < what->n_add; i++) {
		const struct thread_sockets *add = &what->add[i];
		enum status udp = ports_add(thread, NET_UDP, &add->address,
		    add->udp);
		enum status tcp = ports_add(thread, NET_TCP, &add->address,
		    add->tcp);
		if (udp != OK || tcp != OK)
			status = ERR_FULL;
	}
	for (size_t i = 0; i < what->n_end; i++)
		ports_end(thread, &what->end[i]);
	return status;
}

static void
on_order(int fd, short what, void *arg)
{
	struct thread *thread = arg;
	uint64_t count;

	(void)what;
	thread_wake(thread);
	ssize_t n = read(fd, &count, sizeof count);
	(void)n; /* what is asked for is seen below */
	pthread_mutex_lock(&thread->mutex);
	thread->is_stopping = thread->has_stop;
	struct thread_change *wanted = thread->change;
	pthread_mutex_unlock(&thread->mutex);
	if (wanted == NULL)
		return;
	wanted->status = change(thread, wanted);
	pthread_mutex_lock(&thread->mutex);
	thread->change = NULL;
	pthread_cond_signal(&thread->is_done);
	pthread_mutex_unlock(&thread->mutex);
}

/* Under the mutex: the thread cannot end before. */
static void
send_order(struct thread *thread)
{
	const uint64_t one = 1;

	ssize_t n = write(thread->order_fd, &one, sizeof one);
	(void)n; /* takes a 1 always */
}

enum status
thread_apply(struct thread *thread, struct thread_change *wanted)
{
	pthread_mutex_lock(&thread->mutex);
	thread->change = wanted;
	send_order(thread);
	while (thread->change != NULL)
		pthread_cond_wait(&thread->is_done, &thread->mutex);
	pthread_mutex_unlock(&thread->mutex);
	return wanted->status;
}

/* --- life */

static void
loop_once(struct thread *thread)
{
	bool has_ready = thread->tcp.lists[LIST_READY].first != NULL;

	thread->config.service->sleep(thread->arg);
	thread->is_asleep = true;
	event_base_loop(thread->base,
	    has_ready ? EVLOOP_ONCE | EVLOOP_NONBLOCK : EVLOOP_ONCE);
	thread_wake(thread);
	turn_ready(thread);
	ports_tidy(thread);
	start_service_tick(thread);
}

static void
on_finish_tick(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	thread_wake(arg);
}

/* The first of its last turns for each connection. */
static void
turn_last(struct thread *thread)
{
	for (int list = 0; list < LISTS; list++) {
		struct conn *last = thread->tcp.lists[list].last;
		struct conn *conn = thread->tcp.lists[list].first;
		bool is_last = conn == NULL;
		while (!is_last) {
			struct conn *next = conn->next;
			is_last = conn == last;
			if (list == LIST_IDLE && !has_input(conn) &&
			    thread->now_ms - conn->since_ms >= QUIET_MS)
				close_conn(conn);
			else if (!conn->is_parted)
				turn(thread, conn);
			conn = next;
		}
	}
}

static bool
is_finished(const struct thread *thread, uint64_t end_ms)
{
	unsigned n_conns = thread->tcp.n_conns;

	if (thread->tickets.n > 0)
		return false;
	return n_conns == 0 || thread->now_ms >= end_ms ||
	    (n_conns == thread->n_parted &&
		thread->now_ms - thread->parted_ms >= PART_MS);
}

/* What has arrived is answered, tickets are waited for, nothing else is. */
static void
finish(struct thread *thread)
{
	const struct timeval tick = timeval_of(FINISH_TICK_MS);
	uint64_t end_ms = clock_mono_ms() + FINISH_MS;

	ports_end(thread, NULL);
	event_del(&thread->resume_event);
	event_add(&thread->finish_event, &tick);
	turn_last(thread);
	while (!is_finished(thread, end_ms))
		loop_once(thread);
	thread->n_left = thread->tcp.n_conns - thread->n_parted;
	for (int list = 0; list < LISTS; list++) {
		while (thread->tcp.lists[list].first != NULL)
			close_conn(thread->tcp.lists[list].first);
	}
}

static void *
run(void *arg)
{
	struct thread *thread = arg;
	const struct net_service *service = thread->config.service;

	thread->arg = service->thread_start(service->arg,
	    thread->config.number);
	thread->tcp.thread_arg = thread->arg;
	while (!thread->is_stopping)
		loop_once(thread);
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
    struct reason *reason)
{
	struct thread *thread = calloc(1, sizeof *thread);

	errno = 0;
	if (thread == NULL)
		return fail(reason, ERR_FULL, "memory");
	thread->config = *config;
	pthread_mutex_init(&thread->mutex, NULL);
	pthread_cond_init(&thread->is_done, NULL);
	thread->order_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	thread->base = create_base();
	thread->udp = udp_create(config->service, &thread->counters.udp);
	if (thread->order_fd < 0 || thread->base == NULL ||
	    thread->udp == NULL) {
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
	event_assign(&thread->order_event, thread->base, thread->order_fd,
	    EV_READ | EV_PERSIST, on_order, thread);
	event_add(&thread->order_event, NULL);
	event_assign(&thread->finish_event, thread->base, -1, EV_PERSIST,
	    on_finish_tick, thread);
	event_assign(&thread->tick_event, thread->base, -1, 0, on_tick, thread);
	event_assign(&thread->resume_event, thread->base, -1, 0,
	    ports_on_resume, thread);
	*out = thread;
	return OK;
}

static enum status
listen_one(struct thread *thread, enum net_transport transport,
    struct net_address *address, struct reason *reason)
{
	int fd = -1;

	enum status status = sockets_open(&fd, transport, address, reason);
	if (status != OK)
		return status;
	errno = 0;
	status = ports_add(thread, transport, address, fd);
	return status == OK ? OK : fail(reason, status, "event loop");
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
thread_stop(struct thread *thread)
{
	pthread_mutex_lock(&thread->mutex);
	thread->has_stop = true;
	send_order(thread);
	pthread_mutex_unlock(&thread->mutex);
}

unsigned
thread_join(struct thread *thread)
{
	pthread_join(thread->id, NULL);
	thread->is_started = false;
	return thread->n_left;
}

void
thread_destroy(struct thread *thread)
{
	if (thread == NULL)
		return;
	if (thread->is_started) {
		thread_stop(thread);
		(void)thread_join(thread);
	}
	ports_fini(thread);
	if (thread->has_tickets)
		tickets_fini(&thread->tickets);
	if (thread->has_tcp)
		tcp_fini(&thread->tcp);
	udp_destroy(thread->udp);
	if (thread->base != NULL)
		event_base_free(thread->base);
	if (thread->order_fd >= 0)
		close(thread->order_fd);
	pthread_cond_destroy(&thread->is_done);
	pthread_mutex_destroy(&thread->mutex);
	free(thread);
}

const struct thread_counters *
thread_counters(const struct thread *thread)
{
	return &thread->counters;
}
