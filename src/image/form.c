/*
 * Forms: taking records apart into what numbers share and what they do not.
 * Whatever the rules leave out, putting it together again gives the same
 * bytes. Layer 3; the engine thread.
 */
#include "image/form.h"

#include "base/check.h"
#include "dns/rdata.h"
#include "registry/rrset.h"

#include <string.h>

enum {
	STEP_END = 0,
	STEP_BYTES = 1,
	STEP_LONG = 2,
	STEP_DIGITS = 3,
	STEP_STRING = 4,
	STEP_VALUE = 5,
	DIGITS_MIN = 7,    /* shorter parts of a number are no part of it */
	NUMBER_MIN = 4,    /* nor are shorter numbers looked for */
	ATTRIBUTE_MAX = 32 /* bytes before '=' */
};

/* Attributes with few values: part of the form. */
static const char *const SHARED_ATTRIBUTES[] = { "ocn", "lrn", "status", "pool",
	"location" };

/* Types without text: no two numbers have the same. */
static const uint16_t OPAQUE_TYPES[] = { TYPE_A, TYPE_AAAA, TYPE_LOC, TYPE_CERT,
	TYPE_DS, TYPE_SSHFP, TYPE_DNSKEY, TYPE_TLSA, TYPE_OPENPGPKEY };

struct splitter {
	struct writer body;
	struct writer values;
	uint32_t n_values;
	struct form_digits digits;
	unsigned n_digits; /* 0: leave nothing out */
	struct form_rrset entry;
};

void
form_digits_set(struct form_digits *digits, struct tn tn)
{
	uint64_t rest = tn.packed << 4;

	memset(digits, 0, sizeof *digits);
	for (unsigned i = 0; i < tn_count(tn); i++) {
		digits->text[i] = (uint8_t)('0' + (rest >> 60));
		rest <<= 4;
	}
}

static bool
is_opaque(uint16_t type)
{
	for (size_t i = 0; i < sizeof OPAQUE_TYPES / sizeof *OPAQUE_TYPES; i++)
		if (OPAQUE_TYPES[i] == type)
			return true;
	return false;
}

static bool
is_shared(const uint8_t *name, size_t len)
{
	size_t n = sizeof SHARED_ATTRIBUTES / sizeof *SHARED_ATTRIBUTES;

	for (size_t i = 0; i < n; i++)
		if (strlen(SHARED_ATTRIBUTES[i]) == len &&
		    memcmp(SHARED_ATTRIBUTES[i], name, len) == 0)
			return true;
	return false;
}

static void
put_bytes(struct splitter *s, const uint8_t *data, size_t len)
{
	if (len == 0)
		return;
	if (len < 256) {
		write_u8(&s->body, STEP_BYTES);
		write_u8(&s->body, (uint8_t)len);
	} else {
		uint16_t native = (uint16_t)len;
		write_u8(&s->body, STEP_LONG);
		write_bytes(&s->body, &native, sizeof native);
	}
	write_bytes(&s->body, data, len);
	s->entry.fixed += (uint32_t)len;
}

static void
put_value(struct splitter *s, const uint8_t *data, size_t len)
{
	if (len < 255) {
		write_u8(&s->values, (uint8_t)len);
	} else {
		uint16_t native = (uint16_t)len;
		write_u8(&s->values, 255);
		write_bytes(&s->values, &native, sizeof native);
	}
	write_bytes(&s->values, data, len);
	s->n_values++;
	s->entry.values++;
}

