/*
 * What SIP servers dial for a number, from the NAPTR records that DNS gives,
 * and what an operator should know about it. Layer 10; one thread.
 */
#ifndef CMD_DIALLED_H
#define CMD_DIALLED_H

#include "registry/enum_reader.h"

#include <stdbool.h>

struct dialled {
	struct tn number;
	size_t name_len; /* bytes of the number's wire name */
	size_t n;
	const struct blob *rdatas;
	struct naptr naptrs[RRSET_RECORDS_MAX];
	struct enum_reading readings[READER_COUNT][RRSET_RECORDS_MAX];
	struct enum_choice choices[READER_COUNT];
};

/*
 * Read the records as each reader does.
 * @param number, name_len as in struct dialled.
 * @param rdatas n NAPTR records, at most RRSET_RECORDS_MAX, in the order of
 * the answer; kept.
 * @return OK; ERR_MALFORMED: one is none.
 */
MUST_CHECK enum status dialled_make(struct dialled *out, struct tn number,
    size_t name_len, const struct blob *rdatas, size_t n);

/* What a reader dials as number i; NULL: nothing more. */
const struct enum_reading *dialled_reading(const struct dialled *dialled,
    enum enum_reader reader, size_t i);

/* All readers dial the same URI first, and that is sure. */
bool dialled_agree(const struct dialled *dialled);

/* What goes wrong or differs, one sentence a call. */
void dialled_warn(const struct dialled *dialled,
    void (*say)(void *arg, const char *text), void *arg);

#endif
