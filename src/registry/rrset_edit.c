/*
 * Making the records of one name: from loose records, by a patch, and the
 * difference of two versions. Everything is a merge of sorted lists; results
 * are written once, into room taken for the longest possible one. Layer 2;
 * the thread that owns the arena. RFC 2136 1.1 (duplicates), RFC 2181 5.2, 8.
 */
#include "registry/rrset.h"

#include "base/check.h"
#include "dns/rdata.h"

#include <string.h>

/* An encoding being written. The room suffices: callers see to it. */
struct builder {
	uint8_t *start;
	uint8_t *pos;
	uint8_t *head; /* of the RRset being written */
	uint16_t count;
	size_t n_types;
};

static struct builder
builder_make(struct arena *arena, size_t room)
{
	uint8_t *start = arena_alloc(arena, room);

	return (struct builder){ .start = start, .pos = start };
}

static void
builder_open(struct builder *b, uint16_t type, uint32_t ttl)
{
	b->head = b->pos;
	b->count = 0;
	put_u16(b->pos, type);
	put_u32(b->pos + 2, ttl);
	b->pos += RRSET_HEAD_LEN;
}

static void
builder_add(struct builder *b, struct blob rdata)
{
	put_u16(b->pos, (uint16_t)rdata.len);
	if (rdata.len > 0)
		memcpy(b->pos + RDATA_HEAD_LEN, rdata.data, rdata.len);
	b->pos += RDATA_HEAD_LEN + rdata.len;
	b->count++;
}

/* An RRset without records leaves no trace. */
static void
builder_close(struct builder *b)
{
	if (b->count == 0) {
		b->pos = b->head;
		return;
	}
	put_u16(b->head + 6, b->count);
	b->n_types++;
}

/* An RRset as it is. */
static void
builder_copy(struct builder *b, const struct rrset *rrset)
{
	if (rrset->count == 0)
		return;
	builder_open(b, rrset->type, rrset->ttl);
	memcpy(b->pos, rrset->rdatas.data, rrset->rdatas.len);
	b->pos += rrset->rdatas.len;
	b->count = rrset->count;
	builder_close(b);
}

static struct blob
builder_blob(const struct builder *b)
{
	return (struct blob){ b->start, (size_t)(b->pos - b->start) };
}

static int
record_compare(const struct record *a, const struct record *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return blob_compare(a->rdata, b->rdata);
}

/*
 * Stable merge sort, bottom up: the input is foreign, so never quadratic.
 * @param from, to n places each. @return the one that holds the result.
 */
static const struct record **
sort_records(const struct record **from, const struct record **to, size_t n)
{
	for (size_t width = 1; width < n; width *= 2) {
		for (size_t low = 0; low < n; low += 2 * width) {
			size_t mid = low + width < n ? low + width : n;
			size_t high = mid + width < n ? mid + width : n;
			size_t i = low;
			size_t j = mid;
			for (size_t k = low; k < high; k++) {
				bool is_left = j == high || (i < mid &&
				    record_compare(from[i], from[j]) <= 0);
				to[k] = is_left ? from[i++] : from[j++];
			}
		}
		const struct record **swap = from;
		from = to;
		to = swap;
	}
	return from;
}

/* Records of one type that are kept, in order of their bytes. */
struct kept {
	const struct record *record[RRSET_RECORDS_MAX];
	size_t count;
};

/* Of duplicates the latest in the caller's order stays. */
static enum status
keep(struct kept *kept, const struct record *record)
{
	for (size_t i = 0; i < kept->count; i++) {
		const struct record *other = kept->record[i];
		if (!rdata_equal(record->type, other->rdata, record->rdata))
			continue;
		if (other > record)
			return OK;
		kept->count--;
		memmove(kept->record + i, kept->record + i + 1,
		    (kept->count - i) * sizeof kept->record[0]);
		break;
	}
	if (kept->count == RRSET_RECORDS_MAX)
		return ERR_FULL;
	kept->record[kept->count++] = record;
	return OK;
}

/*
 * Write the RRset whose records begin at sorted.
 * @param used out: how many records that were.
 */
