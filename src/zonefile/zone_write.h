/*
 * Records as zone text that every DNS server loads: one record a line, names
 * relative to $ORIGIN. Derived records carry the comment "; derived", by which
 * zone_read leaves them out. Layer 6; one thread.
 */
#ifndef ZONEFILE_ZONE_WRITE_H
#define ZONEFILE_ZONE_WRITE_H

#include "base/bytes.h"
#include "base/status.h"
#include "dns/name.h"
#include "registry/rrset.h"

#include <stdint.h>
#include <stdio.h>

struct zone_writer {
	FILE *out;
	struct dname apex;
	uint32_t serial; /* put into the SOA */
	uint64_t records; /* written */
	char *line;      /* room for one record */
};

/* Write the $ORIGIN line. @return OK; ERR_IO without memory. */
MUST_CHECK enum status zone_write_start(struct zone_writer *out, FILE *file,
    const struct dname *apex, uint32_t serial);

/* Write all records of a node; at the apex the SOA first. */
void zone_write_node(struct zone_writer *writer, struct blob owner,
    const struct node *node);

/* Release. @return OK; ERR_IO when writing failed. */
MUST_CHECK enum status zone_write_end(struct zone_writer *writer);

#endif
