/*
 * What three SIP servers make of NAPTR records: Kamailio 5 (enum_query),
 * Asterisk (ENUMLOOKUP) and FreeSWITCH (mod_enum), each as its own source reads
 * them and not as RFC 6116 has it. Each is taken as it comes: Kamailio without
 * a service parameter, Asterisk with the method "sip", FreeSWITCH with the
 * route for E2U+SIP of its sample settings.
 *
 *	              Kamailio        Asterisk             FreeSWITCH
 *	flags         u or U alone    first is u, else     not looked at
 *	                              it gives up
 *	service       E2U+sip,        e2u+ or E2U+, then   the whole field is
 *	              sip+E2U; no     what is behind the   E2U+SIP; no case
 *	              case            first colon; +E2U
 *	delimiter     the first       any; the last byte   the first three !
 *	              three !         must be one
 *	escapes       \0 to \5        \0 to \9, others     \ is $ to it: \12 is
 *	                              as they stand        group 12
 *	no match      next record     gives up             next record
 *	order         order, preference in all three
 *
 * "Gives up" is: looks at no further record of the answer, and uses those that
 * came before in it. Layer 2; any thread.
 */
#ifndef REGISTRY_ENUM_READER_H
#define REGISTRY_ENUM_READER_H

#include "base/reason.h"
#include "e164/tn.h"
#include "registry/naptr.h"
#include "registry/rrset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum enum_reader {
	READER_KAMAILIO,
	READER_ASTERISK,
	READER_FREESWITCH,
	READER_COUNT
};

/* What a reader does with one record. */
enum enum_step {
	STEP_TAKE,   /* it gives a URI to dial */
	STEP_PASS,   /* not for this reader, as it should be */
	STEP_FAIL,   /* for this reader, but it cannot use it; it goes on */
	STEP_END,    /* it cannot use it and gives up */
	STEP_UNSURE, /* nobody but the reader itself can tell */
};

enum { ENUM_READING_MAX = 511 }; /* octets of a URI that Asterisk makes */

struct enum_reading {
	enum enum_step step;
	size_t len; /* of uri; 0 unless taken */
	size_t scheme_len; /* what the reader cuts off in front when it dials */
	char uri[ENUM_READING_MAX + 1]; /* with NUL */
	struct reason reason; /* why it is not taken */
};

/* Records that a reader uses, the first to be dialled in front. */
struct enum_choice {
	bool is_sure; /* no record that counts was UNSURE */
	bool is_cut;  /* it gave up at a record */
	size_t n;
	uint8_t at[RRSET_RECORDS_MAX]; /* indices of records */
};

/* "Kamailio" */
const char *enum_reader_name(enum enum_reader reader);

/*
 * One record as a reader reads it.
 * @param naptr any, also what our rules refuse.
 * @param number that is called.
 */
void enum_reader_read(struct enum_reading *out, enum enum_reader reader,
    const struct naptr *naptr, struct tn number);

/*
 * What a reader does with a whole answer.
 * @param readings of that reader. @param n of naptrs and of readings, at most
 * RRSET_RECORDS_MAX, in the order of the answer.
 */
void enum_reader_choose(struct enum_choice *out, const struct naptr *naptrs,
    const struct enum_reading *readings, size_t n);

#endif
