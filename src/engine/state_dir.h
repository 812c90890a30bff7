/*
 * The state directory: whose it is, who uses it, and whether there is room.
 *
 *	<state>/identity       whose: text, checksummed, never changed
 *	<state>/lock           held by the process that uses the directory
 *	<state>/unfinished     there from the beginning to the end of init
 *	<state>/secrets        the group's secrets, 0600
 *	<state>/journal/, mark consensus (journal/journal.h)
 *	<state>/store/         Berkeley DB (store/store.h)
 *	<state>/ballast        room for recovery on a full disk
 *	<state>/authority.key  key file of the first authority
 *
 * A directory that is not ours, is in use, is damaged, or was written by a
 * newer version is refused with words and not touched. Layer 8; one thread.
 */
#ifndef ENGINE_STATE_DIR_H
#define ENGINE_STATE_DIR_H

#include "base/reason.h"
#include "base/status.h"
#include "dns/name.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	GROUP_ID_LEN = 16,        /* bytes */
	STATE_PATH_MAX = 1024,    /* bytes with NUL, of the directory */
	STATE_FILE_MAX = 1024 + 64, /* of a file in it */
};

/* Who this registrar is; fixed by init or join. */
struct identity {
	char registrar[64];
	uint32_t id; /* in the group, never 0, never used twice */
	uint8_t group[GROUP_ID_LEN];
	struct dname zone;
};

struct state_dir {
	char path[STATE_PATH_MAX];
	int lock_fd;
	struct identity identity;
};

/*
 * Make a new state directory, 0700, and lock it. The directory may exist when
 * it is empty, or holds what an init left that did not finish: that goes. It
 * counts as unfinished until state_dir_finish.
 * @return OK; ERR_EXISTS (a registrar's state is there), ERR_FOREIGN (not
 * empty), ERR_IO, ERR_FULL; with reason.
 */
MUST_CHECK enum status state_dir_create(struct state_dir *out,
    const char *path, const struct identity *identity, struct reason *reason);

/*
 * All that belongs to the state is there and durable.
 * @return OK, ERR_IO with reason.
 */
MUST_CHECK enum status state_dir_finish(const struct state_dir *dir,
    struct reason *reason);

/* Take away an unfinished one's files, and unlock. */
void state_dir_discard(struct state_dir *dir);

/*
 * Open and lock an existing one.
 * @param registrar name in the settings; must be the identity's.
 * @return OK; ERR_NOT_FOUND (no init yet), ERR_FOREIGN (something else, or
 * another registrar's), ERR_NEWER, ERR_DAMAGED (also: init did not finish),
 * ERR_LOCKED (by which process),
 * ERR_IO; with reason.
 */
MUST_CHECK enum status state_dir_open(struct state_dir *out, const char *path,
    const char *registrar, struct reason *reason);

/* Unlock. */
void state_dir_close(struct state_dir *dir);

/* Path of a file in it. @return out, STATE_FILE_MAX bytes. */
char *state_dir_file(char out[STATE_FILE_MAX], const struct state_dir *dir,
    const char *name);

/* Bytes that this process could still write; UINT64_MAX if not known. */
uint64_t state_dir_free(const struct state_dir *dir);

/*
 * Have a ballast file of len bytes, or none (len 0). Done when there is room
 * for it and as much again; otherwise left for another time.
 * @return true: it is there.
 */
bool state_dir_ballast(const struct state_dir *dir, uint64_t len);

/* Give the ballast up, so that recovery has room. */
void state_dir_drop_ballast(const struct state_dir *dir);

#endif
