/*
 * The UDP loop. Everything it touches was laid out at start: a message, its
 * answer, the peer's address and the control data that names our own address
 * (RFC 1122 4.1.3.5: the answer comes from where the query went). The same
 * control data comes in and goes out. Layer 6; the query thread.
 */
#include "net/udp.h"

#include "base/check.h"
#include "net/ticket.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Odd multiple of a cache line, so that neighbours do not fall into
	 * the same lines of the first-level cache. */
	STRIDE_PAD = 64,
};

_Static_assert(CMSG_SPACE(sizeof(struct in6_pktinfo)) <= UDP_CONTROL_CAP,
    "control data of IPv6");
_Static_assert(CMSG_SPACE(sizeof(struct in_pktinfo)) <= UDP_CONTROL_CAP,
    "control data of IPv4");

/* What one message needs. */
struct cell {
	uint8_t in[NET_UDP_IN + STRIDE_PAD];
	uint8_t out[NET_UDP_ROOM + STRIDE_PAD];
};

struct control {
	_Alignas(struct cmsghdr) uint8_t bytes[UDP_CONTROL_CAP];
};

struct udp {
	const struct net_service *service;
	struct udp_counters *counters;
	struct tickets *tickets;
	unsigned n_later; /* answers that wait for udp_flush */
	int later_fd;     /* where they go */
	struct mmsghdr in[UDP_BATCH];
	struct mmsghdr out[UDP_BATCH];
	struct iovec in_iov[UDP_BATCH];
	struct iovec out_iov[UDP_BATCH];
	struct sockaddr_storage names[UDP_BATCH];
	struct control control[UDP_BATCH];
	struct cell cells[UDP_BATCH];
};

struct udp *
udp_create(const struct net_service *service, struct udp_counters *counters)
{
	struct udp *udp = calloc(1, sizeof *udp);

	if (udp == NULL)
		return NULL;
	udp->service = service;
	udp->counters = counters;
	for (unsigned i = 0; i < UDP_BATCH; i++) {
		struct msghdr *in = &udp->in[i].msg_hdr;
		udp->in_iov[i].iov_base = udp->cells[i].in;
		udp->in_iov[i].iov_len = NET_UDP_IN;
		in->msg_iov = &udp->in_iov[i];
		in->msg_iovlen = 1;
		in->msg_name = &udp->names[i];
		in->msg_namelen = sizeof udp->names[i];
		in->msg_control = &udp->control[i];
		in->msg_controllen = sizeof udp->control[i];
		udp->out[i].msg_hdr.msg_iov = &udp->out_iov[i];
		udp->out[i].msg_hdr.msg_iovlen = 1;
	}
	return udp;
}

void
udp_destroy(struct udp *udp)
{
	free(udp);
}

/* @return messages received; 0: no more for now. */
static unsigned
receive(struct udp *udp, int fd)
{
	int n;

	do
		n = recvmmsg(fd, udp->in, UDP_BATCH, MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	return n > 0 ? (unsigned)n : 0;
}

/* Our own address is chosen by what came in; the interface is the routing
 * table's business, but for link-local addresses. */
static void
aim_source(struct msghdr *header)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(header);

	if (c == NULL)
		return;
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo info;
		memcpy(&info, CMSG_DATA(c), sizeof info);
		info.ipi_ifindex = 0;
		info.ipi_spec_dst = info.ipi_addr;
		memcpy(CMSG_DATA(c), &info, sizeof info);
	} else if (c->cmsg_level == IPPROTO_IPV6 &&
	    c->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo info;
		memcpy(&info, CMSG_DATA(c), sizeof info);
		if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
			info.ipi6_ifindex = 0;
		memcpy(CMSG_DATA(c), &info, sizeof info);
	}
}

