/*
 * Import files for the tests of zonefile: text in, rows and faults out as one
 * text, in a directory of its own.
 */
#ifndef UNIT_ZONEFILE_FIXTURE_H
#define UNIT_ZONEFILE_FIXTURE_H

#include "zonefile/carriers.h"
#include "zonefile/intake.h"

/* The zone of all tests: e164.example. */
extern const struct dname test_apex;

/* Setup and teardown of a group: an own directory, which is left and emptied. */
int fixture_enter(void **state);
int fixture_leave(void **state);

/* Write a file of the directory. */
void fixture_write(const char *name, const void *text, size_t len);

/*
 * Read a whole file as the format says, going on after faults.
 * @param carriers for PSV. @return text, to be given to free, one line each:
 * "line: owner ttl type rdata | ..." for a row (owner as name in the zone),
 * "line:column! reason" for a fault; "end" at the end.
 */
char *fixture_read(enum intake_format format, const char *name,
    struct carriers *carriers);

/* The same of a text; fails the test when it is not as wanted. */
void fixture_expect(enum intake_format format, const char *text,
    const char *want);

#endif
