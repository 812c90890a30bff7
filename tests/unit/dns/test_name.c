/*
 * dns/name: wire form, text, owner form.
 */
#include "unit/unit.h"

#include "dns/name.h"
#include "unit/blob.h"
#include "unit/random.h"

enum { ROUNDS = 3000 };

static const struct dname apex = { .len = 14, .bytes = "\4e164\7example" };
static const struct dname root = { .len = 1 };

static struct dname
name_of(const char *text)
{
	struct dname name;

	assert_int_equal(dname_parse(&name, text, strlen(text), &apex), OK);
	return name;
}

static struct owner
owner_of(const char *text)
{
	struct dname name = name_of(text);
	struct owner owner;

	assert_int_equal(owner_from_dname(&owner, &name, &apex), OK);
	return owner;
}

/* --- dname_read --------------------------------------------------------- */

/* Rule: an uncompressed name is itself; offset goes behind it. */
static void
dname_read__uncompressed__same_bytes(void **state)
{
	static const uint8_t message[] = "??\3Foo\3bar\0!";
	struct dname name;
	size_t offset = 2;

	(void)state;
	assert_int_equal(dname_read(&name, message, sizeof message, &offset),
	    OK);
	assert_int_equal(name.len, 9);
	assert_memory_equal(name.bytes, "\3Foo\3bar\0", 9);
	assert_int_equal(offset, 11);
}

/* Rule: RFC 1035 4.1.4: pointers, also to names that end in pointers; offset
 * goes behind the first pointer. */
static void
dname_read__pointer_to_pointer__expanded(void **state)
{
	static const uint8_t message[] = "\3com\0"     /* 0 */
					 "\2ab\xc0\0"  /* 5 */
					 "\1x\xc0\5!"; /* 10 */
	struct dname name;
	size_t offset = 10;

	(void)state;
	assert_int_equal(dname_read(&name, message, sizeof message, &offset),
	    OK);
	assert_int_equal(name.len, 10);
	assert_memory_equal(name.bytes, "\1x\2ab\3com\0", 10);
	assert_int_equal(offset, 14);
}

struct bad_name {
	const char *message;
	size_t len;
	size_t offset;
};

