/*
 * The regexp field of a NAPTR record, taken apart and ready to be applied to
 * numbers: what naptr.c and naptr_check.c share. Layer 2; any thread.
 */
#ifndef REGISTRY_NAPTR_RULE_H
#define REGISTRY_NAPTR_RULE_H

#include "base/bytes.h"
#include "base/reason.h"
#include "base/status.h"
#include "e164/tn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ere;

/* A rule ready to be applied. */
struct naptr_rule {
	struct blob pattern;
	struct blob replacement;
	uint8_t delimiter;
	bool is_strict; /* a group that takes no part is refused when named */
	unsigned n_groups;
	const struct ere *ere; /* NULL: ^.*$ or ^(.*)$, needs no matching */
};

/* What is done with a rule once its pattern is compiled. */
struct naptr_use {
	struct naptr_rule *rule;
	enum status (*act)(void *arg, struct reason *reason);
	void *arg;
};

/* The blob is this text. */
bool naptr_text_is(struct blob blob, const char *text);

/*
 * Take a field apart. Not strict, and without a compiled pattern yet.
 * @return OK; ERR_MALFORMED, ERR_UNSUPPORTED (flags) with reason.
 */
MUST_CHECK enum status naptr_rule_make(struct naptr_rule *out,
    struct blob regexp, struct reason *reason);

/*
 * Compile the pattern, if it needs to be, and act. The compiled pattern is
 * gone afterwards.
 * @return what act returns; ERR_MALFORMED, ERR_UNSUPPORTED, ERR_TOO_LONG with
 * reason when the pattern is bad.
 */
MUST_CHECK enum status naptr_rule_use(const struct naptr_use *use,
    struct reason *reason);

/*
 * Within act: the URI for a number. @param out NAPTR_URI_MAX bytes.
 * @return as naptr_uri.
 */
MUST_CHECK enum status naptr_rule_apply(uint8_t *out, size_t *out_len,
    const struct naptr_rule *rule, struct tn number, struct reason *reason);

#endif
