/*
 * Foreign messages, read by us and by ldns. Header, question, EDNS, and record
 * by record owner, type, class, TTL and data must be the same where both take
 * the message. Where one alone takes it, the difference must be in one of the
 * two lists below, each with its reason; it is looked for in the bytes, by a
 * walk of this file's own.
 */
#include "fuzz/fuzz.h"

#include "dns/message.h"
#include "dns/name.h"
#include "dns/rdata.h"

#include <ldns/ldns.h>

#include <stdbool.h>
#include <string.h>

/* Why we refuse what ldns takes. */
enum stricter {
	/* RFC 9619: there is one question; ldns takes any number. */
	STRICTER_QDCOUNT = 1 << 0,
	/* Nothing stands before a QNAME that a pointer could mean but the
	 * header; ldns follows it there. */
	STRICTER_QNAME_POINTER = 1 << 1,
	/* RFC 1035 4.1.4: "a prior occurrence of the same name"; ldns follows
	 * pointers forward and into the header. */
	STRICTER_POINTER = 1 << 2,
	/* Bytes behind the last record: ldns leaves them. */
	STRICTER_REST = 1 << 3,
	/* RFC 6891 6.1.1: one OPT, at the root, in the additional section. */
	STRICTER_OPT_PLACE = 1 << 4,
	/* Options that run past the end of OPT's data: ldns keeps them as
	 * bytes. */
	STRICTER_OPT_OPTIONS = 1 << 5,
	/* RFC 8945 5.1: one TSIG, the last record of the message. */
	STRICTER_TSIG_PLACE = 1 << 6,
	/* A record's data is longer or shorter than what its type has: ldns
	 * reads the next record where what it understood ends. */
	STRICTER_RDATA_LENGTH = 1 << 7,
};

/* Why ldns refuses what we take: it reads all of each record at once, we what
 * is needed, when it is needed. */
enum laxer {
	/* An owner's pointer leads to something that is no name, or through
	 * pointers that do: dname_read refuses. */
	LAXER_OWNER = 1 << 0,
	/* Data that is not of its type: rdata_read refuses. */
	LAXER_RDATA = 1 << 1,
	/* A type that is opaque to us and not to ldns (WKS, NXT, TKEY, ...);
	 * TSIG, which only dns/tsig reads. */
	LAXER_OPAQUE = 1 << 2,
};

/* What the bytes are, as far as the first list cares. */
struct facts {
	unsigned stricter;
};

struct record_seen {
	struct dname owner;
	uint16_t type;
	uint16_t class_;
	uint32_t ttl;
	size_t rdata_at;
	size_t rdata_len;
};

static uint16_t
u16_at(const uint8_t *data, size_t at)
{
	return (uint16_t)(data[at] << 8 | data[at + 1]);
}

/* The end of the name at `at`, with a look at its pointer; 0: no name. */
static size_t
skip_name(const uint8_t *data, size_t len, size_t at, bool *is_forward,
    bool *is_compressed)
{
	*is_compressed = false;
	while (at < len && data[at] != 0) {
		if ((data[at] & 0xc0) == 0xc0) {
			if (at + 1 >= len)
				return 0;
			size_t to = (size_t)(data[at] & 0x3f) << 8 |
			    data[at + 1];
			*is_forward = *is_forward || to >= at || to < 12;
			*is_compressed = true;
			return at + 2;
		}
		if ((data[at] & 0xc0) != 0)
			return 0;
		at += 1u + data[at];
	}
	return at < len ? at + 1 : 0;
}

static bool
are_options_good(const uint8_t *data, size_t len)
{
	size_t at = 0;

	while (at + 4 <= len)
		at += 4u + u16_at(data, at + 2);
	return at == len;
}

