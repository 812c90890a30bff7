/*
 * The attribute table and what can be read off it. Layer 2; any thread.
 */
#include "registry/property.h"

#include "base/check.h"
#include "dns/name.h"

#include <string.h>

enum value_kind {
	VALUE_OCN,
	VALUE_ASCII,  /* printable ASCII */
	VALUE_DIGITS,
	VALUE_STATUS, /* one of the words below */
	VALUE_TEXT,   /* UTF-8 without control characters */
	VALUE_OPEN,   /* "open" */
};

enum valued { SINGLE, LIST };

struct property {
	const char *name;
	size_t name_len;
	unsigned places;
	enum valued valued;
	enum value_kind kind;
	size_t min;
	size_t max;
	size_t warn_above;
};

static const struct property properties[] = {
#define PROPERTY(id, name, places, valued, kind, min, max, warn) \
	{ name, sizeof name - 1, places, valued, kind, min, max, warn },
#include "registry/property.def"
#undef PROPERTY
};
_Static_assert(sizeof properties / sizeof properties[0] == PROPERTY_COUNT,
    "a row for each property");

static const char *const statuses[] = { "available", "reserved", "assigned",
	"aging", "administrative" };

static const char released[] = "released";

static const unsigned places[] = {
	[NAME_NUMBER] = AT_NUMBER,
	[NAME_BLOCK] = AT_BLOCK,
	[NAME_OCN] = AT_OCN,
	[NAME_POOL] = AT_POOL,
	[NAME_WHOIS_NUMBER] = AT_WHOIS,
	[NAME_WHOIS_BLOCK] = AT_WHOIS,
	[NAME_OTHER] = 0,
};

bool
property_is_kept_at(enum name_kind kind)
{
	return places[kind] != 0;
}

bool
property_is_single(enum property_id id)
{
	return id < PROPERTY_COUNT && properties[id].valued == SINGLE;
}

static bool
equal_nocase(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (dns_lower(a[i]) != dns_lower(b[i]))
			return false;
	}
	return true;
}

static enum property_id
property_find(struct blob name)
{
	for (unsigned i = 0; i < PROPERTY_OWN; i++) {
		const struct property *p = &properties[i];
		if (p->name_len == name.len &&
		    equal_nocase((const uint8_t *)p->name, name.data, name.len))
			return (enum property_id)i;
	}
	if (name.len > 2 && dns_lower(name.data[0]) == 'x' &&
	    name.data[1] == '-')
		return PROPERTY_OWN;
	return PROPERTY_COUNT;
}

bool
attribute_read(struct attribute *out, struct blob rdata)
{
	if (rdata.len < 2 || (size_t)1 + rdata.data[0] != rdata.len)
		return false;
	const uint8_t *text = rdata.data + 1;
	const uint8_t *sign = memchr(text, '=', rdata.len - 1);
	if (sign == NULL || sign == text)
		return false;
	out->name = (struct blob){ .data = text, .len = (size_t)(sign - text) };
	out->value = (struct blob){ .data = sign + 1,
		.len = rdata.len - 2 - out->name.len };
	out->id = property_find(out->name);
	return true;
}

bool
attribute_is(struct blob rdata, enum property_id id, struct blob *value)
{
	const struct property *p = &properties[id];
	struct attribute attribute;

	/* most records are something else: see the length of the name first */
	if (rdata.len < 2 + p->name_len || rdata.data[1 + p->name_len] != '=' ||
	    !attribute_read(&attribute, rdata) || attribute.id != id)
		return false;
	*value = attribute.value;
	return true;
}

bool
attribute_same_name(const struct attribute *a, const struct attribute *b)
{
	return a->name.len == b->name.len &&
	    equal_nocase(a->name.data, b->name.data, a->name.len);
}

bool
attribute_equal(struct blob rdata_a, struct blob rdata_b)
{
	struct attribute a;
	struct attribute b;

	if (rdata_a.len != rdata_b.len)
		return false;
	if (memcmp(rdata_a.data, rdata_b.data, rdata_a.len) == 0)
		return true;
	return attribute_read(&a, rdata_a) && attribute_read(&b, rdata_b) &&
	    attribute_same_name(&a, &b) && a.value.len == b.value.len &&
	    memcmp(a.value.data, b.value.data, a.value.len) == 0;
}

