/*
 * Progress of a long command on stderr: a bar with rate and remaining time on
 * a terminal, a plain line now and then otherwise. Layer 10; one thread.
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what; /* "numbers" */
	bool is_terminal;
	bool has_line; /* a bar stands on the terminal */
	uint64_t started_ms;
	uint64_t next_ms; /* not before this */
	uint64_t n_passed; /* things that needed no work */
	/* rate and remaining time count from here: the last of those */
	uint64_t base_ms;
	uint64_t base_count;
	uint64_t base_part;
};

/* Begin. @param what is counted; kept. */
void progress_start(struct progress *out, const char *what);

/*
 * Show where things are, if it is time to.
 * @param count so far. @param part, whole how much of the work is done, in any
 * unit; whole 0: not known.
 */
void progress_show(struct progress *progress, uint64_t count, uint64_t part,
    uint64_t whole);

/*
 * n things were done already: they are shown as such and say nothing of the
 * rate. @param count, part as for progress_show, with them.
 */
void progress_pass(struct progress *progress, uint64_t n, uint64_t count,
    uint64_t part);

/* Take the bar away, before other lines and at the end. */
void progress_clear(struct progress *progress);

/* Milliseconds since the start, at least 1. */
uint64_t progress_elapsed_ms(const struct progress *progress);

#endif
