/*
 * A small stub resolver. Layer 10; one thread.
 */
#include "cmd/lookup.h"

#include "base/check.h"
#include "dns/message.h"
#include "dns/rdata.h"
#include "sec/sec.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	RECORD_FIXED = 10, /* type, class, TTL, length */
	POINTER = 0xc0,
};

size_t
lookup_query(uint8_t *out, uint16_t id, const struct dname *name,
    uint16_t type)
{
	static const uint8_t opt[] = { 0, 0, TYPE_OPT, EDNS_UDP_SIZE >> 8,
		EDNS_UDP_SIZE & 0xff, 0, 0, 0, 0, 0, 0 };
	uint8_t *p = out + MESSAGE_HEADER;

	memset(out, 0, MESSAGE_HEADER); /* no RD: the server itself answers */
	put_u16(out, id);
	put_u16(out + 4, 1);
	put_u16(out + 10, 1);
	memcpy(p, name->bytes, name->len);
	p += name->len;
	put_u16(p, type);
	put_u16(p + 2, CLASS_IN);
	memcpy(p + 4, opt, sizeof opt);
	return (size_t)(p - out) + 4 + sizeof opt;
}

/* Behind an owner; message_parse has seen that it is sound. */
static void
skip_owner(struct reader *r)
{
	uint8_t len;

	while ((len = read_u8(r)) != 0 && len < POINTER)
		reader_take(r, len);
	if (len >= POINTER)
		read_u8(r);
}

static enum status
take_answers(struct lookup *out, const struct message *message)
{
	size_t start = MESSAGE_HEADER + message->qname_len + 4u;
	struct reader r = reader_make(message->bytes + start,
	    message->len - start);
	size_t used = 0;

	out->n = 0;
	for (uint16_t i = 0; i < message->counts[SECTION_ANSWER]; i++) {
		skip_owner(&r);
		uint16_t type = read_u16(&r);
		uint16_t class_ = read_u16(&r);
		(void)read_u32(&r);
		size_t len = read_u16(&r);
		const uint8_t *data = reader_take(&r, len);
		if (r.bad || out->n == RRSET_RECORDS_MAX)
			return ERR_MALFORMED;
		if (type != message->qtype || class_ != CLASS_IN)
			continue;
		size_t rdata_len = 0;
		enum status status = rdata_read(out->room + used,
		    sizeof out->room - used, &rdata_len, type, message->bytes,
		    message->len, (size_t)(data - message->bytes), len);
		if (status != OK)
			return ERR_MALFORMED;
		out->rdatas[out->n++] = (struct blob){ out->room + used,
			rdata_len };
		used += rdata_len;
	}
	return OK;
}

static bool
is_answer_to(const struct message *answer, const struct message *query)
{
	if (answer->id != query->id || (answer->flags & FLAG_QR) == 0 ||
	    answer->qname_len != query->qname_len ||
	    answer->qtype != query->qtype || answer->qclass != query->qclass)
		return false;
	for (size_t i = 0; i < query->qname_len; i++) {
		if (dns_lower(message_qname(answer)[i]) !=
		    dns_lower(message_qname(query)[i]))
			return false;
	}
	return true;
}

enum status
lookup_read(struct lookup *out, struct blob query, struct blob answer)
{
	struct message asked;
	struct message message;

	if (answer.len < MESSAGE_HEADER)
		return ERR_NOT_FOUND;
	enum status status = message_parse(&asked, query.data, query.len);
	ensure(status == OK);
	status = message_parse(&message, answer.data, answer.len);
	if (!is_answer_to(&message, &asked))
		return ERR_NOT_FOUND;
	if ((message.flags & FLAG_TC) != 0)
		return ERR_NO_ROOM;
	if (status != OK)
		return status;
	out->rcode = message.flags & FLAG_RCODE;
	return take_answers(out, &message);
}

/* ----------------------------------------------------------------- sockets */

