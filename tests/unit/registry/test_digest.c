/*
 * registry/digest: one number that stands for a whole state.
 */
#include "unit/unit.h"

#include "dns/rdata.h"
#include "registry/changeset.h"
#include "unit/blob.h"

#define TXT_A BYTES("\0\20\0\0\0\74\0\1\0\2\1a")
#define TXT_B BYTES("\0\20\0\0\0\74\0\1\0\2\1b")
#define TXT_AB BYTES("\0\20\0\0\0\74\0\2\0\2\1a\0\2\1b")
#define TXT_A_TTL_1 BYTES("\0\20\0\0\0\1\0\1\0\2\1a")
#define SPF_A BYTES("\0\143\0\0\0\74\0\1\0\2\1a")
#define OWNER_1 BYTES("\1" "1")
#define OWNER_12 BYTES("\1" "1\1" "2")

static size_t longest; /* bytes hashed in one call */

/* FNV-1a, four times with different starts: enough to tell inputs apart. */
static void
fake_blake2b(struct hash *out, const void *data, size_t len)
{
	const uint8_t *p = data;

	if (len > longest)
		longest = len;
	for (unsigned lane = 0; lane < 4; lane++) {
		uint64_t h = UINT64_C(0xcbf29ce484222325) + lane;
		for (size_t i = 0; i < len; i++)
			h = (h ^ p[i]) * UINT64_C(0x100000001b3);
		h ^= h >> 29;
		memcpy(out->bytes + 8 * lane, &h, 8);
	}
}

static const struct hash_ops ops = { fake_blake2b };

static struct digest
change_of(struct digest from, const struct name_change *change)
{
	digest_change(&from, &ops, change);
	return from;
}

static void
assert_digest(struct digest got, struct digest expected)
{
	assert_true(digest_equal(&got, &expected));
}

static const struct digest zero;

/* Rule: out is the opposite of in; lanes go below 0 and come back. */
static void
digest_change__in_and_out__as_before(void **state)
{
	static const struct name_change in =
	    { OWNER_1, 0, NODE_DERIVED, BYTES(""), TXT_AB };
	static const struct name_change out =
	    { OWNER_1, NODE_DERIVED, 0, TXT_AB, BYTES("") };
	struct digest there = change_of(zero, &in);

	(void)state;
	assert_false(digest_equal(&there, &zero));
	assert_digest(change_of(there, &out), zero);
	assert_digest(change_of(change_of(zero, &out), &in), zero);
}

/* M6: the order of changes does not matter, nor in how many they come. */
static void
digest_change__other_order__same(void **state)
{
	static const struct name_change a =
	    { OWNER_1, 0, 0, BYTES(""), TXT_A };
	static const struct name_change b =
	    { OWNER_1, 0, 0, BYTES(""), TXT_B };
	static const struct name_change ab =
	    { OWNER_1, 0, 0, BYTES(""), TXT_AB };
	static const struct name_change a_to_b =
	    { OWNER_1, 0, 0, TXT_A, TXT_B };
	struct digest both = change_of(change_of(zero, &a), &b);

	(void)state;
	assert_digest(change_of(change_of(zero, &b), &a), both);
	assert_digest(change_of(zero, &ab), both);
	assert_digest(change_of(change_of(zero, &a), &a_to_b),
	    change_of(zero, &b));
}

/* M6: a node from scratch is what its changes add up to. */
static void
digest_node__same_records__as_the_changes(void **state)
{
	static const struct name_change first =
	    { OWNER_1, 0, 0, BYTES(""), TXT_A };
	static const struct name_change flags_too =
	    { OWNER_1, 0, NODE_DERIVED, BYTES(""), TXT_B };
	static const struct node node = { NODE_DERIVED, TXT_AB };
	struct digest scratch = zero;

	(void)state;
	digest_node(&scratch, &ops, first.owner, &node);
	assert_digest(change_of(change_of(zero, &first), &flags_too), scratch);
}

/* Rule: owner, type, TTL, data and flags all count. */
static void
digest_change__one_thing_differs__other_digest(void **state)
{
	static const struct name_change changes[] = {
		{ OWNER_1, 0, 0, BYTES(""), TXT_A },
		{ OWNER_12, 0, 0, BYTES(""), TXT_A },
		{ { NULL, 0 }, 0, 0, BYTES(""), TXT_A },
		{ OWNER_1, 0, 0, BYTES(""), TXT_B },
		{ OWNER_1, 0, 0, BYTES(""), TXT_A_TTL_1 },
		{ OWNER_1, 0, 0, BYTES(""), SPF_A },
		{ OWNER_1, 0, NODE_DERIVED, BYTES(""), TXT_A },
		{ OWNER_1, NODE_DERIVED, NODE_DERIVED, BYTES(""), TXT_AB },
		{ OWNER_1, 0, NODE_DERIVED, BYTES(""), BYTES("") },
	};
	enum { N = sizeof changes / sizeof changes[0] };

	(void)state;
	for (size_t i = 0; i < N; i++) {
		struct digest a = change_of(zero, &changes[i]);
		assert_false(digest_equal(&a, &zero));
		for (size_t k = i + 1; k < N; k++) {
			struct digest b = change_of(zero, &changes[k]);
			assert_false(digest_equal(&a, &b));
		}
	}
}

/* RRset of one record of an unknown type with len bytes of data. */
static struct blob
big_rrset(uint8_t *out, size_t len, uint8_t last)
{
	memset(out, 0, 10 + len);
	out[0] = 0xff;
	out[7] = 1;
	put_u16(out + 8, (uint16_t)len);
	if (len > 0)
		out[10 + len - 1] = last;
	return (struct blob){ out, 10 + len };
}

/* Rule: data of any length counts to its last byte. */
static void
digest_change__long_rdata__every_byte_counts(void **state)
{
	static const size_t lens[] = { 1, 1023, 1024, 1025, RDATA_MAX };
	static uint8_t a[10 + RDATA_MAX];
	static uint8_t b[10 + RDATA_MAX];
	struct digest last = zero;

	(void)state;
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		struct name_change x = { .owner = OWNER_1,
			.added = big_rrset(a, lens[i], 1) };
		struct name_change y = { .owner = OWNER_1,
			.added = big_rrset(b, lens[i], 2) };
		struct digest dx = change_of(zero, &x);
		struct digest dy = change_of(zero, &y);
		assert_false(digest_equal(&dx, &dy));
		assert_false(digest_equal(&dx, &last));
		last = dx;
	}
	assert_int_equal(longest, RDATA_MAX);
}

/* Rule: the lanes are the hash, first byte highest: the same everywhere. */
static void
digest_change__one_record__lanes_of_its_hash(void **state)
{
	static const struct name_change change =
	    { OWNER_1, 0, 0, BYTES(""), TXT_A };
	struct digest digest = change_of(zero, &change);
	struct blob input = BLOB("\2\1" "1" "\0\20" "\0\0\0\74" "\0\2" "\1a");
	struct hash hash;

	(void)state;
	fake_blake2b(&hash, input.data, input.len);
	for (size_t lane = 0; lane < 4; lane++) {
		struct reader r = reader_make(hash.bytes + 8 * lane, 8);
		assert_int_equal(digest.lane[lane], read_u64(&r));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digest_change__in_and_out__as_before),
		cmocka_unit_test(digest_change__other_order__same),
		cmocka_unit_test(digest_node__same_records__as_the_changes),
		cmocka_unit_test(
		    digest_change__one_thing_differs__other_digest),
		cmocka_unit_test(digest_change__long_rdata__every_byte_counts),
		cmocka_unit_test(digest_change__one_record__lanes_of_its_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
