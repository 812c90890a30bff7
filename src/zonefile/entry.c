/*
 * Splitting of zone text into entries of words. RFC 1035 5.1. Layer 6; one
 * thread.
 */
#include "zonefile/entry.h"

#include <string.h>

struct entry_cursor {
	struct entry *entry;
	struct source *source;
	struct row_fault *fault;
	size_t used; /* of entry->bytes */
	bool is_open; /* inside parentheses */
	uint64_t open_line;
	uint32_t open_column;
};

static enum status
entry_fail(struct entry_cursor *cursor, uint64_t line, uint32_t column,
    const char *text)
{
	cursor->fault->path = cursor->source->path;
	cursor->fault->line = line;
	cursor->fault->column = column;
	reason_set(&cursor->fault->reason, "%s", text);
	return ERR_MALFORMED;
}

static enum status
keep_char(struct entry_cursor *cursor, int c)
{
	struct source *source = cursor->source;

	/* one byte stays free for the NUL behind the word */
	if (cursor->used + 1 >= ENTRY_BYTES_MAX)
		return entry_fail(cursor, source->line, source->column,
		    "the record is longer than 256 KiB");
	cursor->entry->bytes[cursor->used++] = (char)c;
	return OK;
}

static bool
ends_word(int c)
{
	return c < 0 || c == ' ' || c == '\t' || c == '\r' || c == '\n' ||
	    c == ';' || c == '(' || c == ')' || c == '"';
}

/* Whether a byte stands for itself alone, in a word or between quotes. */
static bool
is_plain(uint8_t c, bool is_quoted)
{
	if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
		return false;
	return is_quoted || (c != ' ' && c != ';' && c != '(' && c != ')');
}

/* What is plain in front, all at once: nearly all of most files. */
static void
keep_run(struct entry_cursor *cursor, bool is_quoted)
{
	struct source *source = cursor->source;
	const uint8_t *from = source->buffer + source->pos;
	size_t most = source->len - source->pos;
	size_t n = 0;

	/* one byte stays free for the NUL behind the word */
	if (cursor->used + most >= ENTRY_BYTES_MAX)
		most = cursor->used + 1 < ENTRY_BYTES_MAX ?
		    ENTRY_BYTES_MAX - 1 - cursor->used : 0;
	while (n < most && is_plain(from[n], is_quoted))
		n++;
	memcpy(cursor->entry->bytes + cursor->used, from, n);
	cursor->used += n;
	source->pos += n;
	source->column += (uint32_t)n;
}

/* The characters of a word up to its end, escapes kept as they are. */
static enum status
read_chars(struct entry_cursor *cursor, bool is_quoted)
{
	struct source *source = cursor->source;

	for (;;) {
		keep_run(cursor, is_quoted);
		int c = source_peek(source);
		if (is_quoted ? c == '"' : ends_word(c))
			return OK;
		uint64_t line = source->line;
		uint32_t column = source->column;
		if (c < 0 || c == '\n')
			return entry_fail(cursor, line, column,
			    "the closing quote is missing");
		if ((c < 0x20 && !(is_quoted && c == '\t')) || c == 0x7f)
			return entry_fail(cursor, line, column,
			    "control characters are not allowed");
		(void)source_take(source);
		enum status status = keep_char(cursor, c);
		if (status != OK)
			return status;
		if (c != '\\')
			continue;
		c = source_peek(source);
		if (c < 0x20 || c == 0x7f)
			return entry_fail(cursor, line, column,
			    "a '\\' with nothing behind it");
		(void)source_take(source);
		status = keep_char(cursor, c);
		if (status != OK)
			return status;
	}
}

