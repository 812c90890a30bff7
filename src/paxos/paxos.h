/*
 * Paxos as a pure state machine: one entry, paxos_step. Time comes in with the
 * event; work goes out as data. It never allocates, blocks, reads a clock or
 * draws a random number. Words as in Lamport, "Paxos Made Simple" (2001).
 *
 * Order of duties of the caller for one step, always this one:
 *  1. make writes[] durable, in order (several steps may share one sync);
 *  2. then carry out the sends[] that wait for them, and feed PERSISTED with
 *     the token of the last write;
 *  3. apply chosen, in slot order;
 *  4. feed TIMEOUT at deadline_ms if nothing came before.
 * A failed write or sync ends the process, unanswered.
 *
 * One undecided slot at a time. A value is opaque bytes and their hash; the
 * caller keeps the bytes of a submitted or learnt value until it is chosen or
 * the step says it was dropped.
 *
 * Membership is 1 voter here; events and records already name registrars by
 * id, so that a group is more of the same. Layer 1; the engine thread.
 */
#ifndef PAXOS_PAXOS_H
#define PAXOS_PAXOS_H

#include "base/bytes.h"
#include "base/hash.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	PAXOS_VOTERS_MAX = 20,
	PAXOS_WRITES_MAX = 4, /* of one step */
	PAXOS_CHOSEN_MAX = 1, /* of one step */
	PAXOS_QUIET_MS = 200, /* after which a CHOSEN is written by itself */
};

/* Total order: round first, then registrar id. {0, 0} is below all. */
struct ballot {
	uint64_t round;
	uint32_t registrar;
};

/* @return negative, 0, positive as a is below, equal to, above b. */
int ballot_compare(struct ballot a, struct ballot b);

/* What the acceptor accepted for the slot after the applied one, if any. */
struct accepted {
	bool is_set;
	uint64_t slot;
	struct ballot ballot;
	struct hash hash; /* BLAKE2b of the value */
	struct blob value;
};

/* What the disk says at a start (journal_open gives it). */
struct paxos_durable {
	uint32_t registrar;    /* own id, never 0 */
	uint64_t incarnation;  /* of this run: durable, above earlier ones */
	struct ballot promised;
	uint64_t applied_slot; /* last slot known to be chosen */
	struct hash applied_hash;
	struct accepted accepted; /* slot == applied_slot + 1 when set */
};

enum paxos_event_kind {
	PAXOS_START,     /* once, first */
	PAXOS_TIMEOUT,   /* deadline_ms is reached */
	PAXOS_SUBMIT,    /* a fresh value for slot applied + 1, when leading */
	PAXOS_PERSISTED, /* all writes up to token are durable */
};

struct paxos_event {
	enum paxos_event_kind kind;
	uint64_t now_ms; /* monotonic */
	const struct paxos_durable *durable; /* START */
	struct blob value;                   /* SUBMIT */
	struct hash hash;                    /* SUBMIT */
	uint64_t token;                      /* PERSISTED */
};

enum paxos_write_kind {
	PAXOS_WRITE_PROMISE,  /* ballot */
	PAXOS_WRITE_ACCEPTED, /* slot, ballot, hash, value */
	/* slot, hash: goes with the next write, or alone after a quiet time;
	 * value only if this registrar did not accept it with that hash */
	PAXOS_WRITE_CHOSEN,
};

struct paxos_write {
	enum paxos_write_kind kind;
	uint64_t token; /* rises by one with every write */
	struct ballot ballot;
	uint64_t slot;
	struct hash hash;
	struct blob value;
};

struct paxos_chosen {
	uint64_t slot;
	struct hash hash;
	struct blob value;
};

struct paxos_output {
	struct paxos_write writes[PAXOS_WRITES_MAX];
	unsigned n_writes;
	struct paxos_chosen chosen[PAXOS_CHOSEN_MAX];
	unsigned n_chosen;
	uint64_t deadline_ms; /* next TIMEOUT; UINT64_MAX: none */
};

enum paxos_role { PAXOS_FOLLOWER, PAXOS_CANDIDATE, PAXOS_LEADER };

struct paxos {
	uint32_t registrar;
	uint64_t incarnation;
	enum paxos_role role;
	struct ballot promised; /* P1: never falls */
	struct ballot ballot;   /* own, when candidate or leader */
	uint64_t applied_slot;
	struct hash applied_hash;
	struct accepted accepted;
	uint64_t last_token;  /* of the newest write; 0: none yet */
	uint64_t persisted;   /* all writes up to this token are durable */
	uint64_t wait_token;  /* write that the current phase waits for */
	uint32_t votes;       /* who answered this phase: bit by place */
	bool is_undecided;    /* an ACCEPT of the own ballot is on its way */
	bool is_chosen_owed;  /* CHOSEN of applied_slot is not written yet */
	uint64_t quiet_ms;    /* when it is written by itself */
};

/*
 * Take one event.
 * @param px state, zeroed before START. @param output out, overwritten.
 * @return OK; ERR_NOT_LEADER for SUBMIT when not leading; ERR_BUSY for SUBMIT
 * while a slot is undecided; ERR_BAD_VALUE for START with a durable state that
 * cannot be (accepted not for applied + 1, promise below accepted, no rounds
 * left).
 * Source: Lamport 2001, 2.2-2.5, 3. Invariants: doc/invariants.md P1-P8.
 */
MUST_CHECK enum status paxos_step(struct paxos *px,
    const struct paxos_event *event, struct paxos_output *output);

/* Leading, nothing undecided: SUBMIT would be taken. */
bool paxos_ready(const struct paxos *px);

#endif
