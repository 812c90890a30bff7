/*
 * Who is connected: how many TCP connections in all and of each address, held
 * against the limits. One table for all query threads, under a lock that is
 * taken when a connection comes or goes, not for queries. IPv6 clients count
 * by their /64, which is what one of them has. Layer 6; any thread.
 */
#ifndef NET_CLIENTS_H
#define NET_CLIENTS_H

#include "base/status.h"

#include <stdint.h>
#include <sys/socket.h>

struct clients;

/* What counts as one client. */
struct client_key {
	uint8_t bytes[16];
};

/*
 * Make a table.
 * @param max connections in all, at least 1.
 * @param per_address connections of one client; 0: no limit.
 * @return to be given to clients_destroy; NULL: no memory.
 */
struct clients *clients_create(unsigned max, unsigned per_address);
/*
 * Other limits from now on; who is there may stay.
 * @return OK; ERR_FULL (no memory), nothing has changed.
 */
MUST_CHECK enum status clients_limit(struct clients *clients, unsigned max,
    unsigned per_address);
void clients_destroy(struct clients *clients);

/* The key of a peer's address. */
struct client_key client_key_of(const struct sockaddr_storage *address);

/*
 * Count a new connection.
 * @return OK; ERR_FULL: as many as there may be in all; ERR_REFUSED: as many
 * as this client may have.
 */
MUST_CHECK enum status clients_enter(struct clients *clients,
    const struct client_key *key);

/* A connection that entered is gone. */
void clients_leave(struct clients *clients, const struct client_key *key);

/* Connections that there are. */
unsigned clients_open(struct clients *clients);

/* Connections of one client. */
unsigned clients_held(struct clients *clients, const struct client_key *key);

#endif
