/*
 * Changeset as bytes (doc/disk-format.md "Changeset"). Decoding checks all
 * that the bytes alone can show: lengths to the last byte, names, records,
 * order; whether the changes fit the state shows when they are applied. Layer
 * 2; the owner of the arena.
 */
#include "registry/changeset.h"

#include "base/check.h"
#include "dns/name.h"
#include "registry/actor.h"
#include "registry/scope.h"

#include <string.h>

enum {
	CHANGESET_VERSION = 1,
	/* where the fields of the header are */
	AT_VERSION = 0,
	AT_COUNT = 2,
	AT_SERIAL = 4,
	AT_SLOT = 8,
	AT_TIME = 16,
	AT_PREVIOUS = 24,
	AT_BEFORE = AT_PREVIOUS + HASH_LEN,
	DIGEST_LEN = 4 * 8,
	RECEIPT_LEN = HASH_LEN + 8 + 2 + 2,
	/* length, door, receipt, count of changes; the actor is between */
	PART_FIXED_LEN = 4 + 1 + RECEIPT_LEN + 4,
	PART_LEN_MIN = PART_FIXED_LEN + ACTOR_LEN_MIN,
	/* length of owner, flags before and after, two lengths */
	CHANGE_LEN_MIN = 1 + 1 + 1 + 4 + 4,
	RCODE_MAX = 4095, /* twelve bits, RFC 6891 6.1.3 */
};

_Static_assert(AT_BEFORE + DIGEST_LEN == CHANGESET_HEADER_LEN,
    "as drawn in doc/disk-format.md");
_Static_assert(CHANGESET_HEADER_LEN == 88, "as drawn in doc/disk-format.md");
_Static_assert(RECEIPT_LEN == 44, "as drawn in doc/disk-format.md");
_Static_assert(PART_FIXED_LEN == 53, "as drawn in doc/disk-format.md");
_Static_assert(CHANGE_LEN_MIN == 11, "as drawn in doc/disk-format.md");
_Static_assert(CHANGESET_PARTS_MAX <= UINT16_MAX, "the count has two bytes");

size_t
name_change_len(const struct name_change *change)
{
	return CHANGE_LEN_MIN + change->owner.len + change->removed.len +
	    change->added.len;
}

size_t
part_len(const struct part *part)
{
	size_t len = PART_FIXED_LEN + actor_len(&part->actor);

	for (size_t i = 0; i < part->n_changes; i++)
		len += name_change_len(&part->changes[i]);
	return len;
}

static void
write_digest(struct writer *w, const struct digest *digest)
{
	for (size_t i = 0; i < 4; i++)
		write_u64(w, digest->lane[i]);
}

static void
write_header(struct writer *w, const struct changeset_header *header,
    size_t n_parts)
{
	write_u16(w, CHANGESET_VERSION);
	write_u16(w, (uint16_t)n_parts);
	write_u32(w, header->serial);
	write_u64(w, header->slot);
	write_u64(w, header->time_ms);
	write_bytes(w, header->previous.bytes, HASH_LEN);
	write_digest(w, &header->before);
}

/*
 * What stands between two changes of a part: ascending owners, none of which
 * exists only in a message, and a change.
 */
static bool
change_is_in_place(const struct name_change *change,
    const struct name_change *last)
{
	bool has_effect = change->removed.len > 0 || change->added.len > 0 ||
	    change->flags_before != change->flags_after;

	return has_effect && owner_scope(change->owner) != SCOPE_PSEUDO &&
	    (last == NULL || blob_compare(last->owner, change->owner) < 0);
}

static void
write_change(struct writer *w, const struct name_change *change)
{
	require(change->owner.len <= OWNER_MAX);
	write_u8(w, (uint8_t)change->owner.len);
	write_bytes(w, change->owner.data, change->owner.len);
	write_u8(w, change->flags_before);
	write_u8(w, change->flags_after);
	write_u32(w, (uint32_t)change->removed.len);
	write_bytes(w, change->removed.data, change->removed.len);
	write_u32(w, (uint32_t)change->added.len);
	write_bytes(w, change->added.data, change->added.len);
}

static void
write_part(struct writer *w, const struct part *part)
{
	write_u32(w, (uint32_t)(part_len(part) - 4));
	write_u8(w, (uint8_t)part->door);
	actor_write(w, &part->actor);
	write_bytes(w, part->receipt.id.bytes, HASH_LEN);
	write_u64(w, part->receipt.time_signed_s);
	write_u16(w, part->receipt.rcode);
	write_u16(w, part->receipt.cause);
	write_u32(w, (uint32_t)part->n_changes);
	for (size_t i = 0; i < part->n_changes; i++) {
		const struct name_change *change = &part->changes[i];
		require(change_is_in_place(change, i > 0 ? change - 1 : NULL));
		write_change(w, change);
	}
}

