/*
 * Wiring: engine, writer thread, publication, control door, query threads.
 * Layer 10; the main thread.
 */
#include "server/server.h"

#include "base/check.h"
#include "control/control.h"
#include "dns/message.h"
#include "engine/engine.h"
#include "query/query.h"
#include "query/query_counters.h"
#include "registry/scope.h"
#include "sec/hash.h"
#include "sec/mac.h"
#include "server/engine_thread.h"
#include "server/later.h"
#include "server/notify.h"
#include "server/pin_pool.h"
#include "server/publish.h"
#include "server/reload.h"
#include "server/update_door.h"
#include "server/whois_door.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READY_CAP = 1024 }; /* bytes of the list of addresses */

/* One query thread's own things; the counters are read by any. */
struct query_thread {
	struct server *server;
	struct publish_reader *reader;
	struct query_view view; /* within a batch */
	struct query_counters counters;
	struct update_door *update;
};

struct server {
	struct settings *settings;
	struct reload reload;
	struct publish *publish;
	struct engine *engine;
	struct engine_thread *writer;
	struct control *control;
	struct net *net;
	struct query_env query_env;
	struct update_env update_env;
	struct whois_door *whois;
	struct pin_pool *pins;
	struct query_thread *query_threads; /* settings->threads of them */
	struct engine_access access;
};

/* --- what the engine calls */

static void
on_publish(void *arg, const struct image_version *version,
    const struct keyring *keyring)
{
	struct server *server = arg;

	publish_set(server->publish, version, keyring);
}

static uint64_t
on_oldest(void *arg)
{
	struct server *server = arg;

	return publish_oldest(server->publish);
}

static void
on_fatal(void *arg, const char *why)
{
	(void)arg;
	log_reason(LOG_FATAL, why);
	_exit(1);
}

static void
on_progress(void *arg, const char *what)
{
	const struct log_field fields[] = { log_text("what", what) };
	char line[256];

	(void)arg;
	log_event(LOG_PROGRESS, LOG_FIELDS(fields));
	snprintf(line, sizeof line, "STATUS=%s", what);
	notify_send(line);
}

/* --- what the control door calls */

static void
access_submit(void *arg, struct submission *submission)
{
	struct server *server = arg;

	engine_thread_submit(server->writer, submission);
}

static const struct image_version *
access_pin(void *arg)
{
	struct server *server = arg;

	return publish_pin(server->publish);
}

static void
access_unpin(void *arg, const struct image_version *version)
{
	struct server *server = arg;

	publish_unpin(server->publish, version);
}

static enum status
access_get(void *arg, struct blob owner, struct arena *arena,
    struct node *out)
{
	struct server *server = arg;

	if (owner_scope(owner) != SCOPE_PUBLIC)
		return store_get(engine_store(server->engine), owner, arena,
		    out);
	const struct image_version *version = publish_pin(server->publish);
	if (version == NULL)
		return ERR_BUSY;
	image_get(version, owner, arena, out);
	publish_unpin(server->publish, version);
	return OK;
}

static void *
access_read_begin(void *arg)
{
	struct server *server = arg;
	struct store_reader *reader = NULL;

	return store_read_begin(&reader, engine_store(server->engine)) == OK ?
	    reader : NULL;
}

static enum status
access_read(void *arg, void *reader, struct blob owner, struct arena *arena,
    struct node *out)
{
	(void)arg;
	return store_read(reader, owner, arena, out);
}

static void
access_read_end(void *arg, void *reader)
{
	(void)arg;
	store_read_end(reader);
}

static enum status
access_walk(void *arg, struct blob top,
    enum status (*each)(void *each_arg, struct blob owner,
	const struct node *node),
    void *each_arg, struct reason *reason)
{
	struct server *server = arg;
	struct store *store = engine_store(server->engine);
	/* what is pinned now shows no slot that the store was not given */
	const struct image_version *version = publish_pin(server->publish);

	if (version == NULL)
		return ERR_BUSY;
	store_wait(store, image_slot(version));
	publish_unpin(server->publish, version);
	return store_walk(store, top, each, each_arg, reason);
}

static void
access_status(void *arg, struct engine_status *out)
{
	struct server *server = arg;

	engine_thread_status(server->writer, out);
	out->slot_stored =
	    store_position(engine_store(server->engine)).slot;
}

