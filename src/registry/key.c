/*
 * Encoding of key records, their owners, and the requests that change them.
 * Layer 2; any thread.
 */
#include "registry/key.h"

#include "base/check.h"
#include "dns/rdata.h"
#include "registry/property.h"

#include <string.h>

enum {
	KEY_LAYOUT = 1,
	KEY_HEADER_LEN = 22, /* bytes before the sealed secret */
	OCN_LEN = 4,
};
_Static_assert(KEY_RDATA_MAX == KEY_HEADER_LEN + KEY_SEALED_MAX, "room");

static const uint8_t top[] = "\11_registry\4_key";
enum { TOP_LEN = sizeof top - 1 };

static const struct dname root = { .len = 1, .bytes = { 0 } };

struct blob
key_top(void)
{
	return (struct blob){ .data = top, .len = TOP_LEN };
}

enum status
key_owner(struct owner *out, const struct dname *name)
{
	struct owner below;

	enum status status = owner_from_dname(&below, name, &root);
	if (status != OK)
		return status;
	if (below.len == 0)
		return ERR_BAD_VALUE;
	if (below.len > OWNER_MAX - TOP_LEN)
		return ERR_TOO_LONG;
	memcpy(out->bytes, top, TOP_LEN);
	memcpy(out->bytes + TOP_LEN, below.bytes, below.len);
	out->len = (uint8_t)(TOP_LEN + below.len);
	return OK;
}

bool
key_name(struct dname *out, struct blob owner)
{
	if (owner.len <= TOP_LEN || memcmp(owner.data, top, TOP_LEN) != 0)
		return false;
	struct blob below = { .data = owner.data + TOP_LEN,
		.len = owner.len - TOP_LEN };
	return owner_to_dname(out, below, &root) == OK;
}

static bool
state_is_known(unsigned state)
{
	return state == KEY_IN_FORCE || state == KEY_REVOKED;
}

static bool
role_has_key(unsigned role)
{
	return role == ROLE_AUTHORITY || role == ROLE_CARRIER ||
	    role == ROLE_TRANSFER;
}

/* Everything that holds for a key record, whatever it was read from. */
static bool
is_sound(const struct key_record *key)
{
	struct blob ocn = { (const uint8_t *)key->ocn, strlen(key->ocn) };
	bool ocn_fits = key->role == ROLE_CARRIER ? ocn_is_valid(ocn)
						  : ocn.len == 0;

	return key->version > 0 && state_is_known(key->state) &&
	    role_has_key(key->role) && ocn_fits &&
	    mac_len(key->algorithm) > 0 &&
	    key->sealed.len <= KEY_SEALED_MAX &&
	    (key->sealed.len > 0) == (key->state == KEY_IN_FORCE);
}

size_t
key_encode(uint8_t *out, const struct key_record *key)
{
	require(is_sound(key));
	memset(out, 0, KEY_HEADER_LEN);
	out[0] = KEY_LAYOUT;
	put_u32(out + 1, key->version);
	out[5] = (uint8_t)key->state;
	out[6] = (uint8_t)key->role;
	out[7] = (uint8_t)key->algorithm;
	memcpy(out + 8, key->ocn, strlen(key->ocn));
	put_u32(out + 12, (uint32_t)(key->made_ms >> 32));
	put_u32(out + 16, (uint32_t)key->made_ms);
	put_u16(out + 20, (uint16_t)key->sealed.len);
	if (key->sealed.len > 0)
		memcpy(out + KEY_HEADER_LEN, key->sealed.data, key->sealed.len);
	return KEY_HEADER_LEN + key->sealed.len;
}

enum status
key_decode(struct key_record *out, struct blob rdata)
{
	struct reader r = reader_make(rdata.data, rdata.len);
	struct key_record key = { .version = 0 };

	unsigned layout = read_u8(&r);
	if (!r.bad && layout != KEY_LAYOUT)
		return layout > KEY_LAYOUT ? ERR_NEWER : ERR_MALFORMED;
	key.version = read_u32(&r);
	unsigned state = read_u8(&r);
	unsigned role = read_u8(&r);
	unsigned algorithm = read_u8(&r);
	read_bytes(&r, key.ocn, OCN_LEN);
	key.made_ms = read_u64(&r);
	key.sealed.len = read_u16(&r);
	key.sealed.data = reader_take(&r, key.sealed.len);
	if (!reader_done(&r) || !state_is_known(state) ||
	    !role_has_key(role))
		return ERR_MALFORMED;
	key.state = (enum key_state)state;
	key.role = (enum role)role;
	key.algorithm = (enum mac_algorithm)algorithm;
	if (!is_sound(&key))
		return ERR_MALFORMED;
	*out = key;
	return OK;
}

