/*
 * Encoding of who asks, the same in requests and changesets. Folder-private.
 *
 *	0  1  role, enum role
 *	1  1  length of the OCN, 4 for a carrier, else 0
 *	   n  OCN
 *	   1  length of the key name, 0 or 1..255
 *	   n  key name, uncompressed wire form
 *	   4  key version
 *	   1  length of the registrar's name, 0..63
 *	   n  registrar's name, printable ASCII without spaces
 *	   4  uid
 *
 * Layer 2; pure.
 */
#ifndef REGISTRY_ACTOR_H
#define REGISTRY_ACTOR_H

#include "base/bytes.h"
#include "registry/request.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	ACTOR_LEN_MIN = 1 + 1 + 1 + 4 + 1 + 4, /* bytes, all names empty */
};

/* Bytes of the encoding; the actor is one that actor_read would accept. */
size_t actor_len(const struct actor *actor);

/* Write it; an actor that actor_read would refuse is a bug of the caller. */
void actor_write(struct writer *w, const struct actor *actor);

/*
 * Read and check one.
 * @param out valid on true only. @return false: not well formed.
 */
bool actor_read(struct reader *r, struct actor *out);

#endif
