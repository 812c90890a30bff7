/*
 * Bundles to the registry and their answers. A refusal names one record: its
 * row is said and left out, the rows before and behind it are sent again; a
 * request that is too large for one changeset goes in halves. Layer 10; one
 * thread.
 */
#include "cmd/importer.h"

#include "base/check.h"
#include "dns/rdata.h"
#include "registry/cause.h"
#include "sec/sec.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	BUSY_TRIES = 600, /* of one request, BUSY_MS apart */
	BUSY_MS = 50,
	SOA_TRIES = 8,
	SOA_FIXED = 20,   /* bytes of numbers at the end of an SOA */
};

void
importer_fault(struct importer *importer, const struct row_fault *fault)
{
	progress_clear(&importer->progress);
	importer->n_faults++;
	if (importer->n_faults > IMPORT_FAULTS_MAX)
		return;
	if (fault->line == 0)
		fprintf(stderr, "%s: %s\n", fault->path, fault->reason.text);
	else
		fprintf(stderr, "%s:%" PRIu64 ":%u: %s\n", fault->path,
		    fault->line, (unsigned)fault->column, fault->reason.text);
}

static void
importer_fail(struct importer *importer, enum status status)
{
	if (importer->failure == OK)
		importer->failure = status;
}

/* @return OK with *out in the request arena; else reason is set. */
static enum status
make_request(struct importer *importer, struct blob *out,
    const struct request_rr *rrs, size_t n)
{
	struct request request = { .door = DOOR_CONTROL, .changes = rrs,
		.n_changes = n };

	request.actor.role = ROLE_AUTHORITY;
	sec_random(request.id.bytes, sizeof request.id.bytes);
	arena_reset(&importer->request_arena);
	enum status status = request_encode(&importer->request_arena, out,
	    &request);
	if (status != OK)
		reason_set(&importer->reason, "a request could not be made: "
		    "%s", status_text(status));
	return status;
}

static void
send_now(struct importer *importer, struct bundle *bundle)
{
	struct blob bytes;
	uint32_t tag = 0;
	size_t n = 0;

	while (importer->bundles[tag] != bundle)
		tag++;
	const struct request_rr *rrs = bundle_rrs(bundle, &n);
	enum status status = make_request(importer, &bytes, rrs, n);
	if (status == OK)
		status = client_send_offer(importer->client, tag, bytes,
		    &importer->reason);
	if (status != OK)
		importer_fail(importer, status);
}

void
importer_send(struct importer *importer, struct bundle *bundle)
{
	bundle_close(bundle);
	if (!bundle_next(bundle))
		return;
	bundle->is_sent = true;
	importer->n_sent++;
	send_now(importer, bundle);
}

/* The range is dealt with: the next one, or the bundle is free again. */
static void
go_on(struct importer *importer, struct bundle *bundle)
{
	if (importer->failure == OK && !importer->is_stopped &&
	    bundle_next(bundle)) {
		send_now(importer, bundle);
		return;
	}
	importer->n_sent--;
	bundle_reset(bundle);
}

static void
say_warnings(struct importer *importer, const struct bundle *bundle,
    const struct answer *answer)
{
	for (size_t i = 0; i < answer->n_kept; i++) {
		uint32_t column = 1;
		if (!warned_is_new(&importer->warned,
		    answer->warnings[i].reason.text))
			continue;
		uint32_t row = bundle_row_at(bundle, answer->warnings[i].change,
		    &column);
		progress_clear(&importer->progress);
		fprintf(stderr, "%s:%" PRIu64 ":%u: warning: %s\n",
		    bundle->paths[row], bundle->lines[row], (unsigned)column,
		    answer->warnings[i].reason.text);
	}
	importer->n_warnings += answer->n_warnings;
}

