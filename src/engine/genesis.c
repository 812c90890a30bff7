/*
 * Init: directory, secrets, empty journal, then slot 1 through the engine like
 * every slot after it. A failure takes away what was made. Layer 8; offline.
 */
#include "engine/genesis.h"

#include "base/check.h"
#include "engine/engine.h"
#include "journal/journal.h"
#include "registry/genesis.h"
#include "sec/hash.h"
#include "sec/key_file.h"
#include "sec/sec.h"
#include "sys/clock.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	FIRST_ID = 1,
};

static const char authority_name[] = "authority.";

/* The address of a socket address, as the zone has it. */
static enum status
read_address(struct genesis_server *out, const struct net_address *address)
{
	const void *storage = &address->storage;

	if (address->storage.ss_family == AF_INET) {
		const struct sockaddr_in *in = storage;
		out->address_len = sizeof in->sin_addr;
		memcpy(out->address, &in->sin_addr, sizeof in->sin_addr);
		return OK;
	}
	if (address->storage.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = storage;
		out->address_len = sizeof in6->sin6_addr;
		memcpy(out->address, &in6->sin6_addr, sizeof in6->sin6_addr);
		return OK;
	}
	return ERR_BAD_VALUE;
}

/* The name servers: those given, or ns1 where we listen. */
static enum status
read_servers(struct genesis_server *servers, size_t *n,
    const struct settings *settings, const struct genesis_options *options,
    struct reason *reason)
{
	static const char ns1[] = "ns1";

	*n = options->n_ns;
	for (size_t i = 0; i < options->n_ns; i++) {
		servers[i].name = options->ns[i].name;
		if (read_address(&servers[i], &options->ns[i].address) != OK)
			return ERR_BAD_VALUE;
	}
	if (*n > 0)
		return OK;
	if (settings->n_dns == 0) {
		reason_set(reason, "no name server: give --ns NAME=ADDRESS, or "
		    "an address under listen: dns in the settings");
		return ERR_BAD_VALUE;
	}
	*n = 1;
	enum status status = dname_parse(&servers[0].name, ns1,
	    sizeof ns1 - 1, &options->zone);
	if (status != OK)
		return status;
	return read_address(&servers[0], &settings->dns[0]);
}

/* What the writing of authority.key and of its record share. */
struct authority {
	struct key_file key;
	uint8_t sealed[KEY_SECRET_MAX + SEAL_EXTRA];
	size_t sealed_len;
};

static enum status
make_authority(struct authority *out, const struct group_secrets *secrets)
{
	out->key.algorithm = MAC_SHA256;
	key_file_generate(&out->key);
	out->sealed_len = secret_seal(out->sealed, out->key.secret,
	    out->key.len, secrets);
	return dname_parse(&out->key.name, authority_name,
	    sizeof authority_name - 1, NULL);
}

static enum status
save_authority(const struct state_dir *dir, const struct authority *authority,
    struct reason *reason)
{
	char path[STATE_FILE_MAX];
	char text[KEY_FILE_MAX];

	size_t len = key_file_format(text, &authority->key);
	enum status status = file_replace(&file_ops_system,
	    state_dir_file(path, dir, "authority.key"), text, len, 0600,
	    reason);
	sec_wipe(text, sizeof text);
	return status;
}

static enum status
build_request(struct submission *submission, const struct settings *settings,
    const struct genesis_options *options, const struct authority *authority,
    struct reason *reason)
{
	struct genesis_server servers[GENESIS_NS_MAX] = { 0 };
	struct genesis genesis = {
		.apex = &options->zone,
		.serial = options->serial != 0 ? options->serial : 1,
		.servers = servers,
		.key_name = &authority->key.name,
		.key = {
			.algorithm = authority->key.algorithm,
			.made_ms = clock_wall_ms(),
			.sealed = { authority->sealed,
			    authority->sealed_len },
		},
		.registrar = settings->registrar,
		.registrar_id = FIRST_ID,
	};

	enum status status = read_servers(servers, &genesis.n_servers,
	    settings, options, reason);
	if (status != OK)
		return status;
	status = genesis_request(&submission->arena, &submission->request,
	    &genesis, reason);
	sec_random(&submission->request.id, sizeof submission->request.id);
	return status;
}

static void
on_fatal(void *arg, const char *why)
{
	(void)arg;
	fprintf(stderr, "e164ctl: %s\n", why);
	_exit(1);
}

static void
on_done(struct submission *submission)
{
	(void)submission; /* engine_decide has returned by then */
}

/* Let the engine decide slot 1. */
static enum status
decide_first(const struct settings *settings, const struct state_dir *dir,
    struct submission *submission, struct reason *reason)
{
	const struct engine_config config = {
		.state = settings->state,
		.registrar = settings->registrar,
		.cache_bytes = settings->cache_bytes,
		.image_bytes = settings->image_bytes,
		.fatal = on_fatal,
	};
	struct engine *engine = NULL;
	struct state_dir taken = *dir;

	/* The lock stays ours when the engine closes its copy. */
	taken.lock_fd = dup(dir->lock_fd);
	enum status status = engine_open_taken(&engine, &config, &taken,
	    reason);
	if (status != OK)
		return status;
	submission->done = on_done;
	ensure(engine_add(engine, submission) == OK);
	engine_decide(engine);
	engine_close(engine);
	if (submission->status == OK && submission->outcome.rcode == 0)
		return OK;
	*reason = submission->outcome.reason;
	return submission->status != OK ? submission->status : ERR_BAD_VALUE;
}

/* Identity, secrets, key file, journal: all that the engine opens. */
static enum status
make_files(struct state_dir *dir, struct authority *authority,
    struct reason *reason)
{
	char path[STATE_FILE_MAX];
	struct group_secrets secrets;
	const struct journal_config journal = {
		.directory = dir->path,
		.files = &file_ops_system,
		.hash = &hash_ops_sodium,
		.registrar = FIRST_ID,
	};

	secrets_generate(&secrets);
	enum status status = secrets_save(&secrets,
	    state_dir_file(path, dir, "secrets"), reason);
	if (status == OK)
		status = make_authority(authority, &secrets);
	if (status == OK)
		status = save_authority(dir, authority, reason);
	if (status == OK)
		status = journal_create(&journal, reason);
	sec_wipe(&secrets, sizeof secrets);
	return status;
}

enum status
genesis_create(const struct settings *settings,
    const struct genesis_options *options, struct reason *reason)
{
	struct identity identity = { .id = FIRST_ID, .zone = options->zone };
	struct submission submission = { 0 };
	struct state_dir dir;
	struct authority authority;

	snprintf(identity.registrar, sizeof identity.registrar, "%s",
	    settings->registrar);
	sec_random(identity.group, sizeof identity.group);
	enum status status = state_dir_create(&dir, settings->state,
	    &identity, reason);
	if (status != OK)
		return status;
	arena_init(&submission.arena);
	status = make_files(&dir, &authority, reason);
	if (status == OK)
		status = build_request(&submission, settings, options,
		    &authority, reason);
	if (status == OK)
		status = decide_first(settings, &dir, &submission, reason);
	if (status == OK)
		status = state_dir_finish(&dir, reason);
	sec_wipe(&authority, sizeof authority);
	arena_fini(&submission.arena);
	if (status != OK)
		state_dir_discard(&dir);
	state_dir_close(&dir);
	return status;
}
