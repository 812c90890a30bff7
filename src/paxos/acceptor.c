/*
 * The acceptor: what it promised and what it accepted. Both count only when
 * they are durable (P8). Layer 1; pure.
 */
#include "paxos/internal.h"

#include "base/check.h"

uint64_t
step_write(struct step *step, const struct paxos_write *write)
{
	struct paxos_output *out = step->out;

	ensure(out->n_writes < PAXOS_WRITES_MAX);
	struct paxos_write *slot = &out->writes[out->n_writes++];
	*slot = *write;
	slot->token = ++step->px->last_token;
	return slot->token;
}

uint64_t
acceptor_promise(struct step *step, struct ballot ballot)
{
	struct paxos *px = step->px;

	/* P1 */
	ensure(ballot_compare(ballot, px->promised) > 0);
	px->promised = ballot;
	return step_write(step, &(struct paxos_write){
	    .kind = PAXOS_WRITE_PROMISE,
	    .ballot = ballot,
	});
}

uint64_t
acceptor_accept(struct step *step, struct ballot ballot,
    const struct hash *hash, struct blob value)
{
	struct paxos *px = step->px;
	const struct accepted *held = &px->accepted;

	/* P2 */
	ensure(ballot_compare(ballot, px->promised) >= 0);
	/* P3: one value in one ballot for one slot */
	ensure(!held->is_set || ballot_compare(ballot, held->ballot) > 0);
	px->promised = ballot;
	px->accepted = (struct accepted){
		.is_set = true,
		.slot = px->applied_slot + 1,
		.ballot = ballot,
		.hash = *hash,
		.value = value,
	};
	return step_write(step, &(struct paxos_write){
	    .kind = PAXOS_WRITE_ACCEPTED,
	    .slot = px->accepted.slot,
	    .ballot = ballot,
	    .hash = *hash,
	    .value = value,
	});
}
