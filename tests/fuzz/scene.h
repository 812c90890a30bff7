/*
 * The zone of the entries that ask questions.
 */
#ifndef FUZZ_SCENE_H
#define FUZZ_SCENE_H

#include "query/query.h"

/* The server's constants, and its zone; made at the first call. */
const struct query_env *scene_env(void);
const struct image_version *scene_version(void);

/* A zone that was emptied: not even an SOA. */
const struct image_version *scene_bare_version(void);

/*
 * Keys carrier. (OCN 1510), authority. and transfer., whose MACs are 'M' all
 * over. SCENE_NOW_S is a time for them.
 */
enum { SCENE_NOW_S = 1700000000 };
const struct keyring *scene_keyring(void);

#endif
