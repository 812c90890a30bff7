/*
 * Reading of zone files, a record at a time. RFC 1035 5.1, RFC 2308 4. Layer
 * 6; one thread.
 */
#include "zonefile/zone_read.h"

#include "base/check.h"
#include "dns/rdata.h"
#include "zonefile/entry.h"
#include "zonefile/rdata_text.h"
#include "zonefile/source.h"
#include "zonefile/ttl.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One open file; what $ORIGIN sets ends with it. */
struct zone_file {
	struct source source;
	struct dname origin;
};

struct zone_reader {
	struct dname apex;
	struct zone_file files[ZONE_DEPTH_MAX];
	size_t depth; /* files open */
	char *paths[ZONE_INCLUDES_MAX]; /* of files that were read */
	size_t n_paths;
	struct dname owner; /* of the last record; len 0: none yet */
	uint32_t ttl;       /* $TTL, or of the last record */
	bool has_ttl;
	bool has_default_ttl;
	uint64_t n_signatures;
	uint64_t n_derived;
	struct entry entry;
	uint8_t rdata[RDATA_MAX];
};

/* The parts of a record before its data. */
struct zone_head {
	struct dname name;
	struct owner owner;
	uint32_t ttl;
	bool has_ttl;
	uint16_t type;
	size_t next; /* first word of the data */
};

/* Types that a signer makes: they would be wrong here. RFC 4034, 5155, 7344,
 * 8976; SIG, KEY and NXT of RFC 2535. */
static const char *const signer_types[] = { "RRSIG", "NSEC", "NSEC3",
	"NSEC3PARAM", "DNSKEY", "CDS", "CDNSKEY", "ZONEMD", "SIG", "KEY",
	"NXT" };

enum status
zone_reader_open(struct zone_reader **out, const char *path,
    const struct dname *apex, struct reason *reason)
{
	struct zone_reader *reader = calloc(1, sizeof *reader);

	if (reader == NULL) {
		reason_set(reason, "not enough memory");
		return ERR_IO;
	}
	reader->apex = *apex;
	reader->files[0].origin = *apex;
	enum status status = source_open(&reader->files[0].source, path,
	    reason);
	if (status != OK) {
		free(reader);
		return status;
	}
	reader->depth = 1;
	*out = reader;
	return OK;
}

void
zone_reader_close(struct zone_reader *reader)
{
	if (reader == NULL)
		return;
	while (reader->depth > 0)
		source_close(&reader->files[--reader->depth].source);
	for (size_t i = 0; i < reader->n_paths; i++)
		free(reader->paths[i]);
	free(reader);
}

uint64_t
zone_reader_offset(const struct zone_reader *reader)
{
	return source_offset(&reader->files[0].source);
}

uint64_t
zone_reader_signatures(const struct zone_reader *reader)
{
	return reader->n_signatures;
}

uint64_t
zone_reader_derived(const struct zone_reader *reader)
{
	return reader->n_derived;
}

static struct zone_file *
top_file(struct zone_reader *reader)
{
	return &reader->files[reader->depth - 1];
}

/* Fault at a word of the entry; at n: at its last word. */
static enum status
word_fault(struct zone_reader *reader, size_t at, struct row_fault *fault)
{
	const struct entry *entry = &reader->entry;

	if (at >= entry->n)
		at = entry->n - 1;
	fault->path = top_file(reader)->source.path;
	fault->line = entry->words[at].line;
	fault->column = entry->words[at].column;
	return ERR_MALFORMED;
}

static enum status
parse_name_word(struct zone_reader *reader, size_t at, struct dname *out,
    struct row_fault *fault)
{
	const struct word *word = &reader->entry.words[at];
	const struct dname *origin = &top_file(reader)->origin;

	if (word->len == 1 && word->text[0] == '@' && !word->is_quoted) {
		*out = *origin;
		return OK;
	}
	if (word->len > 0 && dname_parse(out, word->text, word->len,
	    origin) == OK)
		return OK;
	reason_set(&fault->reason, "'%.60s' is no domain name", word->text);
	return word_fault(reader, at, fault);
}

