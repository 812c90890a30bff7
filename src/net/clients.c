/*
 * The table of clients: open addressing, linear probing, at most half full.
 * Layer 6; any thread.
 */
#include "net/clients.h"

#include "base/check.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { NETWORK_LEN = 8 }; /* bytes of an IPv6 address that tell a client */

struct slot {
	struct client_key key;
	unsigned n; /* connections; 0: the slot is free */
};

struct clients {
	pthread_mutex_t lock;
	unsigned max;
	unsigned per_address;
	unsigned open;
	size_t mask; /* slots - 1 */
	struct slot *slots;
};

/* For so many clients. @return their number, a power of two. */
static size_t
slots_for(unsigned max)
{
	size_t n_slots = 4;

	while (n_slots < 2 * (size_t)max)
		n_slots *= 2;
	return n_slots;
}

struct clients *
clients_create(unsigned max, unsigned per_address)
{
	require(max >= 1);
	struct clients *clients = calloc(1, sizeof *clients);
	if (clients == NULL)
		return NULL;
	clients->max = max;
	clients->per_address = per_address;
	clients->mask = slots_for(max) - 1;
	clients->slots = calloc(clients->mask + 1, sizeof clients->slots[0]);
	if (clients->slots == NULL) {
		free(clients);
		return NULL;
	}
	pthread_mutex_init(&clients->lock, NULL);
	return clients;
}

void
clients_destroy(struct clients *clients)
{
	if (clients == NULL)
		return;
	pthread_mutex_destroy(&clients->lock);
	free(clients->slots);
	free(clients);
}

struct client_key
client_key_of(const struct sockaddr_storage *address)
{
	struct client_key key = { { 0 } };

	if (address->ss_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, address, sizeof in6);
		memcpy(key.bytes, &in6.sin6_addr, NETWORK_LEN);
	} else if (address->ss_family == AF_INET) {
		struct sockaddr_in in4;
		memcpy(&in4, address, sizeof in4);
		/* Bytes that no IPv6 network's key has. */
		memset(key.bytes + NETWORK_LEN, 0xff, 4);
		memcpy(key.bytes + NETWORK_LEN + 4, &in4.sin_addr, 4);
	}
	return key;
}

static size_t
home(const struct clients *clients, const struct client_key *key)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a: at most half full anyway */

	for (size_t i = 0; i < sizeof key->bytes; i++)
		h = (h ^ key->bytes[i]) * 0x100000001b3u;
	return (size_t)(h >> 16) & clients->mask;
}

/* The key's slot, or the free one where it would go. */
static size_t
find(const struct clients *clients, const struct client_key *key)
{
	size_t i = home(clients, key);

	while (clients->slots[i].n > 0 &&
	    memcmp(&clients->slots[i].key, key, sizeof *key) != 0)
		i = (i + 1) & clients->mask;
	return i;
}

enum status
clients_limit(struct clients *clients, unsigned max, unsigned per_address)
{
	require(max >= 1);
	pthread_mutex_lock(&clients->lock);
	/* who is there has room in any case */
	size_t n_slots = slots_for(max > clients->open ? max : clients->open);
	struct slot *old = clients->slots;
	size_t n_old = clients->mask + 1;
	struct slot *slots = calloc(n_slots, sizeof slots[0]);
	if (slots != NULL) {
		clients->max = max;
		clients->per_address = per_address;
		clients->slots = slots;
		clients->mask = n_slots - 1;
		for (size_t i = 0; i < n_old; i++) {
			if (old[i].n > 0)
				slots[find(clients, &old[i].key)] = old[i];
		}
		free(old);
	}
	pthread_mutex_unlock(&clients->lock);
	return slots != NULL ? OK : ERR_FULL;
}

enum status
clients_enter(struct clients *clients, const struct client_key *key)
{
	enum status status = OK;

	pthread_mutex_lock(&clients->lock);
	struct slot *slot = &clients->slots[find(clients, key)];
	if (clients->per_address > 0 && slot->n >= clients->per_address) {
		status = ERR_REFUSED;
	} else if (clients->open >= clients->max) {
		status = ERR_FULL;
	} else {
		slot->key = *key;
		slot->n++;
		clients->open++;
	}
	pthread_mutex_unlock(&clients->lock);
	return status;
}

/* Close the gap at i: move back what only stands behind it by probing. */
static void
close_gap(struct clients *clients, size_t i)
{
	size_t mask = clients->mask;

	for (size_t j = (i + 1) & mask; clients->slots[j].n > 0;
	     j = (j + 1) & mask) {
		size_t from_home = (j - home(clients, &clients->slots[j].key)) &
		    mask;
		if (from_home < ((j - i) & mask))
			continue;
		clients->slots[i] = clients->slots[j];
		clients->slots[j].n = 0;
		i = j;
	}
}

void
clients_leave(struct clients *clients, const struct client_key *key)
{
	pthread_mutex_lock(&clients->lock);
	size_t i = find(clients, key);
	require(clients->slots[i].n > 0);
	clients->open--;
	if (--clients->slots[i].n == 0)
		close_gap(clients, i);
	pthread_mutex_unlock(&clients->lock);
}

unsigned
clients_open(struct clients *clients)
{
	pthread_mutex_lock(&clients->lock);
	unsigned open = clients->open;
	pthread_mutex_unlock(&clients->lock);
	return open;
}

unsigned
clients_held(struct clients *clients, const struct client_key *key)
{
	pthread_mutex_lock(&clients->lock);
	unsigned held = clients->slots[find(clients, key)].n;
	pthread_mutex_unlock(&clients->lock);
	return held;
}
