/*
 * The lists of connections, and who in them is over a limit. Each list is in
 * the order of its times, so only the first ones are looked at. Layer 6; the
 * query thread.
 */
#include "net/conn_list.h"

#include <stddef.h>

enum {
	SPARE_PART = 10,   /* of the idle limit */
	CROWD_LOOK = 32,   /* connections of a list looked at for a crowd */
	PRESSURE_PART = 8, /* of the limits of those who hold buffers, while
	                    * most of the pool is taken */
};

void
conn_list_remove(struct conn *conn)
{
	struct conn_queue *queue = &conn->tcp->lists[conn->list];

	if (conn->prev != NULL)
		conn->prev->next = conn->next;
	else
		queue->first = conn->next;
	if (conn->next != NULL)
		conn->next->prev = conn->prev;
	else
		queue->last = conn->prev;
	conn->prev = NULL;
	conn->next = NULL;
}

void
conn_list_append(struct conn *conn, enum conn_list list, uint64_t now_ms)
{
	struct conn_queue *queue = &conn->tcp->lists[list];

	conn->list = list;
	conn->since_ms = now_ms;
	conn->next = NULL;
	conn->prev = queue->last;
	if (queue->last != NULL)
		queue->last->next = conn;
	else
		queue->first = conn;
	queue->last = conn;
}

void
conn_list_move(struct conn *conn, enum conn_list list, uint64_t now_ms)
{
	conn_list_remove(conn);
	conn_list_append(conn, list, now_ms);
}

static bool
is_over(const struct conn *conn, uint64_t now_ms, uint32_t limit_ms)
{
	return conn != NULL && now_ms >= conn->since_ms &&
	    now_ms - conn->since_ms >= limit_ms;
}

struct conn *
tcp_expired(struct tcp *tcp, uint64_t now_ms)
{
	uint32_t part = tcp->pool.busy > tcp->pool.max / 4 * 3 ? PRESSURE_PART
								: 1;
	const uint32_t limits_ms[] = {
		[LIST_IDLE] = tcp->limits.tcp_idle_ms,
		[LIST_MESSAGE] = tcp->limits.tcp_message_ms / part,
		[LIST_WRITING] = tcp->limits.tcp_write_ms / part,
	};

	for (size_t i = 0; i < sizeof limits_ms / sizeof limits_ms[0]; i++) {
		struct conn *conn = tcp->lists[i].first;
		if (!is_over(conn, now_ms, limits_ms[i]))
			continue;
		counter_add(&tcp->counters->timed_out, 1);
		return conn;
	}
	return NULL;
}

struct conn *
tcp_spare(struct tcp *tcp, uint64_t now_ms)
{
	struct conn *conn = tcp->lists[LIST_IDLE].first;

	return is_over(conn, now_ms, tcp->limits.tcp_idle_ms / SPARE_PART)
	    ? conn
	    : NULL;
}

struct conn *
tcp_crowding(struct tcp *tcp, const struct client_key *newcomer)
{
	/* those who keep us waiting first */
	static const enum conn_list order[] = { LIST_MESSAGE, LIST_WRITING,
		LIST_IDLE };

	if (tcp->clients == NULL)
		return NULL;
	unsigned limit = TCP_CROWD_FACTOR *
	    (clients_held(tcp->clients, newcomer) + 1);
	if (limit >= clients_open(tcp->clients))
		return NULL; /* nobody has that many */
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		struct conn *conn = tcp->lists[order[i]].first;
		for (unsigned n = 0; conn != NULL && n < CROWD_LOOK; n++) {
			if (clients_held(tcp->clients, &conn->key) > limit)
				return conn;
			conn = conn->next;
		}
	}
	return NULL;
}
