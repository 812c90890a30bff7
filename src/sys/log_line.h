/*
 * One line of the log in each of its forms. Layer 5; any thread; no state.
 */
#ifndef SYS_LOG_LINE_H
#define SYS_LOG_LINE_H

#include "sys/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOG_LINE_CAP = 4096, /* bytes of a line, its newline included: what a
	                      * pipe takes in one piece */
};

/* What is in a line besides its form. */
struct log_line {
	uint64_t wall_ms;
	enum log_level level;
	const char *id;
	const char *text; /* with {field} */
	const struct log_field *fields;
	size_t n_fields;
};

/* How it looks. format is not AUTO. */
struct log_look {
	enum log_format format;
	bool has_colour;   /* TEXT: for a terminal */
	bool has_priority; /* for the journal: <N> in front, and no time, which
	                    * the journal has itself */
};

/*
 * Write a line with its newline; no NUL. Control characters, bytes that are
 * not UTF-8 and cut values become '?' and '...'; JSON stays JSON.
 * @return bytes written, at most LOG_LINE_CAP.
 */
size_t log_line_write(char out[LOG_LINE_CAP], const struct log_line *line,
    const struct log_look *look);

#endif
