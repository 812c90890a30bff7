/*
 * Addresses as settings and logs write them: "127.0.0.1@5300", "::1@5300".
 * Numbers only, no look-up of names. Layer 6; any thread.
 */
#include "net/net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { PORT_MAX = 65535, PORT_DIGITS_MAX = 5 };

/* 1..65535 in plain digits; 0: not a port. */
static uint16_t
parse_port(const char *text)
{
	unsigned port = 0;
	size_t n = 0;

	for (; text[n] >= '0' && text[n] <= '9' && n < PORT_DIGITS_MAX; n++)
		port = port * 10 + (unsigned)(text[n] - '0');
	if (n == 0 || text[n] != '\0' || port > PORT_MAX)
		return 0;
	return (uint16_t)port;
}

enum status
net_address_parse(struct net_address *out, const char *text,
    struct reason *reason)
{
	struct net_address address = { .len = 0 };
	char host[INET6_ADDRSTRLEN];
	const char *at = strrchr(text, '@');

	if (at == NULL) {
		reason_set(reason, "\"%s\": port is missing, write it as "
		    "127.0.0.1@5300 or ::1@5300", text);
		return ERR_MALFORMED;
	}
	uint16_t port = parse_port(at + 1);
	if (port == 0) {
		reason_set(reason, "\"%s\": the port must be 1 to 65535", text);
		return ERR_MALFORMED;
	}
	size_t len = (size_t)(at - text);
	if (len < sizeof host) {
		memcpy(host, text, len);
		host[len] = '\0';
		struct sockaddr_in in4 = { .sin_family = AF_INET,
			.sin_port = htons(port) };
		struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
			.sin6_port = htons(port) };
		if (inet_pton(AF_INET, host, &in4.sin_addr) == 1) {
			memcpy(&address.storage, &in4, sizeof in4);
			address.len = sizeof in4;
		} else if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1) {
			memcpy(&address.storage, &in6, sizeof in6);
			address.len = sizeof in6;
		}
	}
	if (address.len == 0) {
		reason_set(reason, "\"%s\": not an IPv4 or IPv6 address", text);
		return ERR_MALFORMED;
	}
	*out = address;
	return OK;
}

char *
net_address_format(char *out, size_t cap, const struct net_address *address)
{
	char host[INET6_ADDRSTRLEN] = "?";
	unsigned port = 0;

	if (address->storage.ss_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, &address->storage, sizeof in6);
		inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof host);
		port = ntohs(in6.sin6_port);
	} else if (address->storage.ss_family == AF_INET) {
		struct sockaddr_in in4;
		memcpy(&in4, &address->storage, sizeof in4);
		inet_ntop(AF_INET, &in4.sin_addr, host, sizeof host);
		port = ntohs(in4.sin_port);
	}
	snprintf(out, cap, "%s@%u", host, port);
	return out;
}

bool
net_address_equal(const struct net_address *a, const struct net_address *b)
{
	char text[2][NET_ADDRESS_TEXT];

	return strcmp(net_address_format(text[0], sizeof text[0], a),
	    net_address_format(text[1], sizeof text[1], b)) == 0;
}
