/*
 * Parts of manual pages and of shell completion, written from the tables of
 * settings, commands and counters. Runs while the program is built; a line
 * "@name@" of a template is replaced by what the part of that name prints.
 */
#ifndef GEN_GEN_H
#define GEN_GEN_H

#include <stddef.h>

struct command_row {
	const char *verb;      /* one word or two */
	const char *arguments; /* as in a usage line */
	const char *summary;
	const char *details;
	const char *examples; /* one a line */
};

extern const struct command_row command_rows[];
extern const size_t command_rows_len;

enum { ARGUMENT_WORD_MAX = 64 };

/*
 * The next word of a usage line, without "[", "]" and "...".
 * @param at in, out: where to read.
 * @return "[" or "]" as words of their own; out; NULL at the end.
 */
const char *argument_next(const char **at, char out[ARGUMENT_WORD_MAX]);

/*
 * Text as mdoc prose: sentences begin lines, an indented run is an example,
 * an empty line is a paragraph.
 */
void mdoc_text(const char *text);

/* Text as literal lines within .Bd -literal. */
void mdoc_literal(const char *text);

/* The same characters within a line, as they are to be read and copied. */
void mdoc_characters(const char *text, size_t len);

/* The parts. */
void print_options(void);
void print_commands(void);
void print_examples(void);
void print_counters(void);
void print_events(void);
void print_causes(void);
void print_bash(void);
void print_zsh_verbs(void);
void print_zsh_cases(void);

#endif
