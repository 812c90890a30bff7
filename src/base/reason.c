/*
 * Building of reason texts. Layer 0; the owner of the struct.
 */
#include "base/reason.h"

#include <stdio.h>

void
reason_vset(struct reason *reason, const char *format, va_list args)
{
	if (reason == NULL)
		return;
	vsnprintf(reason->text, sizeof reason->text, format, args);
	for (char *c = reason->text; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
}

void
reason_set(struct reason *reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reason_vset(reason, format, args);
	va_end(args);
}
