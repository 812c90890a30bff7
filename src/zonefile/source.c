/*
 * Text files with places. Layer 6; one thread.
 */
#include "zonefile/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status
source_open(struct source *out, const char *path, struct reason *reason)
{
	struct source source = { .fd = -1, .line = 1, .column = 1 };
	struct stat info;

	if (strcmp(path, "-") == 0)
		source.fd = STDIN_FILENO;
	else
		source.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (source.fd < 0) {
		reason_set(reason, "%s: %s", path, strerror(errno));
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	}
	if (fstat(source.fd, &info) == 0 && S_ISDIR(info.st_mode)) {
		reason_set(reason, "%s: is a directory", path);
		close(source.fd);
		return ERR_IO;
	}
	source.path = strdup(strcmp(path, "-") == 0 ? "(standard input)" :
	    path);
	source.buffer = malloc(SOURCE_BUFFER);
	if (source.path == NULL || source.buffer == NULL) {
		source_close(&source);
		reason_set(reason, "not enough memory");
		return ERR_IO;
	}
	*out = source;
	if (source_peek(out) == 0xef && out->len >= 3 &&
	    memcmp(out->buffer, "\xef\xbb\xbf", 3) == 0)
		out->pos = 3;
	return OK;
}

void
source_close(struct source *source)
{
	if (source->fd > STDIN_FILENO)
		close(source->fd);
	free(source->path);
	free(source->buffer);
	memset(source, 0, sizeof *source);
	source->fd = -1;
}

int
source_refill(struct source *source)
{
	if (source->error != 0)
		return SOURCE_FAILED;
	ssize_t n;
	do {
		n = read(source->fd, source->buffer, SOURCE_BUFFER);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		source->error = errno;
		return SOURCE_FAILED;
	}
	source->before += source->len;
	source->pos = 0;
	source->len = (size_t)n;
	return n == 0 ? SOURCE_END : source->buffer[0];
}
