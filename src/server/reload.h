/*
 * Reload: the settings file read anew while the registrar serves. All of it is
 * good and can be had, or nothing changes. Layer 10; any thread, one at a time.
 */
#ifndef SERVER_RELOAD_H
#define SERVER_RELOAD_H

#include "base/status.h"
#include "net/net.h"
#include "settings/settings.h"

#include <pthread.h>

struct reload {
	pthread_mutex_t mutex;
	struct settings *settings; /* in force; only what may change does */
	const char *config;        /* path of the file */
	struct net *net;
};

/* @param settings, config, net live as long as the reload. */
void reload_init(struct reload *reload, struct settings *settings,
    const char *config, struct net *net);
void reload_fini(struct reload *reload);

/*
 * Read the file, check it, take over what may change; log what came of it, and
 * tell the service manager.
 * @param text out: the same for people, in lines, to be given to free; NULL
 * without memory.
 * @return OK; ERR_NOT_FOUND, ERR_MALFORMED, ERR_IO (the file), ERR_EXISTS,
 * ERR_REFUSED (an address), ERR_FULL: nothing has changed.
 */
MUST_CHECK enum status reload_run(struct reload *reload, char **text);

#endif
