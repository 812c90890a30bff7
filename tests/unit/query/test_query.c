/*
 * query: whole answers without a socket. Zone: zone_lines.h.
 */
#include "fixture.h"
#include "zone_lines.h"

#include "dns/message.h"
#include "dns/rdata.h"
#include "query/query.h"
#include "unit/packet.h"

#include <stdlib.h>

#define SOA_RDATA \
	"update.e164.example. hostmaster.e164.example. 2026 7200 900 864000 60\n"
#define SOA_NEGATIVE "NS e164.example. 60 SOA " SOA_RDATA
#define NODATA "NOERROR aa\n" SOA_NEGATIVE
#define NXDOMAIN "NXDOMAIN aa\n" SOA_NEGATIVE
#define NS1_ADDRESSES \
	"AR ns1.e164.example. 300 A 192.0.2.1\n" \
	"AR ns1.e164.example. 300 AAAA 2001:db8::1\n"

static struct query_env env;
static struct image *image;
static struct packet p;
static struct query_result result;
static uint8_t out[65535];
static size_t out_len;

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(dname_parse(&env.apex, "e164.example.", 13, NULL), OK);
	strcpy(env.version_bind, "e164d");
	strcpy(env.id_server, "r1");
	image = fixture_image(zone_lines,
	    sizeof zone_lines / sizeof zone_lines[0], &env.apex);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_destroy(image);
	return 0;
}

/* Answer p; what comes out is well formed, or nothing. */
static const char *
send_over(enum query_transport transport)
{
	size_t cap = transport == QUERY_UDP ? 4096 : sizeof out;

	memset(out, 0xaa, sizeof out);
	const struct query_view view = { .version = image_current(image) };
	out_len = query_answer(&env, &view, transport, p.bytes,
	    p.len, out, cap, &result);
	if (out_len == 0)
		return "";
	assert_memory_equal(out, p.bytes, 2); /* the ID */
	return fixture_print(out, out_len);
}

/* "5.5.1" is below the apex, "@" the apex itself; a final dot: absolute. */
static void
query_for(const char *name, unsigned type)
{
	char text[300];
	size_t len = strlen(name);

	if (strcmp(name, "@") == 0)
		snprintf(text, sizeof text, "e164.example.");
	else if (len > 0 && name[len - 1] == '.')
		snprintf(text, sizeof text, "%s", name);
	else
		snprintf(text, sizeof text, "%s.e164.example.", name);
	packet_query(&p, text, type);
}

static const char *
ask(const char *name, unsigned type)
{
	query_for(name, type);
	return send_over(QUERY_UDP);
}

struct row {
	const char *name;
	unsigned type;
	const char *answer;
};

static void
ask_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_string_equal(ask(rows[i].name, rows[i].type),
		    rows[i].answer);
}

#define ASK_ROWS(rows) ask_rows(rows, sizeof rows / sizeof rows[0])

/* --- RFC 1034 4.3.2, RFC 2308, RFC 4592 */

/* 4.3.2 3a: the records of the type, nothing else (minimal answers). */
static void
query_answer__exact_name__rrset(void **state)
{
	static const struct row rows[] = {
		{ "5.5.1", TYPE_NAPTR, "NOERROR aa\n"
		    "AN 5.5.1.e164.example. 300 NAPTR 100 10 \"u\" \"E2U+sip\" "
		    "\"!^.*$!sip:155@a.example!\" .\n"
		    "AN 5.5.1.e164.example. 300 NAPTR 100 20 \"u\" \"E2U+tel\" "
		    "\"!^.*$!tel:+155!\" .\n" },
		{ "5.5.1", TYPE_TXT, "NOERROR aa\n"
		    "AN 5.5.1.e164.example. 600 TXT \"ocn=1510\"\n"
		    "AN 5.5.1.e164.example. 600 TXT \"cnam=ACME\"\n" },
		{ "1510._ocn", TYPE_TXT, "NOERROR aa\n"
		    "AN 1510._ocn.e164.example. 3600 TXT \"name=Carrier\"\n" },
		{ "mail", TYPE_MX, "NOERROR aa\n"
		    "AN mail.e164.example. 300 MX 10 ns1.e164.example.\n"
		    "AN mail.e164.example. 300 MX 20 mx.other.example.\n" },
		{ "ns1", TYPE_A,
		    "NOERROR aa\nAN ns1.e164.example. 300 A 192.0.2.1\n" },
	};

	(void)state;
	ASK_ROWS(rows);
}

/* RFC 2308 2.2, 2.1, 3: NODATA and NXDOMAIN, the SOA's TTL no more than
 * MINIMUM; RFC 8020: a name that only has names below it exists. */
