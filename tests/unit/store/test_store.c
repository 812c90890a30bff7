/*
 * store: follows the slots it is given; what it says it has, it has.
 */
#include "unit/unit.h"

#include "store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAMES = 200, TYPE_TXT = 16 };

struct fixture {
	char directory[64];
	char path[96]; /* of the store */
	struct store *store;
	struct arena arena;
	struct store_config config;
	struct reason reason;
	struct store_position at;
};

static void
on_fatal(void *arg, const char *why)
{
	(void)arg;
	fprintf(stderr, "fatal: %s\n", why);
	_exit(9);
}

/* The journal, as it is for the store: may it begin again? */
static bool is_removal_refused;
static unsigned n_removals;

static enum status
on_remove(void *arg, const char *why, struct reason *reason)
{
	(void)arg;
	n_removals++;
	if (!is_removal_refused)
		return OK;
	reason_set(reason, "%s; and there is nothing else", why);
	return ERR_STATE_LOST;
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (f == NULL)
		return -1;
	snprintf(f->directory, sizeof f->directory, "/tmp/e164d-store-XXXXXX");
	if (mkdtemp(f->directory) == NULL)
		return -1;
	snprintf(f->path, sizeof f->path, "%s/store", f->directory);
	f->config = (struct store_config){
		.directory = f->path,
		.cache_len = 1024 * 1024,
		.remove = on_remove,
		.fatal = on_fatal,
	};
	is_removal_refused = false;
	n_removals = 0;
	arena_init(&f->arena);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	if (f->store != NULL)
		store_close(f->store);
	arena_fini(&f->arena);
	snprintf(command, sizeof command, "rm -rf '%s'", f->directory);
	int result = system(command);
	free(f);
	return result;
}

static enum status
open_it(struct fixture *f)
{
	enum status status = store_open(&f->store, &f->config, &f->reason);

	if (status != OK) {
		f->store = NULL;
		return status;
	}
	f->at = store_position(f->store);
	return OK;
}

static void
close_it(struct fixture *f)
{
	store_close(f->store);
	f->store = NULL;
}

/* Owner of one or two labels: "n<number>" below `top` if that is given. */
static struct blob
name(struct fixture *f, const char *top, unsigned number)
{
	char label[16];
	struct owner owner = { 0 };

	if (top != NULL)
		assert_int_equal(owner_push(&owner, top, strlen(top)), OK);
	int n = snprintf(label, sizeof label, "n%u", number);
	assert_int_equal(owner_push(&owner, label, (size_t)n), OK);
	return (struct blob){ arena_copy(&f->arena, owner.bytes, owner.len),
		owner.len };
}

/* One TXT record that says a number; len: how long it is. */
static struct blob
txt(struct fixture *f, uint64_t number, size_t len)
{
	uint8_t rdata[256] = { 0 };
	struct record record = { .type = TYPE_TXT, .ttl = 300,
		.rdata = { rdata, len } };
	struct blob out;

	assert_in_range(len, 9, 256);
	rdata[0] = (uint8_t)(len - 1);
	memcpy(rdata + 1, &number, sizeof number);
	assert_int_equal(rrsets_build(&f->arena, &out, &record, 1), OK);
	return out;
}

static void
submit(struct fixture *f, const struct name_change *changes, size_t n)
{
	struct part part = { .changes = changes, .n_changes = n };

	f->at.slot++;
	f->at.time_ms = f->at.slot * 10;
	f->at.serial = (uint32_t)(f->at.slot / 2 + 7);
	memset(f->at.hash.bytes, (int)(f->at.slot & 0xff), HASH_LEN);
	f->at.digest.lane[3] = f->at.slot;
	store_submit(f->store, &f->at, &part, 1);
}

/* before -> after at one name, in a slot of its own. */
static void
change(struct fixture *f, struct blob owner, struct blob before,
    struct blob after)
{
	struct name_change change = { .owner = owner };

	rrsets_diff(&f->arena, before, after, &change.removed, &change.added);
	submit(f, &change, 1);
}

