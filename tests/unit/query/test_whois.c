/*
 * query/whois: what is at a whois name (RFC 4592 3.3) and who holds the
 * number: its own ocn=, else that of the innermost explicit block above it.
 */
#include "unit/unit.h"

#include "dns/name.h"
#include "dns/rdata.h"
#include "query/whois.h"
#include "registry/keyring.h"

/* A state of a few names: text of one TXT record each. */
struct line {
	const char *owner; /* labels from the apex outwards, with spaces */
	const char *text;
	uint8_t flags;
};

static const struct line lines[] = {
	{ "1 5 5", "ocn=1510", 0 },
	{ "1 9 *", "ocn=2000", 0 },
	{ "1 9 7 *", "cnam=Inner", 0 }, /* explicit, without holder */
	{ "1 9 8 *", "ocn=9999", NODE_DERIVED },
	{ "w 1 5 5", "zip=07605", 0 },
	{ "w 1 9 *", "zip=1", 0 },
	{ "w 1 9 7 7 7", "zip=2", 0 },
};

enum { LINES = sizeof lines / sizeof lines[0] };

static struct arena arena;

static struct owner
owner_of(const char *text)
{
	struct owner owner = { .len = 0 };

	while (*text != '\0') {
		size_t len = strcspn(text, " ");
		assert_int_equal(owner_push(&owner, text, len), OK);
		text += len;
		text += *text == ' ';
	}
	return owner;
}

static enum status
fake_get(void *arg, struct blob owner, struct arena *room, struct node *out)
{
	(void)arg;
	*out = (struct node){ 0 };
	for (size_t i = 0; i < LINES; i++) {
		struct owner have = owner_of(lines[i].owner);
		uint8_t rdata[64];
		if (owner_compare(owner_blob(&have), owner) != 0)
			continue;
		rdata[0] = (uint8_t)strlen(lines[i].text);
		memcpy(rdata + 1, lines[i].text, rdata[0]);
		struct record record = { .type = TYPE_TXT, .ttl = 300,
			.rdata = { rdata, rdata[0] + 1u } };
		out->flags = lines[i].flags;
		return rrsets_build(room, &out->rrsets, &record, 1);
	}
	return OK;
}

static enum status
fake_exists(void *arg, struct blob owner, bool *out)
{
	(void)arg;
	*out = false;
	for (size_t i = 0; i < LINES; i++) {
		struct owner have = owner_of(lines[i].owner);
		*out = *out || owner_is_at_or_below(owner_blob(&have), owner);
	}
	return OK;
}

static const struct whois_source source = { .get = fake_get,
	.exists = fake_exists };

static struct whois
find(const char *name)
{
	struct owner owner = owner_of(name);
	struct whois whois;

	assert_int_equal(whois_find(&whois, &arena, &source,
	    owner_blob(&owner)), OK);
	return whois;
}

static bool
has_text(const struct whois *whois, const char *text)
{
	return memmem(whois->rrsets.data, whois->rrsets.len, text,
	    strlen(text)) != NULL;
}

static void
whois_find__exact__records_and_holder(void **state)
{
	(void)state;
	struct whois whois = find("w 1 5 5");
	assert_true(whois.exists);
	assert_true(has_text(&whois, "zip=07605"));
	assert_string_equal(whois.holder, "1510");
}

/* RFC 4592: '*' of the closest encloser; a name between is an encloser. */
static void
whois_find__wildcard__closest_encloser(void **state)
{
	(void)state;
	struct whois whois = find("w 1 9 1 2 3");
	assert_true(whois.exists);
	assert_true(has_text(&whois, "zip=1"));
	assert_string_equal(whois.holder, "2000");
	whois = find("w 1 9 7 1"); /* 1.9.7 exists: it has a name below */
	assert_false(whois.exists);
	whois = find("w 1 9 7 7"); /* and so does this: NODATA */
	assert_true(whois.exists);
	assert_int_equal(whois.rrsets.len, 0);
	whois = find("w 2");
	assert_false(whois.exists);
	assert_string_equal(whois.holder, "");
}

/* Blocks without ocn= and derived records hold nothing. */
static void
whois_find__holder__innermost_explicit_block(void **state)
{
	(void)state;
	assert_string_equal(find("w 1 9 7 7 7").holder, "2000");
	assert_string_equal(find("w 1 9 7 *").holder, "2000");
	assert_string_equal(find("w 1 9 8 1").holder, "2000");
	assert_string_equal(find("w 1 9 *").holder, "2000");
	assert_string_equal(find("w 1 5").holder, "");
	assert_string_equal(find("w 1 5 5 5").holder, "");
	assert_string_equal(find("w x").holder, "");
}

/* Everybody else is kept out, also where nobody holds the number. */
static void
whois_may_read__roles__holder_and_authority(void **state)
{
	static const struct {
		enum role role;
		const char *ocn;
		const char *holder;
		bool may;
	} rows[] = {
		{ ROLE_AUTHORITY, "", "1510", true },
		{ ROLE_AUTHORITY, "", "", true },
		{ ROLE_CARRIER, "1510", "1510", true },
		{ ROLE_CARRIER, "1511", "1510", false },
		{ ROLE_CARRIER, "1510", "", false },
		{ ROLE_TRANSFER, "", "1510", false },
		{ ROLE_NONE, "", "", false },
		{ ROLE_REGISTRAR, "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct keyring_key key = { .role = rows[i].role };
		struct whois whois = { .exists = true };
		snprintf(key.ocn, sizeof key.ocn, "%s", rows[i].ocn);
		snprintf(whois.holder, sizeof whois.holder, "%s",
		    rows[i].holder);
		assert_int_equal(whois_may_read(&key, &whois), rows[i].may);
	}
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whois_find__exact__records_and_holder),
		cmocka_unit_test(whois_find__wildcard__closest_encloser),
		cmocka_unit_test(whois_find__holder__innermost_explicit_block),
		cmocka_unit_test(whois_may_read__roles__holder_and_authority),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
