/*
 * Taking NAPTR rules apart and applying them: RFC 3403 4.1, RFC 3402 3.2,
 * RFC 6116 3. Layer 2; any thread.
 */
#include "registry/naptr.h"

#include "base/check.h"
#include "registry/enum_uri.h"
#include "registry/ere.h"
#include "registry/rrset.h"

#include <string.h>

/* The three parts of a regexp field. */
struct rule {
	struct blob pattern;
	struct blob replacement;
	struct blob flags;
	uint8_t delimiter;
};

/* A rule ready to be applied. */
struct ready {
	struct rule rule;
	const struct ere *ere; /* NULL: ^.*$ or ^(.*)$, needs no matching */
	unsigned n_groups;
};

static struct blob
read_string(struct reader *r)
{
	size_t len = read_u8(r);

	return (struct blob){ reader_take(r, len), r->bad ? 0 : len };
}

bool
naptr_read(struct naptr *out, struct blob rdata)
{
	struct reader r = reader_make(rdata.data, rdata.len);

	out->order = read_u16(&r);
	out->preference = read_u16(&r);
	out->flags = read_string(&r);
	out->services = read_string(&r);
	out->regexp = read_string(&r);
	out->replacement.len = reader_left(&r);
	out->replacement.data = reader_take(&r, out->replacement.len);
	return !r.bad && out->replacement.len > 0;
}

/* Take the front of rest up to the next delimiter that is not escaped, and
 * the delimiter. */
static bool
take_part(struct blob *out, struct blob *rest, uint8_t delimiter)
{
	for (size_t i = 0; i < rest->len; i++) {
		if (rest->data[i] == '\\') {
			i++;
			continue;
		}
		if (rest->data[i] != delimiter)
			continue;
		*out = (struct blob){ rest->data, i };
		rest->data += i + 1;
		rest->len -= i + 1;
		return true;
	}
	return false;
}

static enum status
rule_read(struct rule *out, struct blob regexp, struct reason *reason)
{
	struct blob rest = regexp;

	if (regexp.len == 0 || regexp.data[0] == '\\' ||
	    (regexp.data[0] >= '1' && regexp.data[0] <= '9')) {
		reason_set(reason, "regexp has no delimiter");
		return ERR_MALFORMED;
	}
	out->delimiter = regexp.data[0];
	rest.data++;
	rest.len--;
	if (!take_part(&out->pattern, &rest, out->delimiter) ||
	    !take_part(&out->replacement, &rest, out->delimiter)) {
		reason_set(reason, "regexp has not 3 delimiters");
		return ERR_MALFORMED;
	}
	out->flags = rest;
	return OK;
}

static bool
blob_is(struct blob blob, const char *text)
{
	return blob.len == strlen(text) &&
	    memcmp(blob.data, text, blob.len) == 0;
}

static enum status
ready_make(struct ready *out, struct blob regexp, struct reason *reason)
{
	enum status status = rule_read(&out->rule, regexp, reason);

	if (status != OK)
		return status;
	out->ere = NULL;
	out->n_groups = blob_is(out->rule.pattern, "^(.*)$") ? 1 : 0;
	if (out->rule.flags.len > 0) {
		reason_set(reason, "flags behind the regexp");
		return ERR_UNSUPPORTED;
	}
	if (out->rule.pattern.len == 0) {
		reason_set(reason, "regexp has an empty pattern");
		return ERR_MALFORMED;
	}
	return OK;
}

static bool
matches_all(const struct rule *rule)
{
	return blob_is(rule->pattern, "^.*$") ||
	    blob_is(rule->pattern, "^(.*)$");
}

/* The subject of all rules: + and the digits. */
struct subject {
	size_t len;
	uint8_t text[TN_TEXT_MAX];
};

static struct subject
subject_make(struct tn number)
{
	struct subject subject = { .len = 1 + tn_count(number) };

	subject.text[0] = '+';
	for (unsigned i = 0; i < tn_count(number); i++)
		subject.text[1 + i] = (uint8_t)('0' + tn_digit(number, i));
	return subject;
}

/* The group that a back reference names, written to w. */
static enum status
write_group(struct writer *w, const struct ready *ready, unsigned group,
    const struct subject *subject, const struct ere_match *match,
    struct reason *reason)
{
	if (group > ready->n_groups) {
		reason_set(reason, "\\%u, but %u groups in the pattern", group,
		    ready->n_groups);
		return ERR_MALFORMED;
	}
	unsigned begin = match->at[2 * group];
	unsigned end = match->at[2 * group + 1];
	if (begin != ERE_UNSET && end != ERE_UNSET)
		write_bytes(w, subject->text + begin, end - begin);
	return OK;
}

/* The replacement with \1 to \9 filled in; \\ and an escaped delimiter stand
 * for themselves. */
static enum status
expand(struct writer *w, const struct ready *ready,
    const struct subject *subject, const struct ere_match *match,
    struct reason *reason)
{
	const struct blob *text = &ready->rule.replacement;

