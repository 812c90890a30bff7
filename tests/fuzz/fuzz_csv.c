/*
 * CSV import files.
 */
#include "fuzz/fuzz.h"
#include "fuzz/intake_input.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	intake_input_run(INTAKE_CSV, data, len);
	return 0;
}