static void
query_answer__negative__soa_with_minimum(void **state)
{
	static const struct row rows[] = {
		{ "5.5.1", TYPE_A, NODATA },
		{ "ent", TYPE_TXT, NODATA },      /* an empty non-terminal */
		{ "5.1", TYPE_NAPTR, NODATA },    /* of digits */
		{ "1", TYPE_NAPTR, NODATA },
		{ "_ocn", TYPE_TXT, NODATA },
		{ "6.5.1", TYPE_NAPTR, NXDOMAIN },
		{ "1.5.5.1", TYPE_NAPTR, NXDOMAIN },
		{ "b.ent", TYPE_TXT, NXDOMAIN },
		{ "nothing", TYPE_ANY, NXDOMAIN },
		{ "@", TYPE_TXT, NODATA },
		{ "@", TYPE_DS, NODATA },
		/* DNSSEC types of an unsigned zone, and types nobody knows */
		{ "5.5.1", TYPE_RRSIG, NODATA },
		{ "5.5.1", TYPE_NSEC, NODATA },
		{ "5.5.1", 65535, NODATA },
		{ "5.5.1", 200, NODATA },
	};

	(void)state;
	ASK_ROWS(rows);
}

/* RFC 4592 3.3: a name that is not there below a block gets the block's
 * records under its own name; existing names between stop it. */
static void
query_answer__block__wildcard(void **state)
{
	static const struct row rows[] = {
		{ "3.9.1", TYPE_TXT,
		    "NOERROR aa\nAN 3.9.1.e164.example. 300 TXT \"ocn=2000\"\n" },
		{ "1.2.3.4.5.6.9.1", TYPE_TXT, "NOERROR aa\n"
		    "AN 1.2.3.4.5.6.9.1.e164.example. 300 TXT \"ocn=2000\"\n" },
		{ "x.y.3.9.1", TYPE_TXT, "NOERROR aa\n"
		    "AN x.y.3.9.1.e164.example. 300 TXT \"ocn=2000\"\n" },
		{ "3.9.1", TYPE_NAPTR, "NOERROR aa\n"
		    "AN 3.9.1.e164.example. 300 NAPTR 100 10 \"u\" "
		    "\"E2U+sip\" \"!^.*$!sip:block@b.example!\" .\n" },
		{ "3.9.1", TYPE_A, NODATA },
		{ "*.9.1", TYPE_TXT,
		    "NOERROR aa\nAN *.9.1.e164.example. 300 TXT \"ocn=2000\"\n" },
		{ "9.1", TYPE_TXT, NODATA },
		{ "7.9.1", TYPE_TXT, NODATA },
		{ "8.7.9.1", TYPE_TXT, NXDOMAIN },
		{ "7.7.9.1", TYPE_TXT,
		    "NOERROR aa\nAN 7.7.9.1.e164.example. 300 TXT \"ocn=3000\"\n" },
		{ "7.7.9.1", TYPE_NAPTR, NODATA },
	};

	(void)state;
	ASK_ROWS(rows);
}

/* DESIGN 3: private and pseudo names get what DNS says for such a name. */
static void
query_answer__names_that_are_not_served__dns_rules(void **state)
{
	static const struct row rows[] = {
		{ "_registry", TYPE_TXT, NXDOMAIN },
		{ "key._registry", TYPE_TXT, NXDOMAIN },
		{ "_pin.5.5.1", TYPE_TXT, NXDOMAIN },
		{ "_has.3.9.1", TYPE_TXT, "NOERROR aa\n"
		    "AN _has.3.9.1.e164.example. 300 TXT \"ocn=2000\"\n" },
	};

	(void)state;
	ASK_ROWS(rows);
}

/* RFC 1034 4.3.2 3a, RFC 6604: aliases are followed inside the zone; the
 * RCODE is the last name's. */
