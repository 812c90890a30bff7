/*
 * Refusals and warnings of the judge, in one place. Layer 2; the engine
 * thread.
 */
#include "registry/judging.h"

#include <stdarg.h>

__attribute__((format(printf, 4, 0))) static void
refuse(struct judging *judging, size_t at, enum cause cause,
    const char *format, va_list args)
{
	struct outcome *out = judging->out;

	out->cause = cause;
	out->rcode = cause_rcode(cause);
	out->at = at;
	reason_vset(&out->reason, format, args);
}

enum status
judging_refuse(struct judging *judging, size_t at, enum cause cause,
    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	refuse(judging, at, cause, format, args);
	va_end(args);
	return ERR_REFUSED;
}

/* An import of a million lines counts all of them and keeps some. */
__attribute__((format(printf, 3, 0))) static void
warn(struct judging *judging, size_t at, const char *format, va_list args)
{
	struct outcome *out = judging->out;

	if (out->n_warnings < OUTCOME_WARNINGS_MAX) {
		struct warning *w = &out->warnings[out->n_warnings];
		w->change = at;
		reason_vset(&w->reason, format, args);
	}
	out->n_warnings++;
}

void
judging_warn(struct judging *judging, size_t at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	warn(judging, at, format, args);
	va_end(args);
}

enum status
judging_object(struct judging *judging, size_t at, enum cause cause,
    const char *format, ...)
{
	enum status status = OK;
	va_list args;

	va_start(args, format);
	if (judging_overrules(judging)) {
		warn(judging, at, format, args);
	} else {
		refuse(judging, at, cause, format, args);
		status = ERR_REFUSED;
	}
	va_end(args);
	return status;
}

const char *
judging_name(struct judging *judging, struct blob owner)
{
	enum { CAP = NAME_TEXT_MAX };

	if (judging->out->n_warnings >= OUTCOME_WARNINGS_MAX)
		return "";
	char *text = arena_alloc(judging->arena, CAP);

	return owner_format(text, CAP, owner, judging->env->apex);
}
