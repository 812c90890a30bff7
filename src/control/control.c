/*
 * Start and end of the control door: the socket, its thread, who may come in.
 * Layer 9.
 */
#include "control/internal.h"

#include "base/check.h"
#include "sys/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* ---------------------------------------------------------------- socket */

static enum status
make_directory(const char *path, struct reason *reason)
{
	char dir[SETTINGS_PATH_MAX];
	struct stat info;

	snprintf(dir, sizeof dir, "%s", path);
	char *slash = strrchr(dir, '/');
	if (slash == NULL || slash == dir)
		return OK;
	*slash = '\0';
	if (mkdir(dir, 0755) == 0 || (errno == EEXIST &&
	    stat(dir, &info) == 0 && S_ISDIR(info.st_mode)))
		return OK;
	reason_set(reason, "the directory %s of the control socket cannot be "
	    "made: %s", dir, strerror(errno));
	return ERR_IO;
}

static struct sockaddr_un
address_of(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, path,
	    strnlen(path, sizeof address.sun_path - 1));
	return address;
}

/* Take a socket away that nobody answers on. */
static enum status
remove_stale(const char *path, struct reason *reason)
{
	struct sockaddr_un address = address_of(path);
	struct stat info;

	if (lstat(path, &info) != 0)
		return OK;
	if (!S_ISSOCK(info.st_mode)) {
		reason_set(reason, "%s is there and is no socket", path);
		return ERR_EXISTS;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		reason_set(reason, "no socket: %s", strerror(errno));
		return ERR_IO;
	}
	int result = connect(fd, (struct sockaddr *)&address, sizeof address);
	int error = errno;
	close(fd);
	if (result == 0 || error != ECONNREFUSED) {
		reason_set(reason, "another process answers on %s", path);
		return ERR_LOCKED;
	}
	if (unlink(path) == 0)
		return OK;
	reason_set(reason, "the stale socket %s cannot be removed: %s", path,
	    strerror(errno));
	return ERR_IO;
}

static enum status
open_listener(int *out, const char *path, struct reason *reason)
{
	struct sockaddr_un address = address_of(path);

	if (strlen(path) >= sizeof address.sun_path) {
		reason_set(reason, "the path of the control socket is too "
		    "long: %s", path);
		return ERR_IO;
	}
	enum status status = make_directory(path, reason);
	if (status == OK)
		status = remove_stale(path, reason);
	if (status != OK)
		return status;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (fd < 0) {
		reason_set(reason, "no socket: %s", strerror(errno));
		return ERR_IO;
	}
	/* fchmod before bind: the file never has a wider mode */
	if (fchmod(fd, 0600) != 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
	    chmod(path, 0600) != 0 || listen(fd, SESSIONS_MAX) != 0) {
		reason_set(reason, "the control socket %s cannot be opened: "
		    "%s", path, strerror(errno));
		close(fd);
		return ERR_IO;
	}
	*out = fd;
	return OK;
}

/* ------------------------------------------------------------------ thread */

/* Say no in a frame, without a session. */
static void
turn_away(int fd, const char *text)
{
	uint8_t head[FRAME_HEAD];
	size_t len = 0;
	struct message *message = message_create();

	message_set_error(message, ERR_REFUSED, text);
	char *json = message_encode(message, &len);
	frame_head(head, FRAME_REPLY, len);
	/* a fresh socket has room for it; nobody waits if it has not */
	if (send(fd, head, sizeof head, MSG_NOSIGNAL | MSG_MORE) > 0)
		(void)!send(fd, json, len, MSG_NOSIGNAL);
	free(json);
	message_destroy(message);
	close(fd);
}

/* The client stays in the queue, so the loop would come back at once. */
static void
pause_accept(struct control *door)
{
	const struct timeval pause = { .tv_usec = PAUSE_MS * 1000 };

	log_reason(LOG_CONTROL_PAUSED, strerror(errno));
	event_del(door->listen_event);
	event_add(door->pause_event, &pause);
}

static void
on_pause_over(evutil_socket_t fd, short what, void *arg)
{
	struct control *door = arg;

	(void)fd;
	(void)what;
	if (!door->is_stopping)
		event_add(door->listen_event, NULL);
}

static void
on_accept(evutil_socket_t listener, short what, void *arg)
{
	struct control *door = arg;
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t len = sizeof peer;

	(void)what;
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			pause_accept(door);
		return;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
	    (peer.uid != 0 && peer.uid != geteuid())) {
		const struct log_field fields[] = { log_number("uid", peer.uid),
			log_number("own_uid", geteuid()) };
		log_event(LOG_CONTROL_REFUSED, LOG_FIELDS(fields));
		turn_away(fd, "only root and the user of e164d may use the "
		    "control socket");
	} else if (door->n_sessions >= SESSIONS_MAX) {
		const struct log_field fields[] = {
			log_number("clients", door->n_sessions) };
		log_event(LOG_CONTROL_FULL, LOG_FIELDS(fields));
		turn_away(fd, "too many clients on the control socket, try "
		    "again later");
	} else {
		session_start(door, fd, peer.uid);
	}
}

