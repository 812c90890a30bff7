/*
 * The UPDATE door between a real query thread and a writer that does what the
 * test says. Signatures are made and checked with the keys of the door.
 */
#include "unit/unit.h"

#include "dns/message.h"
#include "dns/rcode.h"
#include "dns/rdata.h"
#include "sec/hash.h"
#include "sec/mac.h"
#include "sec/sec.h"
#include "server/later.h"
#include "server/update_door.h"
#include "sys/clock.h"
#include "unit/packet.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* What the writer does with a submission. */
static struct {
	enum status status;
	uint16_t rcode;
	enum cause cause;
	enum judged judged;
	const char *reason;
	bool is_silent; /* keeps it; release_kept gives it back */
} writer;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t is_kept = PTHREAD_COND_INITIALIZER;
static struct submission *kept;
static struct request seen; /* of the last submission */

static struct update_env env;
static struct update_door *door;
static struct keyring *keyring;
static struct tsig_key key;
static struct net *net;
static int client;

static void
finish(struct submission *submission)
{
	submission->status = writer.status;
	submission->outcome = (struct outcome){ .rcode = writer.rcode,
		.cause = writer.cause, .judged = writer.judged };
	if (writer.reason != NULL)
		reason_set(&submission->outcome.reason, "%s", writer.reason);
	submission->done(submission);
}

static void
submit(void *arg, struct submission *submission)
{
	(void)arg;
	seen = submission->request;
	if (!writer.is_silent) {
		finish(submission);
		return;
	}
	pthread_mutex_lock(&mutex);
	kept = submission;
	pthread_cond_signal(&is_kept);
	pthread_mutex_unlock(&mutex);
}

static void
release_kept(void)
{
	pthread_mutex_lock(&mutex);
	while (kept == NULL)
		pthread_cond_wait(&is_kept, &mutex);
	finish(kept);
	kept = NULL;
	pthread_mutex_unlock(&mutex);
}

/* --- the query thread */

static void *
thread_start(void *arg, unsigned thread)
{
	(void)arg;
	(void)thread;
	return &net;
}

static void
nothing(void *arg)
{
	(void)arg;
}

static size_t
answer(void *arg, const struct net_origin *origin, const uint8_t *in,
    size_t in_len, uint8_t *out, size_t cap)
{
	(void)arg;
	return update_door_take(door, keyring, origin, in, in_len, out, cap);
}

static void
resume(void *arg, struct net_ticket *ticket, void *ticket_arg)
{
	struct later *later = ticket_arg;

	(void)arg;
	(void)ticket;
	later->resume(later);
}

static void
tick(void *arg)
{
	(void)arg;
	update_door_tick(door);
}

static const struct net_service service = { .thread_start = thread_start,
	.thread_stop = nothing, .batch_begin = nothing, .batch_end = nothing,
	.sleep = nothing, .wake = nothing, .answer = answer, .resume = resume,
	.tick = tick };

static void
make_keys(void)
{
	struct keyring_key entry = { .version = 3, .role = ROLE_CARRIER,
		.ocn = "1510" };

	assert_int_equal(dname_parse(&key.name, "k.", 2, NULL), OK);
	key.algorithm = MAC_SHA256;
	key.mac = mac_ops_openssl.prepare(MAC_SHA256,
	    (const uint8_t *)"a secret of many bytes", 22);
	entry.tsig = key;
	entry.tsig.mac = mac_ops_openssl.hold(key.mac);
	keyring = keyring_create(&mac_ops_openssl, NULL);
	keyring_put(keyring, &entry);
}

static int
setup(void **state)
{
	const struct net_limits limits = { 0 };
	const struct timeval patience = { .tv_sec = 20 };
	struct net_address address;
	struct reason reason;

	(void)state;
	assert_int_equal(sec_init(), OK);
	memset(&writer, 0, sizeof writer);
	make_keys();
	env = (struct update_env){
		.tsig = { .mac = &mac_ops_openssl, .mac_min = TSIG_MAC_MIN },
		.hash = &hash_ops_sodium,
		.submit = submit,
	};
	assert_int_equal(dname_parse(&env.apex, "e164.example.", 13, NULL),
	    OK);
	door = update_door_create(&env);
	assert_int_equal(net_address_parse(&address, "127.0.0.1@1", &reason),
	    OK);
	memset((uint8_t *)&address.storage + 2, 0, 2); /* any port */
	assert_int_equal(net_start(&net, &address, 1, 1, &service, &limits,
	    &reason), OK);
	address = net_bound(net, 0);
	client = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof patience);
	return connect(client, (struct sockaddr *)&address.storage,
	    address.len);
}

static int
teardown(void **state)
{
	(void)state;
	close(client);
	net_stop(net);
	update_door_destroy(door);
	keyring_destroy(keyring);
	mac_ops_openssl.release(key.mac);
	return 0;
}

/* --- the client */

static struct tsig_state request_state;

/* Send an UPDATE that adds a record, signed. */
static void
send_update(void)
{
	static struct packet p;

	packet_begin(&p, 0x4711, OPCODE_UPDATE << 11);
	packet_name(&p, "e164.example.");
	packet_u16(&p, TYPE_SOA);
	packet_u16(&p, CLASS_IN);
	packet_record(&p, 2, "a.e164.example.", TYPE_TXT, CLASS_IN, 60, "\1x",
	    2);
	packet_opt(&p, 1232, 0, NULL, 0);
	struct writer w = writer_make(p.bytes, sizeof p.bytes);
	w.pos += p.len;
	assert_int_equal(tsig_sign_request(&w, &env.tsig, &key,
	    &request_state, clock_wall_ms() / 1000), OK);
	ssize_t len = (ssize_t)writer_len(&w);
	assert_int_equal(send(client, p.bytes, (size_t)len, 0), len);
}

