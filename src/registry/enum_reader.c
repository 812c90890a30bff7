/*
 * Kamailio's, Asterisk's and FreeSWITCH's ways with a NAPTR record. Layer 2;
 * any thread.
 */
#include "registry/enum_reader.h"

#include "base/check.h"
#include "registry/ere.h"

#include <string.h>

enum {
	KAMAILIO_GROUPS = 6,   /* its matcher's places: \0 to \5 */
	ASTERISK_REGEXP_MIN = 7,
	ASTERISK_DIALS_MAX = 255, /* octets that ENUMLOOKUP gives */
};

/* A rule as a reader splits it. */
struct split {
	struct blob pattern;
	struct blob replacement;
};

/* A rule that has matched. */
struct matched {
	struct blob replacement;
	const uint8_t *subject;
	unsigned n_groups;
	struct ere_match match;
};

const char *
enum_reader_name(enum enum_reader reader)
{
	static const char *const names[] = {
		[READER_KAMAILIO] = "Kamailio",
		[READER_ASTERISK] = "Asterisk",
		[READER_FREESWITCH] = "FreeSWITCH",
	};

	return names[reader];
}

static enum enum_step
say(struct enum_reading *out, enum enum_step step, const char *why)
{
	reason_set(&out->reason, "%s", why);
	return step;
}

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* Equal to text, which is in lower case, when case does not count. */
static bool
is_word(struct blob blob, const char *text)
{
	if (blob.len != strlen(text))
		return false;
	for (size_t i = 0; i < blob.len; i++) {
		if (lower(blob.data[i]) != (uint8_t)text[i])
			return false;
	}
	return true;
}

/* Offset of text (with its case) in blob; blob.len if it is not there. */
static size_t
find(struct blob blob, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i + n <= blob.len; i++) {
		if (memcmp(blob.data + i, text, n) == 0)
			return i;
	}
	return blob.len;
}

