/*
 * The OPT record, both ways. RFC 6891 6.1, RFC 8914 2. Layer 1; any thread.
 */
#include "dns/edns.h"

#include "dns/rdata.h"

enum { OPTION_EXTENDED_ERROR = 15 }; /* RFC 8914 2 */

enum status
edns_read(struct edns *out, uint16_t class_, uint32_t ttl, struct blob options)
{
	struct reader r = reader_make(options.data, options.len);

	out->is_present = true;
	out->version = (uint8_t)(ttl >> 16);
	out->flags = (uint16_t)ttl;
	/* 6.2.3: values below 512 MUST be treated as 512. */
	out->udp_size = class_ < EDNS_UDP_PLAIN ? EDNS_UDP_PLAIN : class_;
	while (reader_left(&r) > 0) {
		read_u16(&r);
		reader_take(&r, read_u16(&r));
	}
	return r.bad ? ERR_MALFORMED : OK;
}

void
edns_write(struct writer *w, const struct edns *query, uint16_t rcode,
    enum edns_error error, struct blob text)
{
	uint32_t ttl = (uint32_t)(rcode >> 4) << 24 |
	    (uint32_t)EDNS_VERSION << 16 | (query->flags & EDNS_FLAG_DO);

	write_u8(w, 0);
	write_u16(w, TYPE_OPT);
	write_u16(w, EDNS_UDP_SIZE);
	write_u32(w, ttl);
	if (error == EDNS_ERROR_NONE) {
		write_u16(w, 0);
		return;
	}
	write_u16(w, (uint16_t)(EDNS_ERROR_LEN + text.len));
	write_u16(w, OPTION_EXTENDED_ERROR);
	write_u16(w, (uint16_t)(2 + text.len));
	write_u16(w, (uint16_t)error);
	write_bytes(w, text.data, text.len);
}