/* The answer is signed as it must be. @return its bytes, for the words. */
static struct blob
expect(uint16_t rcode, uint16_t error)
{
	static uint8_t in[4096];
	struct message m;
	struct tsig tsig;

	ssize_t len = recv(client, in, sizeof in, 0);
	assert_true(len > 0);
	assert_int_equal(message_parse(&m, in, (size_t)len), OK);
	assert_int_equal(m.id, 0x4711);
	assert_int_equal(m.flags & FLAG_RCODE, rcode);
	assert_true(m.tsig != 0);
	assert_int_equal(tsig_read(&tsig, in, (size_t)len, m.tsig), OK);
	assert_int_equal(tsig.error, error);
	assert_int_equal(tsig_check_reply(&request_state, &env.tsig, &m, &tsig,
	    clock_wall_ms() / 1000), OK);
	return (struct blob){ in, (size_t)len };
}

static bool
has_words(struct blob message, const char *words)
{
	return memmem(message.data, message.len, words, strlen(words)) != NULL;
}

/* --- cases */

/* The request says who asks, when, and has the message's lines. */
static void
update_door__done__noerror(void **state)
{
	(void)state;
	send_update();
	expect(RCODE_NOERROR, 0);
	assert_int_equal(seen.door, DOOR_UPDATE);
	assert_int_equal(seen.actor.role, ROLE_CARRIER);
	assert_string_equal(seen.actor.ocn, "1510");
	assert_int_equal(seen.actor.key_version, 3);
	assert_int_equal(seen.n_changes, 1);
	assert_int_equal(seen.fudge_s, TSIG_FUDGE_S);
	assert_true(seen.time_signed_s > 0);
}

/* RFC 8914: the reason, in words. */
static void
update_door__refused__rcode_and_words(void **state)
{
	(void)state;
	writer.rcode = RCODE_YXDOMAIN;
	writer.cause = CAUSE_PREREQ_NAME_IN_USE;
	writer.reason = "somebody has it";
	send_update();
	assert_true(has_words(expect(RCODE_YXDOMAIN, 0), writer.reason));
}

/* A first result that is told again has its cause, but no words any more. */
static void
update_door__repeat__first_result(void **state)
{
	struct update_counters counters = { 0 };

	(void)state;
	writer.rcode = RCODE_REFUSED;
	writer.cause = CAUSE_LIMIT;
	writer.judged = JUDGED_REPEAT;
	send_update();
	assert_true(has_words(expect(RCODE_REFUSED, 0),
	    cause_text(CAUSE_LIMIT)));
	update_door_count(door, &counters);
	assert_int_equal(counters.repeated, 1);
}

/* RFC 8945 5.2.3: NOTAUTH, BADTIME, signed. */
static void
update_door__late__badtime(void **state)
{
	(void)state;
	writer.rcode = RCODE_NOTAUTH;
	writer.cause = CAUSE_BAD_TIME;
	writer.judged = JUDGED_LATE;
	send_update();
	expect(RCODE_NOTAUTH, RCODE_BADTIME);
}

/* Not decided: SERVFAIL; what is for the operator goes to the log alone. */
static void
update_door__not_decided__servfail(void **state)
{
	static const enum status failures[] = { ERR_FULL, ERR_BUSY,
		ERR_NO_QUORUM, ERR_CLOSED };

	(void)state;
	writer.reason = "/var/lib/e164d is full";
	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
		writer.status = failures[i];
		send_update();
		struct blob in = expect(RCODE_SERVFAIL, 0);
		assert_true(has_words(in, status_text(failures[i])));
		assert_false(has_words(in, "/var/lib"));
	}
}

/* The writer stands still: SERVFAIL after 1.5 s, before clients give up at 2;
 * what it says later reaches nobody. */
static void
update_door__writer_stands_still__servfail_in_time(void **state)
{
	struct update_counters counters = { 0 };

	(void)state;
	writer.is_silent = true;
	uint64_t begin_ms = clock_mono_ms();
	send_update();
	expect(RCODE_SERVFAIL, 0);
	assert_true(clock_mono_ms() - begin_ms >= UPDATE_HELD_MS);
	release_kept();
	writer.is_silent = false;
	writer.status = OK;
	send_update();
	expect(RCODE_NOERROR, 0);
	update_door_count(door, &counters);
	assert_int_equal(counters.received, 2);
	assert_int_equal(counters.done, 1);
	assert_int_equal(counters.undecided, 1);
}

/* Another secret: BADSIG, not signed; nothing is handed in. */
static void
update_door__bad_signature__not_handed_in(void **state)
{
	uint8_t in[4096];
	struct update_counters counters = { 0 };
	struct mac_key *good = key.mac;

	(void)state;
	memset(&seen, 0, sizeof seen);
	key.mac = mac_ops_openssl.prepare(MAC_SHA256,
	    (const uint8_t *)"another", 7);
	send_update();
	assert_true(recv(client, in, sizeof in, 0) > 0);
	assert_int_equal(in[3] & 0xf, RCODE_NOTAUTH);
	assert_int_equal(seen.n_changes, 0);
	update_door_count(door, &counters);
	assert_int_equal(counters.unverified, 1);
	mac_ops_openssl.release(key.mac);
	key.mac = good;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(update_door__done__noerror),
		CASE(update_door__refused__rcode_and_words),
		CASE(update_door__repeat__first_result),
		CASE(update_door__late__badtime),
		CASE(update_door__not_decided__servfail),
		CASE(update_door__writer_stands_still__servfail_in_time),
		CASE(update_door__bad_signature__not_handed_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
