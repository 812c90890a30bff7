/*
 * Class CHAOS: who and which version answers (RFC 4892, hostname.bind,
 * version.bind), as far as the settings allow; and whoami.e164d, which tells
 * the holder of a key the zone, and role and OCN of the key. Layer 4; pure; the
 * query thread.
 */
#ifndef QUERY_CHAOS_H
#define QUERY_CHAOS_H

#include "dns/reply.h"

#include <stdint.h>

struct keyring_key;
struct query_env;

/*
 * Answer a query of class CHAOS.
 * @param key who asks; NULL: nobody that we know.
 * @return RCODE: NOERROR with the TXT in the answer (none for other types at
 * these names); REFUSED for other names, when the setting is empty, and to
 * somebody without a key.
 */
uint16_t chaos_answer(const struct query_env *env,
    const struct keyring_key *key, struct reply *reply);

#endif
