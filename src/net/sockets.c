/*
 * Sockets to listen on. Layer 6; the thread that starts.
 */
#include "net/sockets.h"

#include "base/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

enum {
	UDP_BUFFER = 4 * 1024 * 1024, /* bytes, as far as the kernel allows */
	TCP_BACKLOG = 1024,
	/* Bytes that the kernel takes of a connection's answers before it has
	 * sent them. Its buffer may grow to megabytes, of which a third must
	 * be free until it takes more: a peer that reads slowly but steadily
	 * would look like one that does not read, and hold all that memory. */
	TCP_UNSENT = 128 * 1024,
};

enum sharing { SHARED, ALONE };

static int
set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof value);
}

/* Options without which the server would be wrong. */
static int
set_needed(int fd, enum net_transport transport,
    const struct net_address *address, enum sharing sharing)
{
	int family = address->storage.ss_family;
	int failed = 0;

	if (sharing == SHARED)
		failed |= set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (transport == NET_TCP)
		failed |= set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (family == AF_INET6)
		failed |= set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (transport == NET_TCP)
		return failed;
	if (family == AF_INET6) {
		failed |= set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
		    IPV6_PMTUDISC_OMIT);
		if (sockets_is_wildcard(address))
			failed |= set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
		return failed;
	}
	failed |= set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
	if (sockets_is_wildcard(address))
		failed |= set(fd, IPPROTO_IP, IP_PKTINFO, 1);
	return failed;
}

/* Options that make it faster; a kernel that says no is no error. */
static void
set_useful(int fd, enum net_transport transport)
{
	if (transport == NET_TCP) {
		(void)set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
		(void)set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, TCP_UNSENT);
		return;
	}
	(void)set(fd, SOL_SOCKET, SO_RCVBUF, UDP_BUFFER);
	(void)set(fd, SOL_SOCKET, SO_SNDBUF, UDP_BUFFER);
}

static enum status
fail(const struct net_address *address, enum net_transport transport,
    int error, struct reason *reason)
{
	char text[NET_ADDRESS_TEXT];

	reason_set(reason, "cannot listen on %s (%s): %s",
	    net_address_format(text, sizeof text, address),
	    transport == NET_UDP ? "UDP" : "TCP", strerror(error));
	switch (error) {
	case EADDRINUSE:
		return ERR_EXISTS;
	case EACCES:
	case EPERM:
		return ERR_REFUSED;
	default:
		return ERR_IO;
	}
}

static enum status
open_socket(int *out, enum net_transport transport,
    struct net_address *address, enum sharing sharing, struct reason *reason)
{
	int family = address->storage.ss_family;
	int type = transport == NET_UDP ? SOCK_DGRAM : SOCK_STREAM;
	struct sockaddr *where = (struct sockaddr *)&address->storage;
	socklen_t len = sizeof address->storage;

	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(address, transport, errno, reason);
	/* ALONE only asks whether the address is free. */
	if (set_needed(fd, transport, address, sharing) != 0 ||
	    bind(fd, where, address->len) != 0 ||
	    (transport == NET_TCP && sharing == SHARED &&
		listen(fd, TCP_BACKLOG) != 0) ||
	    getsockname(fd, where, &len) != 0) {
		int error = errno;
		close(fd);
		return fail(address, transport, error, reason);
	}
	set_useful(fd, transport);
	*out = fd;
	return OK;
}

enum status
sockets_open(int *fd, enum net_transport transport,
    struct net_address *address, struct reason *reason)
{
	return open_socket(fd, transport, address, SHARED, reason);
}

enum status
sockets_probe(enum net_transport transport, struct net_address *address,
    struct reason *reason)
{
	int fd = -1;

	enum status status = open_socket(&fd, transport, address, ALONE,
	    reason);
	if (status == OK)
		close(fd);
	return status;
}

void
sockets_detach(int fd)
{
	struct sockaddr_storage own;
	socklen_t len = sizeof own;

	/* To connect to the wildcard is to connect to loopback. */
	if (getsockname(fd, (struct sockaddr *)&own, &len) == 0)
		(void)connect(fd, (struct sockaddr *)&own, len);
}

bool
sockets_is_wildcard(const struct net_address *address)
{
	if (address->storage.ss_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, &address->storage, sizeof in6);
		return IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr);
	}
	struct sockaddr_in in4;
	memcpy(&in4, &address->storage, sizeof in4);
	return in4.sin_addr.s_addr == htonl(INADDR_ANY);
}