/* Rule: what does not lead backwards or does not end is refused. */
static void
dname_read__not_well_formed__malformed_and_untouched(void **state)
{
	static const struct bad_name cases[] = {
		{ "", 0, 0 },
		{ "\0", 1, 1 },
		{ "\3com", 4, 0 },
		{ "\3co", 3, 0 },
		{ "\xc0", 1, 0 },
		{ "\xc0\0", 2, 0 },          /* to itself */
		{ "\1a\xc0\0", 4, 0 },       /* to its own beginning */
		{ "\1a\xc0\2", 4, 0 },       /* the pointer to itself */
		{ "\xc0\2\0", 3, 0 },        /* forward */
		{ "\xc0\2\xc0\0", 4, 2 },    /* two that chase each other */
		{ "\0\1a\xc0\1", 5, 1 },     /* into the same name */
		{ "\xff\xff", 2, 0 },        /* behind the message */
		{ "\100aaaa", 6, 0 },        /* label type 01 */
		{ "\200aaaa", 6, 0 },        /* label type 10 */
		{ "\0", 1, 70000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct dname name = { .len = 77 };
		size_t offset = cases[i].offset;
		assert_int_equal(dname_read(&name,
		    (const uint8_t *)cases[i].message, cases[i].len, &offset),
		    ERR_MALFORMED);
		assert_int_equal(name.len, 77);
		assert_int_equal(offset, cases[i].offset);
	}
}

/* A name of n bytes, labels of 63 and what is left. */
static size_t
long_name(uint8_t *out, size_t n)
{
	size_t at = 0;

	while (at + 1 < n) {
		size_t label = n - 1 - at - 1;
		/* no rest of one byte, which cannot be a label */
		label = label <= 63 ? label : label == 64 ? 62 : 63;
		out[at] = (uint8_t)label;
		memset(out + at + 1, 'a', label);
		at += 1 + label;
	}
	out[at] = 0;
	return at + 1;
}

/* Rule: RFC 1035 2.3.4: 255 bytes, not 256, also when put together. */
static void
dname_read__255_and_256_bytes__ok_and_malformed(void **state)
{
	uint8_t message[600];
	struct dname name;
	size_t offset = 0;

	(void)state;
	assert_int_equal(long_name(message, 255), 255);
	assert_int_equal(dname_read(&name, message, 255, &offset), OK);
	assert_int_equal(name.len, 255);
	offset = 0;
	assert_int_equal(long_name(message, 256), 256);
	assert_int_equal(dname_read(&name, message, 256, &offset),
	    ERR_MALFORMED);

	assert_int_equal(long_name(message, 253), 253);
	memcpy(message + 253, "\1x\xc0\0\2xx\xc0\0", 9);
	offset = 253;
	assert_int_equal(dname_read(&name, message, 262, &offset), OK);
	assert_int_equal(name.len, 255);
	assert_int_equal(offset, 257);
	assert_int_equal(dname_read(&name, message, 262, &offset),
	    ERR_MALFORMED);
}

/* Rule: no message makes it read outside or loop. */
static void
dname_read__random_messages__ends_within(void **state)
{
	static const uint8_t common[] = { 0, 1, 2, 3, 0xc0, 0xc0, 0xc1, 'a' };
	struct random random = random_make(5);
	uint8_t message[64];

	(void)state;
	for (unsigned i = 0; i < 50000; i++) {
		size_t len = random_below(&random, sizeof message + 1);
		for (size_t k = 0; k < len; k++)
			message[k] = common[random_below(&random, 8)];
		struct dname name;
		size_t start = random_below(&random, 66);
		size_t offset = start;
		if (dname_read(&name, message, len, &offset) != OK)
			continue;
		assert_true(offset > start && offset <= len);
		assert_int_equal(dname_check(name.bytes, name.len), name.len);
	}
}

/* --- dname_check -------------------------------------------------------- */

/* Rule: the length of the name in front, 0 if there is none. */
static void
dname_check__good_and_bad__length_or_0(void **state)
{
	uint8_t buf[300];

	(void)state;
	assert_int_equal(dname_check((const uint8_t *)"\0", 1), 1);
	assert_int_equal(dname_check((const uint8_t *)"\1a\0xyz", 6), 3);
	assert_int_equal(dname_check((const uint8_t *)"\1a", 2), 0);
	assert_int_equal(dname_check((const uint8_t *)"\1", 1), 0);
	assert_int_equal(dname_check((const uint8_t *)"\xc0\0", 2), 0);
	assert_int_equal(dname_check(NULL, 0), 0);
	memset(buf, 'a', sizeof buf);
	buf[0] = 64;
	buf[65] = 0;
	assert_int_equal(dname_check(buf, sizeof buf), 0);
	assert_int_equal(dname_check(buf, long_name(buf, 255)), 255);
	assert_int_equal(dname_check(buf, long_name(buf, 256)), 0);
}

/* --- text --------------------------------------------------------------- */

struct text_case {
	const char *text;
	const char *wire;
	size_t len;
};

/* Rule: RFC 1035 5.1: dots, escapes, relative names. */
static void
dname_parse__texts__wire_form(void **state)
{
	static const struct text_case cases[] = {
		{ ".", "\0", 1 },
		{ "Foo.bar.", "\3Foo\3bar\0", 9 },
		{ "x", "\1x\4e164\7example\0", 16 },
		{ "a\\.b.", "\3a.b\0", 5 },
		{ "\\065\\000\\255.", "\3A\0\377\0", 5 },
		{ "\\\\.", "\1\\\0", 3 },
		{ "*.", "\1*\0", 3 },
		{ "a b.", "\3a b\0", 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct dname name = name_of(cases[i].text);
		assert_int_equal(name.len, cases[i].len);
		assert_memory_equal(name.bytes, cases[i].wire, name.len);
	}
}

/* Rule: without an origin the last dot may be missing. */
static void
dname_parse__no_origin__absolute(void **state)
{
	struct dname name;

	(void)state;
	assert_int_equal(dname_parse(&name, "a.b", 3, NULL), OK);
	assert_memory_equal(name.bytes, "\1a\1b\0", 5);
	assert_int_equal(dname_parse(&name, "a.b.", 4, NULL), OK);
	assert_int_equal(name.len, 5);
}

/* Rule: empty labels and broken escapes are refused. */
static void
dname_parse__broken__malformed(void **state)
{
	static const char *const texts[] = { "", "..", ".a", "a..b", "a..",
		"\\", "a\\", "\\1", "\\12", "\\12x", "\\256", "\\999." };
	struct dname name = { .len = 77 };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_int_equal(dname_parse(&name, texts[i],
		    strlen(texts[i]), NULL), ERR_MALFORMED);
		assert_int_equal(name.len, 77);
	}
}

/* Rule: 63 bytes a label, 255 a name with the origin. */
static void
dname_parse__limits__too_long_above(void **state)
{
	char text[300];
	struct dname name;

	(void)state;
	memset(text, 'a', sizeof text);
	assert_int_equal(dname_parse(&name, text, 63, NULL), OK);
	assert_int_equal(dname_parse(&name, text, 64, NULL), ERR_TOO_LONG);
	text[63] = text[127] = text[191] = '.';
	/* 3 * 64 + 1 + 61 + root */
	assert_int_equal(dname_parse(&name, text, 192 + 61, NULL), OK);
	assert_int_equal(name.len, 255);
	assert_int_equal(dname_parse(&name, text, 192 + 62, NULL),
	    ERR_TOO_LONG);
	/* 3 * 64 + 1 + 48 + 14 of the apex */
	assert_int_equal(dname_parse(&name, text, 192 + 49, &apex),
	    ERR_TOO_LONG);
	assert_int_equal(dname_parse(&name, text, 192 + 48, &apex), OK);
	assert_int_equal(name.len, 255);
}

/* A random name; all byte values. */
static struct dname
random_name(struct random *random, uint32_t max_labels)
{
	struct dname name = { 0 };

	for (uint32_t n = random_below(random, max_labels + 1); n > 0; n--) {
		uint32_t len = 1 + random_below(random, 8);
		name.bytes[name.len++] = (uint8_t)len;
		for (; len > 0; len--)
			name.bytes[name.len++] =
			    (uint8_t)random_below(random, 256);
	}
	name.bytes[name.len++] = 0;
	return name;
}

/* Rule: text reads back to the same bytes, whatever they are. */
static void
dname_format__any_bytes__reads_back(void **state)
{
	struct random random = random_make(6);

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct dname name = random_name(&random, 10);
		struct dname back;
		char text[NAME_TEXT_MAX];
		(void)dname_format(text, sizeof text, &name);
		for (const char *p = text; *p != '\0'; p++)
			assert_true(*p > ' ' && *p < 0x7f);
		assert_int_equal(dname_parse(&back, text, strlen(text), NULL),
		    OK);
		assert_int_equal(back.len, name.len);
		assert_memory_equal(back.bytes, name.bytes, name.len);
	}
}

