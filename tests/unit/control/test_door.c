/*
 * The control door and its client, end to end over the socket, with an engine
 * of the test.
 */
#include "unit/unit.h"

#include "unit/control/fake_engine.h"
#include "unit/temp_dir.h"

#include "base/check.h"
#include "control/client.h"
#include "control/control.h"
#include "dns/rdata.h"
#include "registry/key.h"
#include "sec/sec.h"

#include <sys/socket.h>
#include <sys/un.h>

enum { HANG_S = 60, IN_FLIGHT_MAX = 16, REGION_LEN = 1 << 20 };

struct scene {
	struct temp_dir dir;
	struct settings settings;
	struct fake_engine engine;
	struct control *door;
	struct arena arena;
	struct image *image; /* of show_change; NULL: none */
	void *region;
};

static int
setup(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	struct reason reason = { "" };

	(void)alarm(HANG_S);
	temp_dir_make(&scene->dir);
	arena_init(&scene->arena);
	snprintf(scene->settings.registrar, sizeof scene->settings.registrar,
	    "r1");
	snprintf(scene->settings.control, sizeof scene->settings.control,
	    "%s/made/c.sock", scene->dir.path);
	fake_engine_init(&scene->engine);
	if (control_start(&scene->door, &scene->settings,
	    &scene->engine.access, &reason) != OK)
		return -1;
	*state = scene;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *scene = *state;

	/* a test that failed has not given all back */
	for (size_t i = 0; i < scene->engine.n_kept; i++) {
		if (scene->engine.kept[i] != NULL)
			fake_engine_return(&scene->engine, i, ERR_CLOSED, 0);
	}
	if (scene->door != NULL)
		control_stop(scene->door);
	fake_engine_fini(&scene->engine);
	if (scene->image != NULL)
		image_destroy(scene->image);
	free(scene->region);
	arena_fini(&scene->arena);
	temp_dir_remove(&scene->dir);
	free(scene);
	return 0;
}

static struct client *
come_in(struct scene *scene)
{
	struct client *client = NULL;
	struct reason reason = { "" };

	assert_int_equal(client_connect(&client, scene->settings.control,
	    &reason), OK);
	return client;
}

static enum status
call(struct client *client, const char *json, struct message **reply,
    struct reason *reason)
{
	struct message *message = NULL;

	*reply = NULL;
	*reason = (struct reason){ "" };
	assert_int_equal(message_decode(&message, (struct blob){
	    (const uint8_t *)json, strlen(json) }, reason), OK);
	enum status status = client_call(client, message, reply, reason);
	message_destroy(message);
	return status;
}

/* One change, as a client that lies about who it is. */
static void
make_change(struct scene *scene, struct blob *bytes)
{
	static const uint8_t owner[] = { 1, '1' };
	static const uint8_t txt[] = { 8, 'o', 'c', 'n', '=', '1', '5', '1',
		'0' };
	const struct request_rr rr = { .owner = { owner, 2 },
		.type = TYPE_TXT, .rclass = CLASS_IN, .ttl = 300,
		.rdata = { txt, sizeof txt } };
	struct request request = { .door = DOOR_UPDATE, .changes = &rr,
		.n_changes = 1, .time_signed_s = 5,
		.actor = { .role = ROLE_REGISTRAR, .registrar = "r9",
		.uid = 12345 } };

	assert_int_equal(request_encode(&scene->arena, bytes, &request), OK);
}

static void
send_change(struct scene *scene, struct client *client, uint32_t tag)
{
	struct blob bytes;
	struct reason reason;

	make_change(scene, &bytes);
	assert_int_equal(client_send_request(client, tag, bytes, &reason),
	    OK);
}

/* The same as an offer. */
static void
send_offer(struct scene *scene, struct client *client, uint32_t tag)
{
	struct blob bytes;
	struct reason reason;

	make_change(scene, &bytes);
	assert_int_equal(client_send_offer(client, tag, bytes, &reason), OK);
}