static void
finish_pending(struct pending *pending)
{
	struct session *session = pending->session;
	struct control *door = session->door;

	door->n_in_flight--;
	door->bytes_in_flight -= pending->len;
	session->n_in_flight--;
	if (pending->finish != NULL) {
		pending->finish(pending, pending->arg);
	} else if (!session->is_closed) {
		struct answer answer;
		answer_of(&answer, pending);
		session->was_there = answer.status == OK &&
		    answer.rcode == 0 && answer.n_changed == 0;
		session_answer(session, &answer);
	}
	pending_destroy(pending);
	if (session->is_closed)
		session_close(session);
}

static void
check_stop(struct control *door)
{
	if (!door->is_stopping || door->n_in_flight > 0)
		return;
	if (door->n_sessions == 0 || door->is_drained)
		event_base_loopbreak(door->base);
}

static void
begin_stop(struct control *door)
{
	const struct timeval drain = { .tv_sec = DRAIN_MS / 1000 };
	struct session *next = NULL;

	door->is_stopping = true;
	event_del(door->listen_event);
	event_add(door->drain_event, &drain);
	for (struct session *s = door->sessions; s != NULL; s = next) {
		next = s->next;
		session_end(s);
	}
}

static void
on_drain(evutil_socket_t fd, short what, void *arg)
{
	struct control *door = arg;

	(void)fd;
	(void)what;
	door->is_drained = true;
	check_stop(door);
}

static void
on_wakeup(evutil_socket_t fd, short what, void *arg)
{
	struct control *door = arg;
	struct session *next = NULL;
	uint64_t count;

	(void)what;
	(void)!read(fd, &count, sizeof count);
	pthread_mutex_lock(&door->mutex);
	struct pending *returned = door->returned;
	door->returned = NULL;
	bool has_stop = door->has_stop;
	pthread_mutex_unlock(&door->mutex);
	/* the newest is first; answer in the order of coming back */
	struct pending *in_order = NULL;
	while (returned != NULL) {
		struct pending *rest = returned->next;
		returned->next = in_order;
		in_order = returned;
		returned = rest;
	}
	while (in_order != NULL) {
		struct pending *rest = in_order->next;
		finish_pending(in_order);
		in_order = rest;
	}
	if (has_stop && !door->is_stopping)
		begin_stop(door);
	for (struct session *s = door->sessions; s != NULL; s = next) {
		next = s->next;
		session_resume(s);
	}
	check_stop(door);
}

static void *
door_main(void *arg)
{
	struct control *door = arg;

	event_base_dispatch(door->base);
	while (door->sessions != NULL)
		session_close(door->sessions);
	return NULL;
}

static void
door_fini(struct control *door)
{
	if (door->listen_event != NULL)
		event_free(door->listen_event);
	if (door->wakeup_event != NULL)
		event_free(door->wakeup_event);
	if (door->drain_event != NULL)
		event_free(door->drain_event);
	if (door->pause_event != NULL)
		event_free(door->pause_event);
	if (door->base != NULL)
		event_base_free(door->base);
	if (door->wakeup >= 0)
		close(door->wakeup);
	if (door->listener >= 0) {
		close(door->listener);
		(void)unlink(door->settings->control);
	}
	pthread_mutex_destroy(&door->mutex);
}

static enum status
door_init(struct control *door, struct reason *reason)
{
	enum status status = open_listener(&door->listener,
	    door->settings->control, reason);
	if (status != OK)
		return status;
	door->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	door->base = event_base_new();
	if (door->wakeup < 0 || door->base == NULL)
		goto fail;
	door->listen_event = event_new(door->base, door->listener,
	    EV_READ | EV_PERSIST, on_accept, door);
	door->wakeup_event = event_new(door->base, door->wakeup,
	    EV_READ | EV_PERSIST, on_wakeup, door);
	door->drain_event = evtimer_new(door->base, on_drain, door);
	door->pause_event = evtimer_new(door->base, on_pause_over, door);
	if (door->listen_event == NULL || door->wakeup_event == NULL ||
	    door->drain_event == NULL || door->pause_event == NULL ||
	    event_add(door->listen_event, NULL) != 0 ||
	    event_add(door->wakeup_event, NULL) != 0 ||
	    pthread_create(&door->thread, NULL, door_main, door) != 0)
		goto fail;
	return OK;
fail:
	reason_set(reason, "the control thread cannot be started: %s",
	    strerror(errno));
	return ERR_IO;
}

enum status
control_start(struct control **out, const struct settings *settings,
    const struct engine_access *access, struct reason *reason)
{
	struct control *door = calloc(1, sizeof *door);

	if (door == NULL) {
		reason_set(reason, "not enough memory");
		return ERR_IO;
	}
	door->settings = settings;
	door->access = access;
	door->listener = -1;
	door->wakeup = -1;
	pthread_mutex_init(&door->mutex, NULL);
	enum status status = door_init(door, reason);
	if (status != OK) {
		door_fini(door);
		free(door);
		return status;
	}
	*out = door;
	return OK;
}

void
control_stop(struct control *control)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&control->mutex);
	control->has_stop = true;
	pthread_mutex_unlock(&control->mutex);
	(void)!write(control->wakeup, &one, sizeof one);
	pthread_join(control->thread, NULL);
	jobs_stop(control);
	door_fini(control);
	free(control);
}
