/*
 * PINs of numbers, in the state: the verifier of a number's PIN and how often
 * each OCN was wrong about it; both at private names. The hash itself is made
 * and checked off the judge (sec/pin.h); here it is bytes. Layer 2; any thread.
 *
 * Verifier, at <digits>._pin._registry, one record:
 *
 *	 0  1  layout, 1
 *	 1  4  memory, KiB
 *	 5  4  passes
 *	 9 16  salt; its first 8 bytes are the verifier's id, never 0
 *	25 32  Argon2id of PIN and pepper
 *
 * Tries, at <digits>._tries._registry, one record for each OCN that was wrong:
 *
 *	 0  1  layout, 1
 *	 1  4  OCN
 *	 5  4  wrong PINs since the last right one
 *	 9  8  time of the last wrong one, ms since 1970
 */
#ifndef REGISTRY_PIN_H
#define REGISTRY_PIN_H

#include "base/bytes.h"
#include "base/status.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	TYPE_PIN_RECORD = 65282,   /* private use, RFC 6895 3.1 */
	TYPE_TRIES_RECORD = 65283,
	PIN_MIN = 6,   /* characters */
	PIN_MAX = 64,
	PIN_SALT_LEN = 16,
	PIN_HASH_LEN = 32,
	PIN_RDATA_LEN = 57,
	TRIES_RDATA_LEN = 17,
	TRIES_FREE = 5, /* wrong PINs that cost nothing */
	/* wrong PINs of all OCNs, from which on no other OCN may begin */
	TRIES_SUM_MAX = 64,
};

struct pin_record {
	uint32_t memory_kib;
	uint32_t passes;
	uint8_t salt[PIN_SALT_LEN];
	uint8_t hash[PIN_HASH_LEN];
};

struct tries_record {
	char ocn[5];
	uint32_t wrong;
	uint64_t last_ms;
};

/* A PIN has PIN_MIN to PIN_MAX printable ASCII characters. */
bool pin_is_valid(struct blob pin);

/*
 * Private names that belong to the number at owner N.
 * @param number owner of kind NAME_NUMBER. They always fit.
 */
void pin_owner(struct owner *out, struct blob number);
void tries_owner(struct owner *out, struct blob number);

/* Encode. @param out PIN_RDATA_LEN bytes, all of which are written. */
void pin_encode(uint8_t *out, const struct pin_record *pin);

/*
 * Decode and check foreign bytes.
 * @return OK, ERR_MALFORMED, ERR_NEWER (layout).
 */
MUST_CHECK enum status pin_decode(struct pin_record *out, struct blob rdata);

/*
 * The verifier among a node's records (node of pin_owner).
 * @return OK, ERR_NOT_FOUND (none), ERR_MALFORMED, ERR_NEWER.
 */
MUST_CHECK enum status pin_read(struct pin_record *out, struct blob rrsets);

/* The id of a verifier: what a verdict names. */
uint64_t pin_id(const struct pin_record *pin);

/* Encode. @param out TRIES_RDATA_LEN bytes, all of which are written. */
void tries_encode(uint8_t *out, const struct tries_record *tries);

/*
 * Decode and check foreign bytes.
 * @return OK, ERR_MALFORMED, ERR_NEWER (layout).
 */
MUST_CHECK enum status tries_decode(struct tries_record *out,
    struct blob rdata);

/*
 * When this OCN may try again: TRIES_FREE wrong PINs cost nothing, then a
 * minute, doubling up to 24 hours.
 * @return ms since 1970; 0: at once.
 */
uint64_t tries_until_ms(const struct tries_record *tries);

/* So long ago (30 days) that it counts as never been. */
bool tries_is_old(const struct tries_record *tries, uint64_t now_ms);

/*
 * Find the tries of an OCN among a node's records (node of tries_owner), and
 * the sum over all. Old ones do not count.
 * @param out of this OCN; wrong 0 when it has not tried.
 * @return the sum of wrong PINs of all OCNs.
 */
uint32_t tries_find(struct tries_record *out, struct blob rrsets,
    const char *ocn, uint64_t now_ms);

#endif
