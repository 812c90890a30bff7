/*
 * UTF-8 as RFC 3629 4 draws it. Layer 0; any thread.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Length of the character at the start of data.
 * @param left bytes at data, at least 1.
 * @return 1..4; 0 if it is not well formed (overlong, surrogate, cut).
 */
static inline size_t
utf8_length(const uint8_t *data, size_t left)
{
	uint8_t c = data[0];

	if (c < 0x80)
		return 1;
	size_t len = c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 :
	    c < 0xf5 ? 4 : 0;
	if (len == 0 || len > left)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((data[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((c == 0xe0 && data[1] < 0xa0) || (c == 0xed && data[1] > 0x9f) ||
	    (c == 0xf0 && data[1] < 0x90) || (c == 0xf4 && data[1] > 0x8f))
		return 0;
	return len;
}

#endif
