/*
 * What a door (control socket, later UPDATE and console) may do with the
 * engine: hand in requests, read a pinned version, ask how things are. A
 * struct of functions, so that doors are tested without an engine. Layer 8.
 */
#ifndef ENGINE_ACCESS_H
#define ENGINE_ACCESS_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/status.h"
#include "image/image.h"
#include "registry/judge.h"
#include "registry/request.h"

#include <stdint.h>

/*
 * One request on its way. Belongs to the door until submit, to the engine
 * until done is called, then to the door again.
 */
struct submission {
	struct arena arena; /* the door's: holds request and its blobs; the
	                     * engine puts the outcome's reasons in *outcome */
	struct request request;
	/* out: */
	enum status status; /* OK: judged, and its slot is chosen and applied;
	                     * ERR_NO_QUORUM, ERR_BUSY (queue full), ERR_FULL
	                     * (disk below its watermark), ERR_CLOSED
	                     * (stopping): not known or not done; ERR_STALE: a
	                     * PIN changed while it was checked, check again */
	struct outcome outcome; /* when OK; outcome.part is not kept */
	uint64_t slot;          /* when OK: where it was decided */
	size_t n_changed;       /* when OK: names whose records it changed */
	/* Called once, on the engine's thread (or inside submit): must only
	 * hand over to the door's own thread. */
	void (*done)(struct submission *submission);
	void *arg;               /* the door's */
	struct submission *next; /* the engine's queue */
};

struct engine_status {
	char registrar[REGISTRAR_NAME_MAX + 1];
	struct dname apex;
	uint8_t group[16]; /* id of the group */
	uint32_t serial;
	uint64_t slot_chosen;
	uint64_t slot_applied;
	uint64_t slot_stored; /* what Berkeley DB has */
	uint64_t time_ms;     /* of the last slot */
	const char *role;     /* "voter", "mirror", "joining" */
	char leader[REGISTRAR_NAME_MAX + 1]; /* "" none known */
	unsigned voters;
	unsigned quorum;
	struct digest digest;
	struct image_usage usage;
	uint64_t started_ms; /* wall clock */
};

enum { ENGINE_COUNTERS_MAX = 64 }; /* what counters() may give */

/* One counter since the start of the process. */
struct engine_counter {
	const char *name; /* stable, lower case, with '_'; static */
	uint64_t value;
};

struct engine_access {
	void *arg;
	void (*submit)(void *arg, struct submission *submission);
	/* A version that stays readable until unpin. Any thread. */
	const struct image_version *(*pin)(void *arg);
	void (*unpin)(void *arg, const struct image_version *version);
	/* A node of any scope, as of the last applied slot. Any thread.
	 * @return OK (nothing: rrsets.len 0), ERR_IO, ERR_DAMAGED. */
	enum status (*get)(void *arg, struct blob owner, struct arena *arena,
	    struct node *out);
	/* The same for several names of scope WHOIS or PRIVATE one by one,
	 * fastest in owner order. begin gives NULL when it cannot; end soon:
	 * the store's writer waits. Any thread, but one for all three. */
	void *(*read_begin)(void *arg);
	enum status (*read)(void *arg, void *reader, struct blob owner,
	    struct arena *arena, struct node *out);
	void (*read_end)(void *arg, void *reader);
	/* All names of scope WHOIS or PRIVATE at or below top, after waiting
	 * until the store has what the pinned version shows. Any thread. */
	enum status (*walk)(void *arg, struct blob top,
	    enum status (*each)(void *each_arg, struct blob owner,
	        const struct node *node),
	    void *each_arg, struct reason *reason);
	void (*status)(void *arg, struct engine_status *out);
	/* Fill in counters of queries and connections, at most
	 * ENGINE_COUNTERS_MAX. @return how many. Any thread. */
	size_t (*counters)(void *arg,
	    struct engine_counter out[ENGINE_COUNTERS_MAX]);
	/* Seal a TSIG secret with the group's key: out has len + SEAL_EXTRA
	 * bytes. @return OK. Any thread. */
	enum status (*seal)(void *arg, const uint8_t *secret, size_t len,
	    uint8_t *out, size_t *out_len);
	/* Ask the server to stop, as SIGTERM would. */
	void (*stop)(void *arg);
	/* Read the settings anew, as SIGHUP would. text: what came of it, for
	 * people, in lines, to be given to free; NULL without memory.
	 * @return OK; else nothing has changed. Any thread. */
	enum status (*reload)(void *arg, char **text);
};

#endif
