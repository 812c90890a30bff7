/*
 * The learner: hands chosen values out in slot order, once each, and owes the
 * journal a CHOSEN record. That record may be lost without harm: the value is
 * then proposed again, byte for byte (P4). Layer 1; pure.
 */
#include "paxos/internal.h"

#include "base/check.h"

void
learner_chosen(struct step *step)
{
	struct paxos *px = step->px;
	struct paxos_output *out = step->out;
	const struct accepted *held = &px->accepted;

	/* P5, P6: what a quorum holds, for the slot after the applied one */
	ensure(held->is_set && held->slot == px->applied_slot + 1);
	ensure(out->n_chosen < PAXOS_CHOSEN_MAX);
	ensure(!px->is_chosen_owed);
	out->chosen[out->n_chosen++] = (struct paxos_chosen){
		.slot = held->slot,
		.hash = held->hash,
		.value = held->value,
	};
	px->applied_slot = held->slot;
	px->applied_hash = held->hash;
	px->accepted = (struct accepted){ 0 };
	px->is_chosen_owed = true;
	px->quiet_ms = step->now_ms + PAXOS_QUIET_MS;
}

void
learner_write_owed(struct step *step)
{
	struct paxos *px = step->px;

	if (!px->is_chosen_owed)
		return;
	px->is_chosen_owed = false;
	step_write(step, &(struct paxos_write){
	    .kind = PAXOS_WRITE_CHOSEN,
	    .slot = px->applied_slot,
	    .hash = px->applied_hash,
	});
}
