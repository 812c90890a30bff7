/*
 * TSIG keys as files: the form that tsig-keygen writes and nsupdate -k, dig -k
 * and others read. Layer 6; any thread.
 */
#ifndef SEC_KEY_FILE_H
#define SEC_KEY_FILE_H

#include <stddef.h>
#include <stdint.h>

enum {
	KEY_FILE_MAX = 1400,    /* bytes of a file, with NUL */
	KEY_SECRET_LEN = 32,    /* bytes of a new hmac-sha256 secret */
};

/*
 * Text of a key file for hmac-sha256.
 * @param out KEY_FILE_MAX bytes, NUL-terminated; to be wiped after use.
 * @param name as dname_format writes it; the last dot is left out.
 * @param secret len bytes, at most 64. @return length of the text.
 */
size_t key_file_format(char out[KEY_FILE_MAX], const char *name,
    const uint8_t *secret, size_t len);

#endif
