/*
 * The proposer: prepares a ballot of its own, proposes again what it finds
 * accepted, then proposes fresh values, one undecided slot at a time. Votes
 * are counted by who sent them, never by number of messages. Layer 1; pure.
 */
#include "paxos/internal.h"

#include "base/check.h"

#include <assert.h>

enum {
	VOTERS = 1,    /* of the membership in force */
	OWN_PLACE = 0, /* in it */
};

static_assert((int)VOTERS <= (int)PAXOS_VOTERS_MAX, "membership too large");
static_assert((int)PAXOS_VOTERS_MAX <= 32, "votes do not fit their set");

/* floor(N/2)+1 of the voters in force answered. */
static bool
has_quorum(uint32_t votes)
{
	unsigned n = 0;

	for (unsigned place = 0; place < VOTERS; place++)
		n += votes >> place & 1;
	return n >= VOTERS / 2 + 1;
}

void
proposer_prepare(struct step *step)
{
	struct paxos *px = step->px;
	struct ballot ballot = {
		.round = px->promised.round + 1,
		.registrar = px->registrar,
	};

	/* P7: above everything promised in this run and in earlier ones */
	ensure(ballot_compare(ballot, px->promised) > 0);
	px->role = PAXOS_CANDIDATE;
	px->ballot = ballot;
	px->votes = 0;
	px->wait_token = acceptor_promise(step, ballot);
}

void
proposer_accept(struct step *step, const struct hash *hash, struct blob value)
{
	struct paxos *px = step->px;

	ensure(px->role == PAXOS_LEADER && !px->is_undecided);
	px->votes = 0;
	px->is_undecided = true;
	/* the slot before is known to be chosen by the time this one counts */
	learner_write_owed(step);
	px->wait_token = acceptor_accept(step, px->ballot, hash, value);
}

/* A quorum promised: lead, and first finish what was begun (P4). */
static void
on_promised(struct step *step)
{
	struct paxos *px = step->px;

	px->role = PAXOS_LEADER;
	if (!px->accepted.is_set)
		return;
	struct hash hash = px->accepted.hash;
	proposer_accept(step, &hash, px->accepted.value);
}

static void
on_accepted(struct step *step)
{
	step->px->is_undecided = false;
	learner_chosen(step);
}

void
proposer_own_answer(struct step *step)
{
	struct paxos *px = step->px;

	px->wait_token = 0;
	px->votes |= UINT32_C(1) << OWN_PLACE;
	if (!has_quorum(px->votes))
		return;
	if (px->role == PAXOS_CANDIDATE)
		on_promised(step);
	else if (px->is_undecided)
		on_accepted(step);
}
