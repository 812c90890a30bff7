/*
 * Running the steps: a list of ways that are possible at this character, at
 * most one for each step, the preferred one first; from it the list for the
 * next. Layer 2; any thread.
 */
#include "registry/ere.h"

#include "base/check.h"
#include "registry/ere_step.h"

#include <string.h>

enum { SLOTS = 2 * ERE_GROUPS };

struct way {
	uint16_t step;
	uint8_t at[SLOTS];
};

struct ways {
	size_t n;
	struct way list[ERE_PROGRAM_MAX];
};

struct search {
	const struct ere *ere;
	struct blob subject;
	struct ways lists[2];
	struct way stack[ERE_PROGRAM_MAX + 1]; /* ways still to be followed */
	uint8_t seen[ERE_PROGRAM_MAX]; /* steps reached at this character */
	bool is_found;
	struct ere_match best;
};

/* Whether a step that takes no character lets a way pass here. */
static bool
passes(const struct search *s, uint8_t op, size_t pos)
{
	return op == ERE_BEGIN ? pos == 0 : pos == s->subject.len;
}

/* Follow a way through the steps that take no character, preferred branches
 * first, and list where it then waits for one. Each step is taken once, and
 * only a split leaves a way more behind: so the stack has room. */
static void
follow(struct search *s, struct ways *ways, const struct way *start,
    size_t pos)
{
	size_t n = 0;

	s->stack[n++] = *start;
	while (n > 0) {
		struct way way = s->stack[--n];
		const struct ere_step *step = &s->ere->steps[way.step];
		if (s->seen[way.step])
			continue;
		s->seen[way.step] = 1;
		switch ((enum ere_op)step->op) {
		case ERE_SAVE:
			way.at[step->arg] = (uint8_t)pos;
			way.step++;
			s->stack[n++] = way;
			break;
		case ERE_JUMP:
			way.step = (uint16_t)(way.step + step->first);
			s->stack[n++] = way;
			break;
		case ERE_SPLIT:
			s->stack[n] = way;
			s->stack[n++].step =
			    (uint16_t)(way.step + step->second);
			way.step = (uint16_t)(way.step + step->first);
			s->stack[n++] = way;
			break;
		case ERE_BEGIN:
		case ERE_END:
			if (passes(s, step->op, pos)) {
				way.step++;
				s->stack[n++] = way;
			}
			break;
		case ERE_BYTE:
		case ERE_ANY:
		case ERE_SET:
		case ERE_DONE:
			ways->list[ways->n++] = way;
			break;
		}
	}
}

static bool
takes(const struct ere *ere, const struct ere_step *step, uint8_t byte)
{
	switch ((enum ere_op)step->op) {
	case ERE_BYTE:
		return step->arg == byte;
	case ERE_ANY:
		return true;
	case ERE_SET:
		return (ere->sets[step->arg].bits[byte / 32] >>
		    (byte % 32)) & 1;
	case ERE_BEGIN:
	case ERE_END:
	case ERE_SAVE:
	case ERE_JUMP:
	case ERE_SPLIT:
	case ERE_DONE:
		return false;
	}
	return false;
}

/* A way that came to the end: keep it if it begins earlier, or as early and
 * is longer. */
static void
arrive(struct search *s, const struct way *way, size_t pos)
{
	const uint8_t *best = s->best.at;

	if (s->is_found && (way->at[0] > best[0] ||
		(way->at[0] == best[0] && pos <= best[1])))
		return;
	memcpy(s->best.at, way->at, SLOTS);
	s->best.at[1] = (uint8_t)pos;
	s->is_found = true;
}

bool
ere_search(struct ere_match *out, const struct ere *ere, struct blob subject)
{
	struct search s;
	struct way start = { .step = 0 };

	require(subject.len <= ERE_SUBJECT_MAX);
	s.ere = ere;
	s.subject = subject;
	s.is_found = false;
	memset(start.at, ERE_UNSET, SLOTS);
	struct ways *now = &s.lists[0];
	struct ways *next = &s.lists[1];
	now->n = 0;
	memset(s.seen, 0, ere->n);
	for (size_t pos = 0; pos <= subject.len; pos++) {
		if (!s.is_found) {
			start.at[0] = (uint8_t)pos;
			follow(&s, now, &start, pos);
		}
		next->n = 0;
		memset(s.seen, 0, ere->n);
		for (size_t i = 0; i < now->n; i++) {
			struct way *way = &now->list[i];
			const struct ere_step *step = &ere->steps[way->step];
			if (step->op == ERE_DONE) {
				arrive(&s, way, pos);
			} else if (pos < subject.len &&
			    takes(ere, step, subject.data[pos])) {
				way->step++;
				follow(&s, next, way, pos + 1);
			}
		}
		struct ways *done = now;
		now = next;
		next = done;
	}
	if (s.is_found)
		*out = s.best;
	return s.is_found;
}
