/*
 * The published version of the image and the keys in force with it: two
 * pointers, readers that say when they are quiescent (QSBR), and pins for those
 * who need a version for longer than a batch of queries. The only atomics of
 * the program, counters apart, are here and in sec/mac.c. Layer 10.
 *
 *	engine thread   publish_set: current = version of slot s
 *	reader          between two batches: seen = slot of current
 *	                asleep: seen = for ever
 *	engine thread   publish_oldest = lowest of all seen and pinned slots
 *
 * A reader only ever uses versions at or above its seen slot. Plain C11
 * atomics and not liburcu, so that ThreadSanitizer can follow them.
 */
#ifndef SERVER_PUBLISH_H
#define SERVER_PUBLISH_H

#include "image/image.h"
#include "registry/keyring.h"

#include <stdint.h>

struct publish;

/* Without a version yet. @return NULL without memory. */
struct publish *publish_create(void);

/* All readers have unregistered, all pins are gone. */
void publish_destroy(struct publish *publish);

/* Make a version the one that is read, and the keys that are in force with it.
 * A keyring that this replaces may still be read while publish_oldest is below
 * the slot of version. Thread: the engine's. */
void publish_set(struct publish *publish,
    const struct image_version *version, const struct keyring *keyring);

/* Slot of the oldest version that anybody may still read. Thread: the
 * engine's. */
uint64_t publish_oldest(struct publish *publish);

/* A version that stays until unpin; NULL before the first publish_set. Any
 * thread, registered or not. */
const struct image_version *publish_pin(struct publish *publish);
void publish_unpin(struct publish *publish,
    const struct image_version *version);

enum { PUBLISH_READERS_MAX = 256 }; /* reading threads */

struct publish_reader;

/* A reading thread registers, awake. NULL: there are too many. */
struct publish_reader *publish_register(struct publish *publish);
void publish_unregister(struct publish_reader *reader);

/* The thread sleeps, and so holds nothing up; the thread is awake again. */
void publish_sleep(struct publish_reader *reader);
void publish_wake(struct publish_reader *reader);

/* The published version (NULL: none yet), valid until publish_release. */
const struct image_version *publish_acquire(struct publish_reader *reader);
void publish_release(struct publish_reader *reader);

/* The keys in force with the published version or a later one (NULL: none
 * yet). Between publish_acquire and publish_release. */
const struct keyring *publish_keyring(struct publish_reader *reader);

#endif