static struct blob
behind(struct blob blob, size_t n)
{
	return (struct blob){ blob.data + n, blob.len - n };
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* ----------------------------------------------------------------- service */

static bool
is_flag_u(struct blob flags)
{
	return flags.len > 0 && lower(flags.data[0]) == 'u';
}

/* As RFC 6116 writes it, or RFC 2916. */
static bool
kamailio_wants(const struct naptr *naptr)
{
	return naptr->flags.len == 1 && is_flag_u(naptr->flags) &&
	    (is_word(naptr->services, "e2u+sip") ||
	    is_word(naptr->services, "sip+e2u"));
}

/* The method that Asterisk finds in the field: what is behind "E2U+" and then
 * behind the first colon; in the old form what is in front of the first. */
static struct blob
asterisk_method(struct blob services)
{
	size_t at = find(services, "e2u+");

	if (at == services.len)
		at = find(services, "E2U+");
	if (at < services.len) {
		struct blob rest = behind(services, at + 4);
		size_t colon = find(rest, ":");
		return colon < rest.len ? behind(rest, colon + 1) : rest;
	}
	at = find(services, "+e2u");
	if (at == services.len)
		at = find(services, "+E2U");
	if (at == services.len)
		return (struct blob){ services.data, 0 };
	struct blob old = { services.data, at };
	old.len = find(old, ":");
	return old;
}

/* ------------------------------------------------------------------- split */

/* At the first three "!", whatever stands before them (Kamailio, FreeSWITCH).
 */
static bool
split_plainly(struct split *out, struct blob regexp)
{
	if (regexp.len == 0 || regexp.data[0] != '!')
		return false;
	struct blob rest = behind(regexp, 1);
	size_t n = find(rest, "!");
	out->pattern = (struct blob){ rest.data, n };
	if (n == rest.len)
		return false;
	rest = behind(rest, n + 1);
	n = find(rest, "!");
	out->replacement = (struct blob){ rest.data, n };
	return n < rest.len;
}

/* At the second and the last delimiter, whatever it is (Asterisk). */
static bool
split_at_ends(struct split *out, struct blob regexp)
{
	uint8_t delimiter = regexp.data[0];
	size_t second = 1;

	while (second < regexp.len && regexp.data[second] != delimiter)
		second++;
	if (second + 1 >= regexp.len ||
	    regexp.data[regexp.len - 1] != delimiter)
		return false;
	out->pattern = (struct blob){ regexp.data + 1, second - 1 };
	out->replacement = (struct blob){ regexp.data + second + 1,
		regexp.len - second - 2 };
	return true;
}

/* ------------------------------------------------------------------- match */

/* @return TAKE: out is filled. PASS: no match; the caller knows what that is.
 * UNSURE. */
static enum enum_step
match(struct matched *out, struct enum_reading *reading,
    const struct split *split, struct blob subject)
{
	struct reason why;
	struct ere ere;

	if (ere_compile(&ere, split->pattern, &why) != OK) {
		reason_set(&reading->reason, "its pattern cannot be tried "
		    "here: %.150s", why.text);
		return STEP_UNSURE;
	}
	out->replacement = split->replacement;
	out->subject = subject.data;
	out->n_groups = ere.n_groups;
	if (!ere_search(&out->match, &ere, subject))
		return say(reading, STEP_PASS,
		    "its pattern does not match the number");
	return STEP_TAKE;
}

/* Bytes of a group. @return false: it took no part or does not exist. */
static bool
group(struct blob *out, const struct matched *matched, unsigned n)
{
	if (n > matched->n_groups || n >= ERE_GROUPS ||
	    matched->match.at[2 * n] == ERE_UNSET ||
	    matched->match.at[2 * n + 1] == ERE_UNSET)
		return false;
	unsigned begin = matched->match.at[2 * n];
	*out = (struct blob){ matched->subject + begin,
		(size_t)matched->match.at[2 * n + 1] - begin };
	return true;
}

/* -------------------------------------------------------------- substitute */

/* \0 to \5; a backslash before anything else is dropped. */
static enum enum_step
kamailio_substitute(struct writer *w, struct enum_reading *reading,
    const struct matched *matched)
{
	struct blob text = matched->replacement;
	struct blob part;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] != '\\') {
			write_u8(w, text.data[i]);
			continue;
		}
		if (++i == text.len)
			return say(reading, STEP_FAIL, "ends in a backslash");
		if (!is_digit(text.data[i])) {
			write_u8(w, text.data[i]);
			continue;
		}
		unsigned n = text.data[i] - '0';
		if (n >= KAMAILIO_GROUPS)
			return say(reading, STEP_UNSURE, "it knows \\0 to \\5 "
			    "and reads others from beyond");
		if (!group(&part, matched, n))
			return say(reading, STEP_FAIL,
			    "names a group that took no part in the match");
		write_bytes(w, part.data, part.len);
	}
	return STEP_TAKE;
}

/* \0 to \9; any other backslash stands for itself. */
static enum enum_step
asterisk_substitute(struct writer *w, struct enum_reading *reading,
    const struct matched *matched)
{
	struct blob text = matched->replacement;
	struct blob part;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		if (c == '\\' && i + 1 < text.len &&
		    is_digit(text.data[i + 1])) {
			i++;
			if (!group(&part, matched, text.data[i] - '0'))
				return say(reading, STEP_END, "names a group "
				    "that took no part in the match");
			write_bytes(w, part.data, part.len);
		} else if (c < 0x20 || c > 0x7e) {
			return say(reading, STEP_END,
			    "has other than printable ASCII");
		} else {
			write_u8(w, c);
		}
	}
	return STEP_TAKE;
}

/* A backslash is a $; $ and digits, as many as there are, is a group, and
 * nothing if there is none. Without a "(" in the pattern nothing is replaced.
 */
