/*
 * Record data and its text. RFC 1035 5.1, RFC 3597 5. Layer 6; any thread; no
 * state.
 */
#include "zonefile/rdata_text.h"

#include "base/check.h"
#include "dns/rdata.h"
#include "zonefile/rdata_ldns.h"
#include "zonefile/ttl.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Letters of layouts that are done here; a layout with another is ldns's. */
static const char own_letters[] = "24aqNnlstU";

struct rdata_cursor {
	const struct word *words;
	size_t n;
	size_t at;
	const struct dname *origin;
	struct writer out;
	struct reason *reason;
};

bool
type_parse(uint16_t *out, const char *text)
{
	static const struct {
		const char *name;
		uint16_t type;
	} names[] = {
#define RR(name, number, layout) { #name, number },
#include "dns/rr.def"
#undef RR
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		/* the first letter tells most of them apart */
		if ((text[0] & 0xdf) == names[i].name[0] &&
		    strcasecmp(text, names[i].name) == 0) {
			*out = names[i].type;
			return true;
		}
	}
	if (strncasecmp(text, "TYPE", 4) == 0 && text[4] >= '0' &&
	    text[4] <= '9') {
		char *end = NULL;
		unsigned long number = strtoul(text + 4, &end, 10);
		if (*end != '\0' || strlen(text) > 9 || number > UINT16_MAX)
			return false;
		*out = (uint16_t)number;
		return number > 0;
	}
	*out = type_by_mnemonic(text);
	return *out != 0;
}

const char *
type_format(char *out, uint16_t type)
{
	const char *mnemonic = rdata_mnemonic(type);

	if (mnemonic != NULL)
		snprintf(out, TYPE_TEXT_MAX, "%s", mnemonic);
	else
		snprintf(out, TYPE_TEXT_MAX, "TYPE%u", type);
	return out;
}

static bool
is_own_layout(const char *layout)
{
	return layout != NULL && strspn(layout, own_letters) == strlen(layout);
}

/* ----------------------------------------------------------- text to wire */

/* One character of a word with its escapes, RFC 1035 5.1; false: bad escape. */
static bool
take_char(const char **text, uint8_t *out)
{
	const char *c = *text;

	if (c[0] != '\\') {
		*out = (uint8_t)c[0];
		*text = c + 1;
		return true;
	}
	if (c[1] < '0' || c[1] > '9') {
		*out = (uint8_t)c[1];
		*text = c + 2;
		return c[1] != '\0';
	}
	if (c[2] < '0' || c[2] > '9' || c[3] < '0' || c[3] > '9')
		return false;
	int value = (c[1] - '0') * 100 + (c[2] - '0') * 10 + (c[3] - '0');
	*out = (uint8_t)value;
	*text = c + 4;
	return value <= 255;
}

static enum status
word_fail(struct rdata_cursor *cursor, const char *what)
{
	const struct word *word = &cursor->words[cursor->at];

	if (cursor->at == cursor->n)
		reason_set(cursor->reason, "%s is missing", what);
	else
		reason_set(cursor->reason, "expected %s, found '%.60s'", what,
		    word->text);
	return ERR_MALFORMED;
}

static enum status
parse_name(struct rdata_cursor *cursor)
{
	struct dname name;

	if (cursor->at == cursor->n)
		return word_fail(cursor, "a name");
	const struct word *word = &cursor->words[cursor->at];
	if (word->len == 1 && word->text[0] == '@' && !word->is_quoted)
		name = *cursor->origin;
	else if (word->len == 0 || dname_parse(&name, word->text, word->len,
	    cursor->origin) != OK)
		return word_fail(cursor, "a name");
	write_bytes(&cursor->out, name.bytes, name.len);
	cursor->at++;
	return OK;
}

