/*
 * registry/rrset: the records of one name.
 */
#include "unit/unit.h"

#include "dns/rdata.h"
#include "registry/rrset.h"
#include "unit/blob.h"
#include "unit/random.h"

struct fixture {
	struct arena arena;
};

static int
set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof *f);

	arena_init(&f->arena);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	arena_fini(&f->arena);
	test_free(f);
	return 0;
}

static struct blob
build(void **state, const struct record *records, size_t n)
{
	struct fixture *f = *state;
	struct blob out = { 0 };

	assert_int_equal(rrsets_build(&f->arena, &out, records, n), OK);
	assert_int_equal(rrsets_check(out), OK);
	return out;
}

#define BUILD(state, records) \
	build(state, records, sizeof records / sizeof records[0])

static void
assert_blob(struct blob got, struct blob expected)
{
	assert_int_equal(got.len, expected.len);
	if (got.len > 0)
		assert_memory_equal(got.data, expected.data, got.len);
}

/* --- build -------------------------------------------------------------- */

/* M2: types ascending, rdata ascending (memcmp, shorter first), as
 * drawn. */
static void
rrsets_build__any_order__canonical_bytes(void **state)
{
	static const struct record records[] = {
		{ TYPE_TXT, 300, BYTES("\1b") },
		{ TYPE_A, 60, BYTES("\1\2\3\4") },
		{ TYPE_TXT, 300, BYTES("\1a\0") },
		{ TYPE_TXT, 300, BYTES("\1a") },
	};

	assert_blob(BUILD(state, records),
	    BLOB("\0\1" "\0\0\0\74" "\0\1" "\0\4\1\2\3\4"
		 "\0\20" "\0\0\1\54" "\0\3" "\0\2\1a" "\0\3\1a\0" "\0\2\1b"));
	assert_blob(build(state, NULL, 0), BLOB(""));
}

/* Rule: RFC 2136 1.1: duplicates collapse, names without case; the last
 * stays. */
static void
rrsets_build__duplicates__last_stays(void **state)
{
	static const struct record records[] = {
		{ TYPE_NS, 1, BYTES("\3NS1\0") },
		{ TYPE_NS, 1, BYTES("\3ns1\0") },
		{ TYPE_NS, 1, BYTES("\3ns0\0") },
		{ TYPE_NS, 1, BYTES("\3Ns1\0") },
		{ TYPE_TXT, 1, BYTES("\1x") },
		{ TYPE_TXT, 1, BYTES("\1X") },
		{ TYPE_TXT, 1, BYTES("\1x") },
	};

	assert_blob(BUILD(state, records),
	    BLOB("\0\2\0\0\0\1\0\2" "\0\5\3Ns1\0" "\0\5\3ns0\0"
		 "\0\20\0\0\0\1\0\2" "\0\2\1X" "\0\2\1x"));
}

/* Rule: RFC 2181 5.2, 8: one TTL for a set, the last; over 2^31-1 is 0. */
static void
rrsets_build__different_ttls__last_counts(void **state)
{
	static const struct record records[] = {
		{ TYPE_TXT, 7, BYTES("\1b") },
		{ TYPE_A, 0x80000000, BYTES("\1\2\3\4") },
		{ TYPE_TXT, 9, BYTES("\1a") },
		{ TYPE_AAAA, TTL_MAX, BYTES("0123456789abcdef") },
		{ TYPE_SPF, 7, BYTES("\1a") },
		{ TYPE_SPF, 9, BYTES("\1b") },
	};
	struct blob rrsets = BUILD(state, records);
	struct rrset rrset;

	assert_true(rrset_find(rrsets, TYPE_TXT, &rrset));
	assert_int_equal(rrset.ttl, 9);
	assert_true(rrset_find(rrsets, TYPE_SPF, &rrset));
	assert_int_equal(rrset.ttl, 9);
	assert_true(rrset_find(rrsets, TYPE_A, &rrset));
	assert_int_equal(rrset.ttl, 0);
	assert_true(rrset_find(rrsets, TYPE_AAAA, &rrset));
	assert_int_equal(rrset.ttl, TTL_MAX);
}

