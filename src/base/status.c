/*
 * Texts of the result codes, from the one table. Layer 0; any thread.
 */
#include "base/status.h"

#include <stddef.h>

static const char *const texts[] = {
#define STATUS(code, text) text,
#include "base/status.def"
#undef STATUS
};

const char *
status_text(enum status status)
{
	int index = -(int)status;

	if (index < 0 || (size_t)index >= sizeof texts / sizeof texts[0])
		return "unknown error";
	return texts[index];
}
