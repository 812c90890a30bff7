/*
 * How long an append takes until it is durable, and how fast large values go
 * in: median, 99th percentile, longest, over several segments.
 * bench_journal [appends] [bytes of a value] [directory]
 */
#include "journal/journal.h"
#include "sec/hash.h"
#include "sec/sec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
compare_double(const void *a, const void *b)
{
	const double *x = a;
	const double *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
stop(const char *what, const struct reason *reason)
{
	fprintf(stderr, "%s: %s\n", what, reason->text);
	exit(1);
}

static struct journal *
open_it(const struct journal_config *config, struct paxos_durable *durable,
    uint64_t from_slot)
{
	struct journal *journal = NULL;
	struct reason reason = { "" };
	struct arena arena;
	double start = now_us();

	arena_init(&arena);
	if (journal_open(&journal, config, &arena, from_slot, NULL, NULL,
		durable, &reason) != OK)
		stop("open", &reason);
	printf("open from slot %llu: %.1f ms\n",
	    (unsigned long long)from_slot, (now_us() - start) / 1000);
	arena_fini(&arena);
	return journal;
}

static void
append_all(struct journal *journal, size_t n, size_t len, double *took)
{
	struct reason reason = { "" };
	uint8_t *value = malloc(len + 1);
	struct hash hash = { { 0 } };

	if (value == NULL)
		exit(1);
	memset(value, 'v', len + 1);
	for (size_t i = 0; i < n; i++) {
		memcpy(value, &i, len < sizeof i ? len : sizeof i);
		struct hash before = hash;
		hash_ops_sodium.blake2b(&hash, value, len);
		struct paxos_write writes[2] = {
			{ .kind = PAXOS_WRITE_CHOSEN, .slot = i,
			    .hash = before },
			{ .kind = PAXOS_WRITE_ACCEPTED, .slot = i + 1,
			    .ballot = { 1, 1 }, .hash = hash,
			    .value = { value, len } },
		};
		unsigned skip = i == 0 ? 1 : 0;
		double start = now_us();
		if (journal_append(journal, writes + skip, 2 - skip,
			&reason) != OK)
			stop("append", &reason);
		took[i] = now_us() - start;
	}
	free(value);
}

static void
measure(const struct journal_config *config, size_t n, size_t len)
{
	struct paxos_durable durable;
	struct journal *journal = open_it(config, &durable, 0);
	double *took = malloc(n * sizeof *took);

	if (took == NULL)
		exit(1);
	double start = now_us();
	append_all(journal, n, len, took);
	double total = now_us() - start;
	qsort(took, n, sizeof *took, compare_double);
	printf("%zu appends of %zu bytes: %.0f/s, %.1f MB/s; median %.0f us, "
	    "99 %% %.0f us, longest %.0f us\n", n, len,
	    (double)n / total * 1e6, (double)n * (double)len / total,
	    took[n / 2], took[n * 99 / 100], took[n - 1]);
	journal_close(journal);
	journal = open_it(config, &durable, 0);
	journal_close(journal);
	journal = open_it(config, &durable, n - 1);
	journal_close(journal);
	free(took);
}

int
main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000;
	size_t len = argc > 2 ? strtoull(argv[2], NULL, 10) : 400;
	char directory[] = "/tmp/bench-journal-XXXXXX";
	struct reason reason = { "" };
	struct journal_config config = {
		.directory = argc > 3 ? argv[3] : mkdtemp(directory),
		.files = &file_ops_system,
		.hash = &hash_ops_sodium,
		.registrar = 1,
	};

	if (sec_init() != OK || config.directory == NULL || n == 0)
		return 2;
	if (journal_create(&config, &reason) != OK)
		stop("create", &reason);
	measure(&config, n, len);
	printf("left in %s\n", config.directory);
	return 0;
}
