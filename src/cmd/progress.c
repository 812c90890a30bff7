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
	FIRST_ETA_MS = 500, /* earlier, a rate means nothing */
};

void
progress_start(struct progress *out, const char *what)
{
	*out = (struct progress){
		.what = what,
		.is_terminal = isatty(STDERR_FILENO) == 1,
		.started_ms = clock_mono_ms(),
	};
	out->next_ms = out->started_ms +
	    (out->is_terminal ? BAR_MS : LINE_MS);
}

uint64_t
progress_elapsed_ms(const struct progress *progress)
{
	uint64_t now_ms = clock_mono_ms();

	return now_ms > progress->started_ms ?
	    now_ms - progress->started_ms : 1;
}

static void
print_eta(uint64_t elapsed_ms, uint64_t part, uint64_t whole)
{
	if (part == 0 || whole == 0 || elapsed_ms < FIRST_ETA_MS)
		return;
	double left = part < whole ? (double)(whole - part) : 0;
	unsigned long s = (unsigned long)((double)elapsed_ms / 1000 * left /
	    (double)part + 0.5);
	fprintf(stderr, ", %lu:%02lu left", s / 60, s % 60);
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
	uint64_t elapsed_ms = progress_elapsed_ms(progress);
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
	fprintf(stderr, "%" PRIu64 " %s, %" PRIu64 "/s", count,
	    progress->what, count * 1000 / elapsed_ms);
	print_eta(elapsed_ms, part, whole);
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
