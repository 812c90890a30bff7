/*
 * The entry of the state machine: takes one event, lets the role that it
 * concerns act, and says when to come back. Refuses what the contract calls
 * the caller's mistake of the moment (not leading, busy); a caller that breaks
 * the order of duties is a bug. Layer 1; pure.
 */
#include "paxos/paxos.h"

#include "base/check.h"
#include "paxos/internal.h"

int
ballot_compare(struct ballot a, struct ballot b)
{
	if (a.round != b.round)
		return a.round < b.round ? -1 : 1;
	if (a.registrar != b.registrar)
		return a.registrar < b.registrar ? -1 : 1;
	return 0;
}

/* The state comes from a disk: it is checked, not trusted. */
static bool
is_possible(const struct paxos_durable *durable)
{
	const struct accepted *held = &durable->accepted;

	if (durable->registrar == 0 || durable->promised.round == UINT64_MAX)
		return false;
	if (durable->applied_slot == UINT64_MAX)
		return false;
	if (!held->is_set)
		return true;
	return held->slot == durable->applied_slot + 1 &&
	    ballot_compare(held->ballot, durable->promised) <= 0;
}

static enum status
on_start(struct step *step, const struct paxos_durable *durable)
{
	struct paxos *px = step->px;

	require(durable != NULL && px->registrar == 0);
	if (!is_possible(durable))
		return ERR_BAD_VALUE;
	*px = (struct paxos){
		.registrar = durable->registrar,
		.incarnation = durable->incarnation,
		.role = PAXOS_FOLLOWER,
		.promised = durable->promised,
		.applied_slot = durable->applied_slot,
		.applied_hash = durable->applied_hash,
		.accepted = durable->accepted,
	};
	/* alone in the group, nobody else's window has to be waited for */
	proposer_prepare(step);
	return OK;
}

static enum status
on_submit(struct step *step, const struct paxos_event *event)
{
	const struct paxos *px = step->px;

	if (px->role != PAXOS_LEADER)
		return ERR_NOT_LEADER;
	if (px->is_undecided)
		return ERR_BUSY;
	/* P4: nothing is left to finish when a fresh value is taken */
	ensure(!px->accepted.is_set);
	proposer_accept(step, &event->hash, event->value);
	return OK;
}

static void
on_persisted(struct step *step, uint64_t token)
{
	struct paxos *px = step->px;

	/* P8: only what was written can have become durable */
	require(token <= px->last_token);
	if (token > px->persisted)
		px->persisted = token;
	if (px->wait_token != 0 && px->persisted >= px->wait_token)
		proposer_own_answer(step);
}

static void
on_timeout(struct step *step)
{
	const struct paxos *px = step->px;

	if (px->is_chosen_owed && step->now_ms >= px->quiet_ms)
		learner_write_owed(step);
}

enum status
paxos_step(struct paxos *px, const struct paxos_event *event,
    struct paxos_output *output)
{
	struct step step = { .px = px, .out = output, .now_ms = event->now_ms };
	struct ballot promised = px->promised;
	uint64_t applied = px->applied_slot;
	enum status status = OK;

	output->n_writes = 0;
	output->n_chosen = 0;
	output->deadline_ms = UINT64_MAX;
	require(event->kind == PAXOS_START || px->registrar != 0);
	switch (event->kind) {
	case PAXOS_START:
		status = on_start(&step, event->durable);
		break;
	case PAXOS_TIMEOUT:
		on_timeout(&step);
		break;
	case PAXOS_SUBMIT:
		status = on_submit(&step, event);
		break;
	case PAXOS_PERSISTED:
		on_persisted(&step, event->token);
		break;
	}
	ensure(ballot_compare(px->promised, promised) >= 0); /* P1 */
	ensure(event->kind == PAXOS_START ||
	    px->applied_slot == applied + output->n_chosen); /* P6 */
	if (px->is_chosen_owed)
		output->deadline_ms = px->quiet_ms;
	return status;
}

bool
paxos_ready(const struct paxos *px)
{
	return px->role == PAXOS_LEADER && !px->is_undecided;
}
