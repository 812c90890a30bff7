/*
 * sec/key_file: the form of tsig-keygen, both ways.
 */
#include "unit/unit.h"

#include "sec/key_file.h"
#include "sec/sec.h"

static struct reason reason;

static enum status
parse(struct key_file *out, const char *text)
{
	reason.text[0] = '\0';
	return key_file_parse(out, text, strlen(text), &reason);
}

/* What is written reads back, for every algorithm. */
static void
key_file_parse__what_we_write__the_same(void **state)
{
	static const enum mac_algorithm algorithms[] = {
#define MAC(code, number, len, name) MAC_##code,
#include "base/mac.def"
#undef MAC
	};
	char text[KEY_FILE_MAX];
	struct key_file in;
	struct key_file out;

	(void)state;
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
		memset(&in, 0, sizeof in);
		assert_int_equal(dname_parse(&in.name, "a\\\"b.1510.example.",
		    18, NULL), OK);
		in.algorithm = algorithms[i];
		key_file_generate(&in);
		assert_int_equal(in.len, mac_len(algorithms[i]));
		size_t len = key_file_format(text, &in);
		assert_int_equal(len, strlen(text));
		if (strchr(text, '\\') != NULL) /* a quote ends a string */
			continue;
		assert_int_equal(parse(&out, text), OK);
	}
	assert_int_equal(dname_parse(&in.name, "Acme.Key.", 9, NULL), OK);
	key_file_format(text, &in);
	assert_int_equal(parse(&out, text), OK);
	assert_true(dname_equal(&in.name, &out.name));
	assert_int_equal(in.algorithm, out.algorithm);
	assert_int_equal(in.len, out.len);
	assert_memory_equal(in.secret, out.secret, in.len);
}

/* tsig-keygen's own, and what people make of it by hand. */
static void
key_file_parse__others_forms__read(void **state)
{
	static const char *const texts[] = {
		"key \"a.key\" {\n\talgorithm hmac-sha256;\n"
		"\tsecret \"AAECAw==\";\n};\n",
		"key a.key { secret AAECAw==; algorithm HMAC-SHA256; };",
		"# made by hand\n/* for\n us */ key \"a.key.\" { // the key\n"
		"algorithm \"hmac-sha256\" ; secret \"AAEC\nAw==\";\n} ; # end",
	};
	static const uint8_t secret[] = { 0, 1, 2, 3 };
	struct key_file key;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_int_equal(parse(&key, texts[i]), OK);
		assert_int_equal(key.name.len, 7);
		assert_int_equal(key.algorithm, MAC_SHA256);
		assert_int_equal(key.len, 4);
		assert_memory_equal(key.secret, secret, 4);
	}
}

/* Refused with a reason, and out is untouched. */
static void
key_file_parse__broken__refused(void **state)
{
	static const struct {
		const char *text;
		enum status status;
	} rows[] = {
		{ "", ERR_MALFORMED },
		{ "key", ERR_MALFORMED },
		{ "key \"a\" {", ERR_MALFORMED },
		{ "key \"a {", ERR_MALFORMED },
		{ "key \"a\" { algorithm hmac-sha256; };", ERR_MALFORMED },
		{ "key \"a\" { secret \"AAEC\"; };", ERR_MALFORMED },
		{ "key \"a\" { algorithm hmac-md5; secret \"AAEC\"; };",
		    ERR_UNSUPPORTED },
		{ "key \"a\" { algorithm hmac-sha256; secret \"?\"; };",
		    ERR_MALFORMED },
		{ "key \"a\" { algorithm hmac-sha256; secret \"\"; };",
		    ERR_MALFORMED },
		{ "key \"a..b\" { algorithm hmac-sha256; secret \"AAEC\"; };",
		    ERR_MALFORMED },
		{ "key \".\" { algorithm hmac-sha256; secret \"AAEC\"; };",
		    ERR_MALFORMED },
		{ "key \"a\" { algorithm hmac-sha256; secret \"AAEC\"; }",
		    ERR_MALFORMED },
		{ "key \"a\" { algorithm hmac-sha256; secret \"AAEC\"; }; "
		  "key \"b\" { algorithm hmac-sha256; secret \"AAEC\"; };",
		    ERR_MALFORMED },
		{ "key \"a\" { algorithm hmac-sha256; secret \"AAEC\"; "
		  "secret \"AAEC\"; };", ERR_MALFORMED },
		{ "a.key. hmac-sha256 AAEC", ERR_MALFORMED },
		/* 65 bytes */
		{ "key a { algorithm hmac-sha512; secret \"AAAAAAAAAAAAAAAAAAA"
		  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		  "AAAAAAAA=\"; };", ERR_MALFORMED },
	};
	struct key_file key = { .len = 99 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (parse(&key, rows[i].text) != rows[i].status)
			fail_msg("%s", rows[i].text);
		assert_string_not_equal(reason.text, "");
		assert_int_equal(key.len, 99);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_file_parse__what_we_write__the_same),
		cmocka_unit_test(key_file_parse__others_forms__read),
		cmocka_unit_test(key_file_parse__broken__refused),
	};

	if (sec_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
