/*
 * Zone lines into an image, messages into lines; both by the layouts of
 * dns/rr.def.
 */
#include "fixture.h"

#include "base/arena.h"
#include "dns/message.h"
#include "dns/rcode.h"
#include "dns/rdata.h"
#include "registry/rrset.h"
#include "unit/packet.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>

enum { REGION = 16 << 20, TOKEN_CAP = 300 };

static void *region;

/* --- reading lines */

static bool
next_token(const char **at, char token[TOKEN_CAP])
{
	size_t n = 0;

	*at += strspn(*at, " ");
	if (**at == '\0')
		return false;
	bool quoted = **at == '"';
	*at += quoted;
	while (**at != '\0' && **at != (quoted ? '"' : ' '))
		token[n++] = *(*at)++;
	*at += quoted;
	token[n] = '\0';
	return true;
}

static uint16_t
type_of(const char *name)
{
	for (unsigned type = 1; type < 300; type++) {
		const char *mnemonic = rdata_mnemonic((uint16_t)type);
		if (mnemonic != NULL && strcmp(mnemonic, name) == 0)
			return (uint16_t)type;
	}
	fail_msg("no type %s", name);
	return 0;
}

static void
name_of(struct dname *out, const char *text, const struct dname *apex)
{
	if (strcmp(text, "@") == 0)
		*out = *apex;
	else
		assert_int_equal(dname_parse(out, text, strlen(text), apex),
		    OK);
}

static void
put_field(struct packet *p, char layout, const char *token,
    const struct dname *apex)
{
	struct dname name;
	uint8_t address[16];

	switch (layout) {
	case '1':
		packet_u8(p, (unsigned)strtoul(token, NULL, 10));
		break;
	case '2':
		packet_u16(p, (unsigned)strtoul(token, NULL, 10));
		break;
	case '4':
		packet_u32(p, (uint32_t)strtoul(token, NULL, 10));
		break;
	case 'a':
	case 'q':
		assert_int_equal(inet_pton(layout == 'a' ? AF_INET : AF_INET6,
				     token, address), 1);
		packet_put(p, address, layout == 'a' ? 4 : 16);
		break;
	case 'N':
	case 'n':
		name_of(&name, token, apex);
		packet_put(p, name.bytes, name.len);
		break;
	case 's':
	case 't':
		packet_u8(p, (unsigned)strlen(token));
		packet_put(p, token, strlen(token));
		break;
	default: /* X and the like: as it is */
		packet_put(p, token, strlen(token));
		break;
	}
}

static struct record
read_record(struct arena *arena, const char *at, const struct dname *apex)
{
	static struct packet p;
	char token[TOKEN_CAP];
	struct record record;

	assert_true(next_token(&at, token));
	record.ttl = (uint32_t)strtoul(token, NULL, 10);
	assert_true(next_token(&at, token));
	record.type = type_of(token);
	p.len = 0;
	for (const char *l = rdata_layout(record.type); *l != '\0'; l++) {
		while (next_token(&at, token)) {
			put_field(&p, *l, token, apex);
			if (*l != 't')
				break;
		}
	}
	record.rdata.len = p.len;
	record.rdata.data = arena_copy(arena, p.bytes, p.len);
	return record;
}

struct image *
fixture_image(const char *const *lines, size_t n, const struct dname *apex)
{
	struct image *image = NULL;
	struct record records[RRSET_RECORDS_MAX];
	struct arena arena;

	arena_init(&arena);
	region = aligned_alloc(4096, REGION);
	assert_non_null(region);
	memset(region, 0, REGION);
	assert_int_equal(image_create(&image, region, REGION), OK);
	image_begin(image);
	for (size_t i = 0; i < n;) {
		char token[TOKEN_CAP];
		char first[TOKEN_CAP];
		size_t n_records = 0;
		const char *at = lines[i];
		assert_true(next_token(&at, first));
		do {
			records[n_records++] = read_record(&arena, at, apex);
			at = ++i < n ? lines[i] : "";
		} while (next_token(&at, token) && strcmp(token, first) == 0);
		struct dname name;
		struct owner owner;
		struct node node = { 0 };
		name_of(&name, first, apex);
		assert_int_equal(owner_from_dname(&owner, &name, apex), OK);
		assert_int_equal(rrsets_build(&arena, &node.rrsets, records,
				     n_records), OK);
		assert_int_equal(image_load(image, owner_blob(&owner), &node),
		    OK);
	}
	(void)image_commit(image, 1, 2026);
	arena_fini(&arena);
	return image;
}

void
fixture_destroy(struct image *image)
{
	image_destroy(image);
	free(region);
}

/* --- printing */

static char text[ANSWER_TEXT_CAP];
static size_t text_len;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void
say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text + text_len, sizeof text - text_len, format,
	    args);
	va_end(args);
	assert_true(n >= 0 && (size_t)n < sizeof text - text_len);
	text_len += (size_t)n;
}

static void
say_name(const uint8_t *message, size_t len, size_t *offset)
{
	struct dname name;
	char out[NAME_TEXT_MAX];

	assert_int_equal(dname_read(&name, message, len, offset), OK);
	say("%s", dname_format(out, sizeof out, &name));
}

