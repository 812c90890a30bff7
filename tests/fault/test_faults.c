/*
 * Faults: every open, read, write, sync, rename, unlink, mkdir, truncation,
 * reservation and allocation that a registrar's engine and Berkeley DB make
 * fails in turn, in each story of its life; then power is lost, or not. J4 and
 * DESIGN 4 "an answer means": what was answered is there after a start without
 * faults, in full, and nothing that was not asked for; a process that cannot go
 * on says why and ends. A fault that never happens is a failure of this test.
 *
 * usage: test_faults [--all] [STORY [PLACE CALL KIND NTH]]
 * Without --all at most POINTS calls of each kind and place, spread evenly.
 */
#include "life.h"
#include "plan.h"

#include "sec/sec.h"
#include "unit/temp_dir.h"

#include <dirent.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	POINTS = 2,         /* calls of one kind at one place */
	POINTS_MEMORY = 8,  /* allocations */
	HANG_S = 60,        /* a process that takes longer hangs */
	PATH_CAP = 512,     /* bytes with NUL */
	WORDS_CAP = 4096,   /* bytes of stderr that are looked at, with NUL */
	SHOWN_MAX = 20,     /* failures told in full */
	FRAMES = 16,        /* of a stack */
};

/* A kind of failure of a call. */
static const struct {
	enum fault_call call;
	enum fault_kind kind;
} breaks[] = {
	{ CALL_OPEN, KIND_EIO },
	{ CALL_OPEN, KIND_FDS },
	{ CALL_READ, KIND_EIO },
	{ CALL_WRITE, KIND_EIO },
	{ CALL_WRITE, KIND_FULL },
	{ CALL_WRITE, KIND_SHORT },
	{ CALL_WRITE, KIND_TORN },
	{ CALL_SYNC, KIND_EIO },
	{ CALL_SYNC, KIND_STOP },
	{ CALL_RENAME, KIND_EIO },
	{ CALL_RENAME, KIND_FULL },
	{ CALL_RENAME, KIND_STOP },
	{ CALL_UNLINK, KIND_EIO },
	{ CALL_UNLINK, KIND_STOP },
	{ CALL_MKDIR, KIND_FULL },
	{ CALL_TRUNCATE, KIND_EIO },
	{ CALL_RESERVE, KIND_FULL },
	{ CALL_MAP, KIND_NULL },
	{ CALL_MEMORY, KIND_NULL },
};

enum { BREAKS = sizeof breaks / sizeof breaks[0] };

/* A state to begin from, and what was answered on the way there. */
struct start {
	char path[PATH_CAP];
	struct life life;
};

enum start_name {
	START_NOTHING,
	START_BEGUN,    /* after init */
	START_NO_SPARE, /* the same without the journal's next segment */
	START_FULL,     /* after an import */
	START_KILLED,   /* in the middle of one */
	START_BEHIND,   /* the store is older than the journal */
	START_NO_STORE,
	START_BROKEN,   /* the store failed in the run before */
	STARTS,
};

static const struct story {
	const char *name;
	enum start_name start;
	life_fn *run;
} stories[] = {
	{ "init", START_NOTHING, life_init },
	{ "import", START_BEGUN, life_import },
	{ "keys", START_BEGUN, life_keys },
	{ "restart", START_FULL, life_restart },
	{ "recover", START_KILLED, life_restart },
	{ "replay", START_BEHIND, life_restart },
	{ "rebuild", START_NO_STORE, life_restart },
	{ "broken", START_BROKEN, life_restart },
	{ "spare", START_NO_SPARE, life_spare },
};

enum { STORIES = sizeof stories / sizeof stories[0] };

/* What became of the runs of a story. */
struct tally {
	unsigned fired;
	unsigned went_on; /* all was answered */
	unsigned said;    /* ended with a reason */
	unsigned ended;   /* killed by the plan, or no memory */
	unsigned bad;
};

static struct temp_dir scratch;
static char state[TEMP_PATH_MAX];
static char words_path[PATH_CAP];
static struct life *life;
static struct start starts[STARTS];
static bool is_all;
static unsigned n_shown;

