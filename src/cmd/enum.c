/*
 * `enum`: what Kamailio, Asterisk and FreeSWITCH would dial for a number. The
 * records come by DNS, as they come to those servers. Layer 10; one thread.
 */
#include "cmd/dialled.h"
#include "cmd/lookup.h"
#include "cmd/terminal.h"
#include "cmd/tool.h"

#include "dns/rcode.h"
#include "dns/rdata.h"
#include "e164/e164_name.h"
#include "zonefile/rdata_text.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct asked {
	struct tn number;
	struct dname zone;
	struct net_address server;
	char server_text[NET_ADDRESS_TEXT];
	char number_text[TN_TEXT_MAX];
	struct lookup lookup;
	struct dialled dialled;
	char text[RDATA_TEXT_MAX]; /* of one record */
};

/* -------------------------------------------------------------- for people */

static void
put(const struct terminal *terminal, const char *text)
{
	fputs(text, terminal->out);
}

static void
print_reader(const struct terminal *terminal, const struct dialled *dialled,
    enum enum_reader reader)
{
	const struct enum_reading *reading;

	fprintf(terminal->out, "%-12s", enum_reader_name(reader));
	for (size_t i = 0; (reading = dialled_reading(dialled, reader, i)) !=
	    NULL; i++) {
		if (i > 0)
			fprintf(terminal->out, "\n%12sthen ", "");
		terminal_put(terminal, STYLE_VALUE,
		    reading->uri + reading->scheme_len);
	}
	if (dialled->choices[reader].n == 0)
		terminal_put(terminal, STYLE_WARNING, "nothing");
	if (!dialled->choices[reader].is_sure)
		terminal_put(terminal, STYLE_WARNING, " (not sure)");
	put(terminal, "\n");
}

/* "used by A, B; not for C" and whoever has a trouble, a line each. */
static void
print_use(const struct terminal *terminal, const struct dialled *dialled,
    size_t i)
{
	static const char *const words[] = {
		[STEP_TAKE] = "used by ",
		[STEP_PASS] = "not for ",
	};
	const char *gap = "    ";

	for (int step = STEP_TAKE; step <= STEP_PASS; step++) {
		const char *lead = words[step];
		for (int r = 0; r < READER_COUNT; r++) {
			if ((int)dialled->readings[r][i].step != step)
				continue;
			fprintf(terminal->out, "%s%s%s", gap, lead,
			    enum_reader_name((enum enum_reader)r));
			gap = "";
			lead = ", ";
		}
		if (gap[0] == '\0')
			gap = "; ";
	}
	if (gap[0] == ';')
		put(terminal, "\n");
}

static void
print_troubles(const struct terminal *terminal, const struct dialled *dialled,
    size_t i)
{
	static const char *const words[] = {
		[STEP_FAIL] = "cannot use it",
		[STEP_END] = "gives up here",
		[STEP_UNSURE] = "cannot be foretold",
	};

	for (int r = 0; r < READER_COUNT; r++) {
		const struct enum_reading *reading = &dialled->readings[r][i];
		if (reading->step == STEP_TAKE || reading->step == STEP_PASS)
			continue;
		put(terminal, "    ");
		terminal_put(terminal, STYLE_WARNING,
		    enum_reader_name((enum enum_reader)r));
		fprintf(terminal->out, " %s: ", words[reading->step]);
		terminal_plain(terminal, reading->reason.text);
		put(terminal, "\n");
	}
}

static void
print_warning(void *arg, const char *text)
{
	const struct terminal *terminal = arg;

	terminal_put(terminal, STYLE_WARNING, "warning: ");
	terminal_plain(terminal, text);
	put(terminal, "\n");
}

static void
print_people(struct asked *asked)
{
	struct terminal terminal = terminal_of(stdout);
	const struct dialled *dialled = &asked->dialled;

	terminal_put(&terminal, STYLE_TITLE, asked->number_text);
	printf(", %zu NAPTR record%s from %s\n\n", dialled->n,
	    dialled->n == 1 ? "" : "s", asked->server_text);
	for (int r = 0; r < READER_COUNT; r++)
		print_reader(&terminal, dialled, (enum enum_reader)r);
	putchar('\n');
	for (size_t i = 0; i < dialled->n; i++) {
		(void)rdata_format(asked->text, TYPE_NAPTR,
		    dialled->rdatas[i]);
		printf("  ");
		terminal_plain(&terminal, asked->text);
		putchar('\n');
		print_use(&terminal, dialled, i);
		print_troubles(&terminal, dialled, i);
	}
	dialled_warn(dialled, print_warning, &terminal);
}

/* ----------------------------------------------------------------- as JSON */

static const char *const reader_keys[] = {
	[READER_KAMAILIO] = "kamailio",
	[READER_ASTERISK] = "asterisk",
	[READER_FREESWITCH] = "freeswitch",
};

static void
add_warning(void *arg, const char *text)
{
	message_append_text(arg, "warnings", text);
}

static void
add_reader(struct message *json, const struct dialled *dialled,
    enum enum_reader reader)
{
	const struct enum_reading *reading;
	struct message *item = message_append(json, "readers");

	message_set_text(item, "reader", reader_keys[reader]);
	message_set_flag(item, "sure", dialled->choices[reader].is_sure);
	message_set_list(item, "dials");
	for (size_t i = 0; (reading = dialled_reading(dialled, reader, i)) !=
	    NULL; i++)
		message_append_text(item, "dials",
		    reading->uri + reading->scheme_len);
}

