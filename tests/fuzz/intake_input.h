/*
 * An import file of any form as the input of a fuzz entry.
 */
#ifndef FUZZ_INTAKE_INPUT_H
#define FUZZ_INTAKE_INPUT_H

#include "zonefile/intake.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Read the bytes as a file of this form: every row that is taken has sound
 * names and data, every fault has a reason and a place in the file, and the
 * reader comes to an end.
 */
void intake_input_run(enum intake_format format, const uint8_t *data,
    size_t len);

#endif