static struct answer
next_answer(struct client *client)
{
	struct reason reason = { "" };
	struct frame frame;
	struct answer answer;

	assert_int_equal(client_next(client, &frame, &reason), OK);
	assert_int_equal(frame.kind, FRAME_OUTCOME);
	assert_int_equal(answer_read(&answer, frame.payload), OK);
	return answer;
}

static void
expect_refused(struct scene *scene, const char *json, enum status status,
    const char *words)
{
	struct client *client = come_in(scene);
	struct message *reply = NULL;
	struct reason reason;

	assert_int_equal(call(client, json, &reply, &reason), status);
	assert_string_equal(reason.text, words);
	client_close(client);
}

/* DESIGN 10: the keys that scripts rely on. */
static void
call_status__keys_and_values(void **state)
{
	struct client *client = come_in(*state);
	struct message *reply = NULL;
	struct reason reason;
	uint64_t number = 0;

	assert_int_equal(call(client, "{\"verb\":\"status\"}", &reply,
	    &reason), OK);
	assert_string_equal(message_text(reply, "registrar"), "r1");
	assert_string_equal(message_text(reply, "zone"), "e164.example.");
	assert_string_equal(message_text(reply, "role"), "voter");
	assert_string_equal(message_text(reply, "leader"), "r1");
	assert_true(message_number(reply, "serial", &number));
	assert_int_equal(number, 42);
	assert_true(message_number(reply, "slot_chosen", &number));
	assert_int_equal(number, 9);
	assert_true(message_number(reply, "slot_applied", &number));
	assert_int_equal(number, 8);
	assert_true(message_number(reply, "voters", &number));
	assert_true(message_number(reply, "quorum", &number));
	message_destroy(reply);
	client_close(client);
}

/* Who asks is what the socket says, never what the client says. */
static void
session_submit__lying_client__actor_of_the_socket(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);

	send_change(scene, client, 77);
	fake_engine_wait(&scene->engine, 1);
	const struct request *request = &scene->engine.kept[0]->request;
	assert_int_equal(request->door, DOOR_CONTROL);
	assert_int_equal(request->actor.role, ROLE_AUTHORITY);
	assert_string_equal(request->actor.registrar, "r1");
	assert_int_equal(request->actor.uid, getuid());
	assert_int_equal(request->time_signed_s, 0);
	assert_int_equal(request->n_changes, 1);
	fake_engine_return(&scene->engine, 0, OK, 5);
	struct answer answer = next_answer(client);
	assert_int_equal(answer.tag, 77);
	assert_int_equal(answer.status, OK);
	assert_int_equal(answer.rcode, 5);
	assert_int_equal(answer.at, 1);
	assert_int_equal(answer.slot, 100);
	client_close(client);
}

/* Answers find their request by its tag, in whatever order they come. */
static void
session_submit__several__answers_by_tag(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);

	for (uint32_t tag = 0; tag < 3; tag++)
		send_change(scene, client, tag);
	fake_engine_wait(&scene->engine, 3);
	fake_engine_return(&scene->engine, 2, OK, 0);
	assert_int_equal(next_answer(client).tag, 2);
	fake_engine_return(&scene->engine, 0, ERR_BUSY, 0);
	struct answer answer = next_answer(client);
	assert_int_equal(answer.tag, 0);
	assert_int_equal(answer.status, ERR_BUSY);
	assert_true(answer.reason.text[0] != '\0');
	fake_engine_return(&scene->engine, 1, OK, 0);
	assert_int_equal(next_answer(client).tag, 1);
	client_close(client);
}

/* Of one client 16 requests are on their way; the rest waits in its socket. */
static void
session_submit__too_many__not_read(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);
	struct client *other = come_in(scene);
	struct message *reply = NULL;
	struct reason reason;

	for (uint32_t tag = 0; tag <= IN_FLIGHT_MAX; tag++)
		send_change(scene, client, tag);
	fake_engine_wait(&scene->engine, IN_FLIGHT_MAX);
	/* another client is served meanwhile */
	assert_int_equal(call(other, "{\"verb\":\"status\"}", &reply,
	    &reason), OK);
	message_destroy(reply);
	assert_int_equal(fake_engine_count(&scene->engine), IN_FLIGHT_MAX);
	fake_engine_return(&scene->engine, 0, OK, 0);
	fake_engine_wait(&scene->engine, IN_FLIGHT_MAX + 1);
	for (size_t i = 1; i <= IN_FLIGHT_MAX; i++)
		fake_engine_return(&scene->engine, i, OK, 0);
	for (size_t i = 0; i <= IN_FLIGHT_MAX; i++)
		(void)next_answer(client);
	client_close(other);
	client_close(client);
}

