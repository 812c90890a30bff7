/*
 * net/clients and net/pool: what TCP connections may use.
 */
#include "unit/unit.h"

#include "net/clients.h"
#include "net/pool.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static struct client_key
key_of(const char *text)
{
	struct sockaddr_storage storage = { .ss_family = AF_INET };
	struct sockaddr_in in4 = { .sin_family = AF_INET, .sin_port = 1234 };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &in4.sin_addr) == 1) {
		memcpy(&storage, &in4, sizeof in4);
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
		memcpy(&storage, &in6, sizeof in6);
	}
	return client_key_of(&storage);
}

/* Rule: a client has its own limit, others do not feel it. */
static void
clients_enter__per_address__refused_for_that_one(void **state)
{
	struct clients *clients = clients_create(10, 2);
	struct client_key a = key_of("192.0.2.1");
	struct client_key b = key_of("192.0.2.2");

	(void)state;
	assert_non_null(clients);
	assert_int_equal(clients_enter(clients, &a), OK);
	assert_int_equal(clients_enter(clients, &a), OK);
	assert_int_equal(clients_enter(clients, &a), ERR_REFUSED);
	assert_int_equal(clients_enter(clients, &b), OK);
	assert_int_equal(clients_open(clients), 3);
	clients_leave(clients, &a);
	assert_int_equal(clients_enter(clients, &a), OK);
	clients_destroy(clients);
}

/* Rule: there is a limit to all. */
static void
clients_enter__all__full(void **state)
{
	struct clients *clients = clients_create(2, 0);
	struct client_key a = key_of("192.0.2.1");
	struct client_key b = key_of("::1");

	(void)state;
	assert_non_null(clients);
	assert_int_equal(clients_enter(clients, &a), OK);
	assert_int_equal(clients_enter(clients, &b), OK);
	assert_int_equal(clients_enter(clients, &b), ERR_FULL);
	clients_leave(clients, &a);
	assert_int_equal(clients_enter(clients, &b), OK);
	clients_destroy(clients);
}

/* Rule: an IPv6 client is its /64; a mapped look-alike is not IPv4. */
static void
client_key_of__addresses__networks(void **state)
{
	struct client_key a = key_of("2001:db8:0:1::1");
	struct client_key b = key_of("2001:db8:0:1:ffff::2");
	struct client_key c = key_of("2001:db8:0:2::1");
	struct client_key d = key_of("192.0.2.1");
	struct client_key e = key_of("::192.0.2.1");

	(void)state;
	assert_memory_equal(&a, &b, sizeof a);
	assert_memory_not_equal(&a, &c, sizeof a);
	assert_memory_not_equal(&d, &e, sizeof d);
}

/* Rule: the count of every client is right after any order of coming and
 * going (what a deletion moves in the table is found again). */
static void
clients_leave__any_order__counts_right(void **state)
{
	enum { CLIENTS = 61, ROUNDS = 20000 };
	struct clients *clients = clients_create(128, 3);
	unsigned n[CLIENTS] = { 0 };
	struct client_key keys[CLIENTS];
	uint32_t random = 1;

	(void)state;
	assert_non_null(clients);
	for (unsigned i = 0; i < CLIENTS; i++) {
		char text[40];
		snprintf(text, sizeof text, "10.0.%u.%u", i % 7, i);
		keys[i] = key_of(text);
	}
	unsigned open = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		random = random * 1103515245u + 12345u;
		unsigned i = (random >> 16) % CLIENTS;
		if (((random >> 8) & 1) != 0 && n[i] > 0) {
			clients_leave(clients, &keys[i]);
			n[i]--;
			open--;
			continue;
		}
		enum status expected = n[i] == 3 ? ERR_REFUSED
		    : open == 128		 ? ERR_FULL
						 : OK;
		assert_int_equal(clients_enter(clients, &keys[i]), expected);
		n[i] += expected == OK;
		open += expected == OK;
	}
	assert_int_equal(clients_open(clients), open);
	clients_destroy(clients);
}

/* Rule: the pool never has more memory than it may, and reuses what it has. */
static void
pool_take__limit__null_until_put_back(void **state)
{
	struct pool pool;

	(void)state;
	pool_init(&pool, 300 * 1024);
	struct buffer *a = pool_take(&pool, POOL_BUFFER_MAX);
	struct buffer *b = pool_take(&pool, POOL_BUFFER_MAX - 1);
	assert_non_null(a);
	assert_non_null(b);
	assert_true(b->cap >= POOL_BUFFER_MAX - 1);
	assert_null(pool_take(&pool, POOL_BUFFER_MAX));
	struct buffer *small = pool_take(&pool, 1);
	assert_non_null(small);
	assert_true(pool.used <= pool.max);
	pool_put(&pool, a);
	a = pool_take(&pool, POOL_BUFFER_MAX);
	assert_non_null(a);
	pool_put(&pool, a);
	/* what lies unused makes room for other sizes */
	a = pool_take(&pool, 60 * 1024);
	assert_non_null(a);
	assert_int_equal(pool.busy, a->cap + b->cap + small->cap);
	pool_put(&pool, a);
	pool_put(&pool, b);
	pool_put(&pool, small);
	pool_put(&pool, NULL);
	assert_int_equal(pool.busy, 0);
	pool_fini(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    clients_enter__per_address__refused_for_that_one),
		cmocka_unit_test(clients_enter__all__full),
		cmocka_unit_test(client_key_of__addresses__networks),
		cmocka_unit_test(clients_leave__any_order__counts_right),
		cmocka_unit_test(pool_take__limit__null_until_put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
