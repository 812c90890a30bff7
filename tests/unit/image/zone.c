/*
 * The model that the image is compared with.
 */
#include "zone.h"

#include "base/reason.h"

#include <stdlib.h>

uint32_t
dice(uint64_t *seed, uint32_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)((*seed >> 32) * below >> 32);
}

void
zone_init(struct zone *zone)
{
	*zone = (struct zone){ 0 };
}

static void
name_free(struct zone_name *name)
{
	free((void *)(uintptr_t)name->node.rrsets.data);
}

void
zone_fini(struct zone *zone)
{
	for (size_t i = 0; i < zone->n; i++)
		name_free(&zone->names[i]);
	free(zone->names);
	zone_init(zone);
}

static struct node
node_dup(const struct node *node)
{
	uint8_t *bytes = malloc(node->rrsets.len);

	assert_non_null(bytes);
	memcpy(bytes, node->rrsets.data, node->rrsets.len);
	return (struct node){ .flags = node->flags,
		.rrsets = { bytes, node->rrsets.len } };
}

void
zone_copy(struct zone *out, const struct zone *zone)
{
	*out = *zone;
	out->cap = zone->n + 1;
	out->names = calloc(out->cap, sizeof *out->names);
	assert_non_null(out->names);
	for (size_t i = 0; i < zone->n; i++) {
		out->names[i].owner = zone->names[i].owner;
		out->names[i].node = node_dup(&zone->names[i].node);
	}
}

