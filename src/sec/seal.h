/*
 * Sealing of secrets that lie in the state (TSIG secrets): libsodium
 * crypto_secretbox with the group's sealing key. Layer 6; any thread.
 */
#ifndef SEC_SEAL_H
#define SEC_SEAL_H

#include "base/reason.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
	SECRET_MAX = 64, /* bytes of a TSIG secret */
	SEAL_KEY_LEN = 32,
	PEPPER_LEN = 32,
	SEAL_EXTRA = 40, /* nonce and tag: what sealing adds */
};

/* The group's secrets: <state>/secrets, 0600. */
struct group_secrets {
	uint8_t seal_key[SEAL_KEY_LEN];
	uint8_t pepper[PEPPER_LEN];
};

/* Fresh ones for a new group. */
void secrets_generate(struct group_secrets *out);

/*
 * Write to or read from a file of the state directory.
 * @return OK; ERR_NOT_FOUND; ERR_DAMAGED (size, checksum, or readable by
 * others); ERR_IO, ERR_FULL; with reason.
 */
MUST_CHECK enum status secrets_save(const struct group_secrets *secrets,
    const char *path, struct reason *reason);
MUST_CHECK enum status secrets_load(struct group_secrets *out,
    const char *path, struct reason *reason);

/*
 * Seal len bytes. @param out len + SEAL_EXTRA bytes. @return its length.
 */
size_t secret_seal(uint8_t *out, const uint8_t *secret, size_t len,
    const struct group_secrets *secrets);

/*
 * Open what secret_seal made. @param out sealed_len - SEAL_EXTRA bytes.
 * @return OK; ERR_DAMAGED when it is not ours or was changed.
 */
MUST_CHECK enum status secret_open(uint8_t *out, const uint8_t *sealed,
    size_t sealed_len, const struct group_secrets *secrets);

#endif
