/*
 * The zone of the entries that ask questions: small, with everything that makes
 * an answer different.
 */
#include "fuzz/scene.h"

#include "fuzz/fuzz.h"

#include "base/arena.h"
#include "dns/rdata.h"
#include "image/image.h"
#include "registry/keyring.h"
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
#define TEXT_50 "01234567890123456789012345678901234567890123456789"
#define TEXT_200 TEXT_50 TEXT_50 TEXT_50 TEXT_50
#define LABEL_60 "\074" TEXT_50 "0123456789"

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
	/* more than a message of 512 bytes takes, of 1232, and no room left
	 * for the addresses of a cut */
	{ "big", TYPE_TXT, RDATA("\310" TEXT_200 "\310" TEXT_200
	    "\310" TEXT_200) },
	{ "huge", TYPE_TXT, RDATA("\310" TEXT_200 "\310" TEXT_200 "\310" TEXT_200
	    "\310" TEXT_200 "\310" TEXT_200 "\310" TEXT_200 "\310" TEXT_200) },
	{ "far", TYPE_NS, RDATA(LABEL_60 LABEL_60 LABEL_60 "\3far" NAME "\0") },
	{ "far", TYPE_NS, RDATA("\1w" NAME "\0") },
	{ "far", TYPE_NS, RDATA("\1x\1w" NAME "\0") },
	{ "far", TYPE_NS, RDATA("\2ns\3far" NAME "\0") },
	{ "ns.far", TYPE_A, RDATA("\300\0\2\4") },
	{ "ns.far", TYPE_AAAA, RDATA("\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\4") },
	{ "8.8", TYPE_NS, RDATA("\2ns\0018\0018" NAME "\0") },
	{ "ns.8.8", TYPE_A, RDATA("\300\0\2\3") },
};

static struct query_env env;
static struct image *image; /* NULL: not built yet */
static struct image *bare;  /* no record at all */

/* ------------------------------------------------------------------ keys */

/* MACs are 'M' all over, so that a fuzzer gets past them. */
static struct mac_key {
	enum mac_algorithm algorithm;
} fake = { MAC_SHA256 };

static struct mac_key *
fake_hold(struct mac_key *key)
{
	return key;
}

static void
fake_release(struct mac_key *key)
{
	(void)key;
}

static size_t
fake_compute(const struct mac_key *key, uint8_t out[MAC_MAX],
    const struct blob *pieces, size_t n)
{
	(void)pieces;
	(void)n;
	memset(out, 'M', mac_len(key->algorithm));
	return mac_len(key->algorithm);
}

static bool
fake_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	return memcmp(a, b, len) == 0;
}

static const struct mac_ops fake_ops = { .hold = fake_hold,
	.release = fake_release, .compute = fake_compute,
	.equal = fake_equal };
static struct keyring *keyring;

static void
put_key(const char *name, enum role role, const char *ocn)
{
	struct keyring_key key = { .version = 1, .role = role };

	FUZZ_CHECK(dname_parse(&key.tsig.name, name, strlen(name), NULL) ==
	    OK);
	key.tsig.algorithm = MAC_SHA256;
	key.tsig.mac = &fake;
	memcpy(key.ocn, ocn, strlen(ocn));
	keyring_put(keyring, &key);
}

static void
build_keys(void)
{
	env.tsig = (struct tsig_env){ .mac = &fake_ops,
		.mac_min = TSIG_MAC_MIN };
	keyring = keyring_create(&fake_ops, NULL);
	FUZZ_CHECK(keyring != NULL);
	put_key("carrier.", ROLE_CARRIER, "1510");
	put_key("authority.", ROLE_AUTHORITY, "");
	put_key("transfer.", ROLE_TRANSFER, "");
}

const struct keyring *
scene_keyring(void)
{
	if (keyring == NULL)
		build_keys();
	return keyring;
}

/* ------------------------------------------------------------------ zone */

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
	static _Alignas(64) uint8_t bare_region[REGION];
	struct arena arena;

	arena_init(&arena);
	FUZZ_CHECK(dname_parse(&env.apex, APEX, sizeof APEX - 1, NULL) == OK);
	strcpy(env.version_bind, "e164d");
	strcpy(env.id_server, "r1");
	FUZZ_CHECK(image_create(&image, region, REGION) == OK);
	image_begin(image);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0];)
		i = load_node(&arena, i);
	(void)image_commit(image, 1, 1);
	FUZZ_CHECK(image_create(&bare, bare_region, REGION) == OK);
	image_begin(bare);
	(void)image_commit(bare, 1, 1);
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

const struct image_version *
scene_bare_version(void)
{
	if (image == NULL)
		build();
	return image_current(bare);
}