static enum status
read_word(struct entry_cursor *cursor)
{
	struct entry *entry = cursor->entry;
	struct source *source = cursor->source;
	const size_t start = cursor->used;

	if (entry->n == ENTRY_WORDS_MAX)
		return entry_fail(cursor, source->line, source->column,
		    "the record has more than 8192 words");
	struct word *word = &entry->words[entry->n];
	if (cursor->used == ENTRY_BYTES_MAX) /* no room for a NUL */
		return entry_fail(cursor, source->line, source->column,
		    "the record is longer than 256 KiB");
	word->line = source->line;
	word->column = source->column;
	word->is_quoted = source_peek(source) == '"';
	if (word->is_quoted)
		(void)source_take(source);
	enum status status = read_chars(cursor, word->is_quoted);
	if (status != OK)
		return status;
	if (word->is_quoted)
		(void)source_take(source);
	word->text = entry->bytes + start;
	word->len = cursor->used - start;
	entry->bytes[cursor->used++] = '\0';
	entry->n++;
	return OK;
}

static void
read_comment(struct entry_cursor *cursor)
{
	static const char derived[] = "; derived";
	struct source *source = cursor->source;
	size_t n = 0;
	bool is_same = true;
	int c;

	while ((c = source_peek(source)) >= 0 && c != '\n') {
		(void)source_take(source);
		if (c == '\r')
			continue;
		is_same = is_same && n < sizeof derived - 1 &&
		    c == derived[n];
		n++;
	}
	cursor->entry->is_derived = is_same && n == sizeof derived - 1;
}

static enum status
read_parenthesis(struct entry_cursor *cursor, int c)
{
	struct source *source = cursor->source;

	if (c == '(' && cursor->is_open)
		return entry_fail(cursor, cursor->open_line,
		    cursor->open_column, "the ')' is missing before the next "
		    "'('");
	if (c == ')' && !cursor->is_open)
		return entry_fail(cursor, source->line, source->column,
		    "a ')' without '('");
	cursor->is_open = c == '(';
	cursor->open_line = source->line;
	cursor->open_column = source->column;
	(void)source_take(source);
	return OK;
}

/* Up to the line end outside parentheses, which is taken. */
static enum status
read_words(struct entry_cursor *cursor)
{
	struct source *source = cursor->source;

	for (;;) {
		enum status status = OK;
		int c = source_peek(source);
		if (c < 0 && cursor->is_open)
			return entry_fail(cursor, cursor->open_line,
			    cursor->open_column, "the ')' is missing");
		if (c < 0)
			return OK;
		if (c == '\n' || c == ' ' || c == '\t' || c == '\r') {
			(void)source_take(source);
			if (c == '\n' && !cursor->is_open)
				return OK;
		} else if (c == ';') {
			read_comment(cursor);
		} else if (c == '(' || c == ')') {
			status = read_parenthesis(cursor, c);
		} else {
			status = read_word(cursor);
		}
		if (status != OK)
			return status;
	}
}

/* After a fault: behind the line, and behind open parentheses. */
static void
skip_entry(struct entry_cursor *cursor, uint64_t line)
{
	struct source *source = cursor->source;

	while (source->line == line && source_peek(source) >= 0) {
		int c = source_take(source);
		if (c == ')')
			cursor->is_open = false;
	}
	/* at most until the next line that begins a record */
	while (cursor->is_open) {
		int c = source_peek(source);
		if (c < 0 || (source->column == 1 && !ends_word(c)))
			return;
		(void)source_take(source);
		if (c == ')')
			cursor->is_open = false;
		if (!cursor->is_open) {
			while (source_peek(source) >= 0 &&
			    source_take(source) != '\n')
				continue;
		}
	}
}

enum status
entry_read(struct entry *out, struct source *source, struct row_fault *fault)
{
	struct entry_cursor cursor = { .entry = out, .source = source,
		.fault = fault };

	do {
		int c = source_peek(source);
		if (c == SOURCE_END)
			return ERR_NOT_FOUND;
		cursor.used = 0;
		cursor.is_open = false;
		out->n = 0;
		out->is_derived = false;
		out->has_owner = !ends_word(c) || c == '"';
		enum status status = read_words(&cursor);
		if (source->error != 0) {
			(void)entry_fail(&cursor, source->line,
			    source->column, strerror(source->error));
			return ERR_IO;
		}
		if (status != OK) {
			/* the fault may stand behind the line it is in */
			skip_entry(&cursor, source->line);
			return status;
		}
	} while (out->n == 0);
	return OK;
}
