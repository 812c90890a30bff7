/*
 * query: no allocation. malloc and its like are replaced (the linker's --wrap
 * sends every call of the program and its archives here) and counted.
 */
#include "fixture.h"
#include "zone_lines.h"

#include "dns/rdata.h"
#include "query/query.h"
#include "query/query_counters.h"
#include "unit/packet.h"

#include <stdlib.h>

enum { QUERIES = 100000 };

/* volatile: a compiler knows that malloc changes no variable of ours. */
static volatile unsigned long allocations;

void *__real_malloc(size_t len);
void *__real_calloc(size_t n, size_t len);
void *__real_realloc(void *old, size_t len);
void *__real_aligned_alloc(size_t align, size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t n, size_t len);
void *__wrap_realloc(void *old, size_t len);
void *__wrap_aligned_alloc(size_t align, size_t len);

void *
__wrap_malloc(size_t len)
{
	allocations++;
	return __real_malloc(len);
}

void *
__wrap_calloc(size_t n, size_t len)
{
	allocations++;
	return __real_calloc(n, len);
}

void *
__wrap_realloc(void *old, size_t len)
{
	allocations++;
	return __real_realloc(old, len);
}

void *
__wrap_aligned_alloc(size_t align, size_t len)
{
	allocations++;
	return __real_aligned_alloc(align, len);
}

/* E3: the query path allocates nothing, whatever is asked. */
static void
query_answer__100000_mixed_queries__no_allocation(void **state)
{
	static const unsigned types[] = { TYPE_A, TYPE_NS, TYPE_SOA, TYPE_TXT,
		TYPE_NAPTR, TYPE_ANY, TYPE_DS, TYPE_MX, TYPE_AXFR, 65535, 0 };
	enum { NAMES = sizeof zone_lines / sizeof zone_lines[0] };
	enum { TYPES = sizeof types / sizeof types[0] };
	static struct query_env env;
	static struct packet packets[NAMES];
	static uint8_t out[65535];
	struct query_result result;
	struct query_counters counters = { 0 };
	unsigned long answered = 0;

	(void)state;
	assert_int_equal(dname_parse(&env.apex, "e164.example.", 13, NULL), OK);
	strcpy(env.id_server, "r1");
	struct image *image = fixture_image(zone_lines, NAMES, &env.apex);
	for (size_t i = 0; i < NAMES; i++) {
		char name[300];
		snprintf(name, sizeof name, "%s%.*s.e164.example.",
		    i % 3 == 0 ? "7." : "", (int)strcspn(zone_lines[i], " "),
		    zone_lines[i]);
		packet_query(&packets[i], name, types[i % TYPES]);
		if (i % 2 == 0)
			packet_opt(&packets[i], 1232, 0, NULL, 0);
		if (i % 17 == 0)
			packet_tsig(&packets[i], "key.");
		if (i % 19 == 0)
			packets[i].len -= 1 + i % 5;
	}
	allocations = 0;
	void *volatile seen = malloc(1); /* the counting itself works */
	free(seen);
	assert_int_equal(allocations, 1);
	const struct query_view view = { .version = image_current(image) };
	for (size_t i = 0; i < QUERIES; i++) {
		const struct packet *p = &packets[i % NAMES];
		enum query_transport transport = i % 5 == 0 ? QUERY_TCP
							    : QUERY_UDP;
		size_t len = query_answer(&env, &view, transport, p->bytes,
		    p->len, out, sizeof out, &result);
		query_count(&counters, transport, &result, len);
		answered += len > 0;
	}
	assert_int_equal(allocations, 1);
	assert_int_equal(answered, QUERIES);
	assert_int_equal(
	    counter_read(&counters.counters[QUERY_COUNTER_udp]) +
		counter_read(&counters.counters[QUERY_COUNTER_tcp]), QUERIES);
	/* the mix is one: every kind of answer is in it */
	static const enum query_counter kinds[] = { QUERY_COUNTER_noerror,
		QUERY_COUNTER_nxdomain, QUERY_COUNTER_formerr,
		QUERY_COUNTER_refused, QUERY_COUNTER_notauth,
		QUERY_COUNTER_truncated };
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		assert_true(counter_read(&counters.counters[kinds[i]]) > 0);
	fixture_destroy(image);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    query_answer__100000_mixed_queries__no_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
