/*
 * Taking NAPTR rules apart and applying them: RFC 3403 4.1, RFC 3402 3.2,
 * RFC 6116 3. Layer 2; any thread.
 */
#include "registry/naptr.h"

#include "registry/ere.h"
#include "registry/naptr_rule.h"

#include <string.h>

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

bool
naptr_text_is(struct blob blob, const char *text)
{
	return blob.len == strlen(text) &&
	    memcmp(blob.data, text, blob.len) == 0;
}

enum status
naptr_rule_make(struct naptr_rule *out, struct blob regexp,
    struct reason *reason)
{
	struct blob rest = regexp;

	*out = (struct naptr_rule){ .ere = NULL };
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
	if (rest.len > 0) {
		reason_set(reason, "flags behind the regexp");
		return ERR_UNSUPPORTED;
	}
	if (out->pattern.len == 0) {
		reason_set(reason, "regexp has an empty pattern");
		return ERR_MALFORMED;
	}
	out->n_groups = naptr_text_is(out->pattern, "^(.*)$") ? 1 : 0;
	return OK;
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
write_group(struct writer *w, const struct naptr_rule *rule, unsigned group,
    const struct subject *subject, const struct ere_match *match,
    struct reason *reason)
{
	if (group > rule->n_groups) {
		reason_set(reason, "\\%u, but %u groups in the pattern", group,
		    rule->n_groups);
		return ERR_MALFORMED;
	}
	unsigned begin = match->at[2 * group];
	unsigned end = match->at[2 * group + 1];
	if (begin != ERE_UNSET && end != ERE_UNSET) {
		write_bytes(w, subject->text + begin, end - begin);
		return OK;
	}
	if (!rule->is_strict)
		return OK;
	reason_set(reason, "\\%u is of a group that takes no part in the "
	    "match: some readers fail then", group);
	return ERR_MALFORMED;
}

/* The replacement with \1 to \9 filled in; \\ and an escaped delimiter stand
 * for themselves. */
static enum status
expand(struct writer *w, const struct naptr_rule *rule,
    const struct subject *subject, const struct ere_match *match,
    struct reason *reason)
{
	const struct blob *text = &rule->replacement;

	for (size_t i = 0; i < text->len; i++) {
		uint8_t c = text->data[i];
		if (c != '\\') {
			write_u8(w, c);
			continue;
		}
		c = ++i < text->len ? text->data[i] : 0;
		if (c >= '1' && c <= '9') {
			enum status status = write_group(w, rule,
			    (unsigned)(c - '0'), subject, match, reason);
			if (status != OK)
				return status;
		} else if (c == '\\' || (c != 0 &&
			c == rule->delimiter)) {
			write_u8(w, c);
		} else {
			reason_set(reason, "\\ in the replacement before "
			    "neither 1 to 9 nor the delimiter");
			return ERR_MALFORMED;
		}
	}
	return OK;
}

enum status
naptr_rule_apply(uint8_t *out, size_t *out_len, const struct naptr_rule *rule,
    struct tn number, struct reason *reason)
{
	struct subject subject = subject_make(number);
	struct ere_match match;
	struct writer w = writer_make(out, NAPTR_URI_MAX);

	memset(match.at, ERE_UNSET, sizeof match.at);
	match.at[2] = 0; /* of ^(.*)$ */
	match.at[3] = (uint8_t)subject.len;
	if (rule->ere != NULL && !ere_search(&match, rule->ere,
	    (struct blob){ subject.text, subject.len })) {
		reason_set(reason, "the pattern does not match %.*s",
		    (int)subject.len, (const char *)subject.text);
		return ERR_NOT_FOUND;
	}
	enum status status = expand(&w, rule, &subject, &match, reason);
	if (status != OK)
		return status;
	if (w.bad) {
		reason_set(reason, "gives more than %d octets", NAPTR_URI_MAX);
		return ERR_TOO_LONG;
	}
	*out_len = writer_len(&w);
	return OK;
}

/* Not inline: only patterns pay for the room of a compiled one. */
static __attribute__((noinline)) enum status
use_pattern(const struct naptr_use *use, struct reason *reason)
{
	struct ere ere;

	enum status status = ere_compile(&ere, use->rule->pattern, reason);
	if (status != OK)
		return status;
	use->rule->ere = &ere;
	use->rule->n_groups = ere.n_groups;
	status = use->act(use->arg, reason);
	use->rule->ere = NULL;
	return status;
}

enum status
naptr_rule_use(const struct naptr_use *use, struct reason *reason)
{
	if (naptr_text_is(use->rule->pattern, "^.*$") ||
	    naptr_text_is(use->rule->pattern, "^(.*)$"))
		return use->act(use->arg, reason);
	return use_pattern(use, reason);
}

/* One number, one URI. */
struct applied {
	struct naptr_rule rule;
	struct tn number;
	uint8_t *uri;
	size_t *uri_len;
};

static enum status
apply(void *arg, struct reason *reason)
{
	const struct applied *applied = arg;

	return naptr_rule_apply(applied->uri, applied->uri_len,
	    &applied->rule, applied->number, reason);
}

enum status
naptr_uri(uint8_t *out, size_t *out_len, const struct naptr *naptr,
    struct tn number, struct reason *reason)
{
	struct applied applied = { .number = number, .uri = out,
		.uri_len = out_len };
	const struct naptr_use use = { &applied.rule, apply, &applied };

	enum status status = naptr_rule_make(&applied.rule, naptr->regexp,
	    reason);
	return status != OK ? status : naptr_rule_use(&use, reason);
}
