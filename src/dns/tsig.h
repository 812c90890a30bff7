/*
 * Transaction signatures (RFC 8945): the TSIG record read, checked and made.
 * Keys are names with secrets here; what a key may do is nobody's business in
 * this folder. A clock is an argument. Layer 1; any thread.
 *
 *	request -> tsig_read -> (caller finds the key) -> tsig_check
 *	        -> tsig_check_time -> ... reply -> tsig_sign_reply
 *	                        unsigned errors -> tsig_write_error
 */
#ifndef DNS_TSIG_H
#define DNS_TSIG_H

#include "base/bytes.h"
#include "base/mac.h"
#include "base/status.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct message;

enum {
	TSIG_FUDGE_S = 300,  /* of our own signatures, RFC 8945 10; and the most
			      * that a request's fudge counts for */
	TSIG_MAC_LEAST = 10, /* bytes: a shorter one is FORMERR, 5.2.2.1 */
	TSIG_MAC_MIN = 16,   /* bytes: a shorter one is BADTRUNC unless the
			      * settings say otherwise, 5.2.4 */
	TSIG_BADSIG = 16,    /* error; as an RCODE 16 is BADVERS */
	TSIG_LEN_MAX = 700,  /* bytes of a record: two names, the longest MAC,
			      * other data of BADTIME */
};

/* A record as it came. */
struct tsig {
	struct dname key;
	struct dname algorithm;
	uint64_t time_signed_s; /* 48 bits */
	uint16_t fudge_s;
	uint16_t original_id;
	uint16_t error;
	struct blob mac;   /* inside the message */
	struct blob other; /* inside the message */
};

struct tsig_key {
	struct dname name; /* in any case */
	enum mac_algorithm algorithm;
	struct mac_key *mac; /* held by the owner of this struct */
};

/* What all checking and signing of a process shares. */
struct tsig_env {
	const struct mac_ops *mac;
	uint16_t mac_min; /* bytes; a truncated MAC that is shorter: BADTRUNC */
};

/*
 * What checking a message said, and all that signing the answer needs. Points
 * to the key and to nothing else: to keep it longer than the key's table,
 * copy the key, hold its mac, and let `key` point to the copy.
 */
struct tsig_state {
	const struct tsig_key *key; /* NULL: BADKEY */
	uint16_t error;       /* RCODE_NOERROR, or TSIG_BADSIG, RCODE_BADKEY,
			       * _BADTIME, _BADTRUNC: the RCODE is NOTAUTH */
	uint16_t fudge_s;     /* as it came */
	uint64_t time_signed_s;
	uint16_t mac_len;      /* bytes of mac that came; the rest was cut */
	uint16_t mac_full_len; /* bytes of mac; 0: not computed */
	uint8_t mac[MAC_MAX];  /* in full as we computed it, if it was good */
};

/*
 * Read the TSIG record that starts at offset and ends the message.
 * @return OK; ERR_MALFORMED (FORMERR): not a TSIG of class ANY and TTL 0, or
 * lengths that do not add up.
 */
MUST_CHECK enum status tsig_read(struct tsig *out, const uint8_t *message,
    size_t len, size_t offset);

/*
 * Check a request: key, MAC, truncation (RFC 8945 5.2.1, 5.2.2, 5.2.4).
 * @param out error says what was found wrong first; BADTRUNC only if all else
 * is right.
 * @param m the whole message, its TSIG at m->tsig. @param tsig as tsig_read
 * gave it. @param key of that name; NULL: none is known.
 * @return OK; ERR_MALFORMED (FORMERR without TSIG): a MAC of a length that
 * 5.2.2.1 forbids.
 */
MUST_CHECK enum status tsig_check(struct tsig_state *out,
    const struct tsig_env *env, const struct message *m,
    const struct tsig *tsig, const struct tsig_key *key);

/*
 * Check the time of a request whose MAC is good (5.2.3); the fudge counts for
 * TSIG_FUDGE_S at most.
 * @param now_s seconds since 1970.
 * @return true: inside; false: state->error is BADTIME now.
 */
MUST_CHECK bool tsig_check_time(struct tsig_state *state, uint64_t now_s);

/* Bytes that signing an answer to this adds, error's other data included. */
size_t tsig_room(const struct tsig_state *state);

/*
 * Sign the answer to a request whose MAC was good (5.3): error NOERROR,
 * BADTIME or BADTRUNC. The state then stands for this answer, so that
 * tsig_sign_next can follow.
 * @param message from its header to its end; the record is appended and
 * ARCOUNT incremented.
 * @param now_s seconds since 1970.
 * @return OK; ERR_NO_ROOM: tsig_room bytes are not free, nothing was written.
 */
MUST_CHECK enum status tsig_sign_reply(struct writer *message,
    const struct tsig_env *env, struct tsig_state *state, uint64_t now_s);

/*
 * Sign the next message of an answer of several (5.3.1): chained to the one
 * before, timers only. As tsig_sign_reply.
 */
MUST_CHECK enum status tsig_sign_next(struct writer *message,
    const struct tsig_env *env, struct tsig_state *state, uint64_t now_s);

/*
 * Append the unsigned TSIG record of an error (RFC 8945 5.3.2): same key,
 * algorithm and times, empty MAC; increment ARCOUNT.
 * @param message from its header to its end; sticky error when the record does
 * not fit, and ARCOUNT is as it was.
 * @param request its TSIG. @param error RCODE_BADKEY or TSIG_BADSIG.
 */
void tsig_write_error(struct writer *message, const struct tsig *request,
    uint16_t error);

/*
 * Sign a request of our own.
 * @param state out: what tsig_check_reply needs; keeps key.
 * @return OK; ERR_NO_ROOM, nothing was written.
 */
MUST_CHECK enum status tsig_sign_request(struct writer *message,
    const struct tsig_env *env, const struct tsig_key *key,
    struct tsig_state *state, uint64_t now_s);

/*
 * Check the answer to a request of our own (5.4). The answer's error is the
 * caller's to look at afterwards, in tsig_read's record.
 * @param state as tsig_sign_request left it; stands for this answer after OK.
 * @param m the whole message, its TSIG at m->tsig. @param tsig as tsig_read
 * gave it.
 * @return OK: signed with our key, in time; ERR_REFUSED: not, the message must
 * not be believed; ERR_MALFORMED.
 */
MUST_CHECK enum status tsig_check_reply(struct tsig_state *state,
    const struct tsig_env *env, const struct message *m,
    const struct tsig *tsig, uint64_t now_s);

#endif
