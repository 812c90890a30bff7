/*
 * Writing the NAPTR of an lrn. Layer 2; any thread.
 */
#include "registry/lrn.h"

#include "base/check.h"

#include <string.h>

bool
lrn_is_valid(struct blob value)
{
	if (value.len < 3 || value.len > TN_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return false;
	}
	return true;
}

static void
write_text(struct writer *w, const char *text)
{
	write_bytes(w, text, strlen(text));
}

static void
write_rule(struct writer *w, const struct name_class *class, struct blob lrn)
{
	if (class->kind == NAME_BLOCK) {
		write_text(w, "!^(.*)$!tel:\\1");
	} else {
		write_text(w, "!^.*$!tel:+");
		for (unsigned i = 0; i < tn_count(class->tn); i++)
			write_u8(w, (uint8_t)('0' + tn_digit(class->tn, i)));
	}
	write_text(w, ";npdi;rn=+");
	write_bytes(w, lrn.data, lrn.len);
	write_u8(w, '!');
}

size_t
lrn_naptr(uint8_t *out, const struct name_class *class, struct blob lrn)
{
	static const char flags[] = "\1u";
	static const char services[] = "\14E2U+pstn:tel";
	struct writer w = writer_make(out, LRN_RDATA_MAX);

	require(lrn_is_valid(lrn));
	write_u16(&w, LRN_ORDER);
	write_u16(&w, LRN_PREFERENCE);
	write_text(&w, flags);
	write_text(&w, services);
	uint8_t *len = writer_take(&w, 1);
	ensure(len != NULL);
	size_t before = writer_len(&w);
	write_rule(&w, class, lrn);
	*len = (uint8_t)(writer_len(&w) - before);
	write_u8(&w, 0); /* replacement "." */
	ensure(!w.bad);
	return writer_len(&w);
}
