/*
 * sys/log_line, sys/log_limit: what a line of the log looks like, and how many
 * of them a stranger can cause.
 */
#include "unit/unit.h"

#include "sys/log_limit.h"
#include "sys/log_line.h"

static const struct log_look text = { .format = LOG_FORMAT_TEXT };
static const struct log_look colour = { .format = LOG_FORMAT_TEXT,
	.has_colour = true };
static const struct log_look keyvalue = { .format = LOG_FORMAT_KEYVALUE };
static const struct log_look json = { .format = LOG_FORMAT_JSON };
static const struct log_look journal = { .format = LOG_FORMAT_KEYVALUE,
	.has_priority = true };

/* The line for "a {word} and {n}" at 1.5 s after 1970. */
static const char *
line_of(const char *word, const struct log_look *look)
{
	static char out[LOG_LINE_CAP + 1];
	const struct log_field fields[] = { log_text("word", word),
		log_number("n", 42) };
	const struct log_line line = { .wall_ms = 1500,
		.level = LOG_LEVEL_WARNING, .id = "test",
		.text = "a {word} and {n}, {else}", .fields = fields,
		.n_fields = 2 };

	size_t len = log_line_write(out, &line, look);
	assert_true(len <= LOG_LINE_CAP);
	out[len] = '\0';
	return out;
}

/* Rule: text is for people: time, level, event, sentence. */
static void
log_line_write__text__sentence(void **state)
{
	(void)state;
	assert_string_equal(line_of("b c", &text),
	    "1970-01-01T00:00:01.500Z warning test: a b c and 42, {else}\n");
	assert_string_equal(line_of("b", &colour),
	    "\033[2m1970-01-01T00:00:01.500Z\033[0m \033[33mwarning\033[0m "
	    "test: a b and 42, {else}\n");
}

/* Rule: key=value quotes what has blanks or quotes, numbers are plain. */
static void
log_line_write__keyvalue__quoted_where_needed(void **state)
{
	(void)state;
	assert_string_equal(line_of("b", &keyvalue),
	    "time=1970-01-01T00:00:01.500Z level=warning event=test "
	    "text=\"a b and 42, {else}\" word=b n=42\n");
	assert_string_equal(line_of("x=\"y\"", &keyvalue),
	    "time=1970-01-01T00:00:01.500Z level=warning event=test "
	    "text=\"a x=\\\"y\\\" and 42, {else}\" word=\"x=\\\"y\\\"\" n=42\n");
	assert_non_null(strstr(line_of("", &keyvalue), " word=\"\" n=42\n"));
}

/* Rule: one JSON object a line. */
static void
log_line_write__json__one_object(void **state)
{
	(void)state;
	assert_string_equal(line_of("\"\\", &json),
	    "{\"time\":\"1970-01-01T00:00:01.500Z\",\"level\":\"warning\","
	    "\"event\":\"test\",\"text\":\"a \\\"\\\\ and 42, {else}\","
	    "\"word\":\"\\\"\\\\\",\"n\":42}\n");
}

/* Rule: the journal gets syslog's priority (warning: 4) and has the time
 * itself. */
static void
log_line_write__journal__priority_and_no_time(void **state)
{
	(void)state;
	assert_string_equal(line_of("b", &journal),
	    "<4>level=warning event=test text=\"a b and 42, {else}\" word=b "
	    "n=42\n");
}

/* Rule: what comes from outside forges no line and moves no cursor. */
static void
log_line_write__control_characters__question_marks(void **state)
{
	static const struct log_look *const looks[] = { &text, &keyvalue,
		&json };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const char *out = line_of("1\n2\r3\t4\0335\x7f"
		    "6\xc2\x9b" "7\xff" "8\xc3\xa9", looks[i]);
		const char *end = strchr(out, '\n');
		assert_non_null(strstr(out, "1?2?3?4?5?6??7?8\xc3\xa9"));
		assert_non_null(end);
		assert_int_equal(end[1], '\0');
	}
}

