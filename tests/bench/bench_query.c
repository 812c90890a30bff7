/*
 * bench_query: what an answer costs without socket and kernel.
 *
 *	bench_query [NUMBERS]...	(default 1000 1000000)
 *
 * For each count of numbers (11 digits, every third one of a range; 2 NAPTR
 * and 3 TXT each, unique CNAM) it asks random ones and prints nanoseconds of
 * CPU time for one query_answer: parse, look-up, answer. Queries are made
 * before the clock starts.
 */
#include "base/arena.h"
#include "base/check.h"
#include "dns/rdata.h"
#include "e164/e164_name.h"
#include "image/image.h"
#include "query/query.h"
#include "registry/rrset.h"

#include <sys/mman.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	BATCH = 1000,     /* numbers made before the arena is reset */
	QUERIES = 200000, /* different ones; each asked LAPS times */
	LAPS = 10,
	QUERY_CAP = 64,
	STEP = 3,
};

static const size_t REGION_CAP = (size_t)8 << 30; /* bytes, touched on use */
static const uint64_t FIRST = 12010000000u;

struct wire {
	uint8_t len;
	uint8_t bytes[QUERY_CAP];
};

static uint64_t seed = 88172645463325252u;

static uint64_t
dice(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 11) % below;
}

static double
cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t
put_string(uint8_t *out, const char *text)
{
	out[0] = (uint8_t)strlen(text);
	memcpy(out + 1, text, out[0]);
	return 1u + out[0];
}

static struct record
txt(struct arena *arena, const char *text)
{
	uint8_t *rdata = arena_alloc(arena, 256);
	size_t len = put_string(rdata, text);

	return (struct record){ TYPE_TXT, 300, { rdata, len } };
}

static struct record
naptr(struct arena *arena, uint8_t preference, const char *service,
    const char *regexp)
{
	uint8_t *rdata = arena_alloc(arena, 512);
	size_t len = 4;

	rdata[1] = 100;
	rdata[3] = preference;
	len += put_string(rdata + len, "u");
	len += put_string(rdata + len, service);
	len += put_string(rdata + len, regexp);
	rdata[len++] = 0;
	return (struct record){ TYPE_NAPTR, 300, { rdata, len } };
}

static void
load_number(struct image *image, struct arena *arena, uint64_t number)
{
	char digits[24];
	char text[128];
	struct record records[5];
	struct node node = { 0 };
	struct tn tn;
	uint8_t owner[E164_NAME_MAX];

	snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
	snprintf(text, sizeof text, "!^.*$!sip:+%s@gw.carrier.example!",
	    digits);
	records[0] = naptr(arena, 10, "E2U+sip", text);
	snprintf(text, sizeof text, "!^.*$!tel:+%s;npdi;rn=+12015550000!",
	    digits);
	records[1] = naptr(arena, 20, "E2U+pstn:tel", text);
	records[2] = txt(arena, "ocn=1510");
	records[3] = txt(arena, "otc=Carrier Inc");
	snprintf(text, sizeof text, "cnam=NAME %llu",
	    (unsigned long long)(number * 2654435761u % 1000000007u));
	records[4] = txt(arena, text);
	require(rrsets_build(arena, &node.rrsets, records, 5) == OK);
	require(tn_parse(&tn, digits, strlen(digits), NULL) == OK);
	struct blob name = { owner, e164_name_write(owner, tn) };
	require(image_load(image, name, &node) == OK);
}

static void
load_apex(struct image *image, struct arena *arena)
{
	static const uint8_t soa[] = "\1m\0\1r\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	    "\0\0\0\0\74";
	static const uint8_t ns[] = "\3ns1\7example";
	struct record records[] = {
		{ TYPE_SOA, 3600, { soa, 26 } },
		{ TYPE_NS, 3600, { ns, sizeof ns } },
	};
	struct node node = { 0 };
	struct blob apex = { .len = 0 };

	require(rrsets_build(arena, &node.rrsets, records, 2) == OK);
	require(image_load(image, apex, &node) == OK);
}

