/*
 * A view over a sorted array: the test double of image and store for the
 * judge. Applies parts like the engine does, and checks what they say about
 * the state before.
 */
#ifndef UNIT_REGISTRY_FAKE_VIEW_H
#define UNIT_REGISTRY_FAKE_VIEW_H

#include "base/arena.h"
#include "registry/changeset.h"
#include "registry/view.h"

#include <stddef.h>

struct fake_name {
	struct blob owner;
	struct node node;
};

struct fake_view {
	struct view view; /* hand this to the judge; its arg is the struct */
	struct arena arena; /* all memory, until fini */
	struct fake_name *names; /* owner order, all scopes */
	size_t n;
	size_t cap;
	size_t n_gets; /* calls so far */
	enum status fail; /* what get answers, if not OK */
};

/* Empty, serial 1. */
void fake_view_init(struct fake_view *fake);

/* Give all memory back. */
void fake_view_fini(struct fake_view *fake);

/* What is at owner; rrsets.len 0: nothing. */
struct node fake_view_get(const struct fake_view *fake, struct blob owner);

/* Put a node there; rrsets.len 0 takes it away. Copies. */
void fake_view_put(struct fake_view *fake, struct blob owner,
    const struct node *node);

/* Apply a part; a part that does not fit the state fails the test. */
void fake_view_apply(struct fake_view *fake, const struct part *part);

#endif
