/*
 * Pattern text to steps, in one pass and without recursion: an open group is
 * an entry on a stack, an alternative or repetition moves what it governs up
 * to make room in front. Jumps are relative, so that moving keeps them true.
 * Layer 2; any thread.
 */
#include "registry/ere.h"

#include "registry/ere_step.h"

#include <string.h>

enum {
	DEPTH_MAX = ERE_GROUPS, /* the pattern itself and 9 groups */
	NOTHING = -1,           /* nothing to repeat */
	ONE_MORE = -1,          /* {m,} */
};

/* The pattern itself, or a group that is open. */
struct level {
	int16_t start;  /* first step of the group */
	int16_t branch; /* first step of the alternative */
	int16_t ends;   /* last jump to the end of the group, linked; or -1 */
	uint8_t group;  /* its number */
};

struct compiler {
	struct ere *ere;
	const uint8_t *at;
	const uint8_t *end;
	struct reason *reason;
	struct level levels[DEPTH_MAX];
	size_t depth;
	int16_t atom; /* first step of what a repetition governs, or NOTHING */
};

static enum status
fault(struct compiler *c, enum status status, const char *what)
{
	reason_set(c->reason, "regular expression: %s", what);
	return status;
}

static enum status
emit(struct compiler *c, enum ere_op op, uint8_t arg)
{
	struct ere *ere = c->ere;

	if (ere->n >= ERE_PROGRAM_MAX)
		return fault(c, ERR_TOO_LONG, "too complicated");
	ere->steps[ere->n++] = (struct ere_step){ .op = (uint8_t)op,
		.arg = arg };
	return OK;
}

/* Make room for one step at `at`, moving all behind it up. */
static enum status
open_at(struct compiler *c, int16_t at)
{
	struct ere *ere = c->ere;

	if (ere->n >= ERE_PROGRAM_MAX)
		return fault(c, ERR_TOO_LONG, "too complicated");
	memmove(&ere->steps[at + 1], &ere->steps[at],
	    (size_t)(ere->n - at) * sizeof ere->steps[0]);
	ere->n++;
	return OK;
}

static void
set_split(struct compiler *c, int16_t at, int first, int second)
{
	c->ere->steps[at] = (struct ere_step){ .op = ERE_SPLIT,
		.first = (int16_t)first, .second = (int16_t)second };
}

/* An atom begins at the next step. */
static enum status
emit_atom(struct compiler *c, enum ere_op op, uint8_t arg)
{
	c->atom = (int16_t)c->ere->n;
	return emit(c, op, arg);
}

static enum status
group_open(struct compiler *c)
{
	struct ere *ere = c->ere;

	if (ere->n_groups + 1 >= ERE_GROUPS)
		return fault(c, ERR_UNSUPPORTED, "more than 9 groups");
	ere->n_groups++;
	struct level *level = &c->levels[c->depth++];
	level->start = (int16_t)ere->n;
	level->group = ere->n_groups;
	level->ends = NOTHING;
	c->atom = NOTHING;
	enum status status = emit(c, ERE_SAVE, (uint8_t)(2 * level->group));
	level->branch = (int16_t)ere->n;
	return status;
}

/* `|`: split to this alternative and the next; jump from its end. */
static enum status
branch_end(struct compiler *c)
{
	struct level *level = &c->levels[c->depth - 1];
	struct ere *ere = c->ere;

	if (ere->n == level->branch)
		return fault(c, ERR_UNSUPPORTED, "empty alternative");
	enum status status = open_at(c, level->branch);
	if (status == OK)
		status = emit(c, ERE_JUMP, 0);
	if (status != OK)
		return status;
	int16_t jump = (int16_t)(ere->n - 1);
	set_split(c, level->branch, 1, ere->n - level->branch);
	ere->steps[jump].second = level->ends; /* until group_ends */
	level->ends = jump;
	level->branch = (int16_t)ere->n;
	c->atom = NOTHING;
	return OK;
}

/* Let the jumps of all alternatives lead here. */
static enum status
group_ends(struct compiler *c)
{
	struct level *level = &c->levels[c->depth - 1];
	struct ere *ere = c->ere;

	if (ere->n == level->branch)
		return fault(c, ERR_UNSUPPORTED, "empty alternative or group");
	while (level->ends != NOTHING) {
		int16_t jump = level->ends;
		level->ends = ere->steps[jump].second;
		ere->steps[jump].first = (int16_t)(ere->n - jump);
		ere->steps[jump].second = 0;
	}
	return OK;
}

static enum status
group_close(struct compiler *c)
{
	if (c->depth == 1)
		return fault(c, ERR_MALFORMED, "unmatched )");
	enum status status = group_ends(c);
	if (status != OK)
		return status;
	const struct level *level = &c->levels[--c->depth];
	c->atom = level->start;
	return emit(c, ERE_SAVE, (uint8_t)(2 * level->group + 1));
}

