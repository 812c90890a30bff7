/*
 * Encoding of verifiers and tries, their owners, and how long a pause is.
 * Layer 2; any thread.
 */
#include "registry/pin.h"

#include "base/check.h"
#include "registry/rrset.h"

#include <string.h>

enum {
	PIN_LAYOUT = 1,
	TRIES_LAYOUT = 1,
	OCN_LEN = 4,
	MINUTE_MS = 60 * 1000,
	DAY_MS = 24 * 60 * MINUTE_MS,
	FORGET_DAYS = 30,
};
_Static_assert(PIN_RDATA_LEN == 1 + 4 + 4 + PIN_SALT_LEN + PIN_HASH_LEN,
    "as drawn");
_Static_assert(TRIES_RDATA_LEN == 1 + OCN_LEN + 4 + 8, "as drawn");

static const uint8_t pin_top[] = "\11_registry\4_pin";
static const uint8_t tries_top[] = "\11_registry\6_tries";

bool
pin_is_valid(struct blob pin)
{
	if (pin.len < PIN_MIN || pin.len > PIN_MAX)
		return false;
	for (size_t i = 0; i < pin.len; i++) {
		if (pin.data[i] < 0x21 || pin.data[i] > 0x7e)
			return false;
	}
	return true;
}

static void
owner_below(struct owner *out, const uint8_t *top, size_t len,
    struct blob number)
{
	require(number.len <= 2 * 15);
	memcpy(out->bytes, top, len);
	memcpy(out->bytes + len, number.data, number.len);
	out->len = (uint8_t)(len + number.len);
}

void
pin_owner(struct owner *out, struct blob number)
{
	owner_below(out, pin_top, sizeof pin_top - 1, number);
}

void
tries_owner(struct owner *out, struct blob number)
{
	owner_below(out, tries_top, sizeof tries_top - 1, number);
}

void
pin_encode(uint8_t *out, const struct pin_record *pin)
{
	require(pin_id(pin) != 0);
	out[0] = PIN_LAYOUT;
	put_u32(out + 1, pin->memory_kib);
	put_u32(out + 5, pin->passes);
	memcpy(out + 9, pin->salt, PIN_SALT_LEN);
	memcpy(out + 9 + PIN_SALT_LEN, pin->hash, PIN_HASH_LEN);
}

enum status
pin_decode(struct pin_record *out, struct blob rdata)
{
	struct reader r = reader_make(rdata.data, rdata.len);
	struct pin_record pin = { .memory_kib = 0 };

	unsigned layout = read_u8(&r);
	if (!r.bad && layout != PIN_LAYOUT)
		return layout > PIN_LAYOUT ? ERR_NEWER : ERR_MALFORMED;
	pin.memory_kib = read_u32(&r);
	pin.passes = read_u32(&r);
	read_bytes(&r, pin.salt, PIN_SALT_LEN);
	read_bytes(&r, pin.hash, PIN_HASH_LEN);
	if (!reader_done(&r) || pin.memory_kib == 0 || pin.passes == 0 ||
	    pin_id(&pin) == 0)
		return ERR_MALFORMED;
	*out = pin;
	return OK;
}

enum status
pin_read(struct pin_record *out, struct blob rrsets)
{
	struct rrset rrset;
	struct blob rdata;

	if (!rrset_find(rrsets, TYPE_PIN_RECORD, &rrset))
		return ERR_NOT_FOUND;
	if (rrset.count != 1 || !rrset_next_rdata(&rrset.rdatas, &rdata))
		return ERR_MALFORMED;
	return pin_decode(out, rdata);
}

uint64_t
pin_id(const struct pin_record *pin)
{
	struct reader r = reader_make(pin->salt, PIN_SALT_LEN);

	return read_u64(&r);
}

void
tries_encode(uint8_t *out, const struct tries_record *tries)
{
	require(strlen(tries->ocn) == OCN_LEN);
	out[0] = TRIES_LAYOUT;
	memcpy(out + 1, tries->ocn, OCN_LEN);
	put_u32(out + 5, tries->wrong);
	put_u32(out + 9, (uint32_t)(tries->last_ms >> 32));
	put_u32(out + 13, (uint32_t)tries->last_ms);
}

enum status
tries_decode(struct tries_record *out, struct blob rdata)
{
	struct reader r = reader_make(rdata.data, rdata.len);
	struct tries_record tries = { .wrong = 0 };

	unsigned layout = read_u8(&r);
	if (!r.bad && layout != TRIES_LAYOUT)
		return layout > TRIES_LAYOUT ? ERR_NEWER : ERR_MALFORMED;
	read_bytes(&r, tries.ocn, OCN_LEN);
	tries.wrong = read_u32(&r);
	tries.last_ms = read_u64(&r);
	if (!reader_done(&r) || strlen(tries.ocn) != OCN_LEN)
		return ERR_MALFORMED;
	*out = tries;
	return OK;
}

uint64_t
tries_until_ms(const struct tries_record *tries)
{
	uint64_t pause_ms = MINUTE_MS;

	if (tries->wrong <= TRIES_FREE)
		return 0;
	for (uint32_t i = TRIES_FREE + 1;
	     i < tries->wrong && pause_ms < DAY_MS; i++)
		pause_ms *= 2;
	return tries->last_ms + (pause_ms < DAY_MS ? pause_ms : DAY_MS);
}

bool
tries_is_old(const struct tries_record *tries, uint64_t now_ms)
{
	return tries->last_ms + (uint64_t)FORGET_DAYS * DAY_MS < now_ms;
}

uint32_t
tries_find(struct tries_record *out, struct blob rrsets, const char *ocn,
    uint64_t now_ms)
{
	struct rrset rrset;
	struct blob rdata;
	uint64_t sum = 0;

	*out = (struct tries_record){ .wrong = 0 };
	memcpy(out->ocn, ocn, strnlen(ocn, OCN_LEN));
	if (!rrset_find(rrsets, TYPE_TRIES_RECORD, &rrset))
		return 0;
	while (rrset_next_rdata(&rrset.rdatas, &rdata)) {
		struct tries_record tries;
		if (tries_decode(&tries, rdata) != OK ||
		    tries_is_old(&tries, now_ms))
			continue;
		sum += tries.wrong;
		if (strcmp(tries.ocn, ocn) == 0)
			*out = tries;
	}
	return sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}