/* A version, slot 5, in which the change of make_change is there. */
static void
show_change(struct scene *scene)
{
	static const uint8_t owner[] = { 1, '1' };
	static const uint8_t txt[] = { 8, 'o', 'c', 'n', '=', '1', '5', '1',
		'0' };
	const struct record record = { .type = TYPE_TXT, .ttl = 300,
		.rdata = { txt, sizeof txt } };
	struct node node = { .flags = 0 };

	scene->region = aligned_alloc(8, REGION_LEN);
	assert_int_equal(image_create(&scene->image, scene->region,
	    REGION_LEN), OK);
	assert_int_equal(rrsets_build(&scene->arena, &node.rrsets, &record,
	    1), OK);
	image_begin(scene->image);
	assert_int_equal(image_load(scene->image, (struct blob){ owner, 2 },
	    &node), OK);
	scene->engine.version = image_commit(scene->image, 5, 1);
}

/* An offer whose records are there costs no slot. */
static void
take_request__offer_is_there__answered_without_slot(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);

	show_change(scene);
	send_offer(scene, client, 3);
	struct answer answer = next_answer(client);
	assert_int_equal(answer.tag, 3);
	assert_int_equal(answer.status, OK);
	assert_int_equal(answer.rcode, 0);
	assert_int_equal(answer.slot, 5);
	assert_int_equal(answer.n_changed, 0);
	assert_int_equal(fake_engine_count(&scene->engine), 0);
	client_close(client);
}

/* A plain request always gets its slot. */
static void
take_request__no_offer__submitted(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);

	show_change(scene);
	send_change(scene, client, 3);
	fake_engine_wait(&scene->engine, 1);
	fake_engine_return(&scene->engine, 0, OK, 0);
	assert_int_equal(next_answer(client).slot, 100);
	client_close(client);
}

/* What is not there goes to the engine; so does what cannot be looked up. */
static void
take_request__offer_is_not_there__submitted(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);

	send_offer(scene, client, 3);
	fake_engine_wait(&scene->engine, 1);
	fake_engine_return(&scene->engine, 0, OK, 0);
	assert_int_equal(next_answer(client).slot, 100);
	client_close(client);
}

/* While requests are on their way nothing is looked up: they may change it. */
static void
take_request__offer_behind_a_request__submitted(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);

	show_change(scene);
	send_change(scene, client, 1);
	send_offer(scene, client, 2);
	fake_engine_wait(&scene->engine, 2);
	fake_engine_return(&scene->engine, 0, OK, 0);
	fake_engine_return(&scene->engine, 1, OK, 0);
	(void)next_answer(client);
	(void)next_answer(client);
	client_close(client);
}

/* After one that changed nothing an offer waits, to be looked up. */
static void
take_request__offer_after_no_change__waits(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);

	show_change(scene);
	send_change(scene, client, 1);
	send_change(scene, client, 2);
	fake_engine_wait(&scene->engine, 2);
	fake_engine_return(&scene->engine, 0, OK, 0);
	assert_int_equal(next_answer(client).tag, 1);
	send_offer(scene, client, 3);
	fake_engine_return(&scene->engine, 1, OK, 0);
	assert_int_equal(next_answer(client).tag, 2);
	assert_int_equal(next_answer(client).slot, 5);
	assert_int_equal(fake_engine_count(&scene->engine), 2);
	client_close(client);
}

