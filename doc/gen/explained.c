/*
 * The tables of events (sys/event.def) and of causes (registry/cause.def) as
 * mdoc.
 */
#include "doc/gen/gen.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void
print_row(const char *id, const char *class, const char *text,
    const char *meaning, const char *action)
{
	printf(".It Cm %s Pq %s\n", id, class);
	fputs(".Dq ", stdout);
	mdoc_characters(text, strlen(text));
	puts("\n.br");
	mdoc_text(meaning);
	if (strcmp(action, "Nothing.") != 0) {
		puts(".br");
		mdoc_text(action);
	}
}

static const char *
lower(const char *word)
{
	static char out[16];
	size_t i = 0;

	for (; word[i] != '\0' && i < sizeof out - 1; i++)
		out[i] = (char)tolower((unsigned char)word[i]);
	out[i] = '\0';
	return out;
}

void
print_events(void)
{
	puts(".Bl -tag -width Ds");
#define EVENT(code, id, level, from, text, meaning, action) \
	print_row(id, lower(#level), text, meaning, action);
#include "sys/event.def"
#undef EVENT
	puts(".El");
}

void
print_causes(void)
{
	puts(".Bl -tag -width Ds");
#define CAUSE(code, id, rcode, text, meaning, action) \
	if (rcode != 0) \
		print_row(id, "RCODE " #rcode, text, meaning, action);
#include "registry/cause.def"
#undef CAUSE
	puts(".El");
}
