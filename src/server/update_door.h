/*
 * The door of DNS UPDATE: checks the signature, makes a request of the
 * message, hands it to the writer thread and answers when its slot is chosen.
 * One for each query thread. Refuses at once what no state could make good.
 * RFC 2136, RFC 8945 5.2. Layer 10; the query thread, but for what submit
 * calls.
 *
 *	query thread                                   writer thread
 *	update_door_take: parse, TSIG, update_read
 *	    net_defer, submit ---------------------->  judge, slot durable
 *	              '--> server/pin_pool.h ---^
 *	resume (server/later.h) <-- net_post --------  done
 *	    reply, sign, net_reply
 */
#ifndef SERVER_UPDATE_DOOR_H
#define SERVER_UPDATE_DOOR_H

#include "base/hash.h"
#include "dns/tsig.h"
#include "engine/access.h"
#include "net/net.h"
#include "registry/keyring.h"

#include <stddef.h>
#include <stdint.h>

enum {
	UPDATE_HELD_MS = 1500, /* then SERVFAIL: clients give up at 2 s */
	/* bytes of all requests of a thread that are on their way */
	UPDATE_BYTES_MAX = 64 * 1024 * 1024,
};

/* Made once, read by all query threads. */
struct update_env {
	struct dname apex;
	struct tsig_env tsig;
	const struct hash_ops *hash;
	void *arg;
	/* As engine_access.submit. */
	void (*submit)(void *arg, struct submission *submission);
	struct pin_pool *pins; /* where PINs are checked; NULL: nowhere */
};

struct pin_pool;
struct update_door;

/* @param env lives longer than the door. @return never NULL. */
struct update_door *update_door_create(const struct update_env *env);

/* Nothing may be on its way. NULL is allowed. */
void update_door_destroy(struct update_door *door);

/*
 * One message of opcode UPDATE.
 * @param keyring the keys in force; NULL: none.
 * @param in in_len bytes. @param out cap bytes, at least UPDATE_REPLY_MAX.
 * @return bytes of an answer that is known already; 0: it comes later, or the
 * message is none to be answered.
 */
size_t update_door_take(struct update_door *door,
    const struct keyring *keyring, const struct net_origin *origin,
    const uint8_t *in, size_t in_len, uint8_t *out, size_t cap);

/* Answer what has been held for too long. Often, while there are tickets. */
void update_door_tick(struct update_door *door);

/* Counters since the start; any thread. */
struct update_counters {
#define UPDATE_COUNTER(name, text) uint64_t name;
#include "server/update.def"
#undef UPDATE_COUNTER
};

/* Add a door's counters to *sum. */
void update_door_count(const struct update_door *door,
    struct update_counters *sum);

#endif
