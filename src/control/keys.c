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

/* A key being made: what the reply needs when it is in force. */
struct new_key {
	struct dname name;
	uint8_t secret[KEY_SECRET_LEN];
};

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
	const char *words = answer.reason.text[0] != '\0' ?
	    answer.reason.text : cause_text((enum cause)answer.cause);
	message_set_error(out, answer.status == OK ? ERR_REFUSED :
	    answer.status, words);
	return false;
}

static void
finish_add(struct pending *pending, void *arg)
{
	struct new_key *key = arg;
	struct message *out = message_create();
	char name[NAME_TEXT_MAX];
	char file[KEY_FILE_MAX];

	if (set_outcome(out, pending)) {
		(void)key_file_format(file, dname_format(name, sizeof name,
		    &key->name), key->secret, sizeof key->secret);
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

/* Seal a fresh secret and make the request. */
static enum status
make_request(struct session *session, struct pending *pending,
    struct new_key *new, struct key_record *key, struct blob before)
{
	const struct engine_access *access = session->door->access;
	struct arena *arena = &pending->submission.arena;
	uint8_t sealed[KEY_SECRET_LEN + SEAL_EXTRA];
	size_t len = 0;

	sec_random(new->secret, sizeof new->secret);
	enum status status = access->seal(access->arg, new->secret,
	    sizeof new->secret, sealed, &len);
	if (status != OK)
		return status;
	ensure(len <= sizeof sealed);
	key->sealed = (struct blob){ arena_copy(arena, sealed, len), len };
	key->algorithm = MAC_SHA256;
	key->made_ms = clock_wall_ms();
	status = key_add_request(arena, &pending->submission.request,
	    &new->name, key, before);
	sec_random(pending->submission.request.id.bytes, HASH_LEN);
	return status;
}

void
call_key_add(struct session *session, const struct message *message)
{
	struct key_record key = { .version = 0 };
	struct dname name;
	struct blob before;

	if (!take_name(session, message, &name) ||
	    !take_role(session, message, &key))
		return;
	struct pending *pending = pending_create();
	if (!read_before(session, &name, &pending->submission.arena,
	    &before)) {
		pending_destroy(pending);
		return;
	}
	struct new_key *new = calloc(1, sizeof *new);
	if (new == NULL)
		check_fail("memory", "key", __FILE__, __LINE__);
	new->name = name;
	enum status status = make_request(session, pending, new, &key, before);
	if (status != OK) {
		refuse_key(session, status);
		sec_wipe(new, sizeof *new);
		free(new);
		pending_destroy(pending);
		return;
	}
	pending->finish = finish_add;
	pending->arg = new;
	session_submit(session, pending);
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