/* Append a copy of the len steps at `from`. */
static enum status
copy(struct compiler *c, int16_t from, int len)
{
	struct ere *ere = c->ere;

	if (ere->n + len > ERE_PROGRAM_MAX)
		return fault(c, ERR_TOO_LONG, "too complicated");
	memcpy(&ere->steps[ere->n], &ere->steps[from],
	    (size_t)len * sizeof ere->steps[0]);
	ere->n = (uint16_t)(ere->n + len);
	return OK;
}

/* atom -> atom*, the last len steps. */
static enum status
make_star(struct compiler *c, int len)
{
	int16_t at = (int16_t)(c->ere->n - len);

	enum status status = open_at(c, at);
	if (status == OK)
		status = emit(c, ERE_JUMP, 0);
	if (status != OK)
		return status;
	set_split(c, at, 1, len + 2);
	c->ere->steps[c->ere->n - 1].first = (int16_t)(-len - 1);
	return OK;
}

/* atom -> atom+ */
static enum status
make_plus(struct compiler *c, int len)
{
	enum status status = emit(c, ERE_SPLIT, 0);

	if (status == OK)
		set_split(c, (int16_t)(c->ere->n - 1), -len, 1);
	return status;
}

/* atom -> (atom(atom(...)?)?)?, n times. The steps of one are at the end. */
static enum status
make_optional(struct compiler *c, int len, int n)
{
	int16_t at = (int16_t)(c->ere->n - len);

	enum status status = open_at(c, at);
	for (int i = 1; status == OK && i < n; i++) {
		status = emit(c, ERE_SPLIT, 0);
		if (status == OK)
			status = copy(c, (int16_t)(at + 1), len);
	}
	if (status != OK)
		return status;
	for (int i = 0; i < n; i++) {
		int16_t split = (int16_t)(at + i * (len + 1));
		set_split(c, split, 1, c->ere->n - split);
	}
	return OK;
}

/* The atom min to max times; max ONE_MORE: without end. */
static enum status
repeat(struct compiler *c, int min, int max)
{
	int16_t from = c->atom;
	int len = c->ere->n - from;
	enum status status = OK;

	if (from == NOTHING)
		return fault(c, ERR_UNSUPPORTED, "nothing to repeat");
	c->atom = NOTHING; /* no repetition of a repetition */
	if (max == 0) {
		c->ere->n = (uint16_t)from;
		return OK;
	}
	for (int i = 1; status == OK && i < min; i++)
		status = copy(c, from, len);
	if (status == OK && min > 0 && max > min)
		status = copy(c, from, len);
	if (status != OK)
		return status;
	if (max == ONE_MORE)
		return min > 0 ? make_plus(c, len) : make_star(c, len);
	return max > min ? make_optional(c, len, max - min) : OK;
}

/* Digits of an interval; -1 if there are none or too many. */
static int
read_number(struct compiler *c)
{
	int n = -1;

	while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
		n = (n < 0 ? 0 : n) * 10 + (*c->at++ - '0');
		if (n > ERE_REPEAT_MAX)
			return -1;
	}
	return n;
}

/* `{m}`, `{m,}`, `{m,n}`; at is behind the brace. */
static enum status
interval(struct compiler *c)
{
	int min = read_number(c);
	int max = min;

	if (min >= 0 && c->at < c->end && *c->at == ',') {
		c->at++;
		bool is_open = c->at < c->end && *c->at == '}';
		max = is_open ? ONE_MORE : read_number(c);
		if (!is_open && max < min)
			min = -1;
	}
	if (min < 0 || c->at == c->end || *c->at++ != '}')
		return fault(c, ERR_MALFORMED, "bad {m,n}");
	return repeat(c, min, max);
}

static void
set_add(struct ere_set *set, unsigned byte)
{
	set->bits[byte / 32] |= (uint32_t)1 << (byte % 32);
}

static void
set_add_range(struct ere_set *set, unsigned from, unsigned to)
{
	for (unsigned byte = from; byte <= to; byte++)
		set_add(set, byte);
}

/* [:name:] inside brackets; at is behind "[:". */
static enum status
set_add_class(struct compiler *c, struct ere_set *set)
{
	static const struct {
		const char *name;
		const char *ranges; /* pairs */
	} classes[] = {
		{ "digit:]", "09" },
		{ "alpha:]", "AZaz" },
		{ "alnum:]", "09AZaz" },
		{ "upper:]", "AZ" },
		{ "lower:]", "az" },
		{ "xdigit:]", "09AFaf" },
		{ "space:]", "\t\r  " },
		{ "blank:]", "\t\t  " },
		{ "punct:]", "!/:@[`{~" },
		{ "print:]", " ~" },
		{ "graph:]", "!~" },
	};

	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		size_t len = strlen(classes[i].name);
		if ((size_t)(c->end - c->at) < len ||
		    memcmp(c->at, classes[i].name, len) != 0)
			continue;
		c->at += len;
		for (const char *r = classes[i].ranges; *r != '\0'; r += 2)
			set_add_range(set, (uint8_t)r[0], (uint8_t)r[1]);
		return OK;
	}
	return fault(c, ERR_UNSUPPORTED, "unknown [:class:]");
}

