/*
 * What the commands of e164ctl share: where they run, how they fail. Data goes
 * to the standard output, everything else to stderr. Layer 10; one thread.
 */
#ifndef CMD_TOOL_H
#define CMD_TOOL_H

#include "base/reason.h"
#include "base/status.h"
#include "control/client.h"
#include "dns/name.h"
#include "settings/settings.h"

#include <stdbool.h>

enum exit_code {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1, /* or failed */
	EXIT_USAGE = 2,
	EXIT_NOT_RUNNING = 3,
	EXIT_NO_QUORUM = 4,
};

/* One run of a command. */
struct tool {
	const struct settings *settings; /* NULL: the command needs none */
	const char *server; /* ADDRESS@PORT to be asked by DNS; NULL: none */
	const char *key;    /* path of a key file for that */
	const char *verb; /* of the table */
	int argc;         /* arguments after the verb, argv[0] the verb */
	char **argv;
};

/* The functions of commands.def. */
#define COMMAND(verb, function, arguments, summary, details, examples) \
	int function(const struct tool *tool);
#include "cmd/commands.def"
#undef COMMAND

/* Print "e164ctl: ..." as printf, and where help is. @return EXIT_USAGE. */
int tool_usage(const struct tool *tool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Print the reason, or the status in words if there is none.
 * @return the exit code that goes with the status. */
int tool_fail(enum status status, const struct reason *reason);

/* Connect to the registrar of the settings. @return as client_connect. */
MUST_CHECK enum status tool_connect(const struct tool *tool,
    struct client **out, struct reason *reason);

/* Connect, make one call, close. @return as client_call. */
MUST_CHECK enum status tool_call(const struct tool *tool,
    const struct message *call, struct message **reply, struct reason *reason);

/* The zone of the registrar and its serial. @return as tool_call. */
MUST_CHECK enum status tool_zone(const struct tool *tool, struct dname *apex,
    uint32_t *serial, struct reason *reason);

struct option;

/*
 * Next option of a command with long options only, as getopt_long; says what
 * is wrong and gives '?' on errors. -1 at the end: tool_rest arguments follow.
 */
int tool_option(const struct tool *tool, const struct option *options);

/*
 * Options and arguments of a command that takes at most one flag and nothing
 * else. @param flag its name; NULL: none. @param has_flag set when it is there;
 * not touched when flag is NULL.
 * @return false: something else is there, and that has been said.
 */
bool tool_is_plain(const struct tool *tool, const char *flag, bool *has_flag);

/* The arguments that are no options. @param n out. */
char **tool_rest(const struct tool *tool, int *n);

#endif
