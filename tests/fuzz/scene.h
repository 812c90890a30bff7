/*
 * The zone of the entries that ask questions.
 */
#ifndef FUZZ_SCENE_H
#define FUZZ_SCENE_H

#include "query/query.h"

/* The server's constants, and its zone; made at the first call. */
const struct query_env *scene_env(void);
const struct image_version *scene_version(void);

#endif
