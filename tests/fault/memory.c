/*
 * malloc and its like, to be refused by plan. Not in programs with sanitizers,
 * which have their own.
 */
#include "plan.h"

#include <errno.h>
#include <stdlib.h>

/* glibc's own, under the names that it exports for this. */
extern void *__libc_malloc(size_t len);
extern void *__libc_calloc(size_t n, size_t len);
extern void *__libc_realloc(void *old, size_t len);

static bool
fails(void)
{
	if (!plan_memory_fails())
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t len)
{
	return fails() ? NULL : __libc_malloc(len);
}

void *
calloc(size_t n, size_t len)
{
	return fails() ? NULL : __libc_calloc(n, len);
}

void *
realloc(void *old, size_t len)
{
	return len > 0 && fails() ? NULL : __libc_realloc(old, len);
}
