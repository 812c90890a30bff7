/*
 * Settings files: good and nothing is said, or not good and it is said what
 * is wrong, without control characters.
 */
#include "fuzz/fuzz.h"

#include "settings/settings.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct settings settings;
	char path[64];
	char *said = NULL;
	size_t said_len = 0;
	int fd = memfd_create("settings", MFD_CLOEXEC);
	FILE *out = open_memstream(&said, &said_len);

	FUZZ_CHECK(fd >= 0 && out != NULL);
	FUZZ_CHECK(write(fd, data, len) == (ssize_t)len);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	enum status status = settings_load(&settings, path, out);
	FUZZ_CHECK(fclose(out) == 0);
	FUZZ_CHECK((status == OK) == (said_len == 0));
	for (size_t i = 0; i < said_len; i++)
		FUZZ_CHECK((unsigned char)said[i] >= 0x20 ||
		    said[i] == '\n' || said[i] == '\t');
	free(said);
	close(fd);
	return 0;
}
