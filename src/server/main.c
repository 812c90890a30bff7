/*
 * e164d: arguments, settings, run. Layer 10.
 */
#include "sec/sec.h"
#include "server/server.h"
#include "sys/log.h"
#include "sys/user.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

static const char usage_text[] =
    "usage: e164d --config FILE [--check]\n"
    "\n"
    "Registrar of telephone numbers that speaks DNS. Runs in the foreground\n"
    "and logs to stderr; says \"ready\" with its addresses when it serves.\n"
    "\n"
    "  -c, --config FILE  settings (YAML)\n"
    "      --check        only check the settings; exit 0 when they are good\n"
    "      --version      say the version\n"
    "      --help         this text\n"
    "\n"
    "A new registrar is made with 'e164ctl --config FILE init --zone ZONE'.\n";

/* Become who the settings say, while there are no other threads; what only
 * root can make for it is made before. */
static enum status
take_user(const struct settings *settings, struct reason *reason)
{
	char dir[SETTINGS_PATH_MAX];
	char identity[SETTINGS_PATH_MAX + 16];
	bool was_root = geteuid() == 0;

	snprintf(dir, sizeof dir, "%s", settings->control);
	char *slash = strrchr(dir, '/');
	enum status status = OK;
	if (slash != NULL && slash != dir) {
		*slash = '\0';
		status = user_make_directory(settings->user, dir, 0755,
		    reason);
	}
	if (status == OK)
		status = user_become(settings->user, reason);
	if (status == OK)
		status = user_owns(settings->state, reason);
	snprintf(identity, sizeof identity, "%s/identity", settings->state);
	if (status == OK)
		status = user_owns(identity, reason);
	if (status != OK)
		return status;
	const struct log_field fields[] = { log_text("user", settings->user),
		log_number("uid", geteuid()), log_number("gid", getegid()) };
	if (was_root && geteuid() != 0)
		log_event(LOG_USER_CHANGED, LOG_FIELDS(fields));
	if (geteuid() == 0)
		log_event(LOG_RUNS_AS_ROOT, NULL, 0);
	return OK;
}

static int
run(const char *config, int is_check)
{
	struct settings *settings = calloc(1, sizeof *settings);
	struct reason reason = { "" };

	if (settings == NULL || settings_load(settings, config, stderr) != OK) {
		if (!is_check)
			log_reason(LOG_START_FAILED, "the settings cannot be "
			    "used");
		free(settings);
		return EXIT_FAILURE;
	}
	if (is_check) {
		free(settings);
		printf("%s: good\n", config);
		return EXIT_SUCCESS;
	}
	if (sec_init() != OK) {
		free(settings);
		fputs("e164d: libsodium does not start\n", stderr);
		return EXIT_FAILURE;
	}
	log_choose(settings->log_format, settings->log_level);
	const struct log_field fields[] = {
		log_text("version", PACKAGE_VERSION),
		log_text("registrar", settings->registrar),
		log_text("settings", config) };
	log_event(LOG_STARTING, LOG_FIELDS(fields));
	server_block_signals();
	enum status status = take_user(settings, &reason);
	if (status == OK)
		status = server_run(settings, config, &reason);
	if (status != OK)
		log_reason(LOG_START_FAILED, reason.text[0] != '\0' ?
		    reason.text : status_text(status));
	free(settings);
	return status == OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	enum { OPT_CHECK = 256, OPT_HELP, OPT_VERSION };
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, OPT_CHECK },
		{ "help", no_argument, NULL, OPT_HELP },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ NULL, 0, NULL, 0 },
	};
	const char *config = NULL;
	int is_check = 0;
	int opt;

	while ((opt = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			config = optarg;
			break;
		case OPT_CHECK:
			is_check = 1;
			break;
		case OPT_HELP:
			fputs(usage_text, stdout);
			return EXIT_SUCCESS;
		case OPT_VERSION:
			puts(PACKAGE_STRING);
			return EXIT_SUCCESS;
		default:
			fputs(usage_text, stderr);
			return EXIT_USAGE;
		}
	}
	if (config == NULL || optind != argc) {
		fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	return run(config, is_check);
}