/* Rule: the longest text fits NAME_TEXT_MAX; less room cuts. */
static void
dname_format__little_room__cut(void **state)
{
	struct dname name;
	char text[NAME_TEXT_MAX];

	(void)state;
	name.len = (uint8_t)long_name(name.bytes, 255);
	for (size_t i = 0; i < 254; i++) {
		if (name.bytes[i] == 'a')
			name.bytes[i] = 0xff;
	}
	/* 250 bytes escaped, four dots */
	assert_int_equal(strlen(dname_format(text, sizeof text, &name)),
	    4 * 250 + 4);
	struct dname foo = name_of("foo.bar.");
	assert_string_equal(dname_format(text, 6, &foo), "foo.b");
	assert_string_equal(dname_format(text, 1, &foo), "");
	assert_string_equal(dname_format(text, 2, &root), ".");
}

/* Rule: what stock servers refuse unescaped in zone files is escaped. */
static void
dname_format__unusual_characters__escaped(void **state)
{
	struct dname name = { .len = 14, .bytes = "\6-_*/[{\5 ~z.\\" };
	char text[NAME_TEXT_MAX];

	(void)state;
	assert_string_equal(dname_format(text, sizeof text, &name),
	    "-_*/\\091\\123.\\032\\126z\\.\\\\.");
}

