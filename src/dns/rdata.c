/*
 * Rdata, driven by the layouts of dns/rr.def: one function knows how long a
 * field is and what its bytes must be; check, reading from a message and
 * equality walk the layout with it. Refuses what does not fit its layout;
 * types that are not in the table are opaque. Layer 1; any thread.
 * RFC 1035 3.3, RFC 3597 4, RFC 2136 1.1.
 */
#include "dns/rdata.h"

#include "base/check.h"
#include "base/reason.h"

#include <string.h>

struct rr_row {
	const char *mnemonic;
	const char *layout;
};

/* By type; types above the last row are unknown. */
static const struct rr_row rows[] = {
#define RR(name, number, layout) [number] = { #name, layout },
#include "dns/rr.def"
#undef RR
};

enum {
	ROW_COUNT = sizeof rows / sizeof rows[0],
	FIELD_BAD = -1,
	LOC_LEN = 16, /* bytes, RFC 1876 2 */
};

/* RFC 1876 2: thousandths of a second of arc, 2^31 is the equator. */
static const int64_t loc_middle = INT64_C(1) << 31;
static const int64_t loc_latitude_max = INT64_C(90) * 3600 * 1000;
static const int64_t loc_longitude_max = INT64_C(180) * 3600 * 1000;

const char *
rdata_layout(uint16_t type)
{
	return type < ROW_COUNT ? rows[type].layout : NULL;
}

const char *
rdata_mnemonic(uint16_t type)
{
	return type < ROW_COUNT ? rows[type].mnemonic : NULL;
}

bool
rdata_has_names(uint16_t type)
{
	const char *layout = rdata_layout(type);

	return layout != NULL && strpbrk(layout, "Nn") != NULL;
}

bool
rdata_is_meta(uint16_t type)
{
	return type == 0 || type == TYPE_OPT || (type >= 128 && type <= 255) ||
	    type == UINT16_MAX;
}

static ptrdiff_t
len_fixed(struct blob data, size_t len)
{
	return data.len >= len ? (ptrdiff_t)len : FIELD_BAD;
}

static ptrdiff_t
len_name(struct blob data)
{
	size_t len = dname_check(data.data, data.len);
	return len > 0 ? (ptrdiff_t)len : FIELD_BAD;
}

static ptrdiff_t
len_string(struct blob data)
{
	if (data.len == 0)
		return FIELD_BAD;
	return len_fixed(data, (size_t)1 + data.data[0]);
}

static ptrdiff_t
len_strings(struct blob data)
{
	struct blob rest = data;

	do {
		ptrdiff_t len = len_string(rest);
		if (len == FIELD_BAD)
			return FIELD_BAD;
		rest.data += len;
		rest.len -= (size_t)len;
	} while (rest.len > 0);
	return (ptrdiff_t)data.len;
}

static bool
is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') ||
	    (dns_lower(c) >= 'a' && dns_lower(c) <= 'z');
}

/* RFC 8659 4.1: the property tag has at least one letter or digit. */
static ptrdiff_t
len_tag(struct blob data)
{
	ptrdiff_t len = len_string(data);

	if (len < 2)
		return FIELD_BAD;
	for (ptrdiff_t i = 1; i < len; i++) {
		if (!is_alnum(data.data[i]))
			return FIELD_BAD;
	}
	return len;
}

/* Digit and power of ten of a LOC size, each 0..9. */
static bool
loc_size_is_valid(uint8_t size)
{
	return size >> 4 <= 9 && (size & 0x0f) <= 9;
}

static bool
loc_angle_is_valid(uint32_t angle, int64_t max)
{
	int64_t from_middle = (int64_t)angle - loc_middle;
	return from_middle >= -max && from_middle <= max;
}

/* RFC 1876 2: version 0, size and precisions, latitude, longitude, altitude. */
static ptrdiff_t
len_loc(struct blob data)
{
	struct reader r = reader_make(data.data, data.len);
	uint8_t version = read_u8(&r);
	uint8_t size = read_u8(&r);
	uint8_t horizontal = read_u8(&r);
	uint8_t vertical = read_u8(&r);
	uint32_t latitude = read_u32(&r);
	uint32_t longitude = read_u32(&r);
	(void)read_u32(&r);

	if (r.bad || version != 0 || !loc_size_is_valid(size) ||
	    !loc_size_is_valid(horizontal) || !loc_size_is_valid(vertical) ||
	    !loc_angle_is_valid(latitude, loc_latitude_max) ||
	    !loc_angle_is_valid(longitude, loc_longitude_max))
		return FIELD_BAD;
	return LOC_LEN;
}

static ptrdiff_t
len_svc_params(struct blob data)
{
	struct reader r = reader_make(data.data, data.len);
	int last_key = -1;

	while (reader_left(&r) > 0) {
		int key = read_u16(&r);
		uint16_t len = read_u16(&r);
		(void)reader_take(&r, len);
		if (key <= last_key)
			return FIELD_BAD;
		last_key = key;
	}
	return r.bad ? FIELD_BAD : (ptrdiff_t)data.len;
}

/*
 * Length of the field at the front of data.
 * @return FIELD_BAD if it is not there or not as its letter says.
 */