static void
say_refusal(struct importer *importer, const struct bundle *bundle,
    const struct answer *answer, uint32_t *row)
{
	struct row_fault fault;
	const char *words = cause_text((enum cause)answer->cause);

	*row = bundle_row_at(bundle, answer->at, &fault.column);
	fault.path = bundle->paths[*row];
	fault.line = bundle->lines[*row];
	reason_set(&fault.reason, "refused: %s [%s]", answer->reason.text[0] !=
	    '\0' ? answer->reason.text : words,
	    cause_id((enum cause)answer->cause));
	importer_fault(importer, &fault);
}

static void
take_refusal(struct importer *importer, struct bundle *bundle,
    const struct answer *answer)
{
	uint32_t row = 0;

	if (answer->cause == CAUSE_TOO_LARGE &&
	    bundle->now.to - bundle->now.from > 1) {
		bundle_split(bundle);
		return;
	}
	say_refusal(importer, bundle, answer, &row);
	if (importer->keeps_going)
		bundle_drop(bundle, row);
	else
		importer->is_stopped = true;
}

/* The registry could not decide now. @return true: it was sent again. */
static bool
try_again(struct importer *importer, struct bundle *bundle,
    const struct answer *answer)
{
	const struct timespec pause = { .tv_nsec = BUSY_MS * 1000000L };

	if (answer->status == ERR_TOO_LONG &&
	    bundle->now.to - bundle->now.from > 1) {
		bundle_split(bundle);
		return false;
	}
	if (answer->status != ERR_BUSY || bundle->n_tries >= BUSY_TRIES ||
	    importer->failure != OK) {
		if (importer->failure == OK)
			importer->reason = answer->reason;
		importer_fail(importer, answer->status);
		return false;
	}
	bundle->n_tries++;
	nanosleep(&pause, NULL);
	send_now(importer, bundle);
	return true;
}

/* The range is in the registry. */
static void
count_range(struct importer *importer, const struct bundle *bundle,
    const struct answer *answer)
{
	uint32_t n_rows = bundle->now.to - bundle->now.from;
	size_t n_records = 0;

	(void)bundle_rrs(bundle, &n_records);
	importer->n_records += n_records;
	importer->n_durable += n_rows;
	if (answer->n_changed > 0)
		return;
	importer->n_there += n_rows;
	progress_pass(&importer->progress, n_rows, importer->n_durable,
	    bundle->end_bytes);
}

static void
take_answer(struct importer *importer, const struct answer *answer)
{
	struct bundle *bundle = importer->bundles[answer->tag];

	if (answer->status != OK) {
		if (!try_again(importer, bundle, answer))
			go_on(importer, bundle);
		return;
	}
	if (answer->slot > importer->slot)
		importer->slot = answer->slot;
	if (answer->rcode == 0) {
		say_warnings(importer, bundle, answer);
		count_range(importer, bundle, answer);
	} else {
		take_refusal(importer, bundle, answer);
	}
	go_on(importer, bundle);
}

static enum status
next_answer(struct importer *importer, struct answer *answer)
{
	struct frame frame;

	enum status status = client_next(importer->client, &frame,
	    &importer->reason);
	if (status != OK)
		return status;
	if (frame.kind == FRAME_REPLY) {
		struct message *message = NULL;
		status = client_reply(&frame, &message, &importer->reason);
		message_destroy(message);
		if (status != OK)
			return status;
	}
	if (frame.kind == FRAME_OUTCOME &&
	    answer_read(answer, frame.payload) == OK)
		return OK;
	reason_set(&importer->reason, "e164d gave an answer that is not "
	    "understood");
	return ERR_MALFORMED;
}

void
importer_receive(struct importer *importer)
{
	struct answer answer;

	enum status status = next_answer(importer, &answer);
	if (status == OK && (answer.tag > IMPORT_WINDOW ||
	    !importer->bundles[answer.tag]->is_sent)) {
		reason_set(&importer->reason, "e164d answered what was not "
		    "asked");
		status = ERR_MALFORMED;
	}
	if (status == OK) {
		take_answer(importer, &answer);
		return;
	}
	/* nothing more will come: what is on its way is not known */
	importer_fail(importer, status);
	importer->n_sent = 0;
}

