/*
 * registry/changeset: encoding of slots.
 */
#include "unit/unit.h"

#include "dns/rdata.h"
#include "registry/cause.h"
#include "registry/changeset.h"
#include "unit/blob.h"

#define TXT_A BYTES("\0\20\0\0\0\74\0\1\0\2\1a")
#define TXT_B BYTES("\0\20\0\0\0\74\0\1\0\2\1b")
#define OWNER_1 BYTES("\1" "1")
#define OWNER_12 BYTES("\1" "1\1" "2")
#define OWNER_PRIVATE BYTES("\11_registry\3pin")

/* Where things are in the sample's encoding. */
enum {
	PART_AT = CHANGESET_HEADER_LEN,
	PART_DOOR_AT = PART_AT + 4,
};

static const struct changeset_header sample_header = {
	.slot = UINT64_C(0x0102030405060708),
	.time_ms = UINT64_C(0x1112131415161718),
	.serial = 0x21222324,
	.previous = { { 0x31, 0x32 } },
	.before = { { 1, 2, 3, UINT64_MAX } },
};

static const struct name_change sample_changes[] = {
	{ { NULL, 0 }, 0, 0, TXT_A, TXT_B },
	{ OWNER_1, NODE_DERIVED, 0, BYTES(""), TXT_A },
	{ OWNER_12, 0, NODE_DERIVED, BYTES(""), BYTES("") },
	{ OWNER_PRIVATE, 0, 0, BYTES(""), TXT_B },
};

static const struct part sample_parts[] = {
	{
	    .door = DOOR_UPDATE,
	    .actor = { .role = ROLE_CARRIER, .ocn = "1510",
		.key = { .len = 5, .bytes = "\3key" }, .key_version = 7 },
	    .receipt = { .id = { { 0x41 } }, .time_signed_s = 99,
		.rcode = 5, .cause = CAUSE_NOT_AUTHORISED },
	    .changes = sample_changes,
	    .n_changes = 4,
	},
	{
	    .door = DOOR_CONTROL,
	    .actor = { .role = ROLE_AUTHORITY, .registrar = "r1",
		.uid = 1000 },
	},
};

static int
set_up(void **state)
{
	struct arena *arena = test_calloc(1, sizeof *arena);

	arena_init(arena);
	*state = arena;
	return 0;
}

static int
tear_down(void **state)
{
	arena_fini(*state);
	test_free(*state);
	return 0;
}

static struct blob
encode(void **state, const struct part *parts, size_t n_parts)
{
	struct blob out = { 0 };

	assert_int_equal(changeset_encode(*state, &out, &sample_header, parts,
	    n_parts), OK);
	return out;
}

static enum status
decode(void **state, struct blob data)
{
	struct changeset_header header;
	const struct part *parts = NULL;
	size_t n_parts = 0;

	return changeset_decode(*state, &header, &parts, &n_parts, data);
}

static void
assert_blob(struct blob got, struct blob expected)
{
	assert_int_equal(got.len, expected.len);
	if (got.len > 0)
		assert_memory_equal(got.data, expected.data, got.len);
}

static void
assert_same_part(const struct part *got, const struct part *expected)
{
	assert_int_equal(got->door, expected->door);
	assert_int_equal(got->actor.role, expected->actor.role);
	assert_string_equal(got->actor.ocn, expected->actor.ocn);
	assert_int_equal(got->actor.key.len, expected->actor.key.len);
	assert_memory_equal(got->actor.key.bytes, expected->actor.key.bytes,
	    DNAME_MAX);
	assert_int_equal(got->actor.key_version, expected->actor.key_version);
	assert_string_equal(got->actor.registrar, expected->actor.registrar);
	assert_int_equal(got->actor.uid, expected->actor.uid);
	assert_memory_equal(got->receipt.id.bytes, expected->receipt.id.bytes,
	    HASH_LEN);
	assert_int_equal(got->receipt.time_signed_s,
	    expected->receipt.time_signed_s);
	assert_int_equal(got->receipt.rcode, expected->receipt.rcode);
	assert_int_equal(got->receipt.cause, expected->receipt.cause);
	assert_int_equal(got->n_changes, expected->n_changes);
	for (size_t i = 0; i < got->n_changes; i++) {
		const struct name_change *a = &got->changes[i];
		const struct name_change *b = &expected->changes[i];
		assert_blob(a->owner, b->owner);
		assert_int_equal(a->flags_before, b->flags_before);
		assert_int_equal(a->flags_after, b->flags_after);
		assert_blob(a->removed, b->removed);
		assert_blob(a->added, b->added);
	}
}

