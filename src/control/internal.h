/*
 * What the files of the control door share: the door, its sessions (one for
 * each client), requests on their way, jobs. Layer 9.
 *
 * Threads: sessions and their requests belong to the door's thread. The engine
 * gives requests back on its own thread, through door->returned (mutex) and an
 * eventfd. A job has its own thread and owns its client's socket.
 */
#ifndef CONTROL_INTERNAL_H
#define CONTROL_INTERNAL_H

#include "control/control.h"
#include "control/frame.h"
#include "control/message.h"
#include "registry/vacancy.h"

#include <event2/bufferevent.h>
#include <event2/event.h>

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

enum {
	SESSIONS_MAX = 32,              /* clients at a time */
	JOBS_MAX = 8,                   /* jobs of one lane at a time */
	PAUSE_MS = 100,                 /* without descriptors */
	REQUESTS_MAX = 16,              /* of one client on their way */
	REQUEST_BYTES_ALL = 64 << 20,   /* of all clients on their way */
	OUTPUT_MAX = 1 << 20,           /* bytes waiting for one client */
	IDLE_S = 600,                   /* a client that says nothing */
	WRITE_S = 60,                   /* a client that takes nothing */
	WRITE_RATE = 256 << 10,         /* bytes/s that a job's client takes on
	                                 * average, beyond the first WRITE_S */
	DRAIN_MS = 2000,                /* for last answers at the end */
};

/* Exports that their clients stall keep nobody from the list of keys. */
enum job_lane { LANE_LONG, LANE_KEYS, LANES };

struct session;
struct job;

struct control {
	const struct settings *settings;
	const struct engine_access *access;
	int listener;
	int wakeup; /* eventfd: returned is not empty, a job ended, or stop */
	struct event_base *base;
	struct event *listen_event;
	struct event *wakeup_event;
	struct event *drain_event;
	struct event *pause_event; /* accept again */
	pthread_t thread;
	/* the door's thread only */
	struct session *sessions;
	unsigned n_sessions;
	unsigned n_in_flight;
	size_t bytes_in_flight;
	bool is_stopping;
	bool is_drained; /* DRAIN_MS are over */
	/* under the mutex */
	pthread_mutex_t mutex;
	struct pending *returned;
	struct job *jobs;
	unsigned n_jobs[LANES];
	bool has_stop; /* control_stop was called */
};

struct session {
	struct control *door;
	struct session *next;
	struct bufferevent *stream;
	int fd;
	uid_t uid;
	unsigned n_in_flight;
	bool is_closed; /* kept only until n_in_flight is 0 */
	bool is_ending; /* close when the output is gone */
	bool was_there; /* the last request that came back changed nothing */
};

/* A request on its way to the engine and back. */
struct pending {
	struct submission submission;
	struct session *session;
	struct pending *next;
	uint32_t tag;
	size_t len; /* bytes of the request */
	/* NULL: answer with an OUTCOME; else what a call waits for. Gets the
	 * call's own data; frees it. */
	void (*finish)(struct pending *pending, void *arg);
	void *arg;
};

/* ----------------------------------------------------------------- session */

/* Send a frame; the bytes are copied. */
void session_send(struct session *session, enum frame_kind kind,
    const void *payload, size_t len);

/* Send a message as REPLY or END. */
void session_reply(struct session *session, enum frame_kind kind,
    const struct message *message);

/* Send an OUTCOME. */
void session_answer(struct session *session, const struct answer *answer);

/* Send a REPLY that says why not. */
void session_refuse(struct session *session, enum status status,
    const char *text);

/* Take a new client's socket. The peer is allowed. */
void session_start(struct control *door, int fd, uid_t uid);

/* Stop reading, close when what is waiting has been sent. */
void session_end(struct session *session);

/* Close at once; requests on their way are waited for. */
void session_close(struct session *session);

/* Give the socket away, e.g. to a job; the session ends. @return the socket. */
int session_release(struct session *session);

/* Read again if limits allow, e.g. after answers have gone out. */
void session_resume(struct session *session);

/* Handle a call, calls.c. The session may be gone afterwards. */
void session_call(struct session *session, const struct message *message);

/*
 * Hand a request in. @param pending made by pending_create; request filled,
 * actor and door are set here.
 */
void session_submit(struct session *session, struct pending *pending);

/*
 * Look whether all that an offer adds is there: nothing of the session is on
 * its way, so what it was answered before is in the state. offer.c
 * @param answer out, when true.
 */
bool offer_is_there(struct session *session, const struct request *request,
    struct answer *answer);

/* An empty one; whoever hands it in no more destroys it. */
struct pending *pending_create(void);
void pending_destroy(struct pending *pending);

/* What came back, as the wire has it. */
void answer_of(struct answer *out, const struct pending *pending);

/* Make error and status members. */
void message_set_error(struct message *message, enum status status,
    const char *text);

/* --------------------------------------------------------------------- job */

enum job_kind { JOB_WALK, JOB_EXPORT, JOB_KEYS, JOB_FREE };

/*
 * Begin a long job; takes the session's socket, or refuses.
 * @param top for JOB_WALK: public names at or below it.
 * @param has_whois for JOB_EXPORT: N.w behind N.
 * @param vacancy for JOB_FREE.
 */
struct job_order {
	enum job_kind kind;
	struct owner top;
	bool has_whois;
	struct vacancy_order vacancy;
};
void job_start(struct session *session, const struct job_order *order);

/* End all jobs and wait for them. control_stop's thread. */
void jobs_stop(struct control *door);

#endif
