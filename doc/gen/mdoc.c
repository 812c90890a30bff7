/*
 * Plain text as mdoc(7).
 */
#include "doc/gen/gen.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void
mdoc_characters(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case '\\':
			fputs("\\e", stdout);
			break;
		case '-':
			fputs("\\-", stdout);
			break;
		case '\'':
			fputs("\\(aq", stdout);
			break;
		case '.': /* a dot in front would be a macro */
			fputs(i == 0 ? "\\&." : ".", stdout);
			break;
		default:
			putchar(text[i]);
		}
	}
}

/* Length of the first sentence of a line with the blank behind it. */
static size_t
sentence_len(const char *text, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++) {
		if (strchr(".:?!", text[i]) != NULL && text[i + 1] == ' ')
			return i + 2;
	}
	return len;
}

static void
print_prose(const char *line, size_t len)
{
	while (len > 0) {
		size_t n = sentence_len(line, len);
		size_t shown = n;
		while (shown > 0 && line[shown - 1] == ' ')
			shown--;
		mdoc_characters(line, shown);
		putchar('\n');
		line += n;
		len -= n;
	}
}

void
mdoc_text(const char *text)
{
	bool is_literal = false;
	bool is_gap = false;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		bool is_indented = text[0] == ' ';
		if (is_literal && !is_indented && len > 0) {
			puts(".Ed");
			is_literal = false;
			is_gap = true;
		}
		if (is_indented && !is_literal) {
			puts(".Bd -literal -offset Ds");
			is_literal = true;
		} else if (is_gap && len > 0 && !is_literal) {
			puts(".Pp");
		}
		is_gap = len == 0;
		if (is_literal) {
			mdoc_characters(text, len);
			putchar('\n');
		} else {
			print_prose(text, len);
		}
		text += len;
		text += *text == '\n';
	}
	if (is_literal)
		puts(".Ed");
}

void
mdoc_literal(const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		mdoc_characters(text, len);
		putchar('\n');
		text += len;
		text += *text == '\n';
	}
}