static size_t
say_string(const uint8_t *p)
{
	say("\"%.*s\"", (int)p[0], (const char *)p + 1);
	return 1u + p[0];
}

static void
say_rdata(const uint8_t *message, size_t len, uint16_t type, size_t at,
    size_t end)
{
	const char *layout = rdata_layout(type);
	char address[INET6_ADDRSTRLEN];

	for (const char *l = layout; l != NULL && *l != '\0'; l++) {
		const uint8_t *p = message + at;
		if (l != layout)
			say(" ");
		switch (*l) {
		case '1':
			say("%u", p[0]);
			at += 1;
			break;
		case '2':
			say("%u", (unsigned)(p[0] << 8 | p[1]));
			at += 2;
			break;
		case '4':
			say("%" PRIu32, (uint32_t)p[0] << 24 |
			    (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
			at += 4;
			break;
		case 'a':
			say("%s", inet_ntop(AF_INET, p, address,
			    sizeof address));
			at += 4;
			break;
		case 'q':
			say("%s", inet_ntop(AF_INET6, p, address,
			    sizeof address));
			at += 16;
			break;
		case 'N':
		case 'n':
			say_name(message, len, &at);
			break;
		case 's':
			at += say_string(p);
			break;
		case 't':
			at += say_string(p);
			while (at < end) {
				say(" ");
				at += say_string(message + at);
			}
			break;
		default:
			say("%.*s", (int)(end - at), (const char *)p);
			at = end;
			break;
		}
	}
	if (layout != NULL)
		assert_int_equal(at, end);
}

static void
say_opt(const uint8_t *fixed, size_t rdlen)
{
	say("OPT %u %u %s", (unsigned)(fixed[2] << 8 | fixed[3]), fixed[5],
	    (fixed[6] & 0x80) != 0 ? "do" : "-");
	if (rdlen == 6 && fixed[11] == 15)
		say(" EDE %u", (unsigned)(fixed[14] << 8 | fixed[15]));
	say("\n");
}

static size_t
say_record(const uint8_t *message, size_t len, size_t at, const char *section)
{
	size_t owner = at;
	struct dname name;

	assert_int_equal(dname_read(&name, message, len, &at), OK);
	assert_true(at + 10 <= len);
	const uint8_t *fixed = message + at;
	uint16_t type = (uint16_t)(fixed[0] << 8 | fixed[1]);
	size_t rdlen = (size_t)(fixed[8] << 8 | fixed[9]);
	at += 10;
	assert_true(at + rdlen <= len);
	if (type == TYPE_OPT) {
		say_opt(fixed, rdlen);
		return at + rdlen;
	}
	say("%s ", section);
	say_name(message, len, &owner);
	const char *mnemonic = rdata_mnemonic(type);
	say(" %u %s%s ", (unsigned)(fixed[4] << 24 | fixed[5] << 16 |
	    fixed[6] << 8 | fixed[7]), fixed[3] == 1 ? "" : "(class) ",
	    mnemonic != NULL ? mnemonic : type == TYPE_TSIG ? "TSIG" : "?");
	say_rdata(message, len, type, at, at + rdlen);
	say("\n");
	return at + rdlen;
}

static void
say_header(const uint8_t *message, unsigned extended)
{
	static const struct {
		unsigned bit;
		const char *name;
	} flags[] = { { FLAG_AA, " aa" }, { FLAG_TC, " tc" },
		{ FLAG_RD, " rd" }, { FLAG_RA, " ra" }, { 0x40, " z" },
		{ FLAG_AD, " ad" }, { FLAG_CD, " cd" } };
	unsigned bits = (unsigned)(message[2] << 8 | message[3]);

	assert_true((bits & FLAG_QR) != 0);
	say("%s", rcode_mnemonic((uint16_t)(extended << 4 |
	    (bits & FLAG_RCODE))));
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		if ((bits & flags[i].bit) != 0)
			say("%s", flags[i].name);
	}
	say("\n");
}

/* Upper bits of the RCODE: of the OPT at the end, found by its shape. */
static unsigned
extended_rcode(const uint8_t *message, size_t len)
{
	for (size_t back = 11; back <= 17 && back + 12 <= len; back += 6) {
		const uint8_t *p = message + len - back;
		if (p[0] == 0 && p[1] == 0 && p[2] == 41)
			return p[5];
	}
	return 0;
}

const char *
fixture_print(const uint8_t *message, size_t len)
{
	static const char *const names[] = { "", "AN", "NS", "AR" };
	size_t at = MESSAGE_HEADER;
	struct dname name;

	text_len = 0;
	assert_true(len >= MESSAGE_HEADER);
	say_header(message, extended_rcode(message, len));
	if (message[5] == 1) {
		assert_int_equal(dname_read(&name, message, len, &at), OK);
		at += 4;
	}
	for (unsigned section = 1; section < 4; section++) {
		const uint8_t *count = message + 4 + 2 * section;
		for (unsigned n = (unsigned)(count[0] << 8 | count[1]); n > 0;
		     n--)
			at = say_record(message, len, at, names[section]);
	}
	assert_int_equal(at, len);
	return text;
}
