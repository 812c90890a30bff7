/*
 * UPDATE messages on their way. What is held is bounded: tickets by net, bytes
 * here; who comes above that gets SERVFAIL at once. Layer 10; the query
 * thread, but for on_done.
 */
#include "server/update_door.h"

#include "base/check.h"
#include "base/counter.h"
#include "dns/message.h"
#include "dns/rcode.h"
#include "sec/sec.h"
#include "server/later.h"
#include "server/pin_pool.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "update/update.h"

#include <stdlib.h>
#include <string.h>

enum {
	HEAD_MAX = MESSAGE_HEADER + DNAME_MAX + 4, /* with the zone section */
	SPARES_MAX = 128, /* kept for later use */
	LOG_MAX = 2000,   /* lines of refusals of a query thread ... */
	LOG_MS = 10000,   /* ... within so many milliseconds */
};

/* A message that waits for its slot. */
struct held {
	struct later later; /* first: what net_defer is told */
	struct submission submission;
	struct update_door *door;
	struct net_ticket *ticket;
	struct held *prev; /* in the order of coming, while not answered */
	struct held *next;
	uint64_t since_ms;
	size_t bytes; /* counted in the door's */
	bool is_answered;
	struct pin_job pins; /* pins.pins NULL: the message has none */
	/* what the answer needs of the message */
	struct message message;
	uint8_t head[HEAD_MAX];
	struct tsig_state tsig;
	struct tsig_key key;
};

struct update_door {
	const struct update_env *env;
	struct held *first; /* not answered, oldest first */
	struct held *last;
	struct held *spares;
	unsigned n_spares;
	size_t bytes; /* of all requests on their way */
	struct {
#define UPDATE_COUNTER(name, text) struct counter name;
#include "server/update.def"
#undef UPDATE_COUNTER
	} counters;
	uint64_t log_since_ms;
	unsigned n_logged;   /* lines since then */
	uint64_t n_unlogged; /* above LOG_MAX */
	uint8_t out[UPDATE_REPLY_MAX];
};

_Static_assert((int)UPDATE_REPLY_MAX <= (int)NET_UDP_ROOM, "goes over UDP");
_Static_assert(UPDATE_REPLY_MAX >= 512 + TSIG_LEN_MAX, "room for any answer");

struct update_door *
update_door_create(const struct update_env *env)
{
	struct update_door *door = calloc(1, sizeof *door);

	if (door == NULL)
		check_fail("memory", "update door", __FILE__, __LINE__);
	door->env = env;
	return door;
}

void
update_door_destroy(struct update_door *door)
{
	if (door == NULL)
		return;
	require(door->first == NULL && door->bytes == 0);
	while (door->spares != NULL) {
		struct held *held = door->spares;
		door->spares = held->next;
		arena_fini(&held->submission.arena);
		free(held);
	}
	free(door);
}

void
update_door_count(const struct update_door *door, struct update_counters *sum)
{
#define UPDATE_COUNTER(name, text) \
	sum->name += counter_read(&door->counters.name);
#include "server/update.def"
#undef UPDATE_COUNTER
}

/* --- what is held */

static void resume(struct later *later);

static struct held *
held_create(struct update_door *door)
{
	struct held *held = door->spares;

	if (held != NULL) {
		door->spares = held->next;
		door->n_spares--;
		return held;
	}
	held = calloc(1, sizeof *held);
	if (held == NULL)
		check_fail("memory", "update", __FILE__, __LINE__);
	held->later.resume = resume;
	held->door = door;
	arena_init(&held->submission.arena);
	return held;
}

/* What was typed is not left in memory. */
static void
wipe_pins(struct held *held)
{
	struct update_pins *pins = held->pins.pins;

	for (size_t i = 0; pins != NULL && i < pins->n; i++) {
		struct blob pin = pins->pins[i].pin;
		if (pin.len > 0) /* in our own copy of the message */
			sec_wipe((void *)(uintptr_t)pin.data, pin.len);
	}
	held->pins.pins = NULL;
}

