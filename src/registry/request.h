/*
 * The one kind of change request, whatever the door: the actor, prerequisites
 * and changes in the form of RFC 2136 2.4 and 2.5. Its encoding travels over
 * the control socket and, later, to the leader; layout in doc/disk-format.md.
 * Layer 2; pure.
 */
#ifndef REGISTRY_REQUEST_H
#define REGISTRY_REQUEST_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/status.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stdint.h>

enum role {
	ROLE_NONE = 0,
	ROLE_AUTHORITY = 1, /* everything */
	ROLE_CARRIER = 2,   /* administrator of one OCN */
	ROLE_TRANSFER = 3,  /* AXFR and IXFR */
	ROLE_REGISTRAR = 4, /* the registry itself: genesis, membership */
};

enum door {
	DOOR_GENESIS = 0, /* e164ctl init */
	DOOR_CONTROL = 1, /* the control socket */
	DOOR_UPDATE = 2,  /* DNS UPDATE */
	DOOR_CONSOLE = 3,
};

enum {
	REQUEST_RRS_MAX = 65535,           /* prerequisites, changes: each */
	REQUEST_BYTES_MAX = 2 * 1024 * 1024, /* of one encoded request */
	REGISTRAR_NAME_MAX = 63,           /* bytes */
	REQUEST_VERDICTS_MAX = 16,         /* PINs checked for one message */
};

/* Who asks. Key name for UPDATE; registrar and uid for the control socket. */
struct actor {
	enum role role;
	char ocn[5];          /* carrier: its OCN and NUL; else "" */
	struct dname key;     /* len 0: none */
	uint32_t key_version; /* 0: none */
	char registrar[REGISTRAR_NAME_MAX + 1];
	uint32_t uid;
};

/* One line of a prerequisite or update section, RFC 2136 2.4, 2.5: class IN,
 * ANY or NONE carries the meaning. owner may be of any scope. */
struct request_rr {
	struct blob owner;
	uint16_t type;
	uint16_t rclass;
	uint32_t ttl;
	struct blob rdata;
};

/* What a door found when it checked a PIN that came as a prerequisite. */
struct pin_verdict {
	struct blob number; /* owner N of the number */
	uint64_t verifier;  /* id of the verifier it was checked against; 0:
	                     * there was none (registry/pin.h) */
	bool is_right;
};

struct request {
	enum door door;
	struct actor actor;
	struct hash id; /* receipt key: the same request has the same id */
	uint64_t time_signed_s; /* 0: not signed (control socket) */
	uint16_t fudge_s;       /* as in the signature */
	const struct request_rr *prereqs;
	size_t n_prereqs;
	const struct request_rr *changes;
	size_t n_changes;
	/* PINs among the prerequisites, which are not in prereqs; a new PIN is
	 * a change of type PIN_RECORD at _pin.N. None is here in the clear. */
	const struct pin_verdict *verdicts;
	size_t n_verdicts;
};

/* Encoded length, whatever it is. */
size_t request_len(const struct request *request);

/* What one more line adds to request_len. */
size_t request_rr_len(const struct request_rr *rr);

/*
 * Encode for another process. @param out in arena.
 * @return OK; ERR_TOO_LONG above REQUEST_BYTES_MAX: the caller splits.
 */
MUST_CHECK enum status request_encode(struct arena *arena, struct blob *out,
    const struct request *request);

/*
 * Decode foreign bytes, checking everything (owners valid, rdata well formed
 * for class IN and NONE, counts). Blobs point into data, arrays into arena.
 * @return OK, ERR_MALFORMED with reason, ERR_TOO_LONG.
 */
struct reason;
MUST_CHECK enum status request_decode(struct arena *arena, struct request *out,
    struct blob data, struct reason *reason);

#endif
