/*
 * journal: a disk that fails and a machine that stops, at each call in turn.
 * From the failing call on the process does nothing any more; what was not
 * synced is then lost in sectors, at random. J4: what append said is durable
 * is there afterwards.
 */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	SECTOR = 512, /* bytes written as one */
	PAGE = 4096,  /* bytes that become clean or dirty as one */
	FDS_MAX = 1024,
	UNSYNCED_MAX = 4096,
	STEPS = 45, /* appends of one run: more than one segment */
};

/* A sector as it was before a write that is not synced yet. */
struct unsynced {
	char path[256];
	off_t offset;
	size_t len;
	bool is_given_up; /* its sync failed: only a new write helps */
	uint8_t old[SECTOR];
};

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static char paths[FDS_MAX][256];
static struct unsynced unsynced[UNSYNCED_MAX];
static size_t n_unsynced;
static unsigned calls;
static unsigned fail_at; /* the process is dead from this call on; 0: never */
static unsigned random_state;

static unsigned
dice(void)
{
	random_state = random_state * 1103515245 + 12345;
	return random_state >> 16;
}

/* The process dies at its n-th call from now; 0: never. */
static void
die_at(unsigned n)
{
	pthread_mutex_lock(&guard);
	calls = 0;
	fail_at = n;
	pthread_mutex_unlock(&guard);
}

/* Under guard. */
static bool
is_dead(void)
{
	calls++;
	if (fail_at == 0 || calls < fail_at)
		return false;
	errno = EIO;
	return true;
}

static int
crash_open(const char *path, int flags, mode_t mode)
{
	pthread_mutex_lock(&guard);
	int fd = is_dead() ? -1 : file_ops_system.open(path, flags, mode);
	if (fd >= 0) {
		assert_true(fd < FDS_MAX);
		snprintf(paths[fd], sizeof paths[fd], "%s", path);
	}
	pthread_mutex_unlock(&guard);
	return fd;
}

static ssize_t
crash_pread(int fd, void *data, size_t len, off_t offset)
{
	pthread_mutex_lock(&guard);
	ssize_t n = is_dead() ? -1 : pread(fd, data, len, offset);
	pthread_mutex_unlock(&guard);
	return n;
}

/* Keep what the sectors held. */
static void
remember(int fd, size_t len, off_t offset)
{
	off_t end = offset + (off_t)len;

	while (offset < end) {
		struct unsynced *u = &unsynced[n_unsynced];
		off_t next = offset / SECTOR * SECTOR + SECTOR;
		if (next > end)
			next = end;
		ssize_t n = pread(fd, u->old, (size_t)(next - offset), offset);
		if (n > 0) {
			assert_true(n_unsynced < UNSYNCED_MAX - 1);
			snprintf(u->path, sizeof u->path, "%s", paths[fd]);
			u->offset = offset;
			u->len = (size_t)n;
			u->is_given_up = false;
			n_unsynced++;
		}
		offset = next;
	}
}

/* A page of which any byte is written once more will be synced after all. */
static void
take_back(int fd, size_t len, off_t offset)
{
	off_t begin = offset / PAGE * PAGE;
	off_t end = (offset + (off_t)len + PAGE - 1) / PAGE * PAGE;

	for (size_t i = 0; i < n_unsynced; i++) {
		struct unsynced *u = &unsynced[i];
		if (strcmp(u->path, paths[fd]) == 0 && u->offset >= begin &&
		    u->offset < end)
			u->is_given_up = false;
	}
}

static ssize_t
crash_pwrite(int fd, const void *data, size_t len, off_t offset)
{
	pthread_mutex_lock(&guard);
	ssize_t n = -1;
	if (!is_dead()) {
		take_back(fd, len, offset);
		remember(fd, len, offset);
		n = pwrite(fd, data, len, offset);
	}
	pthread_mutex_unlock(&guard);
	return n;
}

static int
crash_sync(int fd)
{
	pthread_mutex_lock(&guard);
	int result = is_dead() ? -1 : 0;
	for (size_t i = 0; i < n_unsynced;) {
		bool is_ours = strcmp(unsynced[i].path, paths[fd]) == 0;
		if (is_ours && result != 0)
			unsynced[i].is_given_up = true;
		if (is_ours && !unsynced[i].is_given_up) {
			memmove(&unsynced[i], &unsynced[i + 1],
			    (n_unsynced - i - 1) * sizeof unsynced[0]);
			n_unsynced--;
		} else {
			i++;
		}
	}
	pthread_mutex_unlock(&guard);
	return result;
}

