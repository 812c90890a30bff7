/*
 * Queries over UDP, a batch at a time: one recvmmsg, all answers, one
 * sendmmsg. Layer 6; the query thread.
 */
#ifndef NET_UDP_H
#define NET_UDP_H

#include "base/counter.h"
#include "net/net.h"

enum {
	UDP_BATCH = 64,  /* messages of one recvmmsg */
	UDP_ROUNDS = 8,  /* batches in a row before others get their turn */
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
 */
void udp_turn(struct udp *udp, void *thread_arg, int fd);

#endif
