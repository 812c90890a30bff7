/*
 * How fast the store takes names in random order, gives them back one by one,
 * and walks them all. bench_store [names] [names a slot] [directory]
 */
#include "registry/changeset.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DIGITS = 11, RDATA_LEN = 60 };

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A directory of our own: whatever is damaged may go. */
static enum status
on_remove(void *arg, const char *why, struct reason *reason)
{
	(void)arg;
	(void)why;
	(void)reason;
	return OK;
}

static void
on_fatal(void *arg, const char *why)
{
	(void)arg;
	fprintf(stderr, "fatal: %s\n", why);
	exit(1);
}

/* i-th number of a fixed random order: odd multiplier modulo a power of two. */
static uint64_t
shuffled(uint64_t i)
{
	return UINT64_C(12000000000) +
	    (i * UINT64_C(2654435761) + 12345) % (UINT64_C(1) << 33);
}

static struct blob
make_owner(struct arena *arena, uint64_t i)
{
	uint8_t *owner = arena_alloc(arena, (size_t)2 * DIGITS);
	uint64_t number = shuffled(i);

	for (size_t d = DIGITS; d > 0; d--) {
		owner[2 * d - 2] = 1;
		owner[2 * d - 1] = (uint8_t)('0' + number % 10);
		number /= 10;
	}
	return (struct blob){ owner, (size_t)2 * DIGITS };
}

/* Two TXT records of together about 150 bytes. */
static struct blob
make_rrsets(struct arena *arena, uint64_t i)
{
	uint8_t a[RDATA_LEN];
	uint8_t b[RDATA_LEN];
	struct blob out;
	struct record records[2] = {
		{ .type = 16, .ttl = 300, .rdata = { a, sizeof a } },
		{ .type = 16, .ttl = 300, .rdata = { b, sizeof b } },
	};

	memset(a, 'a', sizeof a);
	memset(b, 'b', sizeof b);
	a[0] = RDATA_LEN - 1;
	b[0] = RDATA_LEN - 1;
	memcpy(a + 1, &i, sizeof i);
	if (rrsets_build(arena, &out, records, 2) != OK)
		abort();
	return out;
}

static void
import(struct store *store, uint64_t n, uint64_t per_slot)
{
	struct store_position at = store_position(store);
	struct arena arena;
	double start = now_s();

	arena_init(&arena);
	for (uint64_t i = 0; i < n;) {
		size_t k = 0;
		struct name_change *changes =
		    arena_alloc(&arena, per_slot * sizeof *changes);
		for (; k < per_slot && i < n; k++, i++) {
			changes[k].owner = make_owner(&arena, i);
			changes[k].added = make_rrsets(&arena, i);
		}
		struct part part = { .changes = changes, .n_changes = k };
		at.slot++;
		at.time_ms++;
		at.serial++;
		store_submit(store, &at, &part, 1);
		arena_reset(&arena);
	}
	double submitted = now_s() - start;
	store_wait(store, at.slot);
	double applied = now_s() - start;
	printf("import, random order: %.0f names/s (%.2f s; submitted after "
	    "%.2f s)\n", (double)n / applied, applied, submitted);
	arena_fini(&arena);
}

static void
get_some(struct store *store, uint64_t n)
{
	struct arena arena;
	uint64_t count = n < 100000 ? n : 100000;
	double start = now_s();

	arena_init(&arena);
	for (uint64_t i = 0; i < count; i++) {
		struct node node;
		if (store_get(store, make_owner(&arena, i * 7 % n), &arena,
			&node) != OK || node.rrsets.len == 0)
			abort();
		arena_reset(&arena);
	}
	printf("get, random: %.0f names/s\n",
	    (double)count / (now_s() - start));
	arena_fini(&arena);
}

struct tally {
	uint64_t names;
	uint64_t bytes;
};

static enum status
count_node(void *arg, struct blob owner, const struct node *node)
{
	struct tally *tally = arg;

	tally->names++;
	tally->bytes += owner.len + node->rrsets.len;
	return OK;
}

static void
walk(struct store *store, const char *what)
{
	struct tally tally = { 0 };
	struct reason reason;
	double start = now_s();

	if (store_walk(store, (struct blob){ 0 }, count_node, &tally,
		&reason) != OK) {
		fprintf(stderr, "%s\n", reason.text);
		exit(1);
	}
	double took = now_s() - start;
	printf("walk, %s: %.0f names/s (%llu names of %llu bytes)\n", what,
	    (double)tally.names / took, (unsigned long long)tally.names,
	    (unsigned long long)(tally.bytes /
		(tally.names > 0 ? tally.names : 1)));
}

static struct store *
open_it(const char *directory)
{
	struct store *store = NULL;
	struct reason reason = { "" };
	struct store_config config = { .directory = directory,
		.remove = on_remove,
		.fatal = on_fatal };
	double start = now_s();

	if (store_open(&store, &config, &reason) != OK) {
		fprintf(stderr, "%s\n", reason.text);
		exit(1);
	}
	printf("open: %.3f s\n", now_s() - start);
	return store;
}

int
main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	uint64_t per_slot = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000;
	char directory[] = "/tmp/bench-store-XXXXXX";
	const char *path = argc > 3 ? argv[3] : mkdtemp(directory);

	if (path == NULL || n == 0 || per_slot == 0)
		return 2;
	struct store *store = open_it(path);
	import(store, n, per_slot);
	get_some(store, n);
	walk(store, "after import");
	double start = now_s();
	store_close(store);
	printf("close: %.3f s\n", now_s() - start);
	store = open_it(path);
	walk(store, "after opening");
	store_close(store);
	if (argc <= 3)
		printf("left in %s\n", path);
	return 0;
}
