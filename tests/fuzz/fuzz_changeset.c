/*
 * Foreign changesets: refused, or the one encoding of what they say.
 */
#include "fuzz/fuzz.h"

#include "registry/changeset.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct changeset_header header;
	const struct part *parts = NULL;
	struct blob again = { 0 };
	struct arena arena;
	size_t n_parts = 0;

	arena_init(&arena);
	if (changeset_decode(&arena, &header, &parts, &n_parts,
		(struct blob){ data, len }) == OK) {
		FUZZ_CHECK(changeset_encode(&arena, &again, &header, parts,
			       n_parts) == OK);
		FUZZ_CHECK(blob_equal(again, (struct blob){ data, len }));
	}
	arena_fini(&arena);
	return 0;
}
