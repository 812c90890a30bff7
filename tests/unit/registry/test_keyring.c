/*
 * registry/keyring: the keys in force, by name. DESIGN 6; a keyring does not
 * change once others read it, so a change makes another one.
 */
#include "unit/unit.h"

#include "registry/keyring.h"

/* Not a real MAC: counts holders. */
struct mac_key {
	int holders;
};

static struct mac_key *
fake_prepare(enum mac_algorithm algorithm, const uint8_t *secret, size_t len)
{
	(void)algorithm;
	(void)secret;
	(void)len;
	return NULL;
}

static struct mac_key *
fake_hold(struct mac_key *key)
{
	key->holders++;
	return key;
}

static void
fake_release(struct mac_key *key)
{
	key->holders--;
}

static const struct mac_ops fake_ops = { .prepare = fake_prepare,
	.hold = fake_hold, .release = fake_release };

enum { MANY = 1000 };

static struct mac_key macs[MANY];

static struct dname
name_of(const char *text)
{
	struct dname name;

	assert_int_equal(dname_parse(&name, text, strlen(text), NULL), OK);
	return name;
}

static void
put(struct keyring *keyring, const char *name, uint32_t version,
    struct mac_key *mac)
{
	struct keyring_key key = {
		.tsig = { .name = name_of(name), .mac = mac },
		.version = version,
		.role = ROLE_CARRIER,
		.ocn = "1510",
	};

	mac->holders = 1;
	keyring_put(keyring, &key);
}

static const struct keyring_key *
find(const struct keyring *keyring, const char *name)
{
	struct dname wanted = name_of(name);

	return keyring_find(keyring, &wanted);
}

/* Many keys, put in no order, found in any case; others are not. */
static void
keyring_find__many__each_found(void **state)
{
	struct keyring *keyring = keyring_create(&fake_ops, NULL);
	char name[32];

	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t n = i * 7 % MANY;
		snprintf(name, sizeof name, "Key%u.acme", n);
		put(keyring, name, n + 1, &macs[n]);
	}
	assert_int_equal(keyring_count(keyring), MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "kEY%u.ACME", i);
		const struct keyring_key *key = find(keyring, name);
		assert_non_null(key);
		assert_int_equal(key->version, i + 1);
		assert_ptr_equal(key->tsig.mac, &macs[i]);
	}
	assert_null(find(keyring, "key1000.acme"));
	assert_null(find(keyring, "acme"));
	assert_null(find(keyring, "key1.acme.x"));
	keyring_destroy(keyring);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(macs[i].holders, 0);
}

/* A key of the same name takes the place of the old one. */
static void
keyring_put__same_name__replaced(void **state)
{
	struct keyring *keyring = keyring_create(&fake_ops, NULL);

	(void)state;
	put(keyring, "a.key", 1, &macs[0]);
	put(keyring, "A.KEY", 2, &macs[1]);
	assert_int_equal(keyring_count(keyring), 1);
	assert_int_equal(find(keyring, "a.key")->version, 2);
	assert_int_equal(macs[0].holders, 0);
	assert_int_equal(macs[1].holders, 1);
	keyring_destroy(keyring);
	assert_int_equal(macs[1].holders, 0);
}

/* Readers of the old table keep what they had. */
static void
keyring_create__from_another__old_one_unchanged(void **state)
{
	struct keyring *old = keyring_create(&fake_ops, NULL);
	struct dname gone = name_of("B.key");

	(void)state;
	put(old, "a.key", 1, &macs[0]);
	put(old, "b.key", 1, &macs[1]);
	struct keyring *new = keyring_create(&fake_ops, old);
	keyring_drop(new, &gone);
	keyring_drop(new, &gone);
	put(new, "c.key", 1, &macs[2]);
	assert_int_equal(keyring_count(new), 2);
	assert_null(find(new, "b.key"));
	assert_int_equal(keyring_count(old), 2);
	assert_non_null(find(old, "b.key"));
	assert_null(find(old, "c.key"));
	assert_int_equal(macs[0].holders, 2);
	assert_int_equal(macs[1].holders, 1);
	keyring_destroy(old);
	assert_int_equal(macs[0].holders, 1);
	assert_int_equal(macs[1].holders, 0);
	assert_ptr_equal(find(new, "a.key")->tsig.mac, &macs[0]);
	keyring_destroy(new);
	assert_int_equal(macs[0].holders, 0);
}

/* Before the first state is there, nobody has a key. */
static void
keyring_find__no_keyring__none(void **state)
{
	(void)state;
	assert_null(find(NULL, "a.key"));
	assert_int_equal(keyring_count(NULL), 0);
	keyring_destroy(NULL);
}

/* The actor is what the judge checks again: name, version, role, OCN. */
static void
keyring_actor__carrier__all_of_it(void **state)
{
	struct keyring *keyring = keyring_create(&fake_ops, NULL);
	struct actor actor;

	(void)state;
	put(keyring, "Acme.Key", 7, &macs[0]);
	keyring_actor(&actor, find(keyring, "acme.key"));
	struct dname want = name_of("acme.key");
	assert_int_equal(actor.role, ROLE_CARRIER);
	assert_string_equal(actor.ocn, "1510");
	assert_int_equal(actor.key_version, 7);
	assert_int_equal(actor.key.len, want.len);
	assert_memory_equal(actor.key.bytes, want.bytes, want.len);
	assert_string_equal(actor.registrar, "");
	keyring_destroy(keyring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keyring_find__many__each_found),
		cmocka_unit_test(keyring_find__no_keyring__none),
		cmocka_unit_test(keyring_put__same_name__replaced),
		cmocka_unit_test(
		    keyring_create__from_another__old_one_unchanged),
		cmocka_unit_test(keyring_actor__carrier__all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
