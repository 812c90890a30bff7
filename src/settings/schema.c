/*
 * Table of options, look-up, nearest spelling. Refuses nothing itself.
 * Layer 7; any thread; no state.
 */
#include "settings/schema.h"

#include "base/spelling.h"
#include "settings/settings.h"

#include <string.h>

#define SIZE_MOST (UINT64_C(1) << 46)

const struct option option_table[] = {
#define OPTION(path, kind, field, companion, fallback, min, max, when, help) \
	{ path, KIND_##kind, offsetof(struct settings, field), \
	    offsetof(struct settings, companion), fallback, min, max, \
	    AT_##when, help },
#include "settings/settings.def"
#undef OPTION
};

const size_t option_table_len = sizeof option_table / sizeof option_table[0];

static const struct {
	const char *expected;
	bool is_list;
} kinds[] = {
	[KIND_NAME] = { "a name of letters, digits, '-' and '_'", false },
	[KIND_PATH] = { "a path", false },
	[KIND_SOCKET] = { "a path", false },
	[KIND_ADDRESS] = { "an address such as 127.0.0.1@7300", false },
	[KIND_ADDRESSES] = { "a list of addresses such as [127.0.0.1@5300]",
	    true },
	[KIND_SECONDARIES] = { "a list of addresses such as [127.0.0.1@5401]",
	    true },
	[KIND_COUNT] = { "a number", false },
	[KIND_SIZE] = { "a size such as 48M or 2G", false },
	[KIND_TIME] = { "a time such as 10s or 500ms", false },
	[KIND_TEXT] = { "a text", false },
	[KIND_SWITCH] = { "yes or no", false },
	[KIND_LOG_FORMAT] = { "auto, text, keyvalue or json", false },
	[KIND_LOG_LEVEL] = { "error, warning, info or debug", false },
};

_Static_assert(sizeof kinds / sizeof kinds[0] == KIND_COUNT_OF,
    "every kind has words");

const char *
option_expected(enum option_kind kind)
{
	return kinds[kind].expected;
}

bool
option_is_list(enum option_kind kind)
{
	return kinds[kind].is_list;
}

const struct option *
option_find(const char *path)
{
	for (size_t i = 0; i < option_table_len; i++) {
		if (strcmp(option_table[i].path, path) == 0)
			return &option_table[i];
	}
	return NULL;
}

size_t
option_group_first(const char *path)
{
	size_t len = strlen(path);
	size_t i = 0;

	while (i < option_table_len &&
	    (strncmp(option_table[i].path, path, len) != 0 ||
	        (len > 0 && option_table[i].path[len] != '.')))
		i++;
	return i;
}

bool
option_is_group(const char *path)
{
	return option_group_first(path) < option_table_len;
}

static void
copy_piece(char *out, const char *text, size_t len)
{
	if (len > OPTION_PATH_MAX - 1)
		len = OPTION_PATH_MAX - 1;
	memcpy(out, text, len);
	out[len] = '\0';
}

/* An option or group that has this last name somewhere else. */
static bool
suggest_elsewhere(char *out, const char *name)
{
	for (size_t i = 0; i < option_table_len; i++) {
		const char *dot = strrchr(option_table[i].path, '.');
		if (dot != NULL && strcmp(dot + 1, name) == 0) {
			copy_piece(out, option_table[i].path,
			    strlen(option_table[i].path));
			return true;
		}
	}
	if (option_find(name) == NULL && !option_is_group(name))
		return false;
	copy_piece(out, name, strlen(name));
	return true;
}

bool
option_suggest(char *out, const char *path)
{
	const char *dot = strrchr(path, '.');
	size_t group_len = dot == NULL ? 0 : (size_t)(dot + 1 - path);
	const char *name = path + group_len;
	size_t name_len = strlen(name);
	unsigned best = 1 + (unsigned)name_len / 3;
	bool found = false;

	if (name_len == 0)
		return false;
	for (size_t i = 0; i < option_table_len; i++) {
		const char *sibling = option_table[i].path + group_len;
		if (strncmp(option_table[i].path, path, group_len) != 0)
			continue;
		size_t len = strcspn(sibling, ".");
		unsigned far = spelling_distance(name, name_len, sibling, len);
		if (far < best + !found) {
			best = far;
			found = true;
			copy_piece(out, sibling, len);
		}
	}
	return found || suggest_elsewhere(out, name);
}