/* ------------------------------------------------------------- directives */

static enum status
take_origin(struct zone_reader *reader, struct row_fault *fault)
{
	struct dname name;

	if (reader->entry.n != 2) {
		reason_set(&fault->reason, "expected $ORIGIN and one name");
		return word_fault(reader, 0, fault);
	}
	enum status status = parse_name_word(reader, 1, &name, fault);
	if (status == OK)
		top_file(reader)->origin = name;
	return status;
}

static enum status
take_default_ttl(struct zone_reader *reader, struct row_fault *fault)
{
	uint32_t ttl = 0;

	if (reader->entry.n != 2 ||
	    !ttl_parse(&ttl, reader->entry.words[1].text) || ttl > INT32_MAX) {
		reason_set(&fault->reason,
		    "expected $TTL and a time up to 2147483647 seconds");
		return word_fault(reader, 1, fault);
	}
	reader->ttl = ttl;
	reader->has_ttl = true;
	reader->has_default_ttl = true;
	return OK;
}

/* The included path beside the including file; false if it leads outside. */
static bool
include_path(char *out, size_t cap, const char *base, const char *path)
{
	const char *slash = strrchr(base, '/');
	int dir_len = slash == NULL ? 0 : (int)(slash + 1 - base);

	if (path[0] == '\0' || path[0] == '/' || strcmp(path, "..") == 0 ||
	    strncmp(path, "../", 3) == 0 || strstr(path, "/../") != NULL)
		return false;
	int len = snprintf(out, cap, "%.*s%s", dir_len, base, path);
	return len > 0 && (size_t)len < cap;
}

static enum status
take_include(struct zone_reader *reader, struct row_fault *fault)
{
	char path[PATH_MAX];
	struct dname origin = top_file(reader)->origin;
	const struct entry *entry = &reader->entry;

	if (entry->n != 2 && entry->n != 3) {
		reason_set(&fault->reason,
		    "expected $INCLUDE, a file and at most one name");
		return word_fault(reader, 0, fault);
	}
	if (entry->n == 3) {
		enum status status = parse_name_word(reader, 2, &origin,
		    fault);
		if (status != OK)
			return status;
	}
	/* the open ones, but for the outermost, will be among paths too */
	if (reader->depth == ZONE_DEPTH_MAX ||
	    reader->n_paths + reader->depth - 1 >= ZONE_INCLUDES_MAX) {
		reason_set(&fault->reason, "more than %d files, or nested "
		    "more than %d deep", ZONE_INCLUDES_MAX, ZONE_DEPTH_MAX);
		return word_fault(reader, 0, fault);
	}
	if (!include_path(path, sizeof path, top_file(reader)->source.path,
	    entry->words[1].text)) {
		reason_set(&fault->reason, "'%.60s' is not below the "
		    "directory of this file", entry->words[1].text);
		return word_fault(reader, 1, fault);
	}
	struct zone_file *file = &reader->files[reader->depth];
	if (source_open(&file->source, path, &fault->reason) != OK)
		return word_fault(reader, 1, fault);
	file->origin = origin;
	reader->depth++;
	return OK;
}

static enum status
take_directive(struct zone_reader *reader, struct row_fault *fault)
{
	const char *text = reader->entry.words[0].text;

	if (strcasecmp(text, "$ORIGIN") == 0)
		return take_origin(reader, fault);
	if (strcasecmp(text, "$TTL") == 0)
		return take_default_ttl(reader, fault);
	if (strcasecmp(text, "$INCLUDE") == 0)
		return take_include(reader, fault);
	reason_set(&fault->reason, "'%.60s' is not supported: expected "
	    "$ORIGIN, $TTL or $INCLUDE", text);
	return word_fault(reader, 0, fault);
}

/* ---------------------------------------------------------------- records */

