/*
 * Registrar records: who belongs to the group, at private names
 * <name>._registrar._registry. A removed registrar stays as a tombstone, so
 * that no id is used twice. Layer 2; any thread.
 *
 *	 0  1  layout, 1
 *	 1  1  state, enum registrar_state
 *	 2  4  id in the group, 1..
 *	 6  8  time of the last change, ms since 1970
 */
#ifndef REGISTRY_REGISTRAR_H
#define REGISTRY_REGISTRAR_H

#include "base/bytes.h"
#include "base/status.h"
#include "dns/name.h"

#include <stdint.h>

enum {
	TYPE_REGISTRAR_RECORD = 65281, /* private use, RFC 6895 3.1 */
	REGISTRAR_RDATA_LEN = 14,
};

enum registrar_state {
	REGISTRAR_VOTER = 1,
	REGISTRAR_MIRROR = 2,
	REGISTRAR_REMOVED = 3,
};

struct registrar_record {
	enum registrar_state state;
	uint32_t id;
	uint64_t changed_ms;
};

/*
 * Owner of a registrar's record. @param name C string, 1..63 bytes.
 * @return OK; ERR_BAD_VALUE.
 */
MUST_CHECK enum status registrar_owner(struct owner *out, const char *name);

/* Encode. @param out REGISTRAR_RDATA_LEN bytes, all of which are written. */
void registrar_encode(uint8_t *out, const struct registrar_record *registrar);

/*
 * Decode and check foreign bytes.
 * @return OK, ERR_MALFORMED, ERR_NEWER (layout).
 */
MUST_CHECK enum status registrar_decode(struct registrar_record *out,
    struct blob rdata);

#endif
