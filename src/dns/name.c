/*
 * Domain names: wire form, text, and the owner form seen from the apex.
 * Refuses labels over 63 bytes, names over 255 and compression pointers that
 * do not lead backwards. Layer 1; any thread. RFC 1035 2.3.4, 3.1, 4.1.4,
 * 5.1; RFC 4343 (case).
 */
#include "dns/name.h"

#include "base/check.h"

#include <string.h>

enum {
	POINTER_BITS = 0xc0, /* RFC 1035 4.1.4: 11 in front = pointer */
	ESCAPE_LEN = 4,      /* characters of \DDD */
};

_Static_assert(DNAME_MAX <= UINT8_MAX, "a name's length fits its field");
_Static_assert(OWNER_MAX == DNAME_MAX - 1, "all but the root label");
_Static_assert(NAME_TEXT_MAX > ESCAPE_LEN * DNAME_MAX, "any name fits");
_Static_assert(LABELS_MAX == OWNER_MAX / 2, "labels have a byte at least");

enum status
dname_read(struct dname *out, const uint8_t *message, size_t len,
    size_t *offset)
{
	struct dname name = { 0 };
	size_t at = *offset;
	size_t run_start = at; /* pointers must lead before this */
	size_t behind = 0;     /* first byte behind the name; 0: not known */

	for (;;) {
		if (at >= len)
			return ERR_MALFORMED;
		size_t label = message[at];
		if ((label & POINTER_BITS) == POINTER_BITS) {
			if (len - at < 2)
				return ERR_MALFORMED;
			size_t target = (label & 0x3f) << 8 | message[at + 1];
			if (behind == 0)
				behind = at + 2;
			if (target >= run_start)
				return ERR_MALFORMED;
			at = run_start = target;
			continue;
		}
		size_t piece = 1 + label;
		if (label > LABEL_MAX || len - at < piece ||
		    name.len + piece > DNAME_MAX)
			return ERR_MALFORMED;
		memcpy(name.bytes + name.len, message + at, piece);
		name.len = (uint8_t)(name.len + piece);
		at += piece;
		if (label == 0)
			break;
	}
	out->len = name.len;
	memcpy(out->bytes, name.bytes, name.len);
	*offset = behind != 0 ? behind : at;
	return OK;
}

size_t
dname_check(const uint8_t *data, size_t len)
{
	size_t at = 0;

	while (at < len && at < DNAME_MAX) {
		size_t label = data[at];
		at += 1 + label;
		if (label == 0)
			return at;
		if (label > LABEL_MAX)
			return 0;
	}
	return 0;
}

/* The value of \DDD at text, or -1. */
static int
escape_value(const char *text, size_t len)
{
	if (len < ESCAPE_LEN)
		return -1;
	int value = 0;
	for (size_t i = 1; i < ESCAPE_LEN; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = 10 * value + (text[i] - '0');
	}
	return value <= 255 ? value : -1;
}

/*
 * One byte of a label from text, escapes resolved (RFC 1035 5.1).
 * @return characters used, or 0 if that is no escape.
 */
static size_t
read_char(uint8_t *out, const char *text, size_t len)
{
	if (text[0] != '\\') {
		*out = (uint8_t)text[0];
		return 1;
	}
	if (len < 2)
		return 0;
	if (text[1] < '0' || text[1] > '9') {
		*out = (uint8_t)text[1];
		return 2;
	}
	int value = escape_value(text, len);
	if (value < 0)
		return 0;
	*out = (uint8_t)value;
	return ESCAPE_LEN;
}

/*
 * One label from text, up to a dot or the end, put behind name.
 * @param used out: characters read, without the dot.
 */
