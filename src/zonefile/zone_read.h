/*
 * A zone file as a stream of records, RFC 1035 5 and RFC 2308 4: $ORIGIN, $TTL,
 * $INCLUDE (of files at or below the directory of the including file), @,
 * names left out. Records that a signer or the registry makes are left out and
 * counted. Layer 6; one thread.
 */
#ifndef ZONEFILE_ZONE_READ_H
#define ZONEFILE_ZONE_READ_H

#include "base/arena.h"
#include "dns/name.h"
#include "zonefile/row.h"

#include <stdint.h>

struct zone_reader;

enum {
	ZONE_INCLUDES_MAX = 64, /* files of one zone */
	ZONE_DEPTH_MAX = 8,     /* nested $INCLUDE */
};

/*
 * Open a file. @param apex of the zone, also the first origin; copied.
 * @return OK; ERR_NOT_FOUND, ERR_IO with reason.
 */
MUST_CHECK enum status zone_reader_open(struct zone_reader **out,
    const char *path, const struct dname *apex, struct reason *reason);
void zone_reader_close(struct zone_reader *reader);

/*
 * The next record, as a row of one.
 * @return OK; ERR_NOT_FOUND at the end; ERR_MALFORMED with fault (go on with
 * the next record); ERR_FOREIGN with fault (the file is of another zone),
 * ERR_IO with fault: no way on.
 */
MUST_CHECK enum status zone_reader_next(struct zone_reader *reader,
    struct row *out, struct arena *arena, struct row_fault *fault);

/* Bytes read of the first file; records left out so far. */
uint64_t zone_reader_offset(const struct zone_reader *reader);
uint64_t zone_reader_signatures(const struct zone_reader *reader);
uint64_t zone_reader_derived(const struct zone_reader *reader);

#endif