static void
expect(struct fixture *f, struct blob owner, struct blob want)
{
	struct node node;

	assert_int_equal(store_get(f->store, owner, &f->arena, &node), OK);
	assert_int_equal(node.rrsets.len, want.len);
	if (want.len > 0)
		assert_memory_equal(node.rrsets.data, want.data, want.len);
}

static const struct blob nothing = { 0 };

/* Rule: a new store has nothing, position 0, and is for the owner alone. */
static void
store_open__new__empty(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(open_it(f), OK);
	assert_int_equal(f->at.slot, 0);
	expect(f, name(f, NULL, 1), nothing);
	expect(f, nothing, nothing);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

/* Rule: a node is seen as of the last submitted slot, at once, and the same
 * when it was written, and after opening again. */
static void
store_get__pending_written_reopened__same(void **state)
{
	struct fixture *f = *state;
	struct blob owner = name(f, "a", 1);
	struct blob v1 = txt(f, 1, 20);
	struct blob v2 = txt(f, 2, 200);

	assert_int_equal(open_it(f), OK);
	change(f, owner, nothing, v1);
	expect(f, owner, v1);
	change(f, owner, v1, v2);
	expect(f, owner, v2);
	store_wait(f->store, 2);
	expect(f, owner, v2);
	assert_int_equal(store_position(f->store).slot, 2);
	close_it(f);
	assert_int_equal(open_it(f), OK);
	assert_int_equal(f->at.slot, 2);
	assert_int_equal(f->at.time_ms, 20);
	assert_int_equal(f->at.serial, 8);
	assert_int_equal(f->at.hash.bytes[31], 2);
	assert_int_equal(f->at.digest.lane[3], 2);
	expect(f, owner, v2);
	change(f, owner, v2, nothing);
	expect(f, owner, nothing);
	store_wait(f->store, 3);
	expect(f, owner, nothing);
}

/* Rule: whatever the writer is doing, a reader sees the last submitted. */
static void
store_get__while_writing__never_behind(void **state)
{
	struct fixture *f = *state;
	struct blob values[4];
	struct blob owners[40];

	assert_int_equal(open_it(f), OK);
	for (unsigned i = 0; i < 4; i++)
		values[i] = txt(f, i, 40 + i);
	for (unsigned i = 0; i < 40; i++) {
		owners[i] = name(f, NULL, i);
		change(f, owners[i], nothing, values[0]);
	}
	for (unsigned i = 0; i < 20000; i++) {
		unsigned k = i * 7 % 40;
		unsigned turn = i / 40;
		change(f, owners[k], values[turn % 4], values[(turn + 1) % 4]);
		expect(f, owners[k], values[(turn + 1) % 4]);
		unsigned other = (k + 7) % 40;
		expect(f, owners[other],
		    values[(turn + (i % 40 == 39 ? 1 : 0)) % 4]);
	}
}

/* What a reader gives is what store_get gives. */
static void
expect_read(struct fixture *f, struct store_reader *reader, struct blob owner,
    struct blob value)
{
	struct node node = { .flags = 0xff };

	assert_int_equal(store_read(reader, owner, &f->arena, &node), OK);
	assert_int_equal(node.rrsets.len, value.len);
	if (value.len > 0)
		assert_memory_equal(node.rrsets.data, value.data, value.len);
}

/* Rule: reading many gives what reading one by one does, in whatever order
 * they are asked for, long ones and those that are not there too. */
static void
store_read__any_order__as_store_get(void **state)
{
	enum { MANY = 60 };
	struct fixture *f = *state;
	struct store_reader *reader = NULL;
	struct blob values[3] = { txt(f, 1, 20), txt(f, 2, 250),
		txt(f, 3, 100) };
	struct blob owners[MANY];

	assert_int_equal(open_it(f), OK);
	for (unsigned i = 0; i < MANY; i++) {
		owners[i] = name(f, NULL, i);
		if (i % 7 != 6)
			change(f, owners[i], nothing, values[i % 3]);
	}
	store_wait(f->store, MANY - MANY / 7);
	for (unsigned step = 1; step < MANY; step += 2) {
		assert_int_equal(store_read_begin(&reader, f->store), OK);
		for (unsigned n = 0, i = 0; n < MANY; n++) {
			expect_read(f, reader, owners[i], i % 7 == 6 ?
			    nothing : values[i % 3]);
			i = (i + step) % MANY;
		}
		store_read_end(reader);
	}
}

/* Rule: what was submitted counts, also while a reader keeps the writer. */
static void
store_read__submitted_meanwhile__seen(void **state)
{
	struct fixture *f = *state;
	struct store_reader *reader = NULL;
	struct blob owner = name(f, NULL, 1);
	struct blob v1 = txt(f, 1, 20);
	struct blob v2 = txt(f, 2, 20);

	assert_int_equal(open_it(f), OK);
	change(f, owner, nothing, v1);
	assert_int_equal(store_read_begin(&reader, f->store), OK);
	expect_read(f, reader, owner, v1);
	change(f, owner, v1, v2);
	expect_read(f, reader, owner, v2);
	change(f, owner, v2, nothing);
	expect_read(f, reader, owner, nothing);
	store_read_end(reader);
	store_wait(f->store, 3);
	expect(f, owner, nothing);
}

/* Rule: several changes of one name in one slot, and flags. */
static void
store_submit__several_parts__in_order(void **state)
{
	struct fixture *f = *state;
	struct blob owner = name(f, NULL, 1);
	struct blob v1 = txt(f, 1, 20);
	struct blob v2 = txt(f, 2, 20);
	struct name_change changes[2] = {
		{ .owner = owner, .added = v1, .flags_after = NODE_DERIVED },
		{ .owner = owner, .removed = v1, .added = v2,
		    .flags_before = NODE_DERIVED },
	};
	struct node node;

	assert_int_equal(open_it(f), OK);
	submit(f, changes, 1);
	assert_int_equal(store_get(f->store, owner, &f->arena, &node), OK);
	assert_int_equal(node.flags, NODE_DERIVED);
	submit(f, changes + 1, 1);
	assert_int_equal(store_get(f->store, owner, &f->arena, &node), OK);
	assert_int_equal(node.flags, 0);
	store_wait(f->store, 2);
	assert_int_equal(store_get(f->store, owner, &f->arena, &node), OK);
	assert_int_equal(node.flags, 0);
	assert_memory_equal(node.rrsets.data, v2.data, v2.len);
	/* an empty slot moves the position all the same */
	submit(f, NULL, 0);
	store_wait(f->store, 3);
}

/* Rule: the apex is a name like any other. */
static void
store_get__apex__kept(void **state)
{
	struct fixture *f = *state;
	struct blob v1 = txt(f, 1, 20);

	assert_int_equal(open_it(f), OK);
	change(f, nothing, nothing, v1);
	store_wait(f->store, 1);
	close_it(f);
	assert_int_equal(open_it(f), OK);
	expect(f, nothing, v1);
}

/* Rule: a node as long as the caps allow goes in and out. */
static void
store_get__large_node__whole(void **state)
{
	struct fixture *f = *state;
	struct record records[RRSET_RECORDS_MAX * 20];
	struct blob owner = name(f, NULL, 1);
	struct blob large;
	size_t n = sizeof records / sizeof records[0];

	for (size_t i = 0; i < n; i++) {
		uint8_t *rdata = arena_alloc(&f->arena, 256);
		rdata[0] = 255;
		memcpy(rdata + 1, &i, sizeof i);
		records[i] = (struct record){
			.type = (uint16_t)(65280 + i / RRSET_RECORDS_MAX),
			.ttl = 300, .rdata = { rdata, 256 } };
	}
	assert_int_equal(rrsets_build(&f->arena, &large, records, n), OK);
	assert_true(large.len > 500000);
	assert_int_equal(open_it(f), OK);
	change(f, owner, nothing, large);
	expect(f, owner, large);
	store_wait(f->store, 1);
	expect(f, owner, large);
}

/* What a walk gives: counted, in order, with the right records. */
struct seen {
	struct fixture *f;
	unsigned count;
	unsigned stop_at;
	struct owner last;
};

static enum status
see(void *arg, struct blob owner, const struct node *node)
{
	struct seen *seen = arg;

	if (seen->count > 0)
		assert_true(owner_compare(owner_blob(&seen->last), owner) < 0);
	owner_set(&seen->last, owner);
	assert_true(node->rrsets.len > 0);
	seen->count++;
	return seen->count == seen->stop_at ? ERR_CLOSED : OK;
}

/* Rule: all nodes at or below a name, in owner order, over many bulk reads,
 * one of them longer than a bulk read. */
static void
store_walk__tops__exactly_those_below(void **state)
{
	struct fixture *f = *state;
	struct owner top = { 0 };
	struct seen seen = { .f = f };

	assert_int_equal(open_it(f), OK);
	for (unsigned i = 0; i < 9000; i++)
		change(f, name(f, i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "bb",
		    i), nothing, txt(f, i, 256));
	store_wait(f->store, f->at.slot);
	assert_int_equal(store_walk(f->store, nothing, see, &seen,
	    &f->reason), OK);
	assert_int_equal(seen.count, 9000);
	assert_int_equal(owner_push(&top, "b", 1), OK);
	seen = (struct seen){ .f = f };
	assert_int_equal(store_walk(f->store, owner_blob(&top), see, &seen,
	    &f->reason), OK);
	assert_int_equal(seen.count, 3000);
	assert_int_equal(owner_push(&top, "n1", 2), OK);
	seen = (struct seen){ .f = f };
	assert_int_equal(store_walk(f->store, owner_blob(&top), see, &seen,
	    &f->reason), OK);
	assert_int_equal(seen.count, 1);
	seen = (struct seen){ .f = f, .stop_at = 5 };
	assert_int_equal(store_walk(f->store, nothing, see, &seen,
	    &f->reason), ERR_CLOSED);
	assert_int_equal(seen.count, 5);
}

/* Rule: slots are found by time and serial, pending or written. */
static void
expect_indices(struct fixture *f, uint64_t last)
{
	uint64_t slot = 0;

	assert_true(store_slot_at(f->store, 0, &slot));
	assert_int_equal(slot, 1);
	assert_true(store_slot_at(f->store, 10, &slot));
	assert_int_equal(slot, 1);
	assert_true(store_slot_at(f->store, 11, &slot));
	assert_int_equal(slot, 2);
	assert_true(store_slot_at(f->store, last * 10, &slot));
	assert_int_equal(slot, last);
	assert_false(store_slot_at(f->store, last * 10 + 1, &slot));
	/* serial 7 at slot 1, 8 at slots 2 and 3, 9 at slots 4 and 5 */
	assert_true(store_slot_of_serial(f->store, 7, &slot));
	assert_int_equal(slot, 1);
	assert_true(store_slot_of_serial(f->store, 8, &slot));
	assert_int_equal(slot, 2);
	assert_true(store_slot_of_serial(f->store, 9, &slot));
	assert_int_equal(slot, 4);
	assert_false(store_slot_of_serial(f->store, 6, &slot));
	assert_false(store_slot_of_serial(f->store, 1000, &slot));
}

static void
store_slot_at__pending_and_written__found(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(open_it(f), OK);
	for (unsigned i = 0; i < 5; i++) {
		change(f, name(f, NULL, i), nothing, txt(f, i, 20));
	}
	expect_indices(f, 5);
	store_wait(f->store, 5);
	expect_indices(f, 5);
	close_it(f);
	assert_int_equal(open_it(f), OK);
	expect_indices(f, 5);
}

/* Rule: a queue that is full makes the caller wait, and loses nothing. */
static void
store_submit__more_than_lag__waits(void **state)
{
	struct fixture *f = *state;

	f->config.lag_max = 2000;
	assert_int_equal(open_it(f), OK);
	for (unsigned i = 0; i < 2000; i++)
		change(f, name(f, NULL, i), nothing, txt(f, i, 200));
	store_wait(f->store, 2000);
	for (unsigned i = 0; i < 2000; i += 99)
		expect(f, name(f, NULL, i), txt(f, i, 200));
}

/* --- what is not ours */

static void
put_file(const char *directory, const char *file, const char *text)
{
	char path[160];

	snprintf(path, sizeof path, "%s/%s", directory, file);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	close(fd);
}

static unsigned
count_files(const char *directory)
{
	unsigned n = 0;
	DIR *dir = opendir(directory);

	assert_non_null(dir);
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* Rule: a directory with somebody else's files is not touched. */
static void
store_open__foreign_directory__untouched(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdir(f->path, 0755), 0);
	put_file(f->path, "letters.txt", "dear all");
	assert_int_equal(open_it(f), ERR_FOREIGN);
	assert_non_null(strstr(f->reason.text, "letters.txt"));
	assert_int_equal(count_files(f->path), 1);
	put_file(f->path, "FORMAT", "some other program\n");
	assert_int_equal(open_it(f), ERR_FOREIGN);
	assert_int_equal(count_files(f->path), 2);
	put_file(f->path, "FORMAT", "e164d store x\n");
	assert_int_equal(open_it(f), ERR_DAMAGED);
	assert_int_equal(count_files(f->path), 2);
}

static void
store_open__newer_format__newer(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdir(f->path, 0700), 0);
	put_file(f->path, "FORMAT", "e164d store 2\n");
	assert_int_equal(open_it(f), ERR_NEWER);
	assert_non_null(strstr(f->reason.text, "format 2"));
	assert_int_equal(count_files(f->path), 1);
}