static enum status
parse_label(struct dname *name, const char *text, size_t len, size_t *used)
{
	uint8_t label[LABEL_MAX];
	size_t label_len = 0;
	size_t at = 0;

	while (at < len && text[at] != '.') {
		uint8_t c = 0;
		size_t step = read_char(&c, text + at, len - at);
		if (step == 0)
			return ERR_MALFORMED;
		if (label_len == LABEL_MAX)
			return ERR_TOO_LONG;
		label[label_len++] = c;
		at += step;
	}
	if (label_len == 0)
		return ERR_MALFORMED;
	if (name->len + 1 + label_len > DNAME_MAX)
		return ERR_TOO_LONG;
	name->bytes[name->len] = (uint8_t)label_len;
	memcpy(name->bytes + name->len + 1, label, label_len);
	name->len = (uint8_t)(name->len + 1 + label_len);
	*used = at;
	return OK;
}

enum status
dname_parse(struct dname *out, const char *text, size_t len,
    const struct dname *origin)
{
	static const struct dname root = { .len = 1 };
	struct dname name = { 0 };
	bool is_absolute = false;
	size_t at = 0;

	if (len == 0)
		return ERR_MALFORMED;
	if (len == 1 && text[0] == '.') {
		*out = root;
		return OK;
	}
	while (at < len) {
		size_t used = 0;
		enum status status = parse_label(&name, text + at, len - at,
		    &used);
		if (status != OK)
			return status;
		at += used;
		is_absolute = at < len;
		at += is_absolute ? 1 : 0;
	}
	const struct dname *tail = is_absolute || origin == NULL ? &root :
								   origin;
	if (name.len + tail->len > DNAME_MAX)
		return ERR_TOO_LONG;
	memcpy(name.bytes + name.len, tail->bytes, tail->len);
	name.len = (uint8_t)(name.len + tail->len);
	*out = name;
	return OK;
}

/* One byte of a label as text; out has room for ESCAPE_LEN. Knot's zone files
 * take no other character without escape. */
static size_t
format_byte(char *out, uint8_t c)
{
	bool is_plain = (c >= '0' && c <= '9') ||
	    (dns_lower(c) >= 'a' && dns_lower(c) <= 'z');

	if (is_plain || (c != 0 && strchr("-_*/", c) != NULL)) {
		out[0] = (char)c;
		return 1;
	}
	out[0] = '\\';
	if (c != 0 && strchr("\".\\;()@$", c) != NULL) {
		out[1] = (char)c;
		return 2;
	}
	out[1] = (char)('0' + c / 100);
	out[2] = (char)('0' + c / 10 % 10);
	out[3] = (char)('0' + c % 10);
	return ESCAPE_LEN;
}

char *
dname_format(char *out, size_t cap, const struct dname *name)
{
	char text[NAME_TEXT_MAX];
	size_t len = 0;
	size_t at = 0;

	require(cap > 0);
	while (at < name->len && name->bytes[at] != 0) {
		size_t end = at + 1 + name->bytes[at];
		require(end < name->len);
		for (at++; at < end; at++)
			len += format_byte(text + len, name->bytes[at]);
		text[len++] = '.';
	}
	if (len == 0)
		text[len++] = '.';
	if (len > cap - 1)
		len = cap - 1;
	memcpy(out, text, len);
	out[len] = '\0';
	return out;
}

/* len bytes equal without case; length bytes are below 'A', so whole names
 * may be compared. */
static bool
equal_nocase(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (dns_lower(a[i]) != dns_lower(b[i]))
			return false;
	}
	return true;
}

bool
dname_equal(const struct dname *a, const struct dname *b)
{
	return a->len == b->len && equal_nocase(a->bytes, b->bytes, a->len);
}

enum status
owner_from_dname(struct owner *out, const struct dname *name,
    const struct dname *apex)
{
	if (name->len < apex->len)
		return ERR_NOT_FOUND;
	size_t cut = (size_t)name->len - apex->len;
	if (!equal_nocase(name->bytes + cut, apex->bytes, apex->len))
		return ERR_NOT_FOUND;

	/* Labels go to the end of buf first, nearest to the apex in front. */
	uint8_t buf[OWNER_MAX];
	size_t front = cut;
	size_t at = 0;
	while (at < cut) {
		size_t piece = (size_t)1 + name->bytes[at];
		if (piece > cut - at)
			return ERR_NOT_FOUND; /* cut is inside a label */
		front -= piece;
		for (size_t i = 0; i < piece; i++)
			buf[front + i] = dns_lower(name->bytes[at + i]);
		at += piece;
	}
	out->len = (uint8_t)cut;
	memcpy(out->bytes, buf, cut);
	return OK;
}