/* --- trees of files */

/* Holes stay holes: a segment is 64 MiB of zeroes for the most part. */
static void
copy_file(const char *from, const char *to)
{
	static uint8_t room[1 << 16];
	struct stat info;
	int in = open(from, O_RDONLY);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (in < 0 || out < 0 || fstat(in, &info) != 0 ||
	    ftruncate(out, info.st_size) != 0)
		abort();
	off_t at = lseek(in, 0, SEEK_DATA);
	while (at >= 0 && at < info.st_size) {
		off_t end = lseek(in, at, SEEK_HOLE);
		while (at < end) {
			size_t want = (size_t)(end - at);
			if (want > sizeof room)
				want = sizeof room;
			ssize_t n = pread(in, room, want, at);
			if (n <= 0 || pwrite(out, room, (size_t)n, at) != n)
				abort();
			at += n;
		}
		at = lseek(in, at, SEEK_DATA);
	}
	close(in);
	close(out);
}

static void
copy_tree(const char *from, const char *to)
{
	DIR *directory = opendir(from);

	if (directory == NULL)
		return; /* nothing is there to begin from */
	if (mkdir(to, 0700) != 0)
		abort();
	for (struct dirent *e = readdir(directory); e != NULL;
	     e = readdir(directory)) {
		char a[2 * PATH_CAP];
		char b[2 * PATH_CAP];
		struct stat info;
		if (e->d_name[0] == '.')
			continue;
		snprintf(a, sizeof a, "%s/%s", from, e->d_name);
		snprintf(b, sizeof b, "%s/%s", to, e->d_name);
		if (stat(a, &info) == 0 && S_ISDIR(info.st_mode))
			copy_tree(a, b);
		else
			copy_file(a, b);
	}
	closedir(directory);
}

