/*
 * NAPTR records as ENUM uses them (RFC 6116 3, 3402, 6118), narrowed to what
 * all common readers understand (enum_reader.h):
 *
 *	flags, replacement   "u" and "."
 *	service              one, written E2U+sip; "x:sip" behind E2U+sip
 *	regexp               7 to 255 octets, printable ASCII without space
 *	                     and quotation marks; delimiter !, which stands
 *	                     nowhere else; no flags behind
 *	pattern              at most 6 groups; no | when there are references
 *	replacement          \1 to \5, of groups that take part in the match,
 *	                     no digit behind them
 *	URI                  valid; no , & $ in one that is dialled
 *	all of a name        no two of one order and preference; 1232 octets
 *
 * The rule is applied to the number and must give a valid URI. Layer 2; any
 * thread.
 */
#ifndef REGISTRY_NAPTR_H
#define REGISTRY_NAPTR_H

#include "base/bytes.h"
#include "base/reason.h"
#include "base/status.h"
#include "e164/tn.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	NAPTR_URI_MAX = 255,    /* octets a rule may give */
	NAPTR_RRSET_MAX = 1232, /* octets of an answer with all of an RRset */
};

/* Points into the rdata. */
struct naptr {
	uint16_t order;
	uint16_t preference;
	struct blob flags;
	struct blob services;
	struct blob regexp;
	struct blob replacement; /* wire name */
};

/* Take well-formed rdata apart. @return false if it is not well formed. */
bool naptr_read(struct naptr *out, struct blob rdata);

/*
 * The URI that a rule gives for a number, also by rules outside the profile
 * (another delimiter, escaped ones).
 * @param out NAPTR_URI_MAX bytes. @param out_len out.
 * @return OK; ERR_NOT_FOUND (the rule does not match: reader goes on with the
 * next record); ERR_MALFORMED, ERR_UNSUPPORTED, ERR_TOO_LONG; with reason.
 */
MUST_CHECK enum status naptr_uri(uint8_t *out, size_t *out_len,
    const struct naptr *naptr, struct tn number, struct reason *reason);

/*
 * Check a record at a number.
 * @return OK; ERR_BAD_VALUE with reason.
 */
MUST_CHECK enum status naptr_check_number(struct blob rdata, struct tn number,
    struct reason *reason);

/*
 * Check a record at a block. How long its numbers are is not known, so each
 * length from one digit more than the prefix to 15 is tried with the first,
 * the last and a middle number (the prefix and 0s, 9s, 5s): where the rule
 * matches it must give a valid URI, and at one length it must match all three.
 * @return OK; ERR_BAD_VALUE with reason.
 */
MUST_CHECK enum status naptr_check_block(struct blob rdata, struct tn prefix,
    struct reason *reason);

/*
 * Check what holds between the NAPTR records of one name: no two with the same
 * order and preference, none that hides E2U+sip, and all fit into one answer
 * over UDP.
 * @param rdatas n of them, at most RRSET_RECORDS_MAX. @param name_len bytes of
 * the wire name. @return OK; ERR_BAD_VALUE with reason.
 */
MUST_CHECK enum status naptr_check_set(const struct blob *rdatas, size_t n,
    size_t name_len, struct reason *reason);

#endif
