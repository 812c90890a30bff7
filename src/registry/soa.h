/*
 * The SOA record as the registry keeps it: with serial 0, because the serial
 * belongs to the version of the zone (registry/rrset.h). Layer 2; any thread.
 */
#ifndef REGISTRY_SOA_H
#define REGISTRY_SOA_H

#include "base/arena.h"
#include "base/bytes.h"

#include <stdint.h>

/* The serial in well-formed SOA rdata. */
uint32_t soa_serial(struct blob rdata);

/* A copy with serial 0, in the arena. @param rdata well-formed SOA rdata. */
struct blob soa_without_serial(struct arena *arena, struct blob rdata);

#endif