/* A server that listens at all addresses is asked at the loopback one. */
static struct net_address
reachable(const struct net_address *server)
{
	struct net_address out = *server;

	if (out.storage.ss_family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)&out.storage;
		if (in->sin_addr.s_addr == htonl(INADDR_ANY))
			in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	} else {
		struct sockaddr_in6 *in = (struct sockaddr_in6 *)&out.storage;
		if (IN6_IS_ADDR_UNSPECIFIED(&in->sin6_addr))
			in->sin6_addr = in6addr_loopback;
	}
	return out;
}

static int
open_socket(const struct net_address *server, int type)
{
	const struct net_address address = reachable(server);
	const struct timeval limit = { .tv_sec = LOOKUP_TIMEOUT_MS / 1000,
		.tv_usec = LOOKUP_TIMEOUT_MS % 1000 * 1000 };
	int fd = socket(address.storage.ss_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) ==
	    0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
	    sizeof limit) == 0 && connect(fd,
	    (const struct sockaddr *)&address.storage, address.len) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Take datagrams until one is the answer. @return as lookup_read; ERR_IO
 * (nobody there), ERR_TIMED_OUT. */
static enum status
await(struct lookup *out, int fd, struct blob query)
{
	static uint8_t answer[NET_UDP_IN];

	for (;;) {
		ssize_t n = recv(fd, answer, sizeof answer, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? ERR_TIMED_OUT : ERR_IO;
		enum status status = lookup_read(out, query,
		    (struct blob){ answer, (size_t)n });
		if (status != ERR_NOT_FOUND)
			return status;
	}
}

static enum status
ask_udp(struct lookup *out, const struct net_address *server,
    struct blob query)
{
	int fd = open_socket(server, SOCK_DGRAM);
	enum status status = ERR_IO;

	if (fd < 0)
		return ERR_IO;
	for (int i = 0; i < LOOKUP_TRIES; i++) {
		if (send(fd, query.data, query.len, 0) < 0)
			status = ERR_IO;
		else
			status = await(out, fd, query);
		if (status != ERR_TIMED_OUT)
			break;
	}
	close(fd);
	return status;
}

/* Exactly len bytes. */
static bool
receive(int fd, uint8_t *out, size_t len)
{
	while (len > 0) {
		ssize_t n = recv(fd, out, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		out += n;
		len -= (size_t)n;
	}
	return true;
}

static enum status
ask_tcp(struct lookup *out, const struct net_address *server,
    struct blob query)
{
	static uint8_t answer[NET_TCP_MAX];
	uint8_t framed[2 + LOOKUP_QUERY_MAX];
	enum status status = ERR_IO;
	int fd = open_socket(server, SOCK_STREAM);

	if (fd < 0)
		return ERR_IO;
	put_u16(framed, (uint16_t)query.len);
	memcpy(framed + 2, query.data, query.len);
	uint8_t head[2];
	if (send(fd, framed, 2 + query.len, MSG_NOSIGNAL) ==
	    (ssize_t)(2 + query.len) && receive(fd, head, sizeof head)) {
		size_t len = (size_t)head[0] << 8 | head[1];
		if (receive(fd, answer, len))
			status = lookup_read(out, query,
			    (struct blob){ answer, len });
	}
	close(fd);
	return status;
}

enum status
lookup_ask(struct lookup *out, const struct net_address *server,
    const struct dname *name, uint16_t type, struct reason *reason)
{
	uint8_t bytes[LOOKUP_QUERY_MAX];
	char address[NET_ADDRESS_TEXT];
	uint16_t id;

	sec_random(&id, sizeof id);
	const struct blob query = { bytes, lookup_query(bytes, id, name,
	    type) };
	enum status status = ask_udp(out, server, query);
	if (status == ERR_NO_ROOM)
		status = ask_tcp(out, server, query);
	if (status == OK)
		return OK;
	net_address_format(address, sizeof address, server);
	if (status == ERR_TIMED_OUT || status == ERR_IO)
		reason_set(reason, "no answer from %s", address);
	else
		reason_set(reason, "%s gives an answer that cannot be read",
		    address);
	return status == ERR_NOT_FOUND || status == ERR_NO_ROOM ?
	    ERR_MALFORMED : status;
}
