/*
 * Key records into keyrings: unsealed, made ready, put in place. A key that is
 * revoked, or that this registrar cannot or must not use, is in no keyring, so
 * that those who use it are told BADKEY. Layer 8; the engine thread.
 */
#include "engine/key_table.h"

#include "base/check.h"
#include "registry/key.h"
#include "sec/mac.h"
#include "sec/sec.h"
#include "sys/log.h"

#include <stdlib.h>
#include <string.h>

struct old_keyring {
	struct keyring *keyring;
	uint64_t slot; /* that has replaced it */
	struct old_keyring *next;
};

/* Words about a key that is not usable. */
static void
warn(const struct dname *name, const char *why)
{
	char text[NAME_TEXT_MAX];

	const struct log_field fields[] = {
		log_text("key", dname_format(text, sizeof text, name)),
		log_text("reason", why) };
	log_event(LOG_KEY_UNUSABLE, LOG_FIELDS(fields));
}

/* The secret of a record in force. @return its length; 0: not usable. */
static size_t
open_secret(const struct key_table *table, const struct dname *name,
    const struct key_record *key, uint8_t secret[KEY_SEALED_MAX])
{
	if (key->algorithm == MAC_SHA1 && !table->is_sha1_allowed) {
		warn(name, "is a key for hmac-sha1, which the settings do not "
		    "allow: it is not used");
		return 0;
	}
	if (key->sealed.len <= SEAL_EXTRA ||
	    secret_open(secret, key->sealed.data, key->sealed.len,
		table->secrets) != OK) {
		warn(name, "was not sealed with this group's secrets: it is "
		    "not used; put back the right secrets file, or revoke "
		    "the key and make another");
		return 0;
	}
	return key->sealed.len - SEAL_EXTRA;
}

/* What the records at a key's name say, into a keyring. */
static void
take(const struct key_table *table, struct keyring *keyring,
    struct blob owner, struct blob rrsets)
{
	struct keyring_key entry = { .version = 0 };
	struct key_record key;
	uint8_t secret[KEY_SEALED_MAX];

	if (!key_name(&entry.tsig.name, owner))
		return;
	keyring_drop(keyring, &entry.tsig.name);
	enum status status = key_read(&key, rrsets);
	if (status != OK && status != ERR_NOT_FOUND)
		warn(&entry.tsig.name, "has no key record that can be read: "
		    "it is not used");
	if (status != OK || key.state != KEY_IN_FORCE)
		return;
	size_t len = open_secret(table, &entry.tsig.name, &key, secret);
	if (len == 0)
		return;
	entry.version = key.version;
	entry.role = key.role;
	memcpy(entry.ocn, key.ocn, sizeof entry.ocn);
	entry.tsig.algorithm = key.algorithm;
	entry.tsig.mac = mac_ops_openssl.prepare(key.algorithm, secret, len);
	sec_wipe(secret, sizeof secret);
	keyring_put(keyring, &entry);
}

static enum status
take_node(void *arg, struct blob owner, const struct node *node)
{
	const struct key_table *table = arg;

	take(table, table->keyring, owner, node->rrsets);
	return OK;
}

enum status
key_table_load(struct key_table *table, struct store *store, uint64_t slot,
    struct reason *reason)
{
	require(table->keyring == NULL);
	store_wait(store, slot);
	table->keyring = keyring_create(&mac_ops_openssl, NULL);
	return store_walk(store, key_top(), take_node, table, reason);
}

static void
replace(struct key_table *table, struct keyring *keyring, uint64_t slot)
{
	struct old_keyring *old = calloc(1, sizeof *old);

	if (old == NULL)
		check_fail("memory", "key table", __FILE__, __LINE__);
	old->keyring = table->keyring;
	old->slot = slot;
	old->next = table->old;
	table->old = old;
	table->keyring = keyring;
}

void
key_table_follow(struct key_table *table, const struct part *parts,
    size_t n_parts, const struct overlay *overlay, uint64_t slot)
{
	struct keyring *keyring = NULL;
	struct node node;

	if (table->keyring == NULL)
		return;
	for (size_t i = 0; i < n_parts; i++) {
		for (size_t k = 0; k < parts[i].n_changes; k++) {
			struct blob owner = parts[i].changes[k].owner;
			if (!owner_is_at_or_below(owner, key_top()))
				continue;
			ensure(overlay_get(overlay, owner, &node));
			if (keyring == NULL)
				keyring = keyring_create(&mac_ops_openssl,
				    table->keyring);
			take(table, keyring, owner, node.rrsets);
		}
	}
	if (keyring != NULL)
		replace(table, keyring, slot);
}

void
key_table_release(struct key_table *table, uint64_t oldest)
{
	struct old_keyring **at = &table->old;

	while (*at != NULL && (*at)->slot > oldest)
		at = &(*at)->next;
	while (*at != NULL) {
		struct old_keyring *old = *at;
		*at = old->next;
		keyring_destroy(old->keyring);
		free(old);
	}
}

void
key_table_fini(struct key_table *table)
{
	key_table_release(table, UINT64_MAX);
	keyring_destroy(table->keyring);
	table->keyring = NULL;
}