/*
 * One member of a bracket expression: a class, a range or a byte. A '-' that is
 * neither first nor last could be the end of a range and the begin of another;
 * 9.3.5 leaves that open, and the C library refuses some of them.
 */
static enum status
set_member(struct compiler *c, struct ere_set *set, bool is_first)
{
	uint8_t from = *c->at++;
	uint8_t to = from;

	if (from == '-' && c->at < c->end && *c->at != ']' &&
	    (!is_first || *c->at == '-'))
		return fault(c, ERR_UNSUPPORTED, "- inside []");

	if (from == '[' && c->at < c->end &&
	    (*c->at == ':' || *c->at == '.' || *c->at == '=')) {
		if (*c->at++ != ':')
			return fault(c, ERR_UNSUPPORTED, "[. and [=");
		return set_add_class(c, set);
	}
	if (c->end - c->at >= 2 && c->at[0] == '-' && c->at[1] != ']') {
		to = c->at[1];
		c->at += 2;
		if (to < from || to == '[' || to == '-')
			return fault(c, ERR_MALFORMED, "bad range in []");
	}
	set_add_range(set, from, to);
	return OK;
}

/* `[...]`; at is behind the bracket. */
static enum status
bracket(struct compiler *c)
{
	struct ere *ere = c->ere;

	if (ere->n_sets >= ERE_SETS_MAX)
		return fault(c, ERR_TOO_LONG, "too many []");
	struct ere_set *set = &ere->sets[ere->n_sets];
	*set = (struct ere_set){ { 0 } };
	bool is_negated = c->at < c->end && *c->at == '^';
	if (is_negated)
		c->at++;
	/* the first may be ']' */
	for (bool is_first = true;; is_first = false) {
		if (c->at == c->end)
			return fault(c, ERR_MALFORMED, "unmatched [");
		if (*c->at == ']' && !is_first)
			break;
		enum status status = set_member(c, set, is_first);
		if (status != OK)
			return status;
	}
	c->at++;
	for (size_t i = 0; is_negated && i < 8; i++)
		set->bits[i] = ~set->bits[i];
	return emit_atom(c, ERE_SET, ere->n_sets++);
}

static enum status
escape(struct compiler *c)
{
	if (c->at == c->end)
		return fault(c, ERR_MALFORMED, "\\ at the end");
	if (strchr("^.[]$()|*+?{}\\", *c->at) == NULL || *c->at == '\0')
		return fault(c, ERR_UNSUPPORTED,
		    "\\ before an ordinary character");
	return emit_atom(c, ERE_BYTE, *c->at++);
}

static enum status
anchor(struct compiler *c, enum ere_op op)
{
	c->atom = NOTHING;
	return emit(c, op, 0);
}

static enum status
compile_next(struct compiler *c)
{
	uint8_t byte = *c->at++;

	switch (byte) {
	case '(':
		return group_open(c);
	case ')':
		return group_close(c);
	case '|':
		return branch_end(c);
	case '*':
		return repeat(c, 0, ONE_MORE);
	case '+':
		return repeat(c, 1, ONE_MORE);
	case '?':
		return repeat(c, 0, 1);
	case '{':
		return interval(c);
	case '[':
		return bracket(c);
	case '\\':
		return escape(c);
	case '^':
		return anchor(c, ERE_BEGIN);
	case '$':
		return anchor(c, ERE_END);
	case '.':
		return emit_atom(c, ERE_ANY, 0);
	default: /* foreign byte, not an enum */
		return emit_atom(c, ERE_BYTE, byte);
	}
}

enum status
ere_compile(struct ere *out, struct blob pattern, struct reason *reason)
{
	struct compiler c = {
		.ere = out,
		.at = pattern.data,
		.end = pattern.data + pattern.len,
		.reason = reason,
		.depth = 1,
		.atom = NOTHING,
	};

	out->n = 0;
	out->n_sets = 0;
	out->n_groups = 0;
	c.levels[0] = (struct level){ .ends = NOTHING };
	while (c.at < c.end) {
		enum status status = compile_next(&c);
		if (status != OK)
			return status;
	}
	if (c.depth > 1)
		return fault(&c, ERR_MALFORMED, "unmatched (");
	enum status status = group_ends(&c);
	return status != OK ? status : emit(&c, ERE_DONE, 0);
}
