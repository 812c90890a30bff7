/*
 * The forms of a log line: text for people, key=value, JSON. Layer 5; any
 * thread; no state.
 */
#include "sys/log_line.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	VALUE_MAX = 1000, /* bytes of one value as written */
	END_ROOM = 16,    /* kept for quotes, brace, colour and newline */
};

/* A line as it grows. */
struct buffer {
	char *start;
	size_t len;
};

static void
put(struct buffer *out, const char *text, size_t len)
{
	if (len > LOG_LINE_CAP - out->len)
		len = LOG_LINE_CAP - out->len;
	memcpy(out->start + out->len, text, len);
	out->len += len;
}

static void
put_word(struct buffer *out, const char *text)
{
	put(out, text, strlen(text));
}

static bool
has_room(const struct buffer *out, size_t len)
{
	return len + END_ROOM <= LOG_LINE_CAP - out->len;
}

/* Length of a character that a terminal only shows; 0: it may do more, or is
 * none. U+0080 to U+009F are control characters, too. */
static size_t
shown_length(const char *text, size_t left)
{
	const uint8_t *bytes = (const uint8_t *)text;
	size_t len = utf8_length(bytes, left);

	if (len == 1 && (bytes[0] < 0x20 || bytes[0] == 0x7f))
		return 0;
	return len == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0 ? 0 : len;
}

/* @param is_quoted escape what ends a string in JSON and key=value. */
static void
put_clean(struct buffer *out, const char *text, bool is_quoted)
{
	size_t left = strlen(text);
	size_t end = out->len + VALUE_MAX;

	while (left > 0) {
		size_t len = shown_length(text, left);
		if (out->len + 4 > end || !has_room(out, 4)) {
			put_word(out, "...");
			return;
		}
		if (is_quoted && (*text == '"' || *text == '\\'))
			put_word(out, "\\");
		if (len > 0)
			put(out, text, len);
		else
			put_word(out, "?");
		text += len > 0 ? len : 1;
		left -= len > 0 ? len : 1;
	}
}

static void
put_number(struct buffer *out, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, number);
	put_word(out, text);
}

static void
put_time(struct buffer *out, uint64_t wall_ms)
{
	time_t now_s = (time_t)(wall_ms / 1000);
	struct tm tm = { 0 };
	char text[64];

	gmtime_r(&now_s, &tm);
	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, (unsigned)(wall_ms % 1000));
	put_word(out, text);
}

static const struct log_field *
field_find(const struct log_line *line, const char *key, size_t len)
{
	for (size_t i = 0; i < line->n_fields; i++) {
		if (strlen(line->fields[i].key) == len &&
		    memcmp(line->fields[i].key, key, len) == 0)
			return &line->fields[i];
	}
	return NULL;
}

/* The text with its fields filled in. */
static void
put_sentence(struct buffer *out, const struct log_line *line, bool is_quoted)
{
	const char *c = line->text;

	while (*c != '\0' && has_room(out, 4)) {
		size_t len = *c == '{' ? strcspn(c + 1, "}") : 0;
		const struct log_field *field = len == 0 ? NULL :
		    field_find(line, c + 1, len);
		if (field == NULL) {
			put(out, c++, 1);
			continue;
		}
		if (field->text != NULL)
			put_clean(out, field->text, is_quoted);
		else
			put_number(out, field->number);
		c += len + 2;
	}
}

/* ------------------------------------------------------------------- text */

static void
put_text(struct buffer *out, const struct log_line *line,
    const struct log_look *look)
{
	static const char *const colours[LOG_LEVELS] = { "\033[1;31m",
		"\033[33m", "\033[32m", "\033[36m" };
	const char *plain = look->has_colour ? "\033[0m" : "";

	if (!look->has_priority) {
		put_word(out, look->has_colour ? "\033[2m" : "");
		put_time(out, line->wall_ms);
		put_word(out, plain);
		put_word(out, " ");
	}
	put_word(out, look->has_colour ? colours[line->level] : "");
	put_word(out, log_level_name(line->level));
	put_word(out, plain);
	put_word(out, " ");
	put_word(out, line->id);
	put_word(out, ": ");
	put_sentence(out, line, false);
}

