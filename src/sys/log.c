/*
 * Log lines to stderr with one write each. Layer 5; any thread.
 */
#include "sys/log.h"

#include "sys/clock.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_CAP = 1200 }; /* bytes of a line with all before the text */

static const char *const level_words[] = { "error", "warning", "info" };

void
log_event(enum log_level level, const char *event, const char *format, ...)
{
	char line[LINE_CAP];
	uint64_t now_ms = clock_wall_ms();
	time_t now_s = (time_t)(now_ms / 1000);
	struct tm tm = { 0 };
	va_list args;

	gmtime_r(&now_s, &tm);
	int head = snprintf(line, sizeof line,
	    "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ %s %s: ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    (unsigned)(now_ms % 1000), level_words[level], event);
	if (head < 0 || head >= LINE_CAP - 2)
		return;
	va_start(args, format);
	int text = vsnprintf(line + head, sizeof line - (size_t)head - 1,
	    format, args);
	va_end(args);
	if (text < 0)
		return;
	size_t len = (size_t)head + (size_t)text;
	if (len > sizeof line - 2)
		len = sizeof line - 2;
	for (size_t i = (size_t)head; i < len; i++) {
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	}
	line[len++] = '\n';
	ssize_t written = write(STDERR_FILENO, line, len);
	(void)written; /* a log that cannot be written is nobody's error */
}
