/*
 * The beginning of a group: `e164ctl init`. Makes the state directory of the
 * first registrar and lets it decide slot 1, through the same change path as
 * everything after: SOA, NS and addresses, the cut at w, the authority's key.
 * Layer 8; offline, one thread.
 */
#ifndef ENGINE_GENESIS_H
#define ENGINE_GENESIS_H

#include "base/reason.h"
#include "base/status.h"
#include "dns/name.h"
#include "settings/settings.h"

#include <stddef.h>
#include <stdint.h>

enum { GENESIS_NS_MAX = 20 }; /* name servers given at init */

struct genesis_ns {
	struct dname name;
	struct net_address address; /* the port does not matter */
};

struct genesis_options {
	struct dname zone;
	uint32_t serial; /* of the first version; 0: 1 */
	struct genesis_ns ns[GENESIS_NS_MAX];
	size_t n_ns; /* 0: ns1.<zone> at the first dns address of settings */
};

/*
 * Make the state directory of settings->state and in it authority.key, a key
 * file as tsig-keygen writes them.
 * @return OK: durable, e164d can be started. Else nothing usable is left:
 * what state_dir_create says; ERR_BAD_VALUE (options); ERR_IO, ERR_FULL; with
 * reason.
 */
MUST_CHECK enum status genesis_create(const struct settings *settings,
    const struct genesis_options *options, struct reason *reason);

#endif
