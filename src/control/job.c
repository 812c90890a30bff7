/*
 * Long jobs: walks and exports over a pinned version of the zone, each on a
 * thread of its own that owns the client's socket and writes to it until it is
 * done, the client takes too little (WRITE_S, WRITE_RATE), or the server ends.
 * Memory: one block of output and one node. Layer 9.
 */
#include "control/internal.h"

#include "base/check.h"
#include "control/keys.h"
#include "control/vacant.h"
#include "registry/scope.h"
#include "sys/clock.h"

#include <event2/buffer.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BLOCK_BYTES = 256 * 1024,  /* of DATA at a time */
	PROGRESS_NODES = 20000,    /* between two PROGRESS frames */
	SEND_BYTES = 32 * 1024,    /* between two looks at the clock */
};

struct job {
	struct control *door;
	struct job *next;
	pthread_t thread;
	struct job_order order;
	int fd;
	bool is_done; /* under the door's mutex */
	/* the job's thread only */
	const struct image_version *version;
	struct arena arena;
	uint64_t started_ms;   /* monotonic */
	uint64_t n_sent;       /* bytes */
	struct owner at;       /* the last public name that was written */
	bool has_begun;
	uint64_t n_nodes;
	uint64_t n_all;
	uint8_t *block;        /* DATA being collected */
	size_t used;
	enum status failure;   /* of the socket or the store */
	struct reason reason;
};

/* ------------------------------------------------------------------ output */

/*
 * The client takes so little that its version would be held, and grow, for
 * hours.
 */
static bool
is_too_slow(const struct job *job)
{
	uint64_t allowed_ms = 1000 * (WRITE_S + job->n_sent / WRITE_RATE);

	return clock_mono_ms() - job->started_ms > allowed_ms;
}

static enum status
send_all(struct job *job, const void *data, size_t len, int flags)
{
	const uint8_t *p = data;

	while (len > 0) {
		size_t part = len < SEND_BYTES ? len : SEND_BYTES;
		ssize_t n = send(job->fd, p, part, MSG_NOSIGNAL | flags);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || is_too_slow(job))
			return ERR_CLOSED;
		job->n_sent += (uint64_t)n;
		p += n;
		len -= (size_t)n;
	}
	return OK;
}

static enum status
send_frame(struct job *job, enum frame_kind kind, const void *payload,
    size_t len)
{
	uint8_t head[FRAME_HEAD];

	frame_head(head, kind, len);
	enum status status = send_all(job, head, sizeof head,
	    len > 0 ? MSG_MORE : 0);
	return status == OK ? send_all(job, payload, len, 0) : status;
}

static enum status
flush_block(struct job *job)
{
	size_t used = job->used;

	job->used = 0;
	return used == 0 ? OK : send_frame(job, FRAME_DATA, job->block, used);
}

static enum status
send_progress(struct job *job)
{
	uint8_t payload[16];
	struct writer w = writer_make(payload, sizeof payload);

	write_u64(&w, job->n_nodes);
	write_u64(&w, job->n_all);
	return send_frame(job, FRAME_PROGRESS, payload, sizeof payload);
}

/* A node too large for a block goes out in a frame of its own. */
static enum status
put_node(struct job *job, struct blob owner, const struct node *node)
{
	size_t len = node_len(owner, node);
	enum status status = OK;

	if (len >= FRAME_MAX) {
		reason_set(&job->reason,
		    "a name has more records than can be sent");
		return ERR_TOO_LONG;
	}
	if (len > BLOCK_BYTES - job->used)
		status = flush_block(job);
	if (status == OK && len > BLOCK_BYTES) {
		struct writer w = writer_make(arena_alloc(&job->arena, len),
		    len);
		node_write(&w, owner, node);
		status = send_frame(job, FRAME_DATA, w.start, len);
	} else if (status == OK) {
		struct writer w = writer_make(job->block + job->used,
		    BLOCK_BYTES - job->used);
		node_write(&w, owner, node);
		job->used += writer_len(&w);
	}
	if (status == OK && ++job->n_nodes % PROGRESS_NODES == 0)
		status = send_progress(job);
	return status;
}