#define SOA_REST "\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"

/* Rule: the serial belongs to the version, not to the record. */
static void
rrsets_build__soa__serial_0_and_input_untouched(void **state)
{
	uint8_t soa[] = "\1a\0\1b\0" "\0\0\0\1" SOA_REST;
	const struct record records[] = {
		{ TYPE_TXT, 1, BYTES("\1x") },
		{ TYPE_SOA, 1, { soa, sizeof soa - 1 } },
	};

	assert_blob(BUILD(state, records),
	    BLOB("\0\6\0\0\0\1\0\1\0\32" "\1a\0\1b\0" "\0\0\0\0" SOA_REST
		 "\0\20\0\0\0\1\0\1\0\2\1x"));
	assert_int_equal(soa[9], 1);
}

enum { MANY = 5000 };

/* n different TXT or RRsets of one record each. */
static struct record *
many_records(void **state, size_t n, uint16_t first_type, uint16_t type_step)
{
	struct fixture *f = *state;
	struct record *records = arena_alloc(&f->arena, n * sizeof *records);

	for (size_t i = 0; i < n; i++) {
		uint8_t *text = arena_alloc(&f->arena, 4);
		text[0] = 3;
		text[1] = (uint8_t)(i >> 16);
		text[2] = (uint8_t)(i >> 8);
		text[3] = (uint8_t)i;
		records[i].type = (uint16_t)(first_type + i * type_step);
		records[i].rdata = (struct blob){ text, 4 };
	}
	return records;
}

/* Rule: 100 records an RRset, 100 types a name; one more is FULL. */
static void
rrsets_build__caps__100_ok_101_full(void **state)
{
	struct fixture *f = *state;
	struct blob out = { NULL, 77 };
	const struct record *txt = many_records(state, 101, TYPE_TXT, 0);
	const struct record *types = many_records(state, 101, 1000, 1);

	(void)build(state, txt, 100);
	assert_int_equal(rrsets_build(&f->arena, &out, txt, 101), ERR_FULL);
	(void)build(state, types, 100);
	assert_int_equal(rrsets_build(&f->arena, &out, types, 101), ERR_FULL);
	assert_int_equal(out.len, 77);
}

/* Rule: many copies of few records are few records. */
static void
rrsets_build__thousands_of_duplicates__collapse(void **state)
{
	struct record *records = many_records(state, MANY, TYPE_TXT, 0);

	for (size_t i = 100; i < MANY; i++)
		records[i] = records[i % 100];
	struct blob rest = build(state, records, MANY);
	struct rrset rrset;
	assert_true(rrset_next(&rest, &rrset));
	assert_int_equal(rrset.count, 100);
	assert_int_equal(rest.len, 0);
}

/* --- read --------------------------------------------------------------- */

static const struct record five[] = {
	{ TYPE_TXT, 300, BYTES("\10ocn=1510") },
	{ TYPE_TXT, 300, BYTES("\11cnam=ACME") },
	{ TYPE_TXT, 300, BYTES("\10otc=Bell") },
	{ TYPE_NAPTR, 300, BYTES("\0\144\0\12\1u\7E2U+sip"
				 "\16!^.*$!sip:a@b!\0") },
	{ TYPE_NAPTR, 300, BYTES("\0\144\0\24\1u\7E2U+tel"
				 "\16!^.*$!tel:+12!\0") },
};

