/*
 * The user that the process runs as: root's rights are given up once, for good,
 * before anything from outside is read and before there are other threads.
 * One right is kept, to listen on ports below 1024 (CAP_NET_BIND_SERVICE), as
 * the systemd unit gives it, so that a reload can listen at other addresses.
 * Layer 5; the first thread.
 */
#ifndef SYS_USER_H
#define SYS_USER_H

#include "base/compiler.h"
#include "base/reason.h"
#include "base/status.h"

/*
 * Become a user: groups, gid, uid, capabilities; nothing that is executed can
 * gain rights any more; it is tried whether the way back is closed.
 * @param name of the user; "" stays as it is, but for what is executed.
 * @return OK (also when the process is that user's already); ERR_NOT_FOUND (no
 * such user), ERR_REFUSED (somebody else who is not root), ERR_IO; with
 * reason. After a failure the process may be half of each: it has to end.
 */
MUST_CHECK enum status user_become(const char *name, struct reason *reason);

/*
 * As root, make a directory that is not there and give it to a user, who could
 * not make it; nothing for others, or when name is "".
 * @return OK; ERR_NOT_FOUND (no such user), ERR_IO; with reason.
 */
MUST_CHECK enum status user_make_directory(const char *name, const char *path,
    unsigned mode, struct reason *reason);

/*
 * Does a file or directory, if it is there, belong to who runs this?
 * @return OK; ERR_REFUSED with reason, which says what to do.
 */
MUST_CHECK enum status user_owns(const char *path, struct reason *reason);

#endif