static void
store_open__no_directory__io(void **state)
{
	struct fixture *f = *state;

	f->config.directory = "/nonexistent/a/store";
	assert_int_equal(open_it(f), ERR_IO);
	assert_non_null(strstr(f->reason.text, "/nonexistent/a/store"));
	f->config.directory = "/dev/null";
	assert_int_equal(open_it(f), ERR_IO);
}

static void
store_open__in_use__locked(void **state)
{
	struct fixture *f = *state;
	struct store *other = NULL;

	assert_int_equal(open_it(f), OK);
	assert_int_equal(store_open(&other, &f->config, &f->reason),
	    ERR_LOCKED);
	assert_non_null(strstr(f->reason.text, "in use"));
	close_it(f);
	assert_int_equal(open_it(f), OK);
}

/* Rule: a damaged page is told, never served; the way out is named. */
static void
store_open__damaged_page__told(void **state)
{
	struct fixture *f = *state;
	char path[160];
	uint8_t page[512];
	struct seen seen = { .f = f };

	assert_int_equal(open_it(f), OK);
	for (unsigned i = 0; i < 500; i++)
		change(f, name(f, NULL, i), nothing, txt(f, i, 200));
	close_it(f);
	snprintf(path, sizeof path, "%s/records.db", f->path);
	memset(page, 0x55, sizeof page);
	int fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, page, sizeof page, 8192L * 3 + 4000),
	    sizeof page);
	close(fd);
	pid_t pid = fork();
	if (pid == 0) {
		/* told by the status, or by the end of the process */
		fclose(stderr);
		if (open_it(f) != OK)
			_exit(9);
		_exit(store_walk(f->store, nothing, see, &seen, &f->reason) ==
		    OK ? 0 : 9);
	}
	int wait_status = 0;
	assert_int_equal(waitpid(pid, &wait_status, 0), pid);
	assert_true(WIFEXITED(wait_status));
	assert_int_equal(WEXITSTATUS(wait_status), 9);
}

