/*
 * The client-safe profile of NAPTR records and its check. Each refusal names
 * what some reader (enum_reader.h) would trip over. Layer 2; any thread.
 */
#include "registry/naptr.h"

#include "base/check.h"
#include "registry/enum_uri.h"
#include "registry/naptr_rule.h"
#include "registry/rrset.h"

#include <string.h>

enum {
	READERS_GROUPS = 6,    /* groups that a pattern may have */
	READERS_REFERENCE = 5, /* the highest that all readers know */
};

static bool
is_graphic(struct blob text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] <= 0x20 || text.data[i] > 0x7e)
			return false;
	}
	return true;
}

static bool
has(struct blob text, char c)
{
	return memchr(text.data, c, text.len) != NULL;
}

/* What the profile asks of the fields, before the rule is tried. */
static const char *
field_fault(const struct naptr *naptr)
{
	if (!naptr_text_is(naptr->flags, "u"))
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
	if (has(naptr->regexp, '\'') || has(naptr->regexp, '"'))
		return "a quotation mark: some readers take it out";
	return NULL;
}

/* References that some readers read otherwise. */
static const char *
reference_fault(struct blob replacement)
{
	for (size_t i = 0; i + 1 < replacement.len; i++) {
		if (replacement.data[i] != '\\')
			continue;
		i++;
		if (replacement.data[i] > '0' + READERS_REFERENCE &&
		    replacement.data[i] <= '9')
			return "\\6 to \\9 are not known to all readers";
		if (i + 1 < replacement.len && replacement.data[i + 1] >= '0' &&
		    replacement.data[i + 1] <= '9')
			return "a digit behind a back reference: some readers "
			    "take both for one number";
	}
	return NULL;
}

/* What the profile asks of the two parts. */
static const char *
rule_fault(const struct naptr_rule *rule)
{
	/* readers split at it without looking for escapes */
	if (has(rule->pattern, '!') || has(rule->replacement, '!'))
		return "the delimiter ! inside a part";
	if (has(rule->pattern, '|') && has(rule->replacement, '\\'))
		return "alternatives (|) with a back reference: readers choose "
		    "differently";
	return reference_fault(rule->replacement);
}

/* A record whose fields are right, its service and its rule. */
struct checked {
	struct naptr naptr;
	struct blob service;
	const char *schemes;
	struct naptr_rule rule;
	struct tn number;
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
	    naptr_rule_make(&out->rule, out->naptr.regexp, reason) != OK)
		return ERR_BAD_VALUE;
	out->rule.is_strict = true;
	fault = rule_fault(&out->rule);
	if (fault == NULL)
		return OK;
	reason_set(reason, "%s", fault);
	return ERR_BAD_VALUE;
}

/* Apply and check the URI. @return OK, ERR_NOT_FOUND, ERR_BAD_VALUE. */
static enum status
check_result(const struct checked *checked, struct tn number,
    struct reason *reason)
{
	uint8_t uri[NAPTR_URI_MAX];
	size_t len = 0;

	if (checked->rule.n_groups > READERS_GROUPS) {
		reason_set(reason, "more than %d groups in the pattern: some "
		    "readers refuse that", READERS_GROUPS);
		return ERR_BAD_VALUE;
	}
	enum status status = naptr_rule_apply(uri, &len, &checked->rule,
	    number, reason);
	if (status == ERR_NOT_FOUND)
		return status;
	if (status != OK)
		return ERR_BAD_VALUE;
	return enum_uri_check((struct blob){ uri, len }, checked->schemes,
	    checked->service, number, reason);
}

static enum status
check_number(void *arg, struct reason *reason)
{
	const struct checked *checked = arg;

	return check_result(checked, checked->number, reason);
}

static enum status
check_record(struct blob rdata, struct tn number,
    enum status (*act)(void *arg, struct reason *reason),
    struct reason *reason)
{
	struct checked checked;
	const struct naptr_use use = { &checked.rule, act, &checked };

	if (check_fields(&checked, rdata, reason) != OK)
		return ERR_BAD_VALUE;
	checked.number = number;
	return naptr_rule_use(&use, reason) == OK ? OK : ERR_BAD_VALUE;
}

enum status
naptr_check_number(struct blob rdata, struct tn number, struct reason *reason)
{
	return check_record(rdata, number, check_number, reason);
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
check_block(void *arg, struct reason *reason)
{
	const struct checked *checked = arg;
	unsigned n = tn_count(checked->number);
	bool is_matched = false;

	/* a prefix of 15 digits has no longer numbers: itself */
	for (unsigned len = n < TN_DIGITS_MAX ? n + 1 : n;
	     len <= TN_DIGITS_MAX; len++) {
		enum status status = check_length(checked, checked->number,
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
	return check_record(rdata, prefix, check_block, reason);
}

enum {
	ANSWER_FIXED = 12 + 4 + 11, /* header, question's rest, OPT */
	RECORD_FIXED = 12,          /* pointer, type, class, TTL, length */
};

/* Order and preference as one number. */
static uint32_t
place(struct blob rdata)
{
	struct reader r = reader_make(rdata.data, rdata.len);

	return read_u32(&r);
}

static bool
has_twins(const struct blob *rdatas, size_t n, struct reason *reason)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < i; j++) {
			if (place(rdatas[j]) != place(rdatas[i]))
				continue;
			reason_set(reason, "two NAPTR of order %u, preference "
			    "%u", (unsigned)(place(rdatas[i]) >> 16),
			    (unsigned)(place(rdatas[i]) & 0xffff));
			return true;
		}
	}
	return false;
}

/* "E2U+voicemsg:sip": Asterisk looks behind the colon alone. */
static bool
is_like_sip(struct blob service)
{
	return service.len > 4 &&
	    memcmp(service.data + service.len - 4, ":sip", 4) == 0;
}

/* What one reader takes for the SIP service must stand behind that. */
static bool
hides_sip(const struct blob *rdatas, size_t n, struct reason *reason)
{
	struct naptr naptr;
	uint32_t sip = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		if (naptr_read(&naptr, rdatas[i]) && place(rdatas[i]) < sip &&
		    naptr_text_is(naptr.services, "E2U+sip"))
			sip = place(rdatas[i]);
	}
	for (size_t i = 0; i < n; i++) {
		if (sip == UINT32_MAX || place(rdatas[i]) > sip ||
		    !naptr_read(&naptr, rdatas[i]) ||
		    !is_like_sip(naptr.services))
			continue;
		reason_set(reason, "%.*s stands before E2U+sip: some readers "
		    "take both for sip and dial the first",
		    (int)naptr.services.len,
		    (const char *)naptr.services.data);
		return true;
	}
	return false;
}

enum status
naptr_check_set(const struct blob *rdatas, size_t n, size_t name_len,
    struct reason *reason)
{
	size_t answer_len = ANSWER_FIXED + name_len;

	require(n <= RRSET_RECORDS_MAX);
	if (has_twins(rdatas, n, reason) || hides_sip(rdatas, n, reason))
		return ERR_BAD_VALUE;
	for (size_t i = 0; i < n; i++)
		answer_len += RECORD_FIXED + rdatas[i].len;
	if (answer_len <= NAPTR_RRSET_MAX)
		return OK;
	reason_set(reason, "an answer with all NAPTR has %zu octets, more "
	    "than the %d that fit into a datagram everywhere", answer_len,
	    NAPTR_RRSET_MAX);
	return ERR_BAD_VALUE;
}