enum {
#define NET_COUNTER(name, text) NET_COUNTER_##name,
#include "net/net.def"
#undef NET_COUNTER
	NET_COUNTERS
};

enum {
#define UPDATE_COUNTER(name, text) UPDATE_COUNTER_##name,
#include "server/update.def"
#undef UPDATE_COUNTER
	UPDATE_COUNTERS
};

_Static_assert(QUERY_COUNTERS + NET_COUNTERS + UPDATE_COUNTERS <=
    ENGINE_COUNTERS_MAX, "room");

static size_t
access_counters(void *arg, struct engine_counter out[ENGINE_COUNTERS_MAX])
{
	struct server *server = arg;
	struct net_counters net = { 0 };
	struct update_counters update = { 0 };
	size_t n = 0;

	for (int i = 0; i < QUERY_COUNTERS; i++) {
		uint64_t sum = 0;
		for (unsigned t = 0; t < server->settings->threads; t++)
			sum += counter_read(
			    &server->query_threads[t].counters.counters[i]);
		out[n++] = (struct engine_counter){
			query_counter_name((enum query_counter)i), sum };
	}
	net = net_counters(server->net);
#define NET_COUNTER(name, text) \
	out[n++] = (struct engine_counter){ "net_" #name, net.name };
#include "net/net.def"
#undef NET_COUNTER
	for (unsigned t = 0; t < server->settings->threads; t++)
		update_door_count(server->query_threads[t].update, &update);
#define UPDATE_COUNTER(name, text) \
	out[n++] = (struct engine_counter){ "update_" #name, update.name };
#include "server/update.def"
#undef UPDATE_COUNTER
	return n;
}

static enum status
access_seal(void *arg, const uint8_t *secret, size_t len, uint8_t *out,
    size_t *out_len)
{
	struct server *server = arg;

	*out_len = secret_seal(out, secret, len,
	    engine_secrets(server->engine));
	return OK;
}

static void
access_stop(void *arg)
{
	(void)arg;
	kill(getpid(), SIGTERM);
}

static enum status
access_reload(void *arg, char **text)
{
	struct server *server = arg;

	return reload_run(&server->reload, text);
}

/* --- what the query threads call */

static void *
thread_start(void *arg, unsigned thread)
{
	struct server *server = arg;
	struct query_thread *own = &server->query_threads[thread];

	own->server = server;
	own->reader = publish_register(own->server->publish);
	ensure(own->reader != NULL); /* settings allow fewer threads */
	return own;
}

static void
thread_stop(void *thread_arg)
{
	struct query_thread *own = thread_arg;

	publish_unregister(own->reader);
}

static void
batch_begin_reading(void *thread_arg)
{
	struct query_thread *own = thread_arg;

	own->view = (struct query_view){
		.version = publish_acquire(own->reader),
		.keyring = publish_keyring(own->reader),
		.now_s = clock_wall_ms() / 1000,
	};
}

static void
batch_end_reading(void *thread_arg)
{
	struct query_thread *own = thread_arg;

	own->view = (struct query_view){ .version = NULL };
	publish_release(own->reader);
}

static void
thread_sleep(void *thread_arg)
{
	struct query_thread *own = thread_arg;

	publish_sleep(own->reader);
}

static void
thread_wake(void *thread_arg)
{
	struct query_thread *own = thread_arg;

	publish_wake(own->reader);
}

/* @return false: too much is on its way. */
static bool
ask_whois(struct query_thread *own, const struct net_origin *origin,
    const uint8_t *in, size_t in_len, const struct query_result *wanted)
{
	const struct whois_asker asker = {
		.view = &own->view,
		.counters = &own->counters,
	};

	return whois_door_take(own->server->whois, &asker, origin,
	    (struct blob){ in, in_len }, wanted);
}

static size_t
answer(void *thread_arg, const struct net_origin *origin, const uint8_t *in,
    size_t in_len, uint8_t *out, size_t cap)
{
	struct query_thread *own = thread_arg;
	enum query_transport kind =
	    net_origin_transport(origin) == NET_TCP ? QUERY_TCP : QUERY_UDP;
	struct query_result result;

	if (in_len >= MESSAGE_HEADER && in[2] >> 3 == OPCODE_UPDATE)
		return update_door_take(own->update, own->view.keyring,
		    origin, in, in_len, out, cap);
	size_t len = query_answer(&own->server->query_env, &own->view, kind,
	    in, in_len, out, cap, &result);
	if (result.wants_whois) {
		struct query_view busy = own->view;
		if (ask_whois(own, origin, in, in_len, &result))
			return 0;
		busy.version = NULL; /* SERVFAIL */
		len = query_answer(&own->server->query_env, &busy, kind, in,
		    in_len, out, cap, &result);
	}
	query_count(&own->counters, kind, &result, len);
	return len;
}

static void
thread_resume(void *thread_arg, struct net_ticket *ticket, void *arg)
{
	struct later *later = arg;

	(void)thread_arg;
	(void)ticket;
	later->resume(later);
}

static void
thread_tick(void *thread_arg)
{
	struct query_thread *own = thread_arg;

	update_door_tick(own->update);
}

/* --- start and stop */

static enum status
start_engine(struct server *server, struct reason *reason)
{
	const struct settings *settings = server->settings;
	const struct engine_config config = {
		.state = settings->state,
		.registrar = settings->registrar,
		.cache_bytes = settings->cache_bytes,
		.image_bytes = settings->image_bytes,
		.ballast_bytes = settings->ballast_bytes,
		.low_disk_bytes = settings->low_disk_bytes,
		.is_sha1_allowed = settings->is_sha1_allowed,
		.publish = on_publish,
		.oldest_slot = on_oldest,
		.fatal = on_fatal,
		.progress = on_progress,
		.arg = server,
	};

	enum status status = engine_open(&server->engine, &config, reason);
	if (status == OK)
		publish_set(server->publish, engine_version(server->engine),
		    engine_keyring(server->engine));
	return status;
}

static void
fill_access(struct server *server)
{
	server->access = (struct engine_access){
		.arg = server,
		.submit = access_submit,
		.pin = access_pin,
		.unpin = access_unpin,
		.get = access_get,
		.read_begin = access_read_begin,
		.read = access_read,
		.read_end = access_read_end,
		.walk = access_walk,
		.status = access_status,
		.counters = access_counters,
		.seal = access_seal,
		.stop = access_stop,
		.reload = access_reload,
	};
}

static struct tsig_env
tsig_env(const struct settings *settings)
{
	return (struct tsig_env){ .mac = &mac_ops_openssl,
		.mac_min = (uint16_t)settings->tsig_mac_min };
}

static enum status
start_net(struct server *server, struct reason *reason)
{
	const struct settings *settings = server->settings;
	const struct net_service service = {
		.arg = server,
		.thread_start = thread_start,
		.thread_stop = thread_stop,
		.batch_begin = batch_begin_reading,
		.batch_end = batch_end_reading,
		.sleep = thread_sleep,
		.wake = thread_wake,
		.answer = answer,
		.resume = thread_resume,
		.tick = thread_tick,
	};
	struct query_env *env = &server->query_env;

	server->query_threads = calloc(settings->threads,
	    sizeof *server->query_threads);
	if (server->query_threads == NULL)
		check_fail("memory", "query threads", __FILE__, __LINE__);

	server->update_env = (struct update_env){
		.apex = engine_identity(server->engine)->zone,
		.tsig = tsig_env(settings),
		.hash = &hash_ops_sodium,
		.arg = server,
		.submit = access_submit,
		.pins = server->pins,
	};
	for (unsigned i = 0; i < settings->threads; i++)
		server->query_threads[i].update =
		    update_door_create(&server->update_env);
	env->apex = engine_identity(server->engine)->zone;
	env->tsig = tsig_env(settings);
	snprintf(env->version_bind, sizeof env->version_bind, "%s",
	    settings->version_bind);
	snprintf(env->id_server, sizeof env->id_server, "%s",
	    settings->id_server);
	return net_start(&server->net, settings->dns, settings->n_dns,
	    settings->threads, &service, &settings->tcp, reason);
}

static void
say_ready(const struct server *server)
{
	char list[READY_CAP] = "";
	char one[128];
	size_t len = 0;
	struct engine_status status;

	for (size_t i = 0; i < server->settings->n_dns; i++) {
		int n = snprintf(list + len, sizeof list - len, "%s%s",
		    i > 0 ? " " : "", net_address_format(one, sizeof one,
			&server->settings->dns[i]));
		if (n < 0 || (size_t)n >= sizeof list - len)
			break;
		len += (size_t)n;
	}
	engine_thread_status(server->writer, &status);
	const struct log_field fields[] = { log_text("dns", list),
		log_text("control", server->settings->control),
		log_number("slot", status.slot_applied),
		log_number("serial", status.serial),
		log_number("numbers", status.usage.numbers) };
	log_event(LOG_READY, LOG_FIELDS(fields));
	notify_send("READY=1\nSTATUS=serving");
}

/* Settings that a later version acts on must not look as if they worked. */
static void
warn_unused(const struct settings *settings)
{
	const struct {
		const char *setting;
		bool is_set;
	} unused[] = {
		{ "listen.tls", settings->n_tls > 0 },
		{ "listen.peer", settings->has_peer },
		{ "secondaries", settings->n_secondaries > 0 },
	};

	for (size_t i = 0; i < sizeof unused / sizeof unused[0]; i++) {
		const struct log_field fields[] = {
			log_text("setting", unused[i].setting) };
		if (unused[i].is_set)
			log_event(LOG_SETTING_UNUSED, LOG_FIELDS(fields));
	}
}

static enum status
start_all(struct server *server, const char *config, struct reason *reason)
{
	warn_unused(server->settings);
	fill_access(server);
	enum status status = start_engine(server, reason);

	if (status == OK)
		status = engine_thread_start(&server->writer, server->engine);
	if (status == OK)
		status = whois_door_start(&server->whois, &server->query_env,
		    &server->access);
	if (status == OK)
		status = pin_pool_start(&server->pins, &server->access,
		    engine_secrets(server->engine));
	if (status == OK)
		status = start_net(server, reason);
	reload_init(&server->reload, server->settings, config, server->net);
	if (status == OK)
		status = control_start(&server->control, server->settings,
		    &server->access, reason);
	return status;
}

static void
stop_all(struct server *server)
{
	if (server->control != NULL)
		control_stop(server->control); /* it reads net's counters */
	if (server->net != NULL)
		net_stop(server->net);
	pin_pool_stop(server->pins); /* net has waited for its tickets */
	whois_door_stop(server->whois);
	for (unsigned i = 0; server->query_threads != NULL &&
	    i < server->settings->threads; i++)
		update_door_destroy(server->query_threads[i].update);
	free(server->query_threads);
	if (server->writer != NULL)
		engine_thread_stop(server->writer);
	if (server->engine != NULL)
		engine_close(server->engine);
	if (server->publish != NULL)
		publish_destroy(server->publish);
	reload_fini(&server->reload);
}

static sigset_t
own_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	return set;
}

void
server_block_signals(void)
{
	sigset_t set = own_signals();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Until it is to end. @return the signal that says so. */
static int
wait_for_end(struct server *server)
{
	const struct timespec second = { .tv_sec = 1 };
	sigset_t set = own_signals();

	for (;;) {
		int number = sigtimedwait(&set, NULL, &second);
		if (number == SIGHUP) {
			char *text = NULL;
			/* what came of it is in the log */
			enum status status = reload_run(&server->reload,
			    &text);
			(void)status;
			free(text);
		} else if (number > 0) {
			return number;
		}
		log_flush();
	}
}

enum status
server_run(struct settings *settings, const char *config,
    struct reason *reason)
{
	struct server server = { .settings = settings };
	uint64_t began_ms = 0;

	server.publish = publish_create();
	enum status status = start_all(&server, config, reason);
	if (status == OK) {
		say_ready(&server);
		const char *why = strsignal(wait_for_end(&server));
		const struct log_field fields[] = { log_text("why", why) };
		began_ms = clock_mono_ms();
		notify_send("STOPPING=1\nSTATUS=finishing what is in hand");
		log_event(LOG_STOPPING, LOG_FIELDS(fields));
	}
	stop_all(&server);
	log_finish();
	if (status == OK) {
		const struct log_field fields[] = {
			log_number("ms", clock_mono_ms() - began_ms) };
		log_event(LOG_STOPPED, LOG_FIELDS(fields));
	}
	return status;
}