/* The name: the first word, or that of the record before. */
static enum status
take_owner(struct zone_reader *reader, struct zone_head *head,
    struct row_fault *fault)
{
	head->next = 0;
	if (reader->entry.has_owner) {
		enum status status = parse_name_word(reader, 0, &head->name,
		    fault);
		if (status != OK)
			return status;
		reader->owner = head->name;
		head->next = 1;
	} else if (reader->owner.len == 0) {
		reason_set(&fault->reason,
		    "the first record needs a name at the line's begin");
		return word_fault(reader, 0, fault);
	} else {
		head->name = reader->owner;
	}
	if (owner_from_dname(&head->owner, &head->name, &reader->apex) == OK)
		return OK;
	char name[NAME_TEXT_MAX];
	char zone[NAME_TEXT_MAX];
	reason_set(&fault->reason, "%.200s is not in the zone %.200s",
	    dname_format(name, sizeof name, &head->name),
	    dname_format(zone, sizeof zone, &reader->apex));
	return word_fault(reader, 0, fault);
}

/* TTL and class in either order, then the type. RFC 1035 5.1. */
static enum status
take_type(struct zone_reader *reader, struct zone_head *head,
    struct row_fault *fault)
{
	const struct entry *entry = &reader->entry;
	bool has_class = false;

	for (; head->next < entry->n; head->next++) {
		const char *text = entry->words[head->next].text;
		if (!head->has_ttl && ttl_parse(&head->ttl, text)) {
			head->has_ttl = true;
			if (head->ttl <= INT32_MAX)
				continue;
			reason_set(&fault->reason,
			    "a TTL is at most 2147483647 seconds");
			return word_fault(reader, head->next, fault);
		}
		if (has_class || (strcasecmp(text, "IN") != 0 &&
		    strcasecmp(text, "CLASS1") != 0))
			break;
		has_class = true;
	}
	if (head->next == entry->n) {
		reason_set(&fault->reason, "the record's type is missing");
		return word_fault(reader, entry->n, fault);
	}
	const char *text = entry->words[head->next].text;
	if (!type_parse(&head->type, text)) {
		bool is_class = strcasecmp(text, "CH") == 0 ||
		    strcasecmp(text, "HS") == 0;
		reason_set(&fault->reason, is_class ? "class '%.60s': only IN "
		    "is kept" : "'%.60s' is no record type", text);
		return word_fault(reader, head->next, fault);
	}
	head->next++;
	return OK;
}

static bool
is_signer_type(const struct zone_reader *reader, const struct zone_head *head)
{
	const char *text = reader->entry.words[head->next - 1].text;

	for (size_t i = 0; i < sizeof signer_types / sizeof signer_types[0];
	    i++) {
		if ((text[0] & 0xdf) == signer_types[i][0] &&
		    strcasecmp(text, signer_types[i]) == 0)
			return true;
	}
	return head->type == TYPE_RRSIG || head->type == TYPE_NSEC ||
	    head->type == TYPE_NSEC3 || head->type == TYPE_NSEC3PARAM ||
	    head->type == TYPE_DNSKEY;
}

static enum status
take_data(struct zone_reader *reader, const struct zone_head *head,
    size_t *len, struct row_fault *fault)
{
	const struct entry *entry = &reader->entry;
	size_t at = 0;

	fault->reason.text[0] = '\0';
	enum status status = rdata_parse(reader->rdata, len, head->type,
	    entry->words + head->next, entry->n - head->next,
	    &top_file(reader)->origin, &at, &fault->reason);
	if (status == OK)
		return OK;
	char type[TYPE_TEXT_MAX];
	struct reason why = fault->reason;
	reason_set(&fault->reason, "%s: %.400s",
	    type_format(type, head->type), why.text);
	return word_fault(reader, head->next + at, fault);
}

