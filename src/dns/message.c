/*
 * The walk over a message: question first, then every record, of which only
 * OPT and TSIG are looked into. Pointers in owners are followed by nobody
 * here, so the cost is one pass. Layer 1; any thread.
 */
#include "dns/message.h"

#include "base/bytes.h"
#include "base/check.h"
#include "dns/name.h"
#include "dns/rdata.h"

enum {
	POINTER = 0xc0,       /* both upper bits of a compression pointer */
	QUESTION_FIXED = 4,   /* bytes of QTYPE and QCLASS */
	RECORD_FIXED = 10,    /* bytes of a record behind its owner, no rdata */
};

static enum status
read_question(struct message *m)
{
	const uint8_t *name = m->bytes + MESSAGE_HEADER;
	size_t room = m->len - MESSAGE_HEADER;
	size_t pos = 0;

	/* A pointer's length byte is above LABEL_MAX, so it is refused too:
	 * nothing stands before a QNAME that it could point to. */
	while (pos < room && name[pos] != 0) {
		if (name[pos] > LABEL_MAX)
			return ERR_MALFORMED;
		pos += 1u + name[pos];
	}
	pos++;
	if (pos > DNAME_MAX || pos + QUESTION_FIXED > room)
		return ERR_MALFORMED;
	m->qname_len = (uint8_t)pos;
	m->qtype = (uint16_t)(name[pos] << 8 | name[pos + 1]);
	m->qclass = (uint16_t)(name[pos + 2] << 8 | name[pos + 3]);
	return OK;
}

/* Step over an owner; a pointer ends it and must point backwards. */
static void
skip_owner(const struct message *m, struct reader *r)
{
	size_t wire_len = 1;

	for (;;) {
		size_t at = (size_t)(r->pos - m->bytes);
		uint8_t len = read_u8(r);
		if (len == 0)
			return; /* also after an error */
		if (len >= POINTER) {
			size_t to = (size_t)(len & 0x3f) << 8 | read_u8(r);
			r->bad = r->bad || to >= at || to < MESSAGE_HEADER;
			return;
		}
		wire_len += 1u + len;
		r->bad = r->bad || len > LABEL_MAX || wire_len > DNAME_MAX;
		reader_take(r, len);
	}
}

static enum status
read_opt(struct message *m, bool is_root, struct reader fixed,
    struct blob options)
{
	uint16_t class_ = read_u16(&fixed);

	/* RFC 6891 6.1.1: more than one OPT, or not at the root: FORMERR. */
	if (m->edns.is_present || !is_root) {
		m->edns.is_present = true;
		return ERR_MALFORMED;
	}
	return edns_read(&m->edns, class_, read_u32(&fixed), options);
}

/* One record; OPT and TSIG only mean something in the additional section. */
static enum status
read_record(struct message *m, struct reader *r, enum message_section section)
{
	const uint8_t *owner = r->pos;

	skip_owner(m, r);
	const uint8_t *fixed = reader_take(r, RECORD_FIXED);
	if (fixed == NULL)
		return ERR_MALFORMED;
	uint16_t type = (uint16_t)(fixed[0] << 8 | fixed[1]);
	struct blob rdata = { .len = (size_t)(fixed[8] << 8 | fixed[9]) };
	rdata.data = reader_take(r, rdata.len);
	if (r->bad)
		return ERR_MALFORMED;
	if (section != SECTION_ADDITIONAL)
		return type == TYPE_OPT || type == TYPE_TSIG ? ERR_MALFORMED
							     : OK;
	if (m->tsig != 0) /* RFC 8945 5.1: it must be the last */
		return ERR_MALFORMED;
	if (type == TYPE_OPT)
		return read_opt(m, fixed - owner == 1,
		    reader_make(fixed + 2, RECORD_FIXED - 2), rdata);
	if (type == TYPE_TSIG)
		m->tsig = (size_t)(owner - m->bytes);
	return OK;
}

static enum status
read_records(struct message *m)
{
	size_t start = MESSAGE_HEADER + m->qname_len + QUESTION_FIXED;
	struct reader r = reader_make(m->bytes + start, m->len - start);

	for (enum message_section s = SECTION_ANSWER; s < SECTIONS; s++) {
		/* At most one turn for every 11 bytes: a record that is not
		 * there ends the loop. */
		for (uint16_t i = 0; i < m->counts[s]; i++) {
			enum status status = read_record(m, &r, s);
			if (status != OK)
				return status;
		}
	}
	return reader_done(&r) ? OK : ERR_MALFORMED;
}

enum status
message_parse(struct message *out, const uint8_t *bytes, size_t len)
{
	require(len >= MESSAGE_HEADER);
	*out = (struct message){ .bytes = bytes, .len = len };
	struct reader r = reader_make(bytes, MESSAGE_HEADER);
	out->id = read_u16(&r);
	out->flags = read_u16(&r);
	for (int s = 0; s < SECTIONS; s++)
		out->counts[s] = read_u16(&r);
	if (out->counts[SECTION_QUESTION] != 1)
		return ERR_MALFORMED;
	enum status status = read_question(out);
	if (status != OK)
		return status;
	return read_records(out);
}

size_t
message_records(const struct message *m)
{
	return (size_t)MESSAGE_HEADER + m->qname_len + QUESTION_FIXED;
}

size_t
message_rr_at(const struct message *m, size_t offset, struct message_rr *out)
{
	require(offset < m->len);
	struct reader r = reader_make(m->bytes + offset, m->len - offset);

	out->owner = offset;
	skip_owner(m, &r);
	out->type = read_u16(&r);
	out->rclass = read_u16(&r);
	out->ttl = read_u32(&r);
	out->rdlen = read_u16(&r);
	out->rdata = (size_t)(r.pos - m->bytes);
	reader_take(&r, out->rdlen);
	ensure(!r.bad);
	return (size_t)(r.pos - m->bytes);
}
