/*
 * The published version of the image: one pointer, readers by liburcu's QSBR,
 * and pins for those who need a version for longer than a batch of queries.
 * The only atomics of the program are here. Layer 9.
 *
 *	engine thread: publish_set -> readers see it from their next batch on
 *	grace period over (call_rcu) and no pin below -> publish_oldest rises
 */
#ifndef SERVER_PUBLISH_H
#define SERVER_PUBLISH_H

#include "image/image.h"

#include <stdint.h>

struct publish;

/* Without a version yet. @return NULL without memory. */
struct publish *publish_create(void);

/* All readers have unregistered, all pins are gone. */
void publish_destroy(struct publish *publish);

/* Make a version the one that is read. Thread: the engine's. */
void publish_set(struct publish *publish,
    const struct image_version *version);

/* Slot of the oldest version that anybody may still read. Thread: the
 * engine's. */
uint64_t publish_oldest(struct publish *publish);

/* A version that stays until unpin; NULL before the first publish_set. Any
 * thread, registered or not. */
const struct image_version *publish_pin(struct publish *publish);
void publish_unpin(struct publish *publish,
    const struct image_version *version);

/* A reading thread registers, says when it sleeps, and leaves. */
void publish_register(void);
void publish_unregister(void);
void publish_sleep(void);
void publish_wake(void);

/* The published version, valid until publish_release of the same thread. */
const struct image_version *publish_acquire(struct publish *publish);
void publish_release(void);

#endif