/* Rule: what was encoded is what is decoded, field for field. */
static void
changeset_decode__encoded__same_fields(void **state)
{
	struct blob data = encode(state, sample_parts, 2);
	struct changeset_header header;
	const struct part *parts = NULL;
	size_t n_parts = 0;

	assert_int_equal(changeset_decode(*state, &header, &parts, &n_parts,
	    data), OK);
	assert_int_equal(header.slot, sample_header.slot);
	assert_int_equal(header.time_ms, sample_header.time_ms);
	assert_int_equal(header.serial, sample_header.serial);
	assert_memory_equal(&header.previous, &sample_header.previous,
	    sizeof header.previous);
	assert_true(digest_equal(&header.before, &sample_header.before));
	assert_int_equal(n_parts, 2);
	assert_same_part(&parts[0], &sample_parts[0]);
	assert_same_part(&parts[1], &sample_parts[1]);
}

/* Rule: the header is as doc/disk-format.md draws it. */
static void
changeset_encode__header__as_drawn(void **state)
{
	struct blob data = encode(state, NULL, 0);

	assert_blob(data,
	    BLOB("\0\1" "\0\0" "\x21\x22\x23\x24" "\1\2\3\4\5\6\7\10"
		 "\x11\x12\x13\x14\x15\x16\x17\x18"
		 "\x31\x32\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		 "\0\0\0\0\0\0\0\1" "\0\0\0\0\0\0\0\2" "\0\0\0\0\0\0\0\3"
		 "\377\377\377\377\377\377\377\377"));
	assert_int_equal(decode(state, data), OK);
}

/* Rule: a part is as doc/disk-format.md draws it. */
static void
changeset_encode__part__as_drawn(void **state)
{
	static const struct name_change change =
	    { OWNER_12, 0, NODE_DERIVED, TXT_A, BYTES("") };
	struct part part = sample_parts[0];

	part.changes = &change;
	part.n_changes = 1;
	strcpy(part.actor.registrar, "r2");
	part.actor.uid = 258;
	struct blob data = encode(state, &part, 1);
	assert_int_equal(data.len, PART_AT + part_len(&part));
	data.data += PART_AT;
	data.len -= PART_AT;
	assert_blob(data, BLOB("\0\0\0\x63" "\2"
	    /* actor */
	    "\2" "\4" "1510" "\5\3key\0" "\0\0\0\7" "\2r2" "\0\0\1\2"
	    /* receipt */
	    "\x41\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	    "\0\0\0\0\0\0\0\x63" "\0\5" "\0\2"
	    /* changes */
	    "\0\0\0\1" "\4\1" "1\1" "2" "\0\1" "\0\0\0\14"
	    "\0\20\0\0\0\74\0\1\0\2\1a" "\0\0\0\0"));
}

/* Rule: part_len and name_change_len are exact. */
static void
part_len__any_part__exact(void **state)
{
	struct blob one = encode(state, sample_parts, 1);
	struct blob both = encode(state, sample_parts, 2);
	struct part part = sample_parts[0];

	assert_int_equal(one.len, PART_AT + part_len(&sample_parts[0]));
	assert_int_equal(both.len, one.len + part_len(&sample_parts[1]));
	part.n_changes--;
	assert_int_equal(part_len(&sample_parts[0]),
	    part_len(&part) + name_change_len(&sample_changes[3]));
}

/* Rule: no truncation and no byte behind is accepted. */
static void
changeset_decode__each_truncation__malformed(void **state)
{
	struct blob data = encode(state, sample_parts, 2);
	uint8_t *longer = arena_alloc(*state, data.len + 1);

	for (size_t len = 0; len < data.len; len++) {
		/* exact room, so that the sanitizer sees a byte too far */
		uint8_t *cut = test_malloc(len + 1);
		memcpy(cut, data.data, len);
		assert_int_equal(decode(state, (struct blob){ cut, len }),
		    ERR_MALFORMED);
		test_free(cut);
	}
	memcpy(longer, data.data, data.len);
	assert_int_equal(decode(state, (struct blob){ longer, data.len + 1 }),
	    ERR_MALFORMED);
}

/* M4: a flipped bit is refused or is another changeset, whose encoding
 * it is: there is one encoding only. */
