/*
 * Frames of the control socket: what comes from the other side is checked to
 * the byte.
 */
#include "unit/unit.h"

#include "control/frame.h"
#include "dns/rdata.h"
#include "registry/rrset.h"

/* A head and its payload are one frame; what is behind stays. */
static void
frame_parse__whole_frame__payload(void **state)
{
	uint8_t data[16] = { 0 };
	struct frame frame;
	size_t used = 0;

	(void)state;
	frame_head(data, FRAME_DATA, 3);
	memcpy(data + FRAME_HEAD, "abcdef", 6);
	assert_int_equal(frame_parse(&frame, (struct blob){ data, 11 }, 100,
	    &used), OK);
	assert_int_equal(used, 8);
	assert_int_equal(frame.kind, FRAME_DATA);
	assert_int_equal(frame.payload.len, 3);
	assert_memory_equal(frame.payload.data, "abc", 3);
}

/* Every part of a frame waits for the rest. */
static void
frame_parse__cut__more_needed(void **state)
{
	uint8_t data[8] = { 0 };
	struct frame frame;

	(void)state;
	frame_head(data, FRAME_CALL, 3);
	for (size_t len = 0; len < 8; len++) {
		size_t used = 99;
		assert_int_equal(frame_parse(&frame,
		    (struct blob){ data, len }, 100, &used), OK);
		assert_int_equal(used, 0);
	}
}

