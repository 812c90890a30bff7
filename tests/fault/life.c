/*
 * A registrar's life with the engine, in one process without doors.
 */
#include "life.h"

#include "plan.h"

#include "base/check.h"
#include "dns/rcode.h"
#include "dns/rdata.h"
#include "engine/engine.h"
#include "engine/genesis.h"
#include "engine/internal.h"
#include "query/query.h"
#include "registry/key.h"
#include "sec/sec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	IMAGE_BYTES = 1 << 26,
	BALLAST_BYTES = 1 << 16,
	CACHE_BYTES = 1 << 20,
	TEXT_CAP = 64,      /* bytes with NUL */
	SPARE_WAITS = 2000, /* of a millisecond */
	SECRET_LEN = 32,    /* bytes of a key */
};

struct life *
life_create(const char *state)
{
	struct life *life = mmap(NULL, sizeof *life, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (life == MAP_FAILED)
		return NULL;
	snprintf(life->state, sizeof life->state, "%s", state);
	return life;
}

/* --- how a process ends */

static _Noreturn void
end_said(struct life *life, const char *why)
{
	reason_set(&life->said, "%s", why);
	_exit(LIFE_SAID);
}

static void
on_fatal(void *arg, const char *why)
{
	end_said(arg, why);
}

static _Noreturn void
end_wrong(const char *what, const char *detail)
{
	fprintf(stderr, "%s %s\n", what, detail);
	_exit(2);
}

/* --- what is asked for */

static char *
digits_of(char out[TEXT_CAP], unsigned i)
{
	snprintf(out, TEXT_CAP, "1201555%04u", i);
	return out;
}

/* The texts of a number: its holder and name in public, and whois. */
static char *
text_of(char out[TEXT_CAP], unsigned i, unsigned which)
{
	switch (which) {
	case 0:
		snprintf(out, TEXT_CAP, "ocn=1510");
		break;
	case 1:
		snprintf(out, TEXT_CAP, "cnam=NAME %u", i);
		break;
	default:
		snprintf(out, TEXT_CAP, "assignee=Assignee %u", i);
		break;
	}
	return out;
}

enum { TEXTS = 3, WHOIS_TEXT = 2 };

static struct owner
owner_of(unsigned i, bool is_whois)
{
	char digits[TEXT_CAP];
	struct owner owner = { 0 };
	enum status status = OK;

	if (is_whois)
		status = owner_push(&owner, "w", 1);
	for (const char *c = digits_of(digits, i); *c != '\0'; c++) {
		if (status == OK)
			status = owner_push(&owner, c, 1);
	}
	ensure(status == OK);
	return owner;
}

static void
make_submission(struct submission *submission,
    void (*done)(struct submission *submission), void *arg)
{
	memset(submission, 0, sizeof *submission);
	arena_init(&submission->arena);
	submission->request.door = DOOR_CONTROL;
	submission->request.actor = (struct actor){ .role = ROLE_AUTHORITY,
		.registrar = "r1" };
	submission->done = done;
	submission->arg = arg;
}

static void
ask_for_number(struct submission *submission, unsigned i)
{
	struct arena *arena = &submission->arena;
	struct request_rr *rrs = arena_alloc(arena, TEXTS * sizeof *rrs);

	for (unsigned k = 0; k < TEXTS; k++) {
		char text[TEXT_CAP];
		struct owner owner = owner_of(i, k == WHOIS_TEXT);
		size_t len = strlen(text_of(text, i, k));
		uint8_t *rdata = arena_alloc(arena, len + 1);
		rdata[0] = (uint8_t)len;
		memcpy(rdata + 1, text, len);
		rrs[k] = (struct request_rr){
			.owner = { arena_copy(arena, owner.bytes, owner.len),
			    owner.len },
			.type = TYPE_TXT,
			.rclass = CLASS_IN,
			.ttl = 300,
			.rdata = { rdata, len + 1 },
		};
	}
	submission->request.changes = rrs;
	submission->request.n_changes = TEXTS;
}

/* --- steps */

static struct engine *
start(struct life *life)
{
	const struct engine_config config = {
		.state = life->state,
		.registrar = "r1",
		.cache_bytes = CACHE_BYTES,
		.image_bytes = IMAGE_BYTES,
		.ballast_bytes = BALLAST_BYTES,
		.fatal = on_fatal,
		.arg = life,
	};
	struct reason reason = { "" };
	struct engine *engine = NULL;

	if (engine_open(&engine, &config, &reason) != OK)
		end_said(life, reason.text);
	return engine;
}

static void
on_answer(struct submission *submission)
{
	bool *is_there = submission->arg;

	*is_there = submission->status == OK &&
	    submission->outcome.rcode == RCODE_NOERROR;
}

static void
add_batch(struct life *life, struct engine *engine, unsigned first)
{
	struct submission all[LIFE_BATCH];

	for (unsigned i = 0; i < LIFE_BATCH; i++) {
		make_submission(&all[i], on_answer,
		    &life->is_there[first + i]);
		ask_for_number(&all[i], first + i);
		life->is_asked[first + i] = true;
		ensure(engine_add(engine, &all[i]) == OK);
	}
	engine_decide(engine);
	/* so that the store's writes do not depend on who was faster */
	store_wait(engine->store, engine->at.slot);
	for (unsigned i = 0; i < LIFE_BATCH; i++) {
		arena_fini(&all[i].arena);
		if (!life->is_there[first + i])
			end_said(life, all[i].outcome.reason.text);
	}
}

static bool
answers(const struct engine *engine, unsigned i)
{
	uint8_t query[128] = { 0, 1, 0, 0, 0, 1 };
	uint8_t answer[QUERY_UDP_MAX];
	struct query_env env = { .apex = engine->dir.identity.zone };
	struct query_result result;
	char digits[TEXT_CAP];
	size_t len = 12;

	digits_of(digits, i);
	for (size_t k = strlen(digits); k-- > 0;) {
		query[len++] = 1;
		query[len++] = (uint8_t)digits[k];
	}
	memcpy(query + len, env.apex.bytes, env.apex.len);
	len += env.apex.len;
	memcpy(query + len, "\0\020\0\001", 4);
	len += 4;
	const struct query_view view = { .version = engine_version(engine) };
	size_t got = query_answer(&env, &view, QUERY_UDP,
	    query, len, answer, sizeof answer, &result);
	return got > len && result.rcode == RCODE_NOERROR;
}

static void
ask_all(struct life *life, struct engine *engine)
{
	for (unsigned i = 0; i < LIFE_NUMBERS; i++) {
		if (life->is_there[i] && !answers(engine, i))
			end_wrong("is not served:", "an answered number");
	}
}

static void
key_dname(struct dname *out, unsigned i)
{
	char text[TEXT_CAP];

	int len = snprintf(text, sizeof text, "key%u.", i);
	ensure(dname_parse(out, text, (size_t)len, NULL) == OK);
}

static void
key_node(struct engine *engine, unsigned i, struct arena *arena,
    struct node *node)
{
	struct dname name;
	struct owner owner;

	key_dname(&name, i);
	ensure(key_owner(&owner, &name) == OK);
	if (store_get(engine->store, owner_blob(&owner), arena, node) != OK)
		end_said(engine->config.arg, "a key cannot be read");
}

static void
add_key(struct life *life, struct engine *engine, unsigned i)
{
	uint8_t sealed[SECRET_LEN + SEAL_EXTRA];
	uint8_t secret[SECRET_LEN] = { 1 };
	struct submission submission;
	struct node node;
	struct dname name;

	make_submission(&submission, on_answer, &life->is_key_there[i]);
	key_node(engine, i, &submission.arena, &node);
	key_dname(&name, i);
	secret_seal(sealed, secret, sizeof secret, engine_secrets(engine));
	struct key_record key = {
		.role = ROLE_TRANSFER,
		.algorithm = MAC_SHA256,
		.made_ms = 1,
		.sealed = { sealed, sizeof sealed },
	};
	ensure(key_add_request(&submission.arena, &submission.request, &name,
	    &key, node.rrsets) == OK);
	life->is_key_asked[i] = true;
	ensure(engine_add(engine, &submission) == OK);
	engine_decide(engine);
	store_wait(engine->store, engine->at.slot);
	arena_fini(&submission.arena);
	if (!life->is_key_there[i])
		end_said(life, submission.outcome.reason.text);
}

static void
wait_for_spare(struct engine *engine)
{
	for (unsigned i = 0; i < SPARE_WAITS; i++) {
		if (journal_wants(engine->journal) == 0 || plan_fired())
			return;
		usleep(1000);
	}
}

/* --- stories */

static enum status
run_init(struct life *life, struct reason *reason)
{
	static const char zone[] = "e164.example.";
	struct genesis_options options = { .serial = 41 };
	struct settings settings = { .n_dns = 1,
		.image_bytes = IMAGE_BYTES, .cache_bytes = CACHE_BYTES };

	snprintf(settings.registrar, sizeof settings.registrar, "r1");
	snprintf(settings.state, sizeof settings.state, "%s", life->state);
	ensure(net_address_parse(&settings.dns[0], "127.0.0.1@5300", NULL) ==
	    OK);
	ensure(dname_parse(&options.zone, zone, sizeof zone - 1, NULL) == OK);
	return genesis_create(&settings, &options, reason);
}

void
life_init(struct life *life)
{
	struct reason reason = { "" };

	plan_arm();
	if (run_init(life, &reason) != OK)
		end_said(life, reason.text);
	life->has_begun = true;
	_exit(LIFE_DONE);
}

void
life_import(struct life *life)
{
	plan_arm();
	struct engine *engine = start(life);
	for (unsigned i = 0; i < LIFE_NUMBERS; i += LIFE_BATCH)
		add_batch(life, engine, i);
	ask_all(life, engine);
	engine_close(engine);
	_exit(LIFE_DONE);
}

void
life_keys(struct life *life)
{
	plan_arm();
	struct engine *engine = start(life);
	for (unsigned i = 0; i < LIFE_KEYS; i++)
		add_key(life, engine, i);
	ask_all(life, engine);
	engine_close(engine);
	_exit(LIFE_DONE);
}

void
life_restart(struct life *life)
{
	plan_arm();
	struct engine *engine = start(life);
	ask_all(life, engine);
	engine_close(engine);
	_exit(LIFE_DONE);
}

void
life_spare(struct life *life)
{
	plan_arm();
	struct engine *engine = start(life);
	wait_for_spare(engine);
	engine_tick(engine);
	engine_close(engine);
	_exit(LIFE_DONE);
}

void
life_killed(struct life *life)
{
	struct engine *engine = start(life);

	for (unsigned i = 0; i < LIFE_NUMBERS; i += LIFE_BATCH)
		add_batch(life, engine, i);
	_exit(LIFE_DONE);
}

/* --- afterwards */

static bool
has_text(struct node node, const char *text)
{
	struct rrset rrset;
	struct blob rdata;

	if (!rrset_find(node.rrsets, TYPE_TXT, &rrset))
		return false;
	while (rrset_next_rdata(&rrset.rdatas, &rdata)) {
		if (rdata.len == strlen(text) + 1 &&
		    memcmp(rdata.data + 1, text, rdata.len - 1) == 0)
			return true;
	}
	return false;
}

/* How many of a number's texts are there: all, or none. */
static unsigned
texts_there(struct engine *engine, unsigned i)
{
	struct arena arena;
	unsigned n = 0;

	arena_init(&arena);
	for (unsigned k = 0; k < TEXTS; k++) {
		char text[TEXT_CAP];
		struct owner owner = owner_of(i, k == WHOIS_TEXT);
		struct node node = { 0 };
		if (k != WHOIS_TEXT)
			image_get(engine_version(engine), owner_blob(&owner),
			    &arena, &node);
		else if (store_get(engine->store, owner_blob(&owner), &arena,
			     &node) != OK)
			end_wrong("whois cannot be read", "");
		if (has_text(node, text_of(text, i, k)))
			n++;
	}
	arena_fini(&arena);
	return n;
}

static void
check_numbers(const struct life *life, struct engine *engine)
{
	uint64_t n_there = 0;

	for (unsigned i = 0; i < LIFE_NUMBERS; i++) {
		unsigned n = texts_there(engine, i);
		char digits[TEXT_CAP];
		digits_of(digits, i);
		if (life->is_there[i] && n != TEXTS)
			end_wrong("acknowledged and not there:", digits);
		if (n != 0 && n != TEXTS)
			end_wrong("there in part:", digits);
		if (!life->is_asked[i] && n != 0)
			end_wrong("there without having been asked for:",
			    digits);
		n_there += n == TEXTS;
	}
	if (image_usage(engine->image).numbers != n_there)
		end_wrong("there are more numbers than", "those asked for");
}

static void
check_keys(const struct life *life, struct engine *engine)
{
	for (unsigned i = 0; i < LIFE_KEYS; i++) {
		struct arena arena;
		struct node node;
		struct key_record key;
		arena_init(&arena);
		key_node(engine, i, &arena, &node);
		bool is_there = key_read(&key, node.rrsets) == OK;
		arena_fini(&arena);
		if (life->is_key_there[i] && !is_there)
			end_wrong("acknowledged and not there:", "a key");
		if (!life->is_key_asked[i] && is_there)
			end_wrong("there without having been asked for:",
			    "a key");
	}
}

/* A registrar that has its state back takes changes and keeps them. */
static void
check_goes_on(struct life *life, struct engine *engine)
{
	struct submission submission;
	bool is_there = false;

	make_submission(&submission, on_answer, &is_there);
	ask_for_number(&submission, LIFE_NUMBERS);
	ensure(engine_add(engine, &submission) == OK);
	engine_decide(engine);
	arena_fini(&submission.arena);
	if (!is_there || texts_there(engine, LIFE_NUMBERS) != TEXTS)
		end_wrong("takes no changes", "");
	engine_close(engine);
	engine = start(life);
	if (texts_there(engine, LIFE_NUMBERS) != TEXTS)
		end_wrong("a change made afterwards", "is lost");
	engine_close(engine);
}

static bool
has_file(const struct life *life, const char *name)
{
	char path[sizeof life->state + TEXT_CAP];

	snprintf(path, sizeof path, "%s/%s", life->state, name);
	return access(path, F_OK) == 0;
}

/* An init that was not answered may have come to its end all the same. */
static bool
is_begun(const struct life *life)
{
	return has_file(life, "identity") && !has_file(life, "unfinished");
}

void
life_check(struct life *life)
{
	struct reason reason = { "" };

	if (!life->has_begun && !is_begun(life) &&
	    run_init(life, &reason) != OK)
		end_wrong("init cannot be run again:", reason.text);
	struct engine *engine = start(life);
	check_numbers(life, engine);
	check_keys(life, engine);
	ask_all(life, engine);
	check_goes_on(life, engine);
	_exit(LIFE_DONE);
}