static void
make_query(struct wire *wire, uint64_t number, uint16_t type)
{
	uint8_t *p = wire->bytes;

	memset(p, 0, 12);
	p[5] = 1;
	p += 12;
	for (int i = 0; i < 11; i++, number /= 10) {
		*p++ = 1;
		*p++ = (uint8_t)('0' + number % 10);
	}
	memcpy(p, "\4e164\7example", 14);
	p += 14;
	p[1] = (uint8_t)type;
	p[0] = 0;
	p[2] = 0;
	p[3] = CLASS_IN;
	wire->len = (uint8_t)(p + 4 - wire->bytes);
}

enum kind { KIND_NAPTR, KIND_TXT, KIND_NXDOMAIN, KIND_MIX, KINDS };

/* 85 % NAPTR, 7 % TXT, 8 % of numbers that are not there. */
static void
make_queries(struct wire *wires, uint64_t n_numbers, enum kind kind)
{
	for (unsigned i = 0; i < QUERIES; i++) {
		uint64_t percent = dice(100);
		enum kind one = kind != KIND_MIX ? kind
		    : percent < 85		 ? KIND_NAPTR
		    : percent < 92		 ? KIND_TXT
						 : KIND_NXDOMAIN;
		uint64_t number = FIRST + STEP * dice(n_numbers);
		make_query(&wires[i], number + (one == KIND_NXDOMAIN),
		    one == KIND_TXT ? TYPE_TXT : TYPE_NAPTR);
	}
}

static double
run(const struct query_env *env, const struct image_version *version,
    const struct wire *wires, size_t *mean_len)
{
	static uint8_t out[4096];
	struct query_result result;
	const struct query_view view = { .version = version };
	size_t bytes = 0;

	double start = cpu_s();
	for (unsigned lap = 0; lap < LAPS; lap++) {
		for (unsigned i = 0; i < QUERIES; i++)
			bytes += query_answer(env, &view, QUERY_UDP,
			    wires[i].bytes, wires[i].len, out, sizeof out,
			    &result);
	}
	*mean_len = bytes / QUERIES / LAPS;
	return (cpu_s() - start) * 1e9 / QUERIES / LAPS;
}

static void
bench(uint64_t n_numbers)
{
	static const char *const names[KINDS] = { "NAPTR", "TXT", "NXDOMAIN",
		"mix 85/7/8" };
	struct query_env env = { .version_bind = "" };
	struct image *image = NULL;
	struct arena arena;

	require(dname_parse(&env.apex, "e164.example.", 13, NULL) == OK);
	void *region = mmap(NULL, REGION_CAP, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	require(region != MAP_FAILED);
	arena_init(&arena);
	require(image_create(&image, region, REGION_CAP) == OK);
	image_begin(image);
	load_apex(image, &arena);
	for (uint64_t i = 0; i < n_numbers; i++) {
		load_number(image, &arena, FIRST + STEP * i);
		if (i % BATCH == 0)
			arena_reset(&arena);
	}
	const struct image_version *version = image_commit(image, 1, 1);
	printf("%llu numbers\n", (unsigned long long)n_numbers);
	struct wire *wires = calloc(QUERIES, sizeof *wires);
	require(wires != NULL);
	for (int kind = 0; kind < KINDS; kind++) {
		size_t len = 0;
		make_queries(wires, n_numbers, (enum kind)kind);
		double ns = run(&env, version, wires, &len);
		printf("  %-10s  %6.0f ns a query, mean answer %zu bytes\n",
		    names[kind], ns, len);
	}
	free(wires);
	arena_fini(&arena);
	image_destroy(image);
	munmap(region, REGION_CAP);
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		bench(1000);
		bench(1000000);
	}
	for (int i = 1; i < argc; i++)
		bench(strtoull(argv[i], NULL, 10));
	return 0;
}
