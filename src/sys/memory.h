/*
 * Memory that the C library keeps for later. Layer 5; any thread.
 */
#ifndef SYS_MEMORY_H
#define SYS_MEMORY_H

/* Give freed memory back to the system, where the C library can (glibc). Takes
 * about a millisecond for each 100 MB kept: for quiet moments. */
void memory_trim(void);

#endif