/* Rule: after a write that failed nothing in the files is trusted: the store
 * begins again, for the journal to fill. */
static void
store_open__write_failed_before__begins_again(void **state)
{
	struct fixture *f = *state;
	const struct rlimit small = { 1 << 20, 1 << 20 };
	struct seen seen = { .f = f };
	int wait_status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		fclose(stderr);
		signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &small) != 0 || open_it(f) != OK)
			_exit(1);
		for (unsigned i = 0; i < 20000; i++)
			change(f, name(f, NULL, i), nothing, txt(f, i, 200));
		store_wait(f->store, 20000);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &wait_status, 0), pid);
	assert_true(WIFEXITED(wait_status));
	assert_int_equal(WEXITSTATUS(wait_status), 9);
	assert_int_equal(open_it(f), OK);
	assert_int_equal(f->at.slot, 0);
	assert_int_equal(store_walk(f->store, nothing, see, &seen,
	    &f->reason), OK);
	assert_int_equal(seen.count, 0);
	change(f, name(f, NULL, 1), nothing, txt(f, 1, 20));
	close_it(f);
	/* once only */
	assert_int_equal(open_it(f), OK);
	assert_int_equal(f->at.slot, 1);
}

/* 200 names, closed. */
static void
fill(struct fixture *f)
{
	assert_int_equal(open_it(f), OK);
	for (unsigned i = 0; i < 200; i++)
		change(f, name(f, NULL, i), nothing, txt(f, i, 200));
	close_it(f);
}

