/*
 * The TSIG record, read and written without keys. RFC 8945 4.2, 5.2, 5.3.2.
 * Layer 1; any thread.
 */
#include "dns/tsig.h"

#include "dns/rdata.h"

enum { TSIG_FIXED = 16 }; /* bytes of rdata without names, MAC, other data */

enum status
tsig_read(struct tsig *out, const uint8_t *message, size_t len, size_t offset)
{
	struct tsig tsig;
	size_t pos = offset;

	if (dname_read(&tsig.key, message, len, &pos) != OK)
		return ERR_MALFORMED;
	struct reader r = reader_make(message + pos, len - pos);
	uint16_t type = read_u16(&r);
	uint16_t class_ = read_u16(&r);
	uint32_t ttl = read_u32(&r);
	uint16_t rdlen = read_u16(&r);
	if (r.bad || reader_left(&r) != rdlen || type != TYPE_TSIG ||
	    class_ != CLASS_ANY || ttl != 0)
		return ERR_MALFORMED;
	pos = len - rdlen;
	if (dname_read(&tsig.algorithm, message, len, &pos) != OK)
		return ERR_MALFORMED;
	r = reader_make(message + pos, len - pos);
	tsig.time_signed_s = (uint64_t)read_u16(&r) << 32;
	tsig.time_signed_s |= read_u32(&r);
	tsig.fudge_s = read_u16(&r);
	tsig.mac.len = read_u16(&r);
	tsig.mac.data = reader_take(&r, tsig.mac.len);
	tsig.original_id = read_u16(&r);
	tsig.error = read_u16(&r);
	tsig.other.len = read_u16(&r);
	tsig.other.data = reader_take(&r, tsig.other.len);
	if (!reader_done(&r))
		return ERR_MALFORMED;
	*out = tsig;
	return OK;
}

void
tsig_write_error(struct writer *w, const struct tsig *query, uint16_t error)
{
	write_bytes(w, query->key.bytes, query->key.len);
	write_u16(w, TYPE_TSIG);
	write_u16(w, CLASS_ANY);
	write_u32(w, 0);
	write_u16(w, (uint16_t)(query->algorithm.len + TSIG_FIXED));
	write_bytes(w, query->algorithm.bytes, query->algorithm.len);
	write_u16(w, (uint16_t)(query->time_signed_s >> 32));
	write_u32(w, (uint32_t)query->time_signed_s);
	write_u16(w, query->fudge_s);
	write_u16(w, 0);
	write_u16(w, query->original_id);
	write_u16(w, error);
	write_u16(w, 0);
}
