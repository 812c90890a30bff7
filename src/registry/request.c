/*
 * Request as bytes, for another process (doc/disk-format.md "Request").
 * Refuses what no door would make: classes that RFC 2136 does not use, names
 * and data that are not well formed. Layer 2; the owner of the arena.
 */
#include "registry/request.h"

#include "base/check.h"
#include "base/reason.h"
#include "dns/rdata.h"
#include "registry/actor.h"
#include "registry/scope.h"

#include <string.h>

enum {
	REQUEST_VERSION = 1,
	/* version, door, time signed, id, two counts */
	REQUEST_HEAD_LEN = 1 + 1 + 8 + HASH_LEN + 2 + 2,
	/* length of owner, type, class, TTL, length of rdata */
	REQUEST_RR_LEN_MIN = 1 + 2 + 2 + 4 + 2,
	/* fudge, count of verdicts; left out when there is neither */
	REQUEST_TAIL_LEN = 2 + 1,
	/* length of owner, id of the verifier, right or wrong */
	VERDICT_LEN_MIN = 1 + 8 + 1,
};

_Static_assert(REQUEST_HEAD_LEN == 46, "as drawn in doc/disk-format.md");
_Static_assert(REQUEST_RRS_MAX <= UINT16_MAX, "counts have two bytes");

/* The two lists of a request, which differ in what class NONE means. */
enum section { SECTION_PREREQ, SECTION_CHANGE };

static size_t
rrs_len(const struct request_rr *rrs, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += REQUEST_RR_LEN_MIN + rrs[i].owner.len +
		    rrs[i].rdata.len;
	return len;
}

static void
write_rrs(struct writer *w, const struct request_rr *rrs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct request_rr *rr = &rrs[i];
		require(rr->owner.len <= OWNER_MAX);
		require(rr->rdata.len <= RDATA_MAX);
		write_u8(w, (uint8_t)rr->owner.len);
		write_bytes(w, rr->owner.data, rr->owner.len);
		write_u16(w, rr->type);
		write_u16(w, rr->rclass);
		write_u32(w, rr->ttl);
		write_u16(w, (uint16_t)rr->rdata.len);
		write_bytes(w, rr->rdata.data, rr->rdata.len);
	}
}

static bool
has_tail(const struct request *request)
{
	return request->fudge_s != 0 || request->n_verdicts != 0;
}

static size_t
tail_len(const struct request *request)
{
	size_t len = REQUEST_TAIL_LEN;

	if (!has_tail(request))
		return 0;
	for (size_t i = 0; i < request->n_verdicts; i++)
		len += VERDICT_LEN_MIN + request->verdicts[i].number.len;
	return len;
}

static void
write_tail(struct writer *w, const struct request *request)
{
	if (!has_tail(request))
		return;
	write_u16(w, request->fudge_s);
	write_u8(w, (uint8_t)request->n_verdicts);
	for (size_t i = 0; i < request->n_verdicts; i++) {
		const struct pin_verdict *verdict = &request->verdicts[i];
		require(verdict->number.len <= OWNER_MAX);
		write_u8(w, (uint8_t)verdict->number.len);
		write_bytes(w, verdict->number.data, verdict->number.len);
		write_u64(w, verdict->verifier);
		write_u8(w, verdict->is_right ? 1 : 0);
	}
}

size_t
request_len(const struct request *request)
{
	return REQUEST_HEAD_LEN + actor_len(&request->actor) +
	    rrs_len(request->prereqs, request->n_prereqs) +
	    rrs_len(request->changes, request->n_changes) +
	    tail_len(request);
}

size_t
request_rr_len(const struct request_rr *rr)
{
	return rrs_len(rr, 1);
}

enum status
request_encode(struct arena *arena, struct blob *out,
    const struct request *request)
{
	if (request->n_prereqs > REQUEST_RRS_MAX ||
	    request->n_changes > REQUEST_RRS_MAX ||
	    request->n_verdicts > REQUEST_VERDICTS_MAX)
		return ERR_TOO_LONG;
	size_t len = request_len(request);
	if (len > REQUEST_BYTES_MAX)
		return ERR_TOO_LONG;

	struct writer w = writer_make(arena_alloc(arena, len), len);
	write_u8(&w, REQUEST_VERSION);
	write_u8(&w, (uint8_t)request->door);
	write_u64(&w, request->time_signed_s);
	write_bytes(&w, request->id.bytes, HASH_LEN);
	write_u16(&w, (uint16_t)request->n_prereqs);
	write_u16(&w, (uint16_t)request->n_changes);
	actor_write(&w, &request->actor);
	write_rrs(&w, request->prereqs, request->n_prereqs);
	write_rrs(&w, request->changes, request->n_changes);
	write_tail(&w, request);
	ensure(!w.bad && writer_len(&w) == len);
	*out = (struct blob){ w.start, len };
	return OK;
}

/* What class, type and rdata may be together (RFC 2136 2.4, 2.5). */
static enum status
check_rr(const struct request_rr *rr, enum section section,
    struct reason *reason)
{
	bool has_data = rr->rclass == CLASS_IN ||
	    (rr->rclass == CLASS_NONE && section == SECTION_CHANGE);

