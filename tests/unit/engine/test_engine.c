/*
 * engine: from request to durable, visible state, and back after a restart.
 * DESIGN 4 "the change path", 8 "Journal"; real files in a directory of its
 * own.
 */
#include "unit/unit.h"

#include "dns/rdata.h"
#include "engine/engine.h"
#include "engine/genesis.h"
#include "registry/key.h"
#include "registry/keyring.h"
#include "sec/seal.h"
#include "sec/sec.h"
#include "unit/temp_dir.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct temp_dir dir;
static struct settings settings;
static struct reason reason;

static void
on_fatal(void *arg, const char *why)
{
	(void)arg;
	fprintf(stderr, "%s\n", why);
	_exit(99);
}

static int
setup(void **state)
{
	char path[2 * TEMP_PATH_MAX];
	struct genesis_options options = { .serial = 41 };

	(void)state;
	temp_dir_make(&dir);
	memset(&settings, 0, sizeof settings);
	snprintf(settings.registrar, sizeof settings.registrar, "r1");
	snprintf(settings.state, sizeof settings.state, "%s",
	    temp_dir_file(path, &dir, "state"));
	settings.image_bytes = (uint64_t)1 << 30;
	assert_int_equal(net_address_parse(&settings.dns[0],
	    "127.0.0.1@5300", NULL), OK);
	settings.n_dns = 1;
	assert_int_equal(dname_parse(&options.zone, "e164.example.", 13,
	    NULL), OK);
	reason.text[0] = '\0';
	if (genesis_create(&settings, &options, &reason) != OK)
		print_message("%s\n", reason.text);
	return reason.text[0] != '\0';
}

static int
teardown(void **state)
{
	(void)state;
	temp_dir_remove(&dir);
	return 0;
}

static struct engine *
open_engine(void)
{
	const struct engine_config config = {
		.state = settings.state,
		.registrar = settings.registrar,
		.image_bytes = settings.image_bytes,
		.fatal = on_fatal,
	};
	struct engine *engine = NULL;

	if (engine_open(&engine, &config, &reason) != OK)
		print_message("%s\n", reason.text);
	assert_non_null(engine);
	return engine;
}

static void
on_done(struct submission *submission)
{
	submission->arg = submission; /* answered */
}

/* A submission that adds TXT text at the name of a number. */
static void
make_add(struct submission *submission, const char *digits, const char *text)
{
	struct owner owner = { 0 };

	memset(submission, 0, sizeof *submission);
	arena_init(&submission->arena);
	for (const char *c = digits; *c != '\0'; c++)
		assert_int_equal(owner_push(&owner, c, 1), OK);
	uint8_t rdata[256];
	rdata[0] = (uint8_t)strlen(text);
	memcpy(rdata + 1, text, rdata[0]);
	struct request_rr rr = {
		.owner = { arena_copy(&submission->arena, owner.bytes,
		    owner.len), owner.len },
		.type = TYPE_TXT,
		.rclass = CLASS_IN,
		.ttl = 300,
		.rdata = { arena_copy(&submission->arena, rdata,
		    rdata[0] + 1u), rdata[0] + 1u },
	};
	submission->request = (struct request){
		.door = DOOR_CONTROL,
		.actor = { .role = ROLE_AUTHORITY, .registrar = "r1" },
		.changes = arena_copy(&submission->arena, &rr, sizeof rr),
		.n_changes = 1,
	};
	submission->done = on_done;
}

static void
add_number(struct engine *engine, const char *digits, const char *text)
{
	struct submission submission;

	make_add(&submission, digits, text);
	assert_int_equal(engine_add(engine, &submission), OK);
	assert_null(submission.arg);
	engine_decide(engine);
	assert_ptr_equal(submission.arg, &submission);
	assert_int_equal(submission.status, OK);
	assert_int_equal(submission.outcome.rcode, 0);
	arena_fini(&submission.arena);
}

/* The number has records in the served version. */
static bool
is_there(struct engine *engine, const char *digits)
{
	struct owner owner = { 0 };
	struct arena arena;
	struct node node;

	for (const char *c = digits; *c != '\0'; c++)
		assert_int_equal(owner_push(&owner, c, 1), OK);
	arena_init(&arena);
	image_get(engine_version(engine), owner_blob(&owner), &arena, &node);
	arena_fini(&arena);
	return node.rrsets.len > 0;
}

static struct engine_status
status_of(const struct engine *engine)
{
	struct engine_status status;

	engine_status(engine, &status);
	return status;
}

