/*
 * `init`: begins a registry, offline. Layer 10.
 */
#include "cmd/tool.h"

#include "engine/genesis.h"
#include "sys/user.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NAME=ADDRESS; the port of a name server does not matter. */
static int
take_ns(const struct tool *tool, struct genesis_options *options,
    const char *text)
{
	char address[256];
	struct reason reason = { "" };
	const char *equals = strchr(text, '=');

	if (equals == NULL || equals == text)
		return tool_usage(tool, "--ns: expected NAME=ADDRESS, found "
		    "'%.100s'", text);
	if (options->n_ns == GENESIS_NS_MAX)
		return tool_usage(tool, "--ns: at most %d name servers",
		    GENESIS_NS_MAX);
	struct genesis_ns *ns = &options->ns[options->n_ns];
	if (dname_parse(&ns->name, text, (size_t)(equals - text),
	    &options->zone) != OK)
		return tool_usage(tool, "--ns: '%.*s' is no domain name",
		    (int)(equals - text), text);
	snprintf(address, sizeof address, "%.200s%s", equals + 1,
	    strchr(equals, '@') == NULL ? "@53" : "");
	if (net_address_parse(&ns->address, address, &reason) != OK)
		return tool_usage(tool, "--ns: '%.100s' is no IP address",
		    equals + 1);
	options->n_ns++;
	return EXIT_DONE;
}

static int
take_zone(const struct tool *tool, struct genesis_options *options,
    const char *text)
{
	if (dname_parse(&options->zone, text, strlen(text), NULL) == OK &&
	    options->zone.len > 1)
		return EXIT_DONE;
	return tool_usage(tool, "--zone: '%.100s' is no domain name", text);
}

static int
take_serial(const struct tool *tool, struct genesis_options *options,
    const char *text)
{
	char *end = NULL;
	unsigned long long serial = strtoull(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || serial == 0 ||
	    serial > UINT32_MAX)
		return tool_usage(tool, "--serial: expected 1 to 4294967295, "
		    "found '%.100s'", text);
	options->serial = (uint32_t)serial;
	return EXIT_DONE;
}

/* What is made belongs to the user that e164d runs as. */
static enum status
take_user(const struct settings *settings, struct reason *reason)
{
	enum status status = user_make_directory(settings->user,
	    settings->state, 0700, reason);

	if (status == OK)
		status = user_become(settings->user, reason);
	return status == OK ? user_owns(settings->state, reason) : status;
}

int
run_init(const struct tool *tool)
{
	static const struct option long_options[] = {
		{ "zone", required_argument, NULL, 'z' },
		{ "serial", required_argument, NULL, 's' },
		{ "ns", required_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	static struct genesis_options options;
	const char *names[GENESIS_NS_MAX + 1];
	int n_names = 0;
	int n_rest = 0;
	int code = EXIT_DONE;
	int opt;

	while ((opt = tool_option(tool, long_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		if (opt == 'z')
			code = take_zone(tool, &options, optarg);
		else if (opt == 's')
			code = take_serial(tool, &options, optarg);
		else if (n_names <= GENESIS_NS_MAX)
			names[n_names++] = optarg;
		if (code != EXIT_DONE)
			return code;
	}
	(void)tool_rest(tool, &n_rest);
	if (n_rest > 0)
		return tool_usage(tool, "too many arguments");
	if (options.zone.len == 0)
		return tool_usage(tool, "--zone is missing");
	for (int i = 0; i < n_names && code == EXIT_DONE; i++)
		code = take_ns(tool, &options, names[i]);
	if (code != EXIT_DONE)
		return code;
	struct reason reason = { "" };
	enum status status = take_user(tool->settings, &reason);
	if (status == OK)
		status = genesis_create(tool->settings, &options, &reason);
	if (status != OK)
		return tool_fail(status, &reason);
	fprintf(stderr, "a new registry in %s; the authority's key is in "
	    "%s/authority.key\n", tool->settings->state,
	    tool->settings->state);
	return EXIT_DONE;
}