	if (has_data)
		return rdata_check(rr->type, rr->rdata, reason);
	if (rr->rclass != CLASS_ANY && rr->rclass != CLASS_NONE) {
		reason_set(reason, "class %u has no meaning in a request",
		    (unsigned)rr->rclass);
		return ERR_MALFORMED;
	}
	if (rr->rdata.len > 0) {
		reason_set(reason, "a line of class %u has no data",
		    (unsigned)rr->rclass);
		return ERR_MALFORMED;
	}
	return OK;
}

static enum status
read_rr(struct reader *r, struct request_rr *rr, enum section section,
    struct reason *reason)
{
	rr->owner.len = read_u8(r);
	rr->owner.data = reader_take(r, rr->owner.len);
	rr->type = read_u16(r);
	rr->rclass = read_u16(r);
	rr->ttl = read_u32(r);
	rr->rdata.len = read_u16(r);
	rr->rdata.data = reader_take(r, rr->rdata.len);
	if (r->bad) {
		reason_set(reason, "the request ends inside a record");
		return ERR_MALFORMED;
	}
	if (!owner_is_valid(rr->owner)) {
		reason_set(reason, "a name in the request is not well formed");
		return ERR_MALFORMED;
	}
	return check_rr(rr, section, reason);
}

static enum status
read_rrs(struct arena *arena, struct reader *r, const struct request_rr **out,
    size_t n, enum section section, struct reason *reason)
{
	if (n > reader_left(r) / REQUEST_RR_LEN_MIN) {
		reason_set(reason, "the request is shorter than it says");
		return ERR_MALFORMED;
	}
	struct request_rr *rrs = arena_alloc(arena, n * sizeof *rrs);
	for (size_t i = 0; i < n; i++) {
		enum status status = read_rr(r, &rrs[i], section, reason);
		if (status != OK)
			return status;
	}
	*out = rrs;
	return OK;
}

static bool
read_verdict(struct reader *r, struct pin_verdict *verdict)
{
	verdict->number.len = read_u8(r);
	verdict->number.data = reader_take(r, verdict->number.len);
	verdict->verifier = read_u64(r);
	uint8_t is_right = read_u8(r);
	verdict->is_right = is_right == 1;
	return !r->bad && is_right <= 1 &&
	    owner_is_valid(verdict->number) &&
	    name_classify(verdict->number).kind == NAME_NUMBER;
}

/* What is behind the records, if anything is. */
static enum status
read_tail(struct arena *arena, struct reader *r, struct request *out,
    struct reason *reason)
{
	if (reader_left(r) == 0)
		return OK;
	out->fudge_s = read_u16(r);
	out->n_verdicts = read_u8(r);
	bool is_good = !r->bad && has_tail(out) &&
	    out->n_verdicts <= REQUEST_VERDICTS_MAX;
	struct pin_verdict *verdicts = arena_alloc(arena,
	    REQUEST_VERDICTS_MAX * sizeof *verdicts);
	for (size_t i = 0; is_good && i < out->n_verdicts; i++)
		is_good = read_verdict(r, &verdicts[i]);
	if (!is_good) {
		reason_set(reason, "the tail of the request is not well "
		    "formed");
		return ERR_MALFORMED;
	}
	out->verdicts = verdicts;
	return OK;
}

/* Everything in front of the records. */
static enum status
read_head(struct reader *r, struct request *out, struct reason *reason)
{
	uint8_t version = read_u8(r);
	uint8_t door = read_u8(r);

	if (!r->bad && version != REQUEST_VERSION) {
		reason_set(reason, "version %u of the request is not known",
		    (unsigned)version);
		return ERR_MALFORMED;
	}
	out->door = (enum door)door;
	out->time_signed_s = read_u64(r);
	read_bytes(r, out->id.bytes, HASH_LEN);
	out->n_prereqs = read_u16(r);
	out->n_changes = read_u16(r);
	if (door > DOOR_CONSOLE || !actor_read(r, &out->actor)) {
		reason_set(reason, "the head of the request is not well "
		    "formed");
		return ERR_MALFORMED;
	}
	return OK;
}

enum status
request_decode(struct arena *arena, struct request *out, struct blob data,
    struct reason *reason)
{
	struct reader r = reader_make(data.data, data.len);
	struct request request;

	if (data.len > REQUEST_BYTES_MAX) {
		reason_set(reason, "a request has at most %d bytes",
		    REQUEST_BYTES_MAX);
		return ERR_TOO_LONG;
	}
	memset(&request, 0, sizeof request);
	enum status status = read_head(&r, &request, reason);
	if (status == OK)
		status = read_rrs(arena, &r, &request.prereqs,
		    request.n_prereqs, SECTION_PREREQ, reason);
	if (status == OK)
		status = read_rrs(arena, &r, &request.changes,
		    request.n_changes, SECTION_CHANGE, reason);
	if (status == OK)
		status = read_tail(arena, &r, &request, reason);
	if (status != OK)
		return status;
	if (!reader_done(&r)) {
		reason_set(reason, "the request is longer than it says");
		return ERR_MALFORMED;
	}
	*out = request;
	return OK;
}
