/*
 * Foreign requests: refused with words, or the one encoding of what they say.
 */
#include "fuzz/fuzz.h"

#include "base/reason.h"
#include "registry/request.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct reason reason = { "" };
	struct request request;
	struct blob again = { 0 };
	struct arena arena;

	arena_init(&arena);
	if (request_decode(&arena, &request, (struct blob){ data, len },
		&reason) == OK) {
		FUZZ_CHECK(request_encode(&arena, &again, &request) == OK);
		FUZZ_CHECK(blob_equal(again, (struct blob){ data, len }));
	} else {
		FUZZ_CHECK(reason.text[0] != '\0');
	}
	arena_fini(&arena);
	return 0;
}