static enum status
parse_number(struct rdata_cursor *cursor, uint32_t *out, uint32_t max,
    const char *what)
{
	if (cursor->at == cursor->n)
		return word_fail(cursor, what);
	const char *text = cursor->words[cursor->at].text;
	uint64_t value = 0;
	for (const char *c = text; *c != '\0' || c == text; c++) {
		if (*c < '0' || *c > '9' || value > UINT32_MAX)
			return word_fail(cursor, what);
		value = value * 10 + (uint64_t)(*c - '0');
	}
	if (value > max)
		return word_fail(cursor, what);
	*out = (uint32_t)value;
	cursor->at++;
	return OK;
}

/* SOA's numbers; times may have units as in `1h30m`. */
static enum status
parse_u32(struct rdata_cursor *cursor)
{
	uint32_t value = 0;

	if (cursor->at < cursor->n && ttl_parse(&value,
	    cursor->words[cursor->at].text)) {
		cursor->at++;
	} else {
		enum status status = parse_number(cursor, &value, UINT32_MAX,
		    "a number or time");
		if (status != OK)
			return status;
	}
	write_u32(&cursor->out, value);
	return OK;
}

static enum status
parse_u16(struct rdata_cursor *cursor)
{
	uint32_t value = 0;

	enum status status = parse_number(cursor, &value, UINT16_MAX,
	    "a number up to 65535");
	if (status == OK)
		write_u16(&cursor->out, (uint16_t)value);
	return status;
}

static enum status
parse_address(struct rdata_cursor *cursor, int family, size_t len)
{
	uint8_t address[16];
	const char *what = family == AF_INET ? "an IPv4 address" :
	    "an IPv6 address";

	if (cursor->at == cursor->n || inet_pton(family,
	    cursor->words[cursor->at].text, address) != 1)
		return word_fail(cursor, what);
	write_bytes(&cursor->out, address, len);
	cursor->at++;
	return OK;
}

/* One character-string with its length byte. */
static enum status
parse_string(struct rdata_cursor *cursor)
{
	uint8_t string[256];
	size_t len = 0;

	if (cursor->at == cursor->n)
		return word_fail(cursor, "a text");
	const char *c = cursor->words[cursor->at].text;
	while (*c != '\0') {
		if (len == 255) {
			reason_set(cursor->reason,
			    "a text of more than 255 bytes");
			return ERR_MALFORMED;
		}
		if (!take_char(&c, &string[++len])) {
			reason_set(cursor->reason,
			    "a '\\' needs three digits up to 255 behind it");
			return ERR_MALFORMED;
		}
	}
	string[0] = (uint8_t)len;
	write_bytes(&cursor->out, string, len + 1);
	cursor->at++;
	return OK;
}

static enum status
parse_strings(struct rdata_cursor *cursor)
{
	enum status status;

	do {
		status = parse_string(cursor);
	} while (status == OK && cursor->at < cursor->n);
	return status;
}

/* A URI's target: one word without length byte, RFC 7553 4.5. */
static enum status
parse_target(struct rdata_cursor *cursor)
{
	if (cursor->at == cursor->n)
		return word_fail(cursor, "a URI");
	const char *c = cursor->words[cursor->at].text;
	while (*c != '\0') {
		uint8_t byte;
		if (!take_char(&c, &byte))
			return word_fail(cursor, "a URI");
		write_u8(&cursor->out, byte);
	}
	cursor->at++;
	return OK;
}

