/*
 * `status`, `wait`, `stop`: how the registrar is doing. Layer 10.
 */
#include "cmd/tool.h"

#include "sys/clock.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WAIT_STEP_MS = 50, WAIT_DEFAULT_S = 60, STOP_S = 60 };

static enum status
call_plain(const struct tool *tool, const char *verb, struct message **reply,
    struct reason *reason)
{
	struct message *call = message_create();

	message_set_text(call, "verb", verb);
	enum status status = tool_call(tool, call, reply, reason);
	message_destroy(call);
	return status;
}

static void
print_status(const struct message *reply)
{
	static const char *const texts[] = { "registrar", "zone", "role",
		"leader", "version" };
	static const char *const numbers[] = { "serial", "slot_chosen",
		"slot_applied", "slot_stored", "voters", "quorum", "numbers",
		"names", "records", "image_bytes", "uptime_s" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const char *text = message_text(reply, texts[i]);
		printf("%-13s %s\n", texts[i], text != NULL ? text : "");
	}
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		uint64_t number = 0;
		if (message_number(reply, numbers[i], &number))
			printf("%-13s %" PRIu64 "\n", numbers[i], number);
	}
}

int
run_status(const struct tool *tool)
{
	struct message *reply = NULL;
	struct reason reason = { "" };
	bool is_json = false;

	if (!tool_is_plain(tool, "json", &is_json))
		return EXIT_USAGE;
	enum status status = call_plain(tool, "status", &reply, &reason);
	if (status != OK)
		return tool_fail(status, &reason);
	if (is_json)
		message_print(reply, stdout);
	else
		print_status(reply);
	message_destroy(reply);
	return EXIT_DONE;
}

static bool
is_ready(const struct message *reply, uint64_t slot)
{
	uint64_t chosen = 0;
	uint64_t applied = 0;
	const char *role = message_text(reply, "role");

	return role != NULL &&
	    (strcmp(role, "voter") == 0 || strcmp(role, "mirror") == 0) &&
	    message_number(reply, "slot_chosen", &chosen) &&
	    message_number(reply, "slot_applied", &applied) &&
	    applied >= chosen && applied >= slot;
}

static bool
parse_number(const char *text, uint64_t *out)
{
	char *end = NULL;

	if (text[0] < '0' || text[0] > '9')
		return false;
	*out = strtoull(text, &end, 10);
	return *end == '\0';
}

static void
pause_ms(unsigned ms)
{
	const struct timespec span = { .tv_sec = ms / 1000,
		.tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&span, NULL);
}

/* Until ready or the end. @return the exit code. */
static int
wait_ready(const struct tool *tool, uint64_t slot, uint64_t until_ms)
{
	struct reason reason = { "" };

	for (;;) {
		struct message *reply = NULL;
		enum status status = call_plain(tool, "status", &reply,
		    &reason);
		bool is_good = status == OK && is_ready(reply, slot);
		message_destroy(reply);
		if (is_good)
			return EXIT_DONE;
		if (status == ERR_REFUSED)
			return tool_fail(status, &reason);
		if (clock_mono_ms() < until_ms) {
			pause_ms(WAIT_STEP_MS);
			continue;
		}
		if (status != OK) {
			(void)tool_fail(ERR_NOT_RUNNING, &reason);
			return EXIT_NOT_RUNNING;
		}
		fprintf(stderr, "e164ctl: the registrar runs, but has not "
		    "applied what was waited for\n");
		return EXIT_NO_QUORUM;
	}
}

int
run_wait(const struct tool *tool)
{
	static const struct option long_options[] = {
		{ "slot", required_argument, NULL, 's' },
		{ "timeout", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t slot = 0;
	uint64_t timeout_s = WAIT_DEFAULT_S;
	int n_rest = 0;
	int opt;

	while ((opt = tool_option(tool, long_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		if (!parse_number(optarg, opt == 's' ? &slot : &timeout_s) ||
		    timeout_s > UINT32_MAX)
			return tool_usage(tool, "expected a number, found "
			    "'%.100s'", optarg);
	}
	(void)tool_rest(tool, &n_rest);
	if (n_rest > 0)
		return tool_usage(tool, "too many arguments");
	return wait_ready(tool, slot, clock_mono_ms() + timeout_s * 1000);
}

int
run_reload(const struct tool *tool)
{
	struct message *call = NULL;
	struct message *reply = NULL;
	struct client *client = NULL;
	struct reason reason = { "" };

	if (!tool_is_plain(tool, NULL, NULL))
		return EXIT_USAGE;
	enum status status = tool_connect(tool, &client, &reason);
	if (status != OK)
		return tool_fail(status, &reason);
	call = message_create();
	message_set_text(call, "verb", "reload");
	status = client_call(client, call, &reply, &reason);
	message_destroy(call);
	client_close(client);
	if (status != OK)
		return tool_fail(status, &reason);
	const char *text = message_text(reply, "text");
	bool is_refused = message_flag(reply, "refused");
	fputs(text != NULL ? text : "", is_refused ? stderr : stdout);
	message_destroy(reply);
	return is_refused ? EXIT_REFUSED : EXIT_DONE;
}

int
run_stop(const struct tool *tool)
{
	struct message *call = NULL;
	struct message *reply = NULL;
	struct client *client = NULL;
	struct reason reason = { "" };

	if (!tool_is_plain(tool, NULL, NULL))
		return EXIT_USAGE;
	enum status status = tool_connect(tool, &client, &reason);
	if (status == OK) {
		call = message_create();
		message_set_text(call, "verb", "stop");
		status = client_call(client, call, &reply, &reason);
	}
	if (status == OK)
		status = client_wait_gone(client, STOP_S * 1000, &reason);
	message_destroy(call);
	message_destroy(reply);
	client_close(client);
	return status == OK ? EXIT_DONE : tool_fail(status, &reason);
}