static int
crash_truncate(int fd, off_t len)
{
	pthread_mutex_lock(&guard);
	int result = is_dead() ? -1 : ftruncate(fd, len);
	pthread_mutex_unlock(&guard);
	return result;
}

static int
crash_rename(const char *from, const char *to)
{
	pthread_mutex_lock(&guard);
	int result = is_dead() ? -1 : rename(from, to);
	pthread_mutex_unlock(&guard);
	return result;
}

static int
crash_unlink(const char *path)
{
	pthread_mutex_lock(&guard);
	int result = is_dead() ? -1 : unlink(path);
	pthread_mutex_unlock(&guard);
	return result;
}

static int
crash_close(int fd)
{
	return close(fd);
}

static const struct file_ops crashing = {
	.open = crash_open,
	.pread = crash_pread,
	.pwrite = crash_pwrite,
	.fdatasync = crash_sync,
	.fsync = crash_sync,
	.ftruncate = crash_truncate,
	.rename = crash_rename,
	.unlink = crash_unlink,
	.close = crash_close,
};

enum loss { LOSE_SOME, LOSE_ALL };

/* Newest first, each sector by the throw of a die, or all. */
static void
lose_unsynced(enum loss loss)
{
	while (n_unsynced > 0) {
		struct unsynced *u = &unsynced[--n_unsynced];
		if (loss == LOSE_SOME && dice() % 2 == 0)
			continue;
		int fd = open(u->path, O_WRONLY);
		if (fd < 0)
			continue; /* renamed or removed since */
		assert_int_equal(pwrite(fd, u->old, u->len, u->offset),
		    (ssize_t)u->len);
		close(fd);
	}
}

/* Start, promise, accept a few; until it ends or the process is dead. */
static void
run(struct fixture *f, uint64_t from_slot, unsigned steps)
{
	f->config.files = &crashing;
	if (fixture_open(f, from_slot) == OK) {
		f->accepted_slot = f->durable.accepted.is_set
		    ? f->durable.accepted.slot : f->durable.applied_slot;
		bool is_alive = fixture_promise(f) == OK;
		for (unsigned i = 0; i < steps && is_alive; i++)
			is_alive = fixture_accept(f) == OK;
	}
	fixture_close(f);
	f->config.files = &quick_files;
}

/* The thread that makes segments has nothing to do, so calls nothing. */
static void
wait_for_spare(struct fixture *f)
{
	assert_int_equal(spare_take(&f->journal->spare,
	    f->journal->current.number + 1, &f->reason), OK);
}

/* The last slot that is there. All below it were compared by the replay. */
static uint64_t
last_there(struct fixture *f)
{
	enum status status = fixture_open(f, 0);

	if (status != OK)
		fail_msg("dead at call %u: %s: %s", fail_at,
		    status_text(status), f->reason.text);
	uint64_t last = f->durable.accepted.is_set
	    ? f->durable.accepted.slot : f->durable.applied_slot;
	assert_int_equal(f->n_replayed, f->durable.applied_slot);
	fixture_close(f);
	return last;
}

/* J4: what was acknowledged before the death is there afterwards. */
static void
journal_append__dead_at_each_call__acknowledged_is_there(void **state)
{
	struct fixture *f = *state;
	uint64_t promised = 0;
	bool is_over = false;

	random_state = 20;
	for (unsigned at = 1; !is_over; at++) {
		arena_reset(&f->arena);
		f->accepted_slot = 0;
		n_unsynced = 0;
		die_at(at);
		run(f, 0, STEPS);
		is_over = calls < at;
		lose_unsynced(LOSE_SOME);
		uint64_t acknowledged = f->accepted_slot;
		uint64_t last = last_there(f);
		assert_true(last >= acknowledged);
		assert_true(f->durable.promised.round >= promised);
		promised = f->durable.promised.round;
		/* keep the journal short enough to be walked each time */
		if (last > 400 || is_over)
			break;
	}
}