bool
ocn_is_valid(struct blob value)
{
	if (value.len != 4)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = value.data[i];
		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')))
			return false;
	}
	return true;
}

static bool
is_ascii(struct blob value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] < 0x20 || value.data[i] > 0x7e)
			return false;
	}
	return true;
}

static bool
is_digits(struct blob value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return false;
	}
	return true;
}

/* Bytes of the UTF-8 character at the front of value (RFC 3629), 0 if it is
 * none, or a control character. */
static size_t
utf8_len(const uint8_t *at, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t c = at[0];
	size_t len = c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xe0 ? 2 :
	    c < 0xf0 ? 3 : c < 0xf8 ? 4 : 0;

	if (len == 0 || len > left)
		return 0;
	if (len == 1)
		return c >= 0x20 && c != 0x7f ? 1 : 0;
	uint32_t code = c & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
	bool is_control = code < 0xa0;
	return code < least[len] || code > 0x10ffff || is_surrogate ||
	    is_control ? 0 : len;
}

static bool
is_text(struct blob value)
{
	for (size_t at = 0; at < value.len;) {
		size_t len = utf8_len(value.data + at, value.len - at);
		if (len == 0)
			return false;
		at += len;
	}
	return true;
}

static bool
is_word(struct blob value, const char *word)
{
	return value.len == strlen(word) &&
	    memcmp(value.data, word, value.len) == 0;
}

static bool
is_status(struct blob value)
{
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		if (is_word(value, statuses[i]))
			return true;
	}
	return is_word(value, released);
}

/* What a good value looks like, if this is none; else NULL. */
static const char *
value_fault(enum value_kind kind, struct blob value)
{
	switch (kind) {
	case VALUE_OCN:
		return ocn_is_valid(value) ? NULL : "4 of 0-9 and A-Z";
	case VALUE_ASCII:
		return is_ascii(value) ? NULL : "printable ASCII";
	case VALUE_DIGITS:
		return is_digits(value) ? NULL : "digits only";
	case VALUE_STATUS:
		return is_status(value) ? NULL : "available, reserved, "
		    "assigned, aging, administrative or released";
	case VALUE_TEXT:
		return is_text(value) ? NULL : "UTF-8 without control codes";
	case VALUE_OPEN:
		return is_word(value, "open") ? NULL : "open";
	}
	never("kind of value");
}

enum status
attribute_check(const struct attribute *attribute, enum name_kind kind,
    enum cause *cause, struct reason *reason)
{
	int name_len = (int)attribute->name.len;
	const char *name = (const char *)attribute->name.data;

	*cause = CAUSE_UNKNOWN_ATTRIBUTE;
	if (attribute->id == PROPERTY_COUNT) {
		reason_set(reason, "no attribute %.*s; own ones start with x-",
		    name_len, name);
		return ERR_BAD_VALUE;
	}
	const struct property *p = &properties[attribute->id];
	if ((p->places & places[kind]) == 0) {
		reason_set(reason, "attribute %s is not kept at such a name",
		    p->name);
		return ERR_BAD_VALUE;
	}
	*cause = CAUSE_INVALID_VALUE;
	const char *fault = value_fault(p->kind, attribute->value);
	if (fault != NULL) {
		reason_set(reason, "%.*s: %s expected", name_len, name, fault);
		return ERR_BAD_VALUE;
	}
	if (attribute->value.len < p->min || attribute->value.len > p->max) {
		reason_set(reason, "%.*s: %zu to %zu bytes expected", name_len,
		    name, p->min, p->max);
		return ERR_BAD_VALUE;
	}
	*cause = CAUSE_NONE;
	if (p->warn_above > 0 && attribute->value.len > p->warn_above)
		reason_set(reason, "%s: telephones show %zu characters",
		    p->name, p->warn_above);
	return OK;
}

bool
attribute_is_release(const struct attribute *attribute)
{
	return attribute->id == PROPERTY_STATUS &&
	    is_word(attribute->value, released);
}

size_t
attribute_write(uint8_t *out, enum property_id id, struct blob value)
{
	const struct property *p = &properties[id];
	struct writer w = writer_make(out, ATTRIBUTE_RDATA_MAX);

	write_u8(&w, (uint8_t)(p->name_len + 1 + value.len));
	write_bytes(&w, p->name, p->name_len);
	write_u8(&w, '=');
	write_bytes(&w, value.data, value.len);
	require(!w.bad);
	return writer_len(&w);
}
