/*
 * The sum over all records: one number for what records.db has to hold, kept in
 * the position and brought up to date with every name. Pages have checksums of
 * their own; this sees a file that is another one, whole and sound: made
 * afresh, put back from an older time, or one of several that were copied while
 * they changed. Against slips, not against people. Layer 6; any thread.
 */
#include "store/internal.h"

#include <string.h>

enum { WORD = 8 /* bytes */ };

static uint64_t
mix(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return sum ^ sum >> 32;
}

/* A word at a time, in the order of this machine: the store stays on it. */
static uint64_t
mix_bytes(uint64_t sum, struct blob blob)
{
	uint64_t word = 0;
	size_t at = 0;

	for (; blob.len - at >= WORD; at += WORD) {
		memcpy(&word, blob.data + at, WORD);
		sum = mix(sum, word);
	}
	word = blob.len;
	for (; at < blob.len; at++)
		word = word << 8 | blob.data[at];
	return mix(sum, word);
}

uint64_t
node_sum(struct blob owner, const struct node *node)
{
	if (node->rrsets.len == 0)
		return 0;
	uint64_t sum = mix_bytes(node->flags, owner);
	return mix_bytes(sum, node->rrsets);
}
