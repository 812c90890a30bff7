/*
 * UPDATE messages as the door reads them: a request that can be sent on and
 * comes back as it was, or a refusal with words; either way an answer that is
 * a message.
 */
#include "fuzz/fuzz.h"

#include "dns/message.h"
#include "update/update.h"

/* The request survives its encoding, so nothing in it is malformed. */
static void
check_request(struct arena *arena, struct request *request)
{
	struct request again;
	struct blob bytes = { 0 };
	struct reason reason = { "" };

	request->door = DOOR_UPDATE;
	FUZZ_CHECK(request_encode(arena, &bytes, request) == OK);
	FUZZ_CHECK(request_decode(arena, &again, bytes, &reason) == OK);
	FUZZ_CHECK(again.n_prereqs == request->n_prereqs);
	FUZZ_CHECK(again.n_changes == request->n_changes);
}

static void
check_reply(const struct message *m, uint16_t rcode, const char *words)
{
	uint8_t out[UPDATE_REPLY_MAX];
	struct message reply;

	size_t len = update_reply(m, rcode, words, out, sizeof out, 700);
	FUZZ_CHECK(len >= MESSAGE_HEADER && len <= sizeof out - 700);
	enum status status = message_parse(&reply, out, len);
	FUZZ_CHECK(status == OK || reply.counts[SECTION_QUESTION] == 0);
	FUZZ_CHECK(reply.id == m->id && (reply.flags & FLAG_QR) != 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct dname apex = { 14, "\4e164\7example" };
	struct update_refusal refusal = { .cause = CAUSE_NONE };
	struct request request = { 0 };
	struct message m;
	struct arena arena;

	if (len < MESSAGE_HEADER || len > MESSAGE_MAX)
		return 0;
	arena_init(&arena);
	if (message_parse(&m, data, len) != OK) {
		check_reply(&m, 1, "");
	} else if (update_read(&arena, &request, &m, &apex, &refusal) == OK) {
		check_request(&arena, &request);
		check_reply(&m, 0, "");
	} else {
		FUZZ_CHECK(refusal.reason.text[0] != '\0');
		FUZZ_CHECK(cause_rcode(refusal.cause) != 0);
		check_reply(&m, cause_rcode(refusal.cause),
		    refusal.reason.text);
	}
	arena_fini(&arena);
	return 0;
}
