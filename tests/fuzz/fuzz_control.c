/*
 * The control socket, from both sides. The first byte chooses: 0 frames as they
 * come from a client or a server, and what is in each; 1 an OUTCOME; 2 DATA; 3
 * a JSON object; 4 a text of anybody that the server puts into one. What is
 * taken is the one encoding of what it says; of JSON, is read again as the same.
 */
#include "fuzz/fuzz.h"

#include "control/frame.h"
#include "control/message.h"
#include "registry/request.h"

#include <string.h>

static void
try_outcome(struct blob payload)
{
	static uint8_t again[ANSWER_MAX];
	static struct answer answer;
	struct writer w = writer_make(again, sizeof again);

	if (answer_read(&answer, payload) != OK)
		return;
	FUZZ_CHECK(answer.status <= 0 && status_text(answer.status) != NULL);
	answer_write(&w, &answer);
	/* but for texts: without control characters, and cut */
	FUZZ_CHECK(writer_len(&w) <= payload.len);
	FUZZ_CHECK(memcmp(again, payload.data, 26) == 0);
	FUZZ_CHECK(answer_read(&answer,
		       (struct blob){ again, writer_len(&w) }) == OK);
}

static void
try_data(struct blob payload)
{
	struct reader r = reader_make(payload.data, payload.len);
	struct blob owner;
	struct node node;
	size_t at = 0;
	enum status status = node_read(&r, &owner, &node);

	while (status == OK) {
		size_t len = node_len(owner, &node);
		uint8_t *again = malloc(len);
		struct writer w = writer_make(again, len);
		FUZZ_CHECK(again != NULL && len <= payload.len - at);
		node_write(&w, owner, &node);
		FUZZ_CHECK(!w.bad && memcmp(again, payload.data + at, len) ==
		    0);
		free(again);
		at += len;
		status = node_read(&r, &owner, &node);
	}
	FUZZ_CHECK(status == ERR_MALFORMED || at == payload.len);
}

/* What calls look for in an object. */
static void
look_into(const struct message *message)
{
	static const char *const keys[] = { "verb", "names", "top", "whois",
		"name", "role", "ocn", "error", "status" };
	uint64_t number = 0;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		const char *text = message_text(message, keys[i]);
		size_t n = message_count(message, keys[i]);
		FUZZ_CHECK(text == NULL || n == 0);
		for (size_t k = 0; k <= n; k++)
			(void)message_item(message, keys[i], k);
		FUZZ_CHECK(message_item(message, keys[i], n) == NULL);
		if (message_number(message, keys[i], &number))
			FUZZ_CHECK(text == NULL && number <= INT64_MAX);
		(void)message_flag(message, keys[i]);
	}
}

static void
try_object(struct blob text)
{
	struct message *message = NULL;
	struct message *again = NULL;
	struct reason reason = { "" };
	size_t len = 0;
	size_t again_len = 0;

	if (message_decode(&message, text, &reason) != OK) {
		FUZZ_CHECK(reason.text[0] != '\0');
		return;
	}
	look_into(message);
	char *encoded = message_encode(message, &len);
	FUZZ_CHECK(message_decode(&again, (struct blob){ (uint8_t *)encoded,
		       len }, &reason) == OK);
	char *twice = message_encode(again, &again_len);
	FUZZ_CHECK(len == again_len && memcmp(encoded, twice, len) == 0);
	free(twice);
	free(encoded);
	message_destroy(again);
	message_destroy(message);
}

/* A text that an answer gives back, be it UTF-8 or not. */
static void
try_text(struct blob bytes)
{
	struct message *message = message_create();
	char *text = malloc(bytes.len + 1);
	FILE *out = fopen("/dev/null", "w");
	size_t len = 0;

	FUZZ_CHECK(text != NULL && out != NULL);
	if (bytes.len > 0)
		memcpy(text, bytes.data, bytes.len);
	text[bytes.len] = '\0';
	message_set_text(message, "error", text);
	message_set_number(message, "status", UINT64_MAX);
	message_set_flag(message, "whois", true);
	message_set_nothing(message, "ocn");
	message_set_list(message, "names");
	message_append_text(message, "names", text);
	message_append_text(message, "found", text);
	message_set_text(message_append(message, "keys"), "name", text);
	message_print(message, out);
	char *encoded = message_encode(message, &len);
	try_object((struct blob){ (uint8_t *)encoded, len });
	/* a '?' for each byte that is no UTF-8 */
	FUZZ_CHECK(strlen(message_text(message, "error")) == strlen(text));
	FUZZ_CHECK(message_count(message, "names") == 1);
	free(encoded);
	fclose(out);
	free(text);
	message_destroy(message);
}

static void
try_request(struct blob payload)
{
	struct reader r = reader_make(payload.data, payload.len);
	struct reason reason = { "" };
	struct request request;
	struct arena arena;

	(void)read_u32(&r);
	if (r.bad)
		return;
	arena_init(&arena);
	struct blob bytes = { r.pos, reader_left(&r) };
	FUZZ_CHECK(request_decode(&arena, &request, bytes, &reason) == OK ||
	    reason.text[0] != '\0');
	arena_fini(&arena);
}

static void
try_frame(const struct frame *frame)
{
	switch (frame->kind) {
	case FRAME_CALL:
	case FRAME_REPLY:
	case FRAME_END:
		try_object(frame->payload);
		break;
	case FRAME_REQUEST:
	case FRAME_OFFER:
		try_request(frame->payload);
		break;
	case FRAME_OUTCOME:
		try_outcome(frame->payload);
		break;
	case FRAME_DATA:
		try_data(frame->payload);
		break;
	case FRAME_PROGRESS:
		break;
	}
}

static void
try_frames(struct blob data)
{
	struct frame frame;
	uint8_t head[FRAME_HEAD];
	size_t used = 0;

	while (frame_parse(&frame, data, FRAME_REQUEST_MAX, &used) == OK &&
	    used > 0) {
		FUZZ_CHECK(used <= data.len &&
		    used == FRAME_HEAD + frame.payload.len);
		frame_head(head, frame.kind, frame.payload.len);
		FUZZ_CHECK(memcmp(head, data.data, FRAME_HEAD) == 0);
		/* a byte less is not enough, and not refused */
		struct blob less = { data.data, used - 1 };
		FUZZ_CHECK(frame_parse(&frame, less, FRAME_REQUEST_MAX,
			       &used) == OK && used == 0);
		FUZZ_CHECK(frame_parse(&frame, data, FRAME_REQUEST_MAX,
			       &used) == OK);
		try_frame(&frame);
		data.data += used;
		data.len -= used;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len < 1)
		return 0;
	struct blob rest = { data + 1, len - 1 };
	switch (data[0]) {
	case 0:
		try_frames(rest);
		break;
	case 1:
		try_outcome(rest);
		break;
	case 2:
		try_data(rest);
		break;
	case 3:
		try_object(rest);
		break;
	case 4:
		try_text(rest);
		break;
	default:
		break;
	}
	return 0;
}
