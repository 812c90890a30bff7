/*
 * One reload. What changes is tried on a copy of the settings; the ones in
 * force are written last. Layer 10; whoever holds the mutex.
 */
#include "server/reload.h"

#include "server/notify.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LIST_CAP = 1024, /* bytes of the names of settings */
	FAULT_LINES = 10, /* faults of the file that are logged */
};

void
reload_init(struct reload *reload, struct settings *settings,
    const char *config, struct net *net)
{
	*reload = (struct reload){ .settings = settings, .config = config,
		.net = net };
	pthread_mutex_init(&reload->mutex, NULL);
}

void
reload_fini(struct reload *reload)
{
	pthread_mutex_destroy(&reload->mutex);
}

/* Names with commas; "nothing". */
static const char *
list_format(char out[LIST_CAP], const struct settings_changes *changes)
{
	size_t len = 0;

	snprintf(out, LIST_CAP, "nothing");
	for (size_t i = 0; i < changes->n; i++) {
		int n = snprintf(out + len, LIST_CAP - len, "%s%s",
		    i > 0 ? ", " : "", changes->paths[i]);
		if (n < 0 || (size_t)n >= LIST_CAP - len)
			break;
		len += (size_t)n;
	}
	return out;
}

static void
say_done(FILE *out, const struct settings_changes *taken,
    const struct settings_changes *waiting)
{
	char list[LIST_CAP];
	const struct log_field done[] = {
		log_text("changes", list_format(list, taken)) };

	log_event(LOG_RELOADED, LOG_FIELDS(done));
	fprintf(out, "%s changed\n", list);
	for (size_t i = 0; i < waiting->n; i++) {
		const struct log_field field[] = {
			log_text("setting", waiting->paths[i]) };
		log_event(LOG_RESTART_NEEDED, LOG_FIELDS(field));
		fprintf(out, "%s has another value in the file; it is taken "
		    "at the next start\n", waiting->paths[i]);
	}
}

/* What settings_load has printed: file:line:column: error: ..., and below it
 * the line and a caret, which are for people at a terminal only. */
static void
log_faults(const char *text)
{
	unsigned n = 0;

	while (*text != '\0' && n < FAULT_LINES) {
		char line[512];
		size_t len = strcspn(text, "\n");
		snprintf(line, sizeof line, "%.*s", (int)len, text);
		if (strstr(line, ": error: ") != NULL) {
			log_reason(LOG_RELOAD_REFUSED, line);
			n++;
		}
		text += len;
		text += *text == '\n';
	}
}

/* Everything but the log and the settings in force. */
static enum status
try(struct reload *reload, struct settings *next,
    const struct settings *loaded, struct settings_changes *taken,
    struct settings_changes *waiting, FILE *out)
{
	struct reason reason = { "" };

	*next = *reload->settings;
	settings_take(next, loaded, taken, waiting);
	enum status status = net_change(reload->net, next->dns, next->n_dns,
	    &next->tcp, &reason);
	if (status != OK) {
		log_reason(LOG_RELOAD_REFUSED, reason.text);
		fprintf(out, "nothing changed: %s\n", reason.text);
	}
	return status;
}

/* @param out what is said to people. @param text what is in it so far. */
static enum status
reload_into(struct reload *reload, FILE *out, char **text)
{
	struct settings_changes taken;
	struct settings_changes waiting;
	struct settings *loaded = calloc(2, sizeof *loaded);

	if (loaded == NULL)
		return ERR_FULL;
	enum status status = settings_load(loaded, reload->config, out);
	if (status != OK) {
		fputs("nothing changed\n", out);
		if (fflush(out) == 0)
			log_faults(*text);
	} else {
		status = try(reload, &loaded[1], loaded, &taken, &waiting,
		    out);
	}
	if (status == OK) {
		settings_take(reload->settings, loaded, &taken, &waiting);
		say_done(out, &taken, &waiting);
		log_choose(reload->settings->log_format,
		    reload->settings->log_level);
	}
	free(loaded);
	return status;
}

enum status
reload_run(struct reload *reload, char **text)
{
	enum status status = ERR_FULL;
	char line[128];
	size_t len = 0;

	*text = NULL;
	pthread_mutex_lock(&reload->mutex);
	snprintf(line, sizeof line, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64
	    "\nSTATUS=reading the settings", clock_mono_ms() * 1000);
	notify_send(line);
	FILE *out = open_memstream(text, &len);
	if (out != NULL) {
		status = reload_into(reload, out, text);
		if (fclose(out) != 0)
			status = ERR_FULL;
	}
	notify_send("READY=1\nSTATUS=serving");
	pthread_mutex_unlock(&reload->mutex);
	return status;
}
