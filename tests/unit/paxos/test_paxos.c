/*
 * paxos: one voter, by the rules of DESIGN 5. The narratives are the story of
 * each step: "event -> writes; chosen; role".
 */
#include "unit/unit.h"

#include "paxos/paxos.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STORY_CAP = 2048 };

struct story {
	struct paxos px;
	struct paxos_output out;
	char text[STORY_CAP];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void
tell(struct story *story, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = vsnprintf(story->text + story->len, STORY_CAP - story->len,
	    format, args);
	va_end(args);
	assert_true(n >= 0 && (size_t)n < STORY_CAP - story->len);
	story->len += (size_t)n;
}

static void
tell_write(struct story *story, const struct paxos_write *w)
{
	unsigned long long round = w->ballot.round;
	unsigned long long slot = w->slot;

	switch (w->kind) {
	case PAXOS_WRITE_PROMISE:
		tell(story, " promise %llu.%u", round, w->ballot.registrar);
		break;
	case PAXOS_WRITE_ACCEPTED:
		tell(story, " accepted s%llu %llu.%u %.*s#%u", slot, round,
		    w->ballot.registrar, (int)w->value.len,
		    (const char *)w->value.data, w->hash.bytes[0]);
		break;
	case PAXOS_WRITE_CHOSEN:
		tell(story, " chosen-record s%llu#%u", slot, w->hash.bytes[0]);
		break;
	}
}

static enum status
step(struct story *story, const char *name, const struct paxos_event *event)
{
	static const char *const roles[] = { "follower", "candidate",
		"leader" };
	enum status status = paxos_step(&story->px, event, &story->out);

	tell(story, "%s ->", name);
	if (status != OK) {
		tell(story, " %s\n", status_text(status));
		return status;
	}
	for (unsigned i = 0; i < story->out.n_writes; i++)
		tell_write(story, &story->out.writes[i]);
	for (unsigned i = 0; i < story->out.n_chosen; i++)
		tell(story, " CHOSEN s%llu %.*s",
		    (unsigned long long)story->out.chosen[i].slot,
		    (int)story->out.chosen[i].value.len,
		    (const char *)story->out.chosen[i].value.data);
	tell(story, "; %s%s\n", roles[story->px.role],
	    paxos_ready(&story->px) ? ", ready" : "");
	return status;
}

static enum status
start(struct story *story, const struct paxos_durable *durable)
{
	return step(story, "start", &(struct paxos_event){
	    .kind = PAXOS_START, .now_ms = 1000, .durable = durable });
}

static enum status
submit(struct story *story, const char *value)
{
	return step(story, "submit", &(struct paxos_event){
	    .kind = PAXOS_SUBMIT, .now_ms = 2000,
	    .value = { (const uint8_t *)value, strlen(value) },
	    .hash = { { (uint8_t)value[0] } } });
}

static enum status
persisted(struct story *story, uint64_t token)
{
	return step(story, "persisted", &(struct paxos_event){
	    .kind = PAXOS_PERSISTED, .now_ms = 3000, .token = token });
}

static enum status
timeout(struct story *story, uint64_t now_ms)
{
	return step(story, "timeout", &(struct paxos_event){
	    .kind = PAXOS_TIMEOUT, .now_ms = now_ms });
}

static const struct paxos_durable fresh = { .registrar = 7, .incarnation = 1 };

/* Rule: DESIGN 5; promise durable, then accepted durable, then chosen; the
 * CHOSEN record rides with the next write. */
static void
paxos_step__first_run__golden(void **state)
{
	struct story story = { 0 };

	(void)state;
	assert_int_equal(start(&story, &fresh), OK);
	assert_int_equal(persisted(&story, 1), OK);
	assert_int_equal(submit(&story, "alpha"), OK);
	assert_int_equal(persisted(&story, 2), OK);
	assert_int_equal(submit(&story, "beta"), OK);
	assert_int_equal(persisted(&story, 4), OK);
	assert_int_equal(story.out.deadline_ms, 3000 + PAXOS_QUIET_MS);
	assert_int_equal(timeout(&story, 3000 + PAXOS_QUIET_MS), OK);
	assert_int_equal(story.out.deadline_ms, UINT64_MAX);
	assert_string_equal(story.text,
	    "start -> promise 1.7; candidate\n"
	    "persisted ->; leader, ready\n"
	    "submit -> accepted s1 1.7 alpha#97; leader\n"
	    "persisted -> CHOSEN s1 alpha; leader, ready\n"
	    "submit -> chosen-record s1#97 accepted s2 1.7 beta#98; leader\n"
	    "persisted -> CHOSEN s2 beta; leader, ready\n"
	    "timeout -> chosen-record s2#98; leader, ready\n");
}

/* P4, P7: what was accepted and not known to be chosen is proposed again in a
 * new ballot, byte for byte, before a fresh value is taken. */
static void
paxos_step__restart_with_accepted__re_proposal(void **state)
{
	struct story story = { 0 };
	static const uint8_t value[] = "old";
	const struct paxos_durable durable = {
		.registrar = 7,
		.incarnation = 3,
		.promised = { 5, 9 },
		.applied_slot = 41,
		.accepted = { .is_set = true, .slot = 42, .ballot = { 4, 7 },
			.hash = { { 111 } }, .value = { value, 3 } },
	};

	(void)state;
	assert_int_equal(start(&story, &durable), OK);
	assert_int_equal(submit(&story, "early"), ERR_NOT_LEADER);
	assert_int_equal(persisted(&story, 1), OK);
	assert_ptr_equal(story.out.writes[0].value.data, value);
	assert_int_equal(submit(&story, "early"), ERR_BUSY);
	assert_int_equal(persisted(&story, 2), OK);
	assert_int_equal(submit(&story, "new"), OK);
	assert_string_equal(story.text,
	    "start -> promise 6.7; candidate\n"
	    "submit -> not the leader\n"
	    "persisted -> accepted s42 6.7 old#111; leader\n"
	    "submit -> busy, try again\n"
	    "persisted -> CHOSEN s42 old; leader, ready\n"
	    "submit -> chosen-record s42#111 accepted s43 6.7 new#110; "
	    "leader\n");
}

/* P8: nothing counts before its own write is durable. */
static void
paxos_step__older_token__never_before_persisted(void **state)
{
	struct story story = { 0 };

	(void)state;
	assert_int_equal(start(&story, &fresh), OK);
	assert_int_equal(persisted(&story, 0), OK);
	assert_int_equal(story.px.role, PAXOS_CANDIDATE);
	assert_int_equal(persisted(&story, 1), OK);
	assert_int_equal(submit(&story, "a"), OK);
	assert_int_equal(persisted(&story, 1), OK);
	assert_int_equal(story.out.n_chosen, 0);
	assert_int_equal(timeout(&story, 99999), OK);
	assert_int_equal(story.out.n_chosen, 0);
	assert_int_equal(persisted(&story, 2), OK);
	assert_int_equal(story.out.n_chosen, 1);
}

/* P6: a repeated PERSISTED hands nothing out a second time. */
static void
paxos_step__repeated_persisted__chosen_once(void **state)
{
	struct story story = { 0 };

	(void)state;
	assert_int_equal(start(&story, &fresh), OK);
	assert_int_equal(persisted(&story, 1), OK);
	assert_int_equal(submit(&story, "a"), OK);
	assert_int_equal(persisted(&story, 2), OK);
	assert_int_equal(story.out.n_chosen, 1);
	assert_int_equal(persisted(&story, 2), OK);
	assert_int_equal(story.out.n_chosen, 0);
	assert_int_equal(story.px.applied_slot, 1);
}

/* Rule: only one slot is undecided at a time. */
static void
paxos_step__submit_while_undecided__busy(void **state)
{
	struct story story = { 0 };

	(void)state;
	assert_int_equal(start(&story, &fresh), OK);
	assert_false(paxos_ready(&story.px));
	assert_int_equal(submit(&story, "a"), ERR_NOT_LEADER);
	assert_int_equal(persisted(&story, 1), OK);
	assert_int_equal(submit(&story, "a"), OK);
	assert_false(paxos_ready(&story.px));
	assert_int_equal(submit(&story, "b"), ERR_BUSY);
	assert_int_equal(story.out.n_writes, 0);
}

/* P7: also after a promise made to somebody else with a greater id. */
static void
paxos_step__restart__ballot_above_all(void **state)
{
	static const struct ballot promises[] = { { 0, 0 }, { 1, 7 }, { 1, 20 },
		{ UINT64_MAX - 1, UINT32_MAX } };

	(void)state;
	for (size_t i = 0; i < sizeof promises / sizeof promises[0]; i++) {
		struct story story = { 0 };
		struct paxos_durable durable = fresh;
		durable.promised = promises[i];
		assert_int_equal(start(&story, &durable), OK);
		assert_true(ballot_compare(story.px.ballot, promises[i]) > 0);
		assert_int_equal(story.px.ballot.registrar, 7);
	}
}

/* Rule: a durable state that cannot be is refused, not asserted: it comes from
 * a disk. */
static void
paxos_step__impossible_state__bad_value(void **state)
{
	const struct paxos_durable bad[] = {
		{ .registrar = 0 },
		{ .registrar = 1, .promised = { UINT64_MAX, 1 } },
		{ .registrar = 1, .applied_slot = UINT64_MAX },
		{ .registrar = 1, .promised = { 5, 1 }, .applied_slot = 3,
		    .accepted = { .is_set = true, .slot = 5,
			.ballot = { 5, 1 } } },
		{ .registrar = 1, .promised = { 5, 1 }, .applied_slot = 3,
		    .accepted = { .is_set = true, .slot = 3,
			.ballot = { 5, 1 } } },
		{ .registrar = 1, .promised = { 5, 1 }, .applied_slot = 3,
		    .accepted = { .is_set = true, .slot = 4,
			.ballot = { 5, 2 } } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct story story = { 0 };
		assert_int_equal(start(&story, &bad[i]), ERR_BAD_VALUE);
		assert_int_equal(story.out.n_writes, 0);
		assert_int_equal(story.px.registrar, 0);
	}
}

/* Rule: round first, then registrar id. */
static void
ballot_compare__pairs__total_order(void **state)
{
	static const struct ballot order[] = { { 0, 0 }, { 0, 1 }, { 1, 0 },
		{ 1, 5 }, { 2, 1 } };
	int n = sizeof order / sizeof order[0];

	(void)state;
	for (int i = 0; i < n; i++) {
		for (int j = 0; j < n; j++)
			assert_int_equal(ballot_compare(order[i], order[j]),
			    i < j ? -1 : i > j);
	}
}

/* P1, P2, P3, P4, P5, P6 over many crashes: after each crash at a random step
 * the restarted machine continues from what was durable and no chosen value
 * changes. */
static void
paxos_step__crash_anywhere__chosen_never_changes(void **state)
{
	enum { SLOTS = 600 };
	static char chosen[SLOTS + 2];
	struct paxos_durable disk = fresh;
	uint8_t value[SLOTS + 2];
	unsigned seed = 4711;

	(void)state;
	for (int i = 0; i < SLOTS + 2; i++)
		value[i] = (uint8_t)(i * 31 + 1);
	while (disk.applied_slot < SLOTS) {
		struct paxos px = { 0 };
		struct paxos_output out;
		uint64_t fresh_at = 0;
		struct paxos_event event = { .kind = PAXOS_START,
			.durable = &disk };
		struct paxos_durable at_start = disk;
		event.durable = &at_start;
		for (;;) {
			assert_int_equal(paxos_step(&px, &event, &out), OK);
			for (unsigned i = 0; i < out.n_chosen; i++) {
				uint64_t slot = out.chosen[i].slot;
				if (slot > SLOTS)
					break;
				char got = (char)out.chosen[i].value.data[0];
				assert_true(chosen[slot] == 0 ||
				    chosen[slot] == got);
				chosen[slot] = got;
			}
			seed = seed * 1103515245 + 12345;
			unsigned dice = seed >> 16 & 15;
			if (dice == 0)
				break; /* crash before the write */
			for (unsigned i = 0; i < out.n_writes; i++) {
				const struct paxos_write *w = &out.writes[i];
				if (w->kind == PAXOS_WRITE_PROMISE)
					disk.promised = w->ballot;
				if (w->kind == PAXOS_WRITE_ACCEPTED) {
					assert_int_equal(w->slot,
					    disk.applied_slot + 1);
					disk.accepted = (struct accepted){
						true, w->slot, w->ballot,
						w->hash, w->value };
				}
				if (w->kind == PAXOS_WRITE_CHOSEN) {
					disk.applied_slot = w->slot;
					disk.accepted.is_set = false;
				}
			}
			if (dice == 1 || disk.applied_slot >= SLOTS)
				break; /* crash after the write */
			if (out.n_writes > 0) {
				event = (struct paxos_event){
					.kind = PAXOS_PERSISTED,
					.token = px.last_token };
				continue;
			}
			assert_true(paxos_ready(&px));
			fresh_at = px.applied_slot + 1;
			event = (struct paxos_event){ .kind = PAXOS_SUBMIT,
				.value = { &value[fresh_at], 1 } };
		}
	}
}

/* A caller that skips START, or invents a token, is a bug and ends at once. */
static void
expect_abort(void (*run)(void))
{
	int wait_status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		fclose(stderr);
		run();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &wait_status, 0), pid);
	assert_true(!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0);
}

