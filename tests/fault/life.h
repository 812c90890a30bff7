/*
 * What a registrar does in its life, as functions that a process of its own
 * runs while one call fails: each notes at once, in memory that outlives the
 * process, what was answered.
 */
#ifndef FAULT_LIFE_H
#define FAULT_LIFE_H

#include "base/reason.h"

#include <stdbool.h>

enum {
	LIFE_NUMBERS = 300, /* of an import */
	LIFE_BATCH = 10,    /* in one slot */
	LIFE_KEYS = 6,
	LIFE_DONE = 0,      /* exit code: went through */
	LIFE_SAID = 1,      /* ended by itself, with a reason */
};

/* Answered with success, by the processes of a run so far. */
struct life {
	char state[256];
	bool has_begun;            /* init */
	bool is_asked[LIFE_NUMBERS];
	bool is_there[LIFE_NUMBERS];
	bool is_key_asked[LIFE_KEYS];
	bool is_key_there[LIFE_KEYS];
	struct reason said; /* by a process that ended by itself */
};

/* Once. @param state directory. @return NULL: no memory. */
struct life *life_create(const char *state);

/* A story; ends the process. */
typedef void life_fn(struct life *life);

life_fn life_init;    /* init */
life_fn life_import;  /* start, an import, queries, stop */
life_fn life_keys;    /* start, keys made and revoked, queries, stop */
life_fn life_restart; /* start, queries, stop */
life_fn life_spare;   /* start, wait for the next segment, stop */
life_fn life_killed;  /* as import, but the process ends without a stop */

/*
 * What must hold afterwards, without faults: it starts (init may be run once
 * more if it was not answered), has exactly what was answered, in full, and
 * perhaps what was asked for and not answered, and takes changes.
 * Ends the process; 0: all is well, else stderr has it.
 */
life_fn life_check;

#endif
