/*
 * The keyring that goes with the applied state: loaded from the store at the
 * start, then following the slots. A keyring that was replaced is kept until
 * nobody reads the versions before its replacement. Layer 8; the engine
 * thread.
 */
#ifndef ENGINE_KEY_TABLE_H
#define ENGINE_KEY_TABLE_H

#include "base/reason.h"
#include "base/status.h"
#include "engine/overlay.h"
#include "registry/changeset.h"
#include "registry/keyring.h"
#include "sec/seal.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct old_keyring;

struct key_table {
	struct keyring *keyring; /* NULL: not loaded yet */
	struct old_keyring *old; /* replaced, newest first */
	const struct group_secrets *secrets;
	bool is_sha1_allowed;
};

/*
 * Make the keyring from the store, which has everything up to `slot` or will
 * have it soon. A key that cannot be used is left out with a line in the log.
 * @param table secrets and is_sha1_allowed are set; the rest is zero.
 * @return OK; ERR_IO, ERR_DAMAGED with reason.
 */
MUST_CHECK enum status key_table_load(struct key_table *table,
    struct store *store, uint64_t slot, struct reason *reason);

/*
 * Follow a slot: where its parts change key records there is a new keyring.
 * @param overlay what the slot leaves at private names. @param slot its number.
 */
void key_table_follow(struct key_table *table, const struct part *parts,
    size_t n_parts, const struct overlay *overlay, uint64_t slot);

/* Destroy what was replaced at this slot or before. @param oldest slot of the
 * oldest version that anybody may still read. */
void key_table_release(struct key_table *table, uint64_t oldest);

/* Destroy everything; nobody reads any more. */
void key_table_fini(struct key_table *table);

#endif