/* A client that goes away: what it handed in is decided, nothing is lost. */
static void
session_close__with_requests_on_their_way__waited_for(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);

	send_change(scene, client, 1);
	send_change(scene, client, 2);
	fake_engine_wait(&scene->engine, 2);
	client_close(client);
	client = come_in(scene);
	send_change(scene, client, 3);
	fake_engine_wait(&scene->engine, 3);
	for (size_t i = 0; i < 3; i++)
		fake_engine_return(&scene->engine, i, OK, 0);
	assert_int_equal(next_answer(client).tag, 3);
	client_close(client);
}

/* A request that is none gets its reason; the client may go on. */
static void
take_request__malformed__said(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3 };
	struct scene *scene = *state;
	struct client *client = come_in(scene);
	struct reason reason;

	assert_int_equal(client_send_request(client, 9, (struct blob){ bytes,
	    sizeof bytes }, &reason), OK);
	struct answer answer = next_answer(client);
	assert_int_equal(answer.tag, 9);
	assert_int_equal(answer.status, ERR_MALFORMED);
	assert_true(answer.reason.text[0] != '\0');
	send_change(scene, client, 10);
	fake_engine_wait(&scene->engine, 1);
	fake_engine_return(&scene->engine, 0, OK, 0);
	assert_int_equal(next_answer(client).tag, 10);
	client_close(client);
}

/* Bytes that are no frame: said once, then the connection ends. */
static void
take_frame__not_the_protocol__closed(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} inputs[] = {
		{ "GET / HTTP/1.1\r\n\r\n", 18 },
		{ "\0\0\0\0\1", 5 },
		{ "\0\0\0\1\7", 5 },       /* END is not a client's */
		{ "\0\0\0\3\1{}x", 8 },    /* a good call, then rubbish */
		{ "\0\0\0\2\1{", 6 },      /* JSON that is none */
		{ "\0\0\0\2\3\0", 6 },     /* a request without its tag */
		{ "\0\x30\0\0\3", 5 },     /* larger than any request */
	};
	struct scene *scene = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char answer[4096];

	memcpy(address.sun_path, scene->settings.control,
	    strlen(scene->settings.control));
	for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		size_t len = 0;
		ssize_t n = 0;
		assert_int_equal(connect(fd, (struct sockaddr *)&address,
		    sizeof address), 0);
		assert_int_equal(send(fd, inputs[i].bytes, inputs[i].len, 0),
		    inputs[i].len);
		(void)shutdown(fd, SHUT_WR);
		while ((n = recv(fd, answer + len, sizeof answer - len, 0)) >
		    0)
			len += (size_t)n;
		close(fd);
		if (len == 0 && i != 3)
			fail_msg("input %zu: nothing is said", i);
	}
	struct client *client = come_in(scene);
	struct message *reply = NULL;
	struct reason reason;
	assert_int_equal(call(client, "{\"verb\":\"status\"}", &reply,
	    &reason), OK);
	message_destroy(reply);
	client_close(client);
}

