/*
 * Printing of what is wrong with a text file: file:line:column, the line, a
 * caret. Counts, and stops printing at FAULTS_MAX. Layer 7; one thread.
 */
#ifndef SETTINGS_FAULT_H
#define SETTINGS_FAULT_H

#include <stddef.h>
#include <stdio.h>

enum { FAULTS_MAX = 50 }; /* printed; the rest is counted */

struct faults {
	const char *path; /* of the file, for the message */
	const char *text; /* its content */
	size_t len;       /* bytes of text */
	FILE *out;
	unsigned n; /* found so far */
};

/* Where: lines and columns from 1, columns in characters; line 0: the whole
 * file. width: characters to underline. */
struct place {
	size_t line;
	size_t column;
	size_t width;
};

/* Print one error as printf would format it. Control characters become '?'. */
void fault_print(struct faults *faults, struct place place, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* After the last: how many were not printed, if any. */
void fault_summary(const struct faults *faults);

#endif