static void
query_answer__cname__followed(void **state)
{
	static const struct row rows[] = {
		{ "alias", TYPE_CNAME, "NOERROR aa\n"
		    "AN alias.e164.example. 300 CNAME 5.5.1.e164.example.\n" },
		{ "alias2", TYPE_TXT, "NOERROR aa\n"
		    "AN alias2.e164.example. 300 CNAME alias.e164.example.\n"
		    "AN alias.e164.example. 300 CNAME 5.5.1.e164.example.\n"
		    "AN 5.5.1.e164.example. 600 TXT \"ocn=1510\"\n"
		    "AN 5.5.1.e164.example. 600 TXT \"cnam=ACME\"\n" },
		{ "alias", TYPE_A, "NOERROR aa\n"
		    "AN alias.e164.example. 300 CNAME 5.5.1.e164.example.\n"
		    SOA_NEGATIVE },
		{ "dead", TYPE_A, "NXDOMAIN aa\n"
		    "AN dead.e164.example. 300 CNAME nothing.e164.example.\n"
		    SOA_NEGATIVE },
		{ "toblock", TYPE_TXT, "NOERROR aa\n"
		    "AN toblock.e164.example. 300 CNAME 3.9.1.e164.example.\n"
		    "AN 3.9.1.e164.example. 300 TXT \"ocn=2000\"\n" },
		{ "q.wild", TYPE_TXT, "NOERROR aa\n"
		    "AN q.wild.e164.example. 300 CNAME alias.e164.example.\n"
		    "AN alias.e164.example. 300 CNAME 5.5.1.e164.example.\n"
		    "AN 5.5.1.e164.example. 600 TXT \"ocn=1510\"\n"
		    "AN 5.5.1.e164.example. 600 TXT \"cnam=ACME\"\n" },
		{ "tocut", TYPE_A, "NOERROR aa\n"
		    "AN tocut.e164.example. 300 CNAME x.sub.e164.example.\n"
		    "NS sub.e164.example. 600 NS ns.sub.e164.example.\n"
		    "NS sub.e164.example. 600 NS ns.other.example.\n"
		    "NS sub.e164.example. 600 NS ns1.e164.example.\n"
		    "AR ns.sub.e164.example. 600 A 192.0.2.2\n"
		    "AR ns.sub.e164.example. 600 AAAA 2001:db8::2\n"
		    NS1_ADDRESSES },
	};

	(void)state;
	ASK_ROWS(rows);
}

/* Rule: what leaves the zone, or goes where this door does not lead, ends
 * with the alias; a loop is told once. */
static void
query_answer__cname_to_nowhere__alias_alone(void **state)
{
	static const struct row rows[] = {
		{ "out", TYPE_A, "NOERROR aa\n"
		    "AN out.e164.example. 300 CNAME www.example.org.\n" },
		{ "towhois", TYPE_TXT, "NOERROR aa\n"
		    "AN towhois.e164.example. 300 CNAME "
		    "5.5.1.w.e164.example.\n" },
		{ "self", TYPE_TXT, "NOERROR aa\n"
		    "AN self.e164.example. 300 CNAME self.e164.example.\n" },
		{ "loop1", TYPE_TXT, "NOERROR aa\n"
		    "AN loop1.e164.example. 300 CNAME loop2.e164.example.\n"
		    "AN loop2.e164.example. 300 CNAME loop1.e164.example.\n" },
		{ "y.turn", TYPE_TXT, "NOERROR aa\n"
		    "AN y.turn.e164.example. 300 CNAME x.turn.e164.example.\n"
		    "AN x.turn.e164.example. 300 CNAME "
		    "x.turn.e164.example.\n" },
	};

	(void)state;
	ASK_ROWS(rows);
}

/* Rule: 16 aliases are followed and no more. */
static void
query_answer__chain_of_17__16_followed(void **state)
{
	(void)state;
	ask("c1", TYPE_TXT);
	assert_int_equal(out[7], 16);
	ask("c3", TYPE_TXT);
	assert_int_equal(out[7], 16);
	assert_non_null(strstr(ask("c3", TYPE_TXT), "\"end\""));
}

/* 4.3.2 3b: NS of the child, no AA, its servers' addresses. */
static void
query_answer__below_a_cut__referral(void **state)
{
	static const char referral[] = "NOERROR\n"
	    "NS sub.e164.example. 600 NS ns.sub.e164.example.\n"
	    "NS sub.e164.example. 600 NS ns.other.example.\n"
	    "NS sub.e164.example. 600 NS ns1.e164.example.\n"
	    "AR ns.sub.e164.example. 600 A 192.0.2.2\n"
	    "AR ns.sub.e164.example. 600 AAAA 2001:db8::2\n"
	    NS1_ADDRESSES;
	static const struct row rows[] = {
		{ "sub", TYPE_TXT, referral },
		{ "sub", TYPE_NS, referral },
		{ "sub", TYPE_SOA, referral },
		{ "sub", TYPE_ANY, referral },
		{ "a.b.sub", TYPE_DS, referral },
		{ "ns.sub", TYPE_A, referral },
		{ "1.2.3.8.8", TYPE_NAPTR, "NOERROR\n"
		    "NS 8.8.e164.example. 600 NS ns.8.8.e164.example.\n"
		    "AR ns.8.8.e164.example. 600 A 192.0.2.8\n" },
	};

	(void)state;
	ASK_ROWS(rows);
}

/* RFC 4035 3.1.4.1: DS at a cut is the parent's. */
static void
query_answer__ds_at_cut__from_parent(void **state)
{
	static const struct row rows[] = {
		{ "signed", TYPE_DS, "NOERROR aa\n"
		    "AN signed.e164.example. 600 DS 1 13 2 digest\n" },
		{ "sub", TYPE_DS, NODATA },
	};

	(void)state;
	ASK_ROWS(rows);
}

