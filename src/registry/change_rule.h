/*
 * The registry's rules for one added record at a registry name: types that are
 * kept there, attributes, NAPTR. They refuse a carrier and warn the authority,
 * whom only DNS binds. Layer 2; the engine thread.
 */
#ifndef REGISTRY_CHANGE_RULE_H
#define REGISTRY_CHANGE_RULE_H

#include "registry/judging.h"

/*
 * The record's type at this kind of name; and for NAPTR its rules.
 * @param at index of the change. @return as judging.h.
 */
MUST_CHECK enum status change_rule_type(struct judging *judging,
    struct draft_name *name, size_t at);

/*
 * A TXT record at a registry name: attribute, place and value.
 * @return as judging.h.
 */
MUST_CHECK enum status change_rule_text(struct judging *judging,
    struct draft_name *name, size_t at);

#endif
