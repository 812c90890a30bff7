/*
 * Class CHAOS: who and which version answers (RFC 4892, hostname.bind,
 * version.bind), as far as the settings allow. Layer 4; pure; the query
 * thread.
 */
#ifndef QUERY_CHAOS_H
#define QUERY_CHAOS_H

#include "dns/reply.h"

#include <stdint.h>

struct query_env;

/*
 * Answer a query of class CHAOS.
 * @return RCODE: NOERROR with the TXT in the answer (none for other types at
 * these names); REFUSED for other names and when the setting is empty.
 */
uint16_t chaos_answer(const struct query_env *env, struct reply *reply);

#endif
