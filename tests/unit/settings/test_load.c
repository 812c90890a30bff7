/*
 * Loading of settings files: what they mean, and exactly what is said about
 * bad ones.
 */
#include "unit/unit.h"

#include "settings/settings.h"

#include <stdlib.h>
#include <unistd.h>

#define HEAD "registrar: r1\nstate: /s\nlisten:\n  dns: [127.0.0.1@5300]\n"

static struct settings loaded;

static int
enter_directory(void **state)
{
	static char dir[] = "/tmp/e164d-settings-XXXXXX";

	*state = mkdtemp(dir);
	return *state == NULL ? -1 : chdir(dir);
}

static int
leave_directory(void **state)
{
	(void)unlink("f");
	return chdir("/") != 0 || rmdir(*state) != 0 ? -1 : 0;
}

static enum status
load_bytes(const void *text, size_t len, char **said)
{
	size_t said_len = 0;
	FILE *file = fopen("f", "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	FILE *errors = open_memstream(said, &said_len);
	assert_non_null(errors);
	enum status status = settings_load(&loaded, "f", errors);
	fclose(errors);
	return status;
}

static void
expect_good(const char *text)
{
	char *said = NULL;

	enum status status = load_bytes(text, strlen(text), &said);
	assert_string_equal(said, "");
	assert_int_equal(status, OK);
	free(said);
}

static void
expect_said(const char *text, size_t len, const char *want)
{
	char *said = NULL;

	memset(&loaded, 0x5a, sizeof loaded);
	assert_int_equal(load_bytes(text, len, &said), ERR_MALFORMED);
	assert_string_equal(said, want);
	/* the result is untouched on failure */
	assert_int_equal(loaded.registrar[0], 0x5a);
	free(said);
}

/* The example of DESIGN 10 loads, and means what it says. */
static void
settings_load__example__all_fields(void **state)
{
	char text[64];

	(void)state;
	expect_good("registrar: r1\n"
	    "state: /var/lib/e164d              # directory\n"
	    "listen:\n"
	    "  dns: [127.0.0.1@5300]            # UDP and TCP\n"
	    "  tls: [127.0.0.1@8530]            # DNS over TLS\n"
	    "  peer: 127.0.0.1@7300\n"
	    "  control: /run/e164d/control.sock\n"
	    "secondaries: [127.0.0.1@5401, \"::1@5402 key.example\"]\n"
	    "threads: 2\n");
	assert_string_equal(loaded.registrar, "r1");
	assert_string_equal(loaded.state, "/var/lib/e164d");
	assert_string_equal(loaded.control, "/run/e164d/control.sock");
	assert_int_equal(loaded.n_dns, 1);
	assert_string_equal(net_address_format(text, sizeof text,
	    &loaded.dns[0]), "127.0.0.1@5300");
	assert_int_equal(loaded.n_tls, 1);
	assert_true(loaded.has_peer);
	assert_int_equal(loaded.n_secondaries, 2);
	assert_string_equal(loaded.secondary_keys[0], "");
	assert_string_equal(loaded.secondary_keys[1], "key.example");
	assert_int_equal(loaded.threads, 2);
}

/* Every scalar is text: YAML's own words and numbers have no meaning. */
static void
settings_load__yaml_words__are_text(void **state)
{
	(void)state;
	expect_good("registrar: no\nstate: 0x10\n"
	    "listen:\n  dns:\n  - 127.0.0.1@53\n  - '::1@53'\n"
	    "chaos: {version-bind: \"\", id-server: 'null'}\n");
	assert_string_equal(loaded.registrar, "no");
	assert_string_equal(loaded.state, "0x10");
	assert_string_equal(loaded.id_server, "null");
	assert_int_equal(loaded.n_dns, 2);
}

/* A byte order mark, CRLF and block lists are no fault. */
static void
settings_load__bom_and_crlf__good(void **state)
{
	(void)state;
	expect_good("\xef\xbb\xbfregistrar: r1\r\nstate: /s\r\n"
	    "listen:\r\n  dns: [127.0.0.1@53]\r\n");
	assert_string_equal(loaded.state, "/s");
}

static const struct {
	const char *text;
	const char *said;
} bad_files[] = {
	/* all faults of a file at once, each with place, line and caret */
	{ "registrar: r 1\nstat: /s\nlistn:\n  dns: [127.0.0.1@53]\n"
	  "listen:\n  dns: [127.0.0.1@53]\n",
	  "f:1:12: error: 'registrar': expected a name of letters, digits, "
	  "'-' and '_', found 'r 1'\n"
	  "    1 | registrar: r 1\n"
	  "      |            ^^^\n"
	  "f:2:1: error: unknown option 'stat'; did you mean 'state'?\n"
	  "    2 | stat: /s\n"
	  "      | ^^^^\n"
	  "f:3:1: error: unknown option 'listn'; did you mean 'listen'?\n"
	  "    3 | listn:\n"
	  "      | ^^^^^\n"
	  "f: error: 'state' is missing: directory that holds the state of "
	  "the registrar\n" },
	/* an option of another group */
	{ HEAD "dns: [1]\n",
	  "f:5:1: error: unknown option 'dns'; did you mean 'listen.dns'?\n"
	  "    5 | dns: [1]\n"
	  "      | ^^^\n" },
	/* nothing is near */
	{ HEAD "completely-else: 1\n",
	  "f:5:1: error: unknown option 'completely-else'\n"
	  "    5 | completely-else: 1\n"
	  "      | ^^^^^^^^^^^^^^^\n" },
	/* a dot does not make a path */
	{ HEAD "tcp.idle: 10s\n",
	  "f:5:1: error: unknown option 'tcp.idle'\n"
	  "    5 | tcp.idle: 10s\n"
	  "      | ^^^^^^^^\n" },
	/* repeated options and groups */
	{ HEAD "threads: 1\nthreads: 2\n",
	  "f:6:1: error: 'threads' is there twice, first in line 5\n"
	  "    6 | threads: 2\n"
	  "      | ^^^^^^^\n" },
	{ HEAD "listen:\n  peer: 127.0.0.1@1\n",
	  "f:5:1: error: 'listen' is there twice, first in line 3\n"
	  "    5 | listen:\n"
	  "      | ^^^^^^\n" },
	/* wrong forms */
	{ HEAD "threads: [1]\n",
	  "f:5:10: error: 'threads': expected a number, found a list\n"
	  "    5 | threads: [1]\n"
	  "      |          ^\n" },
	{ HEAD "threads: {a: 1}\n",
	  "f:5:10: error: 'threads': expected a number, found a group of "
	  "options\n"
	  "    5 | threads: {a: 1}\n"
	  "      |          ^\n" },
	{ HEAD "tcp: 5\n",
	  "f:5:6: error: 'tcp': expected a group of options, found '5'\n"
	  "    5 | tcp: 5\n"
	  "      |      ^\n" },
	{ HEAD "secondaries: 127.0.0.1@5401\n",
	  "f:5:14: error: 'secondaries': expected a list of addresses such as "
	  "[127.0.0.1@5401], found '127.0.0.1@5401'\n"
	  "    5 | secondaries: 127.0.0.1@5401\n"
	  "      |              ^^^^^^^^^^^^^^\n" },
	{ HEAD "cache:\n",
	  "f:5:1: error: 'cache': expected a size such as 48M or 2G, found "
	  "nothing\n"
	  "    5 | cache:\n"
	  "      | ^^^^^\n" },
	{ "- a\n",
	  "f:1:1: error: expected options such as 'registrar: r1', found a "
	  "list\n"
	  "    1 | - a\n"
	  "      | ^\n"
	  "f: error: 'registrar' is missing: name of this registrar in its "
	  "group: letters, digits, '-' and '_'\n"
	  "f: error: 'state' is missing: directory that holds the state of "
	  "the registrar\n"
	  "f: error: 'listen.dns' is missing: where to answer DNS over UDP "
	  "and TCP\n" },
	/* values out of their limits */
	{ HEAD "threads: 0\ncache: 48MB\nimage: 10M\n",
	  "f:5:10: error: 'threads': expected 1 to 256, found '0'\n"
	  "    5 | threads: 0\n"
	  "      |          ^\n"
	  "f:6:8: error: 'cache': expected a size such as 48M or 2G, found "
	  "'48MB'\n"
	  "    6 | cache: 48MB\n"
	  "      |        ^^^^\n"
	  "f:7:8: error: 'image': expected 16M to 64T, found '10M'\n"
	  "    7 | image: 10M\n"
	  "      |        ^^^\n" },
	{ HEAD "secondaries: [127.0.0.1@1, 127.0.0.1@1]\n",
	  "f:5:28: error: 'secondaries': '127.0.0.1@1' is there twice\n"
	  "    5 | secondaries: [127.0.0.1@1, 127.0.0.1@1]\n"
	  "      |                            ^^^^^^^^^^^\n" },
	{ HEAD "secondaries: ['127.0.0.1@1 a..b']\n",
	  "f:5:15: error: 'secondaries': expected the name of a key after the "
	  "address, found 'a..b'\n"
	  "    5 | secondaries: ['127.0.0.1@1 a..b']\n"
	  "      |               ^^^^^^^^^^^^^^^^^^\n" },
	{ "registrar: r1\nstate: /s\nlisten: {dns: []}\n",
	  "f:3:1: error: 'listen.dns': expected at least one address\n"
	  "    3 | listen: {dns: []}\n"
	  "      | ^\n" },
	/* parts of YAML that have no use here */
	{ HEAD "cache: &a 4M\nballast: *a\nimage: !x 1G\n",
	  "f:5:8: error: anchors ('&a') are not supported\n"
	  "    5 | cache: &a 4M\n"
	  "      |        ^\n"
	  "f:6:10: error: aliases ('*a') are not supported\n"
	  "    6 | ballast: *a\n"
	  "      |          ^^\n"
	  "f:7:8: error: tags ('!x') are not supported\n"
	  "    7 | image: !x 1G\n"
	  "      |        ^\n" },
	{ HEAD "---\nthreads: 1\n",
	  "f:5:1: error: a second document: only one is read\n"
	  "    5 | ---\n"
	  "      | ^^^\n" },
	{ "? [a]\n: b\n",
	  "f:1:3: error: expected the name of an option\n"
	  "    1 | ? [a]\n"
	  "      |   ^\n" },
	{ "registrar: [[[[[[[[[[[[[[\n",
	  "f:1:12: error: 'registrar': expected a name of letters, digits, "
	  "'-' and '_', found a list\n"
	  "    1 | registrar: [[[[[[[[[[[[[[\n"
	  "      |            ^\n"
	  "f:1:19: error: nested more than 8 levels deep\n"
	  "    1 | registrar: [[[[[[[[[[[[[[\n"
	  "      |                   ^\n" },
	/* broken YAML, bytes that are no text */
	{ "registrar: r1\nlisten: [1, 2\nstate: 3\n",
	  "f:2:9: error: 'listen': expected a group of options, found a list\n"
	  "    2 | listen: [1, 2\n"
	  "      |         ^\n"
	  "f:3:6: error: while parsing a flow sequence: did not find expected "
	  "',' or ']'\n"
	  "    3 | state: 3\n"
	  "      |      ^\n" },
	{ "listen:\n  dns: [127.0.0.1@53, ::1@53]\n",
	  "f:2:23: error: while parsing a flow node: did not find expected "
	  "node content; a value that begins with ':' needs quotes\n"
	  "    2 |   dns: [127.0.0.1@53, ::1@53]\n"
	  "      |                       ^\n" },
	{ "listen:\n\tdns: [127.0.0.1@53]\n",
	  "f:2:1: error: a tab is used for indentation: use spaces\n"
	  "    2 | \tdns: [127.0.0.1@53]\n"
	  "      | ^\n" },
	{ "state: \xc3(\n",
	  "f:1:8: error: byte 0xc3 is not UTF-8\n"
	  "    1 | state: ?(\n"
	  "      |        ^\n" },
	/* the caret counts characters, not bytes */
	{ HEAD "chaos: {id-server: \xc3\xb6\xc3\xb6, idserver: x}\n",
	  "f:5:24: error: unknown option 'idserver'; did you mean "
	  "'id-server'?\n"
	  "    5 | chaos: {id-server: \xc3\xb6\xc3\xb6, idserver: x}\n"
	  "      |                        ^^^^^^^^\n" },
};

/* Bad files: everything is found, each with place, source and a way on. */
static void
settings_load__bad_files__exact_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad_files / sizeof bad_files[0]; i++)
		expect_said(bad_files[i].text, strlen(bad_files[i].text),
		    bad_files[i].said);
}

