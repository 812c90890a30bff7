/*
 * Which warnings of an import are said: a few of each kind, the rest is only
 * counted. Layer 10; one thread.
 */
#ifndef CMD_WARNED_H
#define CMD_WARNED_H

#include <stdbool.h>
#include <stdint.h>

enum {
	WARNED_KINDS_MAX = 32,
	WARNED_OF_KIND_MAX = 3,
	WARNED_TEXT_MAX = 64, /* bytes of a kind with its NUL */
};

struct warned_kind {
	char text[WARNED_TEXT_MAX];
	unsigned n;
};

struct warned {
	struct warned_kind kinds[WARNED_KINDS_MAX];
	unsigned n_kinds;
	uint64_t n_said;
};

/*
 * Whether to say one more. @param out all zero at first. @param text as
 * "name: ...: kind": what stands behind the last ": " is the kind.
 */
bool warned_is_new(struct warned *out, const char *text);

#endif
