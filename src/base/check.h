/*
 * Contracts, always compiled in. Bugs are not errors: a broken contract ends
 * the process before wrong data leaves it. Never use these on input from a
 * socket, a peer, a file or a disk: that is checked and refused. Layer 0.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

/*
 * What a broken contract calls: says what and where on stderr, and aborts.
 * @param kind "require", "ensure", "never" or "memory".
 * @param what the condition as written. @param file, line: where.
 * Supplied by base/check_fail.c; a test may supply its own.
 * Thread: any. Does not return.
 */
_Noreturn void check_fail(const char *kind, const char *what, const char *file,
    int line);

/* The caller's duty. */
#define require(cond) \
	((cond) ? (void)0 : check_fail("require", #cond, __FILE__, __LINE__))
/* Our own invariant. */
#define ensure(cond) \
	((cond) ? (void)0 : check_fail("ensure", #cond, __FILE__, __LINE__))
/* A place that cannot be reached. */
#define never(what) check_fail("never", what, __FILE__, __LINE__)

#endif