/* How many digits before `end` in data are also the last of the number. */
static size_t
common_digits(const struct splitter *s, const uint8_t *data, size_t end)
{
	size_t n = 0;

	while (n < s->n_digits && n < end &&
	    data[end - 1 - n] == s->digits.text[s->n_digits - 1 - n])
		n++;
	return n;
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Bytes with the number left out. */
static void
put_text(struct splitter *s, struct blob rdata)
{
	size_t done = 0;
	size_t min = s->n_digits < DIGITS_MIN ? s->n_digits : DIGITS_MIN;

	for (size_t i = 0; s->n_digits >= NUMBER_MIN && i < rdata.len; i++) {
		if (!is_digit(rdata.data[i]) ||
		    (i + 1 < rdata.len && is_digit(rdata.data[i + 1])))
			continue; /* not the end of a run of digits */
		size_t n = common_digits(s, rdata.data + done, i + 1 - done);
		if (n < min)
			continue;
		put_bytes(s, rdata.data + done, i + 1 - n - done);
		write_u8(&s->body, STEP_DIGITS);
		write_u8(&s->body, (uint8_t)(s->n_digits - n));
		write_u8(&s->body, (uint8_t)n);
		s->entry.fixed += (uint32_t)n;
		s->entry.digits = 1;
		done = i + 1;
	}
	put_bytes(s, rdata.data + done, rdata.len - done);
}

/* `attr=` of a TXT record of one string whose value is left out, or 0. */
static size_t
attribute_len(struct blob rdata)
{
	if (rdata.len < 3 || rdata.data[0] != rdata.len - 1)
		return 0;
	size_t room = rdata.len - 1 < ATTRIBUTE_MAX + 1 ? rdata.len - 1 :
							  ATTRIBUTE_MAX + 1;
	const uint8_t *name = rdata.data + 1;
	const uint8_t *equals = memchr(name, '=', room);
	if (equals == NULL || is_shared(name, (size_t)(equals - name)))
		return 0;
	return (size_t)(equals - name) + 1;
}

static void
put_rdata(struct splitter *s, uint16_t type, struct blob rdata)
{
	size_t attribute = type == TYPE_TXT ? attribute_len(rdata) : 0;

	s->entry.fixed += FORM_RECORD_HEAD;
	if (s->n_digits == 0) {
		put_bytes(s, rdata.data, rdata.len);
	} else if (attribute != 0) {
		write_u8(&s->body, STEP_STRING);
		write_u8(&s->body, (uint8_t)attribute);
		write_bytes(&s->body, rdata.data + 1, attribute);
		s->entry.fixed += (uint32_t)attribute + 1;
		put_value(
		    s, rdata.data + 1 + attribute, rdata.len - 1 - attribute);
	} else if (is_opaque(type)) {
		write_u8(&s->body, STEP_VALUE);
		put_value(s, rdata.data, rdata.len);
	} else {
		put_text(s, rdata);
	}
	write_u8(&s->body, STEP_END);
}

/* Count the RRsets, to know where programs start. */
static enum status
count(struct blob rrsets, struct form *head)
{
	struct rrset rrset;

	while (rrset_next(&rrsets, &rrset)) {
		if (rrset.count > RRSET_RECORDS_MAX ||
		    head->n_rrsets == NODE_TYPES_MAX)
			return ERR_MALFORMED;
		head->n_rrsets++;
		head->n_records = (uint16_t)(head->n_records + rrset.count);
		if (rrset.type == TYPE_NS)
			head->flags |= FORM_HAS_NS;
	}
	return rrsets.len == 0 ? OK : ERR_MALFORMED;
}

static enum status
put_rrset(struct splitter *s, const struct rrset *rrset, size_t entry_at)
{
	struct blob rdatas = rrset->rdatas;
	struct blob rdata;
	unsigned n = 0;

	s->entry = (struct form_rrset){
		.type = rrset->type,
		.count = rrset->count,
		.ttl = rrset->ttl,
		.program = (uint32_t)(writer_len(&s->body) - entry_at),
		.before = s->n_values,
	};
	for (; rrset_next_rdata(&rdatas, &rdata); n++)
		put_rdata(s, rrset->type, rdata);
	if (rdatas.len != 0 || n != rrset->count)
		return ERR_MALFORMED;
	memcpy(s->body.start + entry_at, &s->entry, sizeof s->entry);
	return OK;
}

enum status
form_split(struct arena *arena, struct form_parts *out, struct blob rrsets,
    struct tn tn)
{
	struct form head = { 0 };
	enum status status = count(rrsets, &head);

	if (status != OK)
		return status;
	/* An entry is 24 bytes for 8, a record at most 4 and a half more. */
	size_t cap = 4 * rrsets.len + 64;
	struct splitter s = { .n_digits = tn_count(tn) };
	s.body = writer_make(arena_alloc(arena, cap), cap);
	s.values = writer_make(arena_alloc(arena, cap), cap);
	form_digits_set(&s.digits, tn);
	write_bytes(&s.body, &head.n_rrsets, sizeof head.n_rrsets);
	write_bytes(&s.body, &head.n_records, sizeof head.n_records);
	write_bytes(&s.body, &head.flags, sizeof head.flags);
	size_t entry_at = writer_len(&s.body);
	writer_take(&s.body, head.n_rrsets * sizeof(struct form_rrset));

	struct rrset rrset;
	while (rrset_next(&rrsets, &rrset)) {
		status = put_rrset(&s, &rrset, entry_at);
		if (status != OK)
			return status;
		entry_at += sizeof(struct form_rrset);
	}
	ensure(!s.body.bad && !s.values.bad);
	out->body = (struct blob){ s.body.start, writer_len(&s.body) };
	out->values = (struct blob){ s.values.start, writer_len(&s.values) };
	out->n_values = s.n_values;
	return OK;
}

const uint8_t *
form_skip_values(const uint8_t *values, size_t n)
{
	for (; n > 0; n--) {
		const uint8_t *bytes = NULL;
		size_t len = form_value_len(values, &bytes);
		values = bytes + len;
	}
	return values;
}

size_t
form_values_len(const uint8_t *values, size_t n)
{
	size_t sum = 0;

	for (; n > 0; n--) {
		const uint8_t *bytes = NULL;
		size_t len = form_value_len(values, &bytes);
		sum += len;
		values = bytes + len;
	}
	return sum;
}

/* memcpy for the short pieces of an answer, without a call. */
static inline uint8_t *
copy(uint8_t *out, const uint8_t *data, size_t len)
{
	if (len > 64) {
		memcpy(out, data, len);
	} else if (len >= 16) {
		for (size_t i = 0; i + 16 <= len; i += 16)
			memcpy(out + i, data + i, 16);
		memcpy(out + len - 16, data + len - 16, 16);
	} else if (len >= 8) {
		memcpy(out, data, 8);
		memcpy(out + len - 8, data + len - 8, 8);
	} else if (len >= 4) {
		memcpy(out, data, 4);
		memcpy(out + len - 4, data + len - 4, 4);
	} else {
		for (size_t i = 0; i < len; i++)
			out[i] = data[i];
	}
	return out + len;
}

static inline uint8_t *
copy_value(uint8_t *out, const uint8_t **values, size_t *len)
{
	const uint8_t *bytes = NULL;

	*len = form_value_len(*values, &bytes);
	*values = bytes + *len;
	return copy(out, bytes, *len);
}

uint8_t *
form_write(const uint8_t **step, const uint8_t **values,
    const struct form_digits *digits, uint8_t *out)
{
	const uint8_t *p = *step;
	size_t len = 0;

	for (;;) {
		uint8_t kind = *p++;
		if (kind == STEP_BYTES) {
			out = copy(out, p + 1, p[0]);
			p += 1 + p[0];
		} else if (kind == STEP_DIGITS) {
			out = copy(out, digits->text + p[0], p[1]);
			p += 2;
		} else if (kind == STEP_STRING) {
			uint8_t *start = out;
			out = copy(out + 1, p + 1, p[0]);
			out = copy_value(out, values, &len);
			start[0] = (uint8_t)(out - start - 1);
			p += 1 + p[0];
		} else if (kind == STEP_VALUE) {
			out = copy_value(out, values, &len);
		} else if (kind == STEP_LONG) {
			uint16_t n = 0;
			memcpy(&n, p, sizeof n);
			out = copy(out, p + sizeof n, n);
			p += sizeof n + n;
		} else {
			break; /* STEP_END */
		}
	}
	*step = p;
	return out;
}