static void
move_file(const struct fixture *f, const char *from, const char *to)
{
	char a[200];
	char b[200];

	snprintf(a, sizeof a, "%s/%s", f->path, from);
	snprintf(b, sizeof b, "%s/%s", f->path, to);
	assert_int_equal(rename(a, b), 0);
}

/* Rule: of several files one that is missing is not made anew, empty, beside
 * the others: the whole store begins again. */
static void
store_open__database_missing__begins_again(void **state)
{
	static const char *const names[] = { "records.db", "meta.db",
		"time.db", "serial.db" };
	struct fixture *f = *state;

	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
		f->at = (struct store_position){ 0 };
		fill(f);
		move_file(f, names[i], "away");
		assert_int_equal(open_it(f), OK);
		assert_int_equal(f->at.slot, 0);
		assert_int_equal(n_removals, i + 1);
		close_it(f);
	}
}

/* Rule: nothing is removed that is not elsewhere. */
static void
store_open__removal_refused__untouched(void **state)
{
	struct fixture *f = *state;

	fill(f);
	move_file(f, "records.db", "away");
	is_removal_refused = true;
	assert_int_equal(open_it(f), ERR_STATE_LOST);
	assert_non_null(strstr(f->reason.text, "nothing else"));
	move_file(f, "away", "records.db");
	assert_int_equal(open_it(f), OK);
	assert_int_equal(f->at.slot, 200);
	put_file(f->path, "BROKEN", "");
	close_it(f);
	assert_int_equal(open_it(f), ERR_STATE_LOST);
	is_removal_refused = false;
	assert_int_equal(open_it(f), OK);
	assert_int_equal(f->at.slot, 0);
}