/* Rule: a text that is one field and no more is said once. */
static void
log_line_write__only_field__said_once(void **state)
{
	char out[LOG_LINE_CAP];
	const struct log_field fields[] = { log_text("what", "x") };
	const struct log_line line = { .level = LOG_LEVEL_INFO, .id = "test",
		.text = "{what}", .fields = fields, .n_fields = 1 };
	static const char expected[] = "{\"time\":\"1970-01-01T00:00:00.000Z\","
	    "\"level\":\"info\",\"event\":\"test\",\"text\":\"x\"}\n";

	(void)state;
	size_t len = log_line_write(out, &line, &json);
	assert_int_equal(len, sizeof expected - 1);
	assert_memory_equal(out, expected, len);
	len = log_line_write(out, &line, &journal);
	assert_memory_equal(out, "<6>level=info event=test text=\"x\"\n", len);
}

/* Rule: a line has a bound, and JSON that was cut is JSON. */
static void
log_line_write__long_value__cut(void **state)
{
	static char quotes[6000];
	static const struct log_look *const looks[] = { &text, &colour,
		&keyvalue, &json, &journal };

	(void)state;
	memset(quotes, '"', sizeof quotes - 1);
	for (size_t i = 0; i < 5; i++) {
		const char *out = line_of(quotes, looks[i]);
		size_t len = strlen(out);
		assert_true(len > 1000 && len < LOG_LINE_CAP);
		assert_non_null(strstr(out, "..."));
		assert_int_equal(out[len - 1], '\n');
	}
	const char *out = line_of(quotes, &json);
	assert_string_equal(out + strlen(out) - 9, ",\"n\":42}\n");
}

/* Rule: many long values fill a line and no more. */
static void
log_line_write__many_fields__within_the_cap(void **state)
{
	static char value[3000];
	char out[LOG_LINE_CAP];
	struct log_field fields[40];
	static const struct log_look *const looks[] = { &keyvalue, &json };

	(void)state;
	memset(value, 'x', sizeof value - 1);
	for (size_t i = 0; i < 40; i++)
		fields[i] = i < 10 ? log_text("key", value) :
		    log_number("number", UINT64_MAX);
	for (size_t i = 0; i < 2; i++) {
		const struct log_line line = { .id = "test", .text = "{key} ",
			.fields = fields, .n_fields = 40 };
		size_t len = log_line_write(out, &line, looks[i]);
		assert_true(len <= LOG_LINE_CAP);
		assert_int_equal(out[len - 1], '\n');
		assert_int_equal(out[len - 2], i == 0 ? '.' : '}');
	}
}

/* Rule: LOG_BURST lines in a span, then they are counted; the span's end says
 * how many. */
static void
log_limit__many__burst_then_counted(void **state)
{
	struct log_limit limit = { 0 };

	(void)state;
	for (unsigned i = 0; i < LOG_BURST; i++)
		assert_true(log_limit_take(&limit, 5000));
	for (unsigned i = 0; i < 7; i++)
		assert_false(log_limit_take(&limit, 5001));
	assert_int_equal(log_limit_end(&limit, 5000 + LOG_SPAN_S * 1000 - 1),
	    0);
	assert_int_equal(log_limit_end(&limit, 5000 + LOG_SPAN_S * 1000), 7);
	assert_int_equal(log_limit_end(&limit, 5000 + LOG_SPAN_S * 1000), 0);
	assert_true(log_limit_take(&limit, 5000 + LOG_SPAN_S * 1000));
}

/* Rule: settings name forms and levels. */
static void
log_names__every_number__word_or_null(void **state)
{
	(void)state;
	assert_string_equal(log_format_name(LOG_FORMAT_KEYVALUE), "keyvalue");
	assert_string_equal(log_level_name(LOG_LEVEL_DEBUG), "debug");
	assert_null(log_format_name(LOG_FORMATS));
	assert_null(log_level_name(LOG_LEVELS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(log_line_write__text__sentence),
		cmocka_unit_test(
		    log_line_write__keyvalue__quoted_where_needed),
		cmocka_unit_test(log_line_write__json__one_object),
		cmocka_unit_test(
		    log_line_write__journal__priority_and_no_time),
		cmocka_unit_test(
		    log_line_write__control_characters__question_marks),
		cmocka_unit_test(log_line_write__only_field__said_once),
		cmocka_unit_test(log_line_write__long_value__cut),
		cmocka_unit_test(log_line_write__many_fields__within_the_cap),
		cmocka_unit_test(log_limit__many__burst_then_counted),
		cmocka_unit_test(log_names__every_number__word_or_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