/* The apex: SOA with the version's serial, NS with addresses. */
static void
query_answer__apex__soa_and_ns(void **state)
{
	static const struct row rows[] = {
		{ "@", TYPE_SOA,
		    "NOERROR aa\nAN e164.example. 3600 SOA " SOA_RDATA },
		{ "@", TYPE_NS, "NOERROR aa\n"
		    "AN e164.example. 3600 NS ns1.e164.example.\n"
		    "AN e164.example. 3600 NS ns2.other.example.\n"
		    NS1_ADDRESSES },
	};

	(void)state;
	ASK_ROWS(rows);
}

/* DESIGN 3: w.Z is a zone: SOA and NS to all, REFUSED below it. */
static void
query_answer__whois_zone__soa_and_ns_only(void **state)
{
	static const struct row rows[] = {
		{ "w", TYPE_SOA,
		    "NOERROR aa\nAN w.e164.example. 3600 SOA " SOA_RDATA },
		{ "w", TYPE_NS, "NOERROR aa\n"
		    "AN w.e164.example. 3600 NS ns1.e164.example.\n"
		    NS1_ADDRESSES },
		{ "w", TYPE_TXT,
		    "NOERROR aa\nNS w.e164.example. 60 SOA " SOA_RDATA },
		{ "w", TYPE_DS, NODATA },
		{ "1.w", TYPE_TXT, "REFUSED\n" }, /* one label is enough */
		{ "*.w", TYPE_ANY, "REFUSED\n" },
		{ "5.5.1.w", TYPE_TXT, "REFUSED\n" },
		{ "5.5.1.W", TYPE_TXT, "REFUSED\n" },
		{ "a.5.5.1.w", TYPE_SOA, "REFUSED\n" },
		{ "ww", TYPE_TXT, NXDOMAIN },
	};

	(void)state;
	ASK_ROWS(rows);
}

/* RFC 1034 4.3.1: no recursion; what is not ours is refused. */
static void
query_answer__outside_the_zone__refused(void **state)
{
	static const struct row rows[] = {
		{ "example.", TYPE_NS, "REFUSED\n" },
		{ ".", TYPE_NS, "REFUSED\n" },
		{ "www.example.org.", TYPE_A, "REFUSED\n" },
		{ "xe164.example.", TYPE_A, "REFUSED\n" },
		{ "e164.example.org.", TYPE_A, "REFUSED\n" },
		{ "e164example.", TYPE_A, "REFUSED\n" },
	};

	(void)state;
	ASK_ROWS(rows);
}

/* Labels matter, not bytes: "x\4e164.example" as one label is outside. */
static void
query_answer__apex_inside_a_label__refused(void **state)
{
	(void)state;
	packet_begin(&p, 1, 0);
	packet_put(&p, "\16x\4e164\7example\0\0\1\0\1", 20);
	assert_string_equal(send_over(QUERY_UDP), "REFUSED\n");
}

/* RFC 8482 4.1: one RRset, over TCP as well. */
static void
query_answer__any__one_rrset(void **state)
{
	static const char txt[] = "NOERROR aa\n"
	    "AN 5.5.1.e164.example. 600 TXT \"ocn=1510\"\n"
	    "AN 5.5.1.e164.example. 600 TXT \"cnam=ACME\"\n";

	(void)state;
	assert_string_equal(ask("5.5.1", TYPE_ANY), txt);
	assert_string_equal(send_over(QUERY_TCP), txt);
	assert_string_equal(ask("alias", TYPE_ANY), "NOERROR aa\n"
	    "AN alias.e164.example. 300 CNAME 5.5.1.e164.example.\n");
	assert_string_equal(ask("3.9.1", TYPE_ANY),
	    "NOERROR aa\nAN 3.9.1.e164.example. 300 TXT \"ocn=2000\"\n");
	assert_string_equal(ask("ent", TYPE_ANY), NODATA);
}

/* RFC 4343 4.1, and 0x20: the question comes back as it was asked; answers
 * point to it. */
static void
query_answer__mixed_case__kept(void **state)
{
	(void)state;
	assert_string_equal(ask("AlIaS.E164.exAMPLE.", TYPE_CNAME),
	    "NOERROR aa\n"
	    "AN AlIaS.E164.exAMPLE. 300 CNAME 5.5.1.E164.exAMPLE.\n");
	assert_memory_equal(out + 12, p.bytes + 12, p.len - 12);
	assert_memory_equal(out + p.len, "\xc0\x0c", 2);
}

/* --- refusals */

/* Silence only for a response and for what is too short to answer. */
static void
query_answer__response_or_short__silence(void **state)
{
	(void)state;
	query_for("5.5.1", TYPE_TXT);
	p.bytes[2] = 0x80;
	assert_string_equal(send_over(QUERY_UDP), "");
	assert_string_equal(send_over(QUERY_TCP), "");
	for (p.len = 0; p.len < 12; p.len++) {
		p.bytes[2] = 0;
		assert_string_equal(send_over(QUERY_UDP), "");
	}
	p.len = 12;
	assert_string_equal(send_over(QUERY_UDP), "FORMERR\n");
}

