/*
 * What `show` has found, for people or as JSON: collected part by part, printed
 * at the end, the holder first. Layer 10; one thread.
 */
#ifndef CMD_SHOWN_H
#define CMD_SHOWN_H

#include "base/bytes.h"
#include "cmd/terminal.h"
#include "control/message.h"
#include "dns/name.h"
#include "e164/tn.h"
#include "registry/rrset.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What a name is to the thing that is shown, in the order of printing. */
enum shown_part {
	PART_SELF,   /* its own records */
	PART_WHOIS,
	PART_BELOW,  /* the block of all longer numbers */
	PART_AROUND, /* the innermost block that it is in */
	PART_POOL,
	PART_OCN,    /* of the holder */
	PART_PRINTED,
	PART_ABOVE = PART_PRINTED, /* a shorter number; not printed */
	PART_COUNT
};

struct shown {
	struct dname apex;
	uint32_t serial;
	char title[NAME_TEXT_MAX];
	char name[NAME_TEXT_MAX]; /* in DNS, when the title is a number's */
	bool is_number; /* or a block: it has a holder */
	char ocn[5];    /* of the holder; "" none seen */
	char carrier[256]; /* its name; "" not known */
	bool has[PART_COUNT];
	bool is_derived;      /* its own records are copies of the block's */
	char block[TN_TEXT_MAX + 1]; /* "+1201555*": the one it is in, or "" */
	size_t above_len;     /* of the owner of the longest shorter number */
	size_t around_len;    /* of the same of the longest block, copies too */
	struct message *json; /* NULL: for people */
	struct terminal body; /* into text */
	char *text;
	size_t text_len;
	char *rdata; /* RDATA_TEXT_MAX bytes of room */
};

enum shown_form { SHOWN_TEXT, SHOWN_JSON };

/*
 * Get memory. @param out all zero. @return OK; ERR_FULL. shown_fini in any
 * case.
 */
MUST_CHECK enum status shown_init(struct shown *out, enum shown_form form);

/* Title, name, apex, serial and is_number are set: begin. */
void shown_begin(struct shown *shown);

/* Give the memory back. */
void shown_fini(struct shown *shown);

/* Add a node. Its part's blocks and pools come from the innermost outwards. */
void shown_add(struct shown *shown, enum shown_part part, struct blob owner,
    const struct node *node);

/* Print to the standard output. @return false: nothing was found. */
bool shown_print(struct shown *shown);

#endif
