/*
 * engine/state_dir: whose directory it is; nothing foreign is touched
 * (DESIGN 8; issue text "Locked, damaged, newer-format or foreign").
 */
#include "unit/unit.h"

#include "engine/state_dir.h"
#include "unit/temp_dir.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static struct temp_dir dir;
static char path[2 * TEMP_PATH_MAX]; /* of the state directory */
static struct reason reason;

static int
setup(void **state)
{
	(void)state;
	temp_dir_make(&dir);
	temp_dir_file(path, &dir, "state");
	reason.text[0] = '\0';
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	temp_dir_remove(&dir);
	return 0;
}

static struct identity
some_identity(void)
{
	struct identity identity = { .registrar = "r1", .id = 7 };

	memset(identity.group, 0xa5, sizeof identity.group);
	assert_int_equal(dname_parse(&identity.zone, "e164.example.", 13,
	    NULL), OK);
	return identity;
}

static void
make(void)
{
	struct identity identity = some_identity();
	struct state_dir state_dir;

	assert_int_equal(state_dir_create(&state_dir, path, &identity,
	    &reason), OK);
	assert_int_equal(state_dir_finish(&state_dir, &reason), OK);
	state_dir_close(&state_dir);
}

static void
write_identity(const char *text, size_t len)
{
	char file[2 * TEMP_PATH_MAX + 16];

	snprintf(file, sizeof file, "%s/identity", path);
	FILE *out = fopen(file, "w");
	assert_int_equal(fwrite(text, 1, len, out), len);
	fclose(out);
}

static size_t
read_identity(char *text, size_t cap)
{
	char file[2 * TEMP_PATH_MAX + 16];

	snprintf(file, sizeof file, "%s/identity", path);
	FILE *in = fopen(file, "r");
	size_t len = fread(text, 1, cap, in);
	fclose(in);
	return len;
}

static unsigned
entries(const char *where)
{
	DIR *open_dir = opendir(where);
	unsigned n = 0;

	while (readdir(open_dir) != NULL)
		n++;
	closedir(open_dir);
	return n - 2;
}

/* Rule: what was made is opened again, and is the same. */
static void
state_dir_open__created__same_identity(void **state)
{
	struct identity identity = some_identity();
	struct state_dir opened;
	struct stat info;

	(void)state;
	make();
	assert_int_equal(state_dir_open(&opened, path, "r1", &reason), OK);
	assert_string_equal(opened.identity.registrar, "r1");
	assert_int_equal(opened.identity.id, 7);
	assert_memory_equal(opened.identity.group, identity.group,
	    GROUP_ID_LEN);
	assert_true(dname_equal(&opened.identity.zone, &identity.zone));
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	state_dir_close(&opened);
}

/* Rule: one process at a time; the other is told who. */
static void
state_dir_open__open_already__locked(void **state)
{
	struct state_dir first, second;
	char pid[32];

	(void)state;
	make();
	assert_int_equal(state_dir_open(&first, path, "r1", &reason), OK);
	assert_int_equal(state_dir_open(&second, path, "r1", &reason),
	    ERR_LOCKED);
	snprintf(pid, sizeof pid, "process %ld", (long)getpid());
	assert_non_null(strstr(reason.text, pid));
	state_dir_close(&first);
	assert_int_equal(state_dir_open(&second, path, "r1", &reason), OK);
	state_dir_close(&second);
}

/* Rule: no directory, or an empty one, asks for init. */
static void
state_dir_open__nothing_there__not_found(void **state)
{
	struct state_dir opened;

	(void)state;
	assert_int_equal(state_dir_open(&opened, path, "r1", &reason),
	    ERR_NOT_FOUND);
	assert_non_null(strstr(reason.text, "init"));
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(state_dir_open(&opened, path, "r1", &reason),
	    ERR_NOT_FOUND);
	assert_int_equal(entries(path), 0);
}

/* E4: somebody else's directory is refused by both, and left alone. */
static void
state_dir_open__other_files__foreign_untouched(void **state)
{
	struct identity identity = some_identity();
	char file[2 * TEMP_PATH_MAX + 16];
	struct state_dir opened;

	(void)state;
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(file, sizeof file, "%s/thesis.tex", path);
	fclose(fopen(file, "w"));
	assert_int_equal(state_dir_open(&opened, path, "r1", &reason),
	    ERR_FOREIGN);
	assert_int_equal(state_dir_create(&opened, path, &identity, &reason),
	    ERR_FOREIGN);
	assert_int_equal(entries(path), 1);
	struct stat info;
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0755);
}