/* The strictness that OPT and TSIG at this place break. */
static void
look_at_meta(struct facts *facts, const uint8_t *data, size_t owner_len,
    size_t fixed, unsigned section, bool is_last, unsigned *n_opt)
{
	uint16_t type = u16_at(data, fixed);

	if (type == TYPE_TSIG && (section != SECTION_ADDITIONAL || !is_last))
		facts->stricter |= STRICTER_TSIG_PLACE;
	if (type != TYPE_OPT)
		return;
	if (section != SECTION_ADDITIONAL || owner_len != 1 || ++*n_opt > 1)
		facts->stricter |= STRICTER_OPT_PLACE;
	if (!are_options_good(data + fixed + 10, u16_at(data, fixed + 8)))
		facts->stricter |= STRICTER_OPT_OPTIONS;
}

/* A type that is opaque to us, and not to ldns. */
static bool
is_opaque_to_us(uint16_t type)
{
	return rdata_layout(type) == NULL && type != 0 &&
	    (uint16_t)ldns_rr_descript(type)->_type == type;
}

/* The data is not what its type says (or we do not know). */
static bool
is_rdata_bad(const uint8_t *data, size_t len, uint16_t type, size_t at,
    size_t rdata_len)
{
	static uint8_t rdata[RDATA_MAX];
	const char *layout = rdata_layout(type);
	size_t out_len = 0;

	if (layout == NULL)
		return is_opaque_to_us(type);
	return rdata_len > 0 && rdata_read(rdata, sizeof rdata, &out_len,
	    type, data, len, at, rdata_len) != OK;
}

/* The walk. @return false: it does not come to the end of all records. */
static bool
find_facts(struct facts *facts, const uint8_t *data, size_t len)
{
	bool is_forward = false;
	bool is_compressed = false;
	unsigned n_opt = 0;
	size_t at = 12;

	if (u16_at(data, 4) != 1)
		facts->stricter |= STRICTER_QDCOUNT;
	for (unsigned i = 0; i < u16_at(data, 4); i++) {
		at = skip_name(data, len, at, &is_forward, &is_compressed);
		if (is_compressed)
			facts->stricter |= STRICTER_QNAME_POINTER;
		if (at == 0 || at + 4 > len)
			return false;
		at += 4;
	}
	for (unsigned s = SECTION_ANSWER; s < SECTIONS; s++) {
		unsigned n = u16_at(data, 4 + 2 * s);
		for (unsigned i = 0; i < n; i++) {
			size_t owner = at;
			at = skip_name(data, len, at, &is_forward,
			    &is_compressed);
			if (is_forward)
				facts->stricter |= STRICTER_POINTER;
			if (at == 0 || at + 10 > len ||
			    at + 10 + u16_at(data, at + 8) > len)
				return false;
			look_at_meta(facts, data, at - owner, at, s,
			    s == SECTION_ADDITIONAL && i + 1 == n, &n_opt);
			if (is_rdata_bad(data, len, u16_at(data, at), at + 10,
				u16_at(data, at + 8)))
				facts->stricter |= STRICTER_RDATA_LENGTH;
			at += 10u + u16_at(data, at + 8);
		}
	}
	if (at != len)
		facts->stricter |= STRICTER_REST;
	return true;
}

/* Our reading of the next record. @return false: its owner is none. */
static bool
take_record(struct record_seen *out, const struct message *m, size_t *at)
{
	if (dname_read(&out->owner, m->bytes, m->len, at) != OK)
		return false;
	/* message_parse has said that all of it is there */
	FUZZ_CHECK(*at + 10 <= m->len);
	out->type = u16_at(m->bytes, *at);
	out->class_ = u16_at(m->bytes, *at + 2);
	out->ttl = (uint32_t)u16_at(m->bytes, *at + 4) << 16 |
	    u16_at(m->bytes, *at + 6);
	out->rdata_len = u16_at(m->bytes, *at + 8);
	out->rdata_at = *at + 10;
	*at = out->rdata_at + out->rdata_len;
	FUZZ_CHECK(*at <= m->len);
	return true;
}

static void
check_name(const ldns_rdf *theirs, const uint8_t *ours, size_t len)
{
	FUZZ_CHECK(ldns_rdf_size(theirs) == len &&
	    memcmp(ldns_rdf_data(theirs), ours, len) == 0);
}