enum status
owner_to_dname(struct dname *out, struct blob owner, const struct dname *apex)
{
	if (owner.len + apex->len > DNAME_MAX)
		return ERR_TOO_LONG;

	size_t front = owner.len;
	size_t at = 0;
	while (at < owner.len) {
		size_t piece = (size_t)1 + owner.data[at];
		require(piece <= front);
		front -= piece;
		memcpy(out->bytes + front, owner.data + at, piece);
		at += piece;
	}
	memcpy(out->bytes + owner.len, apex->bytes, apex->len);
	out->len = (uint8_t)(owner.len + apex->len);
	return OK;
}

bool
owner_is_valid(struct blob owner)
{
	size_t at = 0;

	if (owner.len > OWNER_MAX)
		return false;
	while (at < owner.len) {
		size_t label = owner.data[at++];
		if (label == 0 || label > LABEL_MAX || label > owner.len - at)
			return false;
		for (size_t end = at + label; at < end; at++) {
			if (dns_lower(owner.data[at]) != owner.data[at])
				return false;
		}
	}
	return true;
}

size_t
owner_labels(struct blob owner)
{
	size_t count = 0;

	for (size_t at = 0; at < owner.len; at += (size_t)1 + owner.data[at])
		count++;
	return count;
}

bool
owner_is_at_or_below(struct blob name, struct blob top)
{
	if (top.len == 0)
		return true;
	return name.len >= top.len && memcmp(name.data, top.data, top.len) == 0;
}

/* Where the last label begins, with its length byte. */
static size_t
last_label_at(struct blob owner)
{
	size_t at = 0;

	require(owner.len > 0);
	for (;;) {
		size_t next = at + 1 + owner.data[at];
		if (next >= owner.len)
			return at;
		at = next;
	}
}

struct blob
owner_parent(struct blob owner)
{
	return (struct blob){ .data = owner.data, .len = last_label_at(owner) };
}

struct blob
owner_last_label(struct blob owner)
{
	size_t at = last_label_at(owner);

	return (struct blob){ .data = owner.data + at + 1,
		.len = owner.len - at - 1 };
}

int
owner_compare(struct blob a, struct blob b)
{
	return blob_compare(a, b);
}

enum status
owner_push(struct owner *owner, const void *label, size_t len)
{
	const uint8_t *bytes = label;

	if (len == 0 || len > LABEL_MAX)
		return ERR_MALFORMED;
	if (owner->len + 1 + len > OWNER_MAX)
		return ERR_TOO_LONG;
	uint8_t *out = owner->bytes + owner->len;
	*out++ = (uint8_t)len;
	for (size_t i = 0; i < len; i++)
		out[i] = dns_lower(bytes[i]);
	owner->len = (uint8_t)(owner->len + 1 + len);
	return OK;
}

void
owner_set(struct owner *out, struct blob owner)
{
	require(owner.len <= OWNER_MAX);
	if (owner.len > 0)
		memmove(out->bytes, owner.data, owner.len);
	out->len = (uint8_t)owner.len;
}

char *
owner_format(char *out, size_t cap, struct blob owner,
    const struct dname *apex)
{
	struct dname name = { 0 };

	require(cap > 0);
	if (owner_to_dname(&name, owner, apex) != OK) {
		/* Not a name of this zone: show it below the root. */
		static const struct dname root = { .len = 1 };
		enum status status = owner_to_dname(&name, owner, &root);
		require(status == OK);
	}
	return dname_format(out, cap, &name);
}
