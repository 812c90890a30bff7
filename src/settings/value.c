/*
 * Values of settings, from text. Every scalar comes as text: YAML's own typing
 * (no, 0x10, 1_000) plays no part. Layer 7; any thread; no state.
 */
#include "settings/value.h"

#include "base/check.h"
#include "dns/name.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit size_units[] = {
	{ "", 1 },
	{ "K", UINT64_C(1) << 10 },
	{ "M", UINT64_C(1) << 20 },
	{ "G", UINT64_C(1) << 30 },
	{ "T", UINT64_C(1) << 40 },
	{ NULL, 0 },
};

static const struct unit time_units[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ NULL, 0 },
};

static const struct unit no_units[] = {
	{ "", 1 },
	{ NULL, 0 },
};

static enum status
refuse(const struct option *option, const char *text, struct reason *reason)
{
	reason_set(reason, "'%s': expected %s, found '%.60s'", option->path,
	    option_expected(option->kind), text);
	return ERR_BAD_VALUE;
}

/* A limit in the form in which a person would write it. */
static void
format_limit(char *out, size_t cap, uint64_t value, const struct unit *units)
{
	const struct unit *best = &units[0];

	for (const struct unit *u = units; u->name != NULL; u++) {
		if (value > 0 && value % u->factor == 0)
			best = u;
	}
	snprintf(out, cap, "%" PRIu64 "%s", value / best->factor, best->name);
}

static enum status
parse_quantity(uint64_t *out, const struct option *option,
    const struct unit *units, const char *text, struct reason *reason)
{
	uint64_t value = 0;
	const char *c = text;

	for (; *c >= '0' && *c <= '9'; c++) {
		if (value > UINT64_MAX / 16)
			return refuse(option, text, reason);
		value = value * 10 + (uint64_t)(*c - '0');
	}
	if (c == text)
		return refuse(option, text, reason);
	const struct unit *unit = units;
	while (unit->name != NULL && strcmp(unit->name, c) != 0)
		unit++;
	if (unit->name == NULL || value > UINT64_MAX / 2 / unit->factor)
		return refuse(option, text, reason);
	value *= unit->factor;
	if (value < option->min || value > option->max) {
		char low[32];
		char high[32];
		format_limit(low, sizeof low, option->min, units);
		format_limit(high, sizeof high, option->max, units);
		reason_set(reason, "'%s': expected %s to %s, found '%.60s'",
		    option->path, low, high, text);
		return ERR_BAD_VALUE;
	}
	*out = value;
	return OK;
}

static bool
is_name(const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		bool is_letter = (*c >= 'a' && *c <= 'z') ||
		    (*c >= 'A' && *c <= 'Z');
		if (!is_letter && !(*c >= '0' && *c <= '9') && *c != '-' &&
		    *c != '_')
			return false;
	}
	return true;
}

static bool
is_printable(const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	}
	return true;
}

static enum status
set_text(char *field, const struct option *option, const char *text,
    struct reason *reason)
{
	size_t len = strlen(text);

	if (len == 0 && option->min > 0)
		return refuse(option, text, reason);
	if (len > option->max) {
		reason_set(reason, "'%s': %zu bytes long, at most %" PRIu64
		    " are possible", option->path, len, option->max);
		return ERR_BAD_VALUE;
	}
	if (option->kind == KIND_NAME && !is_name(text))
		return refuse(option, text, reason);
	if (!is_printable(text))
		return refuse(option, text, reason);
	memcpy(field, text, len + 1);
	return OK;
}

static enum status
parse_address(struct net_address *out, const struct option *option,
    const char *text, struct reason *reason)
{
	struct reason why = { "" };

	if (net_address_parse(out, text, &why) == OK)
		return OK;
	reason_set(reason, "'%s': %s", option->path, why.text);
	return ERR_BAD_VALUE;
}

/* Append to the list that begins at list and has *n items. */
static enum status
add_address(struct net_address *list, size_t *n, const struct option *option,
    const char *text, struct reason *reason)
{
	struct net_address address;

	memset(&address, 0, sizeof address);
	if (*n >= SETTINGS_ADDRESSES_MAX) {
		reason_set(reason, "'%s': at most %d addresses are possible",
		    option->path, SETTINGS_ADDRESSES_MAX);
		return ERR_BAD_VALUE;
	}
	enum status status = parse_address(&address, option, text, reason);
	if (status != OK)
		return status;
	for (size_t i = 0; i < *n; i++) {
		if (net_address_equal(&list[i], &address)) {
			reason_set(reason, "'%s': '%.60s' is there twice",
			    option->path, text);
			return ERR_BAD_VALUE;
		}
	}
	list[*n] = address;
	(*n)++;
	return OK;
}

