/*
 * bench_image: what src/image costs, without a server around it.
 *
 *	bench_image [NUMBERS]...	(default 1000 1000000)
 *
 * For each count of numbers (the stock of numgen.h, 2 NAPTR and 3 TXT each,
 * unique CNAM) it prints bytes a number, the rate of loading in owner order,
 * look-up of a random number and its NAPTR records into a buffer (independent
 * ones, which the processor may overlap, and each behind the one before), what
 * one replaced CNAM costs from begin to release, and look-up among as many
 * hosts. Time is CPU time of the process.
 */
#include "cnam.h"
#include "numgen.h"

#include "base/arena.h"
#include "base/check.h"
#include "dns/rdata.h"
#include "e164/e164_name.h"
#include "image/image.h"
#include "registry/changeset.h"
#include "registry/rrset.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum {
	BATCH = 10000,    /* numbers made before they are loaded */
	LOOKUPS = 200000, /* different ones; each done LAPS times */
	LAPS = 10,
	PATCHES = 20000,
	SEED = 1,
};

static const size_t REGION_CAP = (size_t)8 << 30; /* bytes, touched on use */

struct load_item {
	struct owner owner;
	struct node node;
};

static double
cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
block_compare(const void *a, const void *b)
{
	const struct block *x = a;
	const struct block *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static size_t
put_string(uint8_t *out, const char *text)
{
	size_t len = strlen(text);

	out[0] = (uint8_t)len;
	memcpy(out + 1, text, len);
	return len + 1;
}

static struct record
txt(struct arena *arena, const char *text)
{
	uint8_t *rdata = arena_alloc(arena, 256);
	size_t len = put_string(rdata, text);

	return (struct record){ TYPE_TXT, 3600, { rdata, len } };
}

static struct record
naptr(struct arena *arena, unsigned order, const char *service,
    const char *regexp)
{
	uint8_t *rdata = arena_alloc(arena, 512);
	size_t len = 4;

	put_u16(rdata, (uint16_t)order);
	put_u16(rdata + 2, 100);
	len += put_string(rdata + len, "u");
	len += put_string(rdata + len, service);
	len += put_string(rdata + len, regexp);
	rdata[len++] = 0;
	return (struct record){ TYPE_NAPTR, 3600, { rdata, len } };
}

/* The records of gen_zone -u for a number; salt changes its CNAM. */
static struct node
number_node(
    struct arena *arena, const struct block *b, unsigned suffix, unsigned salt)
{
	char num[12];
	char text[100];
	struct record records[5];
	unsigned ocn = b->ocn;
	uint64_t h = mix64(SEED ^ ((uint64_t)b->id * 1000 + suffix));
	struct node node = { 0 };

	e164(b->id, suffix, num);
	snprintf(text, sizeof text, "!^.*$!sip:+%s@sip.carrier%u.example!", num,
	    ocn);
	records[0] = naptr(arena, 10, "E2U+sip", text);
	snprintf(text, sizeof text, "!^.*$!tel:+%s;npdi;rn=+1%03u555%04u!", num,
	    200 + ocn % 800u, ocn);
	records[1] = naptr(arena, 20, "E2U+pstn:tel", text);
	snprintf(text, sizeof text, "ocn=%u", ocn);
	records[2] = txt(arena, text);
	memcpy(text, "cnam=", 5);
	cnam_text(
	    text + 5, sizeof text - 5, mix64(h + salt) ^ h ^ mix64(h), num, 1);
	records[3] = txt(arena, text);
	snprintf(
	    text, sizeof text, "otc=%u", 1000 + (unsigned)(h >> 40) % 9000);
	records[4] = txt(arena, text);
	if (rrsets_build(arena, &node.rrsets, records, 5) != OK)
		never("records of a number");
	return node;
}

static struct owner
number_owner(const struct block *b, unsigned suffix)
{
	char num[12];
	struct owner out = { 0 };

	e164(b->id, suffix, num);
	for (unsigned i = 0; num[i] != '\0'; i++) {
		out.bytes[out.len++] = 1;
		out.bytes[out.len++] = (uint8_t)num[i];
	}
	return out;
}

static double
load_items(struct image *image, const struct load_item *items, size_t n)
{
	double start = cpu_s();

	for (size_t i = 0; i < n; i++)
		if (image_load(image, owner_blob(&items[i].owner),
			&items[i].node) != OK)
			never("load");
	return cpu_s() - start;
}

/* Load all numbers. @return CPU seconds of loading alone. */
static double
load(struct image *image, const struct stock *stock)
{
	struct load_item *items = calloc(BATCH, sizeof *items);
	struct arena arena;
	size_t n = 0;
	double spent = 0;

	if (items == NULL)
		never("memory");
	arena_init(&arena);
	image_begin(image);
	for (uint32_t k = 0; k < stock->nb; k++) {
		const struct block *b = &stock->b[k];
		for (unsigned x = 0; x < 1000; x++) {
			if (!in_block(stock, b, x))
				continue;
			items[n].owner = number_owner(b, x);
			items[n++].node = number_node(&arena, b, x, 0);
			if (n == BATCH) {
				spent += load_items(image, items, n);
				arena_reset(&arena);
				n = 0;
			}
		}
	}
	spent += load_items(image, items, n);
	image_commit(image, 1, 1);
	arena_fini(&arena);
	free(items);
	return spent;
}

static void
random_number(const struct stock *stock, struct rng *rng,
    const struct block **block, unsigned *suffix)
{
	do {
		*block = &stock->b[rndn(rng, stock->nb)];
		*suffix = rndn(rng, 1000);
	} while (!in_block(stock, *block, *suffix));
}

/* Find and write out one. @return a byte of the answer that is always 0, so
 * that a next one can be made to wait for it. */
static size_t
answer(const struct image_version *version, const struct qname *qname,
    uint8_t *out, size_t cap)
{
	struct image_match match;
	struct image_rrset rrset;

	image_find(version, qname, &match);
	if (!image_rrset(version, match.node, TYPE_NAPTR, &rrset) ||
	    image_emit(&rrset, match.tn, 12, out, cap) == 0)
		never("NAPTR");
	return out[6];
}

static double
ns_each(double start)
{
	return (cpu_s() - start) / LOOKUPS * 1e9;
}

static void
look_up(const struct image *image, const struct stock *stock)
{
	struct owner *owners = calloc(LOOKUPS, sizeof *owners);
	struct qname *qnames = calloc(LOOKUPS, sizeof *qnames);
	struct rng rng = { 42 };
	const struct image_version *version = image_current(image);
	uint8_t out[1232];
	double find_ns = 0;
	double both_ns = 0;
	double alone_ns = 0;

	if (owners == NULL || qnames == NULL)
		never("memory");
	for (size_t i = 0; i < LOOKUPS; i++) {
		const struct block *block = NULL;
		unsigned suffix = 0;
		random_number(stock, &rng, &block, &suffix);
		owners[i] = number_owner(block, suffix);
		qname_make(&qnames[i], owner_blob(&owners[i]));
	}
	for (unsigned lap = 0; lap < LAPS; lap++) {
		struct image_match match;
		double start = cpu_s();
		for (size_t i = 0; i < LOOKUPS; i++)
			image_find(version, &qnames[i], &match);
		find_ns += ns_each(start) / LAPS;
		start = cpu_s();
		for (size_t i = 0; i < LOOKUPS; i++)
			(void)answer(version, &qnames[i], out, sizeof out);
		both_ns += ns_each(start) / LAPS;
		start = cpu_s();
		size_t zero = 0;
		for (size_t i = 0; i < LOOKUPS; i++)
			zero = answer(
			    version, &qnames[i + zero], out, sizeof out);
		alone_ns += ns_each(start) / LAPS;
	}
	printf("  look-up %.0f ns, and 2 NAPTR written %.0f ns; "
	       "each waiting for the one before: %.0f ns\n",
	    find_ns, both_ns, alone_ns);
	free(owners);
	free(qnames);
}

static void
patch(struct image *image, const struct stock *stock)
{
	struct arena arena;
	struct rng rng = { 43 };
	double spent = 0;

	arena_init(&arena);
	for (unsigned i = 0; i < PATCHES; i++) {
		const struct block *block = NULL;
		unsigned suffix = 0;
		struct node before;
		random_number(stock, &rng, &block, &suffix);
		struct owner owner = number_owner(block, suffix);
		image_get(
		    image_current(image), owner_blob(&owner), &arena, &before);
		struct node after = number_node(&arena, block, suffix, i + 1);
		struct name_change change = { .owner = owner_blob(&owner) };
		rrsets_diff(&arena, before.rrsets, after.rrsets,
		    &change.removed, &change.added);
		double start = cpu_s();
		image_begin(image);
		if (image_apply(image, &change) != OK)
			never("apply");
		image_commit(image, 2 + i, 2 + i);
		image_release(image, 2 + i);
		spent += cpu_s() - start;
		arena_reset(&arena);
	}
	printf(
	    "  one change, begin to release: %.2f us\n", spent / PATCHES * 1e6);
	arena_fini(&arena);
}

static void
print_usage(const struct image *image, const char *when)
{
	struct image_usage usage = image_usage(image);
	double n = (double)usage.numbers;

	printf("  %s: %.1f bytes a number (%.1f reserved)\n", when,
	    (double)usage.used / n, (double)usage.reserved / n);
}

static struct owner
host_owner(uint64_t i)
{
	char text[32];
	struct owner out = { 0 };

	int len = snprintf(
	    text, sizeof text, "host-%llx", (unsigned long long)mix64(i) >> 24);
	if (owner_push(&out, text, (size_t)len) != OK)
		never("label");
	return out;
}

/* The same count of hosts with an address each: names with other labels. */
static void
hosts(uint64_t n)
{
	struct image *image = NULL;
	struct arena arena;
	uint8_t address[4] = { 127, 0, 0, 1 };
	struct record record = { TYPE_A, 60, { address, sizeof address } };
	struct node node = { 0 };
	void *region = mmap(NULL, REGION_CAP, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	arena_init(&arena);
	if (region == MAP_FAILED ||
	    image_create(&image, region, REGION_CAP) != OK ||
	    rrsets_build(&arena, &node.rrsets, &record, 1) != OK)
		never("region");
	double start = cpu_s();
	image_begin(image);
	for (uint64_t i = 0; i < n; i++) {
		struct owner owner = host_owner(i);
		if (image_load(image, owner_blob(&owner), &node) != OK)
			never("load");
	}
	const struct image_version *version = image_commit(image, 1, 1);
	double load_s = cpu_s() - start;
	struct rng rng = { 44 };
	start = cpu_s();
	for (size_t i = 0; i < LOOKUPS; i++) {
		struct owner owner = host_owner(rnd(&rng) % n);
		struct qname qname;
		struct image_match match;
		qname_make(&qname, owner_blob(&owner));
		image_find(version, &qname, &match);
		if (match.kind != MATCH_EXACT)
			never("host");
	}
	printf("  hosts: loaded %.0f a second, %.1f bytes each, look-up "
	       "%.0f ns\n",
	    (double)n / load_s, (double)image_usage(image).used / (double)n,
	    ns_each(start));
	image_destroy(image);
	munmap(region, REGION_CAP);
	arena_fini(&arena);
}

static void
run(uint64_t numbers)
{
	struct stock stock;
	struct image *image = NULL;
	void *region = mmap(NULL, REGION_CAP, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (region == MAP_FAILED ||
	    image_create(&image, region, REGION_CAP) != OK)
		never("region");
	(void)madvise(region, REGION_CAP, MADV_HUGEPAGE);
	stock_init(&stock, numbers, SEED);
	qsort(stock.b, stock.nb, sizeof *stock.b, block_compare);
	printf("%llu numbers\n", (unsigned long long)numbers);
	double spent = load(image, &stock);
	printf("  loaded in %.3f s: %.0f a second\n", spent,
	    (double)numbers / spent);
	print_usage(image, "at rest");
	look_up(image, &stock);
	patch(image, &stock);
	print_usage(image, "after the changes");
	image_destroy(image);
	munmap(region, REGION_CAP);
	free(stock.b);
	free(stock.by_id);
	hosts(numbers);
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		run(1000);
		run(1000000);
	}
	for (int i = 1; i < argc; i++)
		run(strtoull(argv[i], NULL, 10));
	return 0;
}
