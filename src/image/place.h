/*
 * Where a name stands: the digits it begins with, seen from the apex, lead to
 * a decimal node and a place in it; what is left over, to a leaf there.
 *
 *	owner                    digits  group and depth in node     rest
 *	(apex)                   0       the version's apex
 *	1.2.0.1                  4       NEAR 1 of the node at 3     -
 *	1.2.0.1.5.6              6       FAR of the node at 3        -
 *	1.2.0.1.*                4       STARS 1 of the node at 3    -
 *	1.2.0.1._tcp._sip        4       OTHERS 1 of the node at 3   _tcp._sip
 *	_ocn.1510                0       OTHERS of the first node    _ocn.1510
 *
 * Digits behind the 15th count as other labels. Layer 3; any thread.
 */
#ifndef IMAGE_PLACE_H
#define IMAGE_PLACE_H

#include "base/bytes.h"
#include "e164/tn.h"
#include "image/decimal.h"
#include "image/state.h"

#include <stdbool.h>
#include <stdint.h>

enum place_kind { PLACE_APEX, PLACE_SLOT, PLACE_LEAF };

struct place {
	enum place_kind kind;
	struct tn tn;
	unsigned digits;  /* in tn */
	struct blob rest; /* of the owner, behind the digits */
	unsigned level;   /* of the node: it stands for 3 * level digits */
	enum group group;
	unsigned key;
};

/* The label '*' in an owner: one byte of length, and itself. */
static inline bool
starts_with_star(struct blob rest)
{
	return rest.len >= 2 && rest.data[0] == 1 && rest.data[1] == '*';
}

static inline bool
is_star(struct blob rest)
{
	return rest.len == 2 && starts_with_star(rest);
}

/* Where owner stands, whether or not anything is there. */
void place_of(struct place *out, struct blob owner);

/* The node of a level on the way along tn; NULL: there is none. */
const struct decimal *place_node(const struct image_version *version,
    struct tn tn, unsigned level);

/* Data at owner's place in a version; 0: none. */
uint32_t place_data(const struct image_version *version,
    const struct place *place);

/* Its number: only of a name that is one. */
static inline struct tn
place_number(const struct place *place)
{
	return place->kind == PLACE_SLOT && place->rest.len == 0 ?
	    place->tn :
	    (struct tn){ 0 };
}

#endif
