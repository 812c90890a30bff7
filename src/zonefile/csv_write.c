/*
 * Numbers and blocks to CSV. What the form cannot hold is counted, so that the
 * caller can say that the file is not everything. Layer 6; one thread.
 */
#include "zonefile/csv.h"

#include "base/utf8.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "e164/e164_name.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const csv_names[] = {
#define COLUMN(id, name) name,
#include "zonefile/csv.def"
#undef COLUMN
};

/* One row: the number or block and what is known of it so far. */
struct csv_pending {
	struct tn tn;
	bool is_block;
	bool is_used; /* there is a row */
	uint8_t len[CSV_COLUMNS];
	uint8_t value[CSV_COLUMNS][ROW_TEXT_MAX];
};

/* Name of a row: a number or block, of public or of whois data. */
struct csv_name {
	struct tn tn;
	bool is_block;
	bool is_whois;
};

static bool
name_read(struct csv_name *out, struct blob owner)
{
	size_t at = owner.len >= 2 && owner.data[0] == 1 &&
	    owner.data[1] == 'w' ? 2 : 0;

	out->is_whois = at > 0;
	at += e164_name_read(&out->tn, owner.data + at, owner.len - at);
	if (tn_count(out->tn) == 0)
		return false;
	out->is_block = owner.len == at + 2 && owner.data[at] == 1 &&
	    owner.data[at + 1] == '*';
	return out->is_block || at == owner.len;
}

/* A field, in quotes where RFC 4180 2.6 and 2.7 want them. */
static void
write_field(FILE *out, const uint8_t *value, size_t len)
{
	if (memchr(value, ',', len) == NULL &&
	    memchr(value, '"', len) == NULL) {
		fwrite(value, 1, len, out);
		return;
	}
	putc('"', out);
	for (size_t i = 0; i < len; i++) {
		if (value[i] == '"')
			putc('"', out);
		putc(value[i], out);
	}
	putc('"', out);
}

/* Values of the row, the OCN left out. */
static unsigned
count_others(const struct csv_pending *row)
{
	unsigned n = 0;

	for (unsigned c = CSV_OCN + 1; c < CSV_COLUMNS; c++)
		n += row->len[c] > 0;
	return n;
}

static void
write_row(struct csv_writer *writer)
{
	struct csv_pending *row = writer->pending;
	char digits[TN_DIGITS_MAX + 1];

	if (!row->is_used)
		return;
	/* as csv_read has it: a number has a holder */
	unsigned n_others = count_others(row);
	if (row->len[CSV_OCN] == 0 && (!row->is_block || n_others == 0)) {
		writer->lost += n_others;
		row->is_used = false;
		return;
	}
	size_t n = tn_digits(digits, row->tn);
	fwrite(digits, 1, n, writer->out);
	if (row->is_block)
		putc('*', writer->out);
	for (size_t c = CSV_OCN; c < CSV_COLUMNS; c++) {
		putc(',', writer->out);
		write_field(writer->out, row->value[c], row->len[c]);
	}
	putc('\n', writer->out);
	writer->rows++;
	row->is_used = false;
}

/* Control characters and what is not UTF-8 would not come back from CSV. */
static bool
is_writable(struct blob value)
{
	for (size_t i = 0; i < value.len;) {
		size_t step = utf8_length(value.data + i, value.len - i);
		if (step == 0 || value.data[i] < 0x20 || value.data[i] == 0x7f)
			return false;
		i += step;
	}
	return value.len > 0;
}

static bool
keep_value(struct csv_pending *row, enum csv_column column, struct blob value)
{
	if (row->len[column] != 0 || !is_writable(value))
		return false;
	memcpy(row->value[column], value.data, value.len);
	row->len[column] = (uint8_t)value.len;
	return true;
}

static bool
take_text(struct csv_pending *row, const struct csv_name *name,
    struct blob rdata)
{
	if (rdata.len == 0 || rdata.len != 1 + (size_t)rdata.data[0])
		return false;
	struct blob text = { rdata.data + 1, rdata.len - 1 };
	for (unsigned c = CSV_OCN; c < CSV_COLUMNS; c++) {
		size_t len = strlen(csv_names[c]);
		if (c == CSV_NAPTR_SIP || text.len <= len ||
		    text.data[len] != '=' ||
		    memcmp(text.data, csv_names[c], len) != 0)
			continue;
		bool is_whois = c == CSV_ASSIGNEE || c == CSV_ZIP ||
		    (c == CSV_LOCATION && !name->is_block);
		if (is_whois != name->is_whois)
			return false;
		return keep_value(row, (enum csv_column)c, (struct blob){
		    text.data + len + 1, text.len - len - 1 });
	}
	return false;
}

