/*
 * Signed messages to a registrar. Layer 10; one thread.
 */
#include "cmd/remote.h"

#include "base/check.h"
#include "dns/rcode.h"
#include "dns/rdata.h"
#include "sec/key_file.h"
#include "sec/mac.h"
#include "sec/sec.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	KEY_TEXT_MAX = 4096, /* bytes of a key file */
	FRAME = 2,           /* bytes of length in front of a message */
	EDE = 15,            /* option code, RFC 8914 2 */
	OPT_LEN = 11,
};

static const struct tsig_env env = { .mac = &mac_ops_openssl,
	.mac_min = TSIG_MAC_MIN };

/* ----------------------------------------------------------------- messages */

void
remote_begin(struct remote_message *m, enum dns_opcode opcode,
    const struct dname *name, uint16_t type, uint16_t class_)
{
	uint16_t id;

	sec_random(&id, sizeof id);
	m->w = writer_make(m->bytes, sizeof m->bytes);
	write_u16(&m->w, id);
	write_u16(&m->w, (uint16_t)((unsigned)opcode << 11));
	write_u16(&m->w, 1);
	write_u16(&m->w, 0);
	write_u32(&m->w, 0);
	write_bytes(&m->w, name->bytes, name->len);
	write_u16(&m->w, type);
	write_u16(&m->w, class_);
}

void
remote_put(struct remote_message *m, enum message_section section,
    const struct remote_record *record)
{
	uint8_t *count = m->bytes + 4 + 2 * (size_t)section;

	write_bytes(&m->w, record->owner->bytes, record->owner->len);
	write_u16(&m->w, record->type);
	write_u16(&m->w, record->class_);
	write_u32(&m->w, record->ttl);
	write_u16(&m->w, (uint16_t)record->rdata.len);
	write_bytes(&m->w, record->rdata.data, record->rdata.len);
	put_u16(count, (uint16_t)((count[0] << 8 | count[1]) + 1));
}

/* ------------------------------------------------------------------ sockets */

static int
open_socket(const struct remote *remote)
{
	const struct timeval limit = { .tv_sec = REMOTE_TIMEOUT_MS / 1000,
		.tv_usec = REMOTE_TIMEOUT_MS % 1000 * 1000 };
	const struct net_address *to = &remote->address;
	int fd = socket(to->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) ==
	    0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
	    sizeof limit) == 0 && connect(fd,
	    (const struct sockaddr *)&to->storage, to->len) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