static void
freeswitch_substitute(struct writer *w, const struct matched *matched,
    bool has_groups)
{
	struct blob text = matched->replacement;
	struct blob part;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i] == '\\' ? '$' : text.data[i];
		if (c != '$' || !has_groups || i + 1 == text.len ||
		    !is_digit(text.data[i + 1])) {
			write_u8(w, c);
			continue;
		}
		unsigned n = 0;
		while (i + 1 < text.len && is_digit(text.data[i + 1])) {
			i++;
			if (n <= ERE_GROUPS)
				n = 10 * n + (text.data[i] - '0');
		}
		if (group(&part, matched, n))
			write_bytes(w, part.data, part.len);
	}
}

/* ------------------------------------------------------------- the readers */

static enum enum_step
finish(struct enum_reading *out, struct writer *w)
{
	if (w->bad)
		return say(out, STEP_FAIL, "gives a URI that is too long");
	out->len = writer_len(w);
	out->uri[out->len] = '\0';
	return STEP_TAKE;
}

static enum enum_step
kamailio_read(struct enum_reading *out, const struct naptr *naptr,
    struct blob subject)
{
	struct writer w = writer_make((uint8_t *)out->uri, ENUM_READING_MAX);
	struct matched matched;
	struct split split;

	if (!kamailio_wants(naptr))
		return say(out, STEP_PASS, "is not E2U+sip with flag u");
	if (!split_plainly(&split, naptr->regexp))
		return say(out, STEP_FAIL, "has not three delimiters !");
	enum enum_step step = match(&matched, out, &split, subject);
	if (step != STEP_TAKE)
		return step == STEP_PASS ? STEP_FAIL : step;
	if (matched.n_groups > KAMAILIO_GROUPS)
		return say(out, STEP_FAIL, "has more than 6 groups");
	step = kamailio_substitute(&w, out, &matched);
	return step != STEP_TAKE ? step : finish(out, &w);
}

/* ENUMLOOKUP leaves the scheme away. */
static enum enum_step
asterisk_finish(struct enum_reading *out, struct writer *w)
{
	enum enum_step step = finish(out, w);

	if (step != STEP_TAKE)
		return STEP_END;
	struct blob uri = { (const uint8_t *)out->uri, out->len };
	size_t colon = find(uri, ":");
	if (colon < uri.len)
		out->scheme_len = colon + 1;
	if (out->len <= ASTERISK_DIALS_MAX)
		return STEP_TAKE;
	out->len = 0;
	return say(out, STEP_FAIL, "gives more than 255 octets, which it cuts");
}

/* Whether the service is wanted is asked last, so any fault of any record of
 * the answer ends it. */
static enum enum_step
asterisk_read(struct enum_reading *out, const struct naptr *naptr,
    struct blob subject)
{
	struct writer w = writer_make((uint8_t *)out->uri, ENUM_READING_MAX);
	struct matched matched;
	struct split split;

	if (!is_flag_u(naptr->flags))
		return say(out, STEP_END, "has not the flag u");
	if (naptr->regexp.len < ASTERISK_REGEXP_MIN)
		return say(out, STEP_END, "regexp is shorter than 7 octets");
	if (!split_at_ends(&split, naptr->regexp))
		return say(out, STEP_END,
		    "regexp does not end in its third delimiter");
	enum enum_step step = match(&matched, out, &split, subject);
	if (step != STEP_TAKE)
		return step == STEP_PASS ? STEP_END : step;
	step = asterisk_substitute(&w, out, &matched);
	if (step != STEP_TAKE)
		return step;
	if (!is_word(asterisk_method(naptr->services), "sip"))
		return say(out, STEP_PASS, "its service is not sip");
	return asterisk_finish(out, &w);
}

/* It goes by the text of the record, which it splits at spaces. */
static const char *
freeswitch_text_fault(struct blob regexp)
{
	if (find(regexp, " ") < regexp.len)
		return "it splits records at spaces";
	if (find(regexp, "'") < regexp.len || find(regexp, "\"") < regexp.len)
		return "it takes quotation marks out of records";
	return NULL;
}

