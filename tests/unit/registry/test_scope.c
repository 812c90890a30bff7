/*
 * registry/scope: every row of the table "the state is a zone".
 */
#include "unit/unit.h"

#include "dns/name.h"
#include "registry/scope.h"
#include "unit/random.h"

struct scope_case {
	const char *name; /* relative to the apex; "" the apex itself */
	enum scope scope;
	enum name_kind kind;
	const char *text; /* digits of tn, or the OCN */
};

#define DIGITS_15 "5.4.3.2.1.0.9.8.7.6.5.4.3.2.1"

static const struct scope_case cases[] = {
	{ "", SCOPE_PUBLIC, NAME_APEX, "" },
	/* numbers */
	{ "1", SCOPE_PUBLIC, NAME_NUMBER, "1" },
	{ "3.2.1", SCOPE_PUBLIC, NAME_NUMBER, "123" },
	{ DIGITS_15, SCOPE_PUBLIC, NAME_NUMBER, "123456789012345" },
	{ "6." DIGITS_15, SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "12.3", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "3.12", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "a.3.2.1", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "3.a.1", SCOPE_PUBLIC, NAME_OTHER, "" },
	/* blocks */
	{ "*.2.1", SCOPE_PUBLIC, NAME_BLOCK, "12" },
	{ "*." DIGITS_15, SCOPE_PUBLIC, NAME_BLOCK, "123456789012345" },
	{ "*.6." DIGITS_15, SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "*", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "3.*.1", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "*.*.1", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "**.1", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "*.12.3", SCOPE_PUBLIC, NAME_OTHER, "" },
	/* OCN information; owners are lower case, an OCN is upper case */
	{ "1510._ocn", SCOPE_PUBLIC, NAME_OCN, "1510" },
	{ "A9Z0._ocn", SCOPE_PUBLIC, NAME_OCN, "A9Z0" },
	{ "a9z0._OCN", SCOPE_PUBLIC, NAME_OCN, "A9Z0" },
	{ "_ocn", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "151._ocn", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "15101._ocn", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "15-0._ocn", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "x.1510._ocn", SCOPE_PUBLIC, NAME_OTHER, "" },
	/* pools: the prefix is one label */
	{ "1201592._pool", SCOPE_PUBLIC, NAME_POOL, "1201592" },
	{ "1._pool", SCOPE_PUBLIC, NAME_POOL, "1" },
	{ "123456789012345._pool", SCOPE_PUBLIC, NAME_POOL,
	    "123456789012345" },
	{ "1234567890123456._pool", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "2.1._pool", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "12a._pool", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "_pool", SCOPE_PUBLIC, NAME_OTHER, "" },
	/* whois: the cut is public, all below it is not */
	{ "w", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "3.2.1.w", SCOPE_WHOIS, NAME_WHOIS_NUMBER, "123" },
	{ "*.2.1.W", SCOPE_WHOIS, NAME_WHOIS_BLOCK, "12" },
	{ DIGITS_15 ".w", SCOPE_WHOIS, NAME_WHOIS_NUMBER, "123456789012345" },
	{ "6." DIGITS_15 ".w", SCOPE_WHOIS, NAME_OTHER, "" },
	{ "*.w", SCOPE_WHOIS, NAME_OTHER, "" },
	{ "a.*.1.w", SCOPE_WHOIS, NAME_OTHER, "" },
	{ "ns1.w", SCOPE_WHOIS, NAME_OTHER, "" },
	{ "_pin.3.2.1.w", SCOPE_WHOIS, NAME_OTHER, "" },
	{ "w.1", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "ww", SCOPE_PUBLIC, NAME_OTHER, "" },
	/* names inside an UPDATE */
	{ "_has.3.2.1", SCOPE_PSEUDO, NAME_HAS, "123" },
	{ "_pin.3.2.1", SCOPE_PSEUDO, NAME_PIN, "123" },
	{ "_CODE.3.2.1", SCOPE_PSEUDO, NAME_CODE, "123" },
	{ "_has." DIGITS_15, SCOPE_PSEUDO, NAME_HAS, "123456789012345" },
	{ "_has", SCOPE_PSEUDO, NAME_OTHER, "" },
	{ "_pin", SCOPE_PSEUDO, NAME_OTHER, "" },
	{ "x._code", SCOPE_PSEUDO, NAME_OTHER, "" },
	{ "x._has.3.2.1", SCOPE_PSEUDO, NAME_OTHER, "" },
	{ "_has._pin.1", SCOPE_PSEUDO, NAME_OTHER, "" },
	{ "_has.6." DIGITS_15, SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "_has.12.3", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "_has.host", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "_hash.1", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "_pin.*.1", SCOPE_PUBLIC, NAME_OTHER, "" },
	/* the registry's own */
	{ "_registry", SCOPE_PRIVATE, NAME_OTHER, "" },
	{ "x.y._REGISTRY", SCOPE_PRIVATE, NAME_OTHER, "" },
	{ "3.2.1._registry", SCOPE_PRIVATE, NAME_OTHER, "" },
	{ "_registry.1", SCOPE_PUBLIC, NAME_OTHER, "" },
	/* whatever else */
	{ "ns1", SCOPE_PUBLIC, NAME_OTHER, "" },
	{ "alias.sub", SCOPE_PUBLIC, NAME_OTHER, "" },
};

