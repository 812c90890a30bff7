/*
 * Log lines to stderr with one write each: level, limits, form. Layer 5; any
 * thread: what may change is under one mutex.
 */
#include "sys/log.h"

#include "sys/clock.h"
#include "sys/log_limit.h"
#include "sys/log_line.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum from { FROM_OURS, FROM_STRANGER };

static const struct {
	const char *id;
	enum log_level level;
	enum from from;
	const char *text;
} rows[] = {
#define EVENT(code, id, level, from, text, meaning, action) \
	{ id, LOG_LEVEL_##level, FROM_##from, text },
#include "sys/event.def"
#undef EVENT
};

_Static_assert(sizeof rows / sizeof rows[0] == LOG_IDS, "a row an event");

static const char *const format_names[] = { "auto", "text", "keyvalue",
	"json" };
static const char *const level_names[] = { "error", "warning", "info",
	"debug" };

_Static_assert(sizeof format_names / sizeof format_names[0] == LOG_FORMATS,
    "a name for each form");
_Static_assert(sizeof level_names / sizeof level_names[0] == LOG_LEVELS,
    "a name for each level");

static struct {
	pthread_mutex_t mutex;
	struct log_look look; /* AUTO: not looked at stderr yet */
	enum log_level level;
	struct log_limit limits[LOG_IDS];
} state = {
	.mutex = PTHREAD_MUTEX_INITIALIZER,
	.level = LOG_LEVEL_INFO,
};

const char *
log_format_name(enum log_format format)
{
	return (unsigned)format < LOG_FORMATS ? format_names[format] : NULL;
}

const char *
log_level_name(enum log_level level)
{
	return (unsigned)level < LOG_LEVELS ? level_names[level] : NULL;
}

/* stderr is a stream of the journal: sd-daemon(3), JOURNAL_STREAM. */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat info;
	char own[64];

	if (stream == NULL || fstat(STDERR_FILENO, &info) != 0)
		return false;
	snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)info.st_dev,
	    (uintmax_t)info.st_ino);
	for (size_t i = 0;; i++) {
		if (own[i] != stream[i])
			return false;
		if (own[i] == '\0')
			return true;
	}
}

static struct log_look
look_of(enum log_format format)
{
	const char *no_colour = getenv("NO_COLOR");
	bool is_terminal = isatty(STDERR_FILENO) == 1;

	if (format == LOG_FORMAT_AUTO)
		format = is_terminal ? LOG_FORMAT_TEXT : LOG_FORMAT_KEYVALUE;
	return (struct log_look){
		.format = format,
		.has_colour = is_terminal &&
		    (no_colour == NULL || no_colour[0] == '\0'),
		.has_priority = !is_terminal && is_journal(),
	};
}

void
log_choose(enum log_format format, enum log_level level)
{
	struct log_look look = look_of(format);

	pthread_mutex_lock(&state.mutex);
	state.look = look;
	state.level = level;
	pthread_mutex_unlock(&state.mutex);
}

static void
write_line(enum log_id id, const struct log_look *look,
    const struct log_field *fields, size_t n_fields)
{
	char out[LOG_LINE_CAP];
	const struct log_line line = { .wall_ms = clock_wall_ms(),
		.level = rows[id].level, .id = rows[id].id,
		.text = rows[id].text, .fields = fields,
		.n_fields = n_fields };

	size_t len = log_line_write(out, &line, look);
	ssize_t written = write(STDERR_FILENO, out, len);
	(void)written; /* a log that cannot be written is nobody's error */
}

static void
say_more(enum log_id id, const struct log_look *look, uint64_t n_more)
{
	const struct log_field fields[] = { log_number("count", n_more),
		log_text("of", rows[id].id),
		log_number("seconds", LOG_SPAN_S) };

	write_line(LOG_REPEATED, look, LOG_FIELDS(fields));
}

void
log_event(enum log_id id, const struct log_field *fields, size_t n_fields)
{
	uint64_t now_ms = clock_mono_ms();
	uint64_t n_more = 0;

	pthread_mutex_lock(&state.mutex);
	if (state.look.format == LOG_FORMAT_AUTO)
		state.look = look_of(LOG_FORMAT_AUTO);
	struct log_look look = state.look;
	bool is_written = rows[id].level <= state.level;
	if (is_written && rows[id].from == FROM_STRANGER) {
		n_more = log_limit_end(&state.limits[id], now_ms);
		is_written = log_limit_take(&state.limits[id], now_ms);
	}
	pthread_mutex_unlock(&state.mutex);
	if (n_more > 0)
		say_more(id, &look, n_more);
	if (is_written)
		write_line(id, &look, fields, n_fields);
}

void
log_reason(enum log_id id, const char *reason)
{
	const struct log_field fields[] = { log_text("reason", reason) };

	log_event(id, LOG_FIELDS(fields));
}

static void
flush(uint64_t now_ms)
{
	for (unsigned i = 0; i < LOG_IDS; i++) {
		pthread_mutex_lock(&state.mutex);
		struct log_look look = state.look;
		uint64_t n_more = log_limit_end(&state.limits[i], now_ms);
		pthread_mutex_unlock(&state.mutex);
		if (n_more > 0)
			say_more((enum log_id)i, &look, n_more);
	}
}

void
log_flush(void)
{
	flush(clock_mono_ms());
}

void
log_finish(void)
{
	flush(UINT64_MAX); /* every span is over */
}
