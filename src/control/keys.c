/*
 * TSIG keys over the control socket. The request is made against the state as
 * it is now; its prerequisites refuse it when the state has moved meanwhile.
 * Layer 9; the door's thread, keys_list a job's.
 */
#include "control/keys.h"

#include "base/check.h"
#include "control/internal.h"
#include "dns/name.h"
#include "registry/cause.h"
#include "registry/key.h"
#include "sec/key_file.h"
#include "sec/seal.h"
#include "sec/sec.h"
#include "sys/clock.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum role role;
} roles[] = {
	{ "authority", ROLE_AUTHORITY },
	{ "carrier", ROLE_CARRIER },
	{ "transfer", ROLE_TRANSFER },
};

enum { ROLE_ROWS = sizeof roles / sizeof roles[0] };

/* -------------------------------------------------------------------- list */

struct key_walk {
	enum status (*each)(void *arg, const struct message *key);
	void *arg;
};

static const char *
role_name(enum role role)
{
	for (size_t i = 0; i < ROLE_ROWS; i++) {
		if (roles[i].role == role)
			return roles[i].name;
	}
	return "none";
}

static enum status
take_key(void *arg, struct blob owner, const struct node *node)
{
	const struct key_walk *walk = arg;
	struct key_record key;
	struct dname name;
	char text[NAME_TEXT_MAX];

	if (!key_name(&name, owner) || key_read(&key, node->rrsets) != OK ||
	    key.state != KEY_IN_FORCE)
		return OK;
	struct message *message = message_create();
	message_set_text(message, "name", dname_format(text, sizeof text,
	    &name));
	message_set_text(message, "role", role_name(key.role));
	message_set_text(message, "ocn", key.ocn);
	message_set_text(message, "algorithm", mac_name(key.algorithm));
	message_set_number(message, "version", key.version);
	message_set_number(message, "made_ms", key.made_ms);
	enum status status = walk->each(walk->arg, message);
	message_destroy(message);
	return status;
}

enum status
keys_list(const struct engine_access *access,
    enum status (*each)(void *arg, const struct message *key), void *arg,
    struct reason *reason)
{
	struct key_walk walk = { .each = each, .arg = arg };

	return access->walk(access->arg, key_top(), take_key, &walk, reason);
}

/* ---------------------------------------------------------- add and revoke */

static bool
take_name(struct session *session, const struct message *message,
    struct dname *out)
{
	const char *text = message_text(message, "name");

	if (text != NULL && dname_parse(out, text, strlen(text), NULL) == OK &&
	    out->len > 1)
		return true;
	session_refuse(session, ERR_BAD_VALUE, "the key's name is no domain "
	    "name");
	return false;
}

/* Records at the key's owner now. @return false: refused. */
static bool
read_before(struct session *session, const struct dname *name,
    struct arena *arena, struct blob *out)
{
	const struct engine_access *access = session->door->access;
	struct owner owner;
	struct node node = { 0 };

	if (key_owner(&owner, name) != OK) {
		session_refuse(session, ERR_TOO_LONG,
		    "the key's name is too long");
		return false;
	}
	enum status status = access->get(access->arg, owner_blob(&owner),
	    arena, &node);
	if (status != OK) {
		session_refuse(session, status, status_text(status));
		return false;
	}
	*out = node.rrsets;
	return true;
}

/* Role and OCN of a new key. @return false: refused. */
static bool
take_role(struct session *session, const struct message *message,
    struct key_record *key)
{
	const char *role = message_text(message, "role");
	const char *ocn = message_text(message, "ocn");
	size_t row = 0;