enum status
changeset_encode(struct arena *arena, struct blob *out,
    const struct changeset_header *header, const struct part *parts,
    size_t n_parts)
{
	size_t len = CHANGESET_HEADER_LEN;

	if (n_parts > CHANGESET_PARTS_MAX)
		return ERR_TOO_LONG;
	for (size_t i = 0; i < n_parts; i++)
		len += part_len(&parts[i]);
	if (len > CHANGESET_MAX)
		return ERR_TOO_LONG;

	struct writer w = writer_make(arena_alloc(arena, len), len);
	write_header(&w, header, n_parts);
	for (size_t i = 0; i < n_parts; i++)
		write_part(&w, &parts[i]);
	ensure(!w.bad && writer_len(&w) == len);
	*out = (struct blob){ w.start, len };
	return OK;
}

static void
read_digest(struct reader *r, struct digest *digest)
{
	for (size_t i = 0; i < 4; i++)
		digest->lane[i] = read_u64(r);
}

/* The header; counts are checked where the parts are read. */
static enum status
read_header(struct reader *r, struct changeset_header *header, size_t *n_parts)
{
	uint16_t version = read_u16(r);

	if (!r->bad && version > CHANGESET_VERSION)
		return ERR_NEWER;
	if (version != CHANGESET_VERSION)
		return ERR_MALFORMED;
	*n_parts = read_u16(r);
	header->serial = read_u32(r);
	header->slot = read_u64(r);
	header->time_ms = read_u64(r);
	read_bytes(r, header->previous.bytes, HASH_LEN);
	read_digest(r, &header->before);
	return r->bad ? ERR_MALFORMED : OK;
}

static struct blob
read_blob(struct reader *r, size_t len)
{
	const uint8_t *data = reader_take(r, len);

	return (struct blob){ data, data != NULL ? len : 0 };
}

static bool
read_change(struct reader *r, struct name_change *change)
{
	change->owner = read_blob(r, read_u8(r));
	change->flags_before = read_u8(r);
	change->flags_after = read_u8(r);
	change->removed = read_blob(r, read_u32(r));
	change->added = read_blob(r, read_u32(r));
	return !r->bad && owner_is_valid(change->owner) &&
	    ((change->flags_before | change->flags_after) &
		~NODE_FLAGS_ALL) == 0 &&
	    rrsets_check(change->removed) == OK &&
	    rrsets_check(change->added) == OK;
}

static bool
read_changes(struct arena *arena, struct reader *r, struct part *part)
{
	if (part->n_changes > reader_left(r) / CHANGE_LEN_MIN)
		return false;
	struct name_change *changes =
	    arena_alloc(arena, part->n_changes * sizeof *changes);
	for (size_t i = 0; i < part->n_changes; i++) {
		struct name_change *last = i > 0 ? &changes[i - 1] : NULL;
		if (!read_change(r, &changes[i]) ||
		    !change_is_in_place(&changes[i], last))
			return false;
	}
	part->changes = changes;
	return true;
}

static bool
read_part(struct arena *arena, struct reader *whole, struct part *part)
{
	struct blob own = read_blob(whole, read_u32(whole));
	struct reader r = reader_make(own.data, own.len);
	uint8_t door = read_u8(&r);

	if (whole->bad || door > DOOR_CONSOLE)
		return false;
	part->door = (enum door)door;
	if (!actor_read(&r, &part->actor))
		return false;
	read_bytes(&r, part->receipt.id.bytes, HASH_LEN);
	part->receipt.time_signed_s = read_u64(&r);
	part->receipt.rcode = read_u16(&r);
	part->receipt.cause = read_u16(&r);
	part->n_changes = read_u32(&r);
	return part->receipt.rcode <= RCODE_MAX &&
	    read_changes(arena, &r, part) && reader_done(&r);
}

enum status
changeset_decode(struct arena *arena, struct changeset_header *header,
    const struct part **parts, size_t *n_parts, struct blob data)
{
	struct reader r = reader_make(data.data, data.len);
	struct changeset_header head;
	size_t n = 0;

	if (data.len > CHANGESET_MAX)
		return ERR_MALFORMED;
	enum status status = read_header(&r, &head, &n);
	if (status != OK)
		return status;
	if (n > CHANGESET_PARTS_MAX || n > reader_left(&r) / PART_LEN_MIN)
		return ERR_MALFORMED;
	struct part *all = arena_alloc(arena, n * sizeof *all);
	for (size_t i = 0; i < n; i++) {
		if (!read_part(arena, &r, &all[i]))
			return ERR_MALFORMED;
	}
	if (!reader_done(&r))
		return ERR_MALFORMED;
	*header = head;
	*parts = all;
	*n_parts = n;
	return OK;
}