/* Calls that are refused, in words. */
static void
session_call__bad_arguments__refused(void **state)
{
	struct scene *scene = *state;

	expect_refused(scene, "{}", ERR_UNSUPPORTED,
	    "no such call; is e164ctl of another version than e164d?");
	expect_refused(scene, "{\"verb\":\"fly\"}", ERR_UNSUPPORTED,
	    "no such call; is e164ctl of another version than e164d?");
	expect_refused(scene, "{\"verb\":\"get\"}", ERR_BAD_VALUE,
	    "expected 1 to 64 names");
	expect_refused(scene, "{\"verb\":\"get\",\"names\":[1]}",
	    ERR_BAD_VALUE, "'' is no name of the zone");
	expect_refused(scene, "{\"verb\":\"get\",\"names\":[\"a..b\"]}",
	    ERR_BAD_VALUE, "'a..b' is no name of the zone");
	expect_refused(scene, "{\"verb\":\"get\",\"names\":[\"x.other.\"]}",
	    ERR_BAD_VALUE, "'x.other.' is no name of the zone");
	expect_refused(scene,
	    "{\"verb\":\"get\",\"names\":[\"a._key._registry\"]}",
	    ERR_REFUSED, "the registry keeps that name for itself");
	expect_refused(scene, "{\"verb\":\"walk\",\"top\":\"_registry\"}",
	    ERR_REFUSED, "the registry keeps that name for itself");
	expect_refused(scene, "{\"verb\":\"walk\",\"top\":\"1.w\"}",
	    ERR_REFUSED, "only public names can be walked");
	expect_refused(scene, "{\"verb\":\"key-add\",\"name\":\"a..b\","
	    "\"role\":\"transfer\"}", ERR_BAD_VALUE,
	    "the key's name is no domain name");
	expect_refused(scene, "{\"verb\":\"key-add\",\"name\":\"a\","
	    "\"role\":\"king\"}", ERR_BAD_VALUE,
	    "expected the role authority, carrier or transfer");
	expect_refused(scene, "{\"verb\":\"key-add\",\"name\":\"a\","
	    "\"role\":\"carrier\"}", ERR_BAD_VALUE,
	    "a carrier's key needs an OCN");
	expect_refused(scene, "{\"verb\":\"key-add\",\"name\":\"a\","
	    "\"role\":\"carrier\",\"ocn\":\"abcd\"}", ERR_BAD_VALUE,
	    "an OCN is exactly 4 of 0-9 and A-Z");
	expect_refused(scene, "{\"verb\":\"key-revoke\",\"name\":\"a\"}",
	    ERR_NOT_FOUND, "no key of that name is in force");
	assert_int_equal(fake_engine_count(&scene->engine), 0);
}

/* No version to pin: the job says so and the pin is none. */
static void
job__no_version__busy(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);
	const struct client_sink sink = { .arg = NULL };
	struct message *message = message_create();
	struct reason reason = { "" };

	message_set_text(message, "verb", "export");
	assert_int_equal(client_stream(client, message, &sink, &reason),
	    ERR_BUSY);
	message_destroy(message);
	client_close(client);
}

/* A new key: the sealed secret goes into the request, the clear one out. */
static void
call_key_add__new_key__request_and_file(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);
	struct message *sent = message_create();
	struct message *reply = NULL;
	struct reason reason = { "" };
	struct key_record key;
	struct frame frame;

	message_set_text(sent, "verb", "key-add");
	message_set_text(sent, "name", "acme.key");
	message_set_text(sent, "role", "carrier");
	message_set_text(sent, "ocn", "1510");
	assert_int_equal(client_send_call(client, sent, &reason), OK);
	fake_engine_wait(&scene->engine, 1);
	const struct request *request = &scene->engine.kept[0]->request;
	assert_int_equal(request->n_prereqs, 1);
	assert_int_equal(request->n_changes, 2);
	assert_int_equal(key_decode(&key, request->changes[1].rdata), OK);
	assert_int_equal(key.role, ROLE_CARRIER);
	assert_string_equal(key.ocn, "1510");
	assert_int_equal(key.version, 1);
	fake_engine_return(&scene->engine, 0, OK, 0);
	assert_int_equal(client_next(client, &frame, &reason), OK);
	assert_int_equal(client_reply(&frame, &reply, &reason), OK);
	const char *file = message_text(reply, "file");
	assert_non_null(file);
	assert_ptr_equal(strstr(file, "key \"acme.key\" {\n"), file);
	assert_non_null(strstr(file, "algorithm hmac-sha256;"));
	message_destroy(reply);
	message_destroy(sent);
	client_close(client);
}

/* A refused key is told no secret. */
static void
call_key_add__refused__no_file(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);
	struct message *sent = message_create();
	struct message *reply = NULL;
	struct reason reason = { "" };
	struct frame frame;

	message_set_text(sent, "verb", "key-add");
	message_set_text(sent, "name", "x");
	message_set_text(sent, "role", "transfer");
	assert_int_equal(client_send_call(client, sent, &reason), OK);
	fake_engine_wait(&scene->engine, 1);
	fake_engine_return(&scene->engine, 0, OK, 8);
	assert_int_equal(client_next(client, &frame, &reason), OK);
	assert_null(memmem(frame.payload.data, frame.payload.len, "secret",
	    6));
	assert_int_equal(client_reply(&frame, &reply, &reason), ERR_REFUSED);
	message_destroy(sent);
	client_close(client);
}

