/*
 * The log: one line an event on stderr, for an operator to act on. Every event
 * is a row of sys/event.def; callers give its fields. No secrets; what would
 * forge a line or move a terminal's cursor is replaced. Layer 5; any thread.
 */
#ifndef SYS_LOG_H
#define SYS_LOG_H

#include <stddef.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
	LOG_LEVELS
};

enum log_format {
	LOG_FORMAT_AUTO, /* text on a terminal, else key=value */
	LOG_FORMAT_TEXT,
	LOG_FORMAT_KEYVALUE,
	LOG_FORMAT_JSON,
	LOG_FORMATS
};

enum log_id {
#define EVENT(code, id, level, from, text, meaning, action) LOG_##code,
#include "sys/event.def"
#undef EVENT
	LOG_IDS
};

/* A field of an event: a text, or a number when text is NULL. */
struct log_field {
	const char *key;
	const char *text;
	uint64_t number;
};

static inline struct log_field
log_text(const char *key, const char *text)
{
	return (struct log_field){ key, text, 0 };
}

static inline struct log_field
log_number(const char *key, uint64_t number)
{
	return (struct log_field){ key, NULL, number };
}

/* An array of fields as the two arguments of log_event. */
#define LOG_FIELDS(fields) (fields), sizeof(fields) / sizeof((fields)[0])

/*
 * Write one line, whole also when several threads write. Lines below the level
 * are not written; of those that strangers can provoke, LOG_BURST in LOG_SPAN_S
 * seconds are, and the rest is counted.
 * @param fields those of the event's text, others as they are useful; texts
 * may come from outside.
 */
void log_event(enum log_id id, const struct log_field *fields,
    size_t n_fields);

/* The same for an event whose only field is {reason}. */
void log_reason(enum log_id id, const char *reason);

enum {
	LOG_BURST = 10,  /* lines of one event ... */
	LOG_SPAN_S = 10, /* ... within so many seconds */
};

/*
 * Say how much was left out, when its span is over. Called about once a
 * second.
 */
void log_flush(void);

/* The same at the end of the program, of spans that go on. */
void log_finish(void);

/*
 * Choose form and level; before that they are AUTO and INFO. Colours, and
 * priorities for the journal of systemd, come from the environment.
 */
void log_choose(enum log_format format, enum log_level level);

/* Words of settings, "keyvalue", "warning". NULL: no such number. */
const char *log_format_name(enum log_format format);
const char *log_level_name(enum log_level level);

#endif