/* Rule: a file from an older time, sound in itself, is not served with the
 * others. */
static void
store_load__older_records__damaged(void **state)
{
	char command[300];
	struct fixture *f = *state;
	struct seen seen = { .f = f };

	fill(f);
	snprintf(command, sizeof command, "cp %s/records.db %s/old", f->path,
	    f->directory);
	assert_int_equal(system(command), 0);
	assert_int_equal(open_it(f), OK);
	assert_int_equal(store_load(f->store, see, &seen, &f->reason), OK);
	assert_int_equal(seen.count, 200);
	change(f, name(f, NULL, 7), txt(f, 7, 200), txt(f, 8, 200));
	close_it(f);
	snprintf(command, sizeof command, "cp %s/old %s/records.db",
	    f->directory, f->path);
	assert_int_equal(system(command), 0);
	assert_int_equal(open_it(f), OK);
	seen.count = 0;
	assert_int_equal(store_load(f->store, see, &seen, &f->reason),
	    ERR_DAMAGED);
	assert_non_null(strstr(f->reason.text, "records.db"));
	close_it(f);
	/* and so it begins again */
	assert_int_equal(open_it(f), OK);
	assert_int_equal(f->at.slot, 0);
}

/* Rule: a chosen change that does not fit what is there ends the process. */
static void
store_submit__does_not_fit__fatal(void **state)
{
	struct fixture *f = *state;
	int wait_status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		fclose(stderr);
		if (open_it(f) != OK)
			_exit(1);
		change(f, name(f, NULL, 1), txt(f, 1, 20), nothing);
		store_wait(f->store, 1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &wait_status, 0), pid);
	assert_true(WIFEXITED(wait_status));
	assert_int_equal(WEXITSTATUS(wait_status), 9);
}

/* --- killed at any point */

