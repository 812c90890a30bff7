/*
 * Forms: the records of a name as a template. Numbers of one carrier differ
 * only in the number itself and in a few values; what they have in common is
 * kept once (image/intern.h) and each number keeps a reference and what the
 * form leaves out:
 *
 *	form                             data of a name
 *	0  4  0: this is a form          0  4  reference to its form
 *	4  4  users                      4     the values left out, each
 *	8  4  next in the hash chain           length (below 255: one byte;
 *	12 4  hash of the body                 else 255 and two) and bytes
 *	16 4  length of the body
 *	20 4  values left out            A name that leaves nothing out refers
 *	24    body:                      to the form itself.
 *	      0  2 RRsets, 2 records, 4 flags
 *	      8  struct form_rrset of each, ascending types
 *	         programs: for each record steps that make its rdata
 *
 *	step  0                end of the record
 *	      1 n bytes        n bytes as they are
 *	      2 nn bytes       the same, two bytes of length (native order)
 *	      3 skip n         n digits of the name's number, from digit skip
 *	      4 n bytes        a character-string: these bytes, then a value
 *	      5                a value
 *
 * What is left out (only at numbers, and not in derived records, so that all
 * derived names of a block share one form with it):
 *
 *  - the number: where a run of digits ends in the same seven or more digits
 *    as the number, or in all of a number of four to six;
 *  - the value of a TXT record of one string `attr=value`, unless the
 *    attribute is one of the few whose values many numbers share (ocn, lrn,
 *    status, pool, location);
 *  - all of the rdata of types that hold no text: addresses, positions, keys,
 *    certificates, digests.
 *
 * Layer 3; forms are made by the engine thread and read by any.
 */
#ifndef IMAGE_FORM_H
#define IMAGE_FORM_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/status.h"
#include "e164/tn.h"

#include <stddef.h>
#include <stdint.h>

enum {
	FORM_HEAD = 24,      /* bytes before the body */
	FORM_HAS_NS = 0x01,  /* a delegation, below the apex */
	FORM_RECORD_HEAD = 12, /* owner pointer .. RDLENGTH in an answer */
};

struct form {
	uint32_t zero;
	uint32_t users;
	uint32_t next;
	uint32_t hash;
	uint32_t len;    /* bytes of the body */
	uint32_t values; /* left out, in all RRsets */
	uint16_t n_rrsets;
	uint16_t n_records;
	uint32_t flags;
};

struct form_rrset {
	uint16_t type;
	uint16_t count;
	uint32_t ttl;
	uint32_t program; /* bytes from this entry to its first step */
	uint32_t fixed;   /* bytes in an answer, values not counted */
	uint32_t before;  /* values of the RRsets before this one */
	uint16_t values;  /* its own values */
	uint16_t digits;  /* it has the name's number in it */
};

_Static_assert(sizeof(struct form) == FORM_HEAD + 8, "layout");
_Static_assert(sizeof(struct form_rrset) == 24, "layout");

/* Body and values of a name's records, in an arena. */
struct form_parts {
	struct blob body;
	struct blob values;
	uint32_t n_values;
};

/*
 * Take records apart.
 * @param tn the number whose name it is; the empty value: leave nothing out.
 * @return OK; ERR_MALFORMED if rrsets is not in the shared encoding.
 */
MUST_CHECK enum status form_split(struct arena *arena, struct form_parts *out,
    struct blob rrsets, struct tn tn);

/* The entries of a form's RRsets. */
static inline const struct form_rrset *
form_rrsets(const struct form *form)
{
	return (const struct form_rrset *)(const void *)(form + 1);
}

/* Bytes of the value at p with its length. */
static inline size_t
form_value_len(const uint8_t *p, const uint8_t **bytes)
{
	if (p[0] < 255) {
		*bytes = p + 1;
		return p[0];
	}
	uint16_t len = 0;
	memcpy(&len, p + 1, sizeof len);
	*bytes = p + 3;
	return len;
}

/* Step over n values. */
const uint8_t *form_skip_values(const uint8_t *values, size_t n);

/* Sum of the lengths of n values, without their length bytes. */
size_t form_values_len(const uint8_t *values, size_t n);

/* ASCII digits of a number for form_write: 16 bytes, unused ones 0. */
struct form_digits {
	uint8_t text[16];
};
void form_digits_set(struct form_digits *digits, struct tn tn);

/*
 * Write the rdata of one record.
 * @param step, values in: where the record starts; out: behind it.
 * @param out has room for the record (form_rrset.fixed and the values' sum).
 * @return behind the last byte written.
 */
uint8_t *form_write(const uint8_t **step, const uint8_t **values,
    const struct form_digits *digits, uint8_t *out);

#endif