	while (row < ROLE_ROWS && (role == NULL ||
	    strcmp(roles[row].name, role) != 0))
		row++;
	if (row == ROLE_ROWS) {
		session_refuse(session, ERR_BAD_VALUE,
		    "expected the role authority, carrier or transfer");
		return false;
	}
	key->role = roles[row].role;
	if ((key->role == ROLE_CARRIER) != (ocn != NULL)) {
		session_refuse(session, ERR_BAD_VALUE, ocn == NULL ?
		    "a carrier's key needs an OCN" :
		    "only a carrier's key has an OCN");
		return false;
	}
	if (ocn != NULL && (strlen(ocn) != 4 ||
	    strspn(ocn, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 4)) {
		session_refuse(session, ERR_BAD_VALUE,
		    "an OCN is exactly 4 of 0-9 and A-Z");
		return false;
	}
	snprintf(key->ocn, sizeof key->ocn, "%s", ocn != NULL ? ocn : "");
	return true;
}

/* What became of the request, in a message. @return true: it is done. */
static bool
set_outcome(struct message *out, const struct pending *pending)
{
	struct answer answer;

	answer_of(&answer, pending);
	if (answer.status == OK && answer.rcode == 0) {
		message_set_number(out, "slot", answer.slot);
		return true;
	}
	if (answer.status == OK) {
		const enum cause cause = (enum cause)answer.cause;
		struct reason words;
		reason_set(&words, "%s [%s]", answer.reason.text[0] != '\0' ?
		    answer.reason.text : cause_text(cause), cause_id(cause));
		message_set_error(out, ERR_REFUSED, words.text);
	} else {
		message_set_error(out, answer.status, answer.reason.text);
	}
	return false;
}

/* @param arg the key's file, which the reply gives out when it is in force. */
static void
finish_key(struct pending *pending, void *arg)
{
	struct key_file *key = arg;
	struct message *out = message_create();
	char file[KEY_FILE_MAX];

	if (set_outcome(out, pending)) {
		(void)key_file_format(file, key);
		message_set_text(out, "file", file);
	}
	if (!pending->session->is_closed)
		session_reply(pending->session, FRAME_REPLY, out);
	message_destroy(out);
	sec_wipe(file, sizeof file);
	sec_wipe(key, sizeof *key);
	free(key);
}

static void
finish_revoke(struct pending *pending, void *arg)
{
	struct message *out = message_create();

	(void)arg;
	(void)set_outcome(out, pending);
	if (!pending->session->is_closed)
		session_reply(pending->session, FRAME_REPLY, out);
	message_destroy(out);
}

/* Why no request could be made. */
static void
refuse_key(struct session *session, enum status status)
{
	const char *words = status_text(status);

	if (status == ERR_EXISTS)
		words = "a key of that name is in force; revoke it first";
	if (status == ERR_NOT_FOUND)
		words = "no key of that name is in force";
	session_refuse(session, status, words);
}

/* What makes the lines of a request: key_add_request, key_rotate_request. */
typedef enum status make_lines(struct arena *arena, struct request *out,
    const struct dname *name, struct key_record *key, struct blob before);

/* Seal a fresh secret and make the request. */
static enum status
make_request(struct session *session, struct pending *pending,
    struct key_file *new, struct key_record *key, make_lines *make)
{
	const struct engine_access *access = session->door->access;
	struct arena *arena = &pending->submission.arena;
	struct request *request = &pending->submission.request;
	uint8_t sealed[KEY_SECRET_MAX + SEAL_EXTRA];
	struct blob before;
	size_t len = 0;

	if (!read_before(session, &new->name, arena, &before))
		return ERR_CLOSED;
	key_file_generate(new);
	enum status status = access->seal(access->arg, new->secret, new->len,
	    sealed, &len);
	if (status != OK)
		return status;
	ensure(len <= sizeof sealed);
	key->sealed = (struct blob){ arena_copy(arena, sealed, len), len };
	key->algorithm = new->algorithm;
	key->made_ms = clock_wall_ms();
	sec_random(request->id.bytes, HASH_LEN);
	return make(arena, request, &new->name, key, before);
}

/* Hand in a request for a new secret. */
static void
submit_secret(struct session *session, const struct key_file *wanted,
    struct key_record *key, make_lines *make)
{
	struct pending *pending = pending_create();
	struct key_file *new = calloc(1, sizeof *new);

	if (new == NULL)
		check_fail("memory", "key", __FILE__, __LINE__);
	*new = *wanted;
	enum status status = make_request(session, pending, new, key, make);
	if (status != OK) {
		if (status != ERR_CLOSED) /* else it was said already */
			refuse_key(session, status);
		sec_wipe(new, sizeof *new);
		free(new);
		pending_destroy(pending);
		return;
	}
	pending->finish = finish_key;
	pending->arg = new;
	session_submit(session, pending);
}

/* The algorithm asked for, hmac-sha256 unless said. @return false: refused. */
static bool
take_algorithm(struct session *session, const struct message *message,
    enum mac_algorithm *out)
{
	const char *name = message_text(message, "algorithm");

	*out = MAC_SHA256;
	if (name != NULL && !mac_find(out, name, strlen(name))) {
		session_refuse(session, ERR_BAD_VALUE, "expected hmac-sha256, "
		    "hmac-sha384, hmac-sha512 or hmac-sha224");
		return false;
	}
	if (*out == MAC_SHA1 && !session->door->settings->is_sha1_allowed) {
		session_refuse(session, ERR_BAD_VALUE, "hmac-sha1 is old and "
		    "needs the setting 'tsig.sha1: yes'");
		return false;
	}
	return true;
}

void
call_key_add(struct session *session, const struct message *message)
{
	struct key_record key = { .version = 0 };
	struct key_file wanted = { .len = 0 };

	if (take_name(session, message, &wanted.name) &&
	    take_role(session, message, &key) &&
	    take_algorithm(session, message, &wanted.algorithm))
		submit_secret(session, &wanted, &key, key_add_request);
}

void
call_key_rotate(struct session *session, const struct message *message)
{
	struct key_record key = { .version = 0 };
	struct key_file wanted = { .len = 0 };

	if (take_name(session, message, &wanted.name) &&
	    take_algorithm(session, message, &wanted.algorithm))
		submit_secret(session, &wanted, &key, key_rotate_request);
}

void
call_key_revoke(struct session *session, const struct message *message)
{
	struct dname name;
	struct blob before;

	if (!take_name(session, message, &name))
		return;
	struct pending *pending = pending_create();
	if (!read_before(session, &name, &pending->submission.arena,
	    &before)) {
		pending_destroy(pending);
		return;
	}
	struct request *request = &pending->submission.request;
	enum status status = key_revoke_request(&pending->submission.arena,
	    request, &name, before);
	if (status != OK) {
		refuse_key(session, status);
		pending_destroy(pending);
		return;
	}
	sec_random(request->id.bytes, HASH_LEN);
	pending->finish = finish_revoke;
	session_submit(session, pending);
}
