/*
 * Reading the records of one name: iteration, look-up and the full check of
 * foreign bytes. Building and comparing is in rrset_edit.c. Layer 2; any
 * thread.
 */
#include "registry/rrset.h"

#include "dns/rdata.h"

#include <string.h>

_Static_assert(RRSET_HEAD_LEN == 2 + 4 + 2, "type, TTL, count");
_Static_assert(RRSET_RECORDS_MAX <= UINT16_MAX, "the count has two bytes");

static uint16_t
get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void
blob_skip(struct blob *blob, size_t len)
{
	blob->data += len;
	blob->len -= len;
}

bool
rrset_next_rdata(struct blob *rdatas, struct blob *rdata)
{
	if (rdatas->len < RDATA_HEAD_LEN)
		return false;
	size_t len = get_u16(rdatas->data);
	if (rdatas->len - RDATA_HEAD_LEN < len)
		return false;
	*rdata = (struct blob){ rdatas->data + RDATA_HEAD_LEN, len };
	blob_skip(rdatas, RDATA_HEAD_LEN + len);
	return true;
}

bool
rrset_next(struct blob *rest, struct rrset *out)
{
	struct reader r = reader_make(rest->data, rest->len);
	uint16_t type = read_u16(&r);
	uint32_t ttl = read_u32(&r);
	uint16_t count = read_u16(&r);
	const uint8_t *first = r.pos;

	if (r.bad)
		return false;
	for (uint16_t i = 0; i < count; i++)
		(void)reader_take(&r, read_u16(&r));
	if (r.bad)
		return false;
	*out = (struct rrset){ .type = type, .ttl = ttl, .count = count,
		.rdatas = { first, (size_t)(r.pos - first) } };
	blob_skip(rest, (size_t)(r.pos - rest->data));
	return true;
}

bool
rrset_find(struct blob rrsets, uint16_t type, struct rrset *out)
{
	struct rrset found;

	while (rrset_next(&rrsets, &found)) {
		if (found.type == type) {
			*out = found;
			return true;
		}
		if (found.type > type)
			break;
	}
	return false;
}

bool
rrset_has_rdata(const struct rrset *rrset, struct blob rdata)
{
	struct blob rest = rrset->rdatas;
	struct blob other;

	while (rrset_next_rdata(&rest, &other)) {
		if (rdata_equal(rrset->type, rdata, other))
			return true;
	}
	return false;
}

bool
rrset_is_distinct(const struct rrset *rrset)
{
	struct blob rest = rrset->rdatas;
	struct blob rdata;

	/* Without names the strict order says it already. */
	if (rrset->count < 2 || !rdata_has_names(rrset->type))
		return true;
	while (rrset_next_rdata(&rest, &rdata)) {
		struct rrset behind = { .type = rrset->type, .rdatas = rest };
		if (rrset_has_rdata(&behind, rdata))
			return false;
	}
	return true;
}

/* The serial of an SOA is not kept with the record. */
static bool
soa_serial_is_zero(struct blob rdata)
{
	static const uint8_t zero[4];

	return memcmp(rdata.data + rdata.len - SOA_TAIL_LEN, zero,
	    sizeof zero) == 0;
}

/* Records of one RRset: well formed, ascending, no duplicates. */
static bool
rdatas_are_valid(const struct rrset *rrset)
{
	struct blob rest = rrset->rdatas;
	struct blob last = { 0 };
	struct blob rdata;

	for (uint16_t i = 0; rrset_next_rdata(&rest, &rdata); i++) {
		if (rdata_check(rrset->type, rdata, NULL) != OK)
			return false;
		if (rrset->type == TYPE_SOA && !soa_serial_is_zero(rdata))
			return false;
		if (i > 0 && blob_compare(last, rdata) >= 0)
			return false;
		last = rdata;
	}
	return rrset_is_distinct(rrset);
}

enum status
rrsets_check(struct blob rrsets)
{
	struct rrset rrset;
	unsigned last_type = 0; /* no RRset has type 0: rdata_check */
	size_t n_types = 0;

	while (rrset_next(&rrsets, &rrset)) {
		if (rrset.type <= last_type || rrset.ttl > TTL_MAX ||
		    rrset.count < 1 || rrset.count > RRSET_RECORDS_MAX ||
		    ++n_types > NODE_TYPES_MAX || !rdatas_are_valid(&rrset))
			return ERR_MALFORMED;
		last_type = rrset.type;
	}
	return rrsets.len == 0 ? OK : ERR_MALFORMED;
}
