/*
 * TSIG keys over the control socket: list, make, revoke. A secret is made here,
 * sealed at once, and leaves in one reply; it is in no record in the clear.
 * Layer 9.
 */
#ifndef CONTROL_KEYS_H
#define CONTROL_KEYS_H

#include "base/reason.h"
#include "base/status.h"
#include "engine/access.h"

struct message;
struct session;

/*
 * Call each for every key in force, with name, role, ocn, version.
 * @return OK; what each returned; what walk returns, with reason.
 */
MUST_CHECK enum status keys_list(const struct engine_access *access,
    enum status (*each)(void *arg, const struct message *key), void *arg,
    struct reason *reason);

/* Calls key-add (name, role, ocn) and key-revoke (name). */
void call_key_add(struct session *session, const struct message *message);
void call_key_rotate(struct session *session, const struct message *message);
void call_key_revoke(struct session *session, const struct message *message);

#endif
