/*
 * Names ready for look-up: labels turned around, in lower case. Layer 4; pure;
 * any thread. Runs once a query.
 */
#include "query/qname.h"

#include <string.h>

static const uint8_t WHOIS_LABEL[2] = { 1, 'w' };

/* The last apex->len bytes of the name are the apex, label for label. The
 * length bytes compare as bytes do: they are below 'A'. */
static bool
ends_with_apex(const uint8_t *tail, const struct dname *apex)
{
	if (memcmp(tail, apex->bytes, apex->len) == 0)
		return true; /* nearly always written the same */
	for (unsigned i = 0; i < apex->len; i++) {
		if (dns_lower(tail[i]) != dns_lower(apex->bytes[i]))
			return false;
	}
	return true;
}

/* Labels from the front of wire to the back of owner.
 * @return their count; 0 if the apex does not begin at a label. */
static unsigned
turn_labels(uint8_t *owner, const uint8_t *wire, size_t owner_len)
{
	size_t at = owner_len;
	unsigned n = 0;

	while (at > 0) {
		size_t step = 1u + wire[0];
		if (step > at)
			return 0;
		n++;
		if (step == 2) { /* a digit, nearly always */
			at -= 2;
			owner[at] = 1;
			owner[at + 1] = dns_lower(wire[1]);
			wire += 2;
			continue;
		}
		at -= step;
		owner[at] = wire[0];
		for (size_t i = 1; i < step; i++)
			owner[at + i] = dns_lower(wire[i]);
		wire += step;
	}
	return n;
}

/* Leading single-digit labels, as e164_name_read gives them. */
static void
read_number(struct qname *qname)
{
	const uint8_t *p = qname->owner.data;
	size_t pairs = qname->owner.len / 2;
	uint64_t packed = 0;
	unsigned n = 0;

	while (n < pairs && n < TN_DIGITS_MAX && p[0] == 1 && p[1] >= '0' &&
	    p[1] <= '9') {
		packed |= (uint64_t)(p[1] - '0') << (56 - 4 * n);
		p += 2;
		n++;
	}
	qname->n_digits = (uint8_t)n;
	qname->tn.packed = packed | (uint64_t)n << 60;
}

bool
query_name_make(struct query_name *out, const uint8_t *wire, size_t len,
    const struct dname *apex)
{
	if (len < apex->len || !ends_with_apex(wire + len - apex->len, apex))
		return false;
	size_t owner_len = len - apex->len;
	unsigned n_labels = turn_labels(out->owner, wire, owner_len);
	if (owner_len > 0 && n_labels == 0)
		return false;
	out->qname.owner.data = out->owner;
	out->qname.owner.len = owner_len;
	out->qname.n_labels = (uint8_t)n_labels;
	read_number(&out->qname);
	return true;
}

bool
query_name_is_whois(const struct query_name *name)
{
	struct blob whois = { .data = WHOIS_LABEL, .len = sizeof WHOIS_LABEL };

	return owner_is_at_or_below(name->qname.owner, whois);
}
