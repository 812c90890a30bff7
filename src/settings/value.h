/*
 * One value of the settings file, from text into its field, checked against
 * its row of the schema. Layer 7; any thread.
 */
#ifndef SETTINGS_VALUE_H
#define SETTINGS_VALUE_H

#include "base/reason.h"
#include "base/status.h"
#include "settings/schema.h"
#include "settings/settings.h"

/*
 * Set an option; a list gets one more item.
 * @param out only the option's field and companion change, and only when OK.
 * @param text as written, NUL-terminated, no other NUL in it.
 * @return OK; ERR_BAD_VALUE with reason ("expected ..., found ...").
 */
MUST_CHECK enum status value_set(struct settings *out,
    const struct option *option, const char *text, struct reason *reason);

/*
 * Set every option to its default; required ones become empty.
 */
void value_set_defaults(struct settings *out);

#endif
