/*
 * The client side: signed messages to a registrar over TCP, from anywhere a
 * carrier's key is. Answers that are not signed with our key are not believed.
 * A message without an answer is sent once more, byte for byte: the registrar
 * knows its receipt (RFC 2136 5). Layer 10; one thread.
 */
#ifndef CMD_REMOTE_H
#define CMD_REMOTE_H

#include "base/bytes.h"
#include "base/reason.h"
#include "base/status.h"
#include "cmd/tool.h"
#include "dns/message.h"
#include "dns/name.h"
#include "dns/tsig.h"
#include "net/net.h"

#include <stdint.h>

enum {
	REMOTE_TIMEOUT_MS = 5000, /* for one answer */
	REMOTE_WORDS_MAX = 512,   /* bytes of a reason, with NUL */
};

struct remote {
	struct net_address address;
	char text[NET_ADDRESS_TEXT]; /* of the address */
	struct tsig_key key;
	struct dname zone;
	char role[16]; /* of our key: "carrier" */
	char ocn[5];   /* of our key; "" it acts for none */
};

/* A message under construction: sections in their order. */
struct remote_message {
	struct writer w;
	uint8_t bytes[MESSAGE_MAX];
};

/* An answer, checked and taken apart. */
struct remote_reply {
	struct message message;
	uint16_t rcode;
	char words[REMOTE_WORDS_MAX]; /* of an extended error; "" none */
	uint8_t bytes[MESSAGE_MAX];
};

/*
 * Read address and key file, ask the server for its zone and who we are.
 * @return OK; ERR_NOT_RUNNING (nobody answers), others with reason. To be
 * closed in any case.
 */
MUST_CHECK enum status remote_open(struct remote *out,
    const struct tool *tool, struct reason *reason);

/* Forget the key. */
void remote_close(struct remote *remote);

/* Begin a message with its one question or zone. */
void remote_begin(struct remote_message *m, enum dns_opcode opcode,
    const struct dname *name, uint16_t type, uint16_t class_);

/* A record of a message. */
struct remote_record {
	const struct dname *owner;
	uint16_t type;
	uint16_t class_;
	uint32_t ttl;
	struct blob rdata;
};

/* Append a record. Too much for a message shows in remote_ask. */
void remote_put(struct remote_message *m, enum message_section section,
    const struct remote_record *record);

/* `show` with --server. */
int run_remote_show(const struct tool *tool);

/*
 * Sign, send, wait, check.
 * @return OK, whatever the RCODE; ERR_NOT_RUNNING, ERR_TIMED_OUT, ERR_REFUSED
 * (the key, or an answer that is not signed), ERR_MALFORMED, ERR_TOO_LONG;
 * with reason.
 */
MUST_CHECK enum status remote_ask(const struct remote *remote,
    struct remote_message *m, struct remote_reply *reply,
    struct reason *reason);

#endif
