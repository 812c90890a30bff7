/*
 * Encoding of control frames. What comes from the other side is checked to the
 * byte. Layer 9; any thread; no state.
 */
#include "control/frame.h"

#include "base/check.h"
#include "dns/name.h"

#include <string.h>

void
frame_head(uint8_t *out, enum frame_kind kind, size_t payload_len)
{
	require(payload_len < FRAME_MAX);
	put_u32(out, (uint32_t)(payload_len + 1));
	out[4] = (uint8_t)kind;
}

enum status
frame_parse(struct frame *out, struct blob data, size_t most, size_t *used)
{
	struct reader r = reader_make(data.data, data.len);

	*used = 0;
	if (data.len < FRAME_HEAD)
		return OK;
	size_t len = read_u32(&r);
	uint8_t kind = read_u8(&r);
	if (len == 0 || len > most || kind < FRAME_CALL || kind > FRAME_OFFER)
		return ERR_MALFORMED;
	if (data.len < 4 + len)
		return OK;
	out->kind = (enum frame_kind)kind;
	out->payload = (struct blob){ data.data + FRAME_HEAD, len - 1 };
	*used = 4 + len;
	return OK;
}

static void
reason_write(struct writer *w, const struct reason *reason)
{
	size_t len = strlen(reason->text);

	write_u16(w, (uint16_t)len);
	write_bytes(w, reason->text, len);
}

static void
reason_read(struct reader *r, struct reason *out)
{
	size_t len = read_u16(r);
	const uint8_t *text = reader_take(r, len);

	out->text[0] = '\0';
	if (text != NULL)
		reason_set(out, "%.*s", (int)len, (const char *)text);
}

_Static_assert(OUTCOME_WARNINGS_MAX * (6 + REASON_CAP) + REASON_CAP + 64 <
    ANSWER_MAX, "an answer with all its warnings fits");

void
answer_write(struct writer *w, const struct answer *answer)
{
	require(answer->n_kept <= OUTCOME_WARNINGS_MAX);
	write_u32(w, answer->tag);
	write_u8(w, (uint8_t)-(int)answer->status);
	write_u16(w, answer->rcode);
	write_u16(w, answer->cause);
	write_u32(w, answer->at);
	write_u64(w, answer->slot);
	write_u32(w, answer->n_changed);
	write_u32(w, answer->n_warnings);
	write_u8(w, answer->n_kept);
	reason_write(w, &answer->reason);
	for (size_t i = 0; i < answer->n_kept; i++) {
		write_u32(w, (uint32_t)answer->warnings[i].change);
		reason_write(w, &answer->warnings[i].reason);
	}
	ensure(!w->bad);
}

enum status
answer_read(struct answer *out, struct blob payload)
{
	struct reader r = reader_make(payload.data, payload.len);

	memset(out, 0, sizeof *out);
	out->tag = read_u32(&r);
	uint8_t status = read_u8(&r);
	out->rcode = read_u16(&r);
	out->cause = read_u16(&r);
	out->at = read_u32(&r);
	out->slot = read_u64(&r);
	out->n_changed = read_u32(&r);
	out->n_warnings = read_u32(&r);
	out->n_kept = read_u8(&r);
	if (status >= STATUS_COUNT || out->n_kept > OUTCOME_WARNINGS_MAX)
		return ERR_MALFORMED;
	out->status = (enum status)-(int)status;
	reason_read(&r, &out->reason);
	for (size_t i = 0; i < out->n_kept; i++) {
		out->warnings[i].change = read_u32(&r);
		reason_read(&r, &out->warnings[i].reason);
	}
	return reader_done(&r) ? OK : ERR_MALFORMED;
}

size_t
node_len(struct blob owner, const struct node *node)
{
	return 1 + owner.len + 1 + 4 + node->rrsets.len;
}

void
node_write(struct writer *w, struct blob owner, const struct node *node)
{
	write_u8(w, (uint8_t)owner.len);
	write_bytes(w, owner.data, owner.len);
	write_u8(w, node->flags);
	write_u32(w, (uint32_t)node->rrsets.len);
	write_bytes(w, node->rrsets.data, node->rrsets.len);
}

enum status
node_read(struct reader *r, struct blob *owner, struct node *out)
{
	if (reader_done(r))
		return ERR_NOT_FOUND;
	struct blob name;
	struct node node;
	name.len = read_u8(r);
	name.data = reader_take(r, name.len);
	node.flags = read_u8(r);
	node.rrsets.len = read_u32(r);
	node.rrsets.data = reader_take(r, node.rrsets.len);
	if (r->bad || !owner_is_valid(name) ||
	    rrsets_check(node.rrsets) != OK)
		return ERR_MALFORMED;
	*owner = name;
	*out = node;
	return OK;
}
