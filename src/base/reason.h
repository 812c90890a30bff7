/*
 * Why something was refused or failed, in words for a person. Filled by the
 * function that knows, printed by the door. Layer 0.
 */
#ifndef BASE_REASON_H
#define BASE_REASON_H

#include <stdarg.h>

enum { REASON_CAP = 480 }; /* bytes, with the final NUL */

struct reason {
	char text[REASON_CAP]; /* "" = nothing said */
};

/*
 * Set the reason as printf would; longer text is cut. Control characters are
 * replaced by '?', so that input cannot forge a log line.
 * @param reason out; NULL is allowed and ignored.
 * Thread: the owner of *reason.
 */
void reason_set(struct reason *reason, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The same with arguments already taken up.
 * Thread: the owner of *reason.
 */
void reason_vset(struct reason *reason, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

#endif
