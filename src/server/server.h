/*
 * The server: owns every object, starts and stops them in order. Layer 10.
 *
 *	start: engine -> published version -> writer -> net -> control
 *	stop:  control -> net -> writer -> engine
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "base/reason.h"
#include "base/status.h"
#include "settings/settings.h"

/*
 * Run until SIGTERM, SIGINT or `e164ctl stop`; SIGHUP and `e164ctl reload` read
 * the settings anew. Signals must be blocked in the calling thread
 * (server_block_signals) before any thread is made.
 * @param settings changes at a reload. @param config path of their file.
 * @return OK after a clean stop; else why it could not start, with reason.
 */
MUST_CHECK enum status server_run(struct settings *settings,
    const char *config, struct reason *reason);

/* Block the signals that server_run waits for. */
void server_block_signals(void);

#endif