/* --------------------------------------------------------------- key=value */

static bool
needs_quotes(const char *text)
{
	if (text[0] == '\0')
		return true;
	for (; *text != '\0'; text++) {
		if (*text == ' ' || *text == '=' || *text == '"' ||
		    *text == '\\' || *text == '\'')
			return true;
	}
	return false;
}

/* The text is this field and nothing else: it is not said twice. */
static bool
is_whole_text(const struct log_line *line, const struct log_field *field)
{
	size_t len = strlen(field->key);

	return line->text[0] == '{' &&
	    strncmp(line->text + 1, field->key, len) == 0 &&
	    strcmp(line->text + 1 + len, "}") == 0;
}

static void
put_pair(struct buffer *out, const struct log_field *field)
{
	if (!has_room(out, strlen(field->key) + 32))
		return;
	put_word(out, " ");
	put_word(out, field->key);
	put_word(out, "=");
	if (field->text == NULL) {
		put_number(out, field->number);
		return;
	}
	const char *quote = needs_quotes(field->text) ? "\"" : "";
	put_word(out, quote);
	put_clean(out, field->text, quote[0] != '\0');
	put_word(out, quote);
}

static void
put_keyvalue(struct buffer *out, const struct log_line *line,
    const struct log_look *look)
{
	if (!look->has_priority) {
		put_word(out, "time=");
		put_time(out, line->wall_ms);
		put_word(out, " ");
	}
	put_word(out, "level=");
	put_word(out, log_level_name(line->level));
	put_word(out, " event=");
	put_word(out, line->id);
	put_word(out, " text=\"");
	put_sentence(out, line, true);
	put_word(out, "\"");
	for (size_t i = 0; i < line->n_fields; i++) {
		if (!is_whole_text(line, &line->fields[i]))
			put_pair(out, &line->fields[i]);
	}
}

/* -------------------------------------------------------------------- JSON */

static void
put_member(struct buffer *out, const struct log_field *field)
{
	if (!has_room(out, strlen(field->key) + 32))
		return;
	put_word(out, ",\"");
	put_word(out, field->key);
	put_word(out, "\":");
	if (field->text == NULL) {
		put_number(out, field->number);
		return;
	}
	put_word(out, "\"");
	put_clean(out, field->text, true);
	put_word(out, "\"");
}

static void
put_json(struct buffer *out, const struct log_line *line)
{
	put_word(out, "{\"time\":\"");
	put_time(out, line->wall_ms);
	put_word(out, "\",\"level\":\"");
	put_word(out, log_level_name(line->level));
	put_word(out, "\",\"event\":\"");
	put_word(out, line->id);
	put_word(out, "\",\"text\":\"");
	put_sentence(out, line, true);
	put_word(out, "\"");
	for (size_t i = 0; i < line->n_fields; i++) {
		if (!is_whole_text(line, &line->fields[i]))
			put_member(out, &line->fields[i]);
	}
	put_word(out, "}");
}

size_t
log_line_write(char out[LOG_LINE_CAP], const struct log_line *line,
    const struct log_look *look)
{
	/* sd-daemon(3); the journal knows syslog's numbers */
	static const char *const priorities[LOG_LEVELS] = { "<3>", "<4>",
		"<6>", "<7>" };
	struct buffer buffer = { out, 0 };

	if (look->has_priority)
		put_word(&buffer, priorities[line->level]);
	switch (look->format) {
	case LOG_FORMAT_JSON:
		put_json(&buffer, line);
		break;
	case LOG_FORMAT_KEYVALUE:
		put_keyvalue(&buffer, line, look);
		break;
	case LOG_FORMAT_AUTO:
	case LOG_FORMAT_TEXT:
	case LOG_FORMATS:
		put_text(&buffer, line, look);
		break;
	}
	put_word(&buffer, "\n");
	return buffer.len;
}
