/*
 * CSV of numbers to records. Layer 6; one thread.
 */
#include "zonefile/csv.h"

#include "base/check.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "e164/e164_name.h"

#include <string.h>

static const char *const csv_names[] = {
#define COLUMN(id, name) name,
#include "zonefile/csv.def"
#undef COLUMN
};

/* A line on its way to records. */
struct csv_line {
	const struct table_record *record;
	const struct field *columns[CSV_COLUMNS]; /* NULL: no such field */
	struct row *row;
	struct arena *arena;
	struct row_fault *fault;
	struct owner name;  /* N or *.P */
	struct owner whois; /* N.w or *.P.w */
	bool is_block;
};

static enum status
csv_fail(struct row_fault *fault, const char *path, uint64_t line,
    uint32_t column)
{
	fault->path = path;
	fault->line = line;
	fault->column = column;
	return ERR_MALFORMED;
}

static enum status
line_fail(const struct csv_line *line, const struct field *field)
{
	return csv_fail(line->fault, line->row->path, line->row->line,
	    field->column);
}

static bool
field_is(const struct field *field, const char *name)
{
	return field->text.len == strlen(name) &&
	    memcmp(field->text.data, name, field->text.len) == 0;
}

static enum csv_column
column_find(const struct field *field)
{
	for (size_t i = 0; i < CSV_COLUMNS; i++) {
		if (field_is(field, csv_names[i]))
			return (enum csv_column)i;
	}
	return CSV_COLUMNS;
}

enum status
csv_read_header(struct csv_header *out, struct table_record *work,
    struct source *source, struct row_fault *fault)
{
	bool is_seen[CSV_COLUMNS] = { false };

	enum status status = table_read(work, source, TABLE_CSV, fault);
	if (status == ERR_NOT_FOUND) {
		reason_set(&fault->reason, "the file is empty: expected a "
		    "header such as number,ocn,naptr_sip");
		return csv_fail(fault, source->path, 1, 1);
	}
	if (status != OK)
		return status;
	out->n = work->n;
	for (size_t i = 0; i < work->n; i++) {
		const struct field *field = &work->fields[i];
		enum csv_column column = column_find(field);
		if (column == CSV_COLUMNS || is_seen[column]) {
			reason_set(&fault->reason, "%s column '%.*s' in the "
			    "header: expected some of number,ocn,naptr_sip,"
			    "lrn,cnam,otc,assignee,zip,location",
			    column == CSV_COLUMNS ? "unknown" : "repeated",
			    (int)field->text.len,
			    (const char *)field->text.data);
			return csv_fail(fault, source->path, work->line,
			    field->column);
		}
		is_seen[column] = true;
		out->column[i] = (uint8_t)column;
	}
	if (is_seen[CSV_NUMBER] && is_seen[CSV_OCN])
		return OK;
	reason_set(&fault->reason, "the header has no column '%s'",
	    csv_names[is_seen[CSV_NUMBER] ? CSV_OCN : CSV_NUMBER]);
	return csv_fail(fault, source->path, work->line, 1);
}

/* The text of a column; nothing if the file does not have it. */
static struct blob
column_text(const struct csv_line *line, enum csv_column column)
{
	const struct field *field = line->columns[column];

	return field == NULL ? (struct blob){ 0 } : field->text;
}

static enum status
take_number(struct csv_line *line)
{
	const struct field *field = line->columns[CSV_NUMBER];
	const char *text = (const char *)field->text.data;
	size_t len = field->text.len;
	struct tn tn = { 0 };

	line->is_block = len > 0 && text[len - 1] == '*';
	if (line->is_block)
		len--;
	if (len == 0) {
		reason_set(&line->fault->reason, "the number is missing");
		return line_fail(line, field);
	}
	line->fault->reason.text[0] = '\0';
	if (tn_parse(&tn, text, len, &line->fault->reason) != OK) {
		if (line->fault->reason.text[0] == '\0')
			reason_set(&line->fault->reason, "'%.*s' is no number "
			    "of 1 to 15 digits", (int)len, text);
		return line_fail(line, field);
	}
	line->name.len = (uint8_t)e164_name_write(line->name.bytes, tn);
	line->whois.len = 0;
	enum status status = owner_push(&line->whois, "w", 1);
	ensure(status == OK);
	memcpy(line->whois.bytes + line->whois.len, line->name.bytes,
	    line->name.len);
	line->whois.len = (uint8_t)(line->whois.len + line->name.len);
	if (line->is_block) {
		status = owner_push(&line->name, "*", 1);
		ensure(status == OK);
		status = owner_push(&line->whois, "*", 1);
		ensure(status == OK);
	}
	return OK;
}

/* Anything behind the OCN. */
static bool
has_other_value(const struct csv_line *line)
{
	for (unsigned c = CSV_OCN + 1; c < CSV_COLUMNS; c++) {
		if (column_text(line, (enum csv_column)c).len > 0)
			return true;
	}
	return false;
}

/* A number has a holder; a block may be there for its location alone. */
static enum status
check_no_ocn(const struct csv_line *line)
{
	if (line->is_block && has_other_value(line))
		return OK;
	reason_set(&line->fault->reason, line->is_block ?
	    "the block has neither an OCN nor anything else" :
	    "the OCN is missing; only a block may be without");
	return line_fail(line, line->columns[CSV_OCN]);
}

