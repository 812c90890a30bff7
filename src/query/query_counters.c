/*
 * Counting. Four additions a query. Layer 4; pure.
 */
#include "query/query_counters.h"

#include "base/check.h"
#include "dns/rcode.h"
#include "dns/rdata.h"

static const struct {
	const char *name;
	const char *text;
} table[QUERY_COUNTERS] = {
#define QUERY_COUNTER(name, text) { "query_" #name, text },
#include "query/query.def"
#undef QUERY_COUNTER
};

static enum query_counter
of_rcode(uint16_t rcode)
{
	switch (rcode) {
	case RCODE_NOERROR:
		return QUERY_COUNTER_noerror;
	case RCODE_NXDOMAIN:
		return QUERY_COUNTER_nxdomain;
	case RCODE_FORMERR:
		return QUERY_COUNTER_formerr;
	case RCODE_NOTIMP:
		return QUERY_COUNTER_notimp;
	case RCODE_REFUSED:
		return QUERY_COUNTER_refused;
	case RCODE_NOTAUTH:
		return QUERY_COUNTER_notauth;
	case RCODE_BADVERS:
		return QUERY_COUNTER_badvers;
	default: /* query_answer gives no other */
		return QUERY_COUNTER_servfail;
	}
}

static enum query_counter
of_type(uint16_t qtype)
{
	switch (qtype) {
	case TYPE_NAPTR:
		return QUERY_COUNTER_type_naptr;
	case TYPE_TXT:
		return QUERY_COUNTER_type_txt;
	case TYPE_SOA:
		return QUERY_COUNTER_type_soa;
	case TYPE_NS:
		return QUERY_COUNTER_type_ns;
	case TYPE_A:
		return QUERY_COUNTER_type_a;
	case TYPE_AAAA:
		return QUERY_COUNTER_type_aaaa;
	case TYPE_ANY:
		return QUERY_COUNTER_type_any;
	default:
		return QUERY_COUNTER_type_other;
	}
}

void
query_count(struct query_counters *counters, enum query_transport transport,
    const struct query_result *result, size_t len)
{
	struct counter *c = counters->counters;

	counter_add(&c[transport == QUERY_TCP ? QUERY_COUNTER_tcp
					      : QUERY_COUNTER_udp], 1);
	if (len == 0) {
		counter_add(&c[QUERY_COUNTER_silent], 1);
		return;
	}
	counter_add(&c[of_rcode(result->rcode)], 1);
	if (result->qtype != 0)
		counter_add(&c[of_type(result->qtype)], 1);
	if (result->is_truncated)
		counter_add(&c[QUERY_COUNTER_truncated], 1);
}

const char *
query_counter_name(enum query_counter counter)
{
	require(counter < QUERY_COUNTERS);
	return table[counter].name;
}

const char *
query_counter_text(enum query_counter counter)
{
	require(counter < QUERY_COUNTERS);
	return table[counter].text;
}
