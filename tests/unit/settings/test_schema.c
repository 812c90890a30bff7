/*
 * The schema of the settings file: look-up, suggestions, defaults.
 */
#include "unit/unit.h"

#include "settings/schema.h"
#include "settings/settings.h"
#include "settings/value.h"

#include <stdbool.h>

/* Every row has words for the manual, and paths are not repeated. */
static void
option_table__all_rows__have_help_and_own_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_table_len; i++) {
		assert_true(strlen(option_table[i].help) > 0);
		assert_true(strlen(option_table[i].path) < OPTION_PATH_MAX);
		assert_ptr_equal(option_find(option_table[i].path),
		    &option_table[i]);
	}
}

/* A name is a group only as a whole. */
static void
option_is_group__names__whole_ones_only(void **state)
{
	(void)state;
	assert_true(option_is_group("listen"));
	assert_true(option_is_group(""));
	assert_false(option_is_group("list"));
	assert_false(option_is_group("listen.dns"));
	assert_int_equal(option_group_first("nothing"), option_table_len);
}

static void
expect_suggestion(const char *path, const char *want)
{
	char near[OPTION_PATH_MAX] = "";

	assert_true(option_suggest(near, path));
	assert_string_equal(near, want);
}

/* The nearest valid spelling, in its group or where the name belongs. */
static void
option_suggest__misspelt__nearest(void **state)
{
	char near[OPTION_PATH_MAX] = "";

	(void)state;
	expect_suggestion("listn", "listen");
	expect_suggestion("regsitrar", "registrar");
	expect_suggestion("low_disk", "low-disk");
	expect_suggestion("listen.dsn", "dns");
	expect_suggestion("dns", "listen.dns");
	expect_suggestion("listen.threads", "threads");
	assert_false(option_suggest(near, "completely-else"));
	assert_false(option_suggest(near, ""));
}

/* Defaults pass their own checks; required options stay empty. */
static void
value_set_defaults__nothing_given__as_in_the_table(void **state)
{
	static struct settings s;

	(void)state;
	value_set_defaults(&s);
	assert_string_equal(s.registrar, "");
	assert_string_equal(s.control, "/run/e164d/control.sock");
	assert_int_equal(s.cache_bytes, 48 << 20);
	assert_true(s.image_bytes == UINT64_C(32) << 30);
	assert_int_equal(s.ballast_bytes, 64 << 20);
	assert_int_equal(s.low_disk_bytes, 64 << 20);
	assert_int_equal(s.tcp.tcp_clients, 1024);
	assert_int_equal(s.tcp.tcp_idle_ms, 10000);
	assert_true(s.threads >= 1);
	assert_int_equal(s.n_dns, 0);
	assert_false(s.has_peer);
}

/* Sizes and times need their units; limits are said in readable units. */
static void
value_set__sizes_and_times__units_and_limits(void **state)
{
	static struct settings s;
	struct reason why = { "" };

	(void)state;
	value_set_defaults(&s);
	assert_int_equal(value_set(&s, option_find("cache"), "2G", &why), OK);
	assert_true(s.cache_bytes == UINT64_C(2) << 30);
	assert_int_equal(value_set(&s, option_find("cache"), "2097152", &why),
	    OK);
	assert_int_equal(s.cache_bytes, 2 << 20);
	assert_int_equal(value_set(&s, option_find("tcp.idle"), "1500ms",
	    &why), OK);
	assert_int_equal(s.tcp.tcp_idle_ms, 1500);
	assert_int_equal(value_set(&s, option_find("tcp.idle"), "2m", &why),
	    OK);
	assert_int_equal(s.tcp.tcp_idle_ms, 120000);

	assert_int_equal(value_set(&s, option_find("tcp.idle"), "10", &why),
	    ERR_BAD_VALUE);
	assert_int_equal(value_set(&s, option_find("cache"), "512K", &why),
	    ERR_BAD_VALUE);
	assert_string_equal(why.text,
	    "'cache': expected 1M to 64T, found '512K'");
	assert_int_equal(value_set(&s, option_find("cache"),
	    "99999999999999999999", &why), ERR_BAD_VALUE);
	assert_int_equal(value_set(&s, option_find("cache"), "-1", &why),
	    ERR_BAD_VALUE);
	assert_int_equal(s.cache_bytes, 2 << 20);
}

/* Rule: of a reload only what may change does; the rest is named. */
static void
settings_take__some_differ__by_the_table(void **state)
{
	static struct settings now;
	static struct settings loaded;
	struct settings_changes taken;
	struct settings_changes waiting;
	struct reason reason;

	(void)state;
	value_set_defaults(&now);
	value_set_defaults(&loaded);
	settings_take(&now, &loaded, &taken, &waiting);
	assert_int_equal(taken.n + waiting.n, 0);
	for (size_t i = 0; i < option_table_len; i++) {
		static const char *const values[] = { "yes", "other", "/other",
			"127.0.0.1@4242", "17", "777M", "2s", "json",
			"debug" };
		const struct option *option = &option_table[i];
		bool is_set = false;
		for (size_t v = 0; v < 9 && !is_set; v++)
			is_set = value_set(&loaded, option, values[v],
			    &reason) == OK;
		assert_true(is_set);
		settings_take(&now, &loaded, &taken, &waiting);
		size_t n_before = waiting.n;
		if (option->when == AT_RELOAD) {
			assert_int_equal(taken.n, 1);
			assert_string_equal(taken.paths[0], option->path);
			settings_take(&now, &loaded, &taken, &waiting);
			assert_int_equal(taken.n, 0);
			assert_int_equal(waiting.n, n_before);
		} else {
			assert_int_equal(taken.n, 0);
			assert_string_equal(waiting.paths[waiting.n - 1],
			    option->path);
		}
	}
	assert_int_equal(now.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(now.n_dns, 1);
	assert_string_equal(now.user, "");
}

/* Rule: a list is the same only with the same keys in the same order. */
static void
settings_take__secondaries__keys_count(void **state)
{
	static struct settings now;
	static struct settings loaded;
	struct settings_changes taken;
	struct settings_changes waiting;
	const struct option *option = option_find("secondaries");
	struct reason reason;

	(void)state;
	value_set_defaults(&now);
	value_set_defaults(&loaded);
	assert_int_equal(value_set(&now, option, "::1@53 a.key", &reason), OK);
	assert_int_equal(value_set(&loaded, option, "::1@53 b.key", &reason),
	    OK);
	settings_take(&now, &loaded, &taken, &waiting);
	assert_int_equal(taken.n, 1);
	assert_string_equal(now.secondary_keys[0], "b.key");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(option_table__all_rows__have_help_and_own_path),
		cmocka_unit_test(option_is_group__names__whole_ones_only),
		cmocka_unit_test(option_suggest__misspelt__nearest),
		cmocka_unit_test(
		    value_set_defaults__nothing_given__as_in_the_table),
		cmocka_unit_test(value_set__sizes_and_times__units_and_limits),
		cmocka_unit_test(settings_take__some_differ__by_the_table),
		cmocka_unit_test(settings_take__secondaries__keys_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