/* "address@port" or "address@port KEYNAME". */
static enum status
add_secondary(struct settings *out, const struct option *option,
    const char *text, struct reason *reason)
{
	char address[128];
	struct dname key;
	size_t len = strcspn(text, " ");
	const char *name = text + len + strspn(text + len, " ");

	if (len >= sizeof address)
		return refuse(option, text, reason);
	if (*name != '\0' &&
	    (strlen(name) >= sizeof out->secondary_keys[0] ||
	    dname_parse(&key, name, strlen(name), NULL) != OK)) {
		reason_set(reason, "'%s': expected the name of a key after the"
		    " address, found '%.60s'", option->path, name);
		return ERR_BAD_VALUE;
	}
	memcpy(address, text, len);
	address[len] = '\0';
	enum status status = add_address(out->secondaries, &out->n_secondaries,
	    option, address, reason);
	if (status != OK)
		return status;
	memcpy(out->secondary_keys[out->n_secondaries - 1], name,
	    strlen(name) + 1);
	return OK;
}

/* @param name of a number. @return false: no such word. */
static bool
find_word(unsigned *out, const char *text, const char *(*name)(unsigned number))
{
	for (unsigned i = 0; name(i) != NULL; i++) {
		if (strcmp(name(i), text) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static const char *
format_name(unsigned number)
{
	return log_format_name((enum log_format)number);
}

static const char *
level_name(unsigned number)
{
	return log_level_name((enum log_level)number);
}

static enum status
set_log(struct settings *out, const struct option *option, const char *text,
    struct reason *reason)
{
	bool is_level = option->kind == KIND_LOG_LEVEL;
	unsigned number = 0;

	if (!find_word(&number, text, is_level ? level_name : format_name))
		return refuse(option, text, reason);
	if (is_level)
		out->log_level = (enum log_level)number;
	else
		out->log_format = (enum log_format)number;
	return OK;
}

static enum status
set_number(struct settings *out, const struct option *option, const char *text,
    struct reason *reason)
{
	void *field = (char *)out + option->offset;
	const struct unit *units = no_units;
	uint64_t value = 0;

	if (option->kind == KIND_SIZE)
		units = size_units;
	if (option->kind == KIND_TIME)
		units = time_units;
	enum status status = parse_quantity(&value, option, units, text,
	    reason);
	if (status != OK)
		return status;
	if (option->kind == KIND_SIZE)
		memcpy(field, &value, sizeof value);
	else if (option->kind == KIND_TIME)
		memcpy(field, &(uint32_t){ (uint32_t)value }, sizeof(uint32_t));
	else
		memcpy(field, &(unsigned){ (unsigned)value }, sizeof(unsigned));
	return OK;
}

static enum status
set_switch(void *field, const struct option *option, const char *text,
    struct reason *reason)
{
	bool is_yes = strcmp(text, "yes") == 0;

	if (!is_yes && strcmp(text, "no") != 0)
		return refuse(option, text, reason);
	memcpy(field, &is_yes, sizeof is_yes);
	return OK;
}

enum status
value_set(struct settings *out, const struct option *option, const char *text,
    struct reason *reason)
{
	void *field = (char *)out + option->offset;
	void *companion = (char *)out + option->companion;

	switch (option->kind) {
	case KIND_NAME:
	case KIND_PATH:
	case KIND_SOCKET:
	case KIND_TEXT:
		return set_text(field, option, text, reason);
	case KIND_ADDRESS: {
		enum status status = parse_address(field, option, text, reason);
		if (status == OK)
			*(bool *)companion = true;
		return status;
	}
	case KIND_ADDRESSES:
		return add_address(field, companion, option, text, reason);
	case KIND_SECONDARIES:
		return add_secondary(out, option, text, reason);
	case KIND_COUNT:
	case KIND_SIZE:
	case KIND_TIME:
		return set_number(out, option, text, reason);
	case KIND_SWITCH:
		return set_switch(field, option, text, reason);
	case KIND_LOG_FORMAT:
	case KIND_LOG_LEVEL:
		return set_log(out, option, text, reason);
	case KIND_COUNT_OF:
		break;
	}
	never("a kind of option that is not in the schema");
}

void
value_set_defaults(struct settings *out)
{
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < option_table_len; i++) {
		const struct option *option = &option_table[i];
		if (option->fallback == NULL || option->fallback[0] == '\0')
			continue;
		if (strcmp(option->fallback, "cores") == 0) {
			long n = sysconf(_SC_NPROCESSORS_ONLN);
			out->threads = n < 1 ? 1 : n > 256 ? 256 : (unsigned)n;
			continue;
		}
		enum status status = value_set(out, option, option->fallback,
		    NULL);
		ensure(status == OK);
	}
}