/* Rule: RRsets and their records come out in order, then false. */
static void
rrset_next__five_records__in_order(void **state)
{
	struct blob rest = BUILD(state, five);
	struct rrset rrset;
	struct blob rdata;

	assert_true(rrset_next(&rest, &rrset));
	assert_int_equal(rrset.type, TYPE_TXT);
	assert_int_equal(rrset.ttl, 300);
	assert_int_equal(rrset.count, 3);
	assert_true(rrset_next_rdata(&rrset.rdatas, &rdata));
	assert_blob(rdata, five[0].rdata);
	assert_true(rrset_next_rdata(&rrset.rdatas, &rdata));
	assert_blob(rdata, five[2].rdata);
	assert_true(rrset_next_rdata(&rrset.rdatas, &rdata));
	assert_blob(rdata, five[1].rdata);
	assert_false(rrset_next_rdata(&rrset.rdatas, &rdata));
	assert_true(rrset_next(&rest, &rrset));
	assert_int_equal(rrset.type, TYPE_NAPTR);
	assert_int_equal(rrset.count, 2);
	assert_false(rrset_next(&rest, &rrset));
	assert_int_equal(rest.len, 0);
}

/* Rule: find finds what is there and leaves *out alone otherwise. */
static void
rrset_find__there_and_not__true_false(void **state)
{
	struct blob rrsets = BUILD(state, five);
	struct rrset rrset = { .type = 77 };

	assert_false(rrset_find(rrsets, TYPE_A, &rrset));
	assert_false(rrset_find(rrsets, TYPE_AAAA, &rrset));
	assert_false(rrset_find(rrsets, TYPE_URI, &rrset));
	assert_false(rrset_find(BLOB(""), TYPE_TXT, &rrset));
	assert_int_equal(rrset.type, 77);
	assert_true(rrset_find(rrsets, TYPE_NAPTR, &rrset));
	assert_int_equal(rrset.type, TYPE_NAPTR);
	assert_true(rrset_has_rdata(&rrset, five[3].rdata));
	assert_false(rrset_has_rdata(&rrset, five[0].rdata));
}

/* --- check -------------------------------------------------------------- */

/* M2: bytes that rrsets_build would not make are refused. */
static void
rrsets_check__foreign_bytes__malformed(void **state)
{
	static const struct blob cases[] = {
		/* no record; a count of 0 */
		BYTES("\0\20\0\0\0\1\0\0"),
		/* count says more, says less */
		BYTES("\0\20\0\0\0\1\0\2\0\2\1a"),
		BYTES("\0\20\0\0\0\1\0\1\0\2\1a\0\2\1b"),
		/* records descending, twice the same */
		BYTES("\0\20\0\0\0\1\0\2\0\2\1b\0\2\1a"),
		BYTES("\0\20\0\0\0\1\0\2\0\2\1a\0\2\1a"),
		BYTES("\0\20\0\0\0\1\0\2\0\3\1a\0\0\2\1a"),
		/* names that differ in case only */
		BYTES("\0\2\0\0\0\1\0\3\0\5\3NS1\0\0\5\3ns0\0\0\5\3ns1\0"),
		/* types descending, twice the same */
		BYTES("\0\20\0\0\0\1\0\1\0\2\1a\0\1\0\0\0\1\0\1\0\4abcd"),
		BYTES("\0\20\0\0\0\1\0\1\0\2\1a\0\20\0\0\0\1\0\1\0\2\1b"),
		/* TTL of 2^31 */
		BYTES("\0\20\200\0\0\0\0\1\0\2\1a"),
		/* rdata not well formed; meta types */
		BYTES("\0\20\0\0\0\1\0\1\0\2\2a"),
		BYTES("\0\0\0\0\0\1\0\1\0\2\1a"),
		BYTES("\0\377\0\0\0\1\0\1\0\2\1a"),
		BYTES("\0\51\0\0\0\1\0\1\0\0"),
		/* an SOA with its serial */
		BYTES("\0\6\0\0\0\1\0\1\0\32" "\1a\0\1b\0" "\0\0\0\1"
		      SOA_REST),
	};

	(void)state;
	assert_int_equal(rrsets_check(BLOB("")), OK);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		print_message("case %zu\n", i);
		assert_int_equal(rrsets_check(cases[i]), ERR_MALFORMED);
	}
}

