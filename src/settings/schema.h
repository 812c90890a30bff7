/*
 * The schema of the settings file: one row for each option (settings.def),
 * look-up by path and the nearest valid spelling. Layer 7; any thread.
 */
#ifndef SETTINGS_SCHEMA_H
#define SETTINGS_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
	KIND_NAME,        /* char[64]: letters, digits, '-', '_' */
	KIND_PATH,        /* char[SETTINGS_PATH_MAX] */
	KIND_SOCKET,      /* the same, short enough for a Unix socket */
	KIND_ADDRESS,     /* struct net_address, and a flag */
	KIND_ADDRESSES,   /* list of struct net_address, and its count */
	KIND_SECONDARIES, /* the same, each with an optional key name */
	KIND_COUNT,       /* unsigned */
	KIND_SIZE,        /* uint64_t bytes: 48M, 2G */
	KIND_TIME,        /* uint32_t milliseconds: 10s, 500ms */
	KIND_TEXT,        /* char[256]: printable */
	KIND_SWITCH,      /* bool: yes or no */
	KIND_LOG_FORMAT,  /* enum log_format */
	KIND_LOG_LEVEL,   /* enum log_level */
	KIND_COUNT_OF
};

/* When another value of an option is taken. */
enum option_when { AT_RELOAD, AT_RESTART };

enum { OPTION_PATH_MAX = 64 }; /* bytes of a path with its NUL */

struct option {
	const char *path; /* "listen.dns" */
	enum option_kind kind;
	size_t offset;    /* of the field in struct settings */
	size_t companion; /* of its count or flag; else of the field again */
	const char *fallback; /* default; NULL: required; "": unset */
	uint64_t min;
	uint64_t max;
	enum option_when when;
	const char *help;
};

/* The table and its length. */
extern const struct option option_table[];
extern const size_t option_table_len;

/* Kind in words with an example: "a size such as 48M or 2G". Static. */
const char *option_expected(enum option_kind kind);

/* Values of this kind are lists. */
bool option_is_list(enum option_kind kind);

/* The option with exactly this path, or NULL. */
const struct option *option_find(const char *path);

/* The path names a group of options ("listen"). "" is the group of all. */
bool option_is_group(const char *path);

/* Index of the first option of a group; option_table_len: no such group. */
size_t option_group_first(const char *path);

/*
 * What was probably meant by an unknown path: an option or group of the same
 * group with a similar name, or one with exactly this name elsewhere.
 * @param out OPTION_PATH_MAX bytes: a name of the same group, or a full path.
 * @return false when nothing is near.
 */
bool option_suggest(char *out, const char *path);

#endif