static void
changeset_decode__each_bit_flipped__refused_or_canonical(void **state)
{
	struct blob data = encode(state, sample_parts, 2);
	uint8_t *bytes = arena_copy(*state, data.data, data.len);
	struct blob flipped = { bytes, data.len };
	size_t accepted = 0;

	for (size_t bit = 0; bit < 8 * data.len; bit++) {
		struct changeset_header header;
		const struct part *parts = NULL;
		struct blob again = { 0 };
		size_t n_parts = 0;
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (changeset_decode(*state, &header, &parts, &n_parts,
			flipped) == OK) {
			accepted++;
			assert_int_equal(changeset_encode(*state, &again,
			    &header, parts, n_parts), OK);
			assert_blob(again, flipped);
		}
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_true(accepted > 0);
}

/* Rule: a later version is told from damage. */
static void
changeset_decode__version__newer_or_malformed(void **state)
{
	struct blob data = encode(state, sample_parts, 2);
	uint8_t *bytes = arena_copy(*state, data.data, data.len);

	bytes[1] = 2;
	assert_int_equal(decode(state, (struct blob){ bytes, data.len }),
	    ERR_NEWER);
	assert_int_equal(decode(state, (struct blob){ bytes, 2 }), ERR_NEWER);
	bytes[1] = 0;
	assert_int_equal(decode(state, (struct blob){ bytes, data.len }),
	    ERR_MALFORMED);
}

struct patch {
	size_t at;
	const char *bytes;
	size_t len;
};

#define PATCH(at, text) { at, text, sizeof text - 1 }

/* Rule: values that no judge makes are refused. Offsets in a changeset of one
 * part with a change at 1 and one at 1.2, see the part as drawn. */
static void
changeset_decode__bad_values__malformed(void **state)
{
	static const struct name_change changes[] = {
		{ OWNER_1, 0, 0, BYTES(""), TXT_A },
		{ OWNER_12, 0, NODE_DERIVED, TXT_A, BYTES("") },
	};
	enum {
		ACTOR = PART_DOOR_AT + 1,
		RECEIPT = ACTOR + 1 + 5 + 6 + 4 + 1 + 4,
		COUNT = RECEIPT + HASH_LEN + 8 + 4,
		FIRST = COUNT + 4,
		SECOND = FIRST + 1 + 2 + 2 + 4 + 4 + 12,
	};
	static const struct patch patches[] = {
		PATCH(PART_DOOR_AT, "\4"),        /* no such door */
		PATCH(ACTOR, "\5"),               /* no such role */
		PATCH(ACTOR, "\1"),               /* an OCN, but no carrier */
		PATCH(ACTOR + 2, "a"),            /* lower case */
		PATCH(ACTOR + 5, "\0"),
		PATCH(ACTOR + 7, "\4"),           /* no name */
		PATCH(ACTOR + 7, "\2ab\0"),       /* ends early */
		PATCH(RECEIPT + HASH_LEN + 8, "\20\0"), /* RCODE of 13 bits */
		PATCH(COUNT, "\0\0\0\1"),
		PATCH(COUNT, "\0\0\0\3"),
		PATCH(COUNT, "\377\377\377\377"),
		PATCH(FIRST + 2, "A"),            /* owner in upper case */
		PATCH(FIRST + 2, "2"),            /* behind the second */
		PATCH(FIRST + 3, "\2"),           /* unknown flags */
		PATCH(FIRST + 4, "\200"),
		PATCH(FIRST + 5, "\0\0\0\1"),
		PATCH(FIRST + 5, "\377\377\377\377"),
		PATCH(FIRST + 13, "\0\0"),        /* a record of type 0 */
		PATCH(SECOND + 11, "\0\0"),       /* the same, removed */
		/* no effect: same flags, and nothing of 12 bytes removed */
		PATCH(SECOND, "\20\17xxxxxxxxxxxxxxx\0\0\0\0\0\0"),
	};
	struct part part = sample_parts[0];
	part.changes = changes;
	part.n_changes = 2;
	struct blob data = encode(state, &part, 1);

	assert_int_equal(decode(state, data), OK);
	for (size_t i = 0; i < sizeof patches / sizeof patches[0]; i++) {
		uint8_t *bytes = arena_copy(*state, data.data, data.len);
		print_message("patch %zu\n", i);
		memcpy(bytes + patches[i].at, patches[i].bytes,
		    patches[i].len);
		assert_int_equal(decode(state,
		    (struct blob){ bytes, data.len }), ERR_MALFORMED);
	}
}

/* Bytes of a changeset with one more part behind the others. */
static struct blob
with_one_more_part(void **state, struct blob data)
{
	struct blob one = encode(state, &sample_parts[1], 1);
	size_t part = one.len - PART_AT;
	uint8_t *bytes = arena_alloc(*state, data.len + part);

	memcpy(bytes, data.data, data.len);
	memcpy(bytes + data.len, one.data + PART_AT, part);
	put_u16(bytes + 2, (uint16_t)((bytes[2] << 8 | bytes[3]) + 1));
	return (struct blob){ bytes, data.len + part };
}

/* A changeset whose one owner is replaced by bytes of the same length. */
static enum status
decode_with_owner(void **state, const char *owner, uint8_t len)
{
	enum { BEHIND_OWNER = 1 + 1 + 4 + 4 + 12 };
	uint8_t *harmless = arena_alloc(*state, len);
	struct name_change change = { .owner = { harmless, len },
		.added = TXT_A };
	struct part part = sample_parts[1];

	harmless[0] = (uint8_t)(len - 1);
	memset(harmless + 1, 'z', (size_t)len - 1);
	part.changes = &change;
	part.n_changes = 1;
	struct blob data = encode(state, &part, 1);
	uint8_t *bytes = arena_copy(*state, data.data, data.len);
	memcpy(bytes + data.len - BEHIND_OWNER - len, owner, len);
	return decode(state, (struct blob){ bytes, data.len });
}

/* M5: names that exist only inside an UPDATE are never in a slot. */
static void
changeset_decode__pseudo_name__malformed(void **state)
{
	assert_int_equal(decode_with_owner(state, "\1" "1\1" "2", 4), OK);
	assert_int_equal(decode_with_owner(state, "\1" "1\4_has", 7),
	    ERR_MALFORMED);
	assert_int_equal(decode_with_owner(state, "\4_pin", 5),
	    ERR_MALFORMED);
	assert_int_equal(decode_with_owner(state, "\4_pix", 5), OK);
}

/* Rule: 4 MiB and 4,096 parts. */
static void
changeset_encode__limits__too_long_above(void **state)
{
	struct arena *arena = *state;
	struct part *parts =
	    arena_alloc(arena, (CHANGESET_PARTS_MAX + 1) * sizeof *parts);
	struct blob out = { NULL, 77 };

	for (size_t i = 0; i <= CHANGESET_PARTS_MAX; i++)
		parts[i] = sample_parts[1];
	assert_int_equal(changeset_encode(arena, &out, &sample_header, parts,
	    CHANGESET_PARTS_MAX + 1), ERR_TOO_LONG);
	assert_int_equal(out.len, 77);
	out = encode(state, parts, CHANGESET_PARTS_MAX);
	assert_int_equal(decode(state, out), OK);
	assert_int_equal(decode(state, with_one_more_part(state, out)),
	    ERR_MALFORMED);
	out = encode(state, parts, CHANGESET_PARTS_MAX - 1);
	assert_int_equal(decode(state, with_one_more_part(state, out)), OK);
}

/* Rule: exactly CHANGESET_MAX bytes fit. */
static void
changeset_encode__4_mib__ok_one_more_too_long(void **state)
{
	enum { FULL = 8 + 2 + RDATA_MAX, N = 63 };
	struct arena *arena = *state;
	struct name_change *changes =
	    arena_alloc(arena, (N + 1) * sizeof *changes);
	struct part part = sample_parts[1];
	struct blob out = { NULL, 77 };

	for (size_t i = 0; i <= N; i++) {
		uint8_t *owner = arena_alloc(arena, 3);
		uint8_t *rrsets = arena_alloc(arena, FULL);
		owner[0] = 2;
		owner[1] = 'a';
		owner[2] = (uint8_t)('[' + i);
		memcpy(rrsets, "\377\0\0\0\0\1\0\1\377\377", 10);
		changes[i].owner = (struct blob){ owner, 3 };
		changes[i].added = (struct blob){ rrsets, FULL };
	}
	part.changes = changes;
	part.n_changes = N + 1;
	size_t over = PART_AT + part_len(&part) - CHANGESET_MAX;
	uint8_t *last = arena_copy(arena, changes[N].added.data, FULL);
	for (size_t more = 0; more < 2; more++) {
		size_t len = RDATA_MAX - over + more;
		put_u16(last + 8, (uint16_t)len);
		changes[N].added = (struct blob){ last, 10 + len };
		assert_int_equal(changeset_encode(arena, &out, &sample_header,
		    &part, 1), more == 0 ? OK : ERR_TOO_LONG);
	}
	assert_int_equal(out.len, CHANGESET_MAX);
	assert_int_equal(decode(state, out), OK);
	assert_int_equal(decode(state, with_one_more_part(state, out)),
	    ERR_MALFORMED);
}

#define FIXTURE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE(changeset_decode__encoded__same_fields),
		FIXTURE(changeset_encode__header__as_drawn),
		FIXTURE(changeset_encode__part__as_drawn),
		FIXTURE(part_len__any_part__exact),
		FIXTURE(changeset_decode__each_truncation__malformed),
		FIXTURE(
		    changeset_decode__each_bit_flipped__refused_or_canonical),
		FIXTURE(changeset_decode__version__newer_or_malformed),
		FIXTURE(changeset_decode__bad_values__malformed),
		FIXTURE(changeset_decode__pseudo_name__malformed),
		FIXTURE(changeset_encode__limits__too_long_above),
		FIXTURE(changeset_encode__4_mib__ok_one_more_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
