/*
 * Settings read anew beside those in force: what differs, and taking over what
 * may change. Layer 7; whoever owns the settings in force.
 */
#include "base/check.h"
#include "settings/schema.h"
#include "settings/settings.h"

#include <string.h>

/* Bytes of the field of an option; lists apart. */
static size_t
field_size(enum option_kind kind)
{
	switch (kind) {
	case KIND_NAME:
		return sizeof((struct settings *)0)->registrar;
	case KIND_PATH:
	case KIND_SOCKET:
		return SETTINGS_PATH_MAX;
	case KIND_TEXT:
		return sizeof((struct settings *)0)->version_bind;
	case KIND_ADDRESS:
		return sizeof(struct net_address);
	case KIND_COUNT:
		return sizeof(unsigned);
	case KIND_SIZE:
		return sizeof(uint64_t);
	case KIND_TIME:
		return sizeof(uint32_t);
	case KIND_SWITCH:
		return sizeof(bool);
	case KIND_LOG_FORMAT:
		return sizeof(enum log_format);
	case KIND_LOG_LEVEL:
		return sizeof(enum log_level);
	case KIND_ADDRESSES:
	case KIND_SECONDARIES:
	case KIND_COUNT_OF:
		break;
	}
	never("a kind of option without a field of its own");
}

_Static_assert(sizeof((struct settings *)0)->registrar ==
    sizeof((struct settings *)0)->user, "names have one size");
_Static_assert(sizeof((struct settings *)0)->version_bind ==
    sizeof((struct settings *)0)->id_server, "texts have one size");
_Static_assert(sizeof((struct settings *)0)->state ==
    sizeof((struct settings *)0)->control, "paths have one size");

/* The same addresses in the same order. */
static bool
is_same_list(const struct settings *a, const struct settings *b,
    const struct option *option)
{
	const struct net_address *list_a =
	    (const void *)((const char *)a + option->offset);
	const struct net_address *list_b =
	    (const void *)((const char *)b + option->offset);
	size_t n_a = 0;
	size_t n_b = 0;

	memcpy(&n_a, (const char *)a + option->companion, sizeof n_a);
	memcpy(&n_b, (const char *)b + option->companion, sizeof n_b);
	for (size_t i = 0; i < n_a && n_a == n_b; i++) {
		if (!net_address_equal(&list_a[i], &list_b[i]))
			return false;
		if (option->kind == KIND_SECONDARIES &&
		    strcmp(a->secondary_keys[i], b->secondary_keys[i]) != 0)
			return false;
	}
	return n_a == n_b;
}

static bool
is_text(enum option_kind kind)
{
	return kind == KIND_NAME || kind == KIND_PATH || kind == KIND_SOCKET ||
	    kind == KIND_TEXT;
}

static bool
is_same(const struct settings *a, const struct settings *b,
    const struct option *option)
{
	const char *field_a = (const char *)a + option->offset;
	const char *field_b = (const char *)b + option->offset;

	if (option_is_list(option->kind))
		return is_same_list(a, b, option);
	if (is_text(option->kind))
		return strcmp(field_a, field_b) == 0;
	if (option->kind == KIND_ADDRESS)
		return a->has_peer == b->has_peer && (!a->has_peer ||
		    net_address_equal(&a->peer, &b->peer));
	return memcmp(field_a, field_b, field_size(option->kind)) == 0;
}

static void
copy(struct settings *now, const struct settings *loaded,
    const struct option *option)
{
	char *to = (char *)now + option->offset;
	const char *from = (const char *)loaded + option->offset;

	if (!option_is_list(option->kind)) {
		memcpy(to, from, field_size(option->kind));
		return;
	}
	memcpy(to, from, sizeof now->dns);
	memcpy((char *)now + option->companion,
	    (const char *)loaded + option->companion, sizeof now->n_dns);
	if (option->kind == KIND_SECONDARIES)
		memcpy(now->secondary_keys, loaded->secondary_keys,
		    sizeof now->secondary_keys);
}

void
settings_take(struct settings *now, const struct settings *loaded,
    struct settings_changes *taken, struct settings_changes *waiting)
{
	taken->n = 0;
	waiting->n = 0;
	ensure(option_table_len <= SETTINGS_CHANGES_MAX);
	for (size_t i = 0; i < option_table_len; i++) {
		const struct option *option = &option_table[i];
		if (is_same(now, loaded, option))
			continue;
		struct settings_changes *list =
		    option->when == AT_RELOAD ? taken : waiting;
		list->paths[list->n++] = option->path;
		if (option->when == AT_RELOAD)
			copy(now, loaded, option);
	}
}