/* Rule: a second init does not replace a registrar. */
static void
state_dir_create__registrar_there__exists(void **state)
{
	struct identity identity = some_identity();
	struct state_dir opened;

	(void)state;
	make();
	assert_int_equal(state_dir_create(&opened, path, &identity, &reason),
	    ERR_EXISTS);
}

/* Rule: an init that was cut off is not served, and can be run again. */
static void
state_dir_open__unfinished__refused_until_made_again(void **state)
{
	struct identity identity = some_identity();
	char file[STATE_FILE_MAX];
	struct state_dir cut, opened;

	(void)state;
	assert_int_equal(state_dir_create(&cut, path, &identity, &reason), OK);
	state_dir_file(file, &cut, "left");
	fclose(fopen(file, "w"));
	assert_int_equal(state_dir_open(&opened, path, "r1", &reason),
	    ERR_DAMAGED);
	assert_non_null(strstr(reason.text, "did not finish"));
	assert_int_equal(state_dir_create(&opened, path, &identity, &reason),
	    ERR_LOCKED);
	state_dir_close(&cut); /* the process is gone */
	make();
	assert_int_equal(access(file, F_OK), -1);
	assert_int_equal(state_dir_open(&opened, path, "r1", &reason), OK);
	state_dir_close(&opened);
}

/* Rule: what is discarded leaves an empty directory, good for another try. */
static void
state_dir_discard__made__empty(void **state)
{
	struct identity identity = some_identity();
	struct state_dir cut;

	(void)state;
	assert_int_equal(state_dir_create(&cut, path, &identity, &reason), OK);
	state_dir_discard(&cut);
	assert_int_equal(entries(path), 0);
	make();
}

/* Rule: the state belongs to the registrar that the settings name. */
static void
state_dir_open__other_registrar__foreign(void **state)
{
	struct state_dir opened;

	(void)state;
	make();
	assert_int_equal(state_dir_open(&opened, path, "r2", &reason),
	    ERR_FOREIGN);
	assert_non_null(strstr(reason.text, "'r1'"));
}

/* E4: a changed byte anywhere in the identity is noticed. */
static void
state_dir_open__any_byte_changed__refused(void **state)
{
	struct state_dir opened;
	char text[2048];

	(void)state;
	make();
	size_t len = read_identity(text, sizeof text);
	for (size_t i = 0; i < len; i++) {
		text[i] ^= 1;
		write_identity(text, len);
		assert_int_not_equal(state_dir_open(&opened, path, "r1",
		    &reason), OK);
		text[i] ^= 1;
	}
	for (size_t i = 0; i < len; i++) {
		write_identity(text, i);
		assert_int_not_equal(state_dir_open(&opened, path, "r1",
		    &reason), OK);
	}
	write_identity(text, len);
	assert_int_equal(state_dir_open(&opened, path, "r1", &reason), OK);
	state_dir_close(&opened);
}

/* Rule: a later format is named as such, whatever follows. */
static void
state_dir_open__later_format__newer(void **state)
{
	static const char text[] = "e164d state 2\nwhatever\n";
	struct state_dir opened;

	(void)state;
	make();
	write_identity(text, sizeof text - 1);
	assert_int_equal(state_dir_open(&opened, path, "r1", &reason),
	    ERR_NEWER);
}

/* Rule: ballast is there after asking, and gone after dropping. */
static void
state_dir_ballast__asked_and_dropped__there_and_gone(void **state)
{
	struct state_dir opened;
	char file[STATE_FILE_MAX];

	(void)state;
	make();
	assert_int_equal(state_dir_open(&opened, path, "r1", &reason), OK);
	assert_true(state_dir_ballast(&opened, 1 << 20));
	state_dir_file(file, &opened, "ballast");
	assert_int_equal(access(file, F_OK), 0);
	state_dir_drop_ballast(&opened);
	assert_int_equal(access(file, F_OK), -1);
	state_dir_close(&opened);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(state_dir_open__created__same_identity),
		CASE(state_dir_open__open_already__locked),
		CASE(state_dir_open__nothing_there__not_found),
		CASE(state_dir_open__other_files__foreign_untouched),
		CASE(state_dir_create__registrar_there__exists),
		CASE(state_dir_open__unfinished__refused_until_made_again),
		CASE(state_dir_discard__made__empty),
		CASE(state_dir_open__other_registrar__foreign),
		CASE(state_dir_open__any_byte_changed__refused),
		CASE(state_dir_open__later_format__newer),
		CASE(state_dir_ballast__asked_and_dropped__there_and_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