static void
remove_tree(const char *path)
{
	nftw(path, temp_dir_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- processes */

/* Where it was, for the one who has to find out why. */
static void
on_crash(int number)
{
	void *frames[FRAMES];
	int n = backtrace(frames, FRAMES);

	backtrace_symbols_fd(frames, n, STDERR_FILENO);
	signal(number, SIG_DFL);
	raise(number);
}

/* Run a story in a process of its own. @return its wait status. */
static int
run_process(life_fn *run)
{
	int status = 0;

	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		int words = open(words_path, O_WRONLY | O_CREAT | O_TRUNC,
		    0600);
		if (words < 0 || dup2(words, STDERR_FILENO) < 0)
			abort();
		alarm(HANG_S);
		signal(SIGSEGV, on_crash);
		run(life);
		_exit(3);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		abort();
	plan_disarm();
	return status;
}

/* What the last process wrote to stderr. */
static const char *
words(void)
{
	static char text[WORDS_CAP];
	ssize_t n = -1;
	int fd = open(words_path, O_RDONLY);

	if (fd >= 0)
		n = read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
prepare(const struct start *start)
{
	remove_tree(state);
	copy_tree(start->path, state);
	*life = start->life;
}

static void
keep(enum start_name name)
{
	starts[name].life = *life;
	snprintf(starts[name].path, PATH_CAP, "%s/start%d", scratch.path,
	    (int)name);
	remove_tree(starts[name].path);
	copy_tree(state, starts[name].path);
}

static void
remove_below(const char *name)
{
	char path[2 * PATH_CAP];

	snprintf(path, sizeof path, "%s/%s", state, name);
	remove_tree(path);
}

static void
must_run(life_fn *run, const char *what)
{
	const struct fault none = { 0 };

	plan_begin(state, &none);
	int status = run_process(run);
	if (status == 0)
		return;
	fprintf(stderr, "without faults, %s: wait status %x; said: %s\n%s\n",
	    what, (unsigned)status, life->said.text, words());
	exit(1);
}

static void
make_starts(void)
{
	char store[2 * PATH_CAP];
	char from[2 * PATH_CAP];

	keep(START_NOTHING);
	must_run(life_init, "init");
	must_run(life_spare, "a start");
	keep(START_BEGUN);
	remove_below("journal/00000002.seg");
	keep(START_NO_SPARE);
	prepare(&starts[START_BEGUN]);
	must_run(life_killed, "an import");
	keep(START_KILLED);
	prepare(&starts[START_BEGUN]);
	must_run(life_import, "an import");
	keep(START_FULL);
	snprintf(store, sizeof store, "%s/store/BROKEN", state);
	close(open(store, O_WRONLY | O_CREAT, 0600));
	keep(START_BROKEN);
	remove_below("store");
	keep(START_NO_STORE);
	snprintf(store, sizeof store, "%s/store", state);
	snprintf(from, sizeof from, "%s/store", starts[START_BEGUN].path);
	copy_tree(from, store);
	keep(START_BEHIND);
}

/* --- one fault */

/* Why this end is not what it has to be; NULL: it is. */
static const char *
judge(const struct fault *fault, int status, struct tally *tally)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	bool is_memory = fault->place == PLACE_MEMORY;

	if (!plan_fired())
		return "the fault never happened";
	tally->fired++;
	if (code == PLAN_STOPPED) {
		tally->ended++;
		return NULL;
	}
	if (code == LIFE_SAID) {
		tally->said++;
		/* init has a program's own way of saying it */
		bool is_said = life->said.text[0] != '\0' ||
		    strncmp(words(), "e164ctl: ", 9) == 0;
		return is_said ? NULL : "ended without a reason";
	}
	if (code == LIFE_DONE) {
		tally->went_on++;
		bool is_vital = fault->place == PLACE_JOURNAL ||
		    fault->place == PLACE_MARK;
		bool is_write = fault->call == CALL_SYNC ||
		    (fault->call == CALL_WRITE && fault->kind != KIND_SHORT);
		return is_vital && is_write ? "went on as if nothing were"
					    : NULL;
	}
	if (is_memory && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGABRT &&
	    strstr(words(), "fatal: memory failed") != NULL) {
		tally->ended++;
		return NULL;
	}
	/* OpenSSL's first use takes a lock that it got no memory for */
	if (is_memory && WIFSIGNALED(status) &&
	    strstr(words(), "libcrypto") != NULL) {
		tally->ended++;
		return NULL;
	}
	return "ended in no way that is foreseen";
}

static void
tell(const struct story *story, const struct fault *fault,
    enum fault_loss loss, int status, const char *why)
{
	if (++n_shown > SHOWN_MAX)
		return;
	printf("not ok %s: %s %s %u %s, loss %d: %s\n", story->name,
	    place_names[fault->place], call_names[fault->call], fault->nth,
	    kind_names[fault->kind], (int)loss, why);
	printf("    wait status %x; said: %s\n    %s\n", (unsigned)status,
	    life->said.text, words());
}

static void
run_fault(const struct story *story, const struct fault *fault,
    enum fault_loss loss, struct tally *tally)
{
	prepare(&starts[story->start]);
	plan_begin(state, fault);
	int status = run_process(story->run);
	const char *why = judge(fault, status, tally);
	if (why == NULL) {
		plan_lose(loss, fault->nth);
		status = run_process(life_check);
		if (status != 0)
			why = "afterwards, without faults";
	}
	if (why == NULL)
		return;
	tally->bad++;
	tell(story, fault, loss, status, why);
}

/* --- all faults of a story */

/*
 * How many calls there are in every run: threads that do not wait for each
 * other share allocations, and while slots are replayed the store takes as many
 * at a time as have come.
 */
static unsigned
steady_count(const struct story *story, enum fault_place place,
    enum fault_call call)
{
	unsigned n = plan_count(place, call);

	/* only there the spare is waited for */
	if (place == PLACE_SPARE)
		return story->run == life_spare ? n : 0;
	bool is_replay = story->start == START_BEHIND ||
	    story->start == START_NO_STORE || story->start == START_BROKEN;
	/* init may end before or after the spare is made, whose directory is
	 * then opened and synced */
	if (story->run == life_init && place == PLACE_STATE &&
	    (call == CALL_OPEN || call == CALL_SYNC))
		return n - 1;
	if (call == CALL_MEMORY || (is_replay && place == PLACE_STORE))
		return n / 4 * 3;
	return n;
}

static void
run_break(const struct story *story, enum fault_place place, size_t row,
    unsigned n_calls, struct tally *tally)
{
	unsigned cap = place == PLACE_MEMORY ? POINTS_MEMORY : POINTS;
	unsigned n = is_all || n_calls < cap ? n_calls : cap;

	for (unsigned i = 0; i < n; i++) {
		struct fault fault = {
			.place = place,
			.call = breaks[row].call,
			.kind = breaks[row].kind,
			/* the first, the last, and evenly between */
			.nth = n == 1 ? 1 : 1 + i * (n_calls - 1) / (n - 1),
		};
		/* in each run another loss */
		enum fault_loss loss =
		    (enum fault_loss)((i + row) % LOSSES);
		run_fault(story, &fault, loss, tally);
	}
}

/* The number of a word in a table. */
static int
find_word(const char *const *table, int n, const char *word)
{
	for (int i = 0; i < n; i++) {
		if (strcmp(table[i], word) == 0)
			return i;
	}
	fprintf(stderr, "%s: not known\n", word);
	exit(2);
}

/* The one fault that the words name, with every loss. */
static bool
run_one(const struct story *story, char **names)
{
	struct fault fault = {
		.place = (enum fault_place)find_word(place_names, PLACES,
		    names[0]),
		.call = (enum fault_call)find_word(call_names, CALLS,
		    names[1]),
		.kind = (enum fault_kind)find_word(kind_names, KINDS,
		    names[2]),
		.nth = (unsigned)strtoul(names[3], NULL, 10),
	};
	struct tally tally = { 0 };

	for (int loss = 0; loss < LOSSES; loss++) {
		run_fault(story, &fault, (enum fault_loss)loss, &tally);
		printf("loss %d: said: %s\n", loss, life->said.text);
	}
	return tally.bad == 0;
}

static bool
run_story(const struct story *story)
{
	unsigned counts[PLACES][CALLS];
	struct tally tally = { 0 };

	prepare(&starts[story->start]);
	must_run(story->run, story->name);
	for (int place = 0; place < PLACES; place++) {
		for (int call = 0; call < CALLS; call++)
			counts[place][call] = steady_count(story,
			    (enum fault_place)place, (enum fault_call)call);
	}
	for (int place = 0; place < PLACES; place++) {
		for (size_t row = 0; row < BREAKS; row++)
			run_break(story, (enum fault_place)place, row,
			    counts[place][breaks[row].call], &tally);
	}
	printf("%s %s: %u faults: %u went on, %u ended with a reason, %u were "
	    "ended\n", tally.bad == 0 ? "ok" : "not ok", story->name,
	    tally.fired, tally.went_on, tally.said, tally.ended);
	if (tally.fired == 0)
		printf("not ok %s: no fault happened\n", story->name);
	return tally.bad == 0 && tally.fired > 0;
}

int
main(int argc, char **argv)
{
	const char *wanted = NULL;
	char **one = NULL;
	bool is_good = true;
	void *frame;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--all") == 0) {
			is_all = true;
		} else {
			wanted = argv[i];
			one = i + 4 < argc ? argv + i + 1 : NULL;
			break;
		}
	}
	(void)backtrace(&frame, 1); /* it loads a library the first time */
	temp_dir_make(&scratch);
	snprintf(state, sizeof state, "%.200s/state", scratch.path);
	snprintf(words_path, sizeof words_path, "%s/words", scratch.path);
	life = life_create(state);
	if (life == NULL || !plan_init() || sec_init() != OK)
		return 1;
	make_starts();
	for (size_t i = 0; i < STORIES; i++) {
		const struct story *story = &stories[i];
		if (wanted != NULL && strcmp(wanted, story->name) != 0)
			continue;
		is_good = (one != NULL ? run_one(story, one)
			       : run_story(story)) && is_good;
	}
	temp_dir_remove(&scratch);
	return is_good ? 0 : 1;
}
