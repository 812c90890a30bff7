/*
 * What compilers offer beyond C17, with a plain meaning where they do not.
 * Layer 0.
 */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#if defined(__has_attribute)
#if __has_attribute(uninitialized)
/* On a variable that is written before it is read: not zeroed first, as the
 * program's others are (-ftrivial-auto-var-init). For large ones on hot paths
 * only. */
#define UNINITIALIZED __attribute__((uninitialized))
#endif
#endif
#ifndef UNINITIALIZED
#define UNINITIALIZED
#endif

#endif
