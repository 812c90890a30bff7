/*
 * `show`: what the registry knows of a number, a block or a name. A number's
 * own records come first, then whois data, the blocks that hold it from the
 * innermost outwards, the pools, the OCN of its holder. Layer 10; one thread.
 */
#include "cmd/tool.h"

#include "base/check.h"
#include "dns/rdata.h"
#include "e164/e164_name.h"
#include "zonefile/rdata_text.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a name is to the thing that is shown. */
enum show_part { PART_SELF, PART_WHOIS, PART_BLOCK, PART_POOL, PART_OCN,
	PART_COUNT };

static const char *const part_names[] = {
	[PART_SELF] = "records",
	[PART_WHOIS] = "whois",
	[PART_BLOCK] = "block",
	[PART_POOL] = "pool",
	[PART_OCN] = "carrier",
};

enum { WANTED_MAX = 64 };

struct wanted {
	struct owner owner;
	enum show_part part;
};

struct shown {
	struct dname apex;
	struct wanted wanted[WANTED_MAX];
	size_t n_wanted;
	char title[NAME_TEXT_MAX];
	char ocn[5];          /* of the holder; "" none seen */
	bool is_number;
	bool has_block;       /* the innermost has been shown */
	unsigned n_found;
	struct message *json; /* NULL: print */
	enum show_part last;       /* heading that was printed */
	bool has_heading;
	char *text;           /* RDATA_TEXT_MAX bytes */
};

static void
want(struct shown *shown, const struct owner *owner, enum show_part part)
{
	ensure(shown->n_wanted < WANTED_MAX);
	shown->wanted[shown->n_wanted++] = (struct wanted){ *owner, part };
}

static void
push(struct owner *owner, const void *label, size_t len)
{
	enum status status = owner_push(owner, label, len);
	ensure(status == OK);
}

/* Owner of prefix digits, below w or not, block or not. */
static struct owner
number_owner(struct tn tn, bool is_whois, bool is_block)
{
	struct owner owner = { .len = 0 };

	if (is_whois)
		push(&owner, "w", 1);
	owner.len = (uint8_t)(owner.len +
	    e164_name_write(owner.bytes + owner.len, tn));
	if (is_block)
		push(&owner, "*", 1);
	return owner;
}

static void
want_number(struct shown *shown, struct tn tn, bool is_block)
{
	char digits[TN_DIGITS_MAX + 1];
	struct owner owner = number_owner(tn, false, is_block);
	unsigned count = tn_count(tn);

	want(shown, &owner, PART_SELF);
	owner = number_owner(tn, true, is_block);
	want(shown, &owner, PART_WHOIS);
	for (unsigned n = count; n > 1; n--) {
		owner = number_owner(tn_prefix(tn, n - 1), false, true);
		want(shown, &owner, PART_BLOCK);
	}
	for (unsigned n = count; n > 0; n--) {
		owner = (struct owner){ .len = 0 };
		size_t len = tn_digits(digits, tn_prefix(tn, n));
		push(&owner, "_pool", 5);
		push(&owner, digits, len);
		want(shown, &owner, PART_POOL);
	}
}

/* Words to what is wanted: a number, a block, else a name of the zone. */
static int
want_text(const struct tool *tool, struct shown *shown, const char *text)
{
	size_t len = strlen(text);
	bool is_block = len > 1 && text[len - 1] == '*';
	struct tn tn;
	struct dname name;
	struct owner owner;

	if (tn_parse(&tn, text, is_block ? len - 1 : len, NULL) == OK) {
		char number[TN_TEXT_MAX];
		shown->is_number = true;
		snprintf(shown->title, sizeof shown->title, "%s%s",
		    tn_format(number, tn), is_block ? "*" : "");
		want_number(shown, tn, is_block);
		return EXIT_DONE;
	}
	if (dname_parse(&name, text, len, &shown->apex) != OK ||
	    owner_from_dname(&owner, &name, &shown->apex) != OK)
		return tool_usage(tool, "'%.100s' is neither a number nor a "
		    "name of the zone", text);
	(void)dname_format(shown->title, sizeof shown->title, &name);
	want(shown, &owner, PART_SELF);
	return EXIT_DONE;
}

/* ------------------------------------------------------------------ output */

static void
show_record(struct shown *shown, enum show_part part, const char *name,
    const struct rrset *rrset, struct blob rdata, bool is_derived)
{
	char type[TYPE_TEXT_MAX];

	(void)type_format(type, rrset->type);
	(void)rdata_format(shown->text, rrset->type, rdata);
	if (shown->json != NULL) {
		struct message *item = message_append(shown->json,
		    part_names[part]);
		message_set_text(item, "name", name);
		message_set_number(item, "ttl", rrset->ttl);
		message_set_text(item, "type", type);
		message_set_text(item, "data", shown->text);
		message_set_flag(item, "derived", is_derived);
		return;
	}
	if (!shown->has_heading || shown->last != part)
		printf("%s\n", part_names[part]);
	shown->has_heading = true;
	shown->last = part;
	printf("  %s %u %s %s%s\n", name, (unsigned)rrset->ttl, type,
	    shown->text, is_derived ? " ; derived" : "");
}

