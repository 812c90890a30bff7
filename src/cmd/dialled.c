/*
 * Readers side by side. Layer 10; one thread.
 */
#include "cmd/dialled.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

struct speaker {
	void (*say)(void *arg, const char *text);
	void *arg;
};

enum status
dialled_make(struct dialled *out, struct tn number, size_t name_len,
    const struct blob *rdatas, size_t n)
{
	require(n <= RRSET_RECORDS_MAX);
	out->number = number;
	out->name_len = name_len;
	out->rdatas = rdatas;
	out->n = n;
	for (size_t i = 0; i < n; i++) {
		if (!naptr_read(&out->naptrs[i], rdatas[i]))
			return ERR_MALFORMED;
	}
	for (int r = 0; r < READER_COUNT; r++) {
		for (size_t i = 0; i < n; i++)
			enum_reader_read(&out->readings[r][i],
			    (enum enum_reader)r, &out->naptrs[i], number);
		enum_reader_choose(&out->choices[r], out->naptrs,
		    out->readings[r], n);
	}
	return OK;
}

const struct enum_reading *
dialled_reading(const struct dialled *dialled, enum enum_reader reader,
    size_t i)
{
	const struct enum_choice *choice = &dialled->choices[reader];

	return i < choice->n ? &dialled->readings[reader][choice->at[i]]
			     : NULL;
}

/* URI that a reader dials first, "" for none. */
static const char *
first_uri(const struct dialled *dialled, enum enum_reader reader)
{
	const struct enum_reading *reading = dialled_reading(dialled, reader,
	    0);

	return reading != NULL ? reading->uri : "";
}

static bool
is_same_for_all(const struct dialled *dialled)
{
	for (int r = 1; r < READER_COUNT; r++) {
		if (strcmp(first_uri(dialled, (enum enum_reader)r),
		    first_uri(dialled, READER_KAMAILIO)) != 0)
			return false;
	}
	return true;
}

bool
dialled_agree(const struct dialled *dialled)
{
	for (int r = 0; r < READER_COUNT; r++) {
		if (!dialled->choices[r].is_sure ||
		    dialled->choices[r].n == 0)
			return false;
	}
	return is_same_for_all(dialled);
}

static void
speak(const struct speaker *to, const struct reason *text)
{
	to->say(to->arg, text->text);
}

/* The first record at which a reader gives up. */
static const struct naptr *
cut_at(const struct dialled *dialled, enum enum_reader reader)
{
	for (size_t i = 0; i < dialled->n; i++) {
		if (dialled->readings[reader][i].step == STEP_END)
			return &dialled->naptrs[i];
	}
	return NULL;
}

static void
warn_reader(const struct dialled *dialled, enum enum_reader reader,
    const struct speaker *to)
{
	const struct enum_choice *choice = &dialled->choices[reader];
	const char *name = enum_reader_name(reader);
	struct reason text;

	if (!choice->is_sure)
		reason_set(&text, "what %s does cannot be told for sure", name);
	else if (choice->n == 0)
		reason_set(&text, "%s finds nothing to dial", name);
	else
		text.text[0] = '\0';
	if (text.text[0] != '\0')
		speak(to, &text);
	const struct naptr *at = cut_at(dialled, reader);
	if (at == NULL || dialled->n == 1)
		return;
	reason_set(&text, "%s gives up at record %u %u; what it takes before "
	    "depends on the order in which a resolver gives the records",
	    name, at->order, at->preference);
	speak(to, &text);
}

/* sips: is for TLS on the whole way; the dial plan has to say so instead. */
static void
warn_scheme(const struct dialled *dialled, const struct speaker *to)
{
	struct reason text;

	if (strncmp(first_uri(dialled, READER_ASTERISK), "sips:", 5) != 0)
		return;
	reason_set(&text, "Asterisk leaves out sips: and dials without TLS "
	    "unless its dial plan says otherwise");
	speak(to, &text);
}

/* What the rules for carriers say of each record, and of all. */
static void
warn_profile(const struct dialled *dialled, const struct speaker *to)
{
	struct reason why;
	struct reason text;

	for (size_t i = 0; i < dialled->n; i++) {
		if (naptr_check_number(dialled->rdatas[i], dialled->number,
		    &why) == OK)
			continue;
		reason_set(&text, "record %u %u is not for all readers: %s",
		    dialled->naptrs[i].order, dialled->naptrs[i].preference,
		    why.text);
		speak(to, &text);
	}
	if (naptr_check_set(dialled->rdatas, dialled->n, dialled->name_len,
	    &why) != OK)
		speak(to, &why);
}

void
dialled_warn(const struct dialled *dialled,
    void (*say)(void *arg, const char *text), void *arg)
{
	const struct speaker to = { say, arg };
	struct reason text;

	if (!is_same_for_all(dialled)) {
		reason_set(&text, "they do not dial the same");
		speak(&to, &text);
	}
	for (int r = 0; r < READER_COUNT; r++)
		warn_reader(dialled, (enum enum_reader)r, &to);
	warn_scheme(dialled, &to);
	warn_profile(dialled, &to);
}