/* NUL and other control characters are refused before YAML sees them. */
static void
settings_load__control_characters__malformed(void **state)
{
	static const char nul[] = "state: a\0b\n";

	(void)state;
	expect_said(nul, sizeof nul - 1,
	    "f:1:9: error: control character 0x00 is not allowed\n"
	    "    1 | state: a?b\n"
	    "      |         ^\n");
}

/* A Unix socket's path has 107 bytes at most. */
static void
settings_load__long_socket_path__refused(void **state)
{
	char text[512];
	char path[120];
	char *said = NULL;

	(void)state;
	memset(path, 'a', sizeof path);
	snprintf(text, sizeof text, HEAD "  control: %.107s\n", path);
	expect_good(text);
	snprintf(text, sizeof text, HEAD "  control: %.108s\n", path);
	assert_int_equal(load_bytes(text, strlen(text), &said),
	    ERR_MALFORMED);
	assert_non_null(strstr(said, "108 bytes long, at most 107"));
	free(said);
}

/* Files above the limit are not read at all; many faults are counted. */
static void
settings_load__huge_and_full_of_faults__bounded(void **state)
{
	static char text[300 * 1024];
	char *said = NULL;

	(void)state;
	memset(text, '#', sizeof text);
	assert_int_equal(load_bytes(text, sizeof text, &said), ERR_MALFORMED);
	assert_string_equal(said, "f: error: larger than 262144 bytes\n");
	free(said);
	size_t len = 0;
	for (int i = 0; i < 1000; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
		    "zz%d: 1\n", i);
	said = NULL;
	assert_int_equal(load_bytes(text, len, &said), ERR_MALFORMED);
	assert_non_null(strstr(said, "f:50:1: error: unknown"));
	assert_null(strstr(said, "f:51:1"));
	assert_non_null(strstr(said, "f: 953 more errors\n"));
	free(said);
}

/* A file that is not there is another status than a bad one. */
static void
settings_load__no_file__not_found(void **state)
{
	char *said = NULL;
	size_t len = 0;
	FILE *errors = open_memstream(&said, &len);

	(void)state;
	assert_int_equal(settings_load(&loaded, "nowhere/f", errors),
	    ERR_NOT_FOUND);
	fclose(errors);
	assert_string_equal(said, "nowhere/f: error: cannot be opened: No such "
	    "file or directory\n");
	free(said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_load__example__all_fields),
		cmocka_unit_test(settings_load__yaml_words__are_text),
		cmocka_unit_test(settings_load__bom_and_crlf__good),
		cmocka_unit_test(settings_load__bad_files__exact_words),
		cmocka_unit_test(settings_load__control_characters__malformed),
		cmocka_unit_test(settings_load__long_socket_path__refused),
		cmocka_unit_test(
		    settings_load__huge_and_full_of_faults__bounded),
		cmocka_unit_test(settings_load__no_file__not_found),
	};

	return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