static void
held_destroy(struct held *held)
{
	struct update_door *door = held->door;

	wipe_pins(held);
	if (held->key.mac != NULL)
		door->env->tsig.mac->release(held->key.mac);
	held->key.mac = NULL;
	door->bytes -= held->bytes;
	held->bytes = 0;
	if (door->n_spares == SPARES_MAX) {
		arena_fini(&held->submission.arena);
		free(held);
		return;
	}
	arena_reset(&held->submission.arena);
	held->next = door->spares;
	door->spares = held;
	door->n_spares++;
}

static void
held_append(struct held *held)
{
	struct update_door *door = held->door;

	held->next = NULL;
	held->prev = door->last;
	if (door->last != NULL)
		door->last->next = held;
	else
		door->first = held;
	door->last = held;
}

static void
held_remove(struct held *held)
{
	struct update_door *door = held->door;

	if (held->prev != NULL)
		held->prev->next = held->next;
	else
		door->first = held->next;
	if (held->next != NULL)
		held->next->prev = held->prev;
	else
		door->last = held->prev;
}

/* --- answers */

/* What is said to the client, and why. */
struct answer {
	uint16_t rcode;
	const char *words; /* "": nothing more */
};

/* An answer to m, signed if the request's MAC was good. */
static size_t
answer_write(const struct update_env *env, const struct message *m,
    struct tsig_state *tsig, struct answer answer, uint8_t *out, size_t cap)
{
	size_t room = tsig == NULL ? 0 : tsig_room(tsig);

	size_t len = update_reply(m, answer.rcode, answer.words, out, cap,
	    room);
	if (tsig == NULL)
		return len;
	struct writer w = writer_make(out, cap);
	w.pos += len;
	/* the room was left free */
	ensure(tsig_sign_reply(&w, &env->tsig, tsig, clock_wall_ms() / 1000) ==
	    OK);
	return writer_len(&w);
}

/* BADKEY, BADSIG: never signed (RFC 8945 5.3.2). */
static size_t
answer_unverified(const struct message *m, const struct tsig *tsig,
    uint16_t error, uint8_t *out, size_t cap)
{
	size_t len = update_reply(m, RCODE_NOTAUTH, "", out, cap,
	    TSIG_LEN_MAX);
	struct writer w = writer_make(out, cap);

	w.pos += len;
	tsig_write_error(&w, tsig, error);
	return writer_len(&w);
}

/* Every refusal is in the log, but not more than a disk can bear when a
 * program goes wild: LOG_MAX in LOG_MS, the rest is counted. */
static bool
may_log(struct update_door *door)
{
	uint64_t now_ms = clock_mono_ms();
	uint64_t n_more = door->n_unlogged;

	if (now_ms - door->log_since_ms >= LOG_MS) {
		door->log_since_ms = now_ms;
		door->n_logged = 0;
		door->n_unlogged = 0;
		const struct log_field fields[] = {
			log_number("count", n_more),
			log_text("event", "update-refused"),
			log_number("seconds", LOG_MS / 1000),
		};
		if (n_more > 0)
			log_event(LOG_REPEATED, LOG_FIELDS(fields));
	}
	if (door->n_logged < LOG_MAX) {
		door->n_logged++;
		return true;
	}
	door->n_unlogged++;
	return false;
}

static void
log_line(const struct tsig_key *key, const char *client, enum cause cause,
    const char *words)
{
	char name[NAME_TEXT_MAX];
	const struct log_field fields[] = {
		log_text("key", dname_format(name, sizeof name, &key->name)),
		log_text("client", client),
		log_text("cause", cause_id(cause)),
		log_text("reason", words),
	};

	log_event(LOG_UPDATE_REFUSED, LOG_FIELDS(fields));
}