static enum status
build_rrset(struct builder *b, const struct record **sorted, size_t n,
    size_t *used)
{
	struct kept kept;
	const struct record *latest = sorted[0];
	size_t i = 0;

	kept.count = 0;
	for (; i < n && sorted[i]->type == sorted[0]->type; i++) {
		enum status status = keep(&kept, sorted[i]);
		if (status != OK)
			return status;
		if (sorted[i] > latest)
			latest = sorted[i];
	}
	/* RFC 2181 8: a TTL with the highest bit set is 0. */
	builder_open(b, latest->type, latest->ttl <= TTL_MAX ? latest->ttl : 0);
	for (size_t k = 0; k < kept.count; k++)
		builder_add(b, kept.record[k]->rdata);
	builder_close(b);
	*used = i;
	return OK;
}

/* Copy of an SOA's rdata with serial 0. */
static struct blob
without_serial(struct arena *arena, struct blob rdata)
{
	require(rdata.len >= SOA_TAIL_LEN);
	uint8_t *copy = arena_copy(arena, rdata.data, rdata.len);
	put_u32(copy + rdata.len - SOA_TAIL_LEN, 0);
	return (struct blob){ copy, rdata.len };
}

enum status
rrsets_build(struct arena *arena, struct blob *out,
    const struct record *records, size_t n)
{
	const struct record **order =
	    arena_alloc(arena, 2 * n * sizeof *order);
	struct record *plain = NULL; /* records with SOA serials set to 0 */
	size_t room = 0;

	for (size_t i = 0; i < n; i++) {
		require(records[i].rdata.len <= RDATA_MAX);
		room += RRSET_HEAD_LEN + RDATA_HEAD_LEN + records[i].rdata.len;
		if (records[i].type == TYPE_SOA && plain == NULL)
			plain = arena_copy(arena, records, n * sizeof *plain);
	}
	for (size_t i = 0; plain != NULL && i < n; i++) {
		if (plain[i].type == TYPE_SOA)
			plain[i].rdata = without_serial(arena, plain[i].rdata);
	}
	for (size_t i = 0; i < n; i++)
		order[i] = plain != NULL ? &plain[i] : &records[i];

	struct builder b = builder_make(arena, room);
	const struct record **sorted = sort_records(order, order + n, n);
	size_t used = 0;
	for (size_t i = 0; i < n; i += used) {
		enum status status = build_rrset(&b, sorted + i, n - i, &used);
		if (status != OK)
			return status;
	}
	if (b.n_types > NODE_TYPES_MAX)
		return ERR_FULL;
	*out = builder_blob(&b);
	return OK;
}

/* A list being merged: the RRset in front, or has false at the end. */
struct front {
	struct blob rest;
	struct rrset rrset;
	bool has;
};

static void
front_next(struct front *front)
{
	front->has = rrset_next(&front->rest, &front->rrset);
}

static struct front
front_make(struct blob rrsets)
{
	struct front front = { .rest = rrsets };

	front_next(&front);
	return front;
}

/* The RRset in front if it is of that type, else an empty one. */
static struct rrset
front_of_type(const struct front *front, uint16_t type)
{
	if (front->has && front->rrset.type == type)
		return front->rrset;
	return (struct rrset){ .type = type };
}

/* Go on behind the RRset of that type. */
static void
front_pass(struct front *front, uint16_t type)
{
	if (front->has && front->rrset.type == type)
		front_next(front);
}

static uint16_t
front_lowest(uint16_t lowest, const struct front *front)
{
	return front->has && front->rrset.type < lowest ? front->rrset.type :
							  lowest;
}

/* A list of rdatas being merged. */
struct cursor {
	struct blob rest;
	struct blob rdata;
	bool has;
};

static void
cursor_next(struct cursor *cursor)
{
	cursor->has = rrset_next_rdata(&cursor->rest, &cursor->rdata);
}

static struct cursor
cursor_make(struct blob rdatas)
{
	struct cursor cursor = { .rest = rdatas };

	cursor_next(&cursor);
	return cursor;
}

/* Order of the records in front; a list at its end comes last. */
static int
cursor_compare(const struct cursor *a, const struct cursor *b)
{
	if (!a->has || !b->has)
		return a->has == b->has ? 0 : a->has ? -1 : 1;
	return blob_compare(a->rdata, b->rdata);
}

/*
 * Merge the records of one type: (before - removed) + added.
 * @return false if what is removed was not there, or what is added was.
 */
