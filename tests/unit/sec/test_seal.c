/*
 * sec/seal: the secrets file and sealed TSIG secrets (DESIGN 8 "Secrets").
 */
#include "unit/unit.h"

#include "sec/seal.h"
#include "sec/sec.h"
#include "unit/temp_dir.h"

#include <sys/stat.h>

static struct temp_dir dir;
static char path[2 * TEMP_PATH_MAX];

static int
setup(void **state)
{
	(void)state;
	temp_dir_make(&dir);
	temp_dir_file(path, &dir, "secrets");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	temp_dir_remove(&dir);
	return 0;
}

/* Rule: what was saved is loaded, and only its owner can read the file. */
static void
secrets_load__saved__same(void **state)
{
	struct group_secrets saved, loaded;
	struct stat info;

	(void)state;
	secrets_generate(&saved);
	assert_int_equal(secrets_save(&saved, path, NULL), OK);
	assert_int_equal(secrets_load(&loaded, path, NULL), OK);
	assert_memory_equal(&saved, &loaded, sizeof saved);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
}

/* Rule: a changed byte anywhere is noticed. */
static void
secrets_load__any_byte_changed__damaged(void **state)
{
	struct group_secrets saved, loaded;
	char text[512];

	(void)state;
	secrets_generate(&saved);
	assert_int_equal(secrets_save(&saved, path, NULL), OK);
	FILE *file = fopen(path, "r");
	size_t len = fread(text, 1, sizeof text, file);
	fclose(file);
	for (size_t i = 0; i < len; i++) {
		text[i] ^= 1;
		file = fopen(path, "w");
		assert_int_equal(fwrite(text, 1, len, file), len);
		fclose(file);
		assert_int_equal(secrets_load(&loaded, path, NULL),
		    ERR_DAMAGED);
		text[i] ^= 1;
	}
}

/* Rule: a file that others can read is not used. */
static void
secrets_load__readable_by_others__damaged(void **state)
{
	struct group_secrets saved, loaded;
	struct reason reason = { "" };

	(void)state;
	secrets_generate(&saved);
	assert_int_equal(secrets_save(&saved, path, NULL), OK);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(secrets_load(&loaded, path, &reason), ERR_DAMAGED);
	assert_non_null(strstr(reason.text, "can be read by others"));
}

/* Rule: no file is told apart from a bad one. */
static void
secrets_load__no_file__not_found(void **state)
{
	struct group_secrets loaded;

	(void)state;
	assert_int_equal(secrets_load(&loaded, path, NULL), ERR_NOT_FOUND);
}

/* Rule: a sealed secret opens with its key only, and unchanged only. */
static void
secret_open__changed_or_other_key__damaged(void **state)
{
	static const uint8_t secret[32] = "0123456789abcdef0123456789abcde";
	struct group_secrets ours, other;
	uint8_t sealed[sizeof secret + SEAL_EXTRA];
	uint8_t opened[sizeof secret];

	(void)state;
	secrets_generate(&ours);
	secrets_generate(&other);
	size_t len = secret_seal(sealed, secret, sizeof secret, &ours);
	assert_int_equal(len, sizeof sealed);
	assert_int_equal(secret_open(opened, sealed, len, &ours), OK);
	assert_memory_equal(opened, secret, sizeof secret);
	assert_int_equal(secret_open(opened, sealed, len, &other),
	    ERR_DAMAGED);
	for (size_t i = 0; i < len; i++) {
		sealed[i] ^= 0x80;
		assert_int_equal(secret_open(opened, sealed, len, &ours),
		    ERR_DAMAGED);
		sealed[i] ^= 0x80;
	}
	for (size_t i = 0; i < len; i++)
		assert_int_not_equal(secret_open(opened, sealed, i, &ours),
		    OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    secrets_load__saved__same, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    secrets_load__any_byte_changed__damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    secrets_load__readable_by_others__damaged, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    secrets_load__no_file__not_found, setup, teardown),
		cmocka_unit_test(secret_open__changed_or_other_key__damaged),
	};

	if (sec_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
