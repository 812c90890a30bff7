/*
 * Enumservices and their URIs: RFC 6118, 3986, 3966, 3261 19.1, 4694.
 * Layer 2; any thread.
 */
#include "registry/enum_uri.h"

#include <stdbool.h>
#include <string.h>

static const struct {
	const char *name;
	size_t len;
	const char *schemes;
} services[] = {
#define ENUMSERVICE(name, schemes) { name, sizeof name - 1, schemes },
#include "registry/enumservice.def"
#undef ENUMSERVICE
};

enum status
enumservice_find(const char **schemes, struct blob service,
    struct reason *reason)
{
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
		if (services[i].len == service.len &&
		    memcmp(services[i].name, service.data, service.len) == 0) {
			*schemes = services[i].schemes;
			return OK;
		}
	}
	/* RFC 6116 3.4.3.1: experimental ones */
	if (service.len > 2 && memcmp(service.data, "x-", 2) == 0) {
		*schemes = NULL;
		return OK;
	}
	reason_set(reason, "%.*s is no registered enumservice",
	    (int)service.len, (const char *)service.data);
	return ERR_UNSUPPORTED;
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
is_alpha(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_one_of(uint8_t c, const char *set)
{
	while (*set != '\0' && (uint8_t)*set != c)
		set++;
	return *set != '\0';
}

/* Take the front of rest up to a byte of `ends`, which stays. */
static struct blob
take_until(struct blob *rest, const char *ends)
{
	size_t n = 0;

	while (n < rest->len && !is_one_of(rest->data[n], ends))
		n++;
	struct blob out = { rest->data, n };
	rest->data += n;
	rest->len -= n;
	return out;
}

static bool
blob_is(struct blob blob, const char *text)
{
	return blob.len == strlen(text) &&
	    memcmp(blob.data, text, blob.len) == 0;
}

static bool
begins_with(struct blob blob, const char *text)
{
	return blob.len >= strlen(text) &&
	    memcmp(blob.data, text, strlen(text)) == 0;
}

/* RFC 3986 2: unreserved, reserved, or % and two hex digits. */
static bool
characters_are_right(struct blob uri)
{
	for (size_t i = 0; i < uri.len; i++) {
		uint8_t c = uri.data[i];
		if (is_digit(c) || is_alpha(c) ||
		    is_one_of(c, "-._~:/?#[]@!$&'()*+,;="))
			continue;
		if (c != '%' || uri.len - i < 3 || !is_hex(uri.data[i + 1]) ||
		    !is_hex(uri.data[i + 2]))
			return false;
	}
	return true;
}

static bool
scheme_is_listed(struct blob scheme, const char *schemes)
{
	if (schemes == NULL)
		return true;
	struct blob rest = { (const uint8_t *)schemes, strlen(schemes) };
	while (rest.len > 0) {
		struct blob one = take_until(&rest, " ");
		if (one.len == scheme.len &&
		    memcmp(one.data, scheme.data, one.len) == 0)
			return true;
		if (rest.len > 0) {
			rest.data++;
			rest.len--;
		}
	}
	return false;
}

/* A host, or [address], with an optional port. */
static bool
is_host_port(struct blob text)
{
	struct blob rest = text;

	if (begins_with(rest, "[")) {
		take_until(&rest, "]");
		if (rest.len == 0)
			return false;
		rest.data++;
		rest.len--;
	} else {
		struct blob host = take_until(&rest, ":");
		if (host.len == 0 ||
		    !(is_digit(host.data[0]) || is_alpha(host.data[0])))
			return false;
		for (size_t i = 0; i < host.len; i++) {
			uint8_t c = host.data[i];
			if (!is_digit(c) && !is_alpha(c) &&
			    !is_one_of(c, "-._"))
				return false;
		}
	}
	if (rest.len == 0)
		return true;
	if (rest.data[0] != ':' || rest.len < 2 || rest.len > 6)
		return false;
	for (size_t i = 1; i < rest.len; i++) {
		if (!is_digit(rest.data[i]))
			return false;
	}
	return true;
}

/* RFC 4694 4: rn is + and hex digits, or local with rn-context. */
static const char *
rn_fault(struct blob value, bool has_context)
{
	bool is_global = begins_with(value, "+");
	size_t n = 0;

	for (size_t i = is_global ? 1 : 0; i < value.len; i++) {
		if (is_hex(value.data[i]))
			n++;
		else if (!is_one_of(value.data[i], "-.()"))
			return "rn has other than hex digits";
	}
	if (n == 0)
		return "rn is empty";
	return is_global || has_context ? NULL : "a local rn needs rn-context";
}

/* Parameters ";name=value;..." of portability data. */
static const char *
portability_fault(struct blob parameters)
{
	struct blob rest = parameters;
	struct blob rn = { .data = NULL };
	unsigned n_rn = 0;
	bool has_npdi = false;
	bool has_context = false;

	while (rest.len > 0) {
		rest.data++;
		rest.len--;
		struct blob value = take_until(&rest, ";");
		struct blob name = take_until(&value, "=");
		if (value.len > 0) {
			value.data++;
			value.len--;
		}
		has_npdi = has_npdi || blob_is(name, "npdi");
		has_context = has_context || blob_is(name, "rn-context");
		if (blob_is(name, "rn")) {
			rn = value;
			n_rn++;
		}
	}
	if (!has_npdi)
		return "pstn without npdi (RFC 4769)";
	if (n_rn > 1)
		return "rn more than once (RFC 4694)";
	return n_rn == 1 ? rn_fault(rn, has_context) : NULL;
}

/* The number in "tel:" and its parameters. RFC 3966: visual separators. */
static const char *
tel_fault(struct blob rest, bool is_pstn, struct tn number)
{
	struct blob subscriber = take_until(&rest, ";");
	struct tn tn = { 0 };

	if (!begins_with(subscriber, "+"))
		return "tel: not with + and the number";
	for (size_t i = 1; i < subscriber.len; i++) {
		uint8_t c = subscriber.data[i];
		if (is_one_of(c, "-.()"))
			continue;
		if (!is_digit(c) || !tn_push(&tn, (unsigned)(c - '0')))
			return "tel: not a telephone number";
	}
	if (tn.packed != number.packed)
		return "tel: another number than this one";
	return is_pstn ? portability_fault(rest) : NULL;
}

/* sip:user@host;parameters?headers; portability data is in the user part. */
static const char *
sip_fault(struct blob rest, bool is_pstn)
{
	struct blob all = rest;
	struct blob user = take_until(&rest, "@");

	if (rest.len > 0) {
		rest.data++;
		rest.len--;
		if (user.len == 0)
			return "sip: nothing before @";
	} else {
		rest = all;
		user.len = 0;
	}
	struct blob host = take_until(&rest, ";?");
	if (!is_host_port(host))
		return "sip: no host";
	if (!is_pstn)
		return NULL;
	take_until(&user, ";");
	return portability_fault(user);
}

static const char *
mail_fault(struct blob rest)
{
	struct blob address = take_until(&rest, "?");
	struct blob local = take_until(&address, "@");

	return local.len > 0 && address.len > 1 ? NULL :
	    "mailto: not an address";
}

/* scheme://host... */
static const char *
authority_fault(struct blob rest)
{
	if (!begins_with(rest, "//"))
		return "no // after the scheme";
	rest.data += 2;
	rest.len -= 2;
	struct blob authority = take_until(&rest, "/?#");
	struct blob host = authority;
	take_until(&host, "@");
	if (host.len > 0) {
		host.data++;
		host.len--;
	} else {
		host = authority;
	}
	return is_host_port(host) ? NULL : "no host after //";
}

/* URIs that dial plans put into their own commands. */
static bool
is_dialled(struct blob scheme)
{
	return blob_is(scheme, "sip") || blob_is(scheme, "sips") ||
	    blob_is(scheme, "tel") || blob_is(scheme, "iax") ||
	    blob_is(scheme, "h323");
}

/* , and & begin a second call there (FreeSWITCH, Asterisk), $ a variable. */
static bool
is_safe_to_dial(struct blob rest)
{
	return memchr(rest.data, ',', rest.len) == NULL &&
	    memchr(rest.data, '&', rest.len) == NULL &&
	    memchr(rest.data, '$', rest.len) == NULL;
}

static const char *
scheme_fault(struct blob scheme, struct blob rest, bool is_pstn,
    struct tn number)
{
	if (rest.len == 0)
		return "nothing after the scheme";
	if (is_dialled(scheme) && !is_safe_to_dial(rest))
		return "one of , & $ in a URI that is dialled: dial plans take "
		    "it for their own";
	if (blob_is(scheme, "sip") || blob_is(scheme, "sips"))
		return sip_fault(rest, is_pstn);
	if (blob_is(scheme, "tel"))
		return tel_fault(rest, is_pstn, number);
	if (blob_is(scheme, "mailto"))
		return mail_fault(rest);
	if (blob_is(scheme, "http") || blob_is(scheme, "https") ||
	    blob_is(scheme, "ftp") || blob_is(scheme, "ldap"))
		return authority_fault(rest);
	return NULL;
}

enum status
enum_uri_check(struct blob uri, const char *schemes, struct blob service,
    struct tn number, struct reason *reason)
{
	struct blob rest = uri;
	struct blob scheme = take_until(&rest, ":");
	const char *fault = NULL;

	if (rest.len == 0 || scheme.len == 0 || !is_alpha(scheme.data[0])) {
		fault = "no scheme";
	} else if (!characters_are_right(uri)) {
		fault = "a character that no URI has";
	} else if (!scheme_is_listed(scheme, schemes)) {
		fault = "not a scheme of this enumservice";
	} else {
		rest.data++;
		rest.len--;
		fault = scheme_fault(scheme, rest,
		    begins_with(service, "pstn:"), number);
	}
	if (fault == NULL)
		return OK;
	reason_set(reason, "gives %.*s: %s", (int)uri.len,
	    (const char *)uri.data, fault);
	return ERR_BAD_VALUE;
}
