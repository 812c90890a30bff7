/*
 * `allocate`, `port`, `set`, `unset`, `release`: what a carrier does with its
 * key, each one DNS UPDATE (RFC 2136) in the forms of doc/update.md. Layer 10;
 * one thread.
 */
#include "cmd/remote.h"
#include "cmd/tool.h"

#include "base/check.h"
#include "dns/rcode.h"
#include "dns/rdata.h"
#include "e164/e164_name.h"
#include "e164/tn.h"
#include "registry/property.h"
#include "sec/sec.h"
#include "zonefile/rdata_text.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TTL = 300,        /* seconds, of what is written */
	TTL_MOST = 86400, /* of --ttl */
	PIN_MAX = 64,     /* bytes */
	TXT_MAX = 256,    /* bytes of rdata of one string */
	NAPTR_TEXT_MAX = 1024, /* bytes of its fields as text */
	NAPTR_WORDS = 6,
};

/* What a command line asks for. */
struct order {
	struct tn tn;
	bool is_block;
	char title[TN_TEXT_MAX + 2]; /* "+1201555*" */
	char **words; /* attributes */
	int n_words;
	const char *ocn;          /* --ocn */
	const char *pin_file;     /* --pin-file */
	const char *new_pin_file; /* --new-pin-file */
	uint64_t ttl;
	bool is_dry;
	bool is_json;
};

/* A message on the way. */
struct work {
	const struct tool *tool;
	struct order order;
	struct remote remote;
	int code; /* when no message can be made */
	struct remote_message m;
	struct remote_reply reply;
	uint8_t rdata[65535];
};

/* ------------------------------------------------------------- command line */

static bool
parse_ttl(const struct tool *tool, const char *text, uint64_t *out)
{
	char *end = NULL;
	unsigned long long value = strtoull(text, &end, 10);

	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' &&
	    value <= TTL_MOST) {
		*out = value;
		return true;
	}
	(void)tool_usage(tool, "--ttl: expected 0 to %d seconds", TTL_MOST);
	return false;
}

static int
parse_subject(const struct tool *tool, struct order *out, char *text)
{
	struct reason reason = { "" };
	char number[TN_TEXT_MAX];
	size_t len = strlen(text);

	out->is_block = len > 1 && text[len - 1] == '*';
	if (tn_parse(&out->tn, text, out->is_block ? len - 1 : len,
	    &reason) != OK)
		return tool_usage(tool, "'%.100s': %s", text, reason.text);
	snprintf(out->title, sizeof out->title, "%s%s",
	    tn_format(number, out->tn), out->is_block ? "*" : "");
	return EXIT_DONE;
}