/* Answer n messages. @return how many answers there are to send. */
static unsigned
answer(struct udp *udp, void *thread_arg, int fd, unsigned n)
{
	const struct net_service *service = udp->service;
	struct net_origin origin = { .transport = NET_UDP,
		.tickets = udp->tickets, .fd = fd };
	unsigned n_out = 0;

	service->batch_begin(thread_arg);
	for (unsigned i = 0; i < n; i++) {
		struct msghdr *in = &udp->in[i].msg_hdr;
		origin.header = in;
		size_t len = service->answer(thread_arg, &origin,
		    udp->cells[i].in, udp->in[i].msg_len, udp->cells[i].out,
		    NET_UDP_ROOM);
		if (len > 0) {
			struct msghdr *out = &udp->out[n_out].msg_hdr;
			udp->out_iov[n_out].iov_base = udp->cells[i].out;
			udp->out_iov[n_out].iov_len = len;
			aim_source(in);
			out->msg_name = in->msg_name;
			out->msg_namelen = in->msg_namelen;
			out->msg_control =
			    in->msg_controllen > 0 ? in->msg_control : NULL;
			out->msg_controllen = in->msg_controllen;
			n_out++;
		}
		in->msg_namelen = sizeof udp->names[i];
		in->msg_controllen = sizeof udp->control[i];
	}
	service->batch_end(thread_arg);
	return n_out;
}

static void
send_all(struct udp *udp, int fd, unsigned n)
{
	unsigned sent = 0;
	unsigned dropped = 0;

	while (sent + dropped < n) {
		unsigned at = sent + dropped;
		int k = sendmmsg(fd, udp->out + at, n - at, MSG_DONTWAIT);
		if (k > 0)
			sent += (unsigned)k;
		else if (k < 0 && errno == EINTR)
			continue;
		else /* this one cannot go; the next may be for another */
			dropped++;
	}
	counter_add(&udp->counters->sent, sent);
	counter_add(&udp->counters->dropped, dropped);
}

void
udp_give_tickets(struct udp *udp, struct tickets *tickets)
{
	udp->tickets = tickets;
}

void
udp_target_set(struct udp_target *target, int fd, const struct msghdr *header)
{
	*target = (struct udp_target){ .fd = fd,
		.name_len = header->msg_namelen };
	memcpy(&target->name, header->msg_name, header->msg_namelen);
	if (header->msg_controllen == 0)
		return;
	struct msghdr aimed = *header;
	target->control_len = header->msg_controllen;
	memcpy(target->control, header->msg_control, target->control_len);
	aimed.msg_control = target->control;
	aim_source(&aimed);
}

bool
udp_arrived_at(struct sockaddr_storage *out, const struct msghdr *header)
{
	struct msghdr copy = *header;
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct in_pktinfo info4;
	struct in6_pktinfo info6;

	struct cmsghdr *c = CMSG_FIRSTHDR(&copy);
	if (c == NULL)
		return false;
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		memcpy(&info4, CMSG_DATA(c), sizeof info4);
		in4.sin_addr = info4.ipi_addr;
		memcpy(out, &in4, sizeof in4);
		return true;
	}
	if (c->cmsg_level != IPPROTO_IPV6 || c->cmsg_type != IPV6_PKTINFO)
		return false;
	memcpy(&info6, CMSG_DATA(c), sizeof info6);
	in6.sin6_addr = info6.ipi6_addr;
	memcpy(out, &in6, sizeof in6);
	return true;
}

void
udp_flush(struct udp *udp)
{
	unsigned n = udp->n_later;

	udp->n_later = 0;
	if (n > 0)
		send_all(udp, udp->later_fd, n);
}

void
udp_send_later(struct udp *udp, const struct udp_target *target,
    const uint8_t *out, size_t len)
{
	require(len <= NET_UDP_ROOM);
	if (udp->n_later == UDP_BATCH || udp->later_fd != target->fd)
		udp_flush(udp);
	unsigned i = udp->n_later++;
	struct msghdr *header = &udp->out[i].msg_hdr;
	udp->later_fd = target->fd;
	memcpy(udp->cells[i].out, out, len);
	udp->out_iov[i].iov_base = udp->cells[i].out;
	udp->out_iov[i].iov_len = len;
	memcpy(&udp->names[i], &target->name, target->name_len);
	header->msg_name = &udp->names[i];
	header->msg_namelen = target->name_len;
	header->msg_control = NULL;
	header->msg_controllen = target->control_len;
	if (target->control_len == 0)
		return;
	memcpy(udp->control[i].bytes, target->control, target->control_len);
	header->msg_control = udp->control[i].bytes;
}

bool
udp_turn(struct udp *udp, void *thread_arg, int fd)
{
	for (unsigned round = 0; round < UDP_ROUNDS; round++) {
		unsigned n = receive(udp, fd);
		if (n == 0)
			return false;
		counter_add(&udp->counters->received, n);
		send_all(udp, fd, answer(udp, thread_arg, fd, n));
	}
	return true;
}
