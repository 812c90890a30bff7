/*
 * Names and lengths of MACs, from the one table. Layer 0; any thread.
 */
#include "base/mac.h"

#include <string.h>

static const struct {
	enum mac_algorithm algorithm;
	size_t len;
	const char *name;
} rows[] = {
#define MAC(code, number, len, name) { MAC_##code, len, name },
#include "base/mac.def"
#undef MAC
};

enum { ROWS = sizeof rows / sizeof rows[0] };

#define MAC(code, number, len, name) \
	_Static_assert((len) <= MAC_MAX, "room for " name);
#include "base/mac.def"
#undef MAC

size_t
mac_len(enum mac_algorithm algorithm)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].algorithm == algorithm)
			return rows[i].len;
	}
	return 0;
}

const char *
mac_name(enum mac_algorithm algorithm)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].algorithm == algorithm)
			return rows[i].name;
	}
	return NULL;
}

/* a in any case, b in lower case. */
static bool
is_same(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = a[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c + ('a' - 'A'));
		if (c != b[i])
			return false;
	}
	return true;
}

bool
mac_find(enum mac_algorithm *out, const char *name, size_t len)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (strlen(rows[i].name) == len &&
		    is_same(name, rows[i].name, len)) {
			*out = rows[i].algorithm;
			return true;
		}
	}
	return false;
}
