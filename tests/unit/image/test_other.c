/*
 * image/other: tries of owner bytes against a sorted array.
 */
#include "zone.h"

#include "image/other.h"
#include "image/region.h"

#include <stdlib.h>

enum { CAP = 16 * 1024 * 1024, KEYS = 3000, MANY = 100000 };

struct fixture {
	struct region *region;
	uint32_t root;
	uint64_t seed;
};

static struct fixture
start(void)
{
	struct fixture f = { .region = calloc(1, CAP), .seed = 7 };

	assert_non_null(f.region);
	region_init(f.region, sizeof *f.region, CAP);
	f.region->pristine = f.region->top;
	region_open(f.region);
	return f;
}

static int
compare(const void *a, const void *b)
{
	return owner_compare(owner_blob(a), owner_blob(b));
}

static struct owner
random_key(uint64_t *seed)
{
	static const char *const LABELS[] = { "a", "b", "ab", "*", "_tcp",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"\xff", "z1", "z2" };
	struct owner out = { 0 };
	unsigned n = 1 + dice(seed, 5);

	for (unsigned i = 0; i < n; i++) {
		const char *label = LABELS[dice(seed, 9)];
		if (owner_push(&out, label, strlen(label)) != OK)
			break;
	}
	return out;
}

static const uint8_t *
base_of(const struct fixture *f)
{
	return (const uint8_t *)f->region;
}

static void
assert_holds(const struct fixture *f, const struct owner *keys, size_t n)
{
	const struct leaf *leaf = other_next(
	    base_of(f), f->root, (struct blob){ 0 });

	for (size_t i = 0; i < n; i++) {
		assert_non_null(leaf);
		assert_int_equal(leaf->len, keys[i].len);
		assert_memory_equal(leaf->key, keys[i].bytes, leaf->len);
		assert_ptr_equal(
		    other_get(base_of(f), f->root, owner_blob(&keys[i])), leaf);
		leaf = other_next(base_of(f), f->root, leaf_key(leaf));
	}
	assert_null(leaf);
}

/* Rule: keys come out in owner order, each by its own name, until taken out;
 * the first behind any bytes and the existing part of any name are right. */
static void
other__random_keys__as_sorted_array(void **state)
{
	static struct owner keys[KEYS];
	struct fixture f = start();
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < KEYS; i++) {
		struct owner key = random_key(&f.seed);
		struct blob bytes = owner_blob(&key);
		bool is_new = other_get(base_of(&f), f.root, bytes) == NULL;
		assert_int_equal(
		    other_put(f.region, &f.root, bytes, 1 + i), OK);
		assert_int_equal(
		    other_get(base_of(&f), f.root, bytes)->data, 1 + i);
		if (is_new)
			keys[n++] = key;
	}
	qsort(keys, n, sizeof *keys, compare);
	assert_holds(&f, keys, n);
	for (unsigned i = 0; i < 2000; i++) {
		struct owner key = random_key(&f.seed);
		struct blob bytes = owner_blob(&key);
		size_t behind = 0;
		size_t known = 0;
		for (size_t k = 0; k < n; k++) {
			struct blob other = owner_blob(&keys[k]);
			if (owner_compare(other, bytes) <= 0)
				behind = k + 1;
			size_t len = 0;
			for (size_t m = 0; m < bytes.len;) {
				m += 1 + (size_t)bytes.data[m];
				if (m <= other.len &&
				    memcmp(other.data, bytes.data, m) == 0)
					len = m;
			}
			if (len > known)
				known = len;
		}
		const struct leaf *exact = NULL;
		assert_int_equal(
		    other_encloser(base_of(&f), f.root, bytes, &exact), known);
		assert_ptr_equal(exact, other_get(base_of(&f), f.root, bytes));
		const struct leaf *next = other_next(
		    base_of(&f), f.root, bytes);
		if (behind == n)
			assert_null(next);
		else
			assert_memory_equal(
			    next->key, keys[behind].bytes, keys[behind].len);
	}
	while (n > 0) {
		size_t i = dice(&f.seed, (uint32_t)n);
		assert_int_equal(
		    other_remove(f.region, &f.root, owner_blob(&keys[i])), OK);
		n--;
		memmove(keys + i, keys + i + 1, (n - i) * sizeof *keys);
		if (n % 100 == 0)
			assert_holds(&f, keys, n);
	}
	assert_int_equal(f.root, 0);
	free(f.region);
}

static unsigned
depth_of(const struct fixture *f, uint32_t ref)
{
	unsigned most = 0;

	if ((ref & REF_MARK) != 0)
		return 0;
	const struct fork *fork = region_at(f->region, ref);
	for (unsigned side = 0; side < 2; side++) {
		unsigned depth = 1 + depth_of(f, fork->child[side]);
		most = depth > most ? depth : most;
	}
	return most;
}

/* Rule: a walk among many hosts takes about the logarithm of their count. */
static void
other_put__many_hosts__shallow(void **state)
{
	struct fixture f = start();

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		char text[32];
		struct owner key = { 0 };
		snprintf(text, sizeof text, "host-%08x",
		    (unsigned)(i * 2654435761u));
		assert_int_equal(owner_push(&key, text, strlen(text)), OK);
		assert_int_equal(
		    other_put(f.region, &f.root, owner_blob(&key), 1), OK);
	}
	assert_in_range(depth_of(&f, f.root), 17, 48);
	free(f.region);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other__random_keys__as_sorted_array),
		cmocka_unit_test(other_put__many_hosts__shallow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
