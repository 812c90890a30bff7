/*
 * Building of rows. Layer 6; any thread.
 */
#include "zonefile/row.h"

#include "base/check.h"
#include "dns/rdata.h"

#include <string.h>

void
row_add(struct row *row, struct arena *arena, struct blob owner, uint16_t type,
    uint32_t ttl, struct blob rdata, uint32_t column)
{
	require(row->n < ROW_RRS_MAX);
	row->columns[row->n] = column;
	row->rrs[row->n++] = (struct request_rr){
		.owner = { arena_copy(arena, owner.data, owner.len),
		    owner.len },
		.type = type,
		.rclass = CLASS_IN,
		.ttl = ttl,
		.rdata = { arena_copy(arena, rdata.data, rdata.len),
		    rdata.len },
	};
}

enum status
row_add_attribute(struct row *row, struct arena *arena, struct blob owner,
    uint32_t ttl, const char *attribute, struct blob value, uint32_t column)
{
	uint8_t rdata[1 + ROW_TEXT_MAX];
	size_t name_len = strlen(attribute);

	if (name_len + 1 + value.len > ROW_TEXT_MAX)
		return ERR_TOO_LONG;
	struct writer w = writer_make(rdata, sizeof rdata);
	write_u8(&w, (uint8_t)(name_len + 1 + value.len));
	write_bytes(&w, attribute, name_len);
	write_u8(&w, '=');
	write_bytes(&w, value.data, value.len);
	ensure(!w.bad);
	row_add(row, arena, owner, TYPE_TXT, ttl,
	    (struct blob){ rdata, writer_len(&w) }, column);
	return OK;
}
