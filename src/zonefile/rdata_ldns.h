/*
 * The types whose text only ldns knows. Layer 6; any thread.
 */
#ifndef ZONEFILE_RDATA_LDNS_H
#define ZONEFILE_RDATA_LDNS_H

#include "base/bytes.h"
#include "base/reason.h"
#include "base/status.h"
#include "zonefile/entry.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Number of a type that ldns has a name for. @return 0 if it has none.
 */
uint16_t type_by_mnemonic(const char *mnemonic);

/*
 * Words to wire form by ldns. @param out 65535 bytes of room.
 * @return OK; ERR_MALFORMED with reason.
 */
MUST_CHECK enum status text_to_rdata(uint8_t *out, size_t *out_len,
    uint16_t type, const struct word *words, size_t n, struct reason *reason);

/*
 * Wire form to text by ldns. @param out cap bytes of room, with NUL.
 * @return length; 0 when ldns cannot or it does not fit.
 */
size_t rdata_to_text(char *out, size_t cap, uint16_t type, struct blob rdata);

#endif
