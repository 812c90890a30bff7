/*
 * The index of receipts. 96 bits of a BLAKE2b hash tell requests apart: by
 * chance two of ten million fall together once in 10^15 times, and who makes
 * two of his own fall together gets the result of his own other one. Layer 8;
 * the engine thread.
 */
#include "engine/receipts.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

enum {
	CAP_MIN = 16,
	/* a table that still fills is full at 3/4, a tight one has 1/8 free */
	FULL_NUMERATOR = 3,
	FULL_DENOMINATOR = 4,
	TIGHT_AFTER_S = 2, /* a second is over: hardly anything comes */
};

void
receipts_init(struct receipts *receipts)
{
	*receipts = (struct receipts){
		.seconds = calloc(RECEIPT_SECONDS, sizeof *receipts->seconds),
	};
	if (receipts->seconds == NULL)
		check_fail("memory", "receipts", __FILE__, __LINE__);
}

static void
table_drop(struct receipts *receipts, struct receipt_table *table)
{
	receipts->n -= table->n;
	receipts->bytes -= table->cap * sizeof *table->entries;
	free(table->entries);
	*table = (struct receipt_table){ .entries = NULL };
}

void
receipts_fini(struct receipts *receipts)
{
	if (receipts->seconds == NULL)
		return;
	for (size_t i = 0; i < RECEIPT_SECONDS; i++)
		table_drop(receipts, &receipts->seconds[i]);
	free(receipts->seconds);
	*receipts = (struct receipts){ .seconds = NULL };
}

/* The key: never 0 in its first word. */
static void
key_of(uint32_t key[3], const struct hash *id)
{
	memcpy(key, id->bytes, 3 * sizeof key[0]);
	if (key[0] == 0)
		key[0] = 1;
}

/* The place of a key, or the empty one where it would be. */
static uint32_t
place_of(const struct receipt_table *table, const uint32_t key[3])
{
	uint32_t at = (uint32_t)(((uint64_t)key[0] * table->cap) >> 32);

	for (;; at = at + 1 == table->cap ? 0 : at + 1) {
		const struct receipt_entry *entry = &table->entries[at];
		if (entry->id[0] == 0 ||
		    memcmp(entry->id, key, sizeof entry->id) == 0)
			return at;
	}
}

static void
table_resize(struct receipts *receipts, struct receipt_table *table,
    uint32_t cap)
{
	struct receipt_table new = *table;

	require(cap > table->n);
	new.cap = cap;
	new.entries = calloc(cap, sizeof *new.entries);
	if (new.entries == NULL)
		check_fail("memory", "receipts", __FILE__, __LINE__);
	for (uint32_t i = 0; i < table->cap; i++) {
		const struct receipt_entry *entry = &table->entries[i];
		if (entry->id[0] != 0)
			new.entries[place_of(&new, entry->id)] = *entry;
	}
	receipts->bytes += ((size_t)cap - table->cap) * sizeof *new.entries;
	free(table->entries);
	*table = new;
}

/* The table of a second, if it is that second's now. */
static struct receipt_table *
table_of(const struct receipts *receipts, uint64_t second)
{
	struct receipt_table *table =
	    &receipts->seconds[second % RECEIPT_SECONDS];

	return table->cap > 0 && table->second == second ? table : NULL;
}

static bool
is_kept(uint64_t second, uint64_t now_s)
{
	return second + RECEIPT_KEPT_S >= now_s &&
	    second <= now_s + FUDGE_MAX_S;
}

static void
tighten(struct receipts *receipts, uint64_t second)
{
	struct receipt_table *table = table_of(receipts, second);

	if (table == NULL || table->is_tight)
		return;
	table_resize(receipts, table, table->n + table->n / 8 + 1);
	table->is_tight = true;
}

void
receipts_advance(struct receipts *receipts, uint64_t now_ms)
{
	uint64_t now_s = now_ms / 1000;

	if (now_s <= receipts->now_s)
		return;
	uint64_t from = receipts->now_s;
	receipts->now_s = now_s;
	/* after a long pause once around is enough */
	if (now_s - from > RECEIPT_SECONDS)
		from = now_s - RECEIPT_SECONDS;
	for (uint64_t s = from; s < now_s; s++) {
		if (s >= TIGHT_AFTER_S)
			tighten(receipts, s - TIGHT_AFTER_S);
	}
	for (size_t i = 0; i < RECEIPT_SECONDS; i++) {
		struct receipt_table *table = &receipts->seconds[i];
		if (table->cap > 0 && !is_kept(table->second, now_s))
			table_drop(receipts, table);
	}
}

bool
receipts_has_room(const struct receipts *receipts)
{
	return receipts->n < RECEIPTS_MAX;
}

void
receipts_add(struct receipts *receipts, const struct receipt *receipt,
    uint64_t slot)
{
	uint64_t second = receipt->time_signed_s;
	uint32_t key[3];

	if (second == 0 || !is_kept(second, receipts->now_s))
		return;
	struct receipt_table *table =
	    &receipts->seconds[second % RECEIPT_SECONDS];
	if (table->cap > 0 && table->second != second)
		table_drop(receipts, table);
	if (table->cap == 0) {
		table->second = second;
		table->first_slot = slot;
		table_resize(receipts, table, CAP_MIN);
	}
	uint64_t full = (uint64_t)table->cap * FULL_NUMERATOR;
	if ((uint64_t)(table->n + 1) * FULL_DENOMINATOR > full)
		table_resize(receipts, table, table->cap * 2);
	key_of(key, &receipt->id);
	struct receipt_entry *entry = &table->entries[place_of(table, key)];
	if (entry->id[0] == 0) {
		table->n++;
		receipts->n++;
	}
	require(slot >= table->first_slot);
	memcpy(entry->id, key, sizeof entry->id);
	entry->slot = (uint32_t)(slot - table->first_slot);
	entry->rcode = receipt->rcode;
	entry->cause = receipt->cause;
}

void
receipts_remove(struct receipts *receipts, const struct receipt *receipt)
{
	struct receipt_table *table =
	    table_of(receipts, receipt->time_signed_s);
	uint32_t key[3];

	if (table == NULL)
		return;
	key_of(key, &receipt->id);
	uint32_t at = place_of(table, key);
	if (table->entries[at].id[0] == 0)
		return;
	table->entries[at].id[0] = 0;
	table->n--;
	receipts->n--;
	/* what was pushed on by it moves up: take out and put in again */
	for (;;) {
		at = at + 1 == table->cap ? 0 : at + 1;
		struct receipt_entry entry = table->entries[at];
		if (entry.id[0] == 0)
			return;
		table->entries[at].id[0] = 0;
		table->entries[place_of(table, entry.id)] = entry;
	}
}

bool
receipts_find(void *arg, const struct receipt *wanted, struct receipt *out,
    uint64_t *slot)
{
	const struct receipts *receipts = arg;
	const struct receipt_table *table =
	    table_of(receipts, wanted->time_signed_s);
	uint32_t key[3];

	if (table == NULL)
		return false;
	key_of(key, &wanted->id);
	const struct receipt_entry *entry =
	    &table->entries[place_of(table, key)];
	if (entry->id[0] == 0)
		return false;
	*out = *wanted;
	out->rcode = entry->rcode;
	out->cause = entry->cause;
	*slot = table->first_slot + entry->slot;
	return true;
}