/* Rule: a count above the caps is refused, also when the records are there. */
static void
rrsets_check__caps__100_ok_101_malformed(void **state)
{
	struct fixture *f = *state;
	const struct record *types = many_records(state, 101, 1000, 1);
	struct blob last = build(state, types + 100, 1);
	struct blob rest = build(state, types, 100);
	uint8_t *bytes = arena_alloc(&f->arena, rest.len + last.len);

	memcpy(bytes, rest.data, rest.len);
	memcpy(bytes + rest.len, last.data, last.len);
	rest = (struct blob){ bytes, rest.len + last.len };
	assert_int_equal(rrsets_check(rest), ERR_MALFORMED);

	const struct record *txt = many_records(state, 101, TYPE_TXT, 0);
	rest = build(state, txt, 100);
	last = build(state, txt + 100, 1);
	bytes = arena_alloc(&f->arena, rest.len + last.len);
	memcpy(bytes, rest.data, rest.len);
	memcpy(bytes + rest.len, last.data + RRSET_HEAD_LEN,
	    last.len - RRSET_HEAD_LEN);
	bytes[7] = 101;
	rest = (struct blob){ bytes, rest.len + last.len - RRSET_HEAD_LEN };
	assert_int_equal(rrsets_check(rest), ERR_MALFORMED);
}

/* Rule: every truncation inside an RRset is refused. */
static void
rrsets_check__each_truncation__malformed(void **state)
{
	struct blob rrsets = BUILD(state, five);
	struct blob rest = rrsets;
	struct rrset first;

	assert_true(rrset_next(&rest, &first));
	for (size_t len = 1; len < rrsets.len; len++) {
		bool is_whole = len == rrsets.len - rest.len;
		assert_int_equal(
		    rrsets_check((struct blob){ rrsets.data, len }),
		    is_whole ? OK : ERR_MALFORMED);
	}
}

/* Rule: no flipped bit makes any of it read outside. */
static void
rrsets_check__each_bit_flipped__ends(void **state)
{
	struct fixture *f = *state;
	struct blob rrsets = BUILD(state, five);
	struct blob removed;
	struct blob added;
	struct blob out;

	for (size_t bit = 0; bit < 8 * rrsets.len; bit++) {
		uint8_t *bytes = test_malloc(rrsets.len);
		memcpy(bytes, rrsets.data, rrsets.len);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		struct blob flipped = { bytes, rrsets.len };
		if (rrsets_check(flipped) == OK) {
			rrsets_diff(&f->arena, rrsets, flipped, &removed,
			    &added);
			assert_int_equal(rrsets_patch(&f->arena, &out, rrsets,
			    removed, added), OK);
			assert_blob(out, flipped);
		}
		test_free(bytes);
	}
}

/* --- patch and diff ----------------------------------------------------- */

/* Random records of few kinds, so that sets overlap. */
static struct blob
random_rrsets(void **state, struct random *random)
{
	static const struct record choice[] = {
		{ TYPE_NS, 0, BYTES("\3ns1\0") },
		{ TYPE_NS, 0, BYTES("\3NS1\0") },
		{ TYPE_NS, 0, BYTES("\3ns2\0") },
		{ TYPE_TXT, 0, BYTES("\1a") },
		{ TYPE_TXT, 0, BYTES("\1A") },
		{ TYPE_TXT, 0, BYTES("\1a\0") },
		{ TYPE_TXT, 0, BYTES("\1b") },
		{ 65280, 0, BYTES("") },
		{ 65280, 0, BYTES("\0") },
		{ TYPE_A, 0, BYTES("\1\2\3\4") },
	};
	struct record records[12];
	uint32_t n = random_below(random, 12);

	for (uint32_t i = 0; i < n; i++) {
		records[i] = choice[random_below(random, 10)];
		records[i].ttl = random_below(random, 8) == 0 ? 60 : 300;
	}
	return build(state, records, n);
}

/* M3: patch(before, diff(before, after)) is after; both lists are in
 * the encoding; equal sets differ in nothing. */
