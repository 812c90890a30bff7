/*
 * The end of a process whose contract broke. Not part of the pure object: the
 * only file of layer 0 that writes to stderr. Layer 0; any thread.
 */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

void
check_fail(const char *kind, const char *what, const char *file, int line)
{
	fprintf(stderr, "fatal: %s failed: %s (%s:%d)\n", kind, what, file,
	    line);
	abort();
}
