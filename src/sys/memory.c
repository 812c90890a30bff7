/*
 * Giving memory back. Layer 5; any thread.
 */
#include "sys/memory.h"

#include <malloc.h>

void
memory_trim(void)
{
	malloc_trim(0);
}
