/*
 * Carrier names and their OCNs, for files that only have names. A name keeps
 * the OCN it is registered with; a new name gets one made from the name: a
 * letter and three of 0-9 A-Z, the next free one if it is taken. So the same
 * file gives the same OCNs in every run and in every registry that began
 * empty. Layer 6; one thread.
 */
#ifndef ZONEFILE_CARRIERS_H
#define ZONEFILE_CARRIERS_H

#include "base/bytes.h"
#include "base/status.h"

#include <stdbool.h>

enum { CARRIERS_MAX = 200000 };

struct carriers;

/* @return NULL without memory. */
struct carriers *carriers_create(void);
void carriers_destroy(struct carriers *carriers);

/*
 * Enter a registered OCN with its name (name.len 0: only taken).
 * @param ocn four characters 0-9 A-Z; others are ignored.
 * @return OK; ERR_FULL above CARRIERS_MAX or without memory.
 */
MUST_CHECK enum status carriers_enter(struct carriers *carriers,
    const char *ocn, struct blob name);

/*
 * The OCN of a name, made now if it has none.
 * @param ocn five bytes, with NUL. @param is_new out: made now.
 * @return OK; ERR_FULL.
 */
MUST_CHECK enum status carriers_find(struct carriers *carriers,
    struct blob name, char *ocn, bool *is_new);

#endif
