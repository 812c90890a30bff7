/*
 * The whole query path: the first byte chooses transport, room, whether there
 * is an image, and keys and whois data; the rest is a message. What comes out must be a message
 * that our own strict parser takes, with the ID that was asked, no longer than
 * the client allows; silence only where the rules say so.
 */
#include "fuzz/fuzz.h"
#include "fuzz/scene.h"

#include "dns/message.h"
#include "query/query.h"
#include "query/whois.h"

#include <string.h>

/* Bytes an answer over UDP may have at most. */
static size_t
udp_max(const struct message *query)
{
	size_t max = query->edns.is_present ? query->edns.udp_size : 512;

	return max < 512 ? 512 : max > QUERY_UDP_MAX ? QUERY_UDP_MAX : max;
}

/* The same message, but for its QR bit, as our parser sees it. */
static void
check_answer(const struct message *query, const uint8_t *out, size_t len)
{
	struct message answer;
	const unsigned copied = FLAG_OPCODE | FLAG_RD | FLAG_CD;

	FUZZ_CHECK(len >= MESSAGE_HEADER);
	enum status parsed = message_parse(&answer, out, len);
	FUZZ_CHECK(answer.id == query->id);
	FUZZ_CHECK((answer.flags & FLAG_QR) != 0);
	FUZZ_CHECK((answer.flags & (FLAG_RA | FLAG_AD | 0x40)) == 0);
	FUZZ_CHECK((answer.flags & copied) == (query->flags & copied));
	if (query->qname_len == 0) {
		FUZZ_CHECK(answer.counts[SECTION_QUESTION] == 0);
		return;
	}
	FUZZ_CHECK(parsed == OK);
	FUZZ_CHECK(answer.qname_len == query->qname_len &&
	    memcmp(message_qname(&answer), message_qname(query),
		query->qname_len + 4u) == 0);
	FUZZ_CHECK(answer.edns.is_present == query->edns.is_present);
	if ((answer.flags & FLAG_TC) != 0)
		FUZZ_CHECK(answer.counts[SECTION_ANSWER] == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t out[65535];
	struct message query;
	struct query_result result;

	if (len < 1)
		return 0;
	enum query_transport transport = (data[0] & 1) != 0 ? QUERY_TCP
							    : QUERY_UDP;
	size_t cap = transport == QUERY_TCP ? sizeof out
	    : (data[0] & 2) != 0	    ? QUERY_UDP_MAX
					    : 4096;
	static const uint8_t rrsets[] = { 0, 16, 0, 0, 1, 44, 0, 1, 0, 4, 3,
		'a', '=', 'b' };
	static const struct whois found = { .exists = true,
		.rrsets = { rrsets, sizeof rrsets }, .holder = "1510" };
	static const struct whois missing = { .exists = false };
	struct query_view view = {
		.keyring = (data[0] & 16) != 0 ? scene_keyring() : NULL,
		.now_s = SCENE_NOW_S,
		.version = (data[0] & 4) != 0 ? NULL
		    : (data[0] & 8) != 0      ? scene_bare_version()
					      : scene_version(),
	};
	const struct whois *whois = (data[0] & 32) != 0 ? &found : &missing;
	data++;
	len--;
	size_t n = query_answer(scene_env(), &view, transport, data, len, out,
	    cap, &result);
	if (result.wants_whois) {
		FUZZ_CHECK(n == 0 && view.keyring != NULL);
		view.whois = whois;
		n = query_answer(scene_env(), &view, transport, data, len, out,
		    cap, &result);
		FUZZ_CHECK(!result.wants_whois);
	}
	FUZZ_CHECK(n <= cap);
	if (len < MESSAGE_HEADER || (data[2] & 0x80) != 0) {
		FUZZ_CHECK(n == 0);
		return 0;
	}
	enum status parsed = message_parse(&query, data, len);
	FUZZ_CHECK(n > 0);
	FUZZ_CHECK(transport == QUERY_TCP || n <= udp_max(&query));
	if (message_opcode(&query) == OPCODE_QUERY && parsed != OK)
		FUZZ_CHECK(result.rcode == 1);
	check_answer(&query, out, n);
	return 0;
}