/* Length 0, a length above the limit, an unknown kind: close. */
static void
frame_parse__bad_head__malformed(void **state)
{
	static const struct {
		uint8_t head[FRAME_HEAD];
		enum status status;
	} heads[] = {
		{ { 0, 0, 0, 0, 1 }, ERR_MALFORMED },
		{ { 0, 0, 0, 101, 1 }, ERR_MALFORMED },
		{ { 0, 0, 0, 100, 1 }, OK },
		{ { 255, 255, 255, 255, 1 }, ERR_MALFORMED },
		{ { 0, 0, 0, 1, 0 }, ERR_MALFORMED },
		{ { 0, 0, 0, 1, 9 }, ERR_MALFORMED },
		{ { 0, 0, 0, 1, 8 }, OK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		struct frame frame;
		size_t used = 0;
		if (frame_parse(&frame, (struct blob){ heads[i].head,
		    FRAME_HEAD }, 100, &used) != heads[i].status)
			fail_msg("head %zu", i);
	}
}

static struct answer
full_answer(void)
{
	struct answer answer = { .tag = 7, .status = ERR_BUSY, .rcode = 5,
		.cause = 3, .at = 0x01020304, .slot = UINT64_MAX, .n_changed = 80000,
		.n_warnings = 70000, .n_kept = OUTCOME_WARNINGS_MAX };

	reason_set(&answer.reason, "why");
	for (size_t i = 0; i < OUTCOME_WARNINGS_MAX; i++) {
		answer.warnings[i].change = i;
		memset(answer.warnings[i].reason.text, 'w', REASON_CAP - 1);
	}
	return answer;
}

/* What was written reads back, the longest too. */
static void
answer_read__written__the_same(void **state)
{
	uint8_t data[ANSWER_MAX];
	struct writer w = writer_make(data, sizeof data);
	struct answer in = full_answer();
	struct answer out;

	(void)state;
	answer_write(&w, &in);
	assert_int_equal(answer_read(&out, (struct blob){ data,
	    writer_len(&w) }), OK);
	assert_int_equal(out.tag, 7);
	assert_int_equal(out.status, ERR_BUSY);
	assert_int_equal(out.rcode, 5);
	assert_int_equal(out.cause, 3);
	assert_int_equal(out.at, 0x01020304);
	assert_true(out.slot == UINT64_MAX);
	assert_int_equal(out.n_changed, 80000);
	assert_int_equal(out.n_warnings, 70000);
	assert_int_equal(out.n_kept, OUTCOME_WARNINGS_MAX);
	assert_string_equal(out.reason.text, "why");
	assert_int_equal(out.warnings[15].change, 15);
	assert_string_equal(out.warnings[15].reason.text,
	    in.warnings[15].reason.text);
}

/* Cut anywhere, or with a byte too many, it is none. */
static void
answer_read__wrong_length__malformed(void **state)
{
	uint8_t data[ANSWER_MAX] = { 0 };
	struct writer w = writer_make(data, sizeof data);
	struct answer in = full_answer();
	struct answer out;

	(void)state;
	answer_write(&w, &in);
	size_t whole = writer_len(&w);
	for (size_t len = 0; len < whole; len++)
		assert_int_equal(answer_read(&out, (struct blob){ data,
		    len }), ERR_MALFORMED);
	assert_int_equal(answer_read(&out, (struct blob){ data, whole + 1 }),
	    ERR_MALFORMED);
}

/* A status that is none, more warnings than are kept. */
static void
answer_read__bad_values__malformed(void **state)
{
	uint8_t data[ANSWER_MAX] = { 0 };
	struct writer w = writer_make(data, sizeof data);
	struct answer in = { .status = OK };
	struct answer out;

	(void)state;
	answer_write(&w, &in);
	struct blob blob = { data, writer_len(&w) };
	assert_int_equal(answer_read(&out, blob), OK);
	data[4] = STATUS_COUNT;
	assert_int_equal(answer_read(&out, blob), ERR_MALFORMED);
	data[4] = 0;
	data[29] = OUTCOME_WARNINGS_MAX + 1;
	assert_int_equal(answer_read(&out, blob), ERR_MALFORMED);
}

/* Nodes one behind the other, to the end. */
static void
node_read__written__the_same_then_end(void **state)
{
	static const uint8_t name[] = { 1, '1', 1, '2' };
	static const uint8_t txt[] = { 1, 'x' };
	const struct record record = { .type = TYPE_TXT, .ttl = 5,
		.rdata = { txt, sizeof txt } };
	uint8_t data[256];
	struct writer w = writer_make(data, sizeof data);
	struct node in = { .flags = NODE_DERIVED };
	struct node out;
	struct blob owner;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_int_equal(rrsets_build(&arena, &in.rrsets, &record, 1), OK);
	node_write(&w, (struct blob){ name, 4 }, &in);
	size_t one = writer_len(&w);
	assert_int_equal(one, node_len((struct blob){ name, 4 }, &in));
	node_write(&w, (struct blob){ NULL, 0 }, &in);
	struct reader r = reader_make(data, writer_len(&w));
	assert_int_equal(node_read(&r, &owner, &out), OK);
	assert_int_equal(owner.len, 4);
	assert_memory_equal(owner.data, name, 4);
	assert_int_equal(out.flags, NODE_DERIVED);
	assert_int_equal(out.rrsets.len, in.rrsets.len);
	assert_memory_equal(out.rrsets.data, in.rrsets.data, in.rrsets.len);
	assert_int_equal(node_read(&r, &owner, &out), OK);
	assert_int_equal(owner.len, 0);
	assert_int_equal(node_read(&r, &owner, &out), ERR_NOT_FOUND);

	for (size_t len = 1; len < one; len++) {
		r = reader_make(data, len);
		assert_int_equal(node_read(&r, &owner, &out), ERR_MALFORMED);
	}
	data[1] = 9; /* a label longer than the name */
	r = reader_make(data, one);
	assert_int_equal(node_read(&r, &owner, &out), ERR_MALFORMED);
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_parse__whole_frame__payload),
		cmocka_unit_test(frame_parse__cut__more_needed),
		cmocka_unit_test(frame_parse__bad_head__malformed),
		cmocka_unit_test(answer_read__written__the_same),
		cmocka_unit_test(answer_read__wrong_length__malformed),
		cmocka_unit_test(answer_read__bad_values__malformed),
		cmocka_unit_test(node_read__written__the_same_then_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
