/*
 * Sockets to listen on, with the options that a DNS server needs. Layer 6; the
 * thread that starts.
 */
#ifndef NET_SOCKETS_H
#define NET_SOCKETS_H

#include "net/net.h"

#include <stdbool.h>

/*
 * Open, bind and (TCP) listen: non-blocking, closed on exec, shared by the
 * query threads (SO_REUSEPORT). UDP answers are never sent as fragments that
 * a forged ICMP asked for (IP_PMTUDISC_OMIT).
 * @param fd out. @param address in: what to bind; out: with its port, if 0.
 * @return OK; ERR_EXISTS in use, ERR_REFUSED not allowed, ERR_IO, with reason.
 */
MUST_CHECK enum status sockets_open(int *fd, enum net_transport transport,
    struct net_address *address, struct reason *reason);

/*
 * Is anybody else bound there? SO_REUSEPORT alone would share the address with
 * another server of the same user.
 * @param address as sockets_open. @return as sockets_open.
 */
MUST_CHECK enum status sockets_probe(enum net_transport transport,
    struct net_address *address, struct reason *reason);

/*
 * Let a UDP socket take nothing more, while what it has taken stays to be read
 * and answers can be sent: it is connected to itself, so other senders' packets
 * go to the sockets that share its address, or are refused if there is none.
 * Where the kernel does not want to, nothing happens.
 */
void sockets_detach(int fd);

/* Bound to all addresses, so that answers must name their source. */
bool sockets_is_wildcard(const struct net_address *address);

#endif
