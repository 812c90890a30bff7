/*
 * What a fuzz entry defines: libFuzzer or tests/fuzz/replay.c calls it.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* One input. It says by abort() or a sanitizer that something is wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A property that must hold for every input. */
#define FUZZ_CHECK(cond) ((cond) ? (void)0 : abort())

#endif
