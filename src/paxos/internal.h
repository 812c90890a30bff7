/*
 * The three roles of Lamport as they see each other inside one step. Layer 1.
 */
#ifndef PAXOS_INTERNAL_H
#define PAXOS_INTERNAL_H

#include "paxos/paxos.h"

#include <stdint.h>

/* One step in progress. */
struct step {
	struct paxos *px;
	struct paxos_output *out;
	uint64_t now_ms;
};

/* --- acceptor.c */

/* Take a write into the step. @return its token. */
uint64_t step_write(struct step *step, const struct paxos_write *write);

/*
 * Promise ballot, which must be above all promised (P1).
 * @return token of the write that makes it count.
 */
uint64_t acceptor_promise(struct step *step, struct ballot ballot);

/*
 * Accept value for the slot after the applied one (P2, P3).
 * @return token of the write that makes it count.
 */
uint64_t acceptor_accept(struct step *step, struct ballot ballot,
    const struct hash *hash, struct blob value);

/* --- proposer.c */

/* Begin a ballot above everything promised (P7). */
void proposer_prepare(struct step *step);

/* Propose a value in the own ballot for the slot after the applied one. */
void proposer_accept(struct step *step, const struct hash *hash,
    struct blob value);

/* The own acceptor's answer to the current phase is durable. */
void proposer_own_answer(struct step *step);

/* --- learner.c */

/* A quorum accepted what the acceptor holds: it is chosen (P5, P6). */
void learner_chosen(struct step *step);

/* Write the CHOSEN record that is owed, if any. */
void learner_write_owed(struct step *step);

#endif
