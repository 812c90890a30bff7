/*
 * Colours, or none. Layer 10; one thread.
 */
#include "cmd/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct terminal
terminal_of(FILE *out)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return (struct terminal){
		.out = out,
		.has_colour = isatty(fileno(out)) == 1 &&
		    (no_color == NULL || no_color[0] == '\0') &&
		    term != NULL && term[0] != '\0' &&
		    strcmp(term, "dumb") != 0,
	};
}

void
terminal_plain(const struct terminal *terminal, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		putc(c < 0x20 || c == 0x7f ? '?' : c, terminal->out);
	}
}

void
terminal_put(const struct terminal *terminal, enum terminal_style style,
    const char *text)
{
	static const char *const codes[] = {
		[STYLE_TITLE] = "\033[1m",
		[STYLE_DIM] = "\033[2m",
		[STYLE_VALUE] = "\033[32m",
		[STYLE_WARNING] = "\033[33m",
	};

	if (terminal->has_colour)
		fputs(codes[style], terminal->out);
	terminal_plain(terminal, text);
	if (terminal->has_colour)
		fputs("\033[0m", terminal->out);
}
