/*
 * Blobs from string literals: BYTES initialises one, BLOB is one. The NUL at
 * the end of the literal is not in it.
 */
#ifndef UNIT_BLOB_H
#define UNIT_BLOB_H

#include "base/bytes.h"

#define BYTES(text) { (const uint8_t *)text, sizeof text - 1 }
#define BLOB(text) ((struct blob)BYTES(text))

#endif
