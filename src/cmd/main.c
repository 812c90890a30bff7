/*
 * e164ctl: finds the command in the table (commands.def), loads the settings,
 * runs it. Layer 10.
 */
#include "cmd/tool.h"

#include "sec/sec.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command {
	const char *verb;
	int (*run)(const struct tool *tool);
	const char *arguments;
	const char *summary;
	const char *details;
	const char *examples;
};

static const struct command commands[] = {
#define COMMAND(verb, function, arguments, summary, details, examples) \
	{ verb, function, arguments, summary, details, examples },
#include "cmd/commands.def"
#undef COMMAND
};

enum {
	HELP_COLUMNS = 80,
	USAGE_INDENT = 8,
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static void
print_help(FILE *out)
{
	fputs("usage: e164ctl --config FILE COMMAND [ARGUMENTS]\n"
	    "       e164ctl --server ADDRESS@PORT --key FILE COMMAND "
	    "[ARGUMENTS]\n"
	    "\n"
	    "The tool of those who run e164d, a registrar of telephone numbers "
	    "that speaks\nDNS.\n"
	    "\n", out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-11s %s\n", commands[i].verb,
		    commands[i].summary);
	fputs("\n"
	    "  -c, --config FILE  settings, the same file as for e164d\n"
	    "  -s, --server ADDRESS@PORT, -k, --key FILE  for allocate, port, "
	    "set, unset,\n"
	    "                     release and show: by DNS, with a TSIG key\n"
	    "      --version      say the version\n"
	    "      --help         this text; 'e164ctl COMMAND --help' says "
	    "more\n"
	    "\n"
	    "exit code: 0 done, 1 refused or failed, 2 usage, 3 not running, "
	    "4 no quorum\n", out);
}

/* Length of the next piece of a usage line: a word, or all in brackets. */
static size_t
piece_len(const char *text)
{
	size_t len = 0;
	int depth = 0;

	for (; text[len] != '\0' && (text[len] != ' ' || depth > 0); len++) {
		depth += text[len] == '[';
		depth -= text[len] == ']';
	}
	return len;
}

/* Commands of the client side: with --server and --key. */
static bool
is_remote(const struct command *command)
{
	return command->run == run_allocate || command->run == run_port ||
	    command->run == run_set || command->run == run_unset ||
	    command->run == run_release;
}

/* In lines of 80 columns, broken between pieces. */
static void
print_usage(const struct command *command)
{
	const char *rest = command->arguments;
	int column = printf("usage: e164ctl %s %s", is_remote(command) ?
	    "--server ADDRESS@PORT --key FILE" : "--config FILE",
	    command->verb);

	while (*rest != '\0') {
		int len = (int)piece_len(rest);
		if (column + 1 + len > HELP_COLUMNS)
			column = printf("\n%*s", USAGE_INDENT, "") - 1;
		else
			column += printf(" ");
		column += printf("%.*s", len, rest);
		rest += len;
		rest += *rest == ' ';
	}
	putchar('\n');
}

static void
print_command_help(const struct command *command)
{
	print_usage(command);
	printf("\n%s\n", command->summary);
	if (command->details[0] != '\0')
		printf("\n%s", command->details);
	if (command->examples[0] == '\0')
		return;
	printf("\nexample:\n  ");
	for (const char *c = command->examples; *c != '\0'; c++) {
		putchar(*c);
		if (*c == '\n' && c[1] != '\0')
			fputs("  ", stdout);
	}
}

/* Words of argv that the verb has, if it is this one; else 0. */
static int
match_verb(const char *verb, int argc, char **argv)
{
	const char *space = strchr(verb, ' ');

	if (space == NULL)
		return argc >= 1 && strcmp(argv[0], verb) == 0 ? 1 : 0;
	size_t len = (size_t)(space - verb);
	return argc >= 2 && strlen(argv[0]) == len &&
	    strncmp(argv[0], verb, len) == 0 &&
	    strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

static const struct command *
command_find(int argc, char **argv, int *words)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		*words = match_verb(commands[i].verb, argc, argv);
		if (*words > 0)
			return &commands[i];
	}
	return NULL;
}

static int
say_unknown(int argc, char **argv)
{
	bool is_half = false;

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		size_t len = strlen(argv[0]);
		if (strncmp(commands[i].verb, argv[0], len) == 0 &&
		    commands[i].verb[len] == ' ') {
			if (!is_half)
				fprintf(stderr, "e164ctl: expected one of:\n");
			is_half = true;
			fprintf(stderr, "  %s %s\n", commands[i].verb,
			    commands[i].arguments);
		}
	}
	if (!is_half)
		fprintf(stderr, "e164ctl: no command '%s'\n", argv[0]);
	fputs("try 'e164ctl --help'\n", stderr);
	(void)argc;
	return EXIT_USAGE;
}

