/*
 * DNS over UDP and TCP: query threads, each with one SO_REUSEPORT socket per
 * address and a libevent loop. Knows bytes and limits, no DNS but the length
 * prefix of RFC 1035 4.2.2. RFC 7766. Layer 6.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include "base/reason.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum net_transport { NET_UDP, NET_TCP };

enum {
	NET_UDP_ROOM = 4096,  /* bytes for a UDP answer and work on it */
	NET_UDP_IN = 65536,   /* bytes of a UDP message taken in; an UPDATE may
	                       * be as long as a datagram */
	NET_TCP_MAX = 65535,  /* bytes of a message over TCP */
	NET_ADDRESS_TEXT = 64, /* bytes of net_address_format, with NUL */
	/* Answers that come later: of one thread, of one connection. */
	NET_TICKETS_MAX = 4096,
	NET_CONN_TICKETS_MAX = 256,
	NET_TICK_MS = 50, /* between two calls of tick */
	NET_ADDRESSES_MAX = 16, /* to listen at */
};

struct net_address {
	struct sockaddr_storage storage;
	socklen_t len;
};

/* Where a message came from; valid inside answer() only. */
struct net_origin;

/*
 * An answer that comes later: where it has to go. The query thread takes it in
 * answer(), gives it to others, who give it back by net_post; it lives until
 * that thread calls net_release.
 */
struct net_ticket;

/* What a query thread calls for messages; all from that thread. */
struct net_service {
	void *arg;
	/* Once per thread at start; the result goes to the other calls. */
	void *(*thread_start)(void *arg, unsigned thread);
	void (*thread_stop)(void *thread_arg);
	/* Around each batch: published data may be used in between only. */
	void (*batch_begin)(void *thread_arg);
	void (*batch_end)(void *thread_arg);
	/* The thread goes to sleep or wakes: it holds no version meanwhile. */
	void (*sleep)(void *thread_arg);
	void (*wake)(void *thread_arg);
	/* One message; 0: no answer. cap: 65535 for TCP, NET_UDP_ROOM for UDP;
	 * how much of it may be sent is the callee's to know. */
	size_t (*answer)(void *thread_arg, const struct net_origin *origin,
	    const uint8_t *in, size_t in_len, uint8_t *out, size_t cap);
	/* A ticket came back by net_post; inside a batch. NULL: the service
	 * takes no tickets. */
	void (*resume)(void *thread_arg, struct net_ticket *ticket, void *arg);
	/* Inside a batch, every NET_TICK_MS while there are tickets. May be
	 * NULL. */
	void (*tick)(void *thread_arg);
};

struct net_limits {
	unsigned tcp_clients;     /* connections in all; 0: 1024 */
	unsigned tcp_per_address; /* of one address; 0: no own limit */
	uint32_t tcp_idle_ms;     /* no complete message: 0: 10000 */
	uint32_t tcp_message_ms;  /* one message must be whole: 0: 5000 */
	uint32_t tcp_write_ms;    /* output must move: 0: 5000 */
};

struct net;

/* How a message came. */
enum net_transport net_origin_transport(const struct net_origin *origin);

/* Both ends are loopback addresses: nobody else can have read the message.
 * Costs a system call. */
bool net_origin_is_local(const struct net_origin *origin);

/* The client, for a log line; inside answer(). @return out, "unknown" if it
 * is gone. */
char *net_origin_format(char *out, size_t cap,
    const struct net_origin *origin);

/*
 * Inside answer(), which then returns 0: the answer comes later. Messages of a
 * connection that come after it may be answered before it (RFC 7766 6.2.1.1).
 * @param arg goes to resume().
 * @return NULL: no more of them now; say SERVFAIL.
 */
struct net_ticket *net_defer(const struct net_origin *origin, void *arg);

/* Give a ticket back to its query thread, which calls resume(). Any thread;
 * once until resume() was called. */
void net_post(struct net_ticket *ticket);

/*
 * Send the answer; at most once. Where the client is gone, nothing happens.
 * Thread: the ticket's, in resume() or tick().
 * @param len bytes at out: NET_UDP_ROOM at most over UDP.
 */
void net_reply(struct net_ticket *ticket, const uint8_t *out, size_t len);

/* Who is to be answered, for a log line, before net_reply. Thread: as
 * net_reply. @return out, "unknown" if the client is gone. */
char *net_ticket_format(char *out, size_t cap,
    const struct net_ticket *ticket);

/* No more use for it; nothing is posted. Thread: as net_reply. */
void net_release(struct net_ticket *ticket);

/* Parse "127.0.0.1@5300" or "::1@5300"; port 1..65535.
 * @return OK, ERR_MALFORMED with reason. */
MUST_CHECK enum status net_address_parse(struct net_address *out,
    const char *text, struct reason *reason);

/* "127.0.0.1@5300". @return out. */
char *net_address_format(char *out, size_t cap,
    const struct net_address *address);

/* The same address and port. */
bool net_address_equal(const struct net_address *a,
    const struct net_address *b);

/*
 * Bind everything, then start the threads. All or nothing. Port 0 takes a free
 * port, the same for UDP and TCP and for all threads (for tests).
 * @return OK; ERR_EXISTS (address in use), ERR_REFUSED (not allowed), ERR_IO
 * with the address in reason.
 */
MUST_CHECK enum status net_start(struct net **out,
    const struct net_address *addresses, size_t n_addresses, unsigned threads,
    const struct net_service *service, const struct net_limits *limits,
    struct reason *reason);

/* What address i of net_start is bound to, with its port. */
struct net_address net_bound(const struct net *net, size_t i);

/*
 * Listen at other addresses and with other limits from now on, without losing
 * a query: new sockets are bound before old ones end, sockets of addresses
 * that stay are not touched, what has arrived at those that go is answered, and
 * connections live on. All or nothing, but for lack of memory.
 * @return as net_start; then everything is as it was.
 */
MUST_CHECK enum status net_change(struct net *net,
    const struct net_address *addresses, size_t n_addresses,
    const struct net_limits *limits, struct reason *reason);

/*
 * The clean end: no address is listened at any more, what has arrived is
 * answered, over TCP too, and tickets are waited for; then threads end. A
 * client that does not take its answers holds that up for a second at most.
 */
void net_stop(struct net *net);

/* Counters summed over all threads. */
struct net_counters {
#define NET_COUNTER(name, text) uint64_t name;
#include "net/net.def"
#undef NET_COUNTER
};
struct net_counters net_counters(const struct net *net);

#endif