static void
log_refused(const struct held *held, enum cause cause, const char *words)
{
	char client[NET_ADDRESS_TEXT];

	if (may_log(held->door))
		log_line(&held->key, net_ticket_format(client, sizeof client,
		    held->ticket), cause, words);
}

/* The engine did not decide. The log is told what the operator should know,
 * which may be a path; the client is told in general. */
static struct answer
answer_undecided(struct held *held)
{
	const struct submission *submission = &held->submission;
	const char *general = status_text(submission->status);
	const char *words = submission->outcome.reason.text;

	counter_add(&held->door->counters.undecided, 1);
	log_refused(held, CAUSE_NOT_DECIDED, words[0] != '\0' ? words :
	    general);
	return (struct answer){ RCODE_SERVFAIL, general };
}

/* The answer to what was judged; counts and logs it. */
static struct answer
answer_judged(struct held *held)
{
	const struct outcome *outcome = &held->submission.outcome;
	struct update_door *door = held->door;
	struct answer answer = { outcome->rcode, outcome->reason.text };

	if (held->submission.status != OK)
		return answer_undecided(held);
	if (outcome->judged == JUDGED_REPEAT)
		counter_add(&door->counters.repeated, 1);
	/* RFC 8945 5.2.3: with the server's time as other data */
	if (outcome->judged == JUDGED_LATE)
		held->tsig.error = RCODE_BADTIME;
	if (outcome->rcode == RCODE_NOERROR) {
		counter_add(&door->counters.done, 1);
		return (struct answer){ RCODE_NOERROR, "" };
	}
	counter_add(&door->counters.refused, 1);
	if (outcome->cause == CAUSE_BAD_TIME)
		held->tsig.error = RCODE_BADTIME;
	if (answer.words[0] == '\0')
		answer.words = cause_text(outcome->cause);
	if (outcome->judged != JUDGED_REPEAT) /* the first one was logged */
		log_refused(held, outcome->cause, answer.words);
	return answer;
}

static void
send_answer(struct held *held, struct answer answer)
{
	struct update_door *door = held->door;

	held_remove(held);
	held->is_answered = true;
	size_t len = answer_write(door->env, &held->message, &held->tsig,
	    answer, door->out, sizeof door->out);
	net_reply(held->ticket, door->out, len);
}

static void
resume(struct later *later)
{
	struct held *held = (struct held *)later;

	if (!held->is_answered)
		send_answer(held, answer_judged(held));
	net_release(held->ticket);
	held_destroy(held);
}

void
update_door_tick(struct update_door *door)
{
	static const char words[] = "not decided in time: ask again";
	uint64_t now_ms = clock_mono_ms();

	while (door->first != NULL &&
	    now_ms - door->first->since_ms >= UPDATE_HELD_MS) {
		struct held *held = door->first;
		counter_add(&door->counters.undecided, 1);
		log_refused(held, CAUSE_NOT_DECIDED, words);
		send_answer(held, (struct answer){ RCODE_SERVFAIL, words });
	}
}

/* The writer thread, the PIN worker, or inside submit: hand over, no more. */
static void
on_done(struct submission *submission)
{
	struct held *held = submission->arg;

	if (submission->status == ERR_STALE && held->pins.pins != NULL &&
	    pin_pool_again(held->door->env->pins, &held->pins))
		return;
	net_post(held->ticket);
}

/* --- a message comes in */

/* The message as far as the answer needs it, and its key. */
static void
keep_head(struct held *held, const struct message *m,
    const struct tsig_state *tsig)
{
	size_t len = message_records(m);

	ensure(len <= sizeof held->head);
	memcpy(held->head, m->bytes, len);
	held->message = *m;
	held->message.bytes = held->head;
	held->tsig = *tsig;
	held->key = *tsig->key;
	held->key.mac = held->door->env->tsig.mac->hold(tsig->key->mac);
	held->tsig.key = &held->key;
}

/*
 * Receipt key: what makes a repeat the same request, whatever part of the MAC
 * travelled.
 */
