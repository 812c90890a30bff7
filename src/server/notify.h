/*
 * Word to systemd (sd_notify): readiness and state, over the datagram socket
 * that NOTIFY_SOCKET names. Without one, nothing happens. Layer 10; any thread.
 */
#ifndef SERVER_NOTIFY_H
#define SERVER_NOTIFY_H

#include <stdbool.h>

/* Send lines such as "READY=1" or "STATUS=loading". Errors are ignored: the
 * service manager decides by its own time-outs. */
void notify_send(const char *lines);

/* A watchdog is set for this process (WATCHDOG_USEC, WATCHDOG_PID): it wants to
 * hear "WATCHDOG=1" twice as often as its limit. */
bool notify_has_watchdog(void);

#endif
