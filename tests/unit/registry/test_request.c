/*
 * registry/request: encoding of requests.
 */
#include "unit/unit.h"

#include "base/reason.h"
#include "dns/rdata.h"
#include "registry/request.h"
#include "unit/blob.h"

#define OWNER_12 BYTES("\1" "1\1" "2")
#define OWNER_HAS BYTES("\1" "1\1" "2\4_has")

static const struct request_rr sample_prereqs[] = {
	{ OWNER_12, TYPE_ANY, CLASS_NONE, 0, BYTES("") },
	{ OWNER_HAS, TYPE_TXT, CLASS_IN, 0, BYTES("\10ocn=1510") },
	{ { NULL, 0 }, TYPE_SOA, CLASS_ANY, 0, BYTES("") },
};

static const struct request_rr sample_changes[] = {
	{ OWNER_12, TYPE_TXT, CLASS_IN, 300, BYTES("\10ocn=1510") },
	{ OWNER_12, TYPE_TXT, CLASS_NONE, 0, BYTES("\1x") },
	{ OWNER_12, TYPE_ANY, CLASS_ANY, 0, BYTES("") },
	{ OWNER_12, 65280, CLASS_IN, 300, BYTES("") },
};

static const struct request sample = {
	.door = DOOR_UPDATE,
	.actor = { .role = ROLE_CARRIER, .ocn = "1510",
	    .key = { .len = 5, .bytes = "\3key" }, .key_version = 7,
	    .registrar = "r1", .uid = 1000 },
	.id = { { 0x41, 0x42 } },
	.time_signed_s = UINT64_C(0x0102030405060708),
	.prereqs = sample_prereqs,
	.n_prereqs = 3,
	.changes = sample_changes,
	.n_changes = 4,
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
encode(void **state, const struct request *request)
{
	struct blob out = { 0 };

	assert_int_equal(request_encode(*state, &out, request), OK);
	return out;
}

static enum status
decode(void **state, struct blob data)
{
	struct request request;

	return request_decode(*state, &request, data, NULL);
}

static void
assert_blob(struct blob got, struct blob expected)
{
	assert_int_equal(got.len, expected.len);
	if (got.len > 0)
		assert_memory_equal(got.data, expected.data, got.len);
}

static void
assert_same_rrs(const struct request_rr *got,
    const struct request_rr *expected, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_blob(got[i].owner, expected[i].owner);
		assert_int_equal(got[i].type, expected[i].type);
		assert_int_equal(got[i].rclass, expected[i].rclass);
		assert_int_equal(got[i].ttl, expected[i].ttl);
		assert_blob(got[i].rdata, expected[i].rdata);
	}
}

/* Rule: what was encoded is what is decoded, field for field. */
static void
request_decode__encoded__same_fields(void **state)
{
	struct request got;

	assert_int_equal(request_decode(*state, &got, encode(state, &sample),
	    NULL), OK);
	assert_int_equal(got.door, DOOR_UPDATE);
	assert_int_equal(got.actor.role, ROLE_CARRIER);
	assert_string_equal(got.actor.ocn, "1510");
	assert_true(dname_equal(&got.actor.key, &sample.actor.key));
	assert_int_equal(got.actor.key_version, 7);
	assert_string_equal(got.actor.registrar, "r1");
	assert_int_equal(got.actor.uid, 1000);
	assert_memory_equal(&got.id, &sample.id, sizeof got.id);
	assert_int_equal(got.time_signed_s, sample.time_signed_s);
	assert_int_equal(got.n_prereqs, 3);
	assert_same_rrs(got.prereqs, sample_prereqs, 3);
	assert_int_equal(got.n_changes, 4);
	assert_same_rrs(got.changes, sample_changes, 4);
}

/* Rule: an empty request is one. */
static void
request_decode__empty__same(void **state)
{
	struct request empty = { .door = DOOR_GENESIS,
		.actor = { .role = ROLE_REGISTRAR } };
	struct blob data = encode(state, &empty);
	struct request got;

	assert_int_equal(data.len, request_len(&empty));
	assert_int_equal(request_decode(*state, &got, data, NULL), OK);
	assert_int_equal(got.n_prereqs + got.n_changes, 0);
	assert_int_equal(got.actor.role, ROLE_REGISTRAR);
	assert_int_equal(got.actor.key.len, 0);
	assert_string_equal(got.actor.registrar, "");
}