static void
request_id(struct hash *out, const struct update_env *env,
    const struct keyring_key *key, const struct tsig_state *tsig)
{
	uint8_t bytes[DNAME_MAX + 4 + MAC_MAX];
	struct writer w = writer_make(bytes, sizeof bytes);

	write_bytes(&w, key->tsig.name.bytes, key->tsig.name.len);
	write_u32(&w, key->version);
	write_bytes(&w, tsig->mac, tsig->mac_full_len);
	ensure(!w.bad);
	env->hash->blake2b(out, bytes, writer_len(&w));
}

/* Everything of the request but who asks; the message is copied first, as the
 * request points into it. */
static enum status
read_request(struct held *held, const struct message *m,
    struct update_refusal *refusal)
{
	struct arena *arena = &held->submission.arena;
	struct message copy = *m;

	copy.bytes = arena_copy(arena, m->bytes, m->len);
	return update_read(arena, &held->submission.request, &copy,
	    &held->door->env->apex, refusal);
}

/* Hand the request over. @return false: there are too many on their way. */
static bool
submit(struct held *held, const struct net_origin *origin)
{
	struct update_door *door = held->door;
	struct submission *submission = &held->submission;

	held->bytes = submission->arena.total;
	if (door->bytes + held->bytes > UPDATE_BYTES_MAX) {
		held->bytes = 0;
		return false;
	}
	held->ticket = net_defer(origin, &held->later);
	if (held->ticket == NULL) {
		held->bytes = 0;
		return false;
	}
	door->bytes += held->bytes;
	held->is_answered = false;
	submission->outcome.reason.text[0] = '\0';
	held->since_ms = clock_mono_ms();
	held_append(held);
	submission->done = on_done;
	submission->arg = held;
	if (held->pins.pins == NULL) {
		door->env->submit(door->env->arg, submission);
		return true;
	}
	held->pins.submission = submission;
	held->pins.since_ms = held->since_ms;
	if (pin_pool_take(door->env->pins, &held->pins))
		return true;
	submission->status = ERR_BUSY;
	memset(&submission->outcome, 0, sizeof submission->outcome);
	on_done(submission);
	return true;
}

/* PINs out of the request: nobody but the PIN worker sees them. */
static enum status
take_pins(struct held *held, const struct net_origin *origin,
    struct update_refusal *refusal)
{
	struct submission *submission = &held->submission;

	enum status status = update_take_pins(&submission->arena,
	    &submission->request, &held->pins.pins, refusal);
	if (status != OK || held->pins.pins == NULL)
		return status;
	if (net_origin_is_local(origin) && held->door->env->pins != NULL)
		return OK;
	refusal->cause = CAUSE_PIN_UNPROTECTED;
	reason_set(&refusal->reason, "%s", cause_text(refusal->cause));
	return ERR_REFUSED;
}

/* A verified message. @return as update_door_take. */
static size_t
take_verified(struct update_door *door, const struct net_origin *origin,
    const struct message *m, struct tsig_state *tsig,
    const struct keyring_key *key, uint8_t *out, size_t cap)
{
	struct update_refusal refusal = { .cause = CAUSE_NONE };
	struct held *held = held_create(door);
	struct request *request = &held->submission.request;

	*request = (struct request){
		.door = DOOR_UPDATE,
		.time_signed_s = tsig->time_signed_s,
		.fudge_s = tsig->fudge_s,
	};
	keyring_actor(&request->actor, key);
	request_id(&request->id, door->env, key, tsig);
	held->pins = (struct pin_job){ .pins = NULL };
	if (read_request(held, m, &refusal) != OK ||
	    take_pins(held, origin, &refusal) != OK) {
		char client[NET_ADDRESS_TEXT];
		counter_add(&door->counters.malformed, 1);
		if (may_log(door))
			log_line(tsig->key, net_origin_format(client,
			    sizeof client, origin), refusal.cause,
			    refusal.reason.text);
		held_destroy(held);
		return answer_write(door->env, m, tsig,
		    (struct answer){ cause_rcode(refusal.cause),
			refusal.reason.text }, out, cap);
	}
	keep_head(held, m, tsig);
	if (submit(held, origin))
		return 0;
	counter_add(&door->counters.undecided, 1);
	held_destroy(held);
	return answer_write(door->env, m, tsig,
	    (struct answer){ RCODE_SERVFAIL, "too many changes at once: ask "
		"again" }, out, cap);
}

