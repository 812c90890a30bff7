/*
 * A text file read byte by byte, with its place. A byte order mark at its start
 * is skipped. Layer 6; one thread.
 */
#ifndef ZONEFILE_SOURCE_H
#define ZONEFILE_SOURCE_H

#include "base/reason.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
	SOURCE_END = -1,    /* no more bytes */
	SOURCE_FAILED = -2, /* reading failed: source_reason */
	SOURCE_BUFFER = 256 * 1024, /* bytes */
};

struct source {
	int fd;
	char *path;       /* as given, for messages */
	uint8_t *buffer;  /* SOURCE_BUFFER bytes */
	size_t pos;       /* next byte in buffer */
	size_t len;       /* bytes in buffer */
	uint64_t before;  /* bytes of the file before the buffer */
	uint64_t line;    /* of the next byte, from 1 */
	uint32_t column;  /* of the next byte, in characters, from 1 */
	int error;        /* errno after SOURCE_FAILED */
};

/*
 * Open a file; "-" is the standard input.
 * @return OK (to be given to source_close); ERR_NOT_FOUND, ERR_IO with reason.
 */
MUST_CHECK enum status source_open(struct source *out, const char *path,
    struct reason *reason);
void source_close(struct source *source);

/* Fill the buffer; for source_peek only. */
int source_refill(struct source *source);

/* Bytes read so far. */
static inline uint64_t
source_offset(const struct source *source)
{
	return source->before + source->pos;
}

/* The next byte without taking it, SOURCE_END or SOURCE_FAILED. */
static inline int
source_peek(struct source *source)
{
	if (source->pos < source->len)
		return source->buffer[source->pos];
	return source_refill(source);
}

/* Take the next byte, SOURCE_END or SOURCE_FAILED. */
static inline int
source_take(struct source *source)
{
	int c = source_peek(source);

	if (c < 0)
		return c;
	source->pos++;
	if (c == '\n') {
		source->line++;
		source->column = 1;
	} else if ((c & 0xc0) != 0x80) {
		source->column++;
	}
	return c;
}

#endif
