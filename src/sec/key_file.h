/*
 * TSIG keys as files: the form that tsig-keygen writes and nsupdate -k, dig -k
 * and others read. Layer 6; any thread.
 */
#ifndef SEC_KEY_FILE_H
#define SEC_KEY_FILE_H

#include "base/mac.h"
#include "base/reason.h"
#include "base/status.h"
#include "dns/name.h"

#include <stddef.h>
#include <stdint.h>

enum {
	KEY_FILE_MAX = 1400,  /* bytes of a file that we write, with NUL */
	KEY_SECRET_MAX = 64,  /* bytes of a secret */
};

/* What a key file says. To be wiped after use. */
struct key_file {
	struct dname name;
	enum mac_algorithm algorithm;
	uint8_t secret[KEY_SECRET_MAX];
	size_t len; /* bytes of secret, 1.. */
};

/* Bytes of a new secret: as long as the MAC (RFC 2104 3). */
size_t key_file_secret_len(enum mac_algorithm algorithm);

/* Make a new secret for key->algorithm. */
void key_file_generate(struct key_file *key);

/*
 * Text of a key file; the name's last dot is left out.
 * @param out KEY_FILE_MAX bytes, NUL-terminated; to be wiped after use.
 * @return length of the text.
 */
size_t key_file_format(char out[KEY_FILE_MAX], const struct key_file *key);

/*
 * Read "algorithm:base64", as nsupdate -y has it behind the name.
 * @param out algorithm, secret and len are set. To be wiped after use.
 * @return OK; ERR_MALFORMED; ERR_UNSUPPORTED (algorithm).
 */
MUST_CHECK enum status key_secret_parse(struct key_file *out, const char *text,
    size_t len);

/*
 * Read the text of a key file: one key statement, comments as in named.conf.
 * @param text len bytes. @param out untouched on failure.
 * @return OK; ERR_MALFORMED, ERR_UNSUPPORTED (algorithm) with reason.
 */
MUST_CHECK enum status key_file_parse(struct key_file *out, const char *text,
    size_t len, struct reason *reason);

#endif
