/*
 * The zone of the entries that ask questions: small, with everything that makes
 * an answer different.
 */
#include "fuzz/scene.h"

#include "fuzz/fuzz.h"

#include "base/arena.h"
#include "dns/rdata.h"
#include "image/image.h"
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
static struct image *image; /* NULL: not built yet */

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

const struct query_env *
scene_env(void)
{
	if (image == NULL)
		build();
	return &env;
}

const struct image_version *
scene_version(void)
{
	if (image == NULL)
		build();
	return image_current(image);
}
