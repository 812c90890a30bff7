/*
 * JSON objects of the control socket.
 */
#include "unit/unit.h"

#include "control/message.h"

#include <stdlib.h>

static enum status
decode(struct message **out, const char *text, struct reason *reason)
{
	return message_decode(out, (struct blob){ (const uint8_t *)text,
	    strlen(text) }, reason);
}

/* What was set is there, in the order in which it was set. */
static void
message_encode__members__in_order(void **state)
{
	struct message *message = message_create();
	size_t len = 0;

	(void)state;
	message_set_text(message, "z", "text");
	message_set_number(message, "a", 4711);
	message_set_flag(message, "f", true);
	message_set_nothing(message, "n");
	message_set_list(message, "empty");
	message_append_text(message, "l", "one");
	message_set_number(message_append(message, "o"), "x", 1);
	char *text = message_encode(message, &len);
	assert_string_equal(text, "{\"z\":\"text\",\"a\":4711,\"f\":true,"
	    "\"n\":null,\"empty\":[],\"l\":[\"one\"],\"o\":[{\"x\":1}]}");
	assert_int_equal(len, strlen(text));
	free(text);
	message_destroy(message);
}

/* JSON is UTF-8: other bytes are replaced, not passed on. */
static void
message_set_text__not_utf8__replaced(void **state)
{
	struct message *message = message_create();

	(void)state;
	message_set_text(message, "k", "caf\xe9 \xc3\xa9");
	assert_string_equal(message_text(message, "k"), "caf? \xc3\xa9");
	message_destroy(message);
}

/* A member of another kind is as if it were not there. */
static void
message_text__other_kind__not_there(void **state)
{
	struct message *message = NULL;
	struct reason reason = { "" };
	uint64_t number = 5;

	(void)state;
	assert_int_equal(decode(&message, "{\"t\":1,\"n\":-1,\"m\":\"1\","
	    "\"r\":1.5,\"l\":[1,\"b\"],\"f\":1}", &reason), OK);
	assert_null(message_text(message, "t"));
	assert_null(message_text(message, "none"));
	assert_false(message_number(message, "n", &number));
	assert_false(message_number(message, "m", &number));
	assert_false(message_number(message, "r", &number));
	assert_int_equal(number, 5);
	assert_false(message_flag(message, "f"));
	assert_int_equal(message_count(message, "t"), 0);
	assert_int_equal(message_count(message, "l"), 2);
	assert_null(message_item(message, "l", 0));
	assert_string_equal(message_item(message, "l", 1), "b");
	assert_null(message_item(message, "l", 2));
	message_destroy(message);
}

/* Foreign text: an object and nothing else, no key twice, no NUL. */
static void
message_decode__bad_text__malformed(void **state)
{
	static const char *const texts[] = { "", "[]", "1", "{", "{}x",
		"{\"a\":1,\"a\":2}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}",
		"{a:1}", "{\"a\":1,}" };
	char deep[20001];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct message *message = NULL;
		struct reason reason = { "" };
		if (decode(&message, texts[i], &reason) != ERR_MALFORMED)
			fail_msg("%s is taken", texts[i]);
		assert_null(message);
		assert_true(reason.text[0] != '\0');
	}
	struct message *message = NULL;
	struct reason reason = { "" };
	memcpy(deep, "{\"a\":", 5);
	memset(deep + 5, '[', sizeof deep - 6);
	deep[sizeof deep - 1] = '\0';
	assert_int_equal(decode(&message, deep, &reason), ERR_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_encode__members__in_order),
		cmocka_unit_test(message_set_text__not_utf8__replaced),
		cmocka_unit_test(message_text__other_kind__not_there),
		cmocka_unit_test(message_decode__bad_text__malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