/* Rule: init makes slot 1 with the serial asked for; SOA and NS are there. */
static void
genesis_create__new_directory__slot_1(void **state)
{
	struct arena arena;
	struct node node;
	struct rrset rrset;

	(void)state;
	struct engine *engine = open_engine();
	assert_int_equal(status_of(engine).slot_applied, 1);
	assert_int_equal(status_of(engine).serial, 41);
	arena_init(&arena);
	image_get(engine_version(engine), (struct blob){ 0 }, &arena, &node);
	assert_true(rrset_find(node.rrsets, TYPE_SOA, &rrset));
	assert_true(rrset_find(node.rrsets, TYPE_NS, &rrset));
	arena_fini(&arena);
	engine_close(engine);
}

/* E1: answered means applied, visible, +1 in slot and serial; durable. */
static void
engine_decide__add__visible_and_there_after_restart(void **state)
{
	(void)state;
	struct engine *engine = open_engine();
	assert_false(is_there(engine, "12015550123"));
	add_number(engine, "12015550123", "ocn=1510");
	assert_true(is_there(engine, "12015550123"));
	struct engine_status before = status_of(engine);
	assert_int_equal(before.slot_applied, 2);
	assert_int_equal(before.serial, 42);
	engine_close(engine);

	engine = open_engine();
	assert_true(is_there(engine, "12015550123"));
	struct engine_status after = status_of(engine);
	assert_int_equal(after.slot_applied, 2);
	assert_int_equal(after.serial, 42);
	assert_true(digest_equal(&before.digest, &after.digest));
	engine_close(engine);
}

/* Rule: an add that changes nothing uses a slot but no serial. */
static void
engine_decide__same_add_again__serial_stays(void **state)
{
	(void)state;
	struct engine *engine = open_engine();
	add_number(engine, "12015550123", "ocn=1510");
	struct engine_status before = status_of(engine);
	add_number(engine, "12015550123", "ocn=1510");
	struct engine_status after = status_of(engine);
	assert_int_equal(after.slot_applied, before.slot_applied + 1);
	assert_int_equal(after.serial, before.serial);
	assert_true(digest_equal(&before.digest, &after.digest));
	engine_close(engine);
}

/* Rule: many requests make one slot and one step of the serial. */
static void
engine_decide__batch__one_slot(void **state)
{
	enum { N = 50 };
	static struct submission all[N];

	(void)state;
	struct engine *engine = open_engine();
	struct engine_status before = status_of(engine);
	for (unsigned i = 0; i < N; i++) {
		char digits[16];
		snprintf(digits, sizeof digits, "1201555%04u", i);
		make_add(&all[i], digits, "ocn=1510");
		assert_int_equal(engine_add(engine, &all[i]), OK);
	}
	assert_int_equal(engine_batched(engine), N);
	engine_decide(engine);
	for (unsigned i = 0; i < N; i++) {
		assert_int_equal(all[i].status, OK);
		assert_int_equal(all[i].slot, before.slot_applied + 1);
		arena_fini(&all[i].arena);
	}
	assert_int_equal(status_of(engine).serial, before.serial + 1);
	assert_int_equal(status_of(engine).usage.numbers, N);
	engine_close(engine);
}

/* E1: after kill -9 everything answered is there, whatever the store
 * had. */
static void
engine_open__killed_while_adding__all_answered_there(void **state)
{
	enum { ROUNDS = 8 };
	uint64_t expected = 0;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		int pipe_fds[2];
		assert_int_equal(pipe(pipe_fds), 0);
		pid_t child = fork();
		if (child == 0) {
			struct engine *engine = open_engine();
			for (unsigned i = 0;; i++) {
				char digits[16];
				snprintf(digits, sizeof digits,
				    "1%03u%07u", round, i);
				add_number(engine, digits, "ocn=1510");
				if (write(pipe_fds[1], ".", 1) != 1)
					_exit(1);
			}
		}
		close(pipe_fds[1]);
		uint64_t answered = 0;
		char byte;
		while (answered < 30 + 17 * round &&
		    read(pipe_fds[0], &byte, 1) == 1)
			answered++;
		kill(child, SIGKILL);
		while (read(pipe_fds[0], &byte, 1) == 1)
			answered++;
		close(pipe_fds[0]);
		assert_int_equal(waitpid(child, NULL, 0), child);
		expected += answered;

		struct engine *engine = open_engine();
		uint64_t numbers = status_of(engine).usage.numbers;
		/* one may have been durable before it could be answered */
		assert_true(numbers == expected || numbers == expected + 1);
		expected = numbers;
		engine_close(engine);
	}
}

/* Rule: below the watermark the first change already is refused, in words,
 * and nothing of it is done. */
