/*
 * Keys in force, and the life of a key record: in force -> revoked -> in force
 * with the next version; or in force -> in force with the next version, another
 * secret, the same role and OCN. Layer 2; the engine thread.
 */
#include "registry/key_rule.h"

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
	if (!judging_is_inside(judging))
		return OK; /* prescan let none through */
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
