/*
 * Runs a fuzz entry over its corpus, without libFuzzer: each file as it is,
 * then truncations and flipped bits of the files, as many as REPLAY_VARIANTS
 * says, evenly chosen and the same in every run. The corpus is
 * tests/fuzz/corpus/<entry>, or the files named on the command line. With -n
 * first there are no variants (tests/fuzz/coverage).
 */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Variants run of all files together; an entry that is slow has its own. */
#ifndef REPLAY_VARIANTS
#define REPLAY_VARIANTS 40000
#endif

enum {
	FILE_MAX = 1 << 20,   /* bytes read of a file */
	FILES_MAX = 4096,
	VARIED_MAX = 4096,    /* bytes of a file that is also changed */
	PATH_CAP = 4096,
};

struct file {
	char *path;
	uint8_t *data;
	size_t len;
};

struct corpus {
	struct file files[FILES_MAX];
	size_t n;
};

/*
 * Less memory waits to be used again and again: entries that need much for
 * each input are several times as fast, and what is used too late is still
 * found, if soon. AddressSanitizer asks for this.
 */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "quarantine_size_mb=4";
}

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

/* @return variants of a file: a cut at each byte, a flip of each bit. */
static size_t
variants_of(const struct file *file)
{
	return file->len <= VARIED_MAX ? 9 * file->len : 0;
}

static void
run_variant(struct file *file, size_t i)
{
	if (i < file->len) {
		run(file->data, i);
		return;
	}
	i -= file->len;
	file->data[i / 8] ^= (uint8_t)(1u << i % 8);
	run(file->data, file->len);
	file->data[i / 8] ^= (uint8_t)(1u << i % 8);
}

/* Every step-th of all variants. @return how many. */
static size_t
run_variants(struct corpus *corpus)
{
	size_t all = 0;
	size_t at = 0;
	size_t n = 0;

	for (size_t i = 0; i < corpus->n; i++)
		all += variants_of(&corpus->files[i]);
	/* odd, so that it is not the same bit of each byte */
	size_t step = all > REPLAY_VARIANTS ? (all / REPLAY_VARIANTS + 1) | 1
					    : 1;
	for (size_t i = 0; i < corpus->n; i++) {
		size_t end = at + variants_of(&corpus->files[i]);
		for (size_t k = (at + step - 1) / step * step; k < end;
		     k += step) {
			run_variant(&corpus->files[i], k - at);
			n++;
		}
		at = end;
	}
	return n;
}

/* @return false if it could not be read. */
static bool
load_file(struct corpus *corpus, const char *path)
{
	FILE *in = fopen(path, "rb");
	uint8_t *data = malloc(FILE_MAX);

	if (in == NULL || data == NULL || corpus->n == FILES_MAX) {
		perror(path);
		free(data);
		if (in != NULL)
			fclose(in);
		return false;
	}
	struct file *file = &corpus->files[corpus->n++];
	file->len = fread(data, 1, FILE_MAX, in);
	file->path = strdup(path);
	fclose(in);
	uint8_t *smaller = realloc(data, file->len + 1);
	file->data = smaller != NULL ? smaller : data;
	return file->path != NULL;
}

static int
compare_paths(const void *a, const void *b)
{
	const struct file *x = a;
	const struct file *y = b;

	return strcmp(x->path, y->path);
}

/* @return false if the folder is not there or a file failed. */
static bool
load_folder(struct corpus *corpus, const char *folder)
{
	DIR *dir = opendir(folder);
	bool is_good = true;

	if (dir == NULL) {
		perror(folder);
		return false;
	}
	while (is_good) {
		const struct dirent *entry = readdir(dir);
		char path[PATH_CAP];
		if (entry == NULL)
			break;
		if (entry->d_name[0] == '.')
			continue;
		int len = snprintf(path, sizeof path, "%s/%s", folder,
		    entry->d_name);
		is_good = len < (int)sizeof path && load_file(corpus, path);
	}
	closedir(dir);
	qsort(corpus->files, corpus->n, sizeof corpus->files[0],
	    compare_paths);
	return is_good;
}

/* tests/fuzz/fuzz_name -> $top_srcdir/tests/fuzz/corpus/name */
static bool
load_own_corpus(struct corpus *corpus, const char *program)
{
	const char *top = getenv("top_srcdir");
	const char *entry = strstr(program, "fuzz_");
	char folder[PATH_CAP];

	for (const char *next = entry; next != NULL;
	     next = strstr(entry + 1, "fuzz_"))
		entry = next;
	if (entry == NULL)
		return false;
	int len = snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s",
	    top != NULL ? top : ".", entry + strlen("fuzz_"));
	return len < (int)sizeof folder && load_folder(corpus, folder);
}

int
main(int argc, char **argv)
{
	static struct corpus corpus;
	bool has_variants = argc < 2 || strcmp(argv[1], "-n") != 0;
	int first = has_variants ? 1 : 2;
	bool is_good = true;

	if (argc == first)
		is_good = load_own_corpus(&corpus, argv[0]);
	for (int i = first; i < argc && is_good; i++)
		is_good = load_file(&corpus, argv[i]);
	if (!is_good || corpus.n == 0) {
		fprintf(stderr, "%s: no corpus, or not all of it read\n",
		    argv[0]);
		return 1;
	}
	for (size_t i = 0; i < corpus.n; i++)
		run(corpus.files[i].data, corpus.files[i].len);
	size_t n = has_variants ? run_variants(&corpus) : 0;
	printf("%zu files, %zu truncations and flipped bits of them\n",
	    corpus.n, n);
	for (size_t i = 0; i < corpus.n; i++) {
		free(corpus.files[i].path);
		free(corpus.files[i].data);
	}
	return 0;
}
