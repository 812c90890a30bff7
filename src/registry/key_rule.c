/*
 * Keys in force, and the life of a key record: in force -> revoked -> in force
 * with the next version; or in force -> in force with the next version, another
 * secret, the same role and OCN. Layer 2; the engine thread.
 */
#include "registry/key_rule.h"

#include "dns/rdata.h"
#include "registry/key.h"

#include <string.h>

static bool
acts_as(const struct actor *actor, const struct key_record *key)
{
	return key->state == KEY_IN_FORCE &&
	    key->version == actor->key_version && key->role == actor->role &&
	    strcmp(key->ocn, actor->ocn) == 0;
}

enum status
key_rule_actor(struct judging *judging)
{
	const struct request *request = judging->request;
	const struct actor *actor = &request->actor;
	struct draft_name *name;
	struct owner owner;
	struct key_record key;

	if (actor->key.len == 0) {
		if (request->door != DOOR_UPDATE)
			return OK;
		return judging_refuse(judging, 0, CAUSE_NOT_AUTHORISED,
		    "an update without a key");
	}
	if (key_owner(&owner, &actor->key) != OK)
		return judging_refuse(judging, 0, CAUSE_KEY_UNKNOWN,
		    "no such key");
	enum status status = draft_get(&name, &judging->draft,
	    owner_blob(&owner));
	if (status != OK)
		return status;
	if (key_read(&key, name->before.rrsets) == OK && acts_as(actor, &key))
		return OK;
	return judging_refuse(judging, 0, CAUSE_KEY_UNKNOWN,
	    "the key is not in force as it was when the request came");
}

/* The key's private name: what is below _key here is below _key there. */
static enum status
record_of(struct draft_name **out, struct judging *judging, struct blob owner)
{
	enum { IN_FRONT = 5 + 5 + 5 }; /* _ocn, the OCN, _key */
	struct blob top = key_top();
	struct owner to;

	if (owner.len - IN_FRONT + top.len > OWNER_MAX) {
		*out = NULL;
		return OK;
	}
	memcpy(to.bytes, top.data, top.len);
	memcpy(to.bytes + top.len, owner.data + IN_FRONT,
	    owner.len - IN_FRONT);
	to.len = (uint8_t)(top.len + owner.len - IN_FRONT);
	return draft_get(out, &judging->draft, owner_blob(&to));
}

/* The record as the draft stands. */
static enum status
read_now(struct key_record *out, struct judging *judging,
    struct draft_name *name)
{
	const struct draft_set *set = draft_find(&judging->draft, name,
	    TYPE_KEY_RECORD);

	if (set == NULL)
		return ERR_NOT_FOUND;
	return key_decode(out, set->records->rdata);
}

static enum status
put(struct judging *judging, struct draft_name *name, size_t at,
    struct key_record *key)
{
	uint8_t *rdata = arena_alloc(judging->arena, KEY_RDATA_MAX);
	const struct record record = { .type = TYPE_KEY_RECORD,
		.rdata = { rdata, key_encode(rdata, key) } };

	name->change = at;
	draft_clear(&judging->draft, name);
	return draft_put(&judging->draft, name, &record);
}

static enum status
revoke(struct judging *judging, struct draft_name *name, size_t at,
    struct key_record *old)
{
	old->state = KEY_REVOKED;
	old->sealed = (struct blob){ .data = NULL };
	return put(judging, name, at, old);
}

enum status
key_rule_change(struct judging *judging, size_t at)
{
	const struct request_rr *rr = &judging->request->changes[at];
	struct name_class class = name_classify(rr->owner);
	struct key_record old = { .version = 0 };
	struct key_record key;
	struct draft_name *name;

	enum status status = record_of(&name, judging, rr->owner);
	if (status != OK)
		return status;
	if (name == NULL)
		return judging_refuse(judging, at, CAUSE_INVALID_VALUE,
		    "the name of the key is too long");
	bool is_there = read_now(&old, judging, name) == OK;
	bool is_its = is_there && old.role == ROLE_CARRIER &&
	    strcmp(old.ocn, class.ocn) == 0;
	bool is_in_force = is_there && old.state == KEY_IN_FORCE;
	if (rr->rclass != CLASS_IN) {
		if (is_in_force && is_its)
			return revoke(judging, name, at, &old);
		return judging_refuse(judging, at, CAUSE_KEY_UNKNOWN,
		    "%s has no such key in force", class.ocn);
	}
	/* who had a name once keeps it: no key of another comes back as ours */
	if (is_in_force || (is_there && !is_its) ||
	    old.version == UINT32_MAX)
		return judging_refuse(judging, at, CAUSE_KEY_EXISTS,
		    "there is a key of that name, or was one of another");
	if (key_decode(&key, rr->rdata) != OK)
		return judging_refuse(judging, at, CAUSE_INVALID_VALUE,
		    "no key");
	key.version = old.version + 1;
	key.role = ROLE_CARRIER;
	memcpy(key.ocn, class.ocn, sizeof key.ocn);
	key.made_ms = judging->env->now_ms;
	return put(judging, name, at, &key);
}

/* The one step that a record may take. */
static bool
is_step(const struct draft_name *name, const struct key_record *now)
{
	struct key_record old;

	if (name->before.rrsets.len == 0)
		return now->state == KEY_IN_FORCE && now->version == 1;
	if (key_read(&old, name->before.rrsets) != OK)
		return false;
	bool is_next = now->state == KEY_IN_FORCE &&
	    old.version < UINT32_MAX && now->version == old.version + 1;
	if (old.state == KEY_REVOKED)
		return is_next;
	bool is_same_owner = now->role == old.role &&
	    strcmp(now->ocn, old.ocn) == 0;
	bool is_revoked = now->state == KEY_REVOKED &&
	    now->version == old.version;
	return is_same_owner && (is_next || is_revoked);
}

static enum status
check_record(struct judging *judging, const struct draft_name *name)
{
	struct key_record now;

	if (draft_same(name->before.rrsets, name->now.rrsets))
		return OK;
	if (key_read(&now, name->now.rrsets) != OK)
		return judging_refuse(judging, name->change,
		    CAUSE_INVALID_VALUE, "a key's name has one key record, "
		    "which is revoked but never deleted");
	if (!is_step(name, &now))
		return judging_refuse(judging, name->change, CAUSE_KEY_EXISTS,
		    "the key was changed by somebody else meanwhile");
	return OK;
}

enum status
key_rule_records(struct judging *judging)
{
	for (const struct draft_name *name = judging->draft.names; name != NULL;
	     name = name->next) {
		if (!name->is_written ||
		    !owner_is_at_or_below(name->owner, key_top()))
			continue;
		enum status status = check_record(judging, name);
		if (status != OK)
			return status;
	}
	return OK;
}