/* Rule: the bytes are as doc/disk-format.md draws them. */
static void
request_encode__one_line__as_drawn(void **state)
{
	struct request request = sample;

	request.n_prereqs = 0;
	request.n_changes = 1;
	assert_blob(encode(state, &request),
	    BLOB("\1" "\2" "\1\2\3\4\5\6\7\10"
		 "\x41\x42\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		 "\0\0" "\0\1"
		 "\2" "\4" "1510" "\5\3key\0" "\0\0\0\7" "\2r1" "\0\0\3\350"
		 "\4\1" "1\1" "2" "\0\20" "\0\1" "\0\0\1\54" "\0\11"
		 "\10ocn=1510"));
	assert_int_equal(encode(state, &sample).len, request_len(&sample));
	assert_int_equal(request_rr_len(&sample_changes[0]), 24);
}

/* Rule: no truncation and no byte behind is accepted; the reason has words. */
static void
request_decode__each_truncation__malformed(void **state)
{
	struct blob data = encode(state, &sample);
	uint8_t *longer = arena_alloc(*state, data.len + 1);

	for (size_t len = 0; len < data.len; len++) {
		struct reason reason = { "" };
		struct request got;
		uint8_t *cut = test_malloc(len + 1);
		memcpy(cut, data.data, len);
		assert_int_equal(request_decode(*state, &got,
		    (struct blob){ cut, len }, &reason), ERR_MALFORMED);
		assert_string_not_equal(reason.text, "");
		test_free(cut);
	}
	memcpy(longer, data.data, data.len);
	assert_int_equal(decode(state, (struct blob){ longer, data.len + 1 }),
	    ERR_MALFORMED);
}

/* M4: a flipped bit is refused or is another request, whose encoding it
 * is. */
static void
request_decode__each_bit_flipped__refused_or_canonical(void **state)
{
	struct blob data = encode(state, &sample);
	uint8_t *bytes = arena_copy(*state, data.data, data.len);
	struct blob flipped = { bytes, data.len };
	size_t accepted = 0;

	for (size_t bit = 0; bit < 8 * data.len; bit++) {
		struct request got;
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (request_decode(*state, &got, flipped, NULL) == OK) {
			accepted++;
			assert_blob(encode(state, &got), flipped);
		}
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_true(accepted > 0);
}

struct rr_case {
	struct request_rr rr;
	enum status as_prereq;
	enum status as_change;
};

/* Rule: RFC 2136 2.4, 2.5: what class, type and data may be together. */
static void
request_decode__class_and_data__as_rfc_2136(void **state)
{
	static const struct rr_case cases[] = {
		{ { OWNER_12, TYPE_TXT, CLASS_IN, 0, BYTES("\1x") }, OK, OK },
		{ { OWNER_12, TYPE_TXT, CLASS_IN, 0, BYTES("\2x") },
		    ERR_MALFORMED, ERR_MALFORMED },
		{ { OWNER_12, TYPE_TXT, CLASS_IN, 0, BYTES("") },
		    ERR_MALFORMED, ERR_MALFORMED },
		{ { OWNER_12, TYPE_ANY, CLASS_IN, 0, BYTES("") },
		    ERR_MALFORMED, ERR_MALFORMED },
		{ { OWNER_12, TYPE_TXT, CLASS_NONE, 0, BYTES("\1x") },
		    ERR_MALFORMED, OK },
		{ { OWNER_12, TYPE_TXT, CLASS_NONE, 0, BYTES("\2x") },
		    ERR_MALFORMED, ERR_MALFORMED },
		{ { OWNER_12, TYPE_TXT, CLASS_NONE, 0, BYTES("") },
		    OK, ERR_MALFORMED },
		{ { OWNER_12, TYPE_ANY, CLASS_NONE, 0, BYTES("") },
		    OK, ERR_MALFORMED },
		{ { OWNER_12, TYPE_ANY, CLASS_ANY, 0, BYTES("") }, OK, OK },
		{ { OWNER_12, TYPE_ANY, CLASS_ANY, 0, BYTES("x") },
		    ERR_MALFORMED, ERR_MALFORMED },
		{ { OWNER_12, TYPE_TXT, CLASS_CH, 0, BYTES("\1x") },
		    ERR_MALFORMED, ERR_MALFORMED },
		{ { OWNER_12, TYPE_TXT, 0, 0, BYTES("") },
		    ERR_MALFORMED, ERR_MALFORMED },
		{ { BYTES("\1A"), TYPE_ANY, CLASS_ANY, 0, BYTES("") },
		    ERR_MALFORMED, ERR_MALFORMED },
		{ { BYTES("\2a"), TYPE_ANY, CLASS_ANY, 0, BYTES("") },
		    ERR_MALFORMED, ERR_MALFORMED },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct request request = sample;
		print_message("case %zu\n", i);
		request.n_prereqs = 1;
		request.prereqs = &cases[i].rr;
		request.n_changes = 0;
		assert_int_equal(decode(state, encode(state, &request)),
		    cases[i].as_prereq);
		request.n_prereqs = 0;
		request.n_changes = 1;
		request.changes = &cases[i].rr;
		assert_int_equal(decode(state, encode(state, &request)),
		    cases[i].as_change);
	}
}

/* Rule: what is not of this version or no head is refused. */
static void
request_decode__bad_head__malformed(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} cases[] = {
		{ 0, 0 },  /* version */
		{ 0, 2 },
		{ 1, 4 },  /* door */
		{ 42, 255 }, /* prerequisites: more than there are */
		{ 44, 255 }, /* changes */
		{ 46, 5 }, /* role */
		{ 46, 1 }, /* authority with an OCN */
		{ 47, 3 }, /* OCN */
		{ 48, '_' },
		{ 64, ' ' }, /* registrar */
		{ 64, 0 },
	};
	struct blob data = encode(state, &sample);

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t *bytes = arena_copy(*state, data.data, data.len);
		print_message("case %zu\n", i);
		bytes[cases[i].at] = cases[i].value;
		assert_int_equal(decode(state,
		    (struct blob){ bytes, data.len }), ERR_MALFORMED);
	}
}

