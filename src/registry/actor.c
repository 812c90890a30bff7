/*
 * Who asks, as bytes. Refuses roles that do not exist, an OCN that does not go
 * with the role, names that are none. Layer 2; any thread.
 */
#include "registry/actor.h"

#include "base/check.h"
#include "dns/name.h"

#include <string.h>

enum { OCN_LEN = 4 };

static bool
ocn_is_valid(const char *ocn, size_t len, enum role role)
{
	if (role != ROLE_CARRIER)
		return len == 0;
	if (len != OCN_LEN)
		return false;
	for (size_t i = 0; i < OCN_LEN; i++) {
		if (!((ocn[i] >= '0' && ocn[i] <= '9') ||
			(ocn[i] >= 'A' && ocn[i] <= 'Z')))
			return false;
	}
	return true;
}

static bool
registrar_is_valid(const char *name, size_t len)
{
	if (len > REGISTRAR_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (name[i] <= ' ' || name[i] >= 0x7f)
			return false;
	}
	return true;
}

static bool
key_is_valid(const struct dname *key)
{
	return key->len == 0 || dname_check(key->bytes, key->len) == key->len;
}

static bool
actor_is_valid(const struct actor *actor)
{
	return (unsigned)actor->role <= ROLE_REGISTRAR &&
	    actor->ocn[OCN_LEN] == '\0' &&
	    actor->registrar[REGISTRAR_NAME_MAX] == '\0' &&
	    ocn_is_valid(actor->ocn, strlen(actor->ocn), actor->role) &&
	    key_is_valid(&actor->key) &&
	    registrar_is_valid(actor->registrar, strlen(actor->registrar));
}

size_t
actor_len(const struct actor *actor)
{
	return ACTOR_LEN_MIN + strlen(actor->ocn) + actor->key.len +
	    strlen(actor->registrar);
}

void
actor_write(struct writer *w, const struct actor *actor)
{
	require(actor_is_valid(actor));
	size_t ocn_len = strlen(actor->ocn);
	size_t registrar_len = strlen(actor->registrar);

	write_u8(w, (uint8_t)actor->role);
	write_u8(w, (uint8_t)ocn_len);
	write_bytes(w, actor->ocn, ocn_len);
	write_u8(w, actor->key.len);
	write_bytes(w, actor->key.bytes, actor->key.len);
	write_u32(w, actor->key_version);
	write_u8(w, (uint8_t)registrar_len);
	write_bytes(w, actor->registrar, registrar_len);
	write_u32(w, actor->uid);
}

/* A string with its length in front; false if it does not fit or has a NUL. */
static bool
read_string(struct reader *r, char *out, size_t max)
{
	size_t len = read_u8(r);

	if (len > max)
		return false;
	read_bytes(r, out, len);
	out[len] = '\0';
	return !r->bad && strlen(out) == len;
}

bool
actor_read(struct reader *r, struct actor *out)
{
	memset(out, 0, sizeof *out);
	out->role = (enum role)read_u8(r);
	if (!read_string(r, out->ocn, OCN_LEN))
		return false;
	out->key.len = read_u8(r);
	read_bytes(r, out->key.bytes, out->key.len);
	out->key_version = read_u32(r);
	if (!read_string(r, out->registrar, REGISTRAR_NAME_MAX))
		return false;
	out->uid = read_u32(r);
	return !r->bad && actor_is_valid(out);
}