static void
engine_add__disk_nearly_full__refused(void **state)
{
	const struct engine_config config = {
		.state = settings.state,
		.registrar = settings.registrar,
		.image_bytes = settings.image_bytes,
		.low_disk_bytes = UINT64_MAX,
		.fatal = on_fatal,
	};
	struct engine *engine = NULL;
	struct submission submission;
	struct engine_status before;
	struct engine_status after;

	(void)state;
	assert_int_equal(engine_open(&engine, &config, &reason), OK);
	engine_status(engine, &before);
	make_add(&submission, "12125550100", "ocn=1510");
	submission.done = on_done;
	assert_int_equal(engine_add(engine, &submission), OK);
	assert_ptr_equal(submission.arg, &submission);
	assert_int_equal(submission.status, ERR_FULL);
	assert_non_null(strstr(submission.outcome.reason.text,
	    settings.state));
	engine_decide(engine);
	engine_status(engine, &after);
	assert_int_equal(after.slot_applied, before.slot_applied);
	arena_fini(&submission.arena);
	engine_close(engine);
}

/* Rule: a directory whose init did not finish is not served. */
static void
engine_open__no_first_slot__refused(void **state)
{
	struct identity identity = { .registrar = "r1", .id = 1 };
	struct engine_config config = {
		.registrar = "r1",
		.image_bytes = (uint64_t)1 << 30,
		.fatal = on_fatal,
	};
	struct state_dir state_dir;
	struct engine *engine = NULL;
	char path[2 * TEMP_PATH_MAX];

	(void)state;
	config.state = temp_dir_file(path, &dir, "half");
	assert_int_equal(state_dir_create(&state_dir, path, &identity,
	    &reason), OK);
	state_dir_close(&state_dir);
	assert_int_not_equal(engine_open(&engine, &config, &reason), OK);
	assert_null(engine);
	assert_true(reason.text[0] != '\0');
}

/* One signed request that adds a text at a number; what became of it. */
static uint16_t
send_signed(struct engine *engine, const char *digits, uint64_t signed_s,
    uint64_t *slot)
{
	struct submission submission;

	make_add(&submission, digits, "ocn=1510");
	submission.request.time_signed_s = signed_s;
	submission.request.fudge_s = 300;
	submission.request.id.bytes[0] = 7;
	assert_int_equal(engine_add(engine, &submission), OK);
	engine_decide(engine);
	assert_ptr_equal(submission.arg, &submission);
	assert_int_equal(submission.status, OK);
	*slot = submission.slot;
	arena_fini(&submission.arena);
	return submission.outcome.rcode;
}

/* M10, DESIGN 4 "Retries are free": a copy gets the first result and the first slot,
 * nothing is decided for it; also after a restart. */
static void
engine_add__repeat__first_result(void **state)
{
	struct engine *engine = open_engine();
	uint64_t first = 0;
	uint64_t again = 0;

	(void)state;
	assert_int_equal(engine_recall(engine), 0);
	uint64_t now_s = (uint64_t)time(NULL); /* near the engine's clock */
	assert_int_equal(send_signed(engine, "123", now_s, &first), 0);
	assert_int_equal(send_signed(engine, "124", now_s, &again), 0);
	assert_int_equal(again, first);
	assert_false(is_there(engine, "124"));
	assert_int_equal(status_of(engine).slot_applied, first);
	engine_close(engine);
	engine = open_engine();
	assert_true(engine_recall(engine) > 0);
	assert_int_equal(send_signed(engine, "124", now_s, &again), 0);
	assert_int_equal(again, first);
	assert_false(is_there(engine, "124"));
	engine_close(engine);
}

/* Copies in one batch: one part, all answered with it. */
static void
engine_add__repeat_in_the_batch__waits(void **state)
{
	struct engine *engine = open_engine();
	struct submission copies[3];

	(void)state;
	uint64_t before = status_of(engine).slot_applied;
	uint64_t now_s = (uint64_t)time(NULL);
	for (size_t i = 0; i < 3; i++) {
		make_add(&copies[i], "125", "ocn=1510");
		copies[i].request.time_signed_s = now_s;
		copies[i].request.fudge_s = 300;
		copies[i].request.id.bytes[0] = 9;
		assert_int_equal(engine_add(engine, &copies[i]), OK);
		assert_null(copies[i].arg);
	}
	assert_int_equal(engine_batched(engine), 1);
	engine_decide(engine);
	for (size_t i = 0; i < 3; i++) {
		assert_ptr_equal(copies[i].arg, &copies[i]);
		assert_int_equal(copies[i].status, OK);
		assert_int_equal(copies[i].outcome.rcode, 0);
		assert_int_equal(copies[i].slot, before + 1);
		arena_fini(&copies[i].arena);
	}
	engine_close(engine);
}

