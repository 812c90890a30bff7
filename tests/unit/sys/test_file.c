/*
 * sys/file: whole reads and writes, replaced files, words for failures.
 */
#include "unit/unit.h"

#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];
static char path[128];

static int calls;    /* of any function, so far */
static int fail_at;  /* this call fails; 0: none */
static int fail_errno;

static bool
fails(void)
{
	calls++;
	if (calls != fail_at)
		return false;
	errno = fail_errno;
	return true;
}

static int
broken_open(const char *name, int flags, mode_t mode)
{
	return fails() ? -1 : file_ops_system.open(name, flags, mode);
}

/* Short counts and interruptions all the time. */
static ssize_t
broken_pread(int fd, void *data, size_t len, off_t offset)
{
	if (fails())
		return -1;
	return pread(fd, data, len > 3 ? 3 : len, offset);
}

static ssize_t
broken_pwrite(int fd, const void *data, size_t len, off_t offset)
{
	if (fails())
		return -1;
	return pwrite(fd, data, len > 3 ? 3 : len, offset);
}

static int
broken_fsync(int fd)
{
	return fails() ? -1 : fsync(fd);
}

static int
broken_rename(const char *from, const char *to)
{
	return fails() ? -1 : rename(from, to);
}

static int
broken_unlink(const char *name)
{
	return fails() ? -1 : unlink(name);
}

static int
broken_close(int fd)
{
	bool is_bad = fails();
	int result = close(fd);

	if (is_bad)
		errno = fail_errno;
	return is_bad ? -1 : result;
}

static const struct file_ops broken = {
	.open = broken_open,
	.pread = broken_pread,
	.pwrite = broken_pwrite,
	.fsync = broken_fsync,
	.rename = broken_rename,
	.unlink = broken_unlink,
	.close = broken_close,
};

static int
set_up(void **state)
{
	(void)state;
	calls = 0;
	fail_at = 0;
	snprintf(directory, sizeof directory, "/tmp/e164d-file-XXXXXX");
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/file", directory);
	return 0;
}

static int
tear_down(void **state)
{
	char temporary[160];

	(void)state;
	snprintf(temporary, sizeof temporary, "%s.new", path);
	unlink(temporary);
	unlink(path);
	return rmdir(directory);
}

/* Rule: exactly len bytes, over short counts. */
static void
file_write_at__short_counts__whole(void **state)
{
	struct reason reason = { "" };
	char back[16] = "";
	size_t got = 0;
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	(void)state;
	assert_int_equal(file_write_at(&broken, fd, path, "0123456789", 10, 5,
	    &reason), OK);
	assert_int_equal(file_read_at(&broken, fd, path, back, 10, 5, &got,
	    &reason), OK);
	assert_int_equal(got, 10);
	assert_string_equal(back, "0123456789");
	assert_int_equal(file_read_at(&broken, fd, path, back, 10, 11, &got,
	    &reason), OK);
	assert_int_equal(got, 4);
	close(fd);
}

/* Rule: an interrupted call is made again. */
static void
file_write_at__interrupted__goes_on(void **state)
{
	struct reason reason = { "" };
	char back[8] = "";
	size_t got = 0;
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	(void)state;
	fail_errno = EINTR;
	fail_at = 2;
	assert_int_equal(file_write_at(&broken, fd, path, "abcdefg", 7, 0,
	    &reason), OK);
	fail_at = calls + 2;
	assert_int_equal(file_read_at(&broken, fd, path, back, 7, 0, &got,
	    &reason), OK);
	assert_string_equal(back, "abcdefg");
	close(fd);
}

/* Rule: a full disk is told from a broken one, with the path. */
static void
file_write_at__failures__status_and_words(void **state)
{
	static const struct {
		int error;
		enum status status;
	} rows[] = { { ENOSPC, ERR_FULL }, { EDQUOT, ERR_FULL },
		{ EIO, ERR_IO }, { EROFS, ERR_IO }, { ENOENT, ERR_IO } };
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct reason reason = { "" };
		fail_errno = rows[i].error;
		fail_at = calls + 1;
		assert_int_equal(file_write_at(&broken, fd, path, "x", 1, 0,
		    &reason), rows[i].status);
		assert_non_null(strstr(reason.text, path));
		assert_non_null(strstr(reason.text, strerror(rows[i].error)));
	}
	close(fd);
}

/* Rule: whichever call fails, the file is whole, old or new. */
static void
file_replace__each_call_fails__old_or_new(void **state)
{
	static const char old[] = "old content";
	static const char new[] = "the new content";
	struct reason reason = { "" };

	(void)state;
	fail_errno = EIO;
	for (int at = 1;; at++) {
		char back[64] = "";
		size_t len = 0;
		assert_int_equal(file_replace(&file_ops_system, path, old,
		    sizeof old, 0600, &reason), OK);
		calls = 0;
		fail_at = at;
		reason.text[0] = '\0';
		enum status status = file_replace(&broken, path, new,
		    sizeof new, 0600, &reason);
		bool is_over = calls < at;
		fail_at = 0;
		assert_int_equal(file_load(path, back, sizeof back, &len,
		    &reason), OK);
		if (is_over) {
			assert_int_equal(status, OK);
			assert_string_equal(back, new);
			break;
		}
		/* unlink of a leftover and close of nothing may fail alone */
		if (status != OK)
			assert_true(reason.text[0] != '\0');
		assert_true(strcmp(back, old) == 0 || strcmp(back, new) == 0);
		if (status == OK)
			assert_string_equal(back, new);
		assert_true(at < 100);
	}
}

/* Rule: the mode is the caller's, also over an older file and a leftover. */
static void
file_replace__leftover_and_mode__as_asked(void **state)
{
	struct reason reason = { "" };
	struct stat st;
	char temporary[160];

	(void)state;
	snprintf(temporary, sizeof temporary, "%s.new", path);
	assert_int_equal(symlink("/nonexistent", temporary), 0);
	assert_int_equal(file_replace(&file_ops_system, path, "a", 1, 0600,
	    &reason), OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 1);
	assert_int_equal(access(temporary, F_OK), -1);
}

/* Rule: exactly cap fits, one more does not, nothing there is told apart. */
static void
file_load__sizes__limits(void **state)
{
	struct reason reason = { "" };
	char back[8];
	size_t len = 99;

	(void)state;
	assert_int_equal(file_load(path, back, sizeof back, &len, &reason),
	    ERR_NOT_FOUND);
	assert_int_equal(len, 99);
	assert_int_equal(file_replace(&file_ops_system, path, "12345678", 8,
	    0600, &reason), OK);
	assert_int_equal(file_load(path, back, sizeof back, &len, &reason),
	    OK);
	assert_int_equal(len, 8);
	assert_int_equal(file_load(path, back, 7, &len, &reason),
	    ERR_TOO_LONG);
	assert_int_equal(file_load(directory, back, 7, &len, &reason),
	    ERR_IO);
}

/* Rule: a directory that cannot be synced is told. */
static void
file_sync_directory__missing__io(void **state)
{
	struct reason reason = { "" };

	(void)state;
	assert_int_equal(file_sync_directory(&file_ops_system, directory,
	    &reason), OK);
	assert_int_equal(file_sync_directory(&file_ops_system,
	    "/nonexistent/x", &reason), ERR_IO);
	assert_non_null(strstr(reason.text, "/nonexistent/x"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    file_write_at__short_counts__whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    file_write_at__interrupted__goes_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    file_write_at__failures__status_and_words, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    file_replace__each_call_fails__old_or_new, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    file_replace__leftover_and_mode__as_asked, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(file_load__sizes__limits,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    file_sync_directory__missing__io, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