/* In slot s, name s % NAMES says s instead of s - NAMES. */
static void
submit_next(struct fixture *f)
{
	uint64_t slot = f->at.slot + 1;
	struct blob before = nothing;

	if (slot > NAMES)
		before = txt(f, slot - NAMES, 20 + slot % 97);
	change(f, name(f, NULL, (unsigned)(slot % NAMES)), before,
	    txt(f, slot, 20 + (slot + NAMES) % 97));
}

static void
run_until_killed(struct fixture *f, int progress)
{
	if (open_it(f) != OK)
		_exit(1);
	for (;;) {
		submit_next(f);
		arena_reset(&f->arena);
		if (f->at.slot % 16 == 0 && write(progress, "x", 1) != 1)
			_exit(1);
	}
}

struct checked {
	struct fixture *f;
	unsigned count;
};

/* Every name says the last slot that is its own, of those applied. */
static enum status
check_node(void *arg, struct blob owner, const struct node *node)
{
	struct checked *checked = arg;
	struct fixture *f = checked->f;
	char text[8] = "";

	memcpy(text, owner.data + 2, owner.len - 2);
	unsigned number = (unsigned)strtoul(text, NULL, 10);
	uint64_t slot = f->at.slot - (f->at.slot + NAMES - number) % NAMES;
	struct blob want = txt(f, slot, 20 + (slot + NAMES) % 97);
	assert_int_equal(node->rrsets.len, want.len);
	assert_memory_equal(node->rrsets.data, want.data, want.len);
	checked->count++;
	return OK;
}

/* E2: after kill -9 at any point the position and the records are of
 * one slot, and indices with them. */
static void
store_open__killed_anywhere__consistent(void **state)
{
	struct fixture *f = *state;
	uint64_t before = 0;
	unsigned seed = 99;

	f->config.lag_max = 200000;
	for (unsigned round = 0; round < 40; round++) {
		int ends[2];
		char byte;
		assert_int_equal(pipe(ends), 0);
		pid_t pid = fork();
		if (pid == 0) {
			close(ends[0]);
			run_until_killed(f, ends[1]);
		}
		close(ends[1]);
		seed = seed * 1103515245 + 12345;
		for (unsigned i = 0; i < (seed >> 16) % 60; i++)
			assert_int_equal(read(ends[0], &byte, 1), 1);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		close(ends[0]);
		arena_reset(&f->arena);
		enum status status = open_it(f);
		if (status != OK)
			fail_msg("%s", f->reason.text);
		assert_true(f->at.slot >= before);
		before = f->at.slot;
		assert_int_equal(f->at.digest.lane[3], f->at.slot);
		struct checked checked = { .f = f };
		assert_int_equal(store_walk(f->store, nothing, check_node,
		    &checked, &f->reason), OK);
		assert_int_equal(checked.count,
		    f->at.slot < NAMES ? f->at.slot : NAMES);
		uint64_t slot = 0;
		assert_int_equal(store_slot_at(f->store, f->at.slot * 10,
		    &slot), f->at.slot > 0);
		assert_int_equal(slot, f->at.slot);
		assert_false(store_slot_at(f->store, f->at.slot * 10 + 1,
		    &slot));
		close_it(f);
	}
	assert_true(before > 1000);
}

int
main(void)
{
#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(store_open__new__empty),
		TEST(store_get__pending_written_reopened__same),
		TEST(store_get__while_writing__never_behind),
		TEST(store_read__any_order__as_store_get),
		TEST(store_read__submitted_meanwhile__seen),
		TEST(store_submit__several_parts__in_order),
		TEST(store_get__apex__kept),
		TEST(store_get__large_node__whole),
		TEST(store_walk__tops__exactly_those_below),
		TEST(store_slot_at__pending_and_written__found),
		TEST(store_submit__more_than_lag__waits),
		TEST(store_open__foreign_directory__untouched),
		TEST(store_open__newer_format__newer),
		TEST(store_open__no_directory__io),
		TEST(store_open__in_use__locked),
		TEST(store_open__damaged_page__told),
		TEST(store_open__database_missing__begins_again),
		TEST(store_open__removal_refused__untouched),
		TEST(store_load__older_records__damaged),
		TEST(store_open__write_failed_before__begins_again),
		TEST(store_submit__does_not_fit__fatal),
		TEST(store_open__killed_anywhere__consistent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