static int
parse_order(const struct tool *tool, struct order *out)
{
	static const struct option long_options[] = {
		{ "ocn", required_argument, NULL, 'o' },
		{ "pin-file", required_argument, NULL, 'p' },
		{ "new-pin-file", required_argument, NULL, 'n' },
		{ "ttl", required_argument, NULL, 't' },
		{ "dry-run", no_argument, NULL, 'd' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int n_rest = 0;
	int opt;

	while ((opt = tool_option(tool, long_options)) != -1) {
		if (opt == '?' ||
		    (opt == 't' && !parse_ttl(tool, optarg, &out->ttl)))
			return EXIT_USAGE;
		out->ocn = opt == 'o' ? optarg : out->ocn;
		out->pin_file = opt == 'p' ? optarg : out->pin_file;
		out->new_pin_file = opt == 'n' ? optarg : out->new_pin_file;
		out->is_dry = out->is_dry || opt == 'd';
		out->is_json = out->is_json || opt == 'j';
	}
	char **rest = tool_rest(tool, &n_rest);
	if (n_rest < 1)
		return tool_usage(tool, "expected a number, or a prefix that "
		    "ends in *");
	out->words = rest + 1;
	out->n_words = n_rest - 1;
	return parse_subject(tool, out, rest[0]);
}

/* ------------------------------------------------------------------ records */

/* Name of the number or block with a label in front, or below w. */
static struct dname
name_of(const struct work *work, const char *label, const char *top)
{
	struct owner owner = { .len = 0 };
	struct dname out;
	enum status status = OK;

	if (top[0] != '\0')
		status = owner_push(&owner, top, strlen(top));
	ensure(status == OK);
	owner.len = (uint8_t)(owner.len +
	    e164_name_write(owner.bytes + owner.len, work->order.tn));
	if (work->order.is_block)
		status = owner_push(&owner, "*", 1);
	ensure(status == OK);
	if (label[0] != '\0')
		status = owner_push(&owner, label, strlen(label));
	ensure(status == OK);
	status = owner_to_dname(&out, owner_blob(&owner), &work->remote.zone);
	if (status != OK)
		out = (struct dname){ .len = 1 }; /* refused by the server */
	return out;
}

/* One string as rdata. @return false: too long, and that is said. */
static bool
make_txt(const struct work *work, uint8_t out[TXT_MAX], struct blob text,
    struct blob *rdata)
{
	if (text.len > TXT_MAX - 1) {
		(void)tool_usage(work->tool, "'%.40s...' is longer than %d "
		    "bytes", (const char *)text.data, TXT_MAX - 1);
		return false;
	}
	out[0] = (uint8_t)text.len;
	memcpy(out + 1, text.data, text.len);
	*rdata = (struct blob){ out, text.len + 1 };
	return true;
}

static struct blob
text_blob(const char *text)
{
	return (struct blob){ (const uint8_t *)text, strlen(text) };
}

/* A TXT record of one string in a section. */
static bool
put_txt(struct work *work, enum message_section section,
    const struct dname *owner, uint16_t class_, struct blob text)
{
	uint8_t bytes[TXT_MAX];
	struct remote_record record = { .owner = owner, .type = TYPE_TXT,
		.class_ = class_ };

	if (!make_txt(work, bytes, text, &record.rdata))
		return false;
	if (section == SECTION_AUTHORITY && class_ == CLASS_IN)
		record.ttl = (uint32_t)work->order.ttl;
	remote_put(&work->m, section, &record);
	sec_wipe(bytes, sizeof bytes);
	return true;
}

/* `name=value` of the holder's OCN. */
static bool
put_ocn(struct work *work)
{
	char text[16];
	const char *ocn = work->order.ocn != NULL ? work->order.ocn
						  : work->remote.ocn;
	struct dname owner = name_of(work, "", "");

	if (ocn[0] == '\0') {
		(void)tool_usage(work->tool, "the key acts for no OCN: give "
		    "--ocn OCN");
		return false;
	}
	snprintf(text, sizeof text, "ocn=%.8s", ocn);
	return put_txt(work, SECTION_AUTHORITY, &owner, CLASS_IN,
	    text_blob(text));
}

/* RFC 2136 2.5.2: all records of a type at a name. */
static void
put_delete(struct work *work, const struct dname *owner, uint16_t type)
{
	const struct remote_record record = { .owner = owner, .type = type,
		.class_ = CLASS_ANY };

	remote_put(&work->m, SECTION_AUTHORITY, &record);
}

/* Fields between spaces or in double quotes. @param text is cut up.
 * @return how many; NAPTR_WORDS + 1: too many. */
static size_t
split(char *text, struct word words[NAPTR_WORDS])
{
	size_t n = 0;

	for (;;) {
		text += strspn(text, " \t");
		if (*text == '\0')
			return n;
		if (n == NAPTR_WORDS)
			return n + 1;
		bool is_quoted = *text == '"';
		text += is_quoted;
		size_t len = strcspn(text, is_quoted ? "\"" : " \t");
		words[n++] = (struct word){ .text = text, .len = len,
			.is_quoted = is_quoted };
		text += len;
		if (*text != '\0')
			*text++ = '\0';
	}
}

/* What stands behind naptr= : the fields of a zone file. */
static bool
put_naptr(struct work *work, const char *fields)
{
	struct dname owner = name_of(work, "", "");
	struct remote_record record = { .owner = &owner, .type = TYPE_NAPTR,
		.class_ = CLASS_IN, .ttl = (uint32_t)work->order.ttl,
		.rdata.data = work->rdata };
	struct reason reason = { "six fields are needed, as in a zone file" };
	struct word words[NAPTR_WORDS];
	char text[NAPTR_TEXT_MAX];
	size_t at;

	snprintf(text, sizeof text, "%s", fields);
	size_t n = strlen(fields) < sizeof text ? split(text, words) : 0;
	if (n != NAPTR_WORDS || rdata_parse(work->rdata, &record.rdata.len,
	    TYPE_NAPTR, words, n, &work->remote.zone, &at, &reason) != OK) {
		(void)tool_usage(work->tool, "naptr: %s", reason.text);
		return false;
	}
	remote_put(&work->m, SECTION_AUTHORITY, &record);
	return true;
}

/* Whois attributes stand below w, all others at the number or block. */
static const char *
top_of(const struct work *work, const struct attribute *attribute)
{
	enum name_kind kind = work->order.is_block ? NAME_BLOCK : NAME_NUMBER;
	enum cause cause;

	if (attribute_check(attribute, kind, &cause, NULL) == OK ||
	    cause != CAUSE_UNKNOWN_ATTRIBUTE)
		return "";
	kind = work->order.is_block ? NAME_WHOIS_BLOCK : NAME_WHOIS_NUMBER;
	return attribute_check(attribute, kind, &cause, NULL) == OK ||
	    cause != CAUSE_UNKNOWN_ATTRIBUTE ? "w" : "";
}

static bool
put_attribute(struct work *work, const char *word)
{
	struct attribute attribute;
	uint8_t bytes[TXT_MAX];
	struct blob rdata;

	if (!make_txt(work, bytes, text_blob(word), &rdata))
		return false;
	if (!attribute_read(&attribute, rdata)) {
		(void)tool_usage(work->tool, "'%.100s': expected "
		    "attribute=value", word);
		return false;
	}
	struct dname owner = name_of(work, "", top_of(work, &attribute));
	return put_txt(work, SECTION_AUTHORITY, &owner, CLASS_IN,
	    text_blob(word));
}

/* attr=value ...; the first naptr= takes the place of all NAPTRs. */
static bool
put_attributes(struct work *work)
{
	struct dname owner = name_of(work, "", "");
	bool has_naptr = false;

	for (int i = 0; i < work->order.n_words; i++) {
		const char *word = work->order.words[i];
		bool is_naptr = strncmp(word, "naptr=", 6) == 0;
		if (is_naptr && !has_naptr)
			put_delete(work, &owner, TYPE_NAPTR);
		has_naptr = has_naptr || is_naptr;
		if (!(is_naptr ? put_naptr(work, word + 6)
			       : put_attribute(work, word)))
			return false;
	}
	return true;
}

/* ---------------------------------------------------------------------- PIN */

/* The first line of a file, or of the standard input. */
static bool
read_pin(struct work *work, const char *path, char out[PIN_MAX + 2])
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	bool is_read = in != NULL && fgets(out, PIN_MAX + 2, in) != NULL;

	if (in != NULL && in != stdin)
		fclose(in);
	if (is_read)
		out[strcspn(out, "\r\n")] = '\0';
	if (is_read && out[0] != '\0' && strlen(out) <= PIN_MAX)
		return true;
	fprintf(stderr, "e164ctl: %s: expected a line with the PIN, 6 to %d "
	    "characters\n", path, PIN_MAX);
	work->code = EXIT_REFUSED;
	return false;
}

/* The PIN of a file at _pin.N, in a prerequisite or to be set. */
static bool
put_pin(struct work *work, enum message_section section, const char *path)
{
	char pin[PIN_MAX + 2];
	struct dname owner = name_of(work, "_pin", "");

	if (path == NULL)
		return true;
	bool is_done = read_pin(work, path, pin);
	if (is_done)
		is_done = put_txt(work, section, &owner, CLASS_IN,
		    text_blob(pin));
	sec_wipe(pin, sizeof pin);
	return is_done;
}

/* ------------------------------------------------------------------ answers */

static int
print_outcome(const struct work *work, const char *done)
{
	const struct remote_reply *reply = &work->reply;
	bool is_done = reply->rcode == RCODE_NOERROR;
	const char *rcode = rcode_mnemonic(reply->rcode);

	if (work->order.is_json) {
		struct message *out = message_create();
		message_set_text(out, "subject", work->order.title);
		message_set_text(out, "rcode", rcode != NULL ? rcode : "");
		message_set_flag(out, "done", is_done && !work->order.is_dry);
		message_set_flag(out, "dry_run", work->order.is_dry);
		message_set_text(out, "reason", reply->words);
		message_print(out, stdout);
		message_destroy(out);
	} else if (is_done) {
		printf("%s: %s%s\n", work->order.title, work->order.is_dry ?
		    "would be " : "", done);
	} else {
		fprintf(stderr, "e164ctl: %s: %s%s%s\n", work->order.title,
		    rcode != NULL ? rcode : "refused",
		    reply->words[0] != '\0' ? ": " : "", reply->words);
	}
	return is_done ? EXIT_DONE : EXIT_REFUSED;
}

/* `_dryrun.Z TXT "1"`: judge, but change nothing. */
static void
put_dry_run(struct work *work)
{
	static const uint8_t rdata[] = "\0011";
	struct owner owner = { .len = 0 };
	struct dname name;

	enum status status = owner_push(&owner, "_dryrun", 7);
	if (status == OK)
		status = owner_to_dname(&name, owner_blob(&owner),
		    &work->remote.zone);
	ensure(status == OK); /* the zone's own names are longer */
	const struct remote_record record = { .owner = &name,
		.type = TYPE_TXT, .class_ = CLASS_IN,
		.rdata = { rdata, sizeof rdata - 1 } };
	if (work->order.is_dry)
		remote_put(&work->m, SECTION_ANSWER, &record);
}

/* What a command puts into its message. @return false: usage, which is said. */
typedef bool put_lines(struct work *work);

static int
carry_out(struct work *work, put_lines *put, const char *done)
{
	struct reason reason = { "" };

	enum status status = remote_open(&work->remote, work->tool, &reason);
	if (status != OK)
		return tool_fail(status, &reason);
	remote_begin(&work->m, OPCODE_UPDATE, &work->remote.zone, TYPE_SOA,
	    CLASS_IN);
	put_dry_run(work);
	if (!put(work))
		return work->code;
	status = remote_ask(&work->remote, &work->m, &work->reply, &reason);
	if (status != OK)
		return tool_fail(status, &reason);
	return print_outcome(work, done);
}

static int
run(const struct tool *tool, put_lines *put, const char *done)
{
	struct work *work = calloc(1, sizeof *work);

	if (work == NULL)
		check_fail("memory", "carrier", __FILE__, __LINE__);
	work->tool = tool;
	work->order.ttl = TTL;
	work->code = EXIT_USAGE;
	int code = parse_order(tool, &work->order);
	if (code == EXIT_DONE)
		code = carry_out(work, put, done);
	remote_close(&work->remote);
	sec_wipe(work, sizeof *work);
	free(work);
	return code;
}

/* ----------------------------------------------------------------- commands */

static bool
put_allocate(struct work *work)
{
	struct dname owner = name_of(work, "", "");
	const struct remote_record nxdomain = { .owner = &owner,
		.type = TYPE_ANY, .class_ = CLASS_NONE };

	remote_put(&work->m, SECTION_ANSWER, &nxdomain);
	return put_ocn(work) && put_attributes(work) &&
	    put_pin(work, SECTION_AUTHORITY, work->order.new_pin_file);
}

static bool
put_port(struct work *work)
{
	if (work->order.pin_file == NULL && work->remote.ocn[0] != '\0') {
		(void)tool_usage(work->tool, "--pin-file is missing: the "
		    "number's PIN; - is the standard input");
		return false;
	}
	return put_pin(work, SECTION_ANSWER, work->order.pin_file) &&
	    put_ocn(work) && put_attributes(work) &&
	    put_pin(work, SECTION_AUTHORITY, work->order.new_pin_file);
}

static bool
put_set(struct work *work)
{
	if (work->order.n_words == 0 && work->order.new_pin_file == NULL) {
		(void)tool_usage(work->tool, "expected attribute=value");
		return false;
	}
	return put_attributes(work) &&
	    put_pin(work, SECTION_AUTHORITY, work->order.new_pin_file);
}

/* RFC 2136 2.5.4 needs the value: ask for the records at a name, and delete
 * those of the attribute. */
static bool
put_deletes_at(struct work *work, const char *top, const char *word)
{
	struct remote_message *m = calloc(1, sizeof *m);
	struct remote_reply *reply = calloc(1, sizeof *reply);
	struct dname owner = name_of(work, "", top);
	struct reason reason = { "" };
	struct message_rr rr;
	size_t len = strlen(word);

	if (m == NULL || reply == NULL)
		check_fail("memory", "carrier", __FILE__, __LINE__);
	remote_begin(m, OPCODE_QUERY, &owner, TYPE_TXT, CLASS_IN);
	enum status status = remote_ask(&work->remote, m, reply, &reason);
	if (status != OK)
		work->code = tool_fail(status, &reason);
	size_t at = status == OK ? message_records(&reply->message) : 0;
	for (unsigned i = 0; status == OK &&
	    i < reply->message.counts[SECTION_ANSWER]; i++) {
		at = message_rr_at(&reply->message, at, &rr);
		struct blob rdata = { reply->bytes + rr.rdata, rr.rdlen };
		struct attribute found;
		if (rr.type != TYPE_TXT || !attribute_read(&found, rdata) ||
		    found.name.len != len ||
		    memcmp(found.name.data, word, len) != 0)
			continue;
		const struct remote_record record = { .owner = &owner,
			.type = TYPE_TXT, .class_ = CLASS_NONE,
			.rdata = rdata };
		remote_put(&work->m, SECTION_AUTHORITY, &record);
	}
	free(m);
	free(reply);
	return status == OK;
}

static bool
put_unset(struct work *work)
{
	struct dname owner = name_of(work, "", "");

	if (work->order.n_words == 0) {
		(void)tool_usage(work->tool, "expected an attribute");
		return false;
	}
	for (int i = 0; i < work->order.n_words; i++) {
		const char *word = work->order.words[i];
		if (strcmp(word, "naptr") == 0)
			put_delete(work, &owner, TYPE_NAPTR);
		else if (!put_deletes_at(work, "", word) ||
		    !put_deletes_at(work, "w", word))
			return false;
	}
	return true;
}

static bool
put_release(struct work *work)
{
	struct dname owner = name_of(work, "", "");

	if (work->order.n_words > 0) {
		(void)tool_usage(work->tool, "too many arguments");
		return false;
	}
	return put_txt(work, SECTION_AUTHORITY, &owner, CLASS_IN,
	    text_blob("status=released"));
}

int
run_allocate(const struct tool *tool)
{
	return run(tool, put_allocate, "allocated");
}

int
run_port(const struct tool *tool)
{
	return run(tool, put_port, "ported");
}

int
run_set(const struct tool *tool)
{
	return run(tool, put_set, "set");
}

int
run_unset(const struct tool *tool)
{
	return run(tool, put_unset, "unset");
}

int
run_release(const struct tool *tool)
{
	return run(tool, put_release, "released");
}