static void
add_record(struct message *json, struct asked *asked, size_t i)
{
	static const char *const words[] = {
		[STEP_TAKE] = "used",
		[STEP_PASS] = "not for it",
		[STEP_FAIL] = "cannot use it",
		[STEP_END] = "gives up",
		[STEP_UNSURE] = "not known",
	};
	const struct dialled *dialled = &asked->dialled;
	struct message *item = message_append(json, "records");

	(void)rdata_format(asked->text, TYPE_NAPTR, dialled->rdatas[i]);
	message_set_text(item, "data", asked->text);
	for (int r = 0; r < READER_COUNT; r++)
		message_set_text(item, reader_keys[r],
		    words[dialled->readings[r][i].step]);
}

static void
print_json(struct asked *asked)
{
	const struct dialled *dialled = &asked->dialled;
	struct message *json = message_create();

	message_set_text(json, "number", asked->number_text);
	message_set_text(json, "server", asked->server_text);
	message_set_flag(json, "agree", dialled_agree(dialled));
	message_set_list(json, "readers");
	message_set_list(json, "records");
	message_set_list(json, "warnings");
	for (int r = 0; r < READER_COUNT; r++)
		add_reader(json, dialled, (enum enum_reader)r);
	for (size_t i = 0; i < dialled->n; i++)
		add_record(json, asked, i);
	dialled_warn(dialled, add_warning, json);
	message_print(json, stdout);
	message_destroy(json);
}

/* ------------------------------------------------------------------ asking */

/* @return OK; ERR_NOT_FOUND and others with reason. */
static enum status
ask(struct asked *asked, struct reason *reason)
{
	struct owner owner = { .len = 0 };
	struct dname name;
	struct lookup *lookup = &asked->lookup;

	owner.len = (uint8_t)e164_name_write(owner.bytes, asked->number);
	if (owner_to_dname(&name, owner_blob(&owner), &asked->zone) != OK) {
		reason_set(reason, "the zone's name is too long for numbers");
		return ERR_TOO_LONG;
	}
	enum status status = lookup_ask(lookup, &asked->server, &name,
	    TYPE_NAPTR, reason);
	if (status != OK)
		return status;
	if (lookup->rcode != RCODE_NOERROR &&
	    lookup->rcode != RCODE_NXDOMAIN) {
		const char *word = rcode_mnemonic(lookup->rcode);
		reason_set(reason, "%s answers %s", asked->server_text,
		    word != NULL ? word : "an error");
		return ERR_REFUSED;
	}
	if (lookup->n == 0) {
		reason_set(reason, "%s has no NAPTR records at %s: nothing to "
		    "dial", asked->number_text, asked->server_text);
		return ERR_NOT_FOUND;
	}
	return dialled_make(&asked->dialled, asked->number, name.len,
	    lookup->rdatas, lookup->n);
}

/* The zone of the registrar that runs, unless it was given. */
static enum status
find_zone(const struct tool *tool, struct asked *asked, const char *zone,
    struct reason *reason)
{
	uint32_t serial;

	if (zone == NULL)
		return tool_zone(tool, &asked->zone, &serial, reason);
	if (dname_parse(&asked->zone, zone, strlen(zone), NULL) == OK)
		return OK;
	reason_set(reason, "'%.100s' is no name of a zone", zone);
	return ERR_BAD_VALUE;
}

static enum status
find_server(const struct tool *tool, struct asked *asked, const char *server,
    struct reason *reason)
{
	enum status status = OK;

	if (server != NULL)
		status = net_address_parse(&asked->server, server, reason);
	else
		asked->server = tool->settings->dns[0];
	if (status == OK)
		net_address_format(asked->server_text,
		    sizeof asked->server_text, &asked->server);
	return status;
}

/* @return -1: go on; else the exit code. */
static int
take_arguments(const struct tool *tool, struct asked *asked, bool *is_json,
    struct reason *reason)
{
	static const struct option long_options[] = {
		{ "server", required_argument, NULL, 's' },
		{ "zone", required_argument, NULL, 'z' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	const char *server = NULL;
	const char *zone = NULL;
	int n_rest = 0;
	int opt;

	while ((opt = tool_option(tool, long_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		if (opt == 's')
			server = optarg;
		else if (opt == 'z')
			zone = optarg;
		else
			*is_json = true;
	}
	char **rest = tool_rest(tool, &n_rest);
	if (n_rest != 1)
		return tool_usage(tool, "expected one number");
	if (tn_parse(&asked->number, rest[0], strlen(rest[0]), reason) != OK)
		return tool_usage(tool, "'%.100s': %s", rest[0],
		    reason->text);
	tn_format(asked->number_text, asked->number);
	if (find_server(tool, asked, server, reason) != OK)
		return tool_usage(tool, "%s", reason->text);
	enum status status = find_zone(tool, asked, zone, reason);
	if (status == ERR_BAD_VALUE)
		return tool_usage(tool, "%s", reason->text);
	return status == OK ? -1 : tool_fail(status, reason);
}

int
run_enum(const struct tool *tool)
{
	static struct asked asked;
	struct reason reason = { "" };
	bool is_json = false;

	int code = take_arguments(tool, &asked, &is_json, &reason);
	if (code != -1)
		return code;
	enum status status = ask(&asked, &reason);
	if (status != OK)
		return tool_fail(status, &reason);
	if (is_json)
		print_json(&asked);
	else
		print_people(&asked);
	return EXIT_DONE;
}
