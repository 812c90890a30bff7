/*
 * `key add`, `key rotate`, `key list`, `key revoke`. A secret is printed once,
 * as a key file, and is nowhere else. Layer 10; one thread.
 */
#include "cmd/tool.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int
call_key(const struct tool *tool, const struct message *call)
{
	struct message *reply = NULL;
	struct reason reason = { "" };

	enum status status = tool_call(tool, call, &reply, &reason);
	if (status != OK)
		return tool_fail(status, &reason);
	const char *file = message_text(reply, "file");
	if (file != NULL)
		fputs(file, stdout);
	message_destroy(reply);
	if (fflush(stdout) == 0)
		return EXIT_DONE;
	/* the registry does not show the secret again */
	fputs("e164ctl: the key is in force, but its file could not be "
	    "written: revoke it and make another\n", stderr);
	return EXIT_REFUSED;
}

int
run_key_add(const struct tool *tool)
{
	static const struct option long_options[] = {
		{ "role", required_argument, NULL, 'r' },
		{ "ocn", required_argument, NULL, 'o' },
		{ "algorithm", required_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	const char *role = NULL;
	const char *ocn = NULL;
	const char *algorithm = NULL;
	int n_rest = 0;
	int opt;

	while ((opt = tool_option(tool, long_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		if (opt == 'r')
			role = optarg;
		else if (opt == 'a')
			algorithm = optarg;
		else
			ocn = optarg;
	}
	char **rest = tool_rest(tool, &n_rest);
	if (n_rest != 1)
		return tool_usage(tool, "expected one name");
	if (role == NULL || (strcmp(role, "authority") != 0 &&
	    strcmp(role, "carrier") != 0 && strcmp(role, "transfer") != 0))
		return tool_usage(tool, "--role: expected authority, carrier "
		    "or transfer");
	if ((strcmp(role, "carrier") == 0) != (ocn != NULL))
		return tool_usage(tool, ocn == NULL ? "--ocn is missing: a "
		    "carrier's key acts for one OCN" : "--ocn is for a "
		    "carrier's key only");
	if (ocn != NULL && (strlen(ocn) != 4 || strspn(ocn, "0123456789"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 4))
		return tool_usage(tool, "--ocn: '%.100s' is no OCN: expected "
		    "exactly 4 of 0-9 and A-Z", ocn);
	struct message *call = message_create();
	message_set_text(call, "verb", "key-add");
	message_set_text(call, "name", rest[0]);
	message_set_text(call, "role", role);
	if (ocn != NULL)
		message_set_text(call, "ocn", ocn);
	if (algorithm != NULL)
		message_set_text(call, "algorithm", algorithm);
	int code = call_key(tool, call);
	message_destroy(call);
	return code;
}

int
run_key_rotate(const struct tool *tool)
{
	static const struct option long_options[] = {
		{ "algorithm", required_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	const char *algorithm = NULL;
	int n_rest = 0;
	int opt;

	while ((opt = tool_option(tool, long_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		algorithm = optarg;
	}
	char **rest = tool_rest(tool, &n_rest);
	if (n_rest != 1)
		return tool_usage(tool, "expected one name");
	struct message *call = message_create();
	message_set_text(call, "verb", "key-rotate");
	message_set_text(call, "name", rest[0]);
	if (algorithm != NULL)
		message_set_text(call, "algorithm", algorithm);
	int code = call_key(tool, call);
	message_destroy(call);
	return code;
}

int
run_key_revoke(const struct tool *tool)
{
	static const struct option no_options[] = { { NULL, 0, NULL, 0 } };
	int n_rest = 0;

	if (tool_option(tool, no_options) != -1)
		return EXIT_USAGE;
	char **rest = tool_rest(tool, &n_rest);
	if (n_rest != 1)
		return tool_usage(tool, "expected one name");
	struct message *call = message_create();
	message_set_text(call, "verb", "key-revoke");
	message_set_text(call, "name", rest[0]);
	int code = call_key(tool, call);
	message_destroy(call);
	return code;
}

static enum status
take_key(void *arg, struct blob payload)
{
	struct message *list = arg;
	struct message *key = NULL;
	struct reason reason;
	uint64_t number = 0;

	enum status status = message_decode(&key, payload, &reason);
	if (status != OK)
		return status;
	const char *name = message_text(key, "name");
	const char *role = message_text(key, "role");
	const char *ocn = message_text(key, "ocn");
	if (name == NULL || role == NULL || ocn == NULL) {
		status = ERR_MALFORMED;
	} else if (list == NULL) {
		size_t len = strlen(name); /* without the last dot, as in the
		                            * key file */
		printf("%-32.*s %s%s%s\n", (int)(len > 1 ? len - 1 : len),
		    name, role, ocn[0] != '\0' ? " " : "", ocn);
	} else {
		struct message *item = message_append(list, "keys");
		message_set_text(item, "name", name);
		message_set_text(item, "role", role);
		message_set_text(item, "ocn", ocn);
		const char *algorithm = message_text(key, "algorithm");
		if (algorithm != NULL)
			message_set_text(item, "algorithm", algorithm);
		if (message_number(key, "version", &number))
			message_set_number(item, "version", number);
		if (message_number(key, "made_ms", &number))
			message_set_number(item, "made_ms", number);
	}
	message_destroy(key);
	return status;
}

int
run_key_list(const struct tool *tool)
{
	struct client *client = NULL;
	struct reason reason = { "" };
	struct message *list = NULL;
	bool is_json = false;

	if (!tool_is_plain(tool, "json", &is_json))
		return EXIT_USAGE;
	if (is_json) {
		list = message_create();
		message_set_list(list, "keys");
	}
	const struct client_sink sink = { .arg = list, .data = take_key };
	struct message *call = message_create();
	message_set_text(call, "verb", "keys");
	enum status status = tool_connect(tool, &client, &reason);
	if (status == OK)
		status = client_stream(client, call, &sink, &reason);
	if (status == OK && list != NULL)
		message_print(list, stdout);
	client_close(client);
	message_destroy(call);
	message_destroy(list);
	return status == OK ? EXIT_DONE : tool_fail(status, &reason);
}
