/*
 * A sorted table of keys in an arena of its own. Layer 2; the engine thread
 * until it is published, then any reads it.
 */
#include "registry/keyring.h"

#include "base/arena.h"

#include <string.h>

enum { KEYRING_FIRST = 16 }; /* room of a new table, in keys */

struct keyring {
	struct arena arena; /* holds this struct too */
	const struct mac_ops *mac;
	struct keyring_key **keys; /* sorted by name */
	size_t n;
	size_t room;
};

/* Any order will do that ignores case: by length, then by bytes. */
static int
compare(const struct dname *a, const struct dname *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	for (size_t i = 0; i < a->len; i++) {
		uint8_t x = dns_lower(a->bytes[i]);
		uint8_t y = dns_lower(b->bytes[i]);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

/* Where the name is or belongs. @return true: it is there. */
static bool
search(const struct keyring *keyring, const struct dname *name, size_t *at)
{
	size_t low = 0;
	size_t high = keyring->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(name, &keyring->keys[middle]->tsig.name);
		if (order == 0) {
			*at = middle;
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*at = low;
	return false;
}

static void
grow(struct keyring *keyring, size_t room)
{
	struct keyring_key **keys = arena_alloc(&keyring->arena,
	    room * sizeof *keys);

	if (keyring->n > 0)
		memcpy(keys, keyring->keys, keyring->n * sizeof *keys);
	keyring->keys = keys;
	keyring->room = room;
}

struct keyring *
keyring_create(const struct mac_ops *mac, const struct keyring *from)
{
	struct arena arena;

	arena_init(&arena);
	struct keyring *keyring = arena_alloc(&arena, sizeof *keyring);
	keyring->arena = arena;
	keyring->mac = mac;
	size_t n = keyring_count(from);
	grow(keyring, n + KEYRING_FIRST);
	for (size_t i = 0; i < n; i++) {
		struct keyring_key *key = arena_copy(&keyring->arena,
		    from->keys[i], sizeof *key);
		key->tsig.mac = mac->hold(key->tsig.mac);
		keyring->keys[i] = key;
	}
	keyring->n = n;
	return keyring;
}

void
keyring_destroy(struct keyring *keyring)
{
	if (keyring == NULL)
		return;
	for (size_t i = 0; i < keyring->n; i++)
		keyring->mac->release(keyring->keys[i]->tsig.mac);
	struct arena arena = keyring->arena;
	arena_fini(&arena); /* keyring lies in it */
}

void
keyring_put(struct keyring *keyring, const struct keyring_key *key)
{
	size_t at;

	struct keyring_key *copy = arena_copy(&keyring->arena, key,
	    sizeof *key);
	for (size_t i = 0; i < copy->tsig.name.len; i++)
		copy->tsig.name.bytes[i] = dns_lower(key->tsig.name.bytes[i]);
	if (search(keyring, &key->tsig.name, &at)) {
		keyring->mac->release(keyring->keys[at]->tsig.mac);
		keyring->keys[at] = copy;
		return;
	}
	if (keyring->n == keyring->room)
		grow(keyring, keyring->room * 2);
	memmove(&keyring->keys[at + 1], &keyring->keys[at],
	    (keyring->n - at) * sizeof *keyring->keys);
	keyring->keys[at] = copy;
	keyring->n++;
}

void
keyring_drop(struct keyring *keyring, const struct dname *name)
{
	size_t at;

	if (!search(keyring, name, &at))
		return;
	keyring->mac->release(keyring->keys[at]->tsig.mac);
	keyring->n--;
	memmove(&keyring->keys[at], &keyring->keys[at + 1],
	    (keyring->n - at) * sizeof *keyring->keys);
}

const struct keyring_key *
keyring_find(const struct keyring *keyring, const struct dname *name)
{
	size_t at;

	if (keyring == NULL || !search(keyring, name, &at))
		return NULL;
	return keyring->keys[at];
}

size_t
keyring_count(const struct keyring *keyring)
{
	return keyring == NULL ? 0 : keyring->n;
}

void
keyring_actor(struct actor *out, const struct keyring_key *key)
{
	*out = (struct actor){
		.role = key->role,
		.key = key->tsig.name,
		.key_version = key->version,
	};
	memcpy(out->ocn, key->ocn, sizeof out->ocn);
}
