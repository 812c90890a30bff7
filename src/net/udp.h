/*
 * Queries over UDP, a batch at a time: one recvmmsg, all answers, one
 * sendmmsg. Layer 6; the query thread.
 */
#ifndef NET_UDP_H
#define NET_UDP_H

#include "base/counter.h"
#include "net/net.h"

#include <stdbool.h>

struct tickets;

enum {
	UDP_BATCH = 64,  /* messages of one recvmmsg */
	UDP_ROUNDS = 8,  /* batches in a row before others get their turn */
};

enum { UDP_CONTROL_CAP = 64 }; /* bytes: one in_pktinfo or in6_pktinfo */

/* Where an answer goes that comes later. */
struct udp_target {
	int fd;
	struct sockaddr_storage name;
	socklen_t name_len;
	size_t control_len;
	_Alignas(8) uint8_t control[UDP_CONTROL_CAP];
};

struct udp; /* buffers of one thread, for all its UDP sockets */

struct udp_counters {
	struct counter received;
	struct counter sent;
	struct counter dropped; /* answers that the kernel did not take */
};

/*
 * @param service who answers. @param counters counted up by udp_turn.
 * @return to be given to udp_destroy; NULL: no memory.
 */
struct udp *udp_create(const struct net_service *service,
    struct udp_counters *counters);
void udp_destroy(struct udp *udp);

/*
 * Answer what has come in on a socket, at most UDP_ROUNDS batches; what is
 * left makes the socket readable again. Errors of single messages are counted
 * as dropped: UDP may lose them.
 * @param thread_arg the service's. @param fd non-blocking.
 * @return false: there is nothing more for now.
 */
bool udp_turn(struct udp *udp, void *thread_arg, int fd);

/* The service's messages may be answered later; before the first turn. */
void udp_give_tickets(struct udp *udp, struct tickets *tickets);

/* Remember where the answer to a message goes. @param header as received. */
void udp_target_set(struct udp_target *target, int fd,
    const struct msghdr *header);

/* Our own address that a message came to, when the socket has several.
 * @return false: header does not say. */
bool udp_arrived_at(struct sockaddr_storage *out,
    const struct msghdr *header);

/*
 * Send an answer, with others of this callback; not inside answer().
 * @param len at most NET_UDP_ROOM.
 */
void udp_send_later(struct udp *udp, const struct udp_target *target,
    const uint8_t *out, size_t len);

/* Send what udp_send_later has collected; before the callback ends. */
void udp_flush(struct udp *udp);

#endif