	for (size_t i = 0; i < text->len; i++) {
		uint8_t c = text->data[i];
		if (c != '\\') {
			write_u8(w, c);
			continue;
		}
		c = ++i < text->len ? text->data[i] : 0;
		if (c >= '1' && c <= '9') {
			enum status status = write_group(w, ready,
			    (unsigned)(c - '0'), subject, match, reason);
			if (status != OK)
				return status;
		} else if (c == '\\' || (c != 0 &&
			c == ready->rule.delimiter)) {
			write_u8(w, c);
		} else {
			reason_set(reason, "\\ in the replacement before "
			    "neither 1 to 9 nor the delimiter");
			return ERR_MALFORMED;
		}
	}
	return OK;
}

static enum status
ready_apply(uint8_t *out, size_t *out_len, const struct ready *ready,
    struct tn number, struct reason *reason)
{
	struct subject subject = subject_make(number);
	struct ere_match match;
	struct writer w = writer_make(out, NAPTR_URI_MAX);

	memset(match.at, ERE_UNSET, sizeof match.at);
	match.at[2] = 0; /* of ^(.*)$ */
	match.at[3] = (uint8_t)subject.len;
	if (ready->ere != NULL && !ere_search(&match, ready->ere,
	    (struct blob){ subject.text, subject.len })) {
		reason_set(reason, "the pattern does not match %.*s",
		    (int)subject.len, (const char *)subject.text);
		return ERR_NOT_FOUND;
	}
	enum status status = expand(&w, ready, &subject, &match, reason);
	if (status != OK)
		return status;
	if (w.bad) {
		reason_set(reason, "gives more than %d octets", NAPTR_URI_MAX);
		return ERR_TOO_LONG;
	}
	*out_len = writer_len(&w);
	return OK;
}

/* What is done with a rule once its pattern is compiled. */
struct use {
	struct ready *ready;
	enum status (*act)(const struct use *use, struct reason *reason);
	const struct checked *checked; /* for checks */
	struct tn number;
	uint8_t *uri; /* for naptr_uri */
	size_t *uri_len;
};

/* Not inline: only patterns pay for the room of a compiled one. */
static __attribute__((noinline)) enum status
use_pattern(const struct use *use, struct reason *reason)
{
	struct ere ere;

	enum status status = ere_compile(&ere, use->ready->rule.pattern,
	    reason);
	if (status != OK)
		return status;
	use->ready->ere = &ere;
	use->ready->n_groups = ere.n_groups;
	status = use->act(use, reason);
	use->ready->ere = NULL;
	return status;
}

static enum status
use_rule(const struct use *use, struct reason *reason)
{
	return matches_all(&use->ready->rule) ? use->act(use, reason)
					      : use_pattern(use, reason);
}

static enum status
act_uri(const struct use *use, struct reason *reason)
{
	return ready_apply(use->uri, use->uri_len, use->ready, use->number,
	    reason);
}

enum status
naptr_uri(uint8_t *out, size_t *out_len, const struct naptr *naptr,
    struct tn number, struct reason *reason)
{
	struct ready ready;
	const struct use use = { .ready = &ready, .act = act_uri,
		.number = number, .uri = out, .uri_len = out_len };

	enum status status = ready_make(&ready, naptr->regexp, reason);
	return status != OK ? status : use_rule(&use, reason);
}

static bool
is_graphic(struct blob text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] <= 0x20 || text.data[i] > 0x7e)
			return false;
	}
	return true;
}

/* What the profile asks of the fields, before the rule is tried. */
static const char *
field_fault(const struct naptr *naptr)
{
	if (!blob_is(naptr->flags, "u"))
		return "flags are not \"u\"";
	if (naptr->replacement.len != 1)
		return "replacement is not \".\"";
	if (naptr->services.len < 5 ||
	    memcmp(naptr->services.data, "E2U+", 4) != 0)
		return "service does not begin with E2U+";
	if (memchr(naptr->services.data + 4, '+', naptr->services.len - 4) !=
	    NULL)
		return "more than one service in a record";
	if (naptr->regexp.len < 7)
		return "regexp is shorter than 7 octets";
	if (naptr->regexp.data[0] != '!')
		return "the delimiter is not !";
	if (!is_graphic(naptr->services) || !is_graphic(naptr->regexp))
		return "other than printable ASCII without space";
	return NULL;
}

/* Readers split at the delimiter without looking for escapes. */
static bool
has_delimiter_inside(const struct rule *rule)
{
	return memchr(rule->pattern.data, '!', rule->pattern.len) != NULL ||
	    memchr(rule->replacement.data, '!', rule->replacement.len) != NULL;
}

/* A record whose fields are right, its service and its rule. */
struct checked {
	struct naptr naptr;
	struct blob service;
	const char *schemes;
	struct ready ready;
};

