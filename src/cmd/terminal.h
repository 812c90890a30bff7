/*
 * How a stream is written to: with colours only if a person reads it, at a
 * terminal that has them, and has not set NO_COLOR (no-color.org). The one
 * place of e164ctl that decides it. Layer 10; one thread.
 */
#ifndef CMD_TERMINAL_H
#define CMD_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

enum terminal_style {
	STYLE_TITLE,   /* what it is about */
	STYLE_DIM,     /* what matters less */
	STYLE_VALUE,   /* what was looked for */
	STYLE_WARNING, /* what needs a look */
};

struct terminal {
	FILE *out;
	bool has_colour;
};

/* A stream, standard output or standard error. */
struct terminal terminal_of(FILE *out);

/* Text in a style; control characters are replaced by '?', as the text may
 * come from outside. */
void terminal_put(const struct terminal *terminal, enum terminal_style style,
    const char *text);

/* The same without a style. */
void terminal_plain(const struct terminal *terminal, const char *text);

#endif