static void
check_rdata(const ldns_rr *theirs, const struct message *m,
    const struct record_seen *seen)
{
	static uint8_t ours[RDATA_MAX];
	size_t len = 0;
	size_t at = 0;

	/* an UPDATE's, or only theirs: nothing to compare */
	if (seen->rdata_len == 0 || is_opaque_to_us(seen->type))
		return;
	if (rdata_read(ours, sizeof ours, &len, seen->type, m->bytes, m->len,
		seen->rdata_at, seen->rdata_len) != OK)
		return;
	for (size_t i = 0; i < ldns_rr_rd_count(theirs); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(theirs, i);
		size_t part = ldns_rdf_size(rdf);
		FUZZ_CHECK(part <= len - at);
		FUZZ_CHECK(part == 0 ||
		    memcmp(ours + at, ldns_rdf_data(rdf), part) == 0);
		at += part;
	}
	FUZZ_CHECK(at == len);
}

static void
check_record(const ldns_rr *theirs, const struct message *m,
    const struct record_seen *seen)
{
	check_name(ldns_rr_owner(theirs), seen->owner.bytes, seen->owner.len);
	FUZZ_CHECK((uint16_t)ldns_rr_get_type(theirs) == seen->type);
	FUZZ_CHECK((uint16_t)ldns_rr_get_class(theirs) == seen->class_);
	FUZZ_CHECK(ldns_rr_ttl(theirs) == seen->ttl);
	check_rdata(theirs, m, seen);
}

static void
check_edns(const ldns_pkt *theirs, const struct edns *ours)
{
	uint16_t size = ldns_pkt_edns_udp_size(theirs);

	FUZZ_CHECK(ldns_pkt_edns(theirs) == ours->is_present ||
	    /* ldns tells by these whether there was one */
	    (size == 0 && ldns_pkt_edns_extended_rcode(theirs) == 0 &&
		ldns_pkt_edns_data(theirs) == NULL));
	if (!ours->is_present)
		return;
	FUZZ_CHECK((size < EDNS_UDP_PLAIN ? EDNS_UDP_PLAIN : size) ==
	    ours->udp_size);
	FUZZ_CHECK(ldns_pkt_edns_version(theirs) == ours->version);
	FUZZ_CHECK(ldns_pkt_edns_z(theirs) == ours->flags);
}

static void
check_header(const ldns_pkt *theirs, const struct message *m)
{
	unsigned flags = (unsigned)ldns_pkt_qr(theirs) << 15 |
	    (unsigned)ldns_pkt_get_opcode(theirs) << 11 |
	    (unsigned)ldns_pkt_aa(theirs) << 10 |
	    (unsigned)ldns_pkt_tc(theirs) << 9 |
	    (unsigned)ldns_pkt_rd(theirs) << 8 |
	    (unsigned)ldns_pkt_ra(theirs) << 7 |
	    (unsigned)ldns_pkt_ad(theirs) << 5 |
	    (unsigned)ldns_pkt_cd(theirs) << 4 |
	    (unsigned)ldns_pkt_get_rcode(theirs);

	FUZZ_CHECK(ldns_pkt_id(theirs) == m->id);
	/* 0x40 is the bit that no RFC uses; ldns forgets it */
	FUZZ_CHECK(flags == (m->flags & 0xffbfu));
	const ldns_rr *question = ldns_rr_list_rr(ldns_pkt_question(theirs),
	    0);
	check_name(ldns_rr_owner(question), message_qname(m), m->qname_len);
	FUZZ_CHECK((uint16_t)ldns_rr_get_type(question) == m->qtype);
	FUZZ_CHECK((uint16_t)ldns_rr_get_class(question) == m->qclass);
}

