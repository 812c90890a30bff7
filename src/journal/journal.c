/*
 * Making an empty journal, and closing one. Layer 6; one thread.
 */
#include "journal/internal.h"

#include "base/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nothing of a journal may be there yet. */
static enum status
check_empty(const struct journal_config *config, struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	uint32_t *numbers = NULL;
	size_t n = 0;

	enum status status = segment_list(&numbers, &n, config, reason);
	free(numbers);
	if (status != ERR_NOT_FOUND && status != OK)
		return status;
	snprintf(path, sizeof path, "%s/mark", config->directory);
	if (status == OK || access(path, F_OK) == 0) {
		reason_set(reason, "there is a journal in %s already",
		    config->directory);
		return ERR_EXISTS;
	}
	return OK;
}

static enum status
make_directory(const struct journal_config *config, struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];

	snprintf(path, sizeof path, "%s/journal", config->directory);
	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		reason_set(reason, "cannot make %s: %s", path,
		    strerror(errno));
		return errno == ENOSPC ? ERR_FULL : ERR_IO;
	}
	return file_sync_directory(config->files, config->directory, reason);
}

/* The block of the first segment. */
static enum status
write_first_block(const struct journal_config *config, struct block *block,
    struct reason *reason)
{
	char path[JOURNAL_PATH_CAP];
	uint8_t data[BLOCK_LEN];
	int fd = -1;

	enum status status = segment_open(&fd, config, FIRST_SEGMENT, reason);
	if (status != OK)
		return status;
	block_encode(data, block, config->hash);
	segment_path(path, config, FIRST_SEGMENT, "");
	status = file_write_at(config->files, fd, path, data, sizeof data, 0,
	    reason);
	if (status == OK && config->files->fdatasync(fd) != 0) {
		reason_set(reason, "cannot sync %s: %s", path,
		    strerror(errno));
		status = ERR_IO;
	}
	(void)config->files->close(fd);
	return status;
}

enum status
journal_create(const struct journal_config *wanted, struct reason *reason)
{
	struct journal_config config = *wanted;

	require(config.registrar != 0);
	if (config.segment_len == 0)
		config.segment_len = JOURNAL_SEGMENT_LEN;
	require(config.segment_len > BLOCK_LEN &&
	    config.segment_len <= UINT32_MAX);
	struct block block = {
		.kind = BLOCK_SEGMENT,
		.registrar = config.registrar,
		.segment = FIRST_SEGMENT,
		.segment_len = (uint32_t)config.segment_len,
	};
	enum status status = check_empty(&config, reason);
	if (status == OK)
		status = make_directory(&config, reason);
	if (status == OK)
		status = segment_make(&config, FIRST_SEGMENT, NULL, NULL,
		    reason);
	if (status == OK)
		status = write_first_block(&config, &block, reason);
	if (status != OK)
		return status;
	block.kind = BLOCK_MARK;
	return mark_create(&config, &block, reason);
}

void
journal_close(struct journal *journal)
{
	spare_stop(&journal->spare);
	if (journal->fd >= 0)
		(void)journal->config.files->close(journal->fd);
	if (journal->mark_fd >= 0)
		(void)journal->config.files->close(journal->mark_fd);
	for (size_t i = 0; i < CACHED_INDEXES; i++)
		slot_index_fini(&journal->cached[i].index);
	slot_index_fini(&journal->index);
	pthread_mutex_destroy(&journal->lock);
	pthread_mutex_destroy(&journal->read_lock);
	free(journal->segments);
	free(journal->room);
	free(journal->mark_room);
	free(journal->directory);
	free(journal);
}
