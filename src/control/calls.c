/*
 * Calls of the control socket, one table (calls.def). Layer 9; the door's
 * thread.
 */
#include "control/internal.h"

#include "control/keys.h"
#include "dns/name.h"
#include "registry/scope.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { GET_NAMES_MAX = 64 };

static struct dname
apex_of(const struct control *door)
{
	struct engine_status now;

	memset(&now, 0, sizeof now);
	door->access->status(door->access->arg, &now);
	return now.apex;
}

static void
set_hex(struct message *out, const char *key, const uint8_t *bytes, size_t len)
{
	char text[65] = "";

	for (size_t i = 0; i < len && i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	message_set_text(out, key, text);
}

static void
set_state(struct message *out, const struct engine_status *now)
{
	char zone[NAME_TEXT_MAX];
	char digest[4 * 16 + 1];

	message_set_text(out, "registrar", now->registrar);
	message_set_text(out, "zone",
	    dname_format(zone, sizeof zone, &now->apex));
	message_set_number(out, "serial", now->serial);
	message_set_number(out, "slot_chosen", now->slot_chosen);
	message_set_number(out, "slot_applied", now->slot_applied);
	message_set_number(out, "slot_stored", now->slot_stored);
	message_set_text(out, "role", now->role != NULL ? now->role : "");
	message_set_text(out, "leader", now->leader);
	message_set_number(out, "voters", now->voters);
	message_set_number(out, "quorum", now->quorum);
	set_hex(out, "group", now->group, sizeof now->group);
	for (int i = 0; i < 4; i++)
		snprintf(digest + (ptrdiff_t)16 * i, 17, "%016" PRIx64,
		    now->digest.lane[i]);
	message_set_text(out, "digest", digest);
}

static void
set_counters(struct message *out, const struct engine_access *access)
{
	struct engine_counter counters[ENGINE_COUNTERS_MAX];
	size_t n = access->counters != NULL ?
	    access->counters(access->arg, counters) : 0;

	for (size_t i = 0; i < n; i++)
		message_set_number(out, counters[i].name, counters[i].value);
}

static void
call_status(struct session *session, const struct message *message)
{
	const struct engine_access *access = session->door->access;
	struct engine_status now;
	struct message *out = message_create();

	(void)message;
	memset(&now, 0, sizeof now);
	access->status(access->arg, &now);
	set_state(out, &now);
	message_set_number(out, "numbers", now.usage.numbers);
	message_set_number(out, "names", now.usage.names);
	message_set_number(out, "records", now.usage.records);
	message_set_number(out, "image_bytes", now.usage.used);
	message_set_number(out, "last_change_ms", now.time_ms);
	uint64_t wall_ms = clock_wall_ms();
	message_set_number(out, "uptime_s", wall_ms > now.started_ms ?
	    (wall_ms - now.started_ms) / 1000 : 0);
	message_set_text(out, "version", PACKAGE_VERSION);
	set_counters(out, access);
	session_reply(session, FRAME_REPLY, out);
	message_destroy(out);
}

/* A name argument as owner; refuses in words. @return false: refused. */
static bool
take_owner(struct session *session, const char *text, const struct dname *apex,
    struct owner *out)
{
	struct dname name;
	char words[160];

	if (text != NULL && dname_parse(&name, text, strlen(text), apex) ==
	    OK && owner_from_dname(out, &name, apex) == OK) {
		if (owner_scope(owner_blob(out)) == SCOPE_PUBLIC ||
		    owner_scope(owner_blob(out)) == SCOPE_WHOIS)
			return true;
		session_refuse(session, ERR_REFUSED,
		    "the registry keeps that name for itself");
		return false;
	}
	snprintf(words, sizeof words, "'%.100s' is no name of the zone",
	    text != NULL ? text : "");
	session_refuse(session, ERR_BAD_VALUE, words);
	return false;
}

static void
send_end(struct session *session)
{
	struct message *out = message_create();

	session_reply(session, FRAME_END, out);
	message_destroy(out);
}

/* @return false: refused. */
static bool
send_node(struct session *session, const struct owner *owner,
    struct arena *arena)
{
	const struct engine_access *access = session->door->access;
	struct node node = { 0 };

	enum status status = access->get(access->arg, owner_blob(owner), arena,
	    &node);
	if (status != OK) {
		session_refuse(session, status, status_text(status));
		return false;
	}
	size_t len = node_len(owner_blob(owner), &node);
	if (node.rrsets.len == 0)
		return true;
	if (len >= FRAME_MAX) {
		session_refuse(session, ERR_TOO_LONG,
		    "a name has more records than can be shown");
		return false;
	}
	struct writer w = writer_make(arena_alloc(arena, len), len);
	node_write(&w, owner_blob(owner), &node);
	session_send(session, FRAME_DATA, w.start, writer_len(&w));
	return true;
}

static void
call_get(struct session *session, const struct message *message)
{
	struct dname apex = apex_of(session->door);
	size_t n = message_count(message, "names");
	struct owner owners[GET_NAMES_MAX];
	struct arena arena;
	bool is_good = true;

	if (n == 0 || n > GET_NAMES_MAX) {
		session_refuse(session, ERR_BAD_VALUE,
		    "expected 1 to 64 names");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (!take_owner(session, message_item(message, "names", i),
		    &apex, &owners[i]))
			return;
	}
	arena_init(&arena);
	for (size_t i = 0; i < n && is_good; i++) {
		arena_reset(&arena);
		is_good = send_node(session, &owners[i], &arena);
	}
	if (is_good)
		send_end(session);
	arena_fini(&arena);
}

static void
call_walk(struct session *session, const struct message *message)
{
	struct dname apex = apex_of(session->door);
	struct job_order order = { .kind = JOB_WALK };

	if (!take_owner(session, message_text(message, "top"), &apex,
	    &order.top))
		return;
	if (owner_scope(owner_blob(&order.top)) != SCOPE_PUBLIC) {
		session_refuse(session, ERR_REFUSED,
		    "only public names can be walked");
		return;
	}
	job_start(session, &order);
}

static void
call_export(struct session *session, const struct message *message)
{
	const struct job_order order = { .kind = JOB_EXPORT,
		.has_whois = message_flag(message, "whois") };

	job_start(session, &order);
}

static void
call_free(struct session *session, const struct message *message)
{
	struct job_order order = { .kind = JOB_FREE };
	const char *prefix = message_text(message, "prefix");
	uint64_t digits = 0;
	uint64_t count = 0;

	(void)message_number(message, "digits", &digits);
	if (prefix == NULL || tn_parse(&order.vacancy.prefix, prefix,
	    strlen(prefix), NULL) != OK || digits > TN_DIGITS_MAX ||
	    !message_number(message, "count", &count) || count == 0 ||
	    count > VACANCY_COUNT_MAX) {
		session_refuse(session, ERR_BAD_VALUE, "expected a prefix of 1 "
		    "to 15 digits, a count of 1 to 10000, and digits up to "
		    "15");
		return;
	}
	order.vacancy.digits = (unsigned)digits;
	order.vacancy.count = (size_t)count;
	job_start(session, &order);
}

static void
call_keys(struct session *session, const struct message *message)
{
	const struct job_order order = { .kind = JOB_KEYS };

	(void)message;
	job_start(session, &order);
}

static void
call_reload(struct session *session, const struct message *message)
{
	const struct engine_access *access = session->door->access;
	const struct log_field fields[] = { log_number("uid", session->uid),
		log_text("what", "reload") };
	char *text = NULL;

	(void)message;
	log_event(LOG_CONTROL_ASKED, LOG_FIELDS(fields));
	enum status status = access->reload(access->arg, &text);
	struct message *out = message_create();
	/* faults of a file have more lines than an error may have */
	message_set_flag(out, "refused", status != OK);
	message_set_text(out, "text", text != NULL ? text :
	    status_text(status));
	session_reply(session, FRAME_REPLY, out);
	message_destroy(out);
	free(text);
}

static void
call_stop(struct session *session, const struct message *message)
{
	const struct engine_access *access = session->door->access;
	struct message *out = message_create();

	(void)message;
	const struct log_field fields[] = { log_number("uid", session->uid),
		log_text("what", "stop") };
	log_event(LOG_CONTROL_ASKED, LOG_FIELDS(fields));
	session_reply(session, FRAME_REPLY, out);
	message_destroy(out);
	access->stop(access->arg);
}

void
session_call(struct session *session, const struct message *message)
{
	static const struct {
		const char *verb;
		void (*handle)(struct session *session,
		    const struct message *message);
	} calls[] = {
#define CALL(verb, function, help) { verb, function },
#include "control/calls.def"
#undef CALL
	};
	const char *verb = message_text(message, "verb");
	const struct log_field fields[] = { log_number("uid", session->uid),
		log_text("what", verb != NULL ? verb : "") };

	log_event(LOG_CONTROL_CALL, LOG_FIELDS(fields));
	for (size_t i = 0; verb != NULL && i < sizeof calls / sizeof calls[0];
	    i++) {
		if (strcmp(calls[i].verb, verb) == 0) {
			calls[i].handle(session, message);
			return;
		}
	}
	session_refuse(session, ERR_UNSUPPORTED,
	    "no such call; is e164ctl of another version than e164d?");
}
