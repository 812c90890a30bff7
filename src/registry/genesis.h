/*
 * The first request of a zone: what `e164ctl init` makes, through the judge
 * like everything after. Layer 2; pure.
 *
 *	Z          SOA (MNAME update.Z), NS of all servers
 *	<server>   A, AAAA, if the name is in the zone
 *	update.Z   A, AAAA of all servers: where updates go
 *	w.Z        NS of all servers: the cut
 *	<key>._key._registry        the authority's key
 *	<name>._registrar._registry the first registrar
 */
#ifndef REGISTRY_GENESIS_H
#define REGISTRY_GENESIS_H

#include "base/arena.h"
#include "base/reason.h"
#include "base/status.h"
#include "dns/name.h"
#include "registry/key.h"
#include "registry/registrar.h"
#include "registry/request.h"

#include <stddef.h>
#include <stdint.h>

enum {
	ZONE_REFRESH_S = 3600,
	ZONE_RETRY_S = 900,
	ZONE_EXPIRE_S = 604800, /* 7 days: without a quorum for so long, */
	ZONE_MINIMUM_S = 300,   /* a registrar stops answering */
	ZONE_TTL_S = 3600,      /* of what init makes */
};

/* One address of one name server; a name may come more than once. */
struct genesis_server {
	struct dname name;
	uint8_t address[16];
	uint8_t address_len; /* 4 or 16 */
};

struct genesis {
	const struct dname *apex;
	uint32_t serial; /* of the first version, not 0 */
	const struct genesis_server *servers;
	size_t n_servers; /* at least one */
	const struct dname *key_name; /* the authority's */
	struct key_record key;        /* algorithm, made_ms, sealed */
	const char *registrar;        /* name */
	uint32_t registrar_id;
};

/*
 * Make the request, complete with actor and door; its id is left zero.
 * @param out in arena.
 * @return OK; ERR_BAD_VALUE (serial 0, no server, a server's name that the
 * registry keeps, address length, registrar's name); ERR_TOO_LONG (a name does
 * not fit below this apex, or the key's is too long); with reason.
 */
MUST_CHECK enum status genesis_request(struct arena *arena,
    struct request *out, const struct genesis *genesis, struct reason *reason);

#endif