static void
run_without_start(void)
{
	struct paxos px = { 0 };
	struct paxos_output out;
	struct paxos_event event = { .kind = PAXOS_TIMEOUT };

	if (paxos_step(&px, &event, &out) != OK)
		_exit(0);
}

static void
run_unknown_token(void)
{
	struct story story = { 0 };

	if (start(&story, &fresh) == OK && persisted(&story, 2) == OK)
		_exit(0);
}

static void
paxos_step__caller_bug__aborts(void **state)
{
	(void)state;
	expect_abort(run_without_start);
	expect_abort(run_unknown_token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ballot_compare__pairs__total_order),
		cmocka_unit_test(paxos_step__first_run__golden),
		cmocka_unit_test(
		    paxos_step__restart_with_accepted__re_proposal),
		cmocka_unit_test(
		    paxos_step__older_token__never_before_persisted),
		cmocka_unit_test(paxos_step__repeated_persisted__chosen_once),
		cmocka_unit_test(paxos_step__submit_while_undecided__busy),
		cmocka_unit_test(paxos_step__restart__ballot_above_all),
		cmocka_unit_test(paxos_step__impossible_state__bad_value),
		cmocka_unit_test(
		    paxos_step__crash_anywhere__chosen_never_changes),
		cmocka_unit_test(paxos_step__caller_bug__aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
