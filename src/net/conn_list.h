/*
 * The lists of connections, oldest first. Layer 6; the query thread.
 */
#ifndef NET_CONN_LIST_H
#define NET_CONN_LIST_H

#include "net/tcp.h"

/* Take a connection out of its list. */
void conn_list_remove(struct conn *conn);

/* Put a connection that is in no list at the end of one. */
void conn_list_append(struct conn *conn, enum conn_list list,
    uint64_t now_ms);

/* From the list it is in to the end of another (or of the same). */
void conn_list_move(struct conn *conn, enum conn_list list, uint64_t now_ms);

#endif