/* RFC 1035 4.1.1: other opcodes are NOTIMP, question and ID as they came. */
static void
query_answer__other_opcodes__notimp(void **state)
{
	(void)state;
	for (unsigned opcode = 1; opcode < 16; opcode++) {
		query_for("@", TYPE_SOA);
		p.bytes[2] = (uint8_t)(opcode << 3);
		assert_string_equal(send_over(QUERY_UDP), "NOTIMP\n");
		assert_int_equal(out_len, p.len);
		assert_int_equal(out[2], 0x80 | opcode << 3);
		assert_memory_equal(out + 12, p.bytes + 12, p.len - 12);
	}
	/* UPDATE with records, and one that cannot be read */
	packet_record(&p, 2, "a.e164.example.", TYPE_TXT, 1, 60, "\1x", 2);
	assert_string_equal(send_over(QUERY_UDP), "NOTIMP\n");
	p.len = 13;
	assert_string_equal(send_over(QUERY_UDP), "NOTIMP\n");
	assert_int_equal(out_len, 12);
}

/* RFC 1035 4.1, RFC 6891 6.1.1, RFC 8945 5.1: broken messages. */
static void
query_answer__broken__formerr(void **state)
{
	(void)state;
	query_for("5.5.1", TYPE_TXT);
	packet_u8(&p, 0);
	assert_string_equal(send_over(QUERY_UDP), "FORMERR\n");
	query_for("5.5.1", TYPE_TXT);
	packet_record(&p, 1, "a.", TYPE_TXT, 1, 60, "\1x", 2);
	assert_string_equal(send_over(QUERY_UDP), "FORMERR\n");
	query_for("5.5.1", TYPE_TXT);
	packet_record(&p, 2, "a.", TYPE_TXT, 1, 60, "\1x", 2);
	assert_string_equal(send_over(QUERY_UDP), "FORMERR\n");
	query_for("5.5.1", TYPE_TXT);
	packet_opt(&p, 1232, 0, NULL, 0);
	packet_opt(&p, 1232, 0, NULL, 0);
	assert_string_equal(send_over(QUERY_UDP), "FORMERR\nOPT 1232 0 -\n");
	query_for("5.5.1", TYPE_TXT);
	packet_tsig(&p, "key.");
	packet_opt(&p, 1232, 0, NULL, 0);
	assert_string_equal(send_over(QUERY_UDP), "FORMERR\n");
	query_for("5.5.1", 0);
	assert_string_equal(send_over(QUERY_UDP), "FORMERR\n");
	query_for("5.5.1", TYPE_OPT);
	assert_string_equal(send_over(QUERY_UDP), "FORMERR\n");
	query_for("5.5.1", TYPE_TSIG);
	assert_string_equal(send_over(QUERY_UDP), "FORMERR\n");
}

/* Rule: an additional record that means nothing to a query does no harm. */
static void
query_answer__other_additional__ignored(void **state)
{
	(void)state;
	query_for("ns1", TYPE_A);
	packet_record(&p, 3, "a.", TYPE_TXT, 1, 60, "\1x", 2);
	assert_string_equal(send_over(QUERY_UDP),
	    "NOERROR aa\nAN ns1.e164.example. 300 A 192.0.2.1\n");
}

/* QTYPEs that are no types. AXFR and IXFR are refused over both. */
static void
query_answer__meta_types__refused_or_notimp(void **state)
{
	static const struct row rows[] = {
		{ "@", TYPE_AXFR, "REFUSED\n" },
		{ "@", TYPE_IXFR, "REFUSED\n" },
		{ "@", TYPE_MAILB, "NOTIMP\n" },
		{ "@", TYPE_MAILA, "NOTIMP\n" },
		{ "@", TYPE_TKEY, "NOTIMP\n" },
	};

	(void)state;
	ASK_ROWS(rows);
	query_for("@", TYPE_AXFR);
	assert_string_equal(send_over(QUERY_TCP), "REFUSED\n");
	query_for("@", TYPE_IXFR); /* RFC 1995 3: with the client's SOA */
	packet_record(&p, 2, "e164.example.", TYPE_SOA, 1, 0, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);
	assert_string_equal(send_over(QUERY_UDP), "REFUSED\n");
}

