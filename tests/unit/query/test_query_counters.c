/*
 * query/query_counters: what is counted where.
 */
#include "unit/unit.h"

#include "dns/rcode.h"
#include "dns/rdata.h"
#include "query/query_counters.h"

static struct query_counters counters;

static uint64_t
value(enum query_counter counter)
{
	return counter_read(&counters.counters[counter]);
}

/* Rule: a message counts once by transport, RCODE and QTYPE. */
static void
query_count__answers__each_group_once(void **state)
{
	const struct query_result good = { RCODE_NOERROR, TYPE_NAPTR, true };
	const struct query_result bad = { RCODE_FORMERR, 0, false };
	const struct query_result odd = { RCODE_SERVFAIL, 4711, false };

	(void)state;
	counters = (struct query_counters){ 0 };
	query_count(&counters, QUERY_UDP, &good, 100);
	query_count(&counters, QUERY_TCP, &bad, 12);
	query_count(&counters, QUERY_TCP, &odd, 12);
	query_count(&counters, QUERY_UDP, &bad, 0);
	assert_int_equal(value(QUERY_COUNTER_udp), 2);
	assert_int_equal(value(QUERY_COUNTER_tcp), 2);
	assert_int_equal(value(QUERY_COUNTER_silent), 1);
	assert_int_equal(value(QUERY_COUNTER_noerror), 1);
	assert_int_equal(value(QUERY_COUNTER_formerr), 1);
	assert_int_equal(value(QUERY_COUNTER_servfail), 1);
	assert_int_equal(value(QUERY_COUNTER_truncated), 1);
	assert_int_equal(value(QUERY_COUNTER_type_naptr), 1);
	assert_int_equal(value(QUERY_COUNTER_type_other), 1);
	uint64_t sum = 0;
	for (int i = 0; i < QUERY_COUNTERS; i++)
		sum += value((enum query_counter)i);
	assert_int_equal(sum, 4 + 1 + 3 + 2 + 1);
}

/* Rule: every counter has a name and a text of its own. */
static void
query_counter_name__all__differ(void **state)
{
	(void)state;
	for (int i = 0; i < QUERY_COUNTERS; i++) {
		enum query_counter a = (enum query_counter)i;
		assert_true(strlen(query_counter_text(a)) > 0);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(query_counter_name(a),
			    query_counter_name((enum query_counter)j));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query_count__answers__each_group_once),
		cmocka_unit_test(query_counter_name__all__differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
