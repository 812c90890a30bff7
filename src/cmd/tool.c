/*
 * Common parts of the commands of e164ctl. Layer 10; one thread.
 */
#include "cmd/tool.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char tool_title[64];

int
tool_usage(const struct tool *tool, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "e164ctl: %s: ", tool->verb);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\ntry 'e164ctl %s --help'\n", tool->verb);
	return EXIT_USAGE;
}

int
tool_fail(enum status status, const struct reason *reason)
{
	fprintf(stderr, "e164ctl: %s\n", reason != NULL &&
	    reason->text[0] != '\0' ? reason->text : status_text(status));
	if (status == ERR_NOT_RUNNING)
		return EXIT_NOT_RUNNING;
	return status == ERR_NO_QUORUM ? EXIT_NO_QUORUM : EXIT_REFUSED;
}

enum status
tool_connect(const struct tool *tool, struct client **out,
    struct reason *reason)
{
	return client_connect(out, tool->settings->control, reason);
}

enum status
tool_call(const struct tool *tool, const struct message *call,
    struct message **reply, struct reason *reason)
{
	struct client *client = NULL;

	enum status status = tool_connect(tool, &client, reason);
	if (status != OK)
		return status;
	status = client_call(client, call, reply, reason);
	client_close(client);
	return status;
}

enum status
tool_zone(const struct tool *tool, struct dname *apex, uint32_t *serial,
    struct reason *reason)
{
	struct message *call = message_create();
	struct message *reply = NULL;
	uint64_t number = 0;

	message_set_text(call, "verb", "status");
	enum status status = tool_call(tool, call, &reply, reason);
	message_destroy(call);
	if (status != OK)
		return status;
	const char *zone = message_text(reply, "zone");
	if (zone == NULL || !message_number(reply, "serial", &number) ||
	    dname_parse(apex, zone, strlen(zone), NULL) != OK) {
		reason_set(reason, "e164d does not say which zone it has");
		status = ERR_MALFORMED;
	}
	*serial = (uint32_t)number;
	message_destroy(reply);
	return status;
}

int
tool_option(const struct tool *tool, const struct option *options)
{
	int opt;

	if (optind == 0) { /* getopt_long begins its messages with argv[0] */
		snprintf(tool_title, sizeof tool_title, "e164ctl: %s",
		    tool->verb);
		tool->argv[0] = tool_title;
	}
	opt = getopt_long(tool->argc, tool->argv, "", options, NULL);

	if (opt == '?')
		fprintf(stderr, "try 'e164ctl %s --help'\n", tool->verb);
	return opt;
}

bool
tool_is_plain(const struct tool *tool, const char *flag, bool *has_flag)
{
	const struct option options[] = {
		{ flag, no_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = tool_option(tool, flag == NULL ? &options[1] :
	    options)) != -1) {
		if (opt == '?')
			return false;
		*has_flag = true;
	}
	if (optind == tool->argc)
		return true;
	(void)tool_usage(tool, "too many arguments: '%.100s'",
	    tool->argv[optind]);
	return false;
}

char **
tool_rest(const struct tool *tool, int *n)
{
	*n = tool->argc - optind;
	return tool->argv + optind;
}