/* Rule: RFC 4343: only A-Z and a-z are alike. */
static void
dname_equal__case__only_ascii_letters(void **state)
{
	struct dname a = name_of("FOO.Example.");
	struct dname b = name_of("foo.eXAMPLE.");

	(void)state;
	assert_true(dname_equal(&a, &b));
	for (unsigned c = 0; c < 256; c++) {
		struct dname x = { .len = 3, .bytes = { 1, (uint8_t)c, 0 } };
		struct dname y = { .len = 3, .bytes = { 1, (uint8_t)(c ^ 0x20),
		    0 } };
		bool is_letter = (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z');
		assert_int_equal(dname_equal(&x, &y), is_letter);
	}
	struct dname longer = name_of("foo.example.x.");
	assert_false(dname_equal(&a, &longer));
}

/* --- owner -------------------------------------------------------------- */

/* Rule: labels from the apex outwards, lower case. */
static void
owner_from_dname__names_of_the_zone__apex_first(void **state)
{
	struct owner owner = owner_of("3.2.1.E164.eXample.");

	(void)state;
	assert_int_equal(owner.len, 6);
	assert_memory_equal(owner.bytes, "\1" "1\1" "2\1" "3", 6);
	owner = owner_of("FoO.bar");
	assert_memory_equal(owner.bytes, "\3bar\3foo", 8);
	owner = owner_of("e164.example.");
	assert_int_equal(owner.len, 0);
}

/* Rule: NOTZONE: above, beside, and where only the bytes look alike. */
static void
owner_from_dname__other_names__not_found(void **state)
{
	static const char *const texts[] = { ".", "example.", "164.example.",
		"xe164.example.", "e164.example.com.", "e164.exampla.",
		/* a label that ends in the bytes of the apex */
		"a\\004e164\\007example.", "e164\\007example." };
	struct owner owner = { .len = 77 };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct dname name = name_of(texts[i]);
		assert_int_equal(owner_from_dname(&owner, &name, &apex),
		    ERR_NOT_FOUND);
		assert_int_equal(owner.len, 77);
	}
}

/* Rule: owner and back is the name in lower case, in any zone. */
static void
owner_to_dname__random_names__lower_case_of_it(void **state)
{
	struct random random = random_make(7);

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct dname name = random_name(&random, 12);
		const struct dname *zone = &root;
		if (i % 2 == 0) {
			memcpy(name.bytes + name.len - 1, apex.bytes,
			    apex.len);
			name.len = (uint8_t)(name.len - 1 + apex.len);
			zone = &apex;
		}
		struct owner owner;
		struct dname back;
		assert_int_equal(owner_from_dname(&owner, &name, zone), OK);
		assert_true(owner_is_valid(owner_blob(&owner)));
		assert_int_equal(owner_to_dname(&back, owner_blob(&owner),
		    zone), OK);
		assert_true(dname_equal(&name, &back));
		for (size_t k = 0; k < back.len; k++)
			assert_int_equal(back.bytes[k],
			    dns_lower(back.bytes[k]));
	}
}

/* Rule: 255 bytes with the apex. */
static void
owner_to_dname__too_long_for_the_apex__too_long(void **state)
{
	struct owner owner = { .len = OWNER_MAX };
	struct dname out = { .len = 77 };
	struct blob blob = owner_blob(&owner);

	(void)state;
	for (size_t i = 0; i < OWNER_MAX; i += 2) {
		owner.bytes[i] = 1;
		owner.bytes[i + 1] = 'x';
	}
	assert_int_equal(owner_labels(blob), LABELS_MAX);
	assert_int_equal(owner_to_dname(&out, blob, &apex), ERR_TOO_LONG);
	assert_int_equal(out.len, 77);
	assert_int_equal(owner_to_dname(&out, blob, &root), OK);
	assert_int_equal(out.len, 255);
	blob.len = 240;
	assert_int_equal(owner_to_dname(&out, blob, &apex), OK);
	assert_int_equal(out.len, 254);
}

