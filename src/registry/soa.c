/*
 * Serial in and out of SOA rdata (RFC 1035 3.3.13). Layer 2; any thread.
 */
#include "registry/soa.h"

#include "base/check.h"
#include "dns/name.h"

static size_t
serial_offset(struct blob rdata)
{
	size_t mname = dname_check(rdata.data, rdata.len);
	require(mname > 0);
	size_t rname = dname_check(rdata.data + mname, rdata.len - mname);
	require(rname > 0 && rdata.len - mname - rname == 20);
	return mname + rname;
}

uint32_t
soa_serial(struct blob rdata)
{
	size_t at = serial_offset(rdata);
	struct reader r = reader_make(rdata.data + at, 4);

	return read_u32(&r);
}

struct blob
soa_without_serial(struct arena *arena, struct blob rdata)
{
	uint8_t *copy = arena_copy(arena, rdata.data, rdata.len);

	put_u32(copy + serial_offset(rdata), 0);
	return (struct blob){ .data = copy, .len = rdata.len };
}
