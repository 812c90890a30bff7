/*
 * Zone files. A file that includes others finds itself only, as "in".
 */
#include "fuzz/fuzz.h"
#include "fuzz/intake_input.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	intake_input_run(INTAKE_ZONE, data, len);
	return 0;
}
