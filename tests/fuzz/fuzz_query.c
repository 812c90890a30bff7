/*
 * The whole query path: the first byte chooses transport, room and whether
 * there is an image, the rest is a message. What comes out must be a message
 * that our own strict parser takes, with the ID that was asked, no longer than
 * the client allows; silence only where the rules say so.
 */
#include "fuzz/fuzz.h"

#include "base/arena.h"
#include "dns/message.h"
#include "dns/rdata.h"
#include "image/image.h"
#include "query/query.h"
#include "registry/rrset.h"

#include <string.h>

enum { REGION = 1 << 20, RECORDS_MAX = 4 };

static const char APEX[] = "e164.example.";

/* Owner as text relative to the apex, type, rdata as wire bytes. */
struct line {
	const char *owner;
	uint16_t type;
	uint16_t len;
	const char *rdata;
};

#define RDATA(text) sizeof(text) - 1, text
#define NAME "\4e164\7example"

/* In the order of owners' wire form does not matter; same owner together. */
static const struct line lines[] = {
	{ "", TYPE_SOA, RDATA("\6update" NAME "\0\4host" NAME "\0"
	    "\0\0\0\0\0\0\16\20\0\0\3\204\0\1\121\200\0\0\0\74") },
	{ "", TYPE_NS, RDATA("\3ns1" NAME "\0") },
	{ "", TYPE_NS, RDATA("\3ns2\5other\0") },
	{ "ns1", TYPE_A, RDATA("\300\0\2\1") },
	{ "w", TYPE_NS, RDATA("\3ns1" NAME "\0") },
	{ "5.5.1", TYPE_NAPTR, RDATA("\0\144\0\12\1u\7E2U+sip"
	    "\23!^.*$!sip:155@a.ex!\0") },
	{ "5.5.1", TYPE_TXT, RDATA("\10ocn=1510") },
	{ "*.9.1", TYPE_TXT, RDATA("\10ocn=2000") },
	{ "7.7.9.1", TYPE_TXT, RDATA("\10ocn=3000") },
	{ "alias", TYPE_CNAME, RDATA("\0015\0015\0011" NAME "\0") },
	{ "loop", TYPE_CNAME, RDATA("\4loop" NAME "\0") },
	{ "*.turn", TYPE_CNAME, RDATA("\1x\4turn" NAME "\0") },
	{ "tocut", TYPE_CNAME, RDATA("\1x\3sub" NAME "\0") },
	{ "sub", TYPE_NS, RDATA("\2ns\3sub" NAME "\0") },
	{ "sub", TYPE_NS, RDATA("\3ns1" NAME "\0") },
	{ "ns.sub", TYPE_A, RDATA("\300\0\2\2") },
	{ "8.8", TYPE_NS, RDATA("\2ns\0018\0018" NAME "\0") },
	{ "ns.8.8", TYPE_A, RDATA("\300\0\2\3") },
};

static struct query_env env;
static struct image *image;

static size_t
load_node(struct arena *arena, size_t at)
{
	struct record records[RECORDS_MAX];
	struct node node = { 0 };
	struct dname name = env.apex;
	struct owner owner;
	const char *text = lines[at].owner;
	size_t n = 0;

	while (at < sizeof lines / sizeof lines[0] &&
	    strcmp(lines[at].owner, text) == 0) {
		struct blob rdata = { (const uint8_t *)lines[at].rdata,
			lines[at].len };
		FUZZ_CHECK(rdata_check(lines[at].type, rdata, NULL) == OK);
		records[n++] = (struct record){ lines[at].type, 300, rdata };
		at++;
	}
	if (text[0] != '\0')
		FUZZ_CHECK(dname_parse(&name, text, strlen(text), &env.apex) ==
		    OK);
	FUZZ_CHECK(owner_from_dname(&owner, &name, &env.apex) == OK);
	FUZZ_CHECK(rrsets_build(arena, &node.rrsets, records, n) == OK);
	FUZZ_CHECK(image_load(image, owner_blob(&owner), &node) == OK);
	return at;
}

static void
build(void)
{
	static _Alignas(64) uint8_t region[REGION];
	struct arena arena;

	arena_init(&arena);
	FUZZ_CHECK(dname_parse(&env.apex, APEX, sizeof APEX - 1, NULL) == OK);
	strcpy(env.version_bind, "e164d");
	FUZZ_CHECK(image_create(&image, region, REGION) == OK);
	image_begin(image);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0];)
		i = load_node(&arena, i);
	(void)image_commit(image, 1, 1);
	arena_fini(&arena);
}

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

	if (image == NULL)
		build();
	if (len < 1)
		return 0;
	enum query_transport transport = (data[0] & 1) != 0 ? QUERY_TCP
							    : QUERY_UDP;
	size_t cap = transport == QUERY_TCP ? sizeof out
	    : (data[0] & 2) != 0	    ? QUERY_UDP_MAX
					    : 4096;
	const struct query_view view = {
		.version = (data[0] & 4) != 0 ? NULL : image_current(image),
	};
	data++;
	len--;
	size_t n = query_answer(&env, &view, transport, data, len, out, cap,
	    &result);
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
