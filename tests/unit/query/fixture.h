/*
 * A small zone in an image, and answers as text, for the tests of src/query.
 */
#ifndef UNIT_QUERY_FIXTURE_H
#define UNIT_QUERY_FIXTURE_H

#include "unit/unit.h"

#include "dns/name.h"
#include "image/image.h"

enum { ANSWER_TEXT_CAP = 400 * 1024 };

/*
 * Build an image from lines "owner ttl type rdata...", records of one owner
 * together. Owners and names are relative to apex unless they end in a dot;
 * "@" is the apex. Fails the test on a bad line.
 */
struct image *fixture_image(const char *const *lines, size_t n,
    const struct dname *apex);

/* Give it back. */
void fixture_destroy(struct image *image);

/*
 * A message as text: "RCODE flags", then a line for every record,
 * "AN owner ttl TYPE rdata", OPT as "OPT size version flags [EDE n]".
 * Fails the test when the message is not well formed.
 * @return a static buffer.
 */
const char *fixture_print(const uint8_t *message, size_t len);

#endif
