/*
 * Readers side by side, and the warnings about them.
 */
#include "unit/unit.h"

#include "cmd/dialled.h"

#include "base/check.h"

enum { NAME_LEN = 40 };

static struct blob rdatas[8];
static size_t n_rdatas;
static char said[4096];

static void
write_string(struct writer *w, const char *text)
{
	write_u8(w, (uint8_t)strlen(text));
	write_bytes(w, text, strlen(text));
}

static void
add(unsigned preference, const char *flags, const char *services,
    const char *regexp)
{
	static uint8_t room[8][600];
	struct writer w = writer_make(room[n_rdatas], sizeof room[0]);

	write_u16(&w, 100);
	write_u16(&w, (uint16_t)preference);
	write_string(&w, flags);
	write_string(&w, services);
	write_string(&w, regexp);
	write_u8(&w, 0);
	require(!w.bad);
	rdatas[n_rdatas] = (struct blob){ room[n_rdatas], writer_len(&w) };
	n_rdatas++;
}

static void
hear(void *arg, const char *text)
{
	(void)arg;
	strcat(said, text);
	strcat(said, "\n");
}

/* The added records, read; what is said of them is in said. */
static const struct dialled *
made(void)
{
	static struct dialled dialled;
	struct tn number;

	said[0] = '\0';
	require(tn_parse(&number, "+12025550123", 12, NULL) == OK);
	assert_int_equal(dialled_make(&dialled, number, NAME_LEN, rdatas,
	    n_rdatas), OK);
	dialled_warn(&dialled, hear, NULL);
	n_rdatas = 0;
	return &dialled;
}

static void
assert_said(const char *words)
{
	if (strstr(said, words) == NULL)
		fail_msg("'%s' is not in: %s", words, said);
}

/* What carriers may write leaves nothing to be said. */
static void
dialled_make__within_the_profile__agree(void **state)
{
	(void)state;
	add(10, "u", "E2U+sip", "!^.*$!sip:a@b.example!");
	add(20, "u", "E2U+sip", "!^(.*)$!sip:\\1@c.example!");
	add(30, "u", "E2U+pstn:tel", "!^.*$!tel:+12025550123;npdi!");
	const struct dialled *dialled = made();
	assert_true(dialled_agree(dialled));
	assert_string_equal(said, "");
	for (int r = 0; r < READER_COUNT; r++) {
		assert_string_equal(dialled_reading(dialled,
		    (enum enum_reader)r, 0)->uri, "sip:a@b.example");
		assert_string_equal(dialled_reading(dialled,
		    (enum enum_reader)r, 1)->uri, "sip:+12025550123@c.example");
		assert_null(dialled_reading(dialled, (enum enum_reader)r, 2));
	}
}

static void
dialled_make__no_naptr__malformed(void **state)
{
	static struct dialled dialled;
	const struct blob bad = { (const uint8_t *)"\0\1\0\1\5u", 6 };

	(void)state;
	assert_int_equal(dialled_make(&dialled, (struct tn){ 0 }, NAME_LEN,
	    &bad, 1), ERR_MALFORMED);
	assert_int_equal(dialled_make(&dialled, (struct tn){ 0 }, NAME_LEN,
	    NULL, 0), OK);
	assert_false(dialled_agree(&dialled));
}

/* Each kind of trouble has its sentence. */
static void
dialled_warn__readers_differ__said(void **state)
{
	(void)state;
	add(10, "u", "E2U+voicemsg:sip", "!^.*$!sip:box@b.example!");
	add(20, "u", "E2U+sip", "!^.*$!sip:a@b.example!");
	assert_false(dialled_agree(made()));
	assert_said("they do not dial the same");

	add(10, "u", "sip+E2U", "!^.*$!sip:a@b.example!");
	made();
	assert_said("FreeSWITCH finds nothing to dial");
	assert_said("record 100 10 is not for all readers");

	add(10, "", "", "");
	add(20, "u", "E2U+sip", "!^.*$!sip:a@b.example!");
	made();
	assert_said("Asterisk gives up at record 100 10");
	assert_said("Asterisk finds nothing to dial");

	add(10, "u", "E2U+sip", "!^+1.*$!sip:a@b.example!");
	made();
	assert_said("what Kamailio does cannot be told");

	add(10, "u", "E2U+sip", "!^.*$!sips:a@b.example!");
	made();
	assert_said("dials without TLS");
	assert_said("FreeSWITCH finds nothing to dial");

	add(10, "u", "E2U+sip", "!^.*$!sip:a@b.example!");
	add(10, "u", "E2U+sip", "!^.*$!sip:c@b.example!");
	made();
	assert_said("two NAPTR of order 100, preference 10");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialled_make__within_the_profile__agree),
		cmocka_unit_test(dialled_make__no_naptr__malformed),
		cmocka_unit_test(dialled_warn__readers_differ__said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
