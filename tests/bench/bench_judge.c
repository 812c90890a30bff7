/*
 * What the judge costs for an import: requests of 1,000 numbers with two
 * NAPTR and three TXT records each, over a zone in memory; then one NAPTR
 * check. Prints ns. BLAKE2b and encoding are not in it.
 *
 *	bench_judge [numbers]		default 200000
 */
#include "registry/naptr.h"
#include "unit/registry/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCH = 1000, RECORDS = 5 };

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* The number's name, digits reversed and dotted. */
static void
number_name(char *out, unsigned n, char *digits)
{
	snprintf(digits, 16, "1201%07u", n);
	for (size_t i = 0; i < 11; i++) {
		out[2 * i] = digits[10 - i];
		out[2 * i + 1] = '.';
	}
	out[21] = '\0';
}

static void
add_number(struct scene *scene, unsigned n)
{
	char name[32];
	char digits[16];
	char text[128];

	number_name(name, n, digits);
	scene_add_txt(scene, name, "ocn=1510");
	snprintf(text, sizeof text, "cnam=ACME %u", n % 100000);
	scene_add_txt(scene, name, text);
	scene_add_txt(scene, name, "otc=CO-1");
	snprintf(text, sizeof text, "!^.*$!sip:+%s@gw%u.example.net!", digits,
	    n % 10);
	scene_add(scene, name, TYPE_NAPTR, scene_naptr(scene, 10, "E2U+sip",
	    text));
	snprintf(text, sizeof text, "!^.*$!tel:+%s!", digits);
	scene_add(scene, name, TYPE_NAPTR, scene_naptr(scene, 20,
	    "E2U+voice:tel", text));
}

/* ns for each number of an import, numbers in random or rising order. */
static void
bench_import(const char *what, unsigned n, unsigned stride, const char *block)
{
	struct scene *scene = scene_create();
	uint64_t spent = 0;
	uint64_t gets = 0;

	if (block != NULL) {
		scene_add_txt(scene, block, "ocn=1510");
		(void)scene_send(scene);
	}
	for (unsigned i = 0; i < n; i += BATCH) {
		const struct judge_env env = { .view = &scene->fake.view,
			.apex = &scene->apex };
		for (unsigned j = 0; j < BATCH; j++)
			add_number(scene, (unsigned)((uint64_t)(i + j) *
			    stride % 10000000));
		struct arena arena;
		arena_init(&arena);
		scene->fake.n_gets = 0;
		uint64_t start = now_ns();
		if (registry_judge(&arena, &env, &scene->request,
		    &scene->out) != OK || scene->out.rcode != 0)
			abort();
		spent += now_ns() - start;
		gets += scene->fake.n_gets;
		fake_view_apply(&scene->fake, &scene->out.part);
		scene_begin(scene);
		arena_fini(&arena);
		arena_reset(&scene->arena);
	}
	printf("%-28s %6llu ns a number, %.1f look-ups\n", what,
	    (unsigned long long)(spent / n), (double)gets / n);
	scene_destroy(scene);
}

static void
bench_naptr(const char *what, const char *regexp)
{
	struct scene *scene = scene_create();
	struct blob rdata = scene_naptr(scene, 10, "E2U+sip", regexp);
	struct tn tn;
	enum { ROUNDS = 200000 };

	if (tn_parse(&tn, "12025550123", 11, NULL) != OK)
		abort();
	uint64_t start = now_ns();
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (naptr_check_number(rdata, tn, NULL) != OK)
			abort();
	}
	printf("%-28s %6llu ns a record\n", what,
	    (unsigned long long)((now_ns() - start) / ROUNDS));
	scene_destroy(scene);
}

int
main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 200000;

	bench_import("import, rising", n, 1, NULL);
	bench_import("import, scattered", n / 4, 7919, NULL);
	bench_import("import, rising, in a block", n, 1, "*.1.0.2.1");
	bench_import("import, scattered, block", n / 4, 7919, "*.1.0.2.1");
	bench_naptr("naptr ^.*$", "!^.*$!sip:+12025550123@example.com!");
	bench_naptr("naptr ^(.*)$", "!^(.*)$!sip:\\1@example.com!");
	bench_naptr("naptr ^\\+1(...)(.*)$",
	    "!^\\+1([0-9]{3})([0-9]+)$!sip:\\2.\\1@example.com!");
	return 0;
}