static struct owner
owner_of(const char *text)
{
	static const struct dname apex = { .len = 9, .bytes = "\7example" };
	struct dname name = apex;
	struct owner owner;

	if (text[0] != '\0')
		assert_int_equal(dname_parse(&name, text, strlen(text), &apex),
		    OK);
	assert_int_equal(owner_from_dname(&owner, &name, &apex), OK);
	return owner;
}

/* Rule: DESIGN "the state is a zone", row by row, and what looks like it. */
static void
name_classify__every_row__as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct owner owner = owner_of(cases[i].name);
		struct name_class class = name_classify(owner_blob(&owner));
		char text[TN_DIGITS_MAX + 1];
		print_message("%s\n", cases[i].name);
		assert_int_equal(class.scope, cases[i].scope);
		assert_int_equal(class.kind, cases[i].kind);
		(void)tn_digits(text, class.tn);
		if (class.kind == NAME_OCN) {
			assert_string_equal(class.ocn, cases[i].text);
			assert_string_equal(text, "");
		} else {
			assert_string_equal(class.ocn, "");
			assert_string_equal(text, cases[i].text);
		}
	}
}

/* R6: owner_scope says what name_classify says. */
static void
owner_scope__every_row__as_name_classify(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct owner owner = owner_of(cases[i].name);
		assert_int_equal(owner_scope(owner_blob(&owner)),
		    cases[i].scope);
	}
}

/* Rule: both are total and agree on names made of the special labels. */
static void
owner_scope__random_labels__as_name_classify(void **state)
{
	static const char *const labels[] = { "1", "2", "*", "w", "_has",
		"_pin", "_code", "_ocn", "_pool", "_registry", "1510", "12",
		"a" };
	enum { N_LABELS = sizeof labels / sizeof labels[0] };
	struct random random = random_make(4);

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct owner owner = { 0 };
		for (uint32_t n = random_below(&random, 6); n > 0; n--) {
			const char *label =
			    labels[random_below(&random, N_LABELS)];
			assert_int_equal(owner_push(&owner, label,
			    strlen(label)), OK);
		}
		struct blob blob = owner_blob(&owner);
		assert_int_equal(owner_scope(blob), name_classify(blob).scope);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_classify__every_row__as_the_table_says),
		cmocka_unit_test(owner_scope__every_row__as_name_classify),
		cmocka_unit_test(owner_scope__random_labels__as_name_classify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