/* Index of the first name that is not before owner. */
static size_t
lower(const struct zone *zone, struct blob owner)
{
	size_t low = 0;
	size_t high = zone->n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		if (owner_compare(owner_blob(&zone->names[mid].owner), owner) <
		    0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static long
index_of(const struct zone *zone, struct blob owner)
{
	size_t i = lower(zone, owner);

	if (i < zone->n &&
	    owner_compare(owner_blob(&zone->names[i].owner), owner) == 0)
		return (long)i;
	return -1;
}

struct node
zone_get(const struct zone *zone, struct blob owner)
{
	long i = index_of(zone, owner);

	return i < 0 ? (struct node){ 0 } : zone->names[i].node;
}

void
zone_put(struct zone *zone, struct blob owner, const struct node *node)
{
	size_t i = lower(zone, owner);
	long at = index_of(zone, owner);

	if (at >= 0) {
		name_free(&zone->names[i]);
		if (node->rrsets.len > 0) {
			zone->names[i].node = node_dup(node);
			return;
		}
		zone->n--;
		memmove(&zone->names[i], &zone->names[i + 1],
		    (zone->n - i) * sizeof *zone->names);
		return;
	}
	if (node->rrsets.len == 0)
		return;
	if (zone->n == zone->cap) {
		zone->cap = zone->cap == 0 ? 64 : 2 * zone->cap;
		zone->names = realloc(
		    zone->names, zone->cap * sizeof *zone->names);
		assert_non_null(zone->names);
	}
	memmove(&zone->names[i + 1], &zone->names[i],
	    (zone->n - i) * sizeof *zone->names);
	owner_set(&zone->names[i].owner, owner);
	zone->names[i].node = node_dup(node);
	zone->n++;
}

static bool
exists(const struct zone *zone, struct blob owner)
{
	size_t i = lower(zone, owner);

	return i < zone->n &&
	    owner_is_at_or_below(owner_blob(&zone->names[i].owner), owner);
}

static struct blob
first_labels(struct blob owner, size_t n)
{
	struct blob out = { owner.data, 0 };

	for (; n > 0; n--)
		out.len += 1 + (size_t)owner.data[out.len];
	return out;
}

static bool
is_cut(const struct zone *zone, struct blob owner, long *node)
{
	struct rrset ns;
	struct blob label = owner_last_label(owner);

	*node = index_of(zone, owner);
	return *node >= 0 && !(label.len == 1 && label.data[0] == '*') &&
	    rrset_find(zone->names[*node].node.rrsets, TYPE_NS, &ns);
}

enum image_match_kind
zone_find(const struct zone *zone, struct blob owner, unsigned *encloser_labels,
    long *node)
{
	size_t n = owner.len == 0 ? 0 : owner_labels(owner);

	for (size_t i = 1; i <= n; i++) {
		*encloser_labels = (unsigned)i;
		if (is_cut(zone, first_labels(owner, i), node))
			return MATCH_CUT;
	}
	*encloser_labels = (unsigned)n;
	*node = index_of(zone, owner);
	if (*node >= 0)
		return MATCH_EXACT;
	if (n == 0 || exists(zone, owner))
		return MATCH_EMPTY;
	size_t known = n - 1;
	while (known > 0 && !exists(zone, first_labels(owner, known)))
		known--;
	*encloser_labels = (unsigned)known;
	struct owner wild;
	owner_set(&wild, first_labels(owner, known));
	*node = -1;
	if (owner_push(&wild, "*", 1) != OK)
		return MATCH_NONE; /* no such name can exist */
	*node = index_of(zone, owner_blob(&wild));
	if (*node >= 0)
		return MATCH_WILDCARD;
	return exists(zone, owner_blob(&wild)) ? MATCH_EMPTY : MATCH_NONE;
}

struct owner
owner_of(const char *text)
{
	struct owner out = { 0 };
	const char *end = text + strlen(text);

	while (end > text) {
		const char *start = end;
		while (start > text && start[-1] != '.')
			start--;
		assert_int_equal(
		    owner_push(&out, start, (size_t)(end - start)), OK);
		end = start > text ? start - 1 : start;
	}
	return out;
}

struct record
record_txt(struct arena *arena, const char *text)
{
	size_t len = strlen(text);
	uint8_t *rdata = arena_alloc(arena, len + 1);

	rdata[0] = (uint8_t)len;
	memcpy(rdata + 1, text, len);
	return (struct record){ TYPE_TXT, 300, { rdata, len + 1 } };
}

struct record
record_naptr(struct arena *arena, const char *regexp)
{
	static const uint8_t START[] = "\0\x0a\0\x64\1u\7E2U+sip";
	size_t len = strlen(regexp);
	uint8_t *rdata = arena_alloc(arena, sizeof START + len + 1);

	memcpy(rdata, START, sizeof START - 1);
	rdata[sizeof START - 1] = (uint8_t)len;
	memcpy(rdata + sizeof START, regexp, len);
	return (struct record){ TYPE_NAPTR, 3600,
		{ rdata, sizeof START + len + 1 } };
}

struct record
record_name(struct arena *arena, uint16_t type, const char *text)
{
	struct dname name;

	assert_int_equal(dname_parse(&name, text, strlen(text), NULL), OK);
	return (struct record){ type, 86400,
		{ arena_copy(arena, name.bytes, name.len), name.len } };
}

struct record
record_a(struct arena *arena, uint32_t address)
{
	uint8_t *rdata = arena_alloc(arena, 4);

	put_u32(rdata, address);
	return (struct record){ TYPE_A, 60, { rdata, 4 } };
}

struct record
record_soa(struct arena *arena)
{
	uint8_t *rdata = arena_alloc(arena, 4 + 4 + 20);

	memcpy(rdata, "\2ns\0\2me\0", 8);
	for (unsigned i = 1; i < 5; i++)
		put_u32(rdata + 8 + 4 * i, 300 * i);
	return (struct record){ TYPE_SOA, 3600, { rdata, 28 } };
}

struct record
record_cert(struct arena *arena, uint8_t fill, size_t len)
{
	uint8_t *rdata = arena_alloc(arena, 5 + len);

	memset(rdata, fill, 5 + len);
	return (struct record){ TYPE_CERT, 300, { rdata, 5 + len } };
}

struct node
node_of(struct arena *arena, const struct record *records, size_t n)
{
	struct node node = { 0 };

	assert_int_equal(rrsets_build(arena, &node.rrsets, records, n), OK);
	return node;
}

struct node
node_txt(struct arena *arena, const char *text)
{
	struct record record = record_txt(arena, text);

	return node_of(arena, &record, 1);
}

struct name_change
change_of(struct arena *arena, struct blob owner, const struct node *before,
    const struct node *after)
{
	struct name_change change = {
		.owner = { arena_copy(arena, owner.data, owner.len),
		    owner.len },
		.flags_before = before->flags,
		.flags_after = after->flags,
	};

	rrsets_diff(arena, before->rrsets, after->rrsets, &change.removed,
	    &change.added);
	return change;
}

size_t
emit_plain(
    const struct rrset *rrset, uint32_t serial, uint16_t offset, uint8_t *out)
{
	struct blob rdatas = rrset->rdatas;
	struct blob rdata;
	uint8_t *p = out;

	while (rrset_next_rdata(&rdatas, &rdata)) {
		put_u16(p, (uint16_t)(0xc000 | offset));
		put_u16(p + 2, rrset->type);
		put_u16(p + 4, 1);
		put_u32(p + 6, rrset->ttl);
		put_u16(p + 10, (uint16_t)rdata.len);
		memcpy(p + 12, rdata.data, rdata.len);
		if (rrset->type == TYPE_SOA)
			put_u32(p + 12 + rdata.len - 20, serial);
		p += 12 + rdata.len;
	}
	return (size_t)(p - out);
}

static void
assert_same_node(const struct node *a, const struct node *b)
{
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->rrsets.len, b->rrsets.len);
	if (a->rrsets.len > 0)
		assert_memory_equal(
		    a->rrsets.data, b->rrsets.data, a->rrsets.len);
}

void
assert_shows(const struct image_version *version, const struct zone *zone)
{
	struct arena arena;
	struct owner at = { 0 };
	uint8_t flags = 0;
	struct node node;

	arena_init(&arena);
	assert_int_equal(image_slot(version), zone->slot);
	assert_int_equal(image_serial(version), zone->serial);
	for (size_t i = 0; i < zone->n; i++) {
		const struct zone_name *name = &zone->names[i];
		if (name->owner.len > 0) {
			assert_true(image_next_below(version,
			    (struct blob){ 0 }, owner_blob(&at), &at, &flags));
			assert_int_equal(at.len, name->owner.len);
			assert_memory_equal(
			    at.bytes, name->owner.bytes, at.len);
			assert_int_equal(flags, name->node.flags);
		}
		image_get(version, owner_blob(&name->owner), &arena, &node);
		assert_same_node(&node, &name->node);
		arena_reset(&arena);
	}
	assert_false(image_next_below(
	    version, (struct blob){ 0 }, owner_blob(&at), &at, &flags));
	arena_fini(&arena);
}

static void
assert_same_records(const struct image_version *version,
    const struct image_match *match, const struct node *node, uint32_t serial)
{
	static uint8_t want[100000];
	static uint8_t got[100000];
	struct blob rest = node->rrsets;
	struct rrset rrset;
	struct image_rrset found;
	uint32_t cursor = 0;

	while (rrset_next(&rest, &rrset)) {
		size_t len = emit_plain(&rrset, serial, 12, want);
		assert_true(
		    image_rrset_next(version, match->node, &cursor, &found));
		assert_int_equal(found.type, rrset.type);
		assert_int_equal(found.count, rrset.count);
		assert_int_equal(found.ttl, rrset.ttl);
		assert_int_equal(
		    image_emit(&found, match->tn, 12, got, sizeof got), len);
		assert_memory_equal(got, want, len);
		assert_true(
		    image_rrset(version, match->node, rrset.type, &found));
		assert_int_equal(
		    image_emit(&found, match->tn, 12, got, len), len);
		assert_memory_equal(got, want, len);
		assert_int_equal(
		    image_emit(&found, match->tn, 12, got, len - 1), 0);
	}
	assert_false(image_rrset_next(version, match->node, &cursor, &found));
}

void
assert_finds(const struct image_version *version, const struct zone *zone,
    struct blob owner)
{
	struct qname qname;
	struct image_match match;
	unsigned labels = 0;
	long node = -1;
	enum image_match_kind kind = zone_find(zone, owner, &labels, &node);

	qname_make(&qname, owner);
	image_find(version, &qname, &match);
	assert_int_equal(match.kind, kind);
	assert_int_equal(match.encloser_labels, labels);
	if (kind == MATCH_NONE || kind == MATCH_EMPTY)
		assert_int_equal(match.node.ref, 0);
	else
		assert_same_records(
		    version, &match, &zone->names[node].node, zone->serial);
	long exact = index_of(zone, owner);
	assert_int_equal(
	    image_find_glue(version, &qname, &match.node, &match.tn),
	    exact >= 0);
	if (exact >= 0)
		assert_same_records(
		    version, &match, &zone->names[exact].node, zone->serial);
}

void
assert_sound(const struct image *image, const struct image_version *version)
{
	struct reason reason = { 0 };

	if (image_check(image, version, &reason) != OK)
		fail_msg("%s", reason.text);
}
