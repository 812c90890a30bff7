/*
 * What the tests of the judge share: a zone (fake view), a request that is
 * built line by line as nsupdate would write it, and its verdict. Names are
 * text in the zone e164.example., relative or with a final dot.
 */
#ifndef UNIT_REGISTRY_SCENE_H
#define UNIT_REGISTRY_SCENE_H

#include "dns/rdata.h"
#include "registry/judge.h"
#include "unit/registry/fake_view.h"

#include <stdbool.h>

enum { SCENE_LINES_MAX = 8192 };

struct scene {
	struct fake_view fake;
	struct arena arena; /* of one request */
	struct dname apex;
	struct request request;
	uint64_t now_ms; /* slot time of the next request */
	struct receipts_view receipts;
	struct request_rr prereqs[SCENE_LINES_MAX];
	struct request_rr changes[SCENE_LINES_MAX];
	struct pin_verdict verdicts[REQUEST_VERDICTS_MAX];
	struct outcome out;
};

/* An empty zone; the actor is the authority over UPDATE. */
struct scene *scene_create(void);

/* From now on as the authority, or as a carrier's administrator. */
void scene_as_authority(struct scene *scene);
void scene_as(struct scene *scene, const char *ocn);
void scene_take_key(struct scene *scene, const char *name, enum role role,
    const char *ocn);

/* The PIN of a number, right or wrong, against the verifier that is there. */
void scene_pin(struct scene *scene, const char *number, bool is_right);

/* Set the PIN of a number: a verifier whose bytes are all `fill`. */
void scene_set_pin(struct scene *scene, const char *number, uint8_t fill);

/* A key of an OCN: add it (as the door makes it), and look at it. */
void scene_add_key(struct scene *scene, const char *name, const char *ocn);
bool scene_has_key(struct scene *scene, const char *name, const char *ocn,
    uint32_t version);

/* Whether a number has a PIN. */
bool scene_has_pin(struct scene *scene, const char *number);

/* Wrong PINs counted for a number and an OCN. */
unsigned scene_tries(struct scene *scene, const char *number,
    const char *ocn);

/* Give all memory back. */
void scene_destroy(struct scene *scene);

/* Forget prerequisites and changes of the request. */
void scene_begin(struct scene *scene);

/* Owner form of a name. */
struct blob scene_owner(struct scene *scene, const char *name);

/* rdata in the scene's arena. */
struct blob scene_txt(struct scene *scene, const char *text);
struct blob scene_a(struct scene *scene, const char *four_bytes);
struct blob scene_name(struct scene *scene, const char *name);
struct blob scene_soa(struct scene *scene, const char *mname, uint32_t serial);
struct blob scene_naptr(struct scene *scene, unsigned preference,
    const char *services, const char *regexp);

/* Lines of the request. */
void scene_prereq(struct scene *scene, const char *name, uint16_t rclass,
    uint16_t type, struct blob rdata);
void scene_change(struct scene *scene, const char *name, uint16_t rclass,
    uint16_t type, uint32_t ttl, struct blob rdata);
void scene_add(struct scene *scene, const char *name, uint16_t type,
    struct blob rdata); /* TTL 300 */
void scene_add_txt(struct scene *scene, const char *name, const char *text);
void scene_delete_name(struct scene *scene, const char *name);
void scene_delete_type(struct scene *scene, const char *name, uint16_t type);
void scene_delete(struct scene *scene, const char *name, uint16_t type,
    struct blob rdata);

/* Judge; apply if done (serial too); begin the next request. @return rcode. */
uint16_t scene_send(struct scene *scene);

/* What is at a name: one record, or how many of a type (0: none). */
bool scene_has(struct scene *scene, const char *name, uint16_t type,
    struct blob rdata);
bool scene_has_txt(struct scene *scene, const char *name, const char *text);
unsigned scene_count(struct scene *scene, const char *name, uint16_t type);
bool scene_is_empty(struct scene *scene, const char *name);
uint32_t scene_ttl(struct scene *scene, const char *name, uint16_t type);

#endif