enum status
key_read(struct key_record *out, struct blob rrsets)
{
	struct rrset rrset;
	struct blob rdata;

	if (!rrset_find(rrsets, TYPE_KEY_RECORD, &rrset))
		return ERR_NOT_FOUND;
	if (rrset.count != 1 || !rrset_next_rdata(&rrset.rdatas, &rdata))
		return ERR_MALFORMED;
	return key_decode(out, rdata);
}

/* The one record at the name, as it stands there. */
static struct blob
rdata_at(struct blob rrsets)
{
	struct rrset rrset;
	struct blob rdata = { .data = NULL };

	if (rrset_find(rrsets, TYPE_KEY_RECORD, &rrset))
		(void)rrset_next_rdata(&rrset.rdatas, &rdata);
	return rdata;
}

/* prerequisite: still as in before; changes: before goes, key comes. */
static enum status
replace_request(struct arena *arena, struct request *out,
    const struct dname *name, const struct key_record *key,
    struct blob before)
{
	struct owner owner;

	enum status status = key_owner(&owner, name);
	if (status != OK)
		return status;
	struct blob at = { arena_copy(arena, owner.bytes, owner.len),
		owner.len };
	struct request_rr *rrs = arena_alloc(arena, 3 * sizeof *rrs);
	uint8_t *rdata = arena_alloc(arena, KEY_RDATA_MAX);
	struct blob old = rdata_at(before);
	if (old.len > 0)
		old.data = arena_copy(arena, old.data, old.len);
	/* 3.2.3 exactly this record, or 3.2.5 nothing at the name */
	rrs[0] = old.len > 0
	    ? (struct request_rr){ .owner = at, .type = TYPE_KEY_RECORD,
		      .rclass = CLASS_IN, .rdata = old }
	    : (struct request_rr){ .owner = at, .type = TYPE_ANY,
		      .rclass = CLASS_NONE };
	rrs[1] = (struct request_rr){ .owner = at, .type = TYPE_KEY_RECORD,
		.rclass = CLASS_ANY };
	rrs[2] = (struct request_rr){ .owner = at, .type = TYPE_KEY_RECORD,
		.rclass = CLASS_IN,
		.rdata = { rdata, key_encode(rdata, key) } };
	out->prereqs = rrs;
	out->n_prereqs = 1;
	out->changes = rrs + 1;
	out->n_changes = 2;
	return OK;
}

enum status
key_add_request(struct arena *arena, struct request *out,
    const struct dname *name, struct key_record *key, struct blob before)
{
	struct key_record old;

	key->version = 1;
	key->state = KEY_IN_FORCE;
	if (before.len > 0) {
		enum status status = key_read(&old, before);
		if (status != OK)
			return status;
		if (old.state == KEY_IN_FORCE)
			return ERR_EXISTS;
		if (old.version == UINT32_MAX)
			return ERR_BAD_VALUE;
		key->version = old.version + 1;
	}
	if (!is_sound(key))
		return ERR_BAD_VALUE;
	return replace_request(arena, out, name, key, before);
}

enum status
key_rotate_request(struct arena *arena, struct request *out,
    const struct dname *name, struct key_record *key, struct blob before)
{
	struct key_record old;

	enum status status = key_read(&old, before);
	if (status != OK)
		return status;
	if (old.state != KEY_IN_FORCE)
		return ERR_NOT_FOUND;
	if (old.version == UINT32_MAX)
		return ERR_BAD_VALUE;
	key->version = old.version + 1;
	key->state = KEY_IN_FORCE;
	key->role = old.role;
	memcpy(key->ocn, old.ocn, sizeof key->ocn);
	if (!is_sound(key))
		return ERR_BAD_VALUE;
	return replace_request(arena, out, name, key, before);
}

enum status
key_revoke_request(struct arena *arena, struct request *out,
    const struct dname *name, struct blob before)
{
	struct key_record key;

	enum status status = key_read(&key, before);
	if (status != OK)
		return status;
	if (key.state != KEY_IN_FORCE)
		return ERR_NOT_FOUND;
	key.state = KEY_REVOKED;
	key.sealed = (struct blob){ .data = NULL };
	return replace_request(arena, out, name, &key, before);
}
