/*
 * Progress bar. Layer 10; one thread.
 */
#include "cmd/progress.h"

#include "sys/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	BAR_WIDTH = 24,    /* characters */
	BAR_MS = 200,      /* between two bars */
	LINE_MS = 5000,    /* between two lines */
	FIRST_RATE_MS = 500, /* earlier, a rate means nothing */
};

void
progress_start(struct progress *out, const char *what)
{
	*out = (struct progress){
		.what = what,
		.is_terminal = isatty(STDERR_FILENO) == 1,
		.started_ms = clock_mono_ms(),
	};
	out->base_ms = out->started_ms;
	out->next_ms = out->started_ms +
	    (out->is_terminal ? BAR_MS : LINE_MS);
}

void
progress_pass(struct progress *progress, uint64_t n, uint64_t count,
    uint64_t part)
{
	progress->n_passed += n;
	progress->base_ms = clock_mono_ms();
	progress->base_count = count;
	progress->base_part = part;
}

uint64_t
progress_elapsed_ms(const struct progress *progress)
{
	uint64_t now_ms = clock_mono_ms();

	return now_ms > progress->started_ms ?
	    now_ms - progress->started_ms : 1;
}

/* The rate since the base, and what it makes of the rest. */
static void
print_rate(const struct progress *progress, uint64_t now_ms, uint64_t count,
    uint64_t part, uint64_t whole)
{
	if (now_ms < progress->base_ms + FIRST_RATE_MS ||
	    part <= progress->base_part)
		return;
	double s = (double)(now_ms - progress->base_ms) / 1000;
	fprintf(stderr, ", %.0f/s",
	    (double)(count - progress->base_count) / s);
	if (whole == 0)
		return;
	double left = part < whole ? (double)(whole - part) : 0;
	unsigned long left_s = (unsigned long)(s * left /
	    (double)(part - progress->base_part) + 0.5);
	fprintf(stderr, ", %lu:%02lu left", left_s / 60, left_s % 60);
}

void
progress_show(struct progress *progress, uint64_t count, uint64_t part,
    uint64_t whole)
{
	char bar[BAR_WIDTH + 1];
	uint64_t now_ms = clock_mono_ms();

	if (now_ms < progress->next_ms)
		return;
	progress->next_ms = now_ms +
	    (progress->is_terminal ? BAR_MS : LINE_MS);
	double share = whole == 0 ? 0 : (double)part / (double)whole;
	if (share > 1)
		share = 1;
	if (progress->is_terminal) {
		size_t full = (size_t)(share * BAR_WIDTH);
		memset(bar, ' ', BAR_WIDTH);
		memset(bar, '=', full);
		bar[BAR_WIDTH] = '\0';
		fprintf(stderr, "\r\033[K[%s] ", bar);
	}
	if (whole > 0)
		fprintf(stderr, "%3.0f %%, ", share * 100);
	fprintf(stderr, "%" PRIu64 " %s", count, progress->what);
	if (progress->n_passed > 0)
		fprintf(stderr, " (%" PRIu64 " there already)",
		    progress->n_passed);
	print_rate(progress, now_ms, count, part, whole);
	if (!progress->is_terminal)
		fputc('\n', stderr);
	progress->has_line = progress->is_terminal;
	fflush(stderr);
}

void
progress_clear(struct progress *progress)
{
	if (progress->has_line)
		fputs("\r\033[K", stderr);
	progress->has_line = false;
}