static void
rrsets_diff__random_sets__patch_gives_after(void **state)
{
	struct fixture *f = *state;
	struct random random = random_make(11);

	for (unsigned i = 0; i < 20000; i++) {
		struct blob before = random_rrsets(state, &random);
		struct blob after = random_rrsets(state, &random);
		struct blob removed;
		struct blob added;
		struct blob out;
		rrsets_diff(&f->arena, before, after, &removed, &added);
		assert_int_equal(rrsets_check(removed), OK);
		assert_int_equal(rrsets_check(added), OK);
		assert_int_equal(rrsets_patch(&f->arena, &out, before, removed,
		    added), OK);
		assert_blob(out, after);
		assert_int_equal(removed.len + added.len == 0,
		    blob_equal(before, after));
		/* and back */
		assert_int_equal(rrsets_patch(&f->arena, &out, after, added,
		    removed), OK);
		assert_blob(out, before);
		arena_reset(&f->arena);
	}
}

/* Rule: a change of TTL is removal and addition of the whole RRset. */
static void
rrsets_diff__ttl_differs__whole_rrset(void **state)
{
	static const struct record old[] = {
		{ TYPE_TXT, 60, BYTES("\1a") },
		{ TYPE_TXT, 60, BYTES("\1b") },
	};
	static const struct record new[] = {
		{ TYPE_TXT, 61, BYTES("\1a") },
		{ TYPE_TXT, 61, BYTES("\1b") },
	};
	struct fixture *f = *state;
	struct blob before = BUILD(state, old);
	struct blob after = BUILD(state, new);
	struct blob removed;
	struct blob added;

	rrsets_diff(&f->arena, before, after, &removed, &added);
	assert_blob(removed, before);
	assert_blob(added, after);
}

/* Rule: only what differs is in the lists. */
static void
rrsets_diff__one_record_differs__only_that(void **state)
{
	static const struct record old[] = {
		{ TYPE_A, 60, BYTES("\1\2\3\4") },
		{ TYPE_TXT, 60, BYTES("\1a") },
		{ TYPE_TXT, 60, BYTES("\1b") },
	};
	static const struct record new[] = {
		{ TYPE_A, 60, BYTES("\1\2\3\4") },
		{ TYPE_TXT, 60, BYTES("\1a") },
		{ TYPE_TXT, 60, BYTES("\1c") },
	};
	struct fixture *f = *state;
	struct blob removed;
	struct blob added;

	rrsets_diff(&f->arena, BUILD(state, old), BUILD(state, new), &removed,
	    &added);
	assert_blob(removed, BLOB("\0\20\0\0\0\74\0\1\0\2\1b"));
	assert_blob(added, BLOB("\0\20\0\0\0\74\0\1\0\2\1c"));
}

struct patch_case {
	struct blob before;
	struct blob removed;
	struct blob added;
};

#define NONE BYTES("")
#define TXT_A BYTES("\0\20\0\0\0\74\0\1\0\2\1a")
#define TXT_B BYTES("\0\20\0\0\0\74\0\1\0\2\1b")
#define TXT_AB BYTES("\0\20\0\0\0\74\0\2\0\2\1a\0\2\1b")
#define TXT_A_TTL_1 BYTES("\0\20\0\0\0\1\0\1\0\2\1a")
#define TXT_B_TTL_1 BYTES("\0\20\0\0\0\1\0\1\0\2\1b")
#define NS_LOWER BYTES("\0\2\0\0\0\1\0\1\0\5\3ns1\0")
#define NS_UPPER BYTES("\0\2\0\0\0\1\0\1\0\5\3NS1\0")

