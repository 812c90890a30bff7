/*
 * A plan of what goes wrong: the system calls of this program, those of
 * Berkeley DB included, go through plan.c, which lets one of them fail and
 * remembers what was written and not synced, so that a loss of power can be
 * played afterwards. The plan lies in memory that the processes of a run share.
 *
 * A call has a place (what kind of file below the state directory) and a number
 * among the calls of its kind at that place. Each place is written by one
 * thread, so the numbers do not depend on how threads take turns.
 */
#ifndef FAULT_PLAN_H
#define FAULT_PLAN_H

#include <stdbool.h>
#include <stddef.h>

enum fault_place {
	PLACE_STATE,   /* identity, secrets, lock, ballast, keys */
	PLACE_JOURNAL, /* segments */
	PLACE_SPARE,   /* the segment being made ahead */
	PLACE_MARK,
	PLACE_STORE,   /* Berkeley DB */
	PLACE_MEMORY,  /* no file: malloc, anonymous mmap */
	PLACES,
};

enum fault_call {
	CALL_OPEN,
	CALL_READ,
	CALL_WRITE,
	CALL_SYNC,
	CALL_RENAME,
	CALL_UNLINK,
	CALL_MKDIR,
	CALL_TRUNCATE,
	CALL_RESERVE, /* posix_fallocate */
	CALL_MAP,
	CALL_MEMORY, /* malloc, calloc, realloc */
	CALLS,
};

enum fault_kind {
	KIND_EIO,   /* once */
	KIND_FULL,  /* ENOSPC from here on, for whatever needs room */
	KIND_FDS,   /* EMFILE, once */
	KIND_SHORT, /* half of it is written, and that is said */
	KIND_TORN,  /* half of it is written, then the process is gone */
	KIND_STOP,  /* the process is gone before the call */
	KIND_NULL,  /* no memory, once */
	KINDS,
};

/* What becomes of writes that were not synced. */
enum fault_loss {
	LOSS_NONE, /* only the process ended */
	LOSS_ALL,
	LOSS_SOME, /* of each sector of 512 bytes by itself */
	LOSSES,
};

struct fault {
	enum fault_place place;
	enum fault_call call;
	enum fault_kind kind;
	unsigned nth; /* 1 is the first; 0: none, only count */
};

enum { PLAN_STOPPED = 77 }; /* exit code of a process that the plan ended */

extern const char *const place_names[PLACES];
extern const char *const call_names[CALLS];
extern const char *const kind_names[KINDS];

/* Once, before anything else. @return false: no memory. */
bool plan_init(void);

/* Forget the last run; the next one works below this directory. */
void plan_begin(const char *directory, const struct fault *fault);

/* From here on calls count and fail; until plan_disarm. */
void plan_arm(void);
void plan_disarm(void);

/* The fault has happened. */
bool plan_fired(void);

/* Calls of the last run. */
unsigned plan_count(enum fault_place place, enum fault_call call);

/* Take back what was not synced. Only when no process of the run is left. */
void plan_lose(enum fault_loss loss, unsigned seed);

/* For memory.c: is this allocation to fail? */
bool plan_memory_fails(void);

#endif
