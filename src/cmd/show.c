/*
 * `show`: what the registry knows of a number, a block or a name. A number's
 * own records come first, then whois data, the block that begins with it, the
 * innermost block around it, the pools, the OCN of its holder. Layer 10; one
 * thread.
 */
#include "cmd/remote.h"
#include "cmd/shown.h"
#include "cmd/tool.h"

#include "base/check.h"
#include "e164/e164_name.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { WANTED_MAX = 64 };

/* What is asked for, and what it is to the thing that is shown. */
struct wanted {
	struct owner owner;
	enum shown_part part;
};

struct question {
	struct shown shown;
	struct wanted wanted[WANTED_MAX];
	size_t n_wanted;
};

static void
want(struct question *question, const struct owner *owner,
    enum shown_part part)
{
	ensure(question->n_wanted < WANTED_MAX);
	question->wanted[question->n_wanted++] = (struct wanted){ *owner,
		part };
}

static void
push(struct owner *owner, const void *label, size_t len)
{
	enum status status = owner_push(owner, label, len);
	ensure(status == OK);
}

/* Owner of a number at top: "" or "w". */
static struct owner
number_owner(const char *top, struct tn tn)
{
	struct owner owner = { .len = 0 };

	if (top[0] != '\0')
		push(&owner, top, strlen(top));
	owner.len = (uint8_t)(owner.len +
	    e164_name_write(owner.bytes + owner.len, tn));
	return owner;
}

static struct owner
block_owner(const char *top, struct tn tn)
{
	struct owner owner = number_owner(top, tn);

	push(&owner, "*", 1);
	return owner;
}

static void
want_around(struct question *question, struct tn tn)
{
	char digits[TN_DIGITS_MAX + 1];
	unsigned count = tn_count(tn);

	for (unsigned n = count; n > 1; n--) {
		struct owner owner = block_owner("", tn_prefix(tn, n - 1));
		want(question, &owner, PART_AROUND);
		owner = number_owner("", tn_prefix(tn, n - 1));
		want(question, &owner, PART_ABOVE);
	}
	for (unsigned n = count; n > 0; n--) {
		struct owner owner = { .len = 0 };
		size_t len = tn_digits(digits, tn_prefix(tn, n));
		push(&owner, "_pool", 5);
		push(&owner, digits, len);
		want(question, &owner, PART_POOL);
	}
}

static void
name_it(struct question *question, const struct owner *owner)
{
	(void)owner_format(question->shown.name, sizeof question->shown.name,
	    owner_blob(owner), &question->shown.apex);
}

static void
want_number(struct question *question, struct tn tn)
{
	struct owner owner = number_owner("", tn);

	question->shown.is_number = true;
	(void)tn_format(question->shown.title, tn);
	name_it(question, &owner);
	want(question, &owner, PART_SELF);
	owner = number_owner("w", tn);
	want(question, &owner, PART_WHOIS);
	owner = block_owner("", tn);
	want(question, &owner, PART_BELOW);
	want_around(question, tn);
}

static void
want_block(struct question *question, struct tn tn)
{
	char number[TN_TEXT_MAX];
	struct owner owner = block_owner("", tn);

	question->shown.is_number = true;
	snprintf(question->shown.title, sizeof question->shown.title, "%s*",
	    tn_format(number, tn));
	name_it(question, &owner);
	want(question, &owner, PART_SELF);
	owner = block_owner("w", tn);
	want(question, &owner, PART_WHOIS);
	want_around(question, tn);
}

/* A name of the zone; those of numbers and blocks are shown as such. */
static void
want_name(struct question *question, const struct owner *owner)
{
	struct tn tn;
	size_t len = e164_name_read(&tn, owner->bytes, owner->len);

	if (len > 0 && len == owner->len) {
		want_number(question, tn);
		return;
	}
	if (len > 0 && len + 2 == owner->len &&
	    memcmp(owner->bytes + len, "\1*", 2) == 0) {
		want_block(question, tn);
		return;
	}
	(void)owner_format(question->shown.title,
	    sizeof question->shown.title, owner_blob(owner),
	    &question->shown.apex);
	want(question, owner, PART_SELF);
}

