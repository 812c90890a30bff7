/*
 * Printing of faults in a text file. Layer 7; the thread that loads.
 */
#include "settings/fault.h"

#include "base/reason.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

enum {
	SHOWN_MAX = 160, /* bytes of a source line that are shown */
	CARETS_MAX = 80, /* most carets under it */
};

/* The text of a line (from 1) without its end. */
static const char *
source_line(const struct faults *faults, size_t line, size_t *len)
{
	const char *start = faults->text;
	const char *end = faults->text + faults->len;

	for (size_t i = 1; i < line && start < end; i++) {
		const char *next = memchr(start, '\n', (size_t)(end - start));
		start = next == NULL ? end : next + 1;
	}
	const char *stop = memchr(start, '\n', (size_t)(end - start));
	if (stop == NULL)
		stop = end;
	while (stop > start && stop[-1] == '\r')
		stop--;
	*len = (size_t)(stop - start);
	return start;
}

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static void
print_source(const struct faults *faults, struct place place)
{
	size_t len = 0;
	const char *line = source_line(faults, place.line, &len);
	size_t shown = len < SHOWN_MAX ? len : SHOWN_MAX;

	while (shown > 0 && shown < len && is_continuation(line[shown]))
		shown--;
	if (shown == 0)
		return;
	fprintf(faults->out, "%5zu | ", place.line);
	for (size_t i = 0; i < shown;) {
		size_t step = utf8_length((const uint8_t *)line + i,
		    shown - i);
		bool is_control = (unsigned char)line[i] < 0x20 ||
		    line[i] == 0x7f;
		if (step == 0 || (is_control && line[i] != '\t'))
			fputc('?', faults->out);
		else
			fwrite(line + i, 1, step, faults->out);
		i += step > 0 ? step : 1;
	}
	fputs("\n      | ", faults->out);
	size_t at = 1;
	for (size_t i = 0; i < shown && at < place.column; i++) {
		if (is_continuation(line[i]))
			continue;
		fputc(line[i] == '\t' ? '\t' : ' ', faults->out);
		at++;
	}
	size_t width = place.width > CARETS_MAX ? CARETS_MAX : place.width;
	for (size_t i = 0; i < (width > 0 ? width : 1); i++)
		fputc('^', faults->out);
	fputc('\n', faults->out);
}

void
fault_print(struct faults *faults, struct place place, const char *format, ...)
{
	char text[REASON_CAP];
	struct reason clean;
	va_list args;

	faults->n++;
	if (faults->n > FAULTS_MAX)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	reason_set(&clean, "%s", text);
	if (place.line == 0) {
		fprintf(faults->out, "%s: error: %s\n", faults->path,
		    clean.text);
		return;
	}
	fprintf(faults->out, "%s:%zu:%zu: error: %s\n", faults->path,
	    place.line, place.column, clean.text);
	print_source(faults, place);
}

void
fault_summary(const struct faults *faults)
{
	if (faults->n > FAULTS_MAX)
		fprintf(faults->out, "%s: %u more errors\n", faults->path,
		    faults->n - FAULTS_MAX);
}
