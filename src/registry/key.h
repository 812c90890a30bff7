/*
 * Key records: the TSIG keys of administrators, in the state, at private names
 * (<key name> seen from the root) below _key._registry. A revoked key stays as
 * a tombstone with its version, so that no version is ever in force twice; a
 * new secret is a new version.
 * The secret is sealed with the group's key (sec/seal.h); this layer never
 * sees it in the clear. Layer 2; any thread.
 *
 *	 0  1  layout, 1
 *	 1  4  version, 1..
 *	 5  1  state, enum key_state
 *	 6  1  role, enum role
 *	 7  1  algorithm, enum mac_algorithm
 *	 8  4  OCN of a carrier's key, else zeroes
 *	12  8  time made, ms since 1970
 *	20  2  length of the sealed secret, 0 when revoked
 *	22  n  sealed secret
 */
#ifndef REGISTRY_KEY_H
#define REGISTRY_KEY_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/mac.h"
#include "base/status.h"
#include "dns/name.h"
#include "registry/request.h"
#include "registry/rrset.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	TYPE_KEY_RECORD = 65280,  /* private use, RFC 6895 3.1 */
	KEY_SEALED_MAX = 128,     /* bytes */
	KEY_RDATA_MAX = 22 + KEY_SEALED_MAX,
};

enum key_state {
	KEY_IN_FORCE = 1,
	KEY_REVOKED = 2,
};

struct key_record {
	uint32_t version;
	enum key_state state;
	enum role role;
	enum mac_algorithm algorithm;
	char ocn[5]; /* carrier: 4 characters and NUL; else "" */
	uint64_t made_ms;
	struct blob sealed; /* points into the rdata it was read from */
};

/*
 * Owner of a key's record. @param name as in TSIG, case does not matter.
 * @return OK; ERR_TOO_LONG (about 240 bytes fit); ERR_BAD_VALUE for the root.
 */
MUST_CHECK enum status key_owner(struct owner *out, const struct dname *name);

/*
 * The key name of an owner that key_owner made.
 * @return false if it is not below _key._registry.
 */
bool key_name(struct dname *out, struct blob owner);

/* All key records are below this owner. */
struct blob key_top(void);

/*
 * Encode. @param out KEY_RDATA_MAX bytes. @return length; a record that
 * key_decode would refuse is a bug of the caller.
 */
size_t key_encode(uint8_t *out, const struct key_record *key);

/*
 * Decode and check foreign bytes.
 * @return OK, ERR_MALFORMED, ERR_NEWER (layout).
 */
MUST_CHECK enum status key_decode(struct key_record *out, struct blob rdata);

/*
 * The key record among a node's records (node of the key's owner).
 * @return OK, ERR_NOT_FOUND (none), ERR_MALFORMED, ERR_NEWER.
 */
MUST_CHECK enum status key_read(struct key_record *out, struct blob rrsets);

/*
 * Make the lines that put a key in force, for DOOR_CONTROL or DOOR_GENESIS:
 * version is the old one + 1, and prerequisites see to it that of two such
 * requests one wins.
 * @param out prereqs, n_prereqs, changes, n_changes are set, in arena.
 * @param key version and state are set here; the rest is the caller's.
 * @param before records at the key's owner now.
 * @return OK; ERR_EXISTS (in force already); what key_owner says; ERR_BAD_VALUE
 * (role without a key, OCN missing or malformed, no secret); ERR_MALFORMED.
 */
MUST_CHECK enum status key_add_request(struct arena *arena,
    struct request *out, const struct dname *name, struct key_record *key,
    struct blob before);

/*
 * Make the lines that give a key in force another secret: same role and OCN,
 * the next version. The old secret is out of force with the slot that does it.
 * @param key algorithm, made_ms and sealed are the caller's; the rest is set
 * here. @return OK; ERR_NOT_FOUND (not in force); as key_add_request.
 */
MUST_CHECK enum status key_rotate_request(struct arena *arena,
    struct request *out, const struct dname *name, struct key_record *key,
    struct blob before);

/*
 * Make the lines that revoke a key.
 * @return OK; ERR_NOT_FOUND (not in force); what key_owner says;
 * ERR_MALFORMED.
 */
MUST_CHECK enum status key_revoke_request(struct arena *arena,
    struct request *out, const struct dname *name, struct blob before);

#endif