static enum status
parse_field(struct rdata_cursor *cursor, char letter)
{
	switch (letter) {
	case '2':
		return parse_u16(cursor);
	case '4':
		return parse_u32(cursor);
	case 'a':
		return parse_address(cursor, AF_INET, 4);
	case 'q':
		return parse_address(cursor, AF_INET6, 16);
	case 'N':
	case 'n':
	case 'l':
		return parse_name(cursor);
	case 's':
		return parse_string(cursor);
	case 't':
		return parse_strings(cursor);
	case 'U':
		return parse_target(cursor);
	default:
		never("a layout letter that is not in own_letters");
	}
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* RFC 3597 5: \# length hexadecimal, in any number of words. */
static enum status
parse_generic(struct rdata_cursor *cursor)
{
	uint32_t len = 0;

	cursor->at++;
	enum status status = parse_number(cursor, &len, RDATA_MAX,
	    "a length up to 65535");
	if (status != OK)
		return status;
	for (; cursor->at < cursor->n; cursor->at++) {
		const char *c = cursor->words[cursor->at].text;
		for (; *c != '\0'; c += 2) {
			int high = hex_value(c[0]);
			int low = high < 0 ? -1 : hex_value(c[1]);
			if (low < 0)
				return word_fail(cursor,
				    "pairs of hexadecimal digits");
			write_u8(&cursor->out, (uint8_t)(high * 16 + low));
		}
	}
	if (writer_len(&cursor->out) == len && !cursor->out.bad)
		return OK;
	reason_set(cursor->reason, "%u bytes are announced, %zu follow",
	    (unsigned)len, writer_len(&cursor->out));
	cursor->at = 1;
	return ERR_MALFORMED;
}

static enum status
parse_layout(struct rdata_cursor *cursor, const char *layout)
{
	for (const char *letter = layout; *letter != '\0'; letter++) {
		enum status status = parse_field(cursor, *letter);
		if (status != OK)
			return status;
	}
	if (cursor->at < cursor->n) {
		reason_set(cursor->reason, "'%.60s' is too much",
		    cursor->words[cursor->at].text);
		return ERR_MALFORMED;
	}
	return OK;
}

/* Half a byte at the end, which ldns drops without a word. */
static bool
has_odd_hex(uint16_t type, const struct word *words, size_t n)
{
	size_t first = type == TYPE_SSHFP ? 2 : 3;
	size_t digits = 0;

	if (type != TYPE_DS && type != TYPE_SSHFP && type != TYPE_TLSA)
		return false;
	for (size_t i = first; i < n; i++)
		digits += words[i].len;
	return digits % 2 != 0;
}

static enum status
parse_by_ldns(uint8_t *out, size_t *len, uint16_t type,
    const struct word *words, size_t n, struct reason *reason)
{
	if (has_odd_hex(type, words, n)) {
		reason_set(reason, "expected pairs of hexadecimal digits, "
		    "found one too many");
		return ERR_MALFORMED;
	}
	return text_to_rdata(out, len, type, words, n, reason);
}

enum status
rdata_parse(uint8_t *out, size_t *out_len, uint16_t type,
    const struct word *words, size_t n, const struct dname *origin, size_t *at,
    struct reason *reason)
{
	struct rdata_cursor cursor = { .words = words, .n = n,
		.origin = origin, .out = writer_make(out, RDATA_MAX),
		.reason = reason };
	const char *layout = rdata_layout(type);
	enum status status = OK;
	size_t len = 0;

	if (n > 0 && !words[0].is_quoted && strcmp(words[0].text, "\\#") == 0)
		status = parse_generic(&cursor);
	else if (is_own_layout(layout))
		status = parse_layout(&cursor, layout);
	else
		status = parse_by_ldns(out, &len, type, words, n, reason);
	*at = cursor.at;
	if (status != OK)
		return status;
	if (cursor.out.bad) {
		reason_set(reason, "the data is longer than 65535 bytes");
		return ERR_MALFORMED;
	}
	len = len > 0 ? len : writer_len(&cursor.out);
	*at = 0;
	status = rdata_check(type, (struct blob){ out, len }, reason);
	if (status == OK)
		*out_len = len;
	return status;
}

/* ----------------------------------------------------------- wire to text */

static char *
format_decimal(char *out, uint32_t value)
{
	char digits[10];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	while (n > 0)
		*out++ = digits[--n];
	return out;
}

static char *
format_quoted(char *out, const uint8_t *bytes, size_t len)
{
	*out++ = '"';
	for (size_t i = 0; i < len; i++) {
		uint8_t c = bytes[i];
		if (c < 0x20 || c > 0x7e) {
			*out++ = '\\';
			*out++ = (char)('0' + c / 100);
			*out++ = (char)('0' + c / 10 % 10);
			*out++ = (char)('0' + c % 10);
			continue;
		}
		if (c == '"' || c == '\\')
			*out++ = '\\';
		*out++ = (char)c;
	}
	*out++ = '"';
	return out;
}

static char *
format_strings(char *out, struct blob rest)
{
	while (rest.len > 0) {
		size_t len = rest.data[0];
		ensure(len < rest.len);
		out = format_quoted(out, rest.data + 1, len);
		rest.data += len + 1;
		rest.len -= len + 1;
		if (rest.len > 0)
			*out++ = ' ';
	}
	return out;
}

static char *
format_name(char *out, struct blob wire)
{
	struct dname name = { .len = (uint8_t)wire.len };

	memcpy(name.bytes, wire.data, wire.len);
	(void)dname_format(out, NAME_TEXT_MAX, &name);
	return out + strlen(out);
}

static char *
format_field(char *out, const struct rdata_field *field)
{
	struct reader r = reader_make(field->data.data, field->data.len);

	switch (field->letter) {
	case '2':
		return format_decimal(out, read_u16(&r));
	case '4':
		return format_decimal(out, read_u32(&r));
	case 'a':
		(void)inet_ntop(AF_INET, field->data.data, out,
		    INET_ADDRSTRLEN);
		return out + strlen(out);
	case 'q':
		(void)inet_ntop(AF_INET6, field->data.data, out,
		    INET6_ADDRSTRLEN);
		return out + strlen(out);
	case 'N':
	case 'n':
	case 'l':
		return format_name(out, field->data);
	case 's':
	case 't':
		return format_strings(out, field->data);
	case 'U':
		return format_quoted(out, field->data.data, field->data.len);
	default:
		never("a layout letter that is not in own_letters");
	}
}

static size_t
format_generic(char *out, struct blob rdata)
{
	static const char hex[] = "0123456789abcdef";
	char *c = out + snprintf(out, 32, "\\# %zu", rdata.len);

	if (rdata.len > 0)
		*c++ = ' ';
	for (size_t i = 0; i < rdata.len; i++) {
		*c++ = hex[rdata.data[i] >> 4];
		*c++ = hex[rdata.data[i] & 15];
	}
	*c = '\0';
	return (size_t)(c - out);
}

/* Text by ldns, if it reads back as the same bytes. @return 0 if not. */
static size_t
format_by_ldns(char *out, uint16_t type, struct blob rdata)
{
	size_t len = rdata_to_text(out, RDATA_TEXT_MAX, type, rdata);
	uint8_t *again = malloc(RDATA_MAX);
	struct word word = { .text = out, .len = len };
	size_t again_len = 0;

	bool is_same = len > 0 && again != NULL && text_to_rdata(again,
	    &again_len, type, &word, 1, NULL) == OK &&
	    again_len == rdata.len &&
	    memcmp(again, rdata.data, rdata.len) == 0;
	free(again);
	return is_same ? len : 0;
}

size_t
rdata_format(char *out, uint16_t type, struct blob rdata)
{
	const char *layout = rdata_layout(type);
	char *end = out;
	struct rdata_field field;
	size_t len = 0;

	if (layout == NULL)
		return format_generic(out, rdata);
	if (!is_own_layout(layout)) {
		len = format_by_ldns(out, type, rdata);
		return len > 0 ? len : format_generic(out, rdata);
	}
	struct rdata_walk walk = rdata_walk_make(type, rdata);
	while (rdata_next_field(&walk, &field)) {
		if (end > out)
			*end++ = ' ';
		end = format_field(end, &field);
	}
	*end = '\0';
	return (size_t)(end - out);
}
