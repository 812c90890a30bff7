/*
 * Reading of records of fields. RFC 4180 2. Layer 6; one thread.
 */
#include "zonefile/table.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

/* State of reading one record. */
struct table_cursor {
	struct table_record *record;
	struct source *source;
	struct row_fault *fault;
	size_t used; /* of record->bytes */
	int separator;
	bool has_quotes;
};

static enum status
table_fail(struct table_cursor *cursor, uint64_t line, uint32_t column,
    const char *text)
{
	*cursor->fault = (struct row_fault){ .path = cursor->source->path,
		.line = line, .column = column };
	reason_set(&cursor->fault->reason, "%s", text);
	return ERR_MALFORMED;
}

static enum status
keep_byte(struct table_cursor *cursor, int c, uint64_t line, uint32_t column)
{
	if (cursor->used == TABLE_RECORD_MAX)
		return table_fail(cursor, line, column, "the line is longer "
		    "than 16384 bytes");
	if (c < 0x20 || c == 0x7f)
		return table_fail(cursor, line, column,
		    "control characters are not allowed");
	cursor->record->bytes[cursor->used++] = (uint8_t)c;
	return OK;
}

/* Between quotes; the opening one is taken. */
static enum status
read_quoted(struct table_cursor *cursor)
{
	struct source *source = cursor->source;
	const uint64_t line = source->line;
	const uint32_t column = source->column - 1;

	for (;;) {
		uint64_t at_line = source->line;
		uint32_t at_column = source->column;
		int c = source_peek(source);
		if (c < 0 || c == '\n')
			return table_fail(cursor, line, column,
			    "the closing quote is missing");
		(void)source_take(source);
		if (c == '"') {
			if (source_peek(source) != '"')
				return OK;
			(void)source_take(source);
		}
		enum status status = keep_byte(cursor, c, at_line, at_column);
		if (status != OK)
			return status;
	}
}

/* The printable ASCII in front that is nothing special, all at once: nearly
 * all of most files. */
static void
keep_run(struct table_cursor *cursor)
{
	struct source *source = cursor->source;
	const uint8_t *from = source->buffer + source->pos;
	size_t most = source->len - source->pos;
	size_t n = 0;

	if (most > TABLE_RECORD_MAX - cursor->used)
		most = TABLE_RECORD_MAX - cursor->used;
	while (n < most && from[n] >= 0x20 && from[n] < 0x7f &&
	    from[n] != cursor->separator && from[n] != '"')
		n++;
	memcpy(cursor->record->bytes + cursor->used, from, n);
	cursor->used += n;
	source->pos += n;
	source->column += (uint32_t)n;
}

static enum status
read_plain(struct table_cursor *cursor)
{
	struct source *source = cursor->source;

	for (;;) {
		keep_run(cursor);
		int c = source_peek(source);
		if (c < 0 || c == '\n' || c == cursor->separator)
			return OK;
		uint32_t column = source->column;
		(void)source_take(source);
		if (c == '\r' && source_peek(source) == '\n')
			return OK;
		if (c == '"' && cursor->has_quotes)
			return table_fail(cursor, source->line, column,
			    "a quote inside a field: put the field in quotes "
			    "and the quote twice");
		enum status status = keep_byte(cursor, c, source->line,
		    column);
		if (status != OK)
			return status;
	}
}

static enum status
check_utf8(struct table_cursor *cursor, const struct field *field)
{
	uint32_t column = field->column;

	for (size_t i = 0; i < field->text.len; column++) {
		size_t step = field->text.data[i] < 0x80 ? 1 :
		    utf8_length(field->text.data + i, field->text.len - i);
		if (step == 0)
			return table_fail(cursor, cursor->record->line, column,
			    "not UTF-8");
		i += step;
	}
	return OK;
}

/* One field and what ends it. *is_last out. */
static enum status
read_field(struct table_cursor *cursor, bool *is_last)
{
	struct table_record *record = cursor->record;
	struct source *source = cursor->source;
	const size_t start = cursor->used;
	enum status status = OK;

	if (record->n == TABLE_FIELDS_MAX)
		return table_fail(cursor, source->line, source->column,
		    "more than 32 fields");
	struct field *field = &record->fields[record->n];
	field->column = source->column;
	if (cursor->has_quotes && source_peek(source) == '"') {
		(void)source_take(source);
		status = read_quoted(cursor);
		if (status == OK && source_peek(source) == '\r')
			(void)source_take(source);
		int c = source_peek(source);
		if (status == OK && c >= 0 && c != '\n' &&
		    c != cursor->separator)
			return table_fail(cursor, source->line, source->column,
			    "expected a comma or the end of the line after "
			    "the closing quote");
	} else {
		status = read_plain(cursor);
	}
	if (status != OK)
		return status;
	field->text = (struct blob){ record->bytes + start,
		cursor->used - start };
	record->n++;
	*is_last = source_peek(source) != cursor->separator;
	if (source_peek(source) != SOURCE_FAILED)
		(void)source_take(source);
	return check_utf8(cursor, field);
}

static void
skip_line(struct source *source, uint64_t line)
{
	while (source->line == line && source_peek(source) >= 0)
		(void)source_take(source);
}

static enum status
read_record(struct table_cursor *cursor)
{
	struct source *source = cursor->source;
	bool is_last = false;

	cursor->used = 0;
	cursor->record->n = 0;
	cursor->record->line = source->line;
	while (!is_last) {
		uint64_t line = source->line;
		enum status status = read_field(cursor, &is_last);
		if (status != OK) {
			skip_line(source, line);
			return status;
		}
	}
	return OK;
}

enum status
table_read(struct table_record *out, struct source *source,
    enum table_form form, struct row_fault *fault)
{
	struct table_cursor cursor = {
		.record = out,
		.source = source,
		.fault = fault,
		.separator = form == TABLE_CSV ? ',' : '|',
		.has_quotes = form == TABLE_CSV,
	};

	do {
		if (source_peek(source) == SOURCE_END)
			return ERR_NOT_FOUND;
		enum status status = read_record(&cursor);
		if (source->error != 0) {
			*fault = (struct row_fault){ .path = source->path,
				.line = source->line,
				.column = source->column };
			reason_set(&fault->reason, "cannot be read: %s",
			    strerror(source->error));
			return ERR_IO;
		}
		if (status != OK)
			return status;
	} while (out->n == 1 && out->fields[0].text.len == 0);
	return OK;
}