/* The route of the sample settings: sip:(.*), found anywhere. */
static enum enum_step
freeswitch_finish(struct enum_reading *out, struct writer *w)
{
	enum enum_step step = finish(out, w);

	if (step != STEP_TAKE)
		return step;
	struct blob uri = { (const uint8_t *)out->uri, out->len };
	size_t at = find(uri, "sip:");
	if (at < uri.len) {
		out->scheme_len = at + 4;
		return STEP_TAKE;
	}
	out->len = 0;
	return say(out, STEP_FAIL, "gives no sip: URI, and it has a route for "
	    "no other");
}

static enum enum_step
freeswitch_read(struct enum_reading *out, const struct naptr *naptr,
    struct blob subject)
{
	struct writer w = writer_make((uint8_t *)out->uri, ENUM_READING_MAX);
	struct matched matched;
	struct split split;

	if (!is_word(naptr->services, "e2u+sip"))
		return say(out, STEP_PASS, "is not E2U+sip");
	const char *fault = freeswitch_text_fault(naptr->regexp);
	if (fault != NULL)
		return say(out, STEP_UNSURE, fault);
	if (!split_plainly(&split, naptr->regexp))
		return say(out, STEP_FAIL, "has not three delimiters !");
	enum enum_step step = match(&matched, out, &split, subject);
	if (step != STEP_TAKE)
		return step == STEP_PASS ? STEP_FAIL : step;
	bool has_groups = find(split.pattern, "(") < split.pattern.len;
	if (has_groups && find(split.pattern, "|") < split.pattern.len &&
	    find(split.replacement, "\\") < split.replacement.len)
		return say(out, STEP_UNSURE, "it tries alternatives in their "
		    "order, others take the longest");
	freeswitch_substitute(&w, &matched, has_groups);
	return freeswitch_finish(out, &w);
}

void
enum_reader_read(struct enum_reading *out, enum enum_reader reader,
    const struct naptr *naptr, struct tn number)
{
	static enum enum_step (*const reads[])(struct enum_reading *out,
	    const struct naptr *naptr, struct blob subject) = {
		[READER_KAMAILIO] = kamailio_read,
		[READER_ASTERISK] = asterisk_read,
		[READER_FREESWITCH] = freeswitch_read,
	};
	char text[TN_TEXT_MAX];

	tn_format(text, number);
	out->len = 0;
	out->scheme_len = 0;
	out->uri[0] = '\0';
	out->reason.text[0] = '\0';
	out->step = reads[reader](out, naptr, (struct blob){
	    (const uint8_t *)text, strlen(text) });
	if (out->step != STEP_TAKE)
		out->len = 0;
}

/* ------------------------------------------------------------------ choose */

static uint32_t
place(const struct naptr *naptr)
{
	return (uint32_t)naptr->order << 16 | naptr->preference;
}

/* Behind all that are not after it, so that equal ones keep their order. */
static void
insert(struct enum_choice *out, const struct naptr *naptrs, size_t i)
{
	size_t at = out->n++;

	while (at > 0 && place(&naptrs[out->at[at - 1]]) > place(&naptrs[i])) {
		out->at[at] = out->at[at - 1];
		at--;
	}
	out->at[at] = (uint8_t)i;
}

void
enum_reader_choose(struct enum_choice *out, const struct naptr *naptrs,
    const struct enum_reading *readings, size_t n)
{
	require(n <= RRSET_RECORDS_MAX);
	*out = (struct enum_choice){ .is_sure = true };
	for (size_t i = 0; i < n && !out->is_cut; i++) {
		if (readings[i].step == STEP_TAKE)
			insert(out, naptrs, i);
		out->is_sure = out->is_sure &&
		    readings[i].step != STEP_UNSURE;
		out->is_cut = readings[i].step == STEP_END;
	}
}
