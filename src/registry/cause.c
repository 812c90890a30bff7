/*
 * Causes of refusal: the columns of registry/cause.def by number. Numbers may
 * come from a newer registrar, so an unknown one has words, too. Layer 2; any
 * thread.
 */
#include "registry/cause.h"

struct cause_row {
	const char *id;
	const char *text;
	uint16_t rcode;
};

static const struct cause_row rows[] = {
#define CAUSE(code, id, rcode, text, meaning, action) { id, text, rcode },
#include "registry/cause.def"
#undef CAUSE
};

_Static_assert(sizeof rows / sizeof rows[0] == CAUSE_COUNT,
    "a row for each cause");
_Static_assert(CAUSE_NONE == 0, "0 in a receipt is: done");

/* What is said for a number that is no cause: refused, REFUSED. */
static const struct cause_row unknown = {
	"unknown", "a cause that this version does not know", 5
};

static const struct cause_row *
cause_row(enum cause cause)
{
	return (unsigned)cause < CAUSE_COUNT ? &rows[cause] : &unknown;
}

uint16_t
cause_rcode(enum cause cause)
{
	return cause_row(cause)->rcode;
}

const char *
cause_text(enum cause cause)
{
	return cause_row(cause)->text;
}

const char *
cause_id(enum cause cause)
{
	return cause_row(cause)->id;
}
