/*
 * Building of reason texts. Layer 0; the owner of the struct.
 */
#include "base/reason.h"

#include <stdarg.h>
#include <stdio.h>

void
reason_set(struct reason *reason, const char *format, ...)
{
	va_list args;

	if (reason == NULL)
		return;
	va_start(args, format);
	vsnprintf(reason->text, sizeof reason->text, format, args);
	va_end(args);
	for (char *c = reason->text; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
}
