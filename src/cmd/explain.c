/*
 * `explain`: what the ids mean that stand in the log and beside refusals, from
 * the tables of events (sys/event.def) and causes (registry/cause.def). Asks
 * nobody. Layer 10; one thread.
 */
#include "cmd/terminal.h"
#include "cmd/tool.h"

#include "base/spelling.h"
#include "dns/rcode.h"
#include "sys/log.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum {
	NEAR_MAX = 3, /* ids that are suggested */
	NOT_AN_EVENT = LOG_LEVELS,
};

struct topic {
	const char *id;
	enum log_level level; /* of an event; NOT_AN_EVENT: a cause */
	uint16_t rcode;       /* of a cause */
	const char *text;
	const char *meaning;
	const char *action;
};

static const struct topic topics[] = {
#define EVENT(code, id, level, from, text, meaning, action) \
	{ id, LOG_LEVEL_##level, 0, text, meaning, action },
#include "sys/event.def"
#undef EVENT
#define CAUSE(code, id, rcode, text, meaning, action) \
	{ id, (enum log_level)NOT_AN_EVENT, rcode, text, meaning, action },
#include "registry/cause.def"
#undef CAUSE
};

enum { TOPICS = sizeof topics / sizeof topics[0] };

static bool
is_event(const struct topic *topic)
{
	return (int)topic->level != NOT_AN_EVENT;
}

/* "warning", "REFUSED". */
static const char *
topic_class(const struct topic *topic)
{
	const char *rcode = rcode_mnemonic(topic->rcode);

	if (is_event(topic))
		return log_level_name(topic->level);
	return rcode != NULL ? rcode : "";
}

/* As typed, or as in other programs: NOT_AUTHORISED. */
static bool
is_id(const char *id, const char *asked)
{
	for (; *id != '\0' && *asked != '\0'; id++, asked++) {
		int c = *asked == '_' ? '-' : tolower((unsigned char)*asked);
		if (*id != c)
			return false;
	}
	return *id == *asked;
}

/* ------------------------------------------------------------------ output */

/* Lines of a paragraph, indented. */
static void
print_lines(const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		printf("  %.*s\n", (int)len, text);
		text += len;
		text += *text == '\n';
	}
}

static void
print_topic(const struct topic *topic)
{
	const struct terminal terminal = terminal_of(stdout);

	terminal_put(&terminal, STYLE_TITLE, topic->id);
	printf(": %s, %s\n", is_event(topic) ? "event of the log" :
	    "why a request was refused", topic_class(topic));
	print_lines(topic->text);
	puts("\nWhat it means");
	print_lines(topic->meaning);
	puts("\nWhat to do");
	print_lines(topic->action);
}

static void
print_all(void)
{
	const struct terminal terminal = terminal_of(stdout);

	for (size_t i = 0; i < TOPICS; i++) {
		if (i == 0 || is_event(&topics[i]) != is_event(&topics[i - 1]))
			printf("%s%s\n", i == 0 ? "" : "\n",
			    is_event(&topics[i]) ? "events of the log" :
			    "why a request was refused");
		printf("  ");
		terminal_put(&terminal, STYLE_TITLE, topics[i].id);
		printf("%*s %-8s %s\n", (int)(18 - strlen(topics[i].id)), "",
		    topic_class(&topics[i]), topics[i].text);
	}
}

static void
fill(struct message *out, const struct topic *topic)
{
	message_set_text(out, "id", topic->id);
	message_set_text(out, "kind", is_event(topic) ? "event" : "cause");
	message_set_text(out, is_event(topic) ? "level" : "rcode",
	    topic_class(topic));
	message_set_text(out, "text", topic->text);
	message_set_text(out, "meaning", topic->meaning);
	message_set_text(out, "action", topic->action);
}

static void
print_json(const struct topic *topic)
{
	struct message *out = message_create();

	if (topic != NULL) {
		fill(out, topic);
	} else {
		message_set_list(out, "ids");
		for (size_t i = 0; i < TOPICS; i++)
			fill(message_append(out, "ids"), &topics[i]);
	}
	message_print(out, stdout);
	message_destroy(out);
}

/* ------------------------------------------------------------------ asking */

static const struct topic *
topic_find(const char *asked)
{
	for (size_t i = 0; i < TOPICS; i++) {
		if (is_id(topics[i].id, asked))
			return &topics[i];
	}
	return NULL;
}

/* Near: a few letters off, or one is a part of the other. */
static bool
is_near(const char *id, const char *asked)
{
	size_t len = strlen(asked);
	unsigned limit = 1 + (unsigned)len / 4;

	return spelling_distance(id, strlen(id), asked, len) <= limit ||
	    (len >= 3 && (strstr(id, asked) != NULL ||
		strstr(asked, id) != NULL));
}

static int
say_unknown(const char *asked)
{
	char word[SPELLING_MAX + 1] = "";
	unsigned n = 0;

	for (size_t i = 0; asked[i] != '\0' && i < SPELLING_MAX; i++)
		word[i] = asked[i] == '_' ? '-' :
		    (char)tolower((unsigned char)asked[i]);
	fprintf(stderr, "e164ctl: explain: no id '%.64s'", asked);
	for (size_t i = 0; i < TOPICS && n < NEAR_MAX; i++) {
		if (is_near(topics[i].id, word))
			fprintf(stderr, "%s'%s'", n++ == 0 ?
			    "; did you mean " : " or ", topics[i].id);
	}
	fputs(n > 0 ? "?\n" : "\n", stderr);
	fputs("'e164ctl explain' lists all\n", stderr);
	return EXIT_REFUSED;
}

int
run_explain(const struct tool *tool)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	bool is_json = false;
	int n_rest = 0;
	int opt;

	while ((opt = tool_option(tool, long_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		is_json = true;
	}
	char **rest = tool_rest(tool, &n_rest);
	if (n_rest > 1)
		return tool_usage(tool, "expected one id at most");
	const struct topic *topic = n_rest == 0 ? NULL : topic_find(rest[0]);
	if (n_rest == 1 && topic == NULL)
		return say_unknown(rest[0]);
	if (is_json)
		print_json(topic);
	else if (topic != NULL)
		print_topic(topic);
	else
		print_all();
	return EXIT_DONE;
}