static bool
merge_records(struct builder *b, const struct rrset *before,
    const struct rrset *removed, const struct rrset *added)
{
	struct cursor old = cursor_make(before->rdatas);
	struct cursor gone = cursor_make(removed->rdatas);
	struct cursor fresh = cursor_make(added->rdatas);

	while (old.has || fresh.has) {
		if (old.has && cursor_compare(&old, &gone) == 0) {
			cursor_next(&old);
			cursor_next(&gone);
			continue;
		}
		int order = cursor_compare(&old, &fresh);
		if (order == 0)
			return false;
		struct cursor *first = order < 0 ? &old : &fresh;
		builder_add(b, first->rdata);
		cursor_next(first);
	}
	return !gone.has;
}

static enum status
patch_rrset(struct builder *b, const struct rrset *before,
    const struct rrset *removed, const struct rrset *added)
{
	bool some_stay = before->count > removed->count;
	uint32_t ttl = some_stay ? before->ttl : added->ttl;

	if (removed->count > before->count ||
	    (removed->count > 0 && removed->ttl != before->ttl) ||
	    (added->count > 0 && added->ttl != ttl))
		return ERR_DIVERGED;
	if (before->count - removed->count + added->count > RRSET_RECORDS_MAX)
		return ERR_FULL;
	builder_open(b, before->type, ttl);
	if (!merge_records(b, before, removed, added))
		return ERR_DIVERGED;
	struct rrset merged = { .type = before->type, .count = b->count,
		.rdatas = { b->head + RRSET_HEAD_LEN,
		    (size_t)(b->pos - b->head) - RRSET_HEAD_LEN } };
	if (!rrset_is_distinct(&merged))
		return ERR_DIVERGED;
	builder_close(b);
	return OK;
}

enum status
rrsets_patch(struct arena *arena, struct blob *out, struct blob before,
    struct blob removed, struct blob added)
{
	struct builder b = builder_make(arena, before.len + added.len);
	struct front old = front_make(before);
	struct front gone = front_make(removed);
	struct front fresh = front_make(added);

	while (old.has || gone.has || fresh.has) {
		uint16_t type = front_lowest(UINT16_MAX, &old);
		type = front_lowest(type, &gone);
		type = front_lowest(type, &fresh);
		struct rrset o = front_of_type(&old, type);
		struct rrset g = front_of_type(&gone, type);
		struct rrset f = front_of_type(&fresh, type);
		if (g.count == 0 && (o.count == 0 || f.count == 0)) {
			builder_copy(&b, o.count > 0 ? &o : &f);
		} else {
			enum status status = patch_rrset(&b, &o, &g, &f);
			if (status != OK)
				return status;
		}
		front_pass(&old, type);
		front_pass(&gone, type);
		front_pass(&fresh, type);
	}
	if (b.n_types > NODE_TYPES_MAX)
		return ERR_FULL;
	*out = builder_blob(&b);
	return OK;
}

/* Records of one type that are in one list only, to both sides. */
static void
diff_records(struct builder *removed, struct builder *added,
    const struct rrset *before, const struct rrset *after)
{
	struct cursor old = cursor_make(before->rdatas);
	struct cursor new = cursor_make(after->rdatas);

	builder_open(removed, before->type, before->ttl);
	builder_open(added, after->type, after->ttl);
	while (old.has || new.has) {
		int order = cursor_compare(&old, &new);
		if (order < 0)
			builder_add(removed, old.rdata);
		else if (order > 0)
			builder_add(added, new.rdata);
		if (order <= 0)
			cursor_next(&old);
		if (order >= 0)
			cursor_next(&new);
	}
	builder_close(removed);
	builder_close(added);
}

void
rrsets_diff(struct arena *arena, struct blob before, struct blob after,
    struct blob *removed, struct blob *added)
{
	struct builder gone = builder_make(arena, before.len);
	struct builder fresh = builder_make(arena, after.len);
	struct front old = front_make(before);
	struct front new = front_make(after);

	while (old.has || new.has) {
		uint16_t type = front_lowest(UINT16_MAX, &old);
		type = front_lowest(type, &new);
		struct rrset o = front_of_type(&old, type);
		struct rrset n = front_of_type(&new, type);
		if (o.count > 0 && n.count > 0 && o.ttl == n.ttl) {
			diff_records(&gone, &fresh, &o, &n);
		} else {
			if (o.count > 0)
				builder_copy(&gone, &o);
			if (n.count > 0)
				builder_copy(&fresh, &n);
		}
		front_pass(&old, type);
		front_pass(&new, type);
	}
	*removed = builder_blob(&gone);
	*added = builder_blob(&fresh);
}