static bool
asks_for_help(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return true;
	}
	return false;
}

/* What is offline and about no registrar runs without settings, and beside a
 * settings file that is broken. */
static bool
needs_settings(const struct command *command)
{
	return command->run != run_explain;
}

/* What e164ctl was told before the command. */
struct globals {
	const char *config;
	const char *server;
	const char *key;
};

static int
run_with(const struct globals *globals, const struct settings *settings,
    const struct command *command, int words, int argc, char **argv)
{
	const struct tool tool = {
		.settings = settings,
		.server = globals->server,
		.key = globals->key,
		.verb = command->verb,
		.argc = argc - words + 1,
		.argv = argv + words - 1,
	};

	optind = 0; /* begin anew, with the command's own options */
	return command->run(&tool);
}

/* The exit code, if the output went out. */
static int
finish(int code)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return code;
	fputs("e164ctl: the output could not be written\n", stderr);
	return EXIT_REFUSED;
}

/* By DNS, with a key, from anywhere. */
static int
run_remote(const struct globals *globals, const struct command *command,
    int words, int argc, char **argv)
{
	if (!is_remote(command) && command->run != run_show) {
		fprintf(stderr, "e164ctl: '%s' needs --config FILE, not "
		    "--server\n", command->verb);
		return EXIT_USAGE;
	}
	if (globals->server == NULL || globals->key == NULL) {
		fputs("e164ctl: --server ADDRESS@PORT and --key FILE go "
		    "together, before the command\n", stderr);
		return EXIT_USAGE;
	}
	if (sec_init() != OK) {
		fputs("e164ctl: libsodium does not start\n", stderr);
		return EXIT_REFUSED;
	}
	return finish(run_with(globals, NULL, command, words, argc, argv));
}

static int
run_command(const struct globals *globals, int argc, char **argv)
{
	const char *config = globals->config;
	int words = 0;
	const struct command *command = command_find(argc, argv, &words);

	if (command == NULL)
		return say_unknown(argc, argv);
	if (asks_for_help(argc, argv)) {
		print_command_help(command);
		return EXIT_DONE;
	}
	if (is_remote(command) || globals->server != NULL ||
	    globals->key != NULL)
		return run_remote(globals, command, words, argc, argv);
	if (!needs_settings(command))
		return finish(run_with(globals, NULL, command, words, argc,
		    argv));
	if (config == NULL) {
		fputs("e164ctl: --config FILE is missing, before the command\n"
		    "try 'e164ctl --help'\n", stderr);
		return EXIT_USAGE;
	}
	struct settings *settings = calloc(1, sizeof *settings);
	if (settings == NULL || settings_load(settings, config, stderr) != OK) {
		if (command->run == run_reload)
			fputs("nothing changed: the registrar was not asked\n",
			    stderr);
		free(settings);
		return EXIT_REFUSED;
	}
	if (sec_init() != OK) {
		fputs("e164ctl: libsodium does not start\n", stderr);
		free(settings);
		return EXIT_REFUSED;
	}
	int code = run_with(globals, settings, command, words, argc, argv);
	free(settings);
	return finish(code);
}

int
main(int argc, char **argv)
{
	enum { OPT_HELP = 256, OPT_VERSION };
	static const struct option long_options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "server", required_argument, NULL, 's' },
		{ "key", required_argument, NULL, 'k' },
		{ "help", no_argument, NULL, OPT_HELP },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ NULL, 0, NULL, 0 },
	};
	struct globals globals = { NULL, NULL, NULL };
	int opt;

	/* '+': options after the command are the command's */
	while ((opt = getopt_long(argc, argv, "+c:s:k:", long_options, NULL)) !=
	    -1) {
		switch (opt) {
		case 'c':
			globals.config = optarg;
			break;
		case 's':
			globals.server = optarg;
			break;
		case 'k':
			globals.key = optarg;
			break;
		case OPT_HELP:
			print_help(stdout);
			return EXIT_DONE;
		case OPT_VERSION:
			puts(PACKAGE_STRING);
			return EXIT_DONE;
		default:
			fputs("try 'e164ctl --help'\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind == argc) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	return run_command(&globals, argc - optind, argv + optind);
}
