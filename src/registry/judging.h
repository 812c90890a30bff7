/*
 * What the files of the judge share while one request is judged: the request,
 * the draft of the state after it, and where refusals and warnings go. Only
 * for files of the judge. Layer 2; the engine thread.
 *
 * Their functions return OK, ERR_REFUSED (the outcome is filled), or what the
 * view failed with.
 */
#ifndef REGISTRY_JUDGING_H
#define REGISTRY_JUDGING_H

#include "registry/draft.h"
#include "registry/judge.h"

#include <string.h>

/* A PIN that a change sets or deletes. */
struct pin_change {
	struct pin_change *next;
	struct blob number; /* owner N */
	struct draft_name *pin;
	size_t at; /* the change */
};

/* Wrong PINs counted: kept also when the request is refused. */
struct counted {
	struct counted *next;
	struct draft_name *tries;
	struct node node; /* what is there from now on */
};

struct judging {
	struct arena *arena;
	const struct judge_env *env;
	const struct request *request;
	struct outcome *out;
	struct draft draft;
	uint32_t serial; /* the zone's, or the last one an SOA update set */
	struct pin_change *pins;
	struct counted *counted; /* in owner order */
	const struct blob *named; /* owners of the changes in order, once
	                           * somebody asked for them */
};

/*
 * Refuse the request. @param at index of the prerequisite or change.
 * @param format, ... words for the operator. @return ERR_REFUSED.
 */
MUST_CHECK enum status judging_refuse(struct judging *judging, size_t at,
    enum cause cause, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * A rule of the registry, not of DNS, is broken: refuses a carrier; for the
 * authority it becomes a warning.
 * @return OK (authority: go on), ERR_REFUSED.
 */
MUST_CHECK enum status judging_object(struct judging *judging, size_t at,
    enum cause cause, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Something the operator should know, whoever asked. */
void judging_warn(struct judging *judging, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The authority or the registry itself: bound by DNS rules only. */
static inline bool
judging_overrules(const struct judging *judging)
{
	enum role role = judging->request->actor.role;

	return role == ROLE_AUTHORITY || role == ROLE_REGISTRAR;
}

/* The OCN that a carrier acts for. */
static inline struct blob
judging_ocn(const struct judging *judging)
{
	const char *ocn = judging->request->actor.ocn;

	return (struct blob){ (const uint8_t *)ocn, strlen(ocn) };
}

/* A door that may name what lies below _registry. */
static inline bool
judging_is_inside(const struct judging *judging)
{
	enum door door = judging->request->door;

	return judging_overrules(judging) &&
	    (door == DOOR_CONTROL || door == DOOR_GENESIS);
}

/*
 * Text of an owner for a reason; lives in the arena. "" when there are more
 * warnings than are kept: an import with a million of them must not pay for
 * their text.
 */
const char *judging_name(struct judging *judging, struct blob owner);

#endif