static void
find_ocn(struct shown *shown, const struct rrset *texts)
{
	struct blob rest = texts->rdatas;
	struct blob rdata;

	while (shown->ocn[0] == '\0' && rrset_next_rdata(&rest, &rdata)) {
		if (rdata.len == 9 && memcmp(rdata.data, "\10ocn=", 5) == 0)
			memcpy(shown->ocn, rdata.data + 5, 4);
	}
}

static void
show_node(struct shown *shown, enum show_part part, struct blob owner,
    const struct node *node)
{
	char name[NAME_TEXT_MAX];
	struct blob rest = node->rrsets;
	struct rrset rrset;
	struct blob rdata;
	bool is_derived = (node->flags & NODE_DERIVED) != 0;

	/* a number is in its innermost block; copies of it say nothing new */
	if (part == PART_BLOCK && (is_derived || shown->has_block))
		return;
	shown->has_block = shown->has_block || part == PART_BLOCK;
	shown->n_found += part != PART_POOL;
	(void)owner_format(name, sizeof name, owner, &shown->apex);
	while (rrset_next(&rest, &rrset)) {
		struct blob rdatas = rrset.rdatas;
		if (rrset.type == TYPE_TXT && part != PART_WHOIS)
			find_ocn(shown, &rrset);
		while (rrset_next_rdata(&rdatas, &rdata))
			show_record(shown, part, name, &rrset, rdata,
			    is_derived);
	}
}

static enum status
take_nodes(void *arg, struct blob payload)
{
	struct shown *shown = arg;
	struct reader r = reader_make(payload.data, payload.len);
	struct blob owner;
	struct node node;
	enum status status;

	while ((status = node_read(&r, &owner, &node)) == OK) {
		for (size_t i = 0; i < shown->n_wanted; i++) {
			if (owner_compare(owner,
			    owner_blob(&shown->wanted[i].owner)) == 0)
				show_node(shown, shown->wanted[i].part, owner,
				    &node);
		}
	}
	return status == ERR_NOT_FOUND ? OK : status;
}

/* ------------------------------------------------------------------ asking */

static enum status
ask(struct client *client, struct shown *shown, struct reason *reason)
{
	const struct client_sink sink = { .arg = shown, .data = take_nodes };
	char name[NAME_TEXT_MAX];
	struct message *call = message_create();

	message_set_text(call, "verb", "get");
	for (size_t i = 0; i < shown->n_wanted; i++)
		message_append_text(call, "names", owner_format(name,
		    sizeof name, owner_blob(&shown->wanted[i].owner),
		    &shown->apex));
	enum status status = client_stream(client, call, &sink, reason);
	message_destroy(call);
	return status;
}

/* The holder's OCN and what is known of it. */
static enum status
ask_carrier(struct client *client, struct shown *shown, struct reason *reason)
{
	struct owner owner = { .len = 0 };

	if (!shown->is_number || shown->ocn[0] == '\0')
		return OK;
	if (shown->json != NULL)
		message_set_text(shown->json, "holder", shown->ocn);
	push(&owner, "_ocn", 4);
	push(&owner, shown->ocn, 4);
	shown->n_wanted = 0;
	want(shown, &owner, PART_OCN);
	return ask(client, shown, reason);
}

static int
show_text(const struct tool *tool, struct shown *shown, const char *text)
{
	struct client *client = NULL;
	struct reason reason = { "" };
	uint32_t serial = 0;

	enum status status = tool_zone(tool, &shown->apex, &serial, &reason);
	if (status != OK)
		return tool_fail(status, &reason);
	int code = want_text(tool, shown, text);
	if (code != EXIT_DONE)
		return code;
	if (shown->json != NULL) {
		message_set_text(shown->json, shown->is_number ? "number" :
		    "name", shown->title);
		for (unsigned i = 0; i < PART_COUNT; i++)
			message_set_list(shown->json, part_names[i]);
	} else {
		puts(shown->title);
	}
	status = tool_connect(tool, &client, &reason);
	if (status == OK)
		status = ask(client, shown, &reason);
	if (status == OK)
		status = ask_carrier(client, shown, &reason);
	client_close(client);
	if (status != OK)
		return tool_fail(status, &reason);
	if (shown->json != NULL)
		message_print(shown->json, stdout);
	if (shown->n_found > 0)
		return EXIT_DONE;
	fprintf(stderr, "e164ctl: nothing is known of %s\n", shown->title);
	return EXIT_REFUSED;
}

int
run_show(const struct tool *tool)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	static struct shown shown;
	bool is_json = false;
	int n_rest = 0;
	int opt;

	while ((opt = tool_option(tool, long_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		is_json = true;
	}
	char **rest = tool_rest(tool, &n_rest);
	if (n_rest != 1)
		return tool_usage(tool, "expected one number, block or name");
	shown.text = malloc(RDATA_TEXT_MAX);
	if (shown.text == NULL)
		return tool_fail(ERR_FULL, NULL);
	if (is_json)
		shown.json = message_create();
	int code = show_text(tool, &shown, rest[0]);
	message_destroy(shown.json);
	free(shown.text);
	return code;
}