/* Rule: labels of 1 to 63 bytes, lower case, to the last byte. */
static void
owner_is_valid__foreign_bytes__checked(void **state)
{
	uint8_t bytes[300];

	(void)state;
	assert_true(owner_is_valid((struct blob){ NULL, 0 }));
	assert_true(owner_is_valid(BLOB("\1" "1\1*")));
	assert_true(owner_is_valid(BLOB("\3a\377\0")));
	assert_false(owner_is_valid(BLOB("\0")));
	assert_false(owner_is_valid(BLOB("\1a\0")));
	assert_false(owner_is_valid(BLOB("\1")));
	assert_false(owner_is_valid(BLOB("\2a")));
	assert_false(owner_is_valid(BLOB("\1A")));
	assert_false(owner_is_valid(BLOB("\xc0\0")));
	memset(bytes, 'a', sizeof bytes);
	bytes[0] = bytes[64] = bytes[128] = bytes[192] = 63;
	assert_true(owner_is_valid((struct blob){ bytes, 192 }));
	assert_false(owner_is_valid((struct blob){ bytes, 256 }));
	bytes[0] = 64;
	assert_false(owner_is_valid((struct blob){ bytes, 65 }));
	bytes[0] = 63;
	bytes[192] = 61;
	assert_true(owner_is_valid((struct blob){ bytes, 254 }));
}

/* An owner of few labels out of few, so that relations are common. */
static struct owner
random_owner(struct random *random)
{
	static const char *const labels[] = { "1", "2", "12", "a", "ab", "*" };
	struct owner owner = { 0 };

	for (uint32_t n = random_below(random, 5); n > 0; n--) {
		const char *label = labels[random_below(random, 6)];
		assert_int_equal(owner_push(&owner, label, strlen(label)), OK);
	}
	return owner;
}

/* Is text a name at or below top, by the labels from the right? */
static bool
is_suffix(const struct dname *name, const struct dname *top)
{
	for (size_t at = 0; at < name->len; at += (size_t)1 + name->bytes[at]) {
		if (name->len - at == top->len &&
		    memcmp(name->bytes + at, top->bytes, top->len) == 0)
			return true;
	}
	return false;
}

/* M1: at or below another exactly if the other is a byte prefix. */
static void
owner_is_at_or_below__random_pairs__as_by_labels(void **state)
{
	struct random random = random_make(8);

	(void)state;
	for (unsigned i = 0; i < 10 * ROUNDS; i++) {
		struct owner a = random_owner(&random);
		struct owner b = random_owner(&random);
		struct dname x;
		struct dname y;
		assert_int_equal(owner_to_dname(&x, owner_blob(&a), &apex),
		    OK);
		assert_int_equal(owner_to_dname(&y, owner_blob(&b), &apex),
		    OK);
		assert_int_equal(owner_is_at_or_below(owner_blob(&a),
		    owner_blob(&b)), is_suffix(&x, &y));
	}
}

/* M1: a total order in which all names below a name stand together,
 * behind it. */
static void
owner_compare__random_triples__below_stays_together(void **state)
{
	struct random random = random_make(9);

	(void)state;
	for (unsigned i = 0; i < 20 * ROUNDS; i++) {
		struct owner o[3];
		struct blob b[3];
		for (size_t k = 0; k < 3; k++) {
			o[k] = random_owner(&random);
			b[k] = owner_blob(&o[k]);
		}
		int ab = owner_compare(b[0], b[1]);
		int bc = owner_compare(b[1], b[2]);
		assert_int_equal(ab == 0, blob_equal(b[0], b[1]));
		assert_int_equal(ab < 0, owner_compare(b[1], b[0]) > 0);
		if (ab > 0 || bc > 0)
			continue;
		assert_true(owner_compare(b[0], b[2]) <= 0);
		if (owner_is_at_or_below(b[2], b[0]))
			assert_true(owner_is_at_or_below(b[1], b[0]));
	}
}

/* Rule: numbers sort in dialling order. */
static void
owner_compare__numbers__dialling_order(void **state)
{
	static const char *const names[] = { "", "1", "0.1", "1.1", "2.1",
		"0.2.1", "2" };
	struct owner last = owner_of("e164.example.");

	(void)state;
	for (size_t i = 1; i < sizeof names / sizeof names[0]; i++) {
		struct owner owner = owner_of(names[i]);
		assert_true(owner_compare(owner_blob(&last),
		    owner_blob(&owner)) < 0);
		last = owner;
	}
}

/* Rule: parent and last label are the name again. */
static void
owner_parent__each_name__without_last_label(void **state)
{
	struct owner owner = owner_of("www.host.example.e164.example.");
	struct blob name = owner_blob(&owner);
	struct blob last = owner_last_label(name);

	(void)state;
	assert_int_equal(owner_labels(name), 3);
	assert_int_equal(last.len, 3);
	assert_memory_equal(last.data, "www", 3);
	name = owner_parent(name);
	last = owner_last_label(name);
	assert_int_equal(name.len, 13);
	assert_memory_equal(last.data, "host", 4);
	name = owner_parent(owner_parent(name));
	assert_int_equal(name.len, 0);
	assert_int_equal(owner_labels(name), 0);
}

