/*
 * Result codes. Every fallible function of the program returns one; the door
 * where it ends (DNS, control socket, exit code) maps it once. Layer 0.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

enum status_index {
#define STATUS(code, text) STATUS_INDEX_##code,
#include "base/status.def"
#undef STATUS
	STATUS_COUNT
};

enum status {
#define STATUS(code, text) code = -(int)STATUS_INDEX_##code,
#include "base/status.def"
#undef STATUS
};

/* The result must be looked at. */
#define MUST_CHECK __attribute__((warn_unused_result))

/*
 * Words for a code, without full stop, for people.
 * @param status any value, also one that is no code.
 * @return a static string, never NULL.
 * Thread: any.
 */
const char *status_text(enum status status);

#endif
