/*
 * The mark: how far the journal must reach. Two sectors, written in turn by
 * the parity of the record's sequence number, so that a torn write always
 * leaves the one before. It is written after the record that it names is
 * synced (J2). Layer 6; the engine thread.
 */
#include "journal/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static char *
mark_path(char out[JOURNAL_PATH_CAP], const struct journal_config *config)
{
	snprintf(out, JOURNAL_PATH_CAP, "%s/mark", config->directory);
	return out;
}

/* Both sectors; what is not there is zero. */
static enum status
read_sectors(uint8_t sectors[MARK_LEN], const struct journal_config *config,
    struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	size_t got = 0;
	int fd = config->files->open(mark_path(path, config), O_RDONLY, 0);

	memset(sectors, 0, MARK_LEN);
	if (fd < 0 && errno == ENOENT) {
		reason_set(reason, "%s is missing: nothing says how far the "
		    "journal must reach, so this registrar's state counts as "
		    "lost", path);
		return ERR_STATE_LOST;
	}
	if (fd < 0) {
		reason_set(reason, "cannot open %s: %s", path,
		    strerror(errno));
		return ERR_IO;
	}
	enum status status = file_read_at(config->files, fd, path, sectors,
	    MARK_LEN, 0, &got, reason);
	(void)config->files->close(fd);
	return status;
}

/* Neither sector is ours: say what they are. */
static enum status
none_valid(const struct journal_config *config, const enum status status[2],
    struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];

	mark_path(path, config);
	if (status[0] == ERR_NEWER || status[1] == ERR_NEWER) {
		reason_set(reason, "%s was written by a newer version", path);
		return ERR_NEWER;
	}
	if (status[0] == ERR_FOREIGN || status[1] == ERR_FOREIGN) {
		reason_set(reason, "%s belongs to another registrar", path);
		return ERR_FOREIGN;
	}
	reason_set(reason, "both sectors of %s are damaged: nothing says how "
	    "far the journal must reach, so this registrar's state counts as "
	    "lost", path);
	return ERR_STATE_LOST;
}

enum status
mark_load(struct block *out, const struct journal_config *config,
    struct reason *reason)
{
	uint8_t sectors[MARK_LEN];
	struct block blocks[2];
	enum status found[2];
	const struct block *newest = NULL;

	enum status status = read_sectors(sectors, config, reason);
	if (status != OK)
		return status;
	for (size_t i = 0; i < 2; i++) {
		found[i] = block_decode(&blocks[i], sectors + i * BLOCK_LEN,
		    BLOCK_MARK, config->registrar, config->hash);
		if (found[i] != OK)
			continue;
		if (newest == NULL ||
		    blocks[i].state.sequence > newest->state.sequence)
			newest = &blocks[i];
	}
	if (newest == NULL || found[0] == ERR_NEWER || found[1] == ERR_NEWER)
		return none_valid(config, found, reason);
	*out = *newest;
	return OK;
}

enum status
mark_create(const struct journal_config *config, const struct block *block,
    struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	uint8_t sectors[MARK_LEN];
	struct block copy = *block;

	block_encode(sectors, &copy, config->hash);
	memcpy(sectors + BLOCK_LEN, sectors, BLOCK_LEN);
	return file_replace(config->files, mark_path(path, config), sectors,
	    sizeof sectors, 0600, reason);
}

enum status
mark_open(int *fd, const struct journal_config *config,
    struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];

	*fd = config->files->open(mark_path(path, config), O_RDWR, 0);
	if (*fd >= 0)
		return OK;
	reason_set(reason, "cannot open %s: %s", path, strerror(errno));
	return ERR_IO;
}

enum status
mark_write(int fd, const struct journal_config *config,
    const struct block *block, uint8_t *room, struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	struct block copy = *block;
	uint64_t sector = block->state.sequence & 1;

	mark_path(path, config);
	block_encode(room, &copy, config->hash);
	enum status status = file_write_at(config->files, fd, path, room,
	    BLOCK_LEN, sector * BLOCK_LEN, reason);
	if (status != OK)
		return status;
	if (config->files->fdatasync(fd) == 0)
		return OK;
	reason_set(reason, "cannot sync %s: %s", path, strerror(errno));
	return ERR_IO;
}
