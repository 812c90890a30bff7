/*
 * Encoding of registrar records. Layer 2; any thread.
 */
#include "registry/registrar.h"

#include "base/check.h"

#include <string.h>

enum { REGISTRAR_LAYOUT = 1 };

enum status
registrar_owner(struct owner *out, const char *name)
{
	static const uint8_t top[] = "\11_registry\12_registrar";
	struct owner owner;
	size_t len = strnlen(name, LABEL_MAX + 1);

	owner_set(&owner, (struct blob){ top, sizeof top - 1 });
	if (len == 0 || len > LABEL_MAX || owner_push(&owner, name, len) != OK)
		return ERR_BAD_VALUE;
	*out = owner;
	return OK;
}

void
registrar_encode(uint8_t *out, const struct registrar_record *registrar)
{
	require(registrar->id != 0);
	out[0] = REGISTRAR_LAYOUT;
	out[1] = (uint8_t)registrar->state;
	put_u32(out + 2, registrar->id);
	put_u32(out + 6, (uint32_t)(registrar->changed_ms >> 32));
	put_u32(out + 10, (uint32_t)registrar->changed_ms);
}

enum status
registrar_decode(struct registrar_record *out, struct blob rdata)
{
	struct reader r = reader_make(rdata.data, rdata.len);

	unsigned layout = read_u8(&r);
	if (!r.bad && layout != REGISTRAR_LAYOUT)
		return layout > REGISTRAR_LAYOUT ? ERR_NEWER : ERR_MALFORMED;
	unsigned state = read_u8(&r);
	uint32_t id = read_u32(&r);
	uint64_t changed_ms = read_u64(&r);
	if (!reader_done(&r) || id == 0 || state < REGISTRAR_VOTER ||
	    state > REGISTRAR_REMOVED)
		return ERR_MALFORMED;
	*out = (struct registrar_record){ .id = id, .changed_ms = changed_ms,
		.state = (enum registrar_state)state };
	return OK;
}
