/*
 * Key files: refused with words, or what they say is written and read again.
 */
#include "fuzz/fuzz.h"

#include "sec/key_file.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char text[KEY_FILE_MAX];
	struct reason reason = { "" };
	struct key_file key;
	struct key_file again;

	if (key_file_parse(&key, (const char *)data, len, &reason) != OK) {
		FUZZ_CHECK(reason.text[0] != '\0');
		return 0;
	}
	FUZZ_CHECK(key.len > 0 && key.len <= KEY_SECRET_MAX);
	size_t text_len = key_file_format(text, &key);
	if (memchr(key.name.bytes, '"', key.name.len) != NULL)
		return 0; /* such a name has no form that reads back */
	FUZZ_CHECK(key_file_parse(&again, text, text_len, &reason) == OK);
	FUZZ_CHECK(dname_equal(&key.name, &again.name));
	FUZZ_CHECK(key.algorithm == again.algorithm && key.len == again.len);
	FUZZ_CHECK(memcmp(key.secret, again.secret, key.len) == 0);
	return 0;
}