/* Words to what is wanted: a number, a block, else a name of the zone. */
static int
want_text(const struct tool *tool, struct question *question, const char *text)
{
	size_t len = strlen(text);
	bool is_block = len > 1 && text[len - 1] == '*';
	struct reason reason = { "" };
	struct tn tn;
	struct dname name;
	struct owner owner = { .len = 0 };

	if (tn_parse(&tn, text, is_block ? len - 1 : len, &reason) == OK) {
		if (is_block)
			want_block(question, tn);
		else
			want_number(question, tn);
		return EXIT_DONE;
	}
	if (len > 0 && strspn(text, "+0123456789 -()*") == len)
		return tool_usage(tool, "'%.100s': %s", text, reason.text);
	if (strcmp(text, "@") != 0 &&
	    (dname_parse(&name, text, len, &question->shown.apex) != OK ||
	    owner_from_dname(&owner, &name, &question->shown.apex) != OK))
		return tool_usage(tool, "'%.100s' is neither a number nor a "
		    "name of the zone", text);
	want_name(question, &owner);
	return EXIT_DONE;
}

/* ------------------------------------------------------------------ asking */

static enum status
take_nodes(void *arg, struct blob payload)
{
	struct question *question = arg;
	struct reader r = reader_make(payload.data, payload.len);
	struct blob owner;
	struct node node;
	enum status status;

	while ((status = node_read(&r, &owner, &node)) == OK) {
		for (size_t i = 0; i < question->n_wanted; i++) {
			if (owner_compare(owner,
			    owner_blob(&question->wanted[i].owner)) == 0)
				shown_add(&question->shown,
				    question->wanted[i].part, owner, &node);
		}
	}
	return status == ERR_NOT_FOUND ? OK : status;
}

static enum status
ask(struct client *client, struct question *question, struct reason *reason)
{
	const struct client_sink sink = { .arg = question,
		.data = take_nodes };
	char name[NAME_TEXT_MAX];
	struct message *call = message_create();

	message_set_text(call, "verb", "get");
	for (size_t i = 0; i < question->n_wanted; i++)
		message_append_text(call, "names", owner_format(name,
		    sizeof name, owner_blob(&question->wanted[i].owner),
		    &question->shown.apex));
	enum status status = client_stream(client, call, &sink, reason);
	message_destroy(call);
	return status;
}

/* What is known of the holder. */
static enum status
ask_carrier(struct client *client, struct question *question,
    struct reason *reason)
{
	struct owner owner = { .len = 0 };

	if (!question->shown.is_number || question->shown.ocn[0] == '\0')
		return OK;
	push(&owner, "_ocn", 4);
	push(&owner, question->shown.ocn, 4);
	question->n_wanted = 0;
	want(question, &owner, PART_OCN);
	return ask(client, question, reason);
}

static int
show_text(const struct tool *tool, struct question *question, const char *text)
{
	struct client *client = NULL;
	struct reason reason = { "" };

	enum status status = tool_zone(tool, &question->shown.apex,
	    &question->shown.serial, &reason);
	if (status != OK)
		return tool_fail(status, &reason);
	int code = want_text(tool, question, text);
	if (code != EXIT_DONE)
		return code;
	shown_begin(&question->shown);
	status = tool_connect(tool, &client, &reason);
	if (status == OK)
		status = ask(client, question, &reason);
	if (status == OK)
		status = ask_carrier(client, question, &reason);
	client_close(client);
	if (status != OK)
		return tool_fail(status, &reason);
	if (shown_print(&question->shown))
		return EXIT_DONE;
	fprintf(stderr, "e164ctl: nothing is known of %s\n",
	    question->shown.title);
	return EXIT_REFUSED;
}

int
run_show(const struct tool *tool)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	static struct question question;
	bool is_json = false;
	int n_rest = 0;
	int opt;

	if (tool->server != NULL)
		return run_remote_show(tool);
	while ((opt = tool_option(tool, long_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		is_json = true;
	}
	char **rest = tool_rest(tool, &n_rest);
	if (n_rest != 1)
		return tool_usage(tool, "expected one number, block or name");
	int code = EXIT_REFUSED;
	enum status status = shown_init(&question.shown,
	    is_json ? SHOWN_JSON : SHOWN_TEXT);
	if (status == OK)
		code = show_text(tool, &question, rest[0]);
	else
		code = tool_fail(status, NULL);
	shown_fini(&question.shown);
	return code;
}