/* The same over and over on one journal: crash upon crash, early and late. */
static void
journal_append__crash_upon_crash__acknowledged_is_there(void **state)
{
	struct fixture *f = *state;
	uint64_t acknowledged = 0;
	uint64_t known = 0; /* to the store, so to speak */

	random_state = 77;
	n_unsynced = 0;
	for (unsigned round = 0; round < 400; round++) {
		arena_reset(&f->arena);
		f->accepted_slot = 0;
		die_at(1 + dice() % 90);
		run(f, known, 10);
		if (f->accepted_slot > acknowledged)
			acknowledged = f->accepted_slot;
		/* killed: the system still has all; or the power went */
		if (dice() % 2 == 0)
			lose_unsynced(LOSE_SOME);
		if (round % 16 == 0) {
			lose_unsynced(LOSE_SOME);
			assert_true(last_there(f) >= acknowledged);
			acknowledged = f->durable.accepted.is_set
			    ? f->durable.accepted.slot
			    : f->durable.applied_slot;
			known = f->durable.applied_slot;
		}
	}
	assert_true(last_there(f) >= acknowledged);
	assert_true(acknowledged > 100);
}

/* J2: a record that a killed run left unsynced must be synced before a mark
 * names it; the power goes at each call of the next opening in turn. */
static void
journal_open__power_lost_after_kill__mark_not_ahead(void **state)
{
	struct fixture *f = *state;

	for (unsigned at = 1; at < 60; at++) {
		arena_reset(&f->arena);
		n_unsynced = 0;
		die_at(0);
		f->config.files = &crashing;
		assert_int_equal(fixture_open(f, 0), OK);
		wait_for_spare(f);
		assert_int_equal(fixture_promise(f), OK);
		assert_int_equal(fixture_accept(f), OK);
		die_at(2); /* written, not synced */
		assert_int_equal(fixture_accept(f), ERR_IO);
		fixture_close(f);
		uint64_t acknowledged = f->accepted_slot;
		die_at(at);
		if (fixture_open(f, acknowledged - 1) == OK)
			fixture_close(f);
		f->config.files = &quick_files;
		lose_unsynced(LOSE_ALL);
		assert_true(last_there(f) >= acknowledged);
	}
}

/* J2: a sync that failed may have dropped the record from what will be
 * written; the next opening still reads it, and goes on from it, so it has to
 * write it again before the power goes. */
static void
journal_open__power_lost_after_failed_sync__record_is_there(void **state)
{
	struct fixture *f = *state;

	for (unsigned round = 0; round < 60; round++) {
		arena_reset(&f->arena);
		n_unsynced = 0;
		die_at(0);
		f->config.files = &crashing;
		assert_int_equal(fixture_open(f, 0), OK);
		wait_for_spare(f);
		assert_int_equal(fixture_promise(f), OK);
		assert_int_equal(fixture_accept(f), OK);
		die_at(2); /* written, its sync fails */
		assert_int_equal(fixture_accept(f), ERR_IO);
		fixture_close(f);
		die_at(0);
		assert_int_equal(fixture_open(f, 0), OK);
		f->accepted_slot = f->durable.applied_slot;
		assert_int_equal(fixture_promise(f), OK);
		assert_int_equal(fixture_accept(f), OK);
		uint64_t acknowledged = f->accepted_slot;
		fixture_close(f);
		f->config.files = &quick_files;
		lose_unsynced(LOSE_ALL);
		assert_true(last_there(f) >= acknowledged);
	}
}

/* Rule: after a failed sync nothing is acknowledged, though the next sync
 * would say that all is well. */
static void
journal_append__failed_sync__final(void **state)
{
	struct fixture *f = *state;

	die_at(0);
	n_unsynced = 0;
	f->config.files = &crashing;
	assert_int_equal(fixture_open(f, 0), OK);
	wait_for_spare(f);
	assert_int_equal(fixture_promise(f), OK);
	die_at(2); /* write, then sync */
	assert_int_equal(fixture_accept(f), ERR_IO);
	assert_true(f->reason.text[0] != '\0');
	die_at(0);
	assert_int_equal(fixture_accept(f), ERR_IO);
	fixture_close(f);
	f->config.files = &quick_files;
}

int
main(void)
{
#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, fixture_set_up, \
	    fixture_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(journal_append__dead_at_each_call__acknowledged_is_there),
		TEST(journal_append__crash_upon_crash__acknowledged_is_there),
		TEST(journal_open__power_lost_after_kill__mark_not_ahead),
		TEST(
		    journal_open__power_lost_after_failed_sync__record_is_there),
		TEST(journal_append__failed_sync__final),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