/* BADTIME is answered at once: a replay costs no slot. */
static void
engine_add__too_late__no_slot(void **state)
{
	struct engine *engine = open_engine();
	struct submission late;

	(void)state;
	uint64_t before = status_of(engine).slot_applied;
	make_add(&late, "125", "ocn=1510");
	late.request.time_signed_s = (uint64_t)time(NULL) - 1000;
	late.request.fudge_s = 65535;
	assert_int_equal(engine_add(engine, &late), OK);
	assert_ptr_equal(late.arg, &late);
	assert_int_equal(late.outcome.cause, CAUSE_BAD_TIME);
	engine_decide(engine);
	assert_int_equal(status_of(engine).slot_applied, before);
	arena_fini(&late.arena);
	engine_close(engine);
}

/* Bring a key in force, or give it another secret, or take it out. */
enum key_act { KEY_ADD, KEY_ROTATE, KEY_REVOKE };

static void
change_key(struct engine *engine, const struct dname *name, enum key_act act)
{
	static const uint8_t secret[32] = { 7 };
	uint8_t sealed[sizeof secret + SEAL_EXTRA];
	struct key_record key = { .role = ROLE_CARRIER, .ocn = "1510",
		.algorithm = MAC_SHA256, .made_ms = 1 };
	struct submission submission;
	struct owner owner;
	struct node before;
	enum status status = OK;

	make_add(&submission, "1", "x");
	key.sealed.data = sealed;
	key.sealed.len = secret_seal(sealed, secret, sizeof secret,
	    engine_secrets(engine));
	assert_int_equal(key_owner(&owner, name), OK);
	assert_int_equal(store_get(engine_store(engine), owner_blob(&owner),
	    &submission.arena, &before), OK);
	switch (act) {
	case KEY_ADD:
		status = key_add_request(&submission.arena,
		    &submission.request, name, &key, before.rrsets);
		break;
	case KEY_ROTATE:
		status = key_rotate_request(&submission.arena,
		    &submission.request, name, &key, before.rrsets);
		break;
	case KEY_REVOKE:
		status = key_revoke_request(&submission.arena,
		    &submission.request, name, before.rrsets);
		break;
	}
	assert_int_equal(status, OK);
	assert_int_equal(engine_add(engine, &submission), OK);
	engine_decide(engine);
	assert_int_equal(submission.status, OK);
	assert_int_equal(submission.outcome.rcode, 0);
	arena_fini(&submission.arena);
}

/* The version in force; 0: none. */
static uint32_t
version_of(const struct engine *engine, const struct dname *name)
{
	const struct keyring_key *key = keyring_find(engine_keyring(engine),
	    name);

	return key == NULL ? 0 : key->version;
}

/* The keyring follows each slot that changes a key, and is the same after a
 * restart. Another slot leaves it alone. */
static void
engine_keyring__keys_change__followed(void **state)
{
	struct engine *engine = open_engine();
	struct dname name;
	struct dname authority;

	(void)state;
	assert_int_equal(dname_parse(&name, "Acme.Key.", 9, NULL), OK);
	assert_int_equal(dname_parse(&authority, "authority.", 10, NULL), OK);
	assert_int_equal(version_of(engine, &authority), 1);
	assert_int_equal(version_of(engine, &name), 0);
	change_key(engine, &name, KEY_ADD);
	assert_int_equal(version_of(engine, &name), 1);
	const struct keyring *before = engine_keyring(engine);
	add_number(engine, "12345", "ocn=1510");
	assert_ptr_equal(engine_keyring(engine), before);
	change_key(engine, &name, KEY_ROTATE);
	assert_ptr_not_equal(engine_keyring(engine), before);
	assert_int_equal(version_of(engine, &name), 2);
	engine_close(engine);
	engine = open_engine();
	assert_int_equal(version_of(engine, &name), 2);
	assert_int_equal(keyring_find(engine_keyring(engine), &name)->role,
	    ROLE_CARRIER);
	assert_int_equal(version_of(engine, &authority), 1);
	change_key(engine, &name, KEY_REVOKE);
	assert_int_equal(version_of(engine, &name), 0);
	assert_int_equal(version_of(engine, &authority), 1);
	engine_close(engine);
	engine = open_engine();
	assert_int_equal(version_of(engine, &name), 0);
	engine_close(engine);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(genesis_create__new_directory__slot_1),
		CASE(engine_decide__add__visible_and_there_after_restart),
		CASE(engine_decide__same_add_again__serial_stays),
		CASE(engine_decide__batch__one_slot),
		CASE(engine_open__killed_while_adding__all_answered_there),
		CASE(engine_add__disk_nearly_full__refused),
		CASE(engine_open__no_first_slot__refused),
		CASE(engine_add__repeat__first_result),
		CASE(engine_add__repeat_in_the_batch__waits),
		CASE(engine_add__too_late__no_slot),
		CASE(engine_keyring__keys_change__followed),
	};

	if (sec_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