/* ------------------------------------------------------------------- walks */

static enum status
put_public(struct job *job, struct blob owner)
{
	struct node node = { 0 };

	arena_reset(&job->arena);
	image_get(job->version, owner, &job->arena, &node);
	return node.rrsets.len == 0 ? OK : put_node(job, owner, &node);
}

/*
 * Write public names in owner order, up to and with limit (NULL: all).
 */
static enum status
put_names(struct job *job, const struct blob *limit)
{
	const struct blob top = owner_blob(&job->order.top);
	struct owner next;
	uint8_t flags = 0;

	if (!job->has_begun) {
		job->has_begun = true;
		enum status status = put_public(job, top);
		if (status != OK)
			return status;
	}
	while (image_next_below(job->version, top, owner_blob(&job->at),
	    &next, &flags)) {
		if (limit != NULL &&
		    owner_compare(owner_blob(&next), *limit) > 0)
			return OK;
		enum status status = put_public(job, owner_blob(&next));
		if (status != OK)
			return status;
		job->at = next;
	}
	return OK;
}

/* A name below w: first all public names up to the number it is about. */
static enum status
put_whois(void *arg, struct blob owner, const struct node *node)
{
	struct job *job = arg;
	static const size_t w_len = 2; /* label w with its length */

	if (owner.len <= w_len)
		return OK;
	const struct blob number = { owner.data + w_len, owner.len - w_len };
	job->failure = put_names(job, &number);
	if (job->failure == OK) {
		arena_reset(&job->arena);
		job->failure = put_node(job, owner, node);
	}
	return job->failure;
}

static enum status
put_export(struct job *job)
{
	const struct engine_access *access = job->door->access;
	static const uint8_t w[] = { 1, 'w' };

	if (job->order.has_whois) {
		enum status status = access->walk(access->arg,
		    (struct blob){ w, sizeof w }, put_whois, job,
		    &job->reason);
		if (status != OK)
			return job->failure != OK ? job->failure : status;
	}
	return put_names(job, NULL);
}

static enum status
put_key(void *arg, const struct message *key)
{
	struct job *job = arg;
	size_t len = 0;
	char *text = message_encode(key, &len);

	job->failure = send_frame(job, FRAME_DATA, text, len);
	free(text);
	return job->failure;
}

static enum status
put_free(struct job *job)
{
	struct message *found = message_create();
	size_t len = 0;

	enum status status = vacant_list(found, job->version,
	    &job->order.vacancy, &job->reason);
	char *text = message_encode(found, &len);
	if (status == OK)
		status = send_frame(job, FRAME_DATA, text, len);
	free(text);
	message_destroy(found);
	return status;
}

/* ------------------------------------------------------------------ thread */

static enum status
send_message(struct job *job, enum frame_kind kind,
    const struct message *message)
{
	size_t len = 0;
	char *text = message_encode(message, &len);
	enum status status = send_frame(job, kind, text, len);

	free(text);
	return status;
}

/* What is to come: the version and how much. */
static enum status
send_begin(struct job *job)
{
	const struct engine_access *access = job->door->access;
	char zone[NAME_TEXT_MAX];
	struct engine_status now;
	struct message *out = message_create();

	memset(&now, 0, sizeof now);
	access->status(access->arg, &now);
	job->n_all = job->order.kind == JOB_EXPORT ? now.usage.names : 0;
	message_set_text(out, "zone",
	    dname_format(zone, sizeof zone, &now.apex));
	message_set_number(out, "serial", image_serial(job->version));
	message_set_number(out, "slot", image_slot(job->version));
	message_set_number(out, "names", job->n_all);
	enum status status = send_message(job, FRAME_REPLY, out);
	message_destroy(out);
	return status;
}

static enum status
run_order(struct job *job)
{
	switch (job->order.kind) {
	case JOB_WALK:
		return put_names(job, NULL);
	case JOB_EXPORT:
		return put_export(job);
	case JOB_FREE:
		return put_free(job);
	case JOB_KEYS:
		break;
	}
	return keys_list(job->door->access, put_key, job, &job->reason);
}