/* Where ldns has the records of a section. */
static const ldns_rr_list *
section_of(const ldns_pkt *theirs, unsigned section)
{
	return section == SECTION_ANSWER ? ldns_pkt_answer(theirs)
	    : section == SECTION_AUTHORITY ? ldns_pkt_authority(theirs)
					   : ldns_pkt_additional(theirs);
}

static void
check_same(const ldns_pkt *theirs, const struct message *m)
{
	size_t at = MESSAGE_HEADER + (size_t)m->qname_len + 4;
	struct record_seen seen;

	check_header(theirs, m);
	for (unsigned s = SECTION_ANSWER; s < SECTIONS; s++) {
		const ldns_rr_list *list = section_of(theirs, s);
		size_t next = 0;
		for (unsigned i = 0; i < m->counts[s]; i++) {
			size_t start = at;
			/* a name through pointers that lead forward or into
			 * the header: ldns reads it, dname_read does not */
			if (!take_record(&seen, m, &at))
				return;
			if (seen.type == TYPE_TSIG)
				FUZZ_CHECK(m->tsig == start);
			/* ldns keeps these two beside the section */
			if (seen.type == TYPE_OPT || seen.type == TYPE_TSIG)
				continue;
			FUZZ_CHECK(next < ldns_rr_list_rr_count(list));
			check_record(ldns_rr_list_rr(list, next++), m, &seen);
			/* from here on ldns is somewhere else */
			if (is_rdata_bad(m->bytes, m->len, seen.type,
				seen.rdata_at, seen.rdata_len))
				return;
		}
		FUZZ_CHECK(next == ldns_rr_list_rr_count(list));
	}
	FUZZ_CHECK(at == m->len);
}

/* What of a message that we take ldns may refuse. */
static unsigned
find_laxer(const struct message *m)
{
	static uint8_t rdata[RDATA_MAX];
	size_t at = MESSAGE_HEADER + (size_t)m->qname_len + 4;
	struct record_seen seen;
	unsigned laxer = 0;
	size_t len = 0;

	while (at < m->len) {
		if (!take_record(&seen, m, &at))
			return laxer | LAXER_OWNER;
		if (seen.type == TYPE_TSIG || is_opaque_to_us(seen.type))
			laxer |= LAXER_OPAQUE;
		else if (seen.type != TYPE_OPT && rdata_read(rdata,
			     sizeof rdata, &len, seen.type, m->bytes, m->len,
			     seen.rdata_at, seen.rdata_len) != OK)
			laxer |= LAXER_RDATA;
	}
	return laxer;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct facts facts = { .stricter = 0 };
	struct message m;
	ldns_pkt *theirs = NULL;

	if (len < MESSAGE_HEADER || len > MESSAGE_MAX)
		return 0;
	bool is_whole = find_facts(&facts, data, len);
	enum status ours = message_parse(&m, data, len);
	/* Of two OPT or TSIG records ldns keeps the last, and loses the memory
	 * of the others. */
	bool is_for_ldns = (facts.stricter &
	    (STRICTER_OPT_PLACE | STRICTER_TSIG_PLACE)) == 0;
	ldns_status result = is_for_ldns ? ldns_wire2pkt(&theirs, data, len)
					 : LDNS_STATUS_ERR;

	FUZZ_CHECK(m.bytes == data && m.len == len && m.id == u16_at(data, 0));
	if (ours == OK)
		FUZZ_CHECK(is_whole && (facts.stricter &
		    ~(unsigned)STRICTER_RDATA_LENGTH) == 0);
	if (ours == OK && result == LDNS_STATUS_OK) {
		check_same(theirs, &m);
		/* else ldns may not have come to it */
		if ((facts.stricter & STRICTER_RDATA_LENGTH) == 0)
			check_edns(theirs, &m.edns);
	} else if (ours == OK)
		FUZZ_CHECK(find_laxer(&m) != 0);
	else if (result == LDNS_STATUS_OK)
		FUZZ_CHECK(facts.stricter != 0);
	if (result == LDNS_STATUS_OK)
		ldns_pkt_free(theirs);
	return 0;
}
