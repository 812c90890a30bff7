/*
 * Giving memory back. Layer 5; any thread.
 */
#include "sys/memory.h"

#include <malloc.h> /* glibc: malloc_trim */

void
memory_trim(void)
{
	malloc_trim(0);
}
