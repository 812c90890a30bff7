/*
 * Key files as tsig-keygen writes them. Layer 6; any thread.
 */
#include "sec/key_file.h"

#include "base/check.h"
#include "sec/sec.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
	SECRET_LEN_MAX = 64, /* bytes */
	BASE64_CAP = sodium_base64_ENCODED_LEN(SECRET_LEN_MAX,
	    sodium_base64_VARIANT_ORIGINAL),
};

size_t
key_file_format(char out[KEY_FILE_MAX], const char *name,
    const uint8_t *secret, size_t len)
{
	char base64[BASE64_CAP];
	size_t name_len = strlen(name);

	require(len <= SECRET_LEN_MAX);
	if (name_len > 1 && name[name_len - 1] == '.')
		name_len--;
	sodium_bin2base64(base64, sizeof base64, secret, len,
	    sodium_base64_VARIANT_ORIGINAL);
	int n = snprintf(out, KEY_FILE_MAX, "key \"%.*s\" {\n"
	    "\talgorithm hmac-sha256;\n\tsecret \"%s\";\n};\n",
	    (int)name_len, name, base64);
	sec_wipe(base64, sizeof base64);
	ensure(n > 0 && n < KEY_FILE_MAX);
	return (size_t)n;
}
