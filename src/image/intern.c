/*
 * The forms in use: linear hashing in the region. It keeps no counts of users;
 * node_data.c does. Layer 3; the engine thread.
 */
#include "image/intern.h"

#include "base/check.h"

#include <string.h>

static uint64_t
mix(uint64_t v)
{
	v ^= v >> 32;
	v *= 0xd6e8feb86659fd93u;
	return v ^ v >> 32;
}

static uint32_t
hash_bytes(struct blob body)
{
	uint64_t h = body.len * 0x9e3779b97f4a7c15u;
	size_t i = 0;

	for (; i + 8 <= body.len; i += 8) {
		uint64_t word = 0;
		memcpy(&word, body.data + i, 8);
		h = (h ^ word) * 0x9fb21c651e98df25u;
		h ^= h >> 29;
	}
	uint64_t last = 0;
	if (i < body.len)
		memcpy(&last, body.data + i, body.len - i);
	return (uint32_t)mix(h ^ last);
}

/* Largest power of two that is not above v. */
static uint32_t
power_below(uint32_t v)
{
	return 1u << (31 - __builtin_clz(v));
}

static uint32_t
segment_of(uint32_t bucket, uint32_t *first)
{
	if (bucket < INTERN_FIRST) {
		*first = 0;
		return 0;
	}
	*first = power_below(bucket);
	return (uint32_t)__builtin_ctz(*first) - 7;
}

static uint32_t *
bucket_at(const struct intern *intern, struct region *region, uint32_t bucket)
{
	uint32_t first = 0;
	uint32_t segment = segment_of(bucket, &first);
	uint32_t *buckets = region_at(region, intern->segment[segment]);

	return buckets + (bucket - first);
}

static uint32_t
bucket_of(const struct intern *intern, uint32_t hash)
{
	uint32_t half = power_below(intern->buckets);
	uint32_t bucket = hash & (2 * half - 1);

	return bucket < intern->buckets ? bucket : hash & (half - 1);
}

enum status
intern_init(struct intern *intern, struct region *region)
{
	memset(intern, 0, sizeof *intern);
	size_t bytes = INTERN_FIRST * sizeof(uint32_t);
	intern->segment[0] = region_alloc_kept(region, bytes);
	if (intern->segment[0] == 0)
		return ERR_FULL;
	intern_reset(intern, region);
	return OK;
}

void
intern_reset(struct intern *intern, struct region *region)
{
	uint32_t first = intern->segment[0];

	*intern = (struct intern){ .buckets = INTERN_FIRST };
	intern->segment[0] = first;
	memset(region_at(region, first), 0, INTERN_FIRST * sizeof(uint32_t));
}

/* One bucket more: takes its part of the bucket it splits off. */
static void
grow(struct intern *intern, struct region *region)
{
	uint32_t bucket = intern->buckets;
	uint32_t first = 0;
	uint32_t segment = segment_of(bucket, &first);

	if (segment >= INTERN_SEGMENTS)
		return;
	if (bucket == first && intern->segment[segment] == 0) {
		uint32_t ref = region_alloc_kept(
		    region, (size_t)first * sizeof(uint32_t));
		if (ref == 0)
			return; /* is_full says so */
		intern->segment[segment] = ref;
	}
	uint32_t *to = bucket_at(intern, region, bucket);
	uint32_t *from = bucket_at(intern, region, bucket - first);
	uint32_t ref = *from;
	intern->buckets++;
	*from = 0;
	*to = 0;
	while (ref != 0) {
		struct form *form = region_at(region, ref);
		uint32_t next = form->next;
		uint32_t *head = (form->hash & first) != 0 ? to : from;
		form->next = *head;
		*head = ref;
		ref = next;
	}
}

uint32_t
intern_get(struct intern *intern, struct region *region, struct blob body)
{
	uint32_t hash = hash_bytes(body);
	uint32_t *head = bucket_at(intern, region, bucket_of(intern, hash));

	for (uint32_t ref = *head; ref != 0;) {
		const struct form *form = region_at(region, ref);
		if (form->hash == hash && form->len == body.len &&
		    memcmp((const uint8_t *)form + FORM_HEAD, body.data,
			body.len) == 0)
			return ref;
		ref = form->next;
	}
	uint32_t made = region_alloc(region, FORM_HEAD + body.len);
	if (made == 0)
		return 0;
	struct form *form = region_at(region, made);
	form->zero = 0;
	form->users = 0;
	form->next = *head;
	form->hash = hash;
	form->len = (uint32_t)body.len;
	form->values = 0;
	memcpy((uint8_t *)form + FORM_HEAD, body.data, body.len);
	*head = made;
	intern->forms++;
	if (intern->forms > intern->buckets)
		grow(intern, region);
	return made;
}

void
intern_unlink(struct intern *intern, struct region *region, uint32_t ref)
{
	const struct form *form = region_at(region, ref);
	uint32_t *link = bucket_at(
	    intern, region, bucket_of(intern, form->hash));

	while (*link != ref) {
		ensure(*link != 0);
		struct form *other = region_at(region, *link);
		link = &other->next;
	}
	*link = form->next;
	intern->forms--;
}

uint32_t
intern_bucket(
    const struct intern *intern, const struct region *region, uint32_t i)
{
	uint32_t first = 0;
	uint32_t segment = segment_of(i, &first);
	const uint8_t *base = (const uint8_t *)region;
	const uint32_t *buckets = ref_at(base, intern->segment[segment]);

	return buckets[i - first];
}
