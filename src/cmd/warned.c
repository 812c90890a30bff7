/*
 * Warnings by kind. Layer 10; one thread.
 */
#include "cmd/warned.h"

#include <stdio.h>
#include <string.h>

static const char *
kind_of(const char *text)
{
	const char *kind = text;

	for (const char *at = strstr(text, ": "); at != NULL;
	     at = strstr(kind, ": "))
		kind = at + 2;
	return kind;
}

static struct warned_kind *
find(struct warned *warned, const char *kind)
{
	for (unsigned i = 0; i < warned->n_kinds; i++) {
		if (strncmp(warned->kinds[i].text, kind,
		    WARNED_TEXT_MAX - 1) == 0)
			return &warned->kinds[i];
	}
	if (warned->n_kinds == WARNED_KINDS_MAX)
		return NULL;
	struct warned_kind *new = &warned->kinds[warned->n_kinds++];
	snprintf(new->text, sizeof new->text, "%s", kind);
	return new;
}

bool
warned_is_new(struct warned *out, const char *text)
{
	struct warned_kind *kind = find(out, kind_of(text));

	if (kind == NULL || kind->n == WARNED_OF_KIND_MAX)
		return false;
	kind->n++;
	out->n_said++;
	return true;
}
