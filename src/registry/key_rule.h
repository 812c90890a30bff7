/*
 * The judge's rules about keys: is the actor's key still in force, and may a
 * key record become what a request makes of it. Layer 2; the engine thread.
 */
#ifndef REGISTRY_KEY_RULE_H
#define REGISTRY_KEY_RULE_H

#include "registry/judging.h"

/*
 * The actor's key, if it acts by one: in force, at the version and with the
 * role and OCN that the door saw. Over UPDATE there must be one.
 * @return as judging.h.
 */
MUST_CHECK enum status key_rule_actor(struct judging *judging);

/*
 * A change at <key>._key.<ocn>._ocn: the OCN's own key comes into force, or is
 * revoked. Both in one request give it another secret. Prescanned.
 * @return as judging.h.
 */
MUST_CHECK enum status key_rule_change(struct judging *judging, size_t at);

/*
 * Every key record that was written: one whole record, its version the old one
 * when it is revoked, the old one + 1 when it comes into force or gets another
 * secret, never gone.
 * @return as judging.h.
 */
MUST_CHECK enum status key_rule_records(struct judging *judging);

#endif
