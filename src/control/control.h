/*
 * The control socket: the door of e164ctl. One thread with a libevent loop for
 * calls and requests, a thread of its own for each long job (export, walks).
 * A peer must be root or have the daemon's uid; it then acts as the authority
 * and is recorded by registrar and uid. Protocol: control/frame.h. Layer 9.
 */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include "base/reason.h"
#include "base/status.h"
#include "engine/access.h"
#include "settings/settings.h"

struct control;

/*
 * Bind the socket (mode 0600; its directory is made if missing, a stale socket
 * is replaced only if nobody answers on it) and start the thread.
 * @param out the door, to be given to control_stop.
 * @param settings, access kept until control_stop; access is called from the
 * door's threads, as each function allows.
 * @return OK; ERR_LOCKED (somebody answers on the socket), ERR_EXISTS (the
 * path is no socket), ERR_IO with reason.
 */
MUST_CHECK enum status control_start(struct control **out,
    const struct settings *settings, const struct engine_access *access,
    struct reason *reason);

/*
 * Take no more, end jobs, wait until the engine has given back what is on its
 * way, close and remove the socket. The engine must still be running.
 */
void control_stop(struct control *control);

#endif
