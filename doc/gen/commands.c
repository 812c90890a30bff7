/*
 * The table of commands (cmd/commands.def) and those of counters
 * (query/query.def, net/net.def, server/update.def) as mdoc.
 */
#include "doc/gen/gen.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const struct command_row command_rows[] = {
#define COMMAND(verb, function, arguments, summary, details, examples) \
	{ verb, arguments, summary, details, examples },
#include "cmd/commands.def"
#undef COMMAND
};

const size_t command_rows_len = sizeof command_rows / sizeof command_rows[0];

const char *
argument_next(const char **at, char out[ARGUMENT_WORD_MAX])
{
	const char *p = *at + strspn(*at, " ");
	size_t len = strcspn(p, " []");

	if (*p == '[' || *p == ']')
		len = 1;
	*at = p + len;
	if (len == 0)
		return NULL;
	if (len >= ARGUMENT_WORD_MAX)
		len = ARGUMENT_WORD_MAX - 1;
	memcpy(out, p, len);
	out[len] = '\0';
	return out;
}

/* One macro a line: options, brackets, what stands for something, words. */
static void
print_arguments(const char *arguments)
{
	char word[ARGUMENT_WORD_MAX];
	const char *next;

	while ((next = argument_next(&arguments, word)) != NULL) {
		if (strcmp(next, "[") == 0)
			puts(".Oo");
		else if (strcmp(next, "]") == 0)
			puts(".Oc");
		else if (strncmp(next, "--", 2) == 0)
			printf(".Fl \\-%s\n", next + 2);
		else if (strcmp(next, "...") == 0)
			puts("\\&...");
		else
			printf("%s %s\n", islower((unsigned char)next[0]) ?
			    ".Cm" : ".Ar", next);
	}
}

void
print_commands(void)
{
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < command_rows_len; i++) {
		const struct command_row *row = &command_rows[i];
		printf(".It Xo\n.Cm %s\n", row->verb);
		print_arguments(row->arguments);
		printf(".Xc\n%c", toupper((unsigned char)row->summary[0]));
		mdoc_characters(row->summary + 1, strlen(row->summary) - 1);
		puts(".");
		mdoc_text(row->details);
	}
	puts(".El");
}

void
print_examples(void)
{
	puts(".Bd -literal -offset Ds");
	for (size_t i = 0; i < command_rows_len; i++)
		mdoc_literal(command_rows[i].examples);
	puts(".Ed");
}

static void
print_counter(const char *name, const char *text)
{
	printf(".It Cm %s\n%c%s.\n", name, toupper((unsigned char)text[0]),
	    text + 1);
}

void
print_counters(void)
{
	puts(".Bl -tag -width net_udp_received -compact");
#define QUERY_COUNTER(name, text) print_counter("query_" #name, text);
#include "query/query.def"
#undef QUERY_COUNTER
#define NET_COUNTER(name, text) print_counter("net_" #name, text);
#include "net/net.def"
#undef NET_COUNTER
#define UPDATE_COUNTER(name, text) print_counter("update_" #name, text);
#include "server/update.def"
#undef UPDATE_COUNTER
	puts(".El");
}
