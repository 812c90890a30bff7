/*
 * Telephone numbers: text to the packed value and back, prefix relations.
 * Refuses what is not 1 to 15 digits; knows no numbering plan. Layer 1; any
 * thread. ITU-T E.164 6.1.
 */
#include "e164/tn.h"

#include "base/check.h"
#include "base/reason.h"

#include <string.h>

enum {
	COUNT_SHIFT = 60, /* of the count of digits */
	DIGIT_BITS = 4,
};

_Static_assert(TN_DIGITS_MAX * DIGIT_BITS == COUNT_SHIFT,
    "the digits and their count fill 64 bits");
_Static_assert(TN_TEXT_MAX == 1 + TN_DIGITS_MAX + 1, "plus, digits, NUL");

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_separator(char c)
{
	return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')';
}

/* Only the digits of the value, the first in the highest bits. */
static uint64_t
digits_of(struct tn tn)
{
	return tn.packed << DIGIT_BITS;
}

enum status
tn_parse(struct tn *out, const char *text, size_t len, struct reason *reason)
{
	struct tn tn = { 0 };
	size_t start = len > 0 && text[0] == '+' ? 1 : 0;

	for (size_t i = start; i < len; i++) {
		bool is_last = i + 1 == len;
		if (is_separator(text[i]) && i > start && !is_last)
			continue;
		if (!is_digit(text[i])) {
			reason_set(reason, "character %zu of the number, "
			    "'%c', is no digit", i + 1, text[i]);
			return ERR_MALFORMED;
		}
		if (!tn_push(&tn, (unsigned)(text[i] - '0'))) {
			reason_set(reason, "a number has at most %d digits",
			    TN_DIGITS_MAX);
			return ERR_TOO_LONG;
		}
	}
	if (tn_count(tn) == 0) {
		reason_set(reason, "a number has at least one digit");
		return ERR_MALFORMED;
	}
	*out = tn;
	return OK;
}

char *
tn_format(char *out, struct tn tn)
{
	out[0] = '+';
	(void)tn_digits(out + 1, tn);
	return out;
}

size_t
tn_digits(char out[TN_DIGITS_MAX + 1], struct tn tn)
{
	unsigned count = tn_count(tn);

	for (unsigned i = 0; i < count; i++)
		out[i] = (char)('0' + tn_digit(tn, i));
	out[count] = '\0';
	return count;
}

bool
tn_push(struct tn *tn, unsigned digit)
{
	unsigned count = tn_count(*tn);

	require(digit <= 9);
	if (count == TN_DIGITS_MAX)
		return false;
	tn->packed += (uint64_t)1 << COUNT_SHIFT;
	tn->packed |= (uint64_t)digit << (56 - DIGIT_BITS * count);
	return true;
}

bool
tn_is_prefix(struct tn prefix, struct tn tn)
{
	unsigned count = tn_count(prefix);

	if (count == 0)
		return true;
	if (count > tn_count(tn))
		return false;
	uint64_t differ = digits_of(prefix) ^ digits_of(tn);
	return differ >> (64 - DIGIT_BITS * count) == 0;
}

struct tn
tn_prefix(struct tn tn, unsigned n)
{
	require(n <= tn_count(tn));
	if (n == 0)
		return (struct tn){ 0 };
	uint64_t mask = ~(uint64_t)0 << (COUNT_SHIFT - DIGIT_BITS * n);
	uint64_t digits = tn.packed & mask & ~(UINT64_C(15) << COUNT_SHIFT);
	return (struct tn){ (uint64_t)n << COUNT_SHIFT | digits };
}

int
tn_compare(struct tn a, struct tn b)
{
	uint64_t x = digits_of(a);
	uint64_t y = digits_of(b);

	if (x != y)
		return x < y ? -1 : 1;
	/* "1" and "10" have the same padded digits: the prefix is first. */
	unsigned m = tn_count(a);
	unsigned n = tn_count(b);
	return m == n ? 0 : m < n ? -1 : 1;
}