/* RFC 8945 5.2.1, 5.3.2: no key is known: BADKEY, unsigned, as last record. */
static void
query_answer__tsig__badkey(void **state)
{
	(void)state;
	query_for("5.5.1", TYPE_TXT);
	packet_opt(&p, 1232, 0, NULL, 0);
	packet_tsig(&p, "Key.example.");
	assert_string_equal(send_over(QUERY_UDP),
	    "NOTAUTH\nOPT 1232 0 -\nAR Key.example. 0 (class) TSIG \n");
	assert_memory_equal(out + out_len - 4, "\0\21\0\0", 4);
	assert_int_equal(result.rcode, 9);
	query_for("5.5.1", TYPE_TXT);
	packet_tsig(&p, "key.");
	p.bytes[p.len - 1] = 1; /* other data that is not there */
	assert_string_equal(send_over(QUERY_UDP), "FORMERR\n");
}

/* The image is not there yet: SERVFAIL; refusals stay refusals. */
static void
query_answer__no_version__servfail(void **state)
{
	(void)state;
	query_for("5.5.1", TYPE_TXT);
	packet_opt(&p, 1232, 0, NULL, 0);
	const struct query_view nothing = { .version = NULL };
	out_len = query_answer(&env, &nothing, QUERY_UDP, p.bytes, p.len, out,
	    4096, &result);
	assert_string_equal(fixture_print(out, out_len),
	    "SERVFAIL\nOPT 1232 0 - EDE 14\n");
	query_for("www.example.org.", TYPE_TXT);
	out_len = query_answer(&env, &nothing, QUERY_UDP, p.bytes, p.len, out,
	    4096, &result);
	assert_string_equal(fixture_print(out, out_len), "REFUSED\n");
}

/* A version without SOA is no zone: SERVFAIL, and no AA. */
static void
query_answer__empty_image__servfail(void **state)
{
	uint8_t *region = aligned_alloc(4096, 1 << 20);
	struct image *empty = NULL;

	(void)state;
	assert_non_null(region);
	memset(region, 0, 1 << 20);
	assert_int_equal(image_create(&empty, region, 1 << 20), OK);
	query_for("5.5.1", TYPE_TXT);
	const struct query_view view = { .version = image_current(empty) };
	out_len = query_answer(&env, &view, QUERY_UDP, p.bytes, p.len, out, 4096, &result);
	assert_int_equal(out[3] & 0x0f, 2);
	assert_int_equal(out[2] & 0x04, 0);
	image_destroy(empty);
	free(region);
}

/* --- EDNS */

/* RFC 6891 6.1.3: an unknown version is BADVERS, with the one we know. */
static void
query_answer__edns_version_1__badvers(void **state)
{
	(void)state;
	query_for("5.5.1", TYPE_TXT);
	packet_opt(&p, 1232, 0x00018000, NULL, 0);
	assert_string_equal(send_over(QUERY_UDP), "BADVERS\nOPT 1232 0 do\n");
	assert_int_equal(result.rcode, 16);
}

/* RFC 6891 6.1.2, RFC 3225 3, RFC 4035 3.2.2: unknown options ignored, DO
 * and CD and RD given back, RA and AD clear. */
static void
query_answer__edns_flags__as_they_should(void **state)
{
	(void)state;
	query_for("ns1", TYPE_A);
	p.bytes[2] = 0x01;
	p.bytes[3] = 0xf0; /* RA, Z, AD, CD */
	packet_opt(&p, 4096, 0x0000ffff, "\0\12\0\10cookieAB\377\377\0\0", 16);
	assert_string_equal(send_over(QUERY_UDP), "NOERROR aa rd cd\n"
	    "AN ns1.e164.example. 300 A 192.0.2.1\nOPT 1232 0 do\n");
}