/* The TTL of the record: its own, $TTL, the last one, SOA's minimum. */
static enum status
settle_ttl(struct zone_reader *reader, struct zone_head *head, size_t rdata_len,
    struct row_fault *fault)
{
	if (!head->has_ttl && reader->has_ttl) {
		head->ttl = reader->ttl;
	} else if (!head->has_ttl && head->type == TYPE_SOA) {
		struct reader r = reader_make(reader->rdata + rdata_len - 4, 4);
		head->ttl = read_u32(&r) & INT32_MAX;
	} else if (!head->has_ttl) {
		reason_set(&fault->reason, "no TTL is known: put one here, or "
		    "a $TTL before");
		return word_fault(reader, 0, fault);
	}
	if (!reader->has_default_ttl) {
		reader->ttl = head->ttl;
		reader->has_ttl = true;
	}
	return OK;
}

static enum status
say_other_zone(struct zone_reader *reader, const struct zone_head *head,
    struct row_fault *fault)
{
	char name[NAME_TEXT_MAX];
	char zone[NAME_TEXT_MAX];

	reason_set(&fault->reason, "this file is of the zone %.200s, the "
	    "registry's is %.200s",
	    dname_format(name, sizeof name, &head->name),
	    dname_format(zone, sizeof zone, &reader->apex));
	(void)word_fault(reader, 0, fault);
	return ERR_FOREIGN;
}

static enum status
check_zone(struct zone_reader *reader, const struct zone_head *head,
    struct row_fault *fault)
{
	if (head->type != TYPE_SOA ||
	    dname_equal(&head->name, &reader->apex))
		return OK;
	return say_other_zone(reader, head, fault);
}

/* SOA where the name is outside the zone: say which zone the file is of. */
static enum status
say_foreign(struct zone_reader *reader, struct zone_head *head,
    struct row_fault *fault)
{
	struct row_fault other = { .reason = { "" } };

	if (take_type(reader, head, &other) == OK && head->type == TYPE_SOA)
		return check_zone(reader, head, fault);
	return ERR_MALFORMED;
}

/* @return OK with out->n 0 when the record is left out. */
static enum status
take_record(struct zone_reader *reader, struct row *out, struct arena *arena,
    struct row_fault *fault)
{
	struct zone_head head = { .next = 0 };
	size_t len = 0;

	enum status status = take_owner(reader, &head, fault);
	if (status != OK)
		return head.next == 1 ? say_foreign(reader, &head, fault) :
		    status;
	status = take_type(reader, &head, fault);
	if (status != OK)
		return status;
	if (is_signer_type(reader, &head)) {
		reader->n_signatures++;
		return OK;
	}
	if (reader->entry.is_derived) {
		reader->n_derived++;
		return OK;
	}
	status = take_data(reader, &head, &len, fault);
	if (status == OK)
		status = settle_ttl(reader, &head, len, fault);
	if (status == OK)
		status = check_zone(reader, &head, fault);
	if (status != OK)
		return status;
	const struct word *first = &reader->entry.words[0];
	out->path = top_file(reader)->source.path;
	out->line = first->line;
	row_add(out, arena, owner_blob(&head.owner), head.type, head.ttl,
	    (struct blob){ reader->rdata, len }, first->column);
	return OK;
}

/* An included file is finished; its path is kept for rows that name it. */
static void
end_file(struct zone_reader *reader)
{
	struct zone_file *file = top_file(reader);

	ensure(reader->n_paths < ZONE_INCLUDES_MAX);
	reader->paths[reader->n_paths++] = file->source.path;
	file->source.path = NULL;
	source_close(&file->source);
	reader->depth--;
}

enum status
zone_reader_next(struct zone_reader *reader, struct row *out,
    struct arena *arena, struct row_fault *fault)
{
	out->n = 0;
	while (out->n == 0) {
		enum status status = entry_read(&reader->entry,
		    &top_file(reader)->source, fault);
		if (status == ERR_NOT_FOUND && reader->depth > 1) {
			end_file(reader);
			continue;
		}
		if (status != OK)
			return status;
		const struct word *first = &reader->entry.words[0];
		if (reader->entry.has_owner && !first->is_quoted &&
		    first->text[0] == '$')
			status = take_directive(reader, fault);
		else
			status = take_record(reader, out, arena, fault);
		if (status != OK)
			return status;
	}
	return OK;
}
