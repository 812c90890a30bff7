/*
 * Names of carriers and their OCNs: a hash table by name and a bitmap of the
 * OCNs that are taken. Layer 6; one thread.
 */
#include "zonefile/carriers.h"

#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	OCN_DIGITS = 36,
	OCN_COUNT = OCN_DIGITS * OCN_DIGITS * OCN_DIGITS * OCN_DIGITS,
	OCN_FIRST_LETTER = 10 * OCN_DIGITS * OCN_DIGITS * OCN_DIGITS, /* A000 */
	SLOTS = 1 << 19, /* of the table; more than twice CARRIERS_MAX */
};

_Static_assert(SLOTS > 2 * CARRIERS_MAX, "the table has holes");
_Static_assert(OCN_COUNT - OCN_FIRST_LETTER > 2 * CARRIERS_MAX,
    "every carrier gets an OCN");

struct carrier {
	struct blob name;
	uint32_t ocn;
};

struct carriers {
	struct arena arena; /* names */
	struct carrier *slots[SLOTS];
	uint8_t taken[OCN_COUNT / 8 + 1];
	size_t n;
};

static const char ocn_digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

struct carriers *
carriers_create(void)
{
	struct carriers *carriers = calloc(1, sizeof *carriers);

	if (carriers != NULL)
		arena_init(&carriers->arena);
	return carriers;
}

void
carriers_destroy(struct carriers *carriers)
{
	if (carriers == NULL)
		return;
	arena_fini(&carriers->arena);
	free(carriers);
}

/* FNV-1a, 64 bits: the same everywhere and for ever, OCNs depend on it. */
static uint64_t
name_hash(struct blob name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ name.data[i]) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

/* The slot of a name, or the empty one where it would be. */
static struct carrier **
slot_of(struct carriers *carriers, struct blob name)
{
	size_t i = (size_t)(name_hash(name) % SLOTS);

	while (carriers->slots[i] != NULL) {
		struct blob other = carriers->slots[i]->name;
		if (other.len == name.len &&
		    memcmp(other.data, name.data, name.len) == 0)
			break;
		i = (i + 1) % SLOTS;
	}
	return &carriers->slots[i];
}

static bool
is_taken(const struct carriers *carriers, uint32_t ocn)
{
	return (carriers->taken[ocn / 8] >> (ocn % 8) & 1) != 0;
}

static enum status
keep_carrier(struct carriers *carriers, struct carrier **slot,
    struct blob name, uint32_t ocn)
{
	carriers->taken[ocn / 8] |= (uint8_t)(1 << (ocn % 8));
	if (name.len == 0 || *slot != NULL)
		return OK;
	if (carriers->n == CARRIERS_MAX)
		return ERR_FULL;
	struct carrier *carrier = arena_alloc(&carriers->arena,
	    sizeof *carrier);
	carrier->name.data = arena_copy(&carriers->arena, name.data, name.len);
	carrier->name.len = name.len;
	carrier->ocn = ocn;
	*slot = carrier;
	carriers->n++;
	return OK;
}

enum status
carriers_enter(struct carriers *carriers, const char *ocn, struct blob name)
{
	uint32_t value = 0;

	for (size_t i = 0; i < 4; i++) {
		const char *digit = ocn[i] == '\0' ? NULL :
		    strchr(ocn_digits, ocn[i]);
		if (digit == NULL)
			return OK;
		value = value * OCN_DIGITS + (uint32_t)(digit - ocn_digits);
	}
	return keep_carrier(carriers, slot_of(carriers, name), name, value);
}

enum status
carriers_find(struct carriers *carriers, struct blob name, char *ocn,
    bool *is_new)
{
	struct carrier **slot = slot_of(carriers, name);

	bool is_made = *slot == NULL;
	if (is_made) {
		uint32_t span = OCN_COUNT - OCN_FIRST_LETTER;
		uint32_t value = (uint32_t)(name_hash(name) % span);
		while (is_taken(carriers, OCN_FIRST_LETTER + value))
			value = (value + 1) % span;
		enum status status = keep_carrier(carriers, slot, name,
		    OCN_FIRST_LETTER + value);
		if (status != OK)
			return status;
	}
	*is_new = is_made;
	uint32_t value = (*slot)->ocn;
	for (size_t i = 4; i > 0; i--) {
		ocn[i - 1] = ocn_digits[value % OCN_DIGITS];
		value /= OCN_DIGITS;
	}
	ocn[4] = '\0';
	return OK;
}
