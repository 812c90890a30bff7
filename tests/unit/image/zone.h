/*
 * A plain model of the zone for the tests of src/image: names in a sorted
 * array, look-up by reading the RFCs word by word. Slow and simple.
 */
#ifndef UNIT_IMAGE_ZONE_H
#define UNIT_IMAGE_ZONE_H

#include "unit/unit.h"

#include "base/arena.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "image/image.h"
#include "registry/changeset.h"
#include "registry/rrset.h"

struct zone_name {
	struct owner owner;
	struct node node; /* bytes of its own */
};

struct zone {
	struct zone_name *names; /* in owner order */
	size_t n;
	size_t cap;
	uint32_t serial;
	uint64_t slot;
};

void zone_init(struct zone *zone);
void zone_fini(struct zone *zone);
void zone_copy(struct zone *out, const struct zone *zone);

/* What is at owner; rrsets.len 0: nothing. */
struct node zone_get(const struct zone *zone, struct blob owner);
/* Put (rrsets.len 0: remove). */
void zone_put(struct zone *zone, struct blob owner, const struct node *node);

/* RFC 1034 4.3.2 and RFC 4592 over the array. @param node out: index into
 * names of the node that answers, or -1. */
enum image_match_kind zone_find(const struct zone *zone, struct blob owner,
    unsigned *encloser_labels, long *node);

/* Owner from text seen as written: "_sip._tcp.3.2.1", "" is the apex. */
struct owner owner_of(const char *text);

/* Records for tests. Their bytes are in the arena. */
struct record record_txt(struct arena *arena, const char *text);
struct record record_naptr(struct arena *arena, const char *regexp);
struct record record_name(struct arena *arena, uint16_t type,
    const char *text);
struct record record_a(struct arena *arena, uint32_t address);
struct record record_soa(struct arena *arena);
struct record record_cert(struct arena *arena, uint8_t fill, size_t len);

struct node node_of(struct arena *arena, const struct record *records,
    size_t n);

/* A node with one TXT record. */
struct node node_txt(struct arena *arena, const char *text);

/* The change from before to after at owner. */
struct name_change change_of(struct arena *arena, struct blob owner,
    const struct node *before, const struct node *after);

/* The answer section's bytes of an RRset, made the slow way. */
size_t emit_plain(const struct rrset *rrset, uint32_t serial,
    uint16_t offset, uint8_t *out);

/* version shows exactly zone: all names, all bytes, in order. */
void assert_shows(const struct image_version *version,
    const struct zone *zone);
/* A look-up gives what the model gives, records included. */
void assert_finds(const struct image_version *version,
    const struct zone *zone, struct blob owner);
/* image_check has nothing to say. */
void assert_sound(const struct image *image,
    const struct image_version *version);

/* Numbers for tests: xorshift. */
uint32_t dice(uint64_t *seed, uint32_t below);

#endif