/* --------------------------------------------------------------------- SOA */

struct soa_search {
	struct arena arena;
	struct blob rdata; /* serial 0; len 0: none */
	uint32_t ttl;
};

static enum status
take_apex(void *arg, struct blob payload)
{
	struct soa_search *search = arg;
	struct reader r = reader_make(payload.data, payload.len);
	struct blob owner;
	struct node node;
	struct rrset soa;
	struct blob rdata;

	enum status status = node_read(&r, &owner, &node);
	if (status == OK && rrset_find(node.rrsets, TYPE_SOA, &soa) &&
	    rrset_next_rdata(&soa.rdatas, &rdata)) {
		search->ttl = soa.ttl;
		search->rdata.data = arena_copy(&search->arena, rdata.data,
		    rdata.len);
		search->rdata.len = rdata.len;
	}
	return status;
}

/* The zone's SOA is as the file's, the serial aside. */
static enum status
soa_is_settled(struct importer *importer, bool *is_settled)
{
	struct soa_search search = { .ttl = 0 };
	const struct client_sink sink = { .arg = &search, .data = take_apex };
	struct message *call = message_create();
	char apex[NAME_TEXT_MAX];
	const struct blob *mine = &importer->soa.rdata;

	arena_init(&search.arena);
	message_set_text(call, "verb", "get");
	message_append_text(call, "names", dname_format(apex, sizeof apex,
	    &importer->apex));
	enum status status = client_stream(importer->client, call, &sink,
	    &importer->reason);
	message_destroy(call);
	*is_settled = status == OK && search.rdata.len == mine->len &&
	    mine->len > SOA_FIXED && search.ttl == importer->soa.ttl &&
	    memcmp(search.rdata.data, mine->data, mine->len - SOA_FIXED) == 0 &&
	    memcmp(search.rdata.data + mine->len - SOA_FIXED + 4,
	    mine->data + mine->len - SOA_FIXED + 4, SOA_FIXED - 4) == 0;
	arena_fini(&search.arena);
	return status;
}

/* An SOA counts only with a newer serial (RFC 2136 3.4.2.2): the next one. */
static enum status
send_soa(struct importer *importer, struct answer *answer)
{
	struct request_rr rr = importer->soa;
	struct blob bytes;
	struct dname apex;
	uint32_t serial = 0;

	enum status status = tool_zone(importer->tool, &apex, &serial,
	    &importer->reason);
	if (status != OK)
		return status;
	uint8_t *rdata = arena_copy(&importer->soa_arena, rr.rdata.data,
	    rr.rdata.len);
	put_u32(rdata + rr.rdata.len - SOA_FIXED, serial_next(serial));
	rr.rdata.data = rdata;
	status = make_request(importer, &bytes, &rr, 1);
	if (status == OK)
		status = client_send_request(importer->client, 0, bytes,
		    &importer->reason);
	return status == OK ? next_answer(importer, answer) : status;
}

void
importer_settle_soa(struct importer *importer)
{
	struct answer answer = { .status = OK };
	bool is_settled = false;

	for (unsigned i = 0; i < SOA_TRIES; i++) {
		enum status status = soa_is_settled(importer, &is_settled);
		if (status == OK && is_settled)
			return;
		if (status == OK)
			status = send_soa(importer, &answer);
		if (status == OK)
			status = answer.status;
		if (status != OK) {
			importer_fail(importer, status);
			return;
		}
		if (answer.slot > importer->slot)
			importer->slot = answer.slot;
		if (answer.rcode == 0)
			continue;
		struct row_fault fault = { .path = importer->soa_path,
			.line = importer->soa_line, .column = 1 };
		reason_set(&fault.reason, "refused: %s", answer.reason.text);
		importer_fault(importer, &fault);
		return;
	}
	reason_set(&importer->reason, "the SOA could not be set: other "
	    "changes came in between; repeat the import");
	importer_fail(importer, ERR_BUSY);
}
