/*
 * Telephone number, or prefix of numbers: 1 to 15 digits, country code
 * included, as one 64-bit value, so that it is compared and copied like an
 * integer. No numbering plan: every digit string of that length is one.
 *
 *	bits 63..60  count of digits, 1..15 (0: no number)
 *	bits 59..56  first digit, 55..52 second, ... unused nibbles 0
 *
 * So numbers of one length sort in dialling order. Layer 1; any thread.
 * Source: ITU-T E.164 6.1 (15 digits); RFC 8396 2 ("TN").
 */
#ifndef E164_TN_H
#define E164_TN_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TN_DIGITS_MAX = 15,
	TN_TEXT_MAX = 17, /* '+', 15 digits, NUL */
};

struct tn {
	uint64_t packed;
};

struct reason;

/*
 * Number from text: an optional '+', then 1..15 digits; spaces, '-', '.', '('
 * and ')' between digits are allowed when typed by people.
 * @return OK; ERR_MALFORMED with reason (which character), ERR_TOO_LONG.
 */
MUST_CHECK enum status tn_parse(struct tn *out, const char *text, size_t len,
    struct reason *reason);

/* "+12015550123" and NUL. @return out, which has TN_TEXT_MAX bytes. */
char *tn_format(char *out, struct tn tn);

/* Digits without '+' and NUL. @return count of digits. */
size_t tn_digits(char out[TN_DIGITS_MAX + 1], struct tn tn);

/* Count of digits; 0 for the empty value. */
static inline unsigned
tn_count(struct tn tn)
{
	return (unsigned)(tn.packed >> 60);
}

/* Digit i (0 = first dialled). i < tn_count(tn). */
static inline unsigned
tn_digit(struct tn tn, unsigned i)
{
	return (unsigned)(tn.packed >> (56 - 4 * i)) & 15u;
}

/* Append a digit 0..9. @return false (unchanged) at 15 digits. */
bool tn_push(struct tn *tn, unsigned digit);

/* prefix is a proper or improper prefix of tn. The empty value is of all. */
bool tn_is_prefix(struct tn prefix, struct tn tn);

/* The first n digits of tn, n <= tn_count(tn). */
struct tn tn_prefix(struct tn tn, unsigned n);

/* Dialling order, a prefix before what it begins: -1, 0, 1. */
int tn_compare(struct tn a, struct tn b);

#endif
