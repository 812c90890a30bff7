/*
 * Number <-> owner name (RFC 6116 3.2): each digit is a label of its own.
 * Layer 1; any thread.
 */
#include "e164/e164_name.h"

enum { LABEL_LEN = 2 }; /* bytes of a digit's label, length byte included */

_Static_assert(E164_NAME_MAX == LABEL_LEN * TN_DIGITS_MAX,
    "the longest number fits");

size_t
e164_name_read(struct tn *out, const uint8_t *owner, size_t len)
{
	struct tn tn = { 0 };
	size_t used = 0;

	while (used < E164_NAME_MAX && len - used >= LABEL_LEN &&
	    owner[used] == 1) {
		uint8_t c = owner[used + 1];
		if (c < '0' || c > '9')
			break;
		(void)tn_push(&tn, (unsigned)(c - '0'));
		used += LABEL_LEN;
	}
	*out = tn;
	return used;
}

size_t
e164_name_write(uint8_t *out, struct tn tn)
{
	unsigned count = tn_count(tn);

	for (unsigned i = 0; i < count; i++) {
		out[LABEL_LEN * i] = 1;
		out[LABEL_LEN * i + 1] = (uint8_t)('0' + tn_digit(tn, i));
	}
	return (size_t)LABEL_LEN * count;
}