/* The URI of a regexp that csv_read would make of it, else the regexp. */
static struct blob
uri_of_regexp(struct blob regexp)
{
	static const char plain[] = "!^.*$!";
	static const char with_number[] = "!^(.*)$!";
	const char *front = plain;
	struct blob uri;

	if (regexp.len > sizeof with_number &&
	    memcmp(regexp.data, with_number, sizeof with_number - 1) == 0)
		front = with_number;
	size_t len = strlen(front);
	if (regexp.len < len + 5 || memcmp(regexp.data, front, len) != 0 ||
	    regexp.data[regexp.len - 1] != '!')
		return regexp;
	uri.data = regexp.data + len;
	uri.len = regexp.len - len - 1;
	bool has_number = false;
	for (size_t i = 0; i < uri.len; i++) {
		uint8_t c = uri.data[i];
		if (c == '!' || c <= 0x20 || c > 0x7e)
			return regexp;
		if (c == '\\' && (i + 1 == uri.len || uri.data[i + 1] != '1'))
			return regexp;
		has_number = has_number || c == '\\';
	}
	if (has_number != (front == with_number))
		return regexp;
	if (strncasecmp((const char *)uri.data, "sip:", 4) != 0 &&
	    strncasecmp((const char *)uri.data, "sips:", 5) != 0)
		return regexp;
	return uri;
}

/* A NAPTR: ours from naptr_sip, the judge's from lrn, or one that is lost. */
static bool
take_naptr(struct csv_pending *row, struct blob rdata, bool has_lrn)
{
	static const char front[] = "\0\144\0\012\1u\7E2U+sip";
	static const char lrn[] = "E2U+pstn:tel";
	struct reader r = reader_make(rdata.data, rdata.len);

	(void)reader_take(&r, 4);
	(void)reader_take(&r, read_u8(&r));
	size_t service_len = read_u8(&r);
	const uint8_t *service = reader_take(&r, service_len);
	struct blob regexp;
	regexp.len = read_u8(&r);
	regexp.data = reader_take(&r, regexp.len);
	if (r.bad)
		return false;
	if (has_lrn && service_len == sizeof lrn - 1 &&
	    strncasecmp((const char *)service, lrn, service_len) == 0)
		return true;
	if (rdata.len < 14 || memcmp(rdata.data, front, 14) != 0 ||
	    read_u8(&r) != 0 || !reader_done(&r) || regexp.len == 0 ||
	    regexp.data[0] != '!')
		return false;
	return keep_value(row, CSV_NAPTR_SIP, uri_of_regexp(regexp));
}

static void
take_rrset(struct csv_writer *writer, const struct csv_name *name,
    const struct rrset *rrset, bool has_lrn)
{
	struct blob rest = rrset->rdatas;
	struct blob rdata;

	while (rrset_next_rdata(&rest, &rdata)) {
		bool is_kept = false;
		if (rrset->type == TYPE_TXT)
			is_kept = take_text(writer->pending, name, rdata);
		else if (rrset->type == TYPE_NAPTR && !name->is_whois)
			is_kept = take_naptr(writer->pending, rdata, has_lrn);
		writer->lost += !is_kept;
	}
}

static bool
node_has_lrn(const struct node *node)
{
	struct rrset texts;
	struct blob rdata;

	if (!rrset_find(node->rrsets, TYPE_TXT, &texts))
		return false;
	while (rrset_next_rdata(&texts.rdatas, &rdata)) {
		if (rdata.len > 5 && memcmp(rdata.data + 1, "lrn=", 4) == 0)
			return true;
	}
	return false;
}

static uint64_t
count_records(const struct node *node)
{
	struct blob rest = node->rrsets;
	struct rrset rrset;
	uint64_t n = 0;

	while (rrset_next(&rest, &rrset))
		n += rrset.count;
	return n;
}

enum status
csv_write_start(struct csv_writer *out, FILE *file)
{
	struct csv_pending *pending = calloc(1, sizeof *pending);

	if (pending == NULL)
		return ERR_IO;
	*out = (struct csv_writer){ .out = file, .pending = pending };
	for (size_t c = 0; c < CSV_COLUMNS; c++)
		fprintf(file, "%s%s", c > 0 ? "," : "", csv_names[c]);
	putc('\n', file);
	return OK;
}

void
csv_write_node(struct csv_writer *writer, struct blob owner,
    const struct node *node)
{
	struct csv_pending *row = writer->pending;
	struct blob rest = node->rrsets;
	struct rrset rrset;
	struct csv_name name;

	if ((node->flags & NODE_DERIVED) != 0)
		return;
	if (!name_read(&name, owner)) {
		writer->others += count_records(node);
		return;
	}
	if (!row->is_used || tn_compare(row->tn, name.tn) != 0 ||
	    row->is_block != name.is_block) {
		write_row(writer);
		memset(row->len, 0, sizeof row->len);
		row->tn = name.tn;
		row->is_block = name.is_block;
		row->is_used = true;
	}
	bool has_lrn = node_has_lrn(node);
	while (rrset_next(&rest, &rrset))
		take_rrset(writer, &name, &rrset, has_lrn);
}

enum status
csv_write_end(struct csv_writer *writer)
{
	write_row(writer);
	free(writer->pending);
	writer->pending = NULL;
	return fflush(writer->out) == 0 && ferror(writer->out) == 0 ? OK :
	    ERR_IO;
}
