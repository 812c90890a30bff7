/*
 * Runs a fuzz entry over its corpus, without libFuzzer: each file as it is,
 * each truncation of it and, for small files, each flipped bit. The corpus is
 * tests/fuzz/corpus/<entry>, or the files named on the command line.
 */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FILE_MAX = 1 << 20,  /* bytes read of a file */
	TRUNCATED_MAX = 4096, /* bytes of a file that is also truncated */
	FLIPPED_MAX = 1024,   /* bytes of a file whose bits are flipped */
	PATH_CAP = 4096,
};

/* A copy of exact size, so that a sanitizer sees a byte too far. */
static void
run(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		abort();
	if (len > 0)
		memcpy(copy, data, len);
	(void)LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void
run_variants(uint8_t *data, size_t len)
{
	run(data, len);
	for (size_t cut = 0; len <= TRUNCATED_MAX && cut < len; cut++)
		run(data, cut);
	for (size_t bit = 0; len <= FLIPPED_MAX && bit < 8 * len; bit++) {
		data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		run(data, len);
		data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* @return 1 if the file was run, 0 if it could not be read. */
static int
run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(FILE_MAX);

	if (file == NULL || data == NULL) {
		perror(path);
		free(data);
		if (file != NULL)
			fclose(file);
		return 0;
	}
	size_t len = fread(data, 1, FILE_MAX, file);
	fclose(file);
	run_variants(data, len);
	free(data);
	return 1;
}

/* @return files run, or -1 if the folder is not there or one failed. */
static int
run_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	int n = 0;

	if (dir == NULL) {
		perror(folder);
		return -1;
	}
	for (;;) {
		const struct dirent *entry = readdir(dir);
		char path[PATH_CAP];
		if (entry == NULL)
			break;
		if (entry->d_name[0] == '.')
			continue;
		int len = snprintf(path, sizeof path, "%s/%s", folder,
		    entry->d_name);
		if (len >= (int)sizeof path || !run_file(path)) {
			n = -1;
			break;
		}
		n++;
	}
	closedir(dir);
	return n;
}

/* tests/fuzz/fuzz_name -> $top_srcdir/tests/fuzz/corpus/name */
static int
run_own_corpus(const char *program)
{
	const char *top = getenv("top_srcdir");
	const char *entry = strstr(program, "fuzz_");
	char folder[PATH_CAP];

	for (const char *next = entry; next != NULL;
	     next = strstr(entry + 1, "fuzz_"))
		entry = next;
	if (entry == NULL)
		return -1;
	int len = snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s",
	    top != NULL ? top : ".", entry + strlen("fuzz_"));
	return len < (int)sizeof folder ? run_folder(folder) : -1;
}

int
main(int argc, char **argv)
{
	int n = 0;

	if (argc < 2)
		n = run_own_corpus(argv[0]);
	for (int i = 1; i < argc; i++)
		n += run_file(argv[i]);
	if (n <= 0 || n < argc - 1) {
		fprintf(stderr, "%s: no corpus, or not all of it read\n",
		    argv[0]);
		return 1;
	}
	printf("%d files with their truncations and flipped bits\n", n);
	return 0;
}