/* Rule: a label of 1 to 63 bytes, lower-cased, if it fits. */
static void
owner_push__limits__refused_and_unchanged(void **state)
{
	struct owner owner = { 0 };
	char label[64];

	(void)state;
	memset(label, 'A', sizeof label);
	assert_int_equal(owner_push(&owner, label, 0), ERR_MALFORMED);
	assert_int_equal(owner_push(&owner, label, 64), ERR_MALFORMED);
	assert_int_equal(owner.len, 0);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(owner_push(&owner, label, 63), OK);
	assert_int_equal(owner.bytes[1], 'a');
	assert_int_equal(owner_push(&owner, label, 62), ERR_TOO_LONG);
	assert_int_equal(owner.len, 192);
	assert_int_equal(owner_push(&owner, label, 61), OK);
	assert_int_equal(owner.len, OWNER_MAX);
	assert_true(owner_is_valid(owner_blob(&owner)));
}

/* Rule: a copy, also from itself and of the apex. */
static void
owner_set__any_owner__copy(void **state)
{
	struct owner owner = owner_of("3.2.1");
	struct owner copy;

	(void)state;
	owner_set(&copy, owner_blob(&owner));
	assert_true(blob_equal(owner_blob(&copy), owner_blob(&owner)));
	owner_set(&owner, owner_parent(owner_blob(&owner)));
	assert_int_equal(owner.len, 4);
	owner_set(&copy, (struct blob){ NULL, 0 });
	assert_int_equal(copy.len, 0);
}

/* Rule: text of an owner is that of its name. */
static void
owner_format__owners__text_with_apex(void **state)
{
	struct owner owner = owner_of("3.2.1");
	char text[NAME_TEXT_MAX];

	(void)state;
	assert_string_equal(owner_format(text, sizeof text,
	    owner_blob(&owner), &apex), "3.2.1.e164.example.");
	assert_string_equal(owner_format(text, sizeof text,
	    (struct blob){ NULL, 0 }, &apex), "e164.example.");
	assert_string_equal(owner_format(text, 4, owner_blob(&owner), &apex),
	    "3.2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dname_read__uncompressed__same_bytes),
		cmocka_unit_test(dname_read__pointer_to_pointer__expanded),
		cmocka_unit_test(
		    dname_read__not_well_formed__malformed_and_untouched),
		cmocka_unit_test(
		    dname_read__255_and_256_bytes__ok_and_malformed),
		cmocka_unit_test(dname_read__random_messages__ends_within),
		cmocka_unit_test(dname_check__good_and_bad__length_or_0),
		cmocka_unit_test(dname_parse__texts__wire_form),
		cmocka_unit_test(dname_parse__no_origin__absolute),
		cmocka_unit_test(dname_parse__broken__malformed),
		cmocka_unit_test(dname_parse__limits__too_long_above),
		cmocka_unit_test(dname_format__any_bytes__reads_back),
		cmocka_unit_test(dname_format__little_room__cut),
		cmocka_unit_test(
		    dname_format__unusual_characters__escaped),
		cmocka_unit_test(dname_equal__case__only_ascii_letters),
		cmocka_unit_test(
		    owner_from_dname__names_of_the_zone__apex_first),
		cmocka_unit_test(owner_from_dname__other_names__not_found),
		cmocka_unit_test(
		    owner_to_dname__random_names__lower_case_of_it),
		cmocka_unit_test(
		    owner_to_dname__too_long_for_the_apex__too_long),
		cmocka_unit_test(owner_is_valid__foreign_bytes__checked),
		cmocka_unit_test(
		    owner_is_at_or_below__random_pairs__as_by_labels),
		cmocka_unit_test(
		    owner_compare__random_triples__below_stays_together),
		cmocka_unit_test(owner_compare__numbers__dialling_order),
		cmocka_unit_test(owner_parent__each_name__without_last_label),
		cmocka_unit_test(owner_push__limits__refused_and_unchanged),
		cmocka_unit_test(owner_set__any_owner__copy),
		cmocka_unit_test(owner_format__owners__text_with_apex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