/* Rule: at most 65,535 lines a section. */
static void
request_encode__lines__65535_ok_more_too_long(void **state)
{
	struct arena *arena = *state;
	struct request request = sample;
	struct request_rr *rrs =
	    arena_alloc(arena, (REQUEST_RRS_MAX + 1) * sizeof *rrs);
	struct blob out = { NULL, 77 };

	for (size_t i = 0; i <= REQUEST_RRS_MAX; i++)
		rrs[i] = sample_changes[2];
	request.changes = rrs;
	request.n_changes = REQUEST_RRS_MAX;
	assert_int_equal(decode(state, encode(state, &request)), OK);
	request.n_changes = REQUEST_RRS_MAX + 1;
	assert_int_equal(request_encode(arena, &out, &request), ERR_TOO_LONG);
	request.n_changes = 0;
	request.prereqs = rrs;
	request.n_prereqs = REQUEST_RRS_MAX + 1;
	assert_int_equal(request_encode(arena, &out, &request), ERR_TOO_LONG);
	assert_int_equal(out.len, 77);
}

/* Rule: exactly REQUEST_BYTES_MAX bytes fit, in both directions. */
static void
request_encode__2_mib__ok_one_more_too_long(void **state)
{
	enum { N = 32 };
	struct arena *arena = *state;
	uint8_t *zeros = arena_alloc(arena, RDATA_MAX);
	struct request_rr rrs[N];
	struct request request = sample;
	struct blob out = { NULL, 77 };

	request.n_prereqs = 0;
	request.changes = rrs;
	request.n_changes = N;
	for (size_t i = 0; i < N; i++)
		rrs[i] = (struct request_rr){ OWNER_12, 65280, CLASS_IN, 0,
			{ zeros, RDATA_MAX } };
	size_t over = request_len(&request) - REQUEST_BYTES_MAX;
	rrs[N - 1].rdata.len -= over - 1;
	assert_int_equal(request_encode(arena, &out, &request), ERR_TOO_LONG);
	rrs[N - 1].rdata.len--;
	out = encode(state, &request);
	assert_int_equal(out.len, REQUEST_BYTES_MAX);
	assert_int_equal(decode(state, out), OK);
	out = (struct blob){ arena_alloc(arena, out.len + 1), out.len + 1 };
	assert_int_equal(decode(state, out), ERR_TOO_LONG);
}

#define FIXTURE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE(request_decode__encoded__same_fields),
		FIXTURE(request_decode__empty__same),
		FIXTURE(request_encode__one_line__as_drawn),
		FIXTURE(request_decode__each_truncation__malformed),
		FIXTURE(
		    request_decode__each_bit_flipped__refused_or_canonical),
		FIXTURE(request_decode__class_and_data__as_rfc_2136),
		FIXTURE(request_decode__bad_head__malformed),
		FIXTURE(request_encode__lines__65535_ok_more_too_long),
		FIXTURE(request_encode__2_mib__ok_one_more_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