static enum status
check_fields(struct checked *out, struct blob rdata, struct reason *reason)
{
	if (!naptr_read(&out->naptr, rdata)) {
		reason_set(reason, "not a NAPTR record");
		return ERR_BAD_VALUE;
	}
	const char *fault = field_fault(&out->naptr);
	if (fault != NULL) {
		reason_set(reason, "%s", fault);
		return ERR_BAD_VALUE;
	}
	out->service = (struct blob){ out->naptr.services.data + 4,
		out->naptr.services.len - 4 };
	if (enumservice_find(&out->schemes, out->service, reason) != OK ||
	    ready_make(&out->ready, out->naptr.regexp, reason) != OK)
		return ERR_BAD_VALUE;
	if (has_delimiter_inside(&out->ready.rule)) {
		reason_set(reason, "the delimiter ! inside a part");
		return ERR_BAD_VALUE;
	}
	return OK;
}

/* Apply and check the URI. @return OK, ERR_NOT_FOUND, ERR_BAD_VALUE. */
static enum status
check_result(const struct checked *checked, struct tn number,
    struct reason *reason)
{
	uint8_t uri[NAPTR_URI_MAX];
	size_t len = 0;

	enum status status = ready_apply(uri, &len, &checked->ready, number,
	    reason);
	if (status == ERR_NOT_FOUND)
		return status;
	if (status != OK)
		return ERR_BAD_VALUE;
	return enum_uri_check((struct blob){ uri, len }, checked->schemes,
	    checked->service, number, reason);
}

static enum status
act_number(const struct use *use, struct reason *reason)
{
	return check_result(use->checked, use->number, reason);
}

static enum status
check_record(struct blob rdata, struct tn number,
    enum status (*act)(const struct use *use, struct reason *reason),
    struct reason *reason)
{
	struct checked checked;
	const struct use use = { .ready = &checked.ready, .act = act,
		.checked = &checked, .number = number };

	if (check_fields(&checked, rdata, reason) != OK ||
	    use_rule(&use, reason) != OK)
		return ERR_BAD_VALUE;
	return OK;
}

enum status
naptr_check_number(struct blob rdata, struct tn number, struct reason *reason)
{
	return check_record(rdata, number, act_number, reason);
}

/* prefix and as many of one digit that it has len digits. */
static struct tn
pad(struct tn prefix, unsigned len, unsigned digit)
{
	while (tn_count(prefix) < len && tn_push(&prefix, digit))
		continue;
	return prefix;
}

/* All three numbers of one length. @return OK: all match; ERR_NOT_FOUND: not
 * all; ERR_BAD_VALUE. */
static enum status
check_length(const struct checked *checked, struct tn prefix, unsigned len,
    struct reason *reason)
{
	static const unsigned digits[] = { 0, 9, 5 };
	enum status all = OK;

	for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++) {
		enum status status = check_result(checked,
		    pad(prefix, len, digits[i]), reason);
		if (status == ERR_BAD_VALUE)
			return status;
		if (status != OK)
			all = status;
	}
	return all;
}

/* Every length that numbers of the block can have. */
static enum status
act_block(const struct use *use, struct reason *reason)
{
	unsigned n = tn_count(use->number);
	bool is_matched = false;

	/* a prefix of 15 digits has no longer numbers: itself */
	for (unsigned len = n < TN_DIGITS_MAX ? n + 1 : n;
	     len <= TN_DIGITS_MAX; len++) {
		enum status status = check_length(use->checked, use->number,
		    len, reason);
		if (status == ERR_BAD_VALUE)
			return status;
		is_matched = is_matched || status == OK;
	}
	return is_matched ? OK : ERR_BAD_VALUE;
}

enum status
naptr_check_block(struct blob rdata, struct tn prefix, struct reason *reason)
{
	return check_record(rdata, prefix, act_block, reason);
}

enum {
	ANSWER_FIXED = 12 + 4 + 11, /* header, question's rest, OPT */
	RECORD_FIXED = 12,          /* pointer, type, class, TTL, length */
};

enum status
naptr_check_set(const struct blob *rdatas, size_t n, size_t name_len,
    struct reason *reason)
{
	uint32_t places[RRSET_RECORDS_MAX];
	size_t answer_len = ANSWER_FIXED + name_len;

	require(n <= RRSET_RECORDS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct reader r = reader_make(rdatas[i].data, rdatas[i].len);
		places[i] = read_u32(&r); /* order and preference */
		answer_len += RECORD_FIXED + rdatas[i].len;
		for (size_t j = 0; j < i; j++) {
			if (places[j] != places[i])
				continue;
			reason_set(reason, "two NAPTR of order %u, preference "
			    "%u", (unsigned)(places[i] >> 16),
			    (unsigned)(places[i] & 0xffff));
			return ERR_BAD_VALUE;
		}
	}
	if (answer_len <= NAPTR_RRSET_MAX)
		return OK;
	reason_set(reason, "an answer with all NAPTR has %zu octets, more "
	    "than the %d that fit into a datagram everywhere", answer_len,
	    NAPTR_RRSET_MAX);
	return ERR_BAD_VALUE;
}