/* stop asks the server; the door itself goes on until it is stopped. */
static void
call_stop__asked__handed_on(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);
	struct message *reply = NULL;
	struct reason reason;

	assert_int_equal(call(client, "{\"verb\":\"stop\"}", &reply, &reason),
	    OK);
	message_destroy(reply);
	fake_engine_wait_stop(&scene->engine);
	client_close(client);
}

static void *
stop_door(void *arg)
{
	control_stop(arg);
	return NULL;
}

/* The door ends only when the engine has given everything back. */
static void
control_stop__requests_on_their_way__waits(void **state)
{
	struct scene *scene = *state;
	struct client *client = come_in(scene);
	struct reason reason = { "" };
	struct frame frame;
	pthread_t thread;

	send_change(scene, client, 5);
	fake_engine_wait(&scene->engine, 1);
	assert_int_equal(pthread_create(&thread, NULL, stop_door,
	    scene->door), 0);
	scene->door = NULL;
	fake_engine_return(&scene->engine, 0, OK, 0);
	assert_int_equal(next_answer(client).tag, 5);
	assert_int_equal(client_next(client, &frame, &reason), ERR_CLOSED);
	pthread_join(thread, NULL);
	assert_int_equal(access(scene->settings.control, F_OK), -1);
	client_close(client);
	assert_int_equal(client_connect(&client, scene->settings.control,
	    &reason), ERR_NOT_RUNNING);
}

/* The socket is the owner's; a second door is turned away. */
static void
control_start__socket__mode_and_lock(void **state)
{
	struct scene *scene = *state;
	struct control *second = NULL;
	struct reason reason = { "" };
	struct stat info;

	assert_int_equal(stat(scene->settings.control, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(control_start(&second, &scene->settings,
	    &scene->engine.access, &reason), ERR_LOCKED);
	assert_non_null(strstr(reason.text, "another process answers on"));
	assert_null(second);
}

/* A socket that nobody answers on is replaced; a file is not touched. */
static void
control_start__what_is_there__stale_or_foreign(void **state)
{
	struct scene *scene = *state;
	struct settings settings = scene->settings;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct control *door = NULL;
	struct reason reason = { "" };

	snprintf(settings.control, sizeof settings.control, "%s/stale",
	    scene->dir.path);
	memcpy(address.sun_path, settings.control, strlen(settings.control));
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
	    sizeof address), 0);
	close(fd);
	assert_int_equal(control_start(&door, &settings,
	    &scene->engine.access, &reason), OK);
	control_stop(door);

	FILE *file = fopen(settings.control, "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(control_start(&door, &settings,
	    &scene->engine.access, &reason), ERR_EXISTS);
	assert_non_null(strstr(reason.text, "is no socket"));
	assert_int_equal(access(settings.control, F_OK), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(call_status__keys_and_values),
		TEST(session_submit__lying_client__actor_of_the_socket),
		TEST(session_submit__several__answers_by_tag),
		TEST(session_submit__too_many__not_read),
		TEST(session_close__with_requests_on_their_way__waited_for),
		TEST(take_request__malformed__said),
		TEST(take_request__offer_is_there__answered_without_slot),
		TEST(take_request__no_offer__submitted),
		TEST(take_request__offer_is_not_there__submitted),
		TEST(take_request__offer_behind_a_request__submitted),
		TEST(take_request__offer_after_no_change__waits),
		TEST(take_frame__not_the_protocol__closed),
		TEST(session_call__bad_arguments__refused),
		TEST(job__no_version__busy),
		TEST(call_key_add__new_key__request_and_file),
		TEST(call_key_add__refused__no_file),
		TEST(call_stop__asked__handed_on),
		TEST(control_stop__requests_on_their_way__waits),
		TEST(control_start__socket__mode_and_lock),
		TEST(control_start__what_is_there__stale_or_foreign),
	};
#undef TEST

	if (sec_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