static ptrdiff_t
field_len(char letter, struct blob data)
{
	switch (letter) {
	case '1':
	case '2':
	case '4':
	case '6':
		return len_fixed(data, (size_t)(letter - '0'));
	case 'a':
		return len_fixed(data, 4);
	case 'q':
		return len_fixed(data, 16);
	case 'N':
	case 'n':
	case 'l':
		return len_name(data);
	case 's':
		return len_string(data);
	case 't':
		return len_strings(data);
	case 'g':
		return len_tag(data);
	case 'x':
		return (ptrdiff_t)data.len;
	case 'X':
	case 'U':
		return data.len > 0 ? (ptrdiff_t)data.len : FIELD_BAD;
	case 'L':
		return len_loc(data);
	case 'P':
		return len_svc_params(data);
	default:
		never("a letter that dns/rr.def does not explain");
	}
}

struct rdata_walk
rdata_walk_make(uint16_t type, struct blob rdata)
{
	const char *layout = rdata_layout(type);

	return (struct rdata_walk){ .layout = layout != NULL ? layout : "x",
		.rest = rdata };
}

bool
rdata_next_field(struct rdata_walk *walk, struct rdata_field *out)
{
	char letter = *walk->layout;

	if (letter == '\0')
		return false;
	ptrdiff_t len = field_len(letter, walk->rest);
	if (len == FIELD_BAD)
		return false;
	out->letter = letter;
	out->data = (struct blob){ walk->rest.data, (size_t)len };
	if (len > 0)
		walk->rest.data += len;
	walk->rest.len -= (size_t)len;
	walk->layout++;
	return true;
}

bool
rdata_walk_done(const struct rdata_walk *walk)
{
	return *walk->layout == '\0' && walk->rest.len == 0;
}

static enum status
say_malformed(struct reason *reason, uint16_t type, size_t at)
{
	const char *mnemonic = rdata_mnemonic(type);

	if (mnemonic != NULL)
		reason_set(reason, "the data of the %s record is not well "
		    "formed at byte %zu", mnemonic, at);
	else
		reason_set(reason, "the data of the TYPE%u record is not well "
		    "formed at byte %zu", (unsigned)type, at);
	return ERR_MALFORMED;
}

enum status
rdata_check(uint16_t type, struct blob rdata, struct reason *reason)
{
	struct rdata_walk walk = rdata_walk_make(type, rdata);
	struct rdata_field field;

	if (rdata_is_meta(type)) {
		reason_set(reason, "type %u is for queries and messages, not "
		    "for records", (unsigned)type);
		return ERR_MALFORMED;
	}
	if (rdata.len > RDATA_MAX)
		return say_malformed(reason, type, RDATA_MAX);
	while (rdata_next_field(&walk, &field))
		continue;
	if (!rdata_walk_done(&walk))
		return say_malformed(reason, type, rdata.len - walk.rest.len);
	return OK;
}

enum status
rdata_read(uint8_t *out, size_t cap, size_t *out_len, uint16_t type,
    const uint8_t *message, size_t message_len, size_t offset, size_t len)
{
	if (offset > message_len || len > message_len - offset ||
	    rdata_is_meta(type))
		return ERR_MALFORMED;

	struct blob rest = { .data = message + offset, .len = len };
	struct rdata_walk walk = rdata_walk_make(type, rest);
	struct writer w = writer_make(out, cap);
	size_t end = offset + len;
	for (; *walk.layout != '\0'; walk.layout++) {
		struct dname name;
		struct blob field = rest;
		size_t next = offset;
		if (*walk.layout == 'N' || *walk.layout == 'n') {
			/* The name itself ends inside the rdata. */
			if (dname_read(&name, message, end, &next) != OK)
				return ERR_MALFORMED;
			field = (struct blob){ name.bytes, name.len };
		} else {
			ptrdiff_t used = field_len(*walk.layout, rest);
			if (used == FIELD_BAD)
				return ERR_MALFORMED;
			field.len = (size_t)used;
			next += field.len;
		}
		write_bytes(&w, field.data, field.len);
		offset = next;
		rest = (struct blob){ message + offset, end - offset };
	}
	if (rest.len > 0)
		return ERR_MALFORMED;
	if (w.bad)
		return ERR_NO_ROOM;
	*out_len = writer_len(&w);
	return OK;
}

static bool
equal_nocase(struct blob a, struct blob b)
{
	for (size_t i = 0; i < a.len; i++) {
		if (dns_lower(a.data[i]) != dns_lower(b.data[i]))
			return false;
	}
	return true;
}

bool
rdata_equal(uint16_t type, struct blob a, struct blob b)
{
	if (a.len != b.len)
		return false;
	if (blob_equal(a, b))
		return true;
	if (!rdata_has_names(type) || !equal_nocase(a, b))
		return false;

	/* They differ in case: is it in names only? */
	struct rdata_walk walk = rdata_walk_make(type, a);
	struct rdata_field field;
	while (rdata_next_field(&walk, &field)) {
		if (field.letter == 'N' || field.letter == 'n')
			continue;
		struct blob other = { b.data + (field.data.data - a.data),
			field.data.len };
		if (!blob_equal(field.data, other))
			return false;
	}
	return rdata_walk_done(&walk);
}
