/*
 * Queries over TCP: connections of one thread, their framing (RFC 1035 4.2.2:
 * two bytes of length, then the message), and their limits (RFC 7766). Knows
 * sockets, no event loop and no clock: the caller says what time it is and
 * waits for what conn_turn says. Layer 6; the query thread.
 *
 * A connection is always in exactly one list, oldest first:
 *
 *	IDLE     nothing in hand                    ends after tcp_idle_ms
 *	MESSAGE  a message begun but not whole      ends after tcp_message_ms,
 *	         counted from its first byte; more bytes do not help
 *	WRITING  answers that the peer does not     ends after tcp_write_ms
 *	         take; nothing is read meanwhile    without progress
 *	LATER    answers that come later (net_defer), nothing else; nothing to
 *	         read while there are NET_CONN_TICKETS_MAX of them, or after
 *	         the peer's end; the service answers in bounded time
 *	READY    whole messages left over from the last turn; its own fault
 *	         is none, so no limit
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "base/counter.h"
#include "net/clients.h"
#include "net/net.h"
#include "net/pool.h"

#include <event2/event_struct.h>

enum {
	TCP_PREFIX = 2,             /* bytes of the length */
	TCP_READ_MAX = 16 * 1024,   /* bytes read in one turn, if no message
	                             * is longer */
	TCP_TURN_MESSAGES = 256,    /* messages answered in one turn */
	TCP_OUT_CAP = 128 * 1024,   /* bytes of answers made in one turn */
	TCP_DRAIN_FACTOR = 8,       /* times tcp_write_ms until all output of
	                             * a turn must be gone */
	TCP_CROWD_FACTOR = 2,       /* who has more than so many times what a
	                             * newcomer has makes room for it */
	TCP_POOL_MAX = 64 * 1024 * 1024, /* bytes kept for all connections */
};

enum conn_list {
	LIST_IDLE,
	LIST_MESSAGE,
	LIST_WRITING,
	LIST_LATER,
	LIST_READY,
	LISTS
};

/* What the caller of conn_turn should wait for. */
enum conn_want {
	WANT_READ,  /* the next turn when the socket is readable */
	WANT_WRITE, /* the next turn when it is writable */
	WANT_TURN,  /* the next turn soon, after the others had theirs */
	WANT_REPLY, /* the next turn when a ticket is answered */
	WANT_CLOSE, /* call tcp_close */
};

struct conn {
	struct event event; /* the caller's */
	struct tcp *tcp;
	struct conn *prev;
	struct conn *next;
	int fd;
	enum conn_want want; /* the caller's: what event waits for */
	enum conn_list list;
	uint64_t since_ms;      /* in this list; WRITING: last progress */
	uint64_t out_since_ms;  /* when output began to wait */
	struct buffer *in;      /* messages not answered yet; NULL: none */
	struct buffer *out;     /* answers not sent yet; NULL: none */
	bool is_ended;          /* the peer sends no more */
	bool is_broken;         /* an answer could not be kept: to be closed */
	bool is_parted;         /* our side has ended; input is thrown away */
	bool is_due;            /* a turn is owed, tickets_due */
	struct conn *next_due;
	unsigned n_tickets;
	struct net_ticket *tickets; /* answers that come later */
	struct client_key key;
};

struct conn_queue {
	struct conn *first;
	struct conn *last;
};

struct tcp_counters {
	struct counter accepted;
	struct counter refused;   /* over a limit */
	struct counter timed_out;
	struct counter received;  /* messages */
	struct counter sent;
};

/* All connections of one thread. */
struct tcp {
	const struct net_service *service;
	void *thread_arg;
	struct net_limits limits; /* no zeroes */
	struct clients *clients;  /* shared by all threads; may be NULL */
	struct tickets *tickets;  /* NULL: no answers come later */
	struct tcp_counters *counters;
	unsigned n_conns;
	struct conn_queue lists[LISTS];
	struct pool pool;
	uint8_t *in;  /* TCP_PREFIX + NET_TCP_MAX bytes, of the turn */
	uint8_t *out; /* TCP_OUT_CAP bytes, of the turn */
};

/*
 * Begin without connections.
 * @param limits no zeroes. @param clients counts that connections leave when
 * they are closed; NULL: none.
 * @return OK, ERR_FULL (no memory).
 */
MUST_CHECK enum status tcp_init(struct tcp *tcp,
    const struct net_service *service, void *thread_arg,
    const struct net_limits *limits, struct clients *clients,
    struct tcp_counters *counters);

/* Give memory back; all connections must be closed. */
void tcp_fini(struct tcp *tcp);

/*
 * A new connection.
 * @param fd non-blocking; taken. @param key as entered into clients.
 * @return to be given to tcp_close; NULL: no memory, fd is closed and the
 * client has left.
 */
struct conn *tcp_open(struct tcp *tcp, int fd, const struct client_key *key,
    uint64_t now_ms);

/* Close the socket and forget the connection. */
void tcp_close(struct conn *conn);

/*
 * One turn of a connection: send what waits, read once, answer what is whole,
 * send. Bounded by TCP_READ_MAX, TCP_TURN_MESSAGES and TCP_OUT_CAP.
 * @return what to wait for.
 */
MUST_CHECK enum conn_want conn_turn(struct conn *conn, uint64_t now_ms);

/*
 * Add an answer that comes later; the next turn sends it. Where there is no
 * room for it the connection will be closed.
 * @param len at most NET_TCP_MAX; 0: none.
 */
void conn_append(struct conn *conn, const uint8_t *out, size_t len);

/*
 * Take no more messages: what was read and not answered is forgotten, and the
 * connection wants to be closed when its tickets are answered.
 */
void conn_stop(struct conn *conn);

/*
 * A connection over a limit, for the caller to close; counted as timed out.
 * @return NULL: none at this time.
 */
struct conn *tcp_expired(struct tcp *tcp, uint64_t now_ms);

/*
 * The connection that has been idle longest, if for a tenth of its limit at
 * least: may be closed to make room for a new one. @return NULL: none.
 */
struct conn *tcp_spare(struct tcp *tcp, uint64_t now_ms);

/*
 * A connection of a client that crowds others out: it has more than
 * TCP_CROWD_FACTOR times as many as the newcomer would have. May be closed to
 * make room for the newcomer, whatever it is doing. Looks at the oldest few of
 * each list.
 * @param newcomer has not entered yet. @return NULL: none.
 */
struct conn *tcp_crowding(struct tcp *tcp, const struct client_key *newcomer);

#endif