/* Rule: a patch that does not fit the state is told, never applied. */
static void
rrsets_patch__state_differs__diverged(void **state)
{
	static const struct patch_case cases[] = {
		/* removed was not there, or not with that TTL */
		{ NONE, TXT_A, NONE },
		{ TXT_B, TXT_A, NONE },
		{ TXT_A, TXT_AB, NONE },
		{ TXT_A, TXT_A_TTL_1, NONE },
		{ NS_LOWER, NS_UPPER, NONE },
		/* added was there */
		{ TXT_A, NONE, TXT_A },
		{ TXT_AB, TXT_A, TXT_B },
		{ NS_LOWER, NONE, NS_UPPER },
		/* another TTL beside records that stay */
		{ TXT_A, NONE, TXT_B_TTL_1 },
		{ TXT_AB, TXT_A, TXT_A_TTL_1 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct blob out = { NULL, 77 };
		print_message("case %zu\n", i);
		assert_int_equal(rrsets_patch(&f->arena, &out,
		    cases[i].before, cases[i].removed, cases[i].added),
		    ERR_DIVERGED);
		assert_int_equal(out.len, 77);
	}
}

/* Rule: removing all is nothing; a new TTL may come when nothing stays; a
 * removed record may come back. */
static void
rrsets_patch__whole_sets__replaced(void **state)
{
	struct fixture *f = *state;
	struct patch_case c = { TXT_A, TXT_A, TXT_B_TTL_1 };
	struct blob out;

	assert_int_equal(rrsets_patch(&f->arena, &out, c.before, c.removed,
	    c.added), OK);
	assert_blob(out, c.added);
	assert_int_equal(rrsets_patch(&f->arena, &out, c.before, c.removed,
	    BLOB("")), OK);
	assert_int_equal(out.len, 0);
	c = (struct patch_case){ NS_LOWER, NS_LOWER, NS_UPPER };
	assert_int_equal(rrsets_patch(&f->arena, &out, c.before, c.removed,
	    c.added), OK);
	assert_blob(out, c.added);
	assert_int_equal(rrsets_patch(&f->arena, &out, c.before, c.removed,
	    c.before), OK);
	assert_blob(out, c.before);
}

/* Rule: the caps hold for the result. */
static void
rrsets_patch__caps__full(void **state)
{
	struct fixture *f = *state;
	const struct record *txt = many_records(state, 101, TYPE_TXT, 0);
	const struct record *types = many_records(state, 101, 1000, 1);
	struct blob out;

	assert_int_equal(rrsets_patch(&f->arena, &out, build(state, txt, 99),
	    BLOB(""), build(state, txt + 99, 1)), OK);
	assert_int_equal(rrsets_patch(&f->arena, &out, build(state, txt, 100),
	    BLOB(""), build(state, txt + 100, 1)), ERR_FULL);
	assert_int_equal(rrsets_patch(&f->arena, &out,
	    build(state, types, 100), BLOB(""), build(state, types + 100, 1)),
	    ERR_FULL);
}

#define FIXTURE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE(rrsets_build__any_order__canonical_bytes),
		FIXTURE(rrsets_build__duplicates__last_stays),
		FIXTURE(rrsets_build__different_ttls__last_counts),
		FIXTURE(rrsets_build__soa__serial_0_and_input_untouched),
		FIXTURE(rrsets_build__caps__100_ok_101_full),
		FIXTURE(rrsets_build__thousands_of_duplicates__collapse),
		FIXTURE(rrset_next__five_records__in_order),
		FIXTURE(rrset_find__there_and_not__true_false),
		FIXTURE(rrsets_check__foreign_bytes__malformed),
		FIXTURE(rrsets_check__caps__100_ok_101_malformed),
		FIXTURE(rrsets_check__each_truncation__malformed),
		FIXTURE(rrsets_check__each_bit_flipped__ends),
		FIXTURE(rrsets_diff__random_sets__patch_gives_after),
		FIXTURE(rrsets_diff__ttl_differs__whole_rrset),
		FIXTURE(rrsets_diff__one_record_differs__only_that),
		FIXTURE(rrsets_patch__state_differs__diverged),
		FIXTURE(rrsets_patch__whole_sets__replaced),
		FIXTURE(rrsets_patch__caps__full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