static size_t
take_unsigned(struct update_door *door, const struct message *m, uint8_t *out,
    size_t cap)
{
	struct update_refusal refusal = { .cause = CAUSE_NOT_SIGNED };
	struct answer answer = { RCODE_BADVERS, "" };

	counter_add(&door->counters.unverified, 1);
	if (m->edns.version > EDNS_VERSION)
		return answer_write(door->env, m, NULL, answer, out, cap);
	if (update_check_zone(m, &door->env->apex, &refusal) == OK)
		reason_set(&refusal.reason, "%s", cause_text(refusal.cause));
	answer.rcode = cause_rcode(refusal.cause);
	answer.words = refusal.reason.text;
	return answer_write(door->env, m, NULL, answer, out, cap);
}

/* RFC 8945 5.2: the order is key, MAC, time; truncation last. The time of a
 * request that is otherwise good is the judge's to look at: a repeat gets its
 * first result, however late it comes. */
static size_t
take_signed(struct update_door *door, const struct keyring *keyring,
    const struct net_origin *origin, const struct message *m, uint8_t *out,
    size_t cap)
{
	static const struct answer bad_format = { RCODE_FORMERR, "" };
	struct tsig tsig;
	struct tsig_state state;

	if (tsig_read(&tsig, m->bytes, m->len, m->tsig) != OK) {
		counter_add(&door->counters.malformed, 1);
		return answer_write(door->env, m, NULL, bad_format, out, cap);
	}
	const struct keyring_key *key = keyring_find(keyring, &tsig.key);
	if (tsig_check(&state, &door->env->tsig, m, &tsig,
		key != NULL ? &key->tsig : NULL) != OK) {
		counter_add(&door->counters.malformed, 1);
		return answer_write(door->env, m, NULL, bad_format, out, cap);
	}
	if (state.error == RCODE_BADKEY || state.error == TSIG_BADSIG) {
		counter_add(&door->counters.unverified, 1);
		return answer_unverified(m, &tsig, state.error, out, cap);
	}
	if (state.error == RCODE_BADTRUNC) {
		counter_add(&door->counters.unverified, 1);
		(void)!tsig_check_time(&state, clock_wall_ms() / 1000);
		return answer_write(door->env, m, &state,
		    (struct answer){ RCODE_NOTAUTH, "" }, out, cap);
	}
	if (m->edns.version > EDNS_VERSION)
		return answer_write(door->env, m, &state,
		    (struct answer){ RCODE_BADVERS, "" }, out, cap);
	return take_verified(door, origin, m, &state, key, out, cap);
}

size_t
update_door_take(struct update_door *door, const struct keyring *keyring,
    const struct net_origin *origin, const uint8_t *in, size_t in_len,
    uint8_t *out, size_t cap)
{
	struct message m;

	if (in_len < MESSAGE_HEADER || (in[2] & (FLAG_QR >> 8)) != 0)
		return 0;
	counter_add(&door->counters.received, 1);
	if (message_parse(&m, in, in_len) != OK) {
		counter_add(&door->counters.malformed, 1);
		return answer_write(door->env, &m, NULL,
		    (struct answer){ RCODE_FORMERR, "" }, out, cap);
	}
	if (m.tsig == 0)
		return take_unsigned(door, &m, out, cap);
	return take_signed(door, keyring, origin, &m, out, cap);
}
