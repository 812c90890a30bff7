/*
 * Number <-> owner name (RFC 6116 3.2: digits reversed and dotted). Seen from
 * the apex the labels are the digits in dialling order, so the owner bytes of
 * +12 are 01 '1' 01 '2' (see dns/name.h; this folder only knows the bytes).
 * Layer 1; any thread.
 */
#ifndef E164_E164_NAME_H
#define E164_E164_NAME_H

#include "e164/tn.h"

enum { E164_NAME_MAX = 2 * TN_DIGITS_MAX }; /* bytes of owner */

/*
 * Read digits from the front of owner bytes as far as labels are single
 * digits, at most 15.
 * @param out the number; packed 0 if the first label is no digit.
 * @return bytes of owner used: 2 for each digit.
 */
size_t e164_name_read(struct tn *out, const uint8_t *owner, size_t len);

/*
 * Owner bytes of a number. @param out E164_NAME_MAX bytes.
 * @return length, 2 for each digit.
 */
size_t e164_name_write(uint8_t *out, struct tn tn);

#endif