static enum status
check_ocn(const struct csv_line *line)
{
	const struct field *field = line->columns[CSV_OCN];
	bool is_good = field->text.len == 4;

	if (field->text.len == 0)
		return check_no_ocn(line);
	for (size_t i = 0; i < field->text.len && is_good; i++) {
		uint8_t c = field->text.data[i];
		is_good = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
	}
	if (is_good)
		return OK;
	reason_set(&line->fault->reason, "'%.*s' is no OCN: expected exactly 4"
	    " of 0-9 and A-Z", (int)(field->text.len > 40 ? 40 :
	    field->text.len), (const char *)field->text.data);
	return line_fail(line, field);
}

static enum status
take_attribute(struct csv_line *line, enum csv_column column)
{
	struct blob value = column_text(line, column);
	bool is_whois = column == CSV_ASSIGNEE || column == CSV_ZIP ||
	    (column == CSV_LOCATION && !line->is_block);

	if (value.len == 0)
		return OK;
	if (row_add_attribute(line->row, line->arena,
	    owner_blob(is_whois ? &line->whois : &line->name), ROW_TTL,
	    csv_names[column], value, line->columns[column]->column) == OK)
		return OK;
	reason_set(&line->fault->reason, "the value of '%s' is %zu bytes long, "
	    "at most %zu are possible", csv_names[column], value.len,
	    ROW_TEXT_MAX - 1 - strlen(csv_names[column]));
	return line_fail(line, line->columns[column]);
}

static bool
begins_with(struct blob text, const char *what)
{
	size_t len = strlen(what);

	if (text.len < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (dns_lower(text.data[i]) != (uint8_t)what[i])
			return false;
	}
	return true;
}

/* What stands against putting a URI between the '!' of a regexp; or NULL. */
static const char *
uri_fault(struct blob uri, bool *has_number)
{
	*has_number = false;
	if (!begins_with(uri, "sip:") && !begins_with(uri, "sips:"))
		return "expected a sip: or sips: URI, or a regexp that begins "
		    "with '!'";
	for (size_t i = 0; i < uri.len; i++) {
		uint8_t c = uri.data[i];
		if (c == '!')
			return "a '!' in the URI: write it as %21";
		if (c <= 0x20 || c > 0x7e)
			return "the URI has a blank or a character that is "
			    "not ASCII: percent-encode it";
		if (c != '\\')
			continue;
		if (i + 1 == uri.len || uri.data[i + 1] != '1')
			return "a '\\' in the URI: only \\1 is possible, it "
			    "stands for the number";
		*has_number = true;
	}
	return NULL;
}

static enum status
take_naptr(struct csv_line *line)
{
	const struct field *field = line->columns[CSV_NAPTR_SIP];
	struct blob uri = column_text(line, CSV_NAPTR_SIP);
	uint8_t rdata[64 + ROW_TEXT_MAX];
	bool has_number = false;

	if (uri.len == 0)
		return OK;
	bool is_regexp = uri.data[0] == '!';
	const char *why = is_regexp ? NULL : uri_fault(uri, &has_number);
	const char *front = is_regexp ? "" : has_number ? "!^(.*)$!" :
	    "!^.*$!";
	const char *back = is_regexp ? "" : "!";
	size_t len = strlen(front) + uri.len + strlen(back);
	if (why == NULL && len > ROW_TEXT_MAX)
		why = "the URI makes a regexp of more than 255 bytes";
	if (why != NULL) {
		reason_set(&line->fault->reason, "naptr_sip: %s", why);
		return line_fail(line, field);
	}
	struct writer w = writer_make(rdata, sizeof rdata);
	write_bytes(&w, "\0\144\0\012\1u\7E2U+sip", 14);
	write_u8(&w, (uint8_t)len);
	write_bytes(&w, front, strlen(front));
	write_bytes(&w, uri.data, uri.len);
	write_bytes(&w, back, strlen(back));
	write_u8(&w, 0);
	ensure(!w.bad);
	row_add(line->row, line->arena, owner_blob(&line->name), TYPE_NAPTR,
	    ROW_TTL, (struct blob){ rdata, writer_len(&w) }, field->column);
	return OK;
}

static enum status
take_line(struct csv_line *line)
{
	enum status status = take_number(line);
	if (status == OK)
		status = check_ocn(line);
	if (status == OK)
		status = take_attribute(line, CSV_OCN);
	if (status == OK)
		status = take_naptr(line);
	for (unsigned c = CSV_LRN; c < CSV_COLUMNS && status == OK; c++)
		status = take_attribute(line, (enum csv_column)c);
	return status;
}

enum status
csv_read_row(struct row *out, struct arena *arena,
    const struct csv_header *header, struct table_record *work,
    struct source *source, struct row_fault *fault)
{
	enum status status = table_read(work, source, TABLE_CSV, fault);
	if (status != OK)
		return status;
	out->path = source->path;
	out->line = work->line;
	out->n = 0;
	if (work->n != header->n) {
		reason_set(&fault->reason, "%zu fields, but the header has "
		    "%zu", work->n, header->n);
		return csv_fail(fault, source->path, work->line,
		    work->fields[work->n - 1].column);
	}
	struct csv_line line = { .record = work, .row = out, .arena = arena,
		.fault = fault };
	for (size_t i = 0; i < work->n; i++)
		line.columns[header->column[i]] = &work->fields[i];
	return take_line(&line);
}