/* RFC 8914: a reason, to clients with EDNS alone. */
static void
query_answer__refused_with_edns__extended_error(void **state)
{
	static const struct {
		const char *name;
		unsigned type;
		const char *answer;
	} rows[] = {
		{ "www.example.org.", TYPE_A, "REFUSED\nOPT 1232 0 - EDE 20\n" },
		{ "5.5.1.w", TYPE_A, "REFUSED\nOPT 1232 0 - EDE 18\n" },
		{ "@", TYPE_AXFR, "REFUSED\nOPT 1232 0 - EDE 18\n" },
		{ "@", TYPE_MAILB, "NOTIMP\nOPT 1232 0 - EDE 21\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		query_for(rows[i].name, rows[i].type);
		packet_opt(&p, 1232, 0, NULL, 0);
		assert_string_equal(send_over(QUERY_UDP), rows[i].answer);
	}
}

/* --- sizes */

/* RFC 1035 4.2.1, RFC 6891 6.2.3-6.2.5: 512 without EDNS, at most what the
 * client takes and 1232 with it; TC with an empty answer otherwise. */
static void
query_answer__size_limits__tc(void **state)
{
	(void)state;
	/* five strings of 101 bytes: 25 + 5 * 114 = 600 bytes and OPT */
	assert_string_equal(ask("five", TYPE_TXT), "NOERROR aa tc\n");
	assert_true(result.is_truncated);
	query_for("five", TYPE_TXT);
	size_t len = p.len + 5 * (12 + 102) + 11;
	for (unsigned size = 512; size < len; size += 7) {
		query_for("five", TYPE_TXT);
		packet_opt(&p, size, 0, NULL, 0);
		assert_string_equal(send_over(QUERY_UDP),
		    "NOERROR aa tc\nOPT 1232 0 -\n");
	}
	query_for("five", TYPE_TXT);
	packet_opt(&p, (unsigned)len, 0, NULL, 0);
	assert_null(strstr(send_over(QUERY_UDP), " tc"));
	assert_int_equal(out_len, len);
	assert_false(result.is_truncated);
	query_for("five", TYPE_TXT);
	assert_null(strstr(send_over(QUERY_TCP), " tc"));
	assert_int_equal(out[7], 5);
}

/* Every answer over UDP is within its limit, whatever is asked. */
static void
query_answer__all_names__within_limit(void **state)
{
	static const unsigned types[] = { TYPE_A, TYPE_NS, TYPE_SOA, TYPE_TXT,
		TYPE_NAPTR, TYPE_ANY, TYPE_DS, TYPE_MX };
	static const unsigned sizes[] = { 0, 512, 700, 1232, 65535 };

	(void)state;
	for (size_t i = 0; i < sizeof zone_lines / sizeof zone_lines[0]; i++) {
		char name[100];
		snprintf(name, sizeof name, "%.*s",
		    (int)strcspn(zone_lines[i], " "), zone_lines[i]);
		for (size_t t = 0; t < 8; t++) {
			for (size_t s = 0; s < 5; s++) {
				query_for(name, types[t]);
				if (sizes[s] > 0)
					packet_opt(&p, sizes[s], 0, NULL, 0);
				send_over(QUERY_UDP);
				size_t max = sizes[s] == 0 ? 512 : sizes[s];
				assert_in_range(out_len, 12,
				    max < 1232 ? max : 1232);
			}
		}
	}
}

/* RFC 9471 3.1: a referral without all glue below the cut says TC; with room
 * it has all. */
static void
query_answer__glue_does_not_fit__tc(void **state)
{
	(void)state;
	assert_string_equal(ask("x.wide", TYPE_A), "NOERROR tc\n");
	query_for("x.wide", TYPE_A);
	packet_opt(&p, 1232, 0, NULL, 0);
	const char *text = send_over(QUERY_UDP);
	assert_null(strstr(text, " tc"));
	assert_int_equal(out[9], 7);
	assert_int_equal(out[11], 7 * 2 + 1);
}

/* RFC 9471 3.1: that holds for any number of servers below the cut. */
static void
query_answer__glue_of_14_servers__all(void **state)
{
	(void)state;
	query_for("x.broad", TYPE_A);
	packet_opt(&p, 1232, 0, NULL, 0);
	assert_null(strstr(send_over(QUERY_UDP), " tc"));
	assert_int_equal(out[9], 14);
	assert_int_equal(out[11], 14 + 1);
}

/* RFC 2181 9: what is only helpful is left out without TC. */
static void
query_answer__helpful_address_does_not_fit__left_out(void **state)
{
	(void)state;
	const char *text = ask("x.mixed", TYPE_A);
	assert_null(strstr(text, " tc"));
	assert_int_equal(out[9], 10);
	assert_in_range(out[11], 2, 1 + 2 * 9 - 1);
	/* what must be there stands first */
	assert_non_null(strstr(text,
	    "AR ns.mixed.e164.example. 600 A 192.0.2.20\nAR h1."));
	send_over(QUERY_TCP);
	assert_int_equal(out[11], 1 + 2 * 9);
}

/* --- classes */

/* RFC 1035 6.2: QCLASS * is never authoritative. Other classes: none. */
static void
query_answer__classes__in_any_and_others(void **state)
{
	(void)state;
	query_for("ns1", TYPE_A);
	p.bytes[p.len - 1] = CLASS_ANY;
	assert_string_equal(send_over(QUERY_UDP),
	    "NOERROR\nAN ns1.e164.example. 300 A 192.0.2.1\n");
	query_for("ns1", TYPE_A);
	p.bytes[p.len - 1] = 4; /* Hesiod */
	assert_string_equal(send_over(QUERY_UDP), "REFUSED\n");
	p.bytes[p.len - 1] = CLASS_NONE;
	assert_string_equal(send_over(QUERY_UDP), "REFUSED\n");
}

static const char *
ask_chaos(const char *name, unsigned type)
{
	packet_query(&p, name, type);
	p.bytes[p.len - 1] = CLASS_CH;
	return send_over(QUERY_UDP);
}

/* RFC 4892: names and versions, if the settings say so. */
static void
query_answer__chaos__by_setting(void **state)
{
	(void)state;
	assert_string_equal(ask_chaos("Version.Bind.", TYPE_TXT),
	    "NOERROR aa\nAN Version.Bind. 0 (class) TXT \"e164d\"\n");
	assert_string_equal(ask_chaos("version.server.", TYPE_ANY),
	    "NOERROR aa\nAN version.server. 0 (class) TXT \"e164d\"\n");
	assert_string_equal(ask_chaos("id.server.", TYPE_TXT),
	    "NOERROR aa\nAN id.server. 0 (class) TXT \"r1\"\n");
	assert_string_equal(ask_chaos("hostname.bind.", TYPE_TXT),
	    "NOERROR aa\nAN hostname.bind. 0 (class) TXT \"r1\"\n");
	assert_string_equal(ask_chaos("id.server.", TYPE_A), "NOERROR aa\n");
	assert_string_equal(ask_chaos("authors.bind.", TYPE_TXT), "REFUSED\n");
	assert_string_equal(ask_chaos("5.5.1.e164.example.", TYPE_TXT),
	    "REFUSED\n");
	struct query_env saved = env;
	env.version_bind[0] = '\0';
	env.id_server[0] = '\0';
	assert_string_equal(ask_chaos("version.bind.", TYPE_TXT), "REFUSED\n");
	assert_string_equal(ask_chaos("id.server.", TYPE_TXT), "REFUSED\n");
	/* the longest text there may be */
	memset(env.version_bind, 'v', QUERY_TEXT_MAX);
	env.version_bind[QUERY_TEXT_MAX] = '\0';
	ask_chaos("version.bind.", TYPE_TXT);
	assert_int_equal(out_len, p.len + 12 + 256);
	env = saved;
}

/* Rule: the same query gives the same answer over both transports when it
 * fits; the result says what happened. */
static void
query_answer__result__for_the_counters(void **state)
{
	(void)state;
	ask("6.5.1", TYPE_NAPTR);
	assert_int_equal(result.rcode, 3);
	assert_int_equal(result.qtype, TYPE_NAPTR);
	assert_false(result.is_truncated);
	send_over(QUERY_TCP);
	assert_int_equal(result.rcode, 3);
	packet_begin(&p, 1, 0);
	send_over(QUERY_UDP);
	assert_int_equal(result.rcode, 1);
	assert_int_equal(result.qtype, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query_answer__exact_name__rrset),
		cmocka_unit_test(query_answer__negative__soa_with_minimum),
		cmocka_unit_test(query_answer__block__wildcard),
		cmocka_unit_test(
		    query_answer__names_that_are_not_served__dns_rules),
		cmocka_unit_test(query_answer__cname__followed),
		cmocka_unit_test(query_answer__cname_to_nowhere__alias_alone),
		cmocka_unit_test(query_answer__chain_of_17__16_followed),
		cmocka_unit_test(query_answer__below_a_cut__referral),
		cmocka_unit_test(query_answer__ds_at_cut__from_parent),
		cmocka_unit_test(query_answer__apex__soa_and_ns),
		cmocka_unit_test(query_answer__whois_zone__soa_and_ns_only),
		cmocka_unit_test(query_answer__outside_the_zone__refused),
		cmocka_unit_test(query_answer__apex_inside_a_label__refused),
		cmocka_unit_test(query_answer__any__one_rrset),
		cmocka_unit_test(query_answer__mixed_case__kept),
		cmocka_unit_test(query_answer__response_or_short__silence),
		cmocka_unit_test(query_answer__other_opcodes__notimp),
		cmocka_unit_test(query_answer__broken__formerr),
		cmocka_unit_test(query_answer__other_additional__ignored),
		cmocka_unit_test(query_answer__meta_types__refused_or_notimp),
		cmocka_unit_test(query_answer__tsig__badkey),
		cmocka_unit_test(query_answer__no_version__servfail),
		cmocka_unit_test(query_answer__empty_image__servfail),
		cmocka_unit_test(query_answer__edns_version_1__badvers),
		cmocka_unit_test(query_answer__edns_flags__as_they_should),
		cmocka_unit_test(
		    query_answer__refused_with_edns__extended_error),
		cmocka_unit_test(query_answer__size_limits__tc),
		cmocka_unit_test(query_answer__all_names__within_limit),
		cmocka_unit_test(query_answer__glue_does_not_fit__tc),
		cmocka_unit_test(query_answer__glue_of_14_servers__all),
		cmocka_unit_test(
		    query_answer__helpful_address_does_not_fit__left_out),
		cmocka_unit_test(query_answer__classes__in_any_and_others),
		cmocka_unit_test(query_answer__chaos__by_setting),
		cmocka_unit_test(query_answer__result__for_the_counters),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
