/*
 * `free`: numbers that a carrier may allocate now. Layer 10; one thread.
 */
#include "cmd/tool.h"

#include "e164/tn.h"
#include "registry/vacancy.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FREE_COUNT = 10 }; /* unless --count says otherwise */

struct free_options {
	const char *prefix;
	uint64_t count;
	uint64_t digits; /* 0: as the numbers of the pool */
	bool is_json;
};

/* A number 1..most; said if it is none. */
static bool
parse_number(const struct tool *tool, const char *option, const char *text,
    uint64_t most, uint64_t *out)
{
	char *end = NULL;
	unsigned long long value = strtoull(text, &end, 10);

	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && value >= 1 &&
	    value <= most) {
		*out = value;
		return true;
	}
	(void)tool_usage(tool, "--%s: expected 1 to %llu, found '%.40s'",
	    option, (unsigned long long)most, text);
	return false;
}

static int
parse_options(const struct tool *tool, struct free_options *out)
{
	static const struct option long_options[] = {
		{ "count", required_argument, NULL, 'c' },
		{ "digits", required_argument, NULL, 'd' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	struct reason reason = { "" };
	struct tn prefix;
	int n_rest = 0;
	int opt;

	while ((opt = tool_option(tool, long_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		if (opt == 'j')
			out->is_json = true;
		if (opt == 'c' && !parse_number(tool, "count", optarg,
		    VACANCY_COUNT_MAX, &out->count))
			return EXIT_USAGE;
		if (opt == 'd' && !parse_number(tool, "digits", optarg,
		    TN_DIGITS_MAX, &out->digits))
			return EXIT_USAGE;
	}
	char **rest = tool_rest(tool, &n_rest);
	if (n_rest != 1)
		return tool_usage(tool, "expected one prefix");
	size_t len = strlen(rest[0]);
	if (len > 0 && rest[0][len - 1] == '*')
		rest[0][--len] = '\0';
	if (tn_parse(&prefix, rest[0], len, &reason) != OK)
		return tool_usage(tool, "'%.40s' is no prefix of 1 to 15 "
		    "digits", rest[0]);
	out->prefix = rest[0];
	return EXIT_DONE;
}

static enum status
take_numbers(void *arg, struct blob payload)
{
	struct message **found = arg;
	struct reason reason;

	message_destroy(*found);
	*found = NULL;
	return message_decode(found, payload, &reason);
}

static enum status
ask(const struct tool *tool, const struct free_options *options,
    struct message **found, struct reason *reason)
{
	const struct client_sink sink = { .arg = found,
		.data = take_numbers };
	struct message *call = message_create();
	struct client *client = NULL;

	message_set_text(call, "verb", "free");
	message_set_text(call, "prefix", options->prefix);
	message_set_number(call, "digits", options->digits);
	message_set_number(call, "count", options->count);
	enum status status = tool_connect(tool, &client, reason);
	if (status == OK)
		status = client_stream(client, call, &sink, reason);
	client_close(client);
	message_destroy(call);
	return status;
}

int
run_free(const struct tool *tool)
{
	struct free_options options = { .count = FREE_COUNT };
	struct message *found = NULL;
	struct reason reason = { "" };

	int code = parse_options(tool, &options);
	if (code != EXIT_DONE)
		return code;
	enum status status = ask(tool, &options, &found, &reason);
	if (status != OK || found == NULL) {
		code = tool_fail(status == OK ? ERR_MALFORMED : status,
		    &reason);
	} else if (options.is_json) {
		message_print(found, stdout);
	} else {
		for (size_t i = 0; i < message_count(found, "numbers"); i++)
			puts(message_item(found, "numbers", i));
	}
	message_destroy(found);
	return code;
}
