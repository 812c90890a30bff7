/*
 * The TSIG keys in force, for those who check signatures: a table that does
 * not change once it is made. The engine makes a new one for each change and
 * publishes it with the image. Owns its memory and a hold on each key's MAC;
 * secrets themselves are not in it. Layer 2; made and destroyed by the engine
 * thread, read by any.
 *
 *	keyring -> [ key | key | key ... ]   pointers, sorted by name
 */
#ifndef REGISTRY_KEYRING_H
#define REGISTRY_KEYRING_H

#include "base/mac.h"
#include "dns/name.h"
#include "dns/tsig.h"
#include "registry/request.h"

#include <stddef.h>
#include <stdint.h>

struct keyring;

struct keyring_key {
	struct tsig_key tsig; /* name in lower case */
	uint32_t version;
	enum role role;
	char ocn[5]; /* carrier: 4 characters and NUL; else "" */
};

/*
 * A table to be filled: empty, or with the keys of another one.
 * @param mac lives longer than the table. @param from NULL: none.
 */
struct keyring *keyring_create(const struct mac_ops *mac,
    const struct keyring *from);

/* Release the keys and the memory. NULL is allowed. */
void keyring_destroy(struct keyring *keyring);

/*
 * Put a key into the table, in place of one of that name. Before the table is
 * published only.
 * @param key copied; takes its tsig.mac.
 */
void keyring_put(struct keyring *keyring, const struct keyring_key *key);

/* Take the key of this name out, if it is there. Before publication only. */
void keyring_drop(struct keyring *keyring, const struct dname *name);

/*
 * The key of this name, in any case.
 * @param keyring NULL: there are no keys.
 * @return NULL: none in force. Lives as long as the table.
 */
const struct keyring_key *keyring_find(const struct keyring *keyring,
    const struct dname *name);

/* Number of keys. NULL: 0. */
size_t keyring_count(const struct keyring *keyring);

/* Who acts with this key, for a request. */
void keyring_actor(struct actor *out, const struct keyring_key *key);

#endif
