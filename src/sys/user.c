/*
 * Giving up root's rights. Layer 5; the first thread.
 */
#include "sys/user.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static enum status
find(struct passwd **out, const char *name, struct reason *reason)
{
	errno = 0;
	*out = getpwnam(name);
	if (*out != NULL)
		return OK;
	reason_set(reason, "there is no user '%s' (setting user)%s%s; "
	    "'systemd-sysusers' or 'adduser --system %s' makes one", name,
	    errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "", name);
	return ERR_NOT_FOUND;
}

/* Capabilities that can never come back by executing something. */
static void
bound_capabilities(void)
{
	for (unsigned long i = 0; i <= CAP_LAST_CAP; i++) {
		if (i != CAP_NET_BIND_SERVICE)
			(void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	}
}

/* Keep the one capability, if there is any; the others go. */
static int
limit_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	const uint32_t bind_service = UINT32_C(1) << CAP_NET_BIND_SERVICE;

	memset(data, 0, sizeof data);
	if (syscall(SYS_capget, &head, data) != 0)
		return -1;
	data[0].permitted &= bind_service;
	data[0].effective = data[0].permitted;
	data[0].inheritable = 0;
	data[1] = (struct __user_cap_data_struct){ .effective = 0 };
	return (int)syscall(SYS_capset, &head, data);
}

static enum status
fail(const char *name, const char *what, struct reason *reason)
{
	reason_set(reason, "cannot become user '%s': %s: %s", name, what,
	    strerror(errno));
	return ERR_IO;
}

static enum status
give_up(const char *name, const struct passwd *user, struct reason *reason)
{
	bound_capabilities();
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
		return fail(name, "keeping a capability", reason);
	if (initgroups(name, user->pw_gid) != 0)
		return fail(name, "groups", reason);
	if (setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0)
		return fail(name, "gid", reason);
	if (setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
		return fail(name, "uid", reason);
	if (limit_capabilities() != 0)
		return fail(name, "capabilities", reason);
	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0)
		return fail(name, "capabilities", reason);
	if (setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0 ||
	    geteuid() != user->pw_uid || getegid() != user->pw_gid) {
		reason_set(reason, "cannot become user '%s' for good: the way "
		    "back to root is open", name);
		return ERR_IO;
	}
	return OK;
}

enum status
user_become(const char *name, struct reason *reason)
{
	struct passwd *user = NULL;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(name, "no_new_privs", reason);
	if (name[0] == '\0')
		return OK;
	enum status status = find(&user, name, reason);
	if (status != OK)
		return status;
	if (geteuid() == user->pw_uid && getuid() == user->pw_uid)
		return OK;
	if (geteuid() == 0 && user->pw_uid != 0)
		return give_up(name, user, reason);
	reason_set(reason, "the setting user says '%s', but uid %u has "
	    "started this and cannot change users: start it as root or as "
	    "that user", name, (unsigned)geteuid());
	return ERR_REFUSED;
}

enum status
user_make_directory(const char *name, const char *path, unsigned mode,
    struct reason *reason)
{
	struct passwd *user = NULL;

	if (name[0] == '\0' || geteuid() != 0)
		return OK;
	enum status status = find(&user, name, reason);
	if (status != OK)
		return status;
	if (mkdir(path, (mode_t)mode) != 0)
		return OK; /* it is there, or whoever needs it says why not */
	if (chown(path, user->pw_uid, user->pw_gid) == 0)
		return OK;
	reason_set(reason, "%s cannot be given to user '%s': %s", path, name,
	    strerror(errno));
	return ERR_IO;
}

/* Name of a user, "uid 1000" if it has none. */
static const char *
name_of(uid_t uid, struct reason *room)
{
	const struct passwd *user = getpwuid(uid);

	if (user != NULL)
		reason_set(room, "%s", user->pw_name);
	else
		reason_set(room, "uid %u", (unsigned)uid);
	return room->text;
}

enum status
user_owns(const char *path, struct reason *reason)
{
	struct stat info;
	struct reason owner;
	struct reason own;

	if (stat(path, &info) != 0 || info.st_uid == geteuid())
		return OK;
	(void)name_of(info.st_uid, &owner);
	(void)name_of(geteuid(), &own);
	if (geteuid() == 0)
		reason_set(reason, "%s belongs to user %.60s, and this runs "
		    "as root: set 'user: %.60s', or start it as that user",
		    path, owner.text, owner.text);
	else
		reason_set(reason, "%s belongs to user %.60s, and this runs "
		    "as %.60s: 'chown -R %.60s: DIRECTORY' gives the state to "
		    "it", path, owner.text, own.text, own.text);
	return ERR_REFUSED;
}