static void
send_failure(struct job *job, enum status status)
{
	struct message *out = message_create();

	message_set_error(out, status, job->reason.text[0] != '\0' ?
	    job->reason.text : status_text(status));
	(void)!send_message(job, FRAME_END, out);
	message_destroy(out);
}

static void *
job_main(void *arg)
{
	struct job *job = arg;
	struct control *door = job->door;
	const struct engine_access *access = door->access;
	enum status status = ERR_BUSY;

	job->version = access->pin(access->arg);
	if (job->version != NULL)
		status = send_begin(job);
	if (status == OK)
		status = run_order(job);
	if (status == OK)
		status = flush_block(job);
	if (status == OK) {
		struct message *end = message_create();
		message_set_number(end, "names", job->n_nodes);
		status = send_message(job, FRAME_END, end);
		message_destroy(end);
	} else if (status != ERR_CLOSED) {
		send_failure(job, status);
	}
	if (job->version != NULL)
		access->unpin(access->arg, job->version);
	arena_fini(&job->arena);
	free(job->block);
	pthread_mutex_lock(&door->mutex);
	close(job->fd);
	job->fd = -1;
	job->is_done = true;
	pthread_mutex_unlock(&door->mutex);
	return NULL;
}

static enum job_lane
lane_of(enum job_kind kind)
{
	return kind == JOB_KEYS ? LANE_KEYS : LANE_LONG;
}

/* Join the jobs that are done; all: make them end, and wait. */
static void
reap_jobs(struct control *door, bool is_all)
{
	for (;;) {
		pthread_mutex_lock(&door->mutex);
		struct job **link = &door->jobs;
		while (*link != NULL && !is_all && !(*link)->is_done)
			link = &(*link)->next;
		struct job *job = *link;
		if (job != NULL) {
			*link = job->next;
			door->n_jobs[lane_of(job->order.kind)]--;
			if (job->fd >= 0)
				(void)shutdown(job->fd, SHUT_RDWR);
		}
		pthread_mutex_unlock(&door->mutex);
		if (job == NULL)
			return;
		pthread_join(job->thread, NULL);
		free(job);
	}
}

void
jobs_stop(struct control *door)
{
	reap_jobs(door, true);
}

/* The socket blocks from here on, but never longer than WRITE_S. */
static bool
make_blocking(int fd)
{
	const struct timeval slow = { .tv_sec = WRITE_S };
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &slow, sizeof slow) == 0;
}

void
job_start(struct session *session, const struct job_order *order)
{
	struct control *door = session->door;
	enum job_lane lane = lane_of(order->kind);
	struct job *job = NULL;
	uint8_t *block = NULL;

	reap_jobs(door, false);
	size_t waiting = evbuffer_get_length(
	    bufferevent_get_output(session->stream));
	if (session->n_in_flight > 0 || waiting > 0) {
		session_refuse(session, ERR_BUSY,
		    "earlier requests of this client are still on their way");
		return;
	}
	if (door->n_jobs[lane] >= JOBS_MAX || door->is_stopping) {
		session_refuse(session, ERR_BUSY,
		    "too many exports at a time, try again later");
		return;
	}
	job = calloc(1, sizeof *job);
	block = malloc(BLOCK_BYTES);
	if (job == NULL || block == NULL)
		check_fail("memory", "job", __FILE__, __LINE__);
	arena_init(&job->arena);
	job->door = door;
	job->started_ms = clock_mono_ms();
	job->order = *order;
	job->block = block;
	job->at = order->top;
	job->fd = session_release(session);
	pthread_mutex_lock(&door->mutex);
	job->next = door->jobs;
	door->jobs = job;
	door->n_jobs[lane]++;
	bool is_started = make_blocking(job->fd) &&
	    pthread_create(&job->thread, NULL, job_main, job) == 0;
	if (!is_started) {
		door->jobs = job->next;
		door->n_jobs[lane]--;
	}
	pthread_mutex_unlock(&door->mutex);
	if (!is_started) {
		close(job->fd);
		free(block);
		free(job);
	}
}