static bool
send_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
receive_all(int fd, uint8_t *out, size_t len)
{
	while (len > 0) {
		ssize_t n = recv(fd, out, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		out += n;
		len -= (size_t)n;
	}
	return true;
}

/* One connection, one message there and one back. */
static enum status
exchange(const struct remote *remote, const struct remote_message *m,
    struct remote_reply *reply, size_t *len)
{
	uint8_t frame[FRAME];
	enum status status = ERR_TIMED_OUT;
	int fd = open_socket(remote);

	if (fd < 0)
		return ERR_NOT_RUNNING;
	put_u16(frame, (uint16_t)writer_len(&m->w));
	if (send_all(fd, frame, sizeof frame) &&
	    send_all(fd, m->bytes, writer_len(&m->w)) &&
	    receive_all(fd, frame, sizeof frame)) {
		*len = (size_t)frame[0] << 8 | frame[1];
		if (receive_all(fd, reply->bytes, *len))
			status = OK;
	}
	close(fd);
	return status;
}

/* ------------------------------------------------------------------ answers */

/* The words of an extended error among the options of the OPT record. */
static void
read_words(struct remote_reply *reply, struct blob options)
{
	struct reader r = reader_make(options.data, options.len);

	while (reader_left(&r) > 0) {
		uint16_t code = read_u16(&r);
		size_t len = read_u16(&r);
		const uint8_t *data = reader_take(&r, len);
		if (data == NULL || code != EDE || len < 2)
			continue;
		struct reason words; /* makes it printable */
		reason_set(&words, "%.*s", (int)(len - 2),
		    (const char *)data + 2);
		snprintf(reply->words, sizeof reply->words, "%s", words.text);
	}
}

static void
find_words(struct remote_reply *reply)
{
	const struct message *m = &reply->message;
	size_t at = message_records(m);
	struct message_rr rr;
	unsigned n = (unsigned)m->counts[SECTION_ANSWER] +
	    m->counts[SECTION_AUTHORITY] + m->counts[SECTION_ADDITIONAL];

	reply->words[0] = '\0';
	for (unsigned i = 0; i < n; i++) {
		at = message_rr_at(m, at, &rr);
		if (rr.type == TYPE_OPT)
			read_words(reply, (struct blob){ m->bytes + rr.rdata,
			    rr.rdlen });
	}
}

/* What the server says against our signature, in words. */
static void
say_error(const struct remote *remote, const struct tsig *tsig,
    uint64_t now_s, struct reason *reason)
{
	struct reader r = reader_make(tsig->other.data, tsig->other.len);
	char name[NAME_TEXT_MAX];

	dname_format(name, sizeof name, &remote->key.name);
	if (tsig->error == RCODE_BADKEY) {
		reason_set(reason, "%s has no key %s for %s in force (BADKEY)",
		    remote->text, name, mac_name(remote->key.algorithm));
	} else if (tsig->error == TSIG_BADSIG) {
		reason_set(reason, "the secret in the key file is not that of "
		    "the key %s (BADSIG)", name);
	} else if (tsig->error == RCODE_BADTIME && tsig->other.len == 6) {
		uint64_t there = (uint64_t)read_u16(&r) << 32;
		there |= read_u32(&r);
		reason_set(reason, "the clock here is %llu s %s that of %s, "
		    "more than 300 (BADTIME)", (unsigned long long)
		    (there > now_s ? there - now_s : now_s - there),
		    there > now_s ? "behind" : "ahead of", remote->text);
	} else {
		reason_set(reason, "%s does not take our signature (error %u)",
		    remote->text, tsig->error);
	}
}

static enum status
check_reply(const struct remote *remote, struct remote_reply *reply,
    struct tsig_state *state, uint64_t signed_s, struct reason *reason)
{
	struct message *m = &reply->message;
	struct tsig tsig;

	const char *rcode = rcode_mnemonic(m->flags & FLAG_RCODE);
	if (m->tsig == 0) {
		reason_set(reason, "%s answers %s without a signature",
		    remote->text, rcode != NULL ? rcode : "something");
		return ERR_REFUSED;
	}
	if (tsig_read(&tsig, m->bytes, m->len, m->tsig) != OK)
		return ERR_MALFORMED;
	/* a BADTIME comes with the time that we signed */
	uint64_t now_s = tsig.error == RCODE_BADTIME ? signed_s :
	    clock_wall_ms() / 1000;
	enum status status = tsig_check_reply(state, &env, m, &tsig, now_s);
	if (status == ERR_REFUSED && tsig.error == 0)
		reason_set(reason, "the answer of %s is not signed with our "
		    "key", remote->text);
	if (tsig.error != 0) {
		say_error(remote, &tsig, signed_s, reason);
		return ERR_REFUSED;
	}
	return status;
}

enum status
remote_ask(const struct remote *remote, struct remote_message *m,
    struct remote_reply *reply, struct reason *reason)
{
	static const uint8_t opt[OPT_LEN] = { 0, 0, TYPE_OPT,
		EDNS_UDP_SIZE >> 8, EDNS_UDP_SIZE & 0xff };
	uint64_t now_s = clock_wall_ms() / 1000;
	struct tsig_state state;
	size_t len = 0;

	write_bytes(&m->w, opt, sizeof opt);
	put_u16(m->bytes + 10, 1);
	if (m->w.bad || tsig_sign_request(&m->w, &env, &remote->key, &state,
	    now_s) != OK) {
		reason_set(reason, "this is more than a message holds");
		return ERR_TOO_LONG;
	}
	enum status status = exchange(remote, m, reply, &len);
	if (status == ERR_TIMED_OUT)
		status = exchange(remote, m, reply, &len);
	if (status != OK) {
		reason_set(reason, "no answer from %s", remote->text);
		return status;
	}
	reason_set(reason, "%s gives an answer that cannot be read",
	    remote->text);
	if (len < MESSAGE_HEADER ||
	    message_parse(&reply->message, reply->bytes, len) != OK ||
	    (reply->message.flags & FLAG_QR) == 0 ||
	    reply->message.id != (uint16_t)(m->bytes[0] << 8 | m->bytes[1]))
		return ERR_MALFORMED;
	status = check_reply(remote, reply, &state, now_s, reason);
	if (status != OK)
		return status;
	reply->rcode = reply->message.flags & FLAG_RCODE;
	find_words(reply);
	return OK;
}

/* ------------------------------------------------------------------ opening */

static enum status
load_key(struct remote *out, const char *path, struct reason *reason)
{
	char text[KEY_TEXT_MAX];
	struct key_file key;
	struct reason why = { "" };
	size_t len = 0;

	enum status status = file_load(path, text, sizeof text, &len, reason);
	if (status != OK)
		return status;
	status = key_file_parse(&key, text, len, &why);
	sec_wipe(text, sizeof text);
	if (status != OK) {
		reason_set(reason, "%s: %s", path, why.text);
		return status;
	}
	out->key.name = key.name;
	out->key.algorithm = key.algorithm;
	out->key.mac = mac_ops_openssl.prepare(key.algorithm, key.secret,
	    key.len);
	sec_wipe(&key, sizeof key);
	return OK;
}

/* "name=value" of a string into out, if it is this name and fits. */
static void
take_string(struct blob string, const char *name, char *out, size_t cap)
{
	size_t len = strlen(name);

	if (string.len <= len || memcmp(string.data, name, len) != 0 ||
	    string.len - len >= cap)
		return;
	memcpy(out, string.data + len, string.len - len);
	out[string.len - len] = '\0';
}

/* The strings of the one TXT record. */
static void
read_who(struct remote *out, const struct remote_reply *reply, char *zone,
    size_t zone_cap)
{
	const struct message *m = &reply->message;
	struct message_rr rr;

	(void)message_rr_at(m, message_records(m), &rr);
	struct reader r = reader_make(m->bytes + rr.rdata, rr.rdlen);
	while (reader_left(&r) > 0) {
		size_t len = read_u8(&r);
		struct blob string = { reader_take(&r, len), len };
		if (string.data == NULL)
			return;
		take_string(string, "zone=", zone, zone_cap);
		take_string(string, "role=", out->role, sizeof out->role);
		take_string(string, "ocn=", out->ocn, sizeof out->ocn);
	}
}

/* Ask for the zone and for what our key is (query/chaos.h). */
static enum status
ask_who(struct remote *out, struct reason *reason)
{
	static const char who[] = "whoami.e164d.";
	struct remote_message *m = calloc(1, sizeof *m);
	struct remote_reply *reply = calloc(1, sizeof *reply);
	struct dname name;
	char zone[DNAME_MAX + 1] = "";

	if (m == NULL || reply == NULL)
		check_fail("memory", "remote", __FILE__, __LINE__);
	enum status status = dname_parse(&name, who, sizeof who - 1, NULL);
	ensure(status == OK);
	remote_begin(m, OPCODE_QUERY, &name, TYPE_TXT, CLASS_CH);
	status = remote_ask(out, m, reply, reason);
	if (status == OK && reply->rcode == RCODE_NOERROR &&
	    reply->message.counts[SECTION_ANSWER] == 1)
		read_who(out, reply, zone, sizeof zone);
	if (status == OK && dname_parse(&out->zone, zone, strlen(zone),
	    NULL) != OK) {
		reason_set(reason, "%s does not say its zone: is it an e164d?",
		    out->text);
		status = ERR_MALFORMED;
	}
	free(m);
	free(reply);
	return status;
}

enum status
remote_open(struct remote *out, const struct tool *tool,
    struct reason *reason)
{
	memset(out, 0, sizeof *out);
	enum status status = net_address_parse(&out->address, tool->server,
	    reason);
	if (status != OK)
		return status;
	net_address_format(out->text, sizeof out->text, &out->address);
	status = load_key(out, tool->key, reason);
	if (status != OK)
		return status;
	return ask_who(out, reason);
}

void
remote_close(struct remote *remote)
{
	mac_ops_openssl.release(remote->key.mac);
	remote->key.mac = NULL;
}
