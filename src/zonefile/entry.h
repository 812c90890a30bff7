/*
 * Entries of a zone file: the words of one record or directive, over several
 * lines when in parentheses. RFC 1035 5.1. Refuses control characters, and
 * what is larger than the limits below. Layer 6; one thread.
 */
#ifndef ZONEFILE_ENTRY_H
#define ZONEFILE_ENTRY_H

#include "base/status.h"
#include "zonefile/row.h"
#include "zonefile/source.h"

#include <stdbool.h>

enum {
	ENTRY_BYTES_MAX = 256 * 1024, /* of all words */
	ENTRY_WORDS_MAX = 8192,
};

struct word {
	const char *text; /* escapes as written, no quotes; ends in NUL */
	size_t len;
	uint64_t line;
	uint32_t column;
	bool is_quoted;
};

struct entry {
	struct word words[ENTRY_WORDS_MAX];
	size_t n;          /* at least 1 */
	bool has_owner;    /* the first word begins the line */
	bool is_derived;   /* ends in the comment "; derived" */
	char bytes[ENTRY_BYTES_MAX];
};

/*
 * Read the next entry that is not empty.
 * @return OK; ERR_NOT_FOUND at the end; ERR_MALFORMED with fault (the source
 * stands behind it, reading may go on); ERR_IO with fault.
 */
MUST_CHECK enum status entry_read(struct entry *out, struct source *source,
    struct row_fault *fault);

#endif
