/*
 * A directory of its own for a test that needs files; removed afterwards.
 */
#ifndef UNIT_TEMP_DIR_H
#define UNIT_TEMP_DIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMP_PATH_MAX = 256 };

struct temp_dir {
	char path[TEMP_PATH_MAX];
};

static inline void
temp_dir_make(struct temp_dir *dir)
{
	const char *base = getenv("TMPDIR");

	snprintf(dir->path, sizeof dir->path, "%s/e164d-test-XXXXXX",
	    base != NULL ? base : "/tmp");
	if (mkdtemp(dir->path) == NULL)
		abort();
}

static inline int
temp_dir_remove_one(const char *path, const struct stat *info, int kind,
    struct FTW *at)
{
	(void)info;
	(void)kind;
	(void)at;
	return remove(path);
}

static inline void
temp_dir_remove(const struct temp_dir *dir)
{
	nftw(dir->path, temp_dir_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Path of a file in it. @return out. */
static inline char *
temp_dir_file(char out[2 * TEMP_PATH_MAX], const struct temp_dir *dir,
    const char *name)
{
	snprintf(out, 2 * TEMP_PATH_MAX, "%s/%s", dir->path, name);
	return out;
}

#endif
