/*
 * Frames of the control socket, both directions; network byte order.
 *
 *	0  4  length of what follows, 1 .. FRAME_MAX
 *	4  1  kind
 *	5     payload
 *
 *	CALL      -> JSON object: "verb" and its arguments (calls.def)
 *	REPLY     <- JSON object; "error" and "status" if it failed
 *	REQUEST   -> 4 tag, then request_encode
 *	OUTCOME   <- 4 tag, then outcome (answer_write)
 *	DATA      <- nodes (node_write), as many as fit
 *	PROGRESS  <- 8 done, 8 in all (0: not known)
 *	END       <- JSON object, ends the DATA of a call; as REPLY
 *	OFFER     -> as REQUEST; answered without a slot when all that it adds
 *	             is there already
 *
 * Layer 9; any thread.
 */
#ifndef CONTROL_FRAME_H
#define CONTROL_FRAME_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/reason.h"
#include "base/status.h"
#include "registry/judge.h"
#include "registry/rrset.h"

#include <stdbool.h>
#include <stdint.h>

enum frame_kind {
	FRAME_CALL = 1,
	FRAME_REPLY = 2,
	FRAME_REQUEST = 3,
	FRAME_OUTCOME = 4,
	FRAME_DATA = 5,
	FRAME_PROGRESS = 6,
	FRAME_END = 7,
	FRAME_OFFER = 8,
};

enum {
	FRAME_HEAD = 5,                   /* bytes: length and kind */
	FRAME_MAX = 8 * 1024 * 1024,      /* bytes of kind and payload */
	FRAME_REQUEST_MAX = 1 + 4 + 2 * 1024 * 1024, /* from a client */
	ANSWER_MAX = 16 * 1024,           /* bytes of an OUTCOME's payload */
};

struct frame {
	enum frame_kind kind;
	struct blob payload;
};

/* Head of a frame. @param out FRAME_HEAD bytes. */
void frame_head(uint8_t *out, enum frame_kind kind, size_t payload_len);

/*
 * Look for a whole frame at the start of data.
 * @param most the largest length allowed here. @param used out: its bytes,
 * or when more are needed 0.
 * @return OK (*out valid if *used > 0); ERR_MALFORMED (unknown kind, length 0
 * or above most): close.
 */
MUST_CHECK enum status frame_parse(struct frame *out, struct blob data,
    size_t most, size_t *used);

/* What became of a request. */
struct answer {
	uint32_t tag;
	enum status status; /* of the submission */
	uint16_t rcode;
	uint16_t cause;
	uint32_t at;
	uint64_t slot;
	uint32_t n_changed;  /* names; 0: all was there already */
	uint32_t n_warnings; /* all */
	uint8_t n_kept;      /* in warnings */
	struct reason reason;
	struct warning warnings[OUTCOME_WARNINGS_MAX];
};

/*
 * Payload of an OUTCOME. @param w has room for ANSWER_MAX bytes.
 */
void answer_write(struct writer *w, const struct answer *answer);

/*
 * Read it. @return OK; ERR_MALFORMED.
 */
MUST_CHECK enum status answer_read(struct answer *out, struct blob payload);

/* Bytes that node_write needs. */
size_t node_len(struct blob owner, const struct node *node);

/* Append a node: 1 owner length, owner, 1 flags, 4 length, rrsets. */
void node_write(struct writer *w, struct blob owner, const struct node *node);

/*
 * Take the next node of a DATA payload, checked; blobs point into it.
 * @return OK; ERR_NOT_FOUND at the end; ERR_MALFORMED.
 */
MUST_CHECK enum status node_read(struct reader *r, struct blob *owner,
    struct node *out);

#endif
