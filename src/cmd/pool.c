/*
 * `pool open`, `pool close`, `pool list`. Layer 10; one thread.
 */
#include "cmd/tool.h"

#include "base/check.h"
#include "dns/rdata.h"
#include "e164/tn.h"
#include "registry/cause.h"
#include "sec/sec.h"
#include "zonefile/row.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const uint8_t pool_is_open[] = "\11pool=open";

/* <prefix>._pool */
static struct owner
pool_owner(struct tn prefix)
{
	char digits[TN_DIGITS_MAX + 1];
	struct owner owner = { .len = 0 };

	size_t n = tn_digits(digits, prefix);
	enum status status = owner_push(&owner, "_pool", 5);
	ensure(status == OK);
	status = owner_push(&owner, digits, n);
	ensure(status == OK);
	return owner;
}

/* Send one request and wait for what becomes of it. @param prereq or NULL. */
static enum status
send_change(const struct tool *tool, const struct request_rr *prereq,
    const struct request_rr *rr, struct answer *answer, struct reason *reason)
{
	struct request request = { .door = DOOR_CONTROL, .changes = rr,
		.n_changes = 1, .prereqs = prereq,
		.n_prereqs = prereq != NULL };
	struct client *client = NULL;
	struct arena arena;
	struct blob bytes;
	struct frame frame;

	request.actor.role = ROLE_AUTHORITY;
	sec_random(request.id.bytes, sizeof request.id.bytes);
	arena_init(&arena);
	enum status status = request_encode(&arena, &bytes, &request);
	if (status == OK)
		status = tool_connect(tool, &client, reason);
	if (status == OK)
		status = client_send_request(client, 0, bytes, reason);
	if (status == OK)
		status = client_next(client, &frame, reason);
	if (status == OK && frame.kind == FRAME_REPLY) {
		struct message *message = NULL;
		status = client_reply(&frame, &message, reason);
		message_destroy(message);
	}
	if (status == OK)
		status = frame.kind == FRAME_OUTCOME ?
		    answer_read(answer, frame.payload) : ERR_MALFORMED;
	client_close(client);
	arena_fini(&arena);
	return status;
}

static int
change_pool(const struct tool *tool, uint16_t rclass, uint32_t ttl)
{
	static const struct option no_options[] = { { NULL, 0, NULL, 0 } };
	struct reason reason = { "" };
	struct answer answer;
	struct tn prefix;
	int n_rest = 0;

	if (tool_option(tool, no_options) != -1)
		return EXIT_USAGE;
	char **rest = tool_rest(tool, &n_rest);
	if (n_rest != 1)
		return tool_usage(tool, "expected one prefix");
	size_t len = strlen(rest[0]);
	if (len > 0 && rest[0][len - 1] == '*')
		len--;
	if (tn_parse(&prefix, rest[0], len, &reason) != OK)
		return tool_usage(tool, "'%.40s' is no prefix of 1 to 15 "
		    "digits", rest[0]);
	const struct owner owner = pool_owner(prefix);
	const struct request_rr rr = {
		.owner = owner_blob(&owner),
		.type = TYPE_TXT,
		.rclass = rclass,
		.ttl = ttl,
		.rdata = { pool_is_open, sizeof pool_is_open - 1 },
	};
	/* to close: RFC 2136 2.4.2, the pool is open */
	struct request_rr is_open = rr;
	is_open.rclass = CLASS_IN;
	is_open.ttl = 0;
	enum status status = send_change(tool, rclass == CLASS_NONE ?
	    &is_open : NULL, &rr, &answer, &reason);
	if (status == OK)
		status = answer.status;
	if (status != OK)
		return tool_fail(status, reason.text[0] != '\0' ? &reason :
		    &answer.reason);
	if (answer.rcode == 0)
		return EXIT_DONE;
	if (answer.cause == CAUSE_PREREQ_RRSET_MISSING) {
		fprintf(stderr, "e164ctl: no pool %s is open\n", rest[0]);
		return EXIT_REFUSED;
	}
	reason_set(&reason, "refused: %s [%s]", answer.reason.text[0] != '\0' ?
	    answer.reason.text : cause_text((enum cause)answer.cause),
	    cause_id((enum cause)answer.cause));
	return tool_fail(ERR_REFUSED, &reason);
}

int
run_pool_open(const struct tool *tool)
{
	return change_pool(tool, CLASS_IN, ROW_TTL_OCN);
}

int
run_pool_close(const struct tool *tool)
{
	return change_pool(tool, CLASS_NONE, 0);
}

struct pool_list {
	struct message *json; /* NULL: print */
};

/* A name below _pool whose TXT says that it is open. */
static void
take_pool(struct pool_list *list, struct blob owner, const struct node *node)
{
	char prefix[LABEL_MAX + 1];
	struct rrset texts;
	struct blob rdata;

	if (owner.len <= 6 || owner_labels(owner) != 2 ||
	    !rrset_find(node->rrsets, TYPE_TXT, &texts))
		return;
	struct blob label = owner_last_label(owner);
	memcpy(prefix, label.data, label.len);
	prefix[label.len] = '\0';
	while (rrset_next_rdata(&texts.rdatas, &rdata)) {
		if (rdata.len != sizeof pool_is_open - 1 ||
		    memcmp(rdata.data, pool_is_open, rdata.len) != 0)
			continue;
		if (list->json != NULL)
			message_append_text(list->json, "pools", prefix);
		else
			puts(prefix);
	}
}

static enum status
take_pools(void *arg, struct blob payload)
{
	struct reader r = reader_make(payload.data, payload.len);
	struct blob owner;
	struct node node;
	enum status status;

	while ((status = node_read(&r, &owner, &node)) == OK)
		take_pool(arg, owner, &node);
	return status == ERR_NOT_FOUND ? OK : status;
}

int
run_pool_list(const struct tool *tool)
{
	struct pool_list list = { .json = NULL };
	const struct client_sink sink = { .arg = &list, .data = take_pools };
	struct client *client = NULL;
	struct reason reason = { "" };
	bool is_json = false;

	if (!tool_is_plain(tool, "json", &is_json))
		return EXIT_USAGE;
	if (is_json) {
		list.json = message_create();
		message_set_list(list.json, "pools");
	}
	struct message *call = message_create();
	message_set_text(call, "verb", "walk");
	message_set_text(call, "top", "_pool");
	enum status status = tool_connect(tool, &client, &reason);
	if (status == OK)
		status = client_stream(client, call, &sink, &reason);
	if (status == OK && is_json)
		message_print(list.json, stdout);
	client_close(client);
	message_destroy(call);
	message_destroy(list.json);
	return status == OK ? EXIT_DONE : tool_fail(status, &reason);
}
