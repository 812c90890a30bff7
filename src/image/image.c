/*
 * The image: its beginning, its versions and what they keep alive. Names are
 * put in by patch.c. Layer 3; the engine thread.
 */
#include "image/image.h"

#include "base/check.h"
#include "image/state.h"

#include <string.h>

static struct image_version *
version_at(struct image *image, uint32_t ref)
{
	return region_at(&image->region, ref);
}

enum status
image_create(struct image **out, void *region, size_t cap)
{
	struct image *image = region;

	require((uintptr_t)region % REGION_UNIT == 0);
	if (cap < sizeof *image)
		return ERR_NO_ROOM;
	region_init(&image->region, sizeof *image, cap);
	image->candidate = 0;
	uint32_t ref = region_alloc_kept(
	    &image->region, sizeof(struct image_version));
	if (ref == 0 || intern_init(&image->intern, &image->region) != OK)
		return ERR_NO_ROOM;
	struct image_version *version = version_at(image, ref);
	*version = (struct image_version){ .self = ref };
	image->current = ref;
	image->oldest = ref;
	image->region.pristine = image->region.top;
	arena_init(&image->scratch);
	*out = image;
	return OK;
}

void
image_destroy(struct image *image)
{
	if (image != NULL)
		arena_fini(&image->scratch);
}

const struct image_version *
image_current(const struct image *image)
{
	return ref_at((const uint8_t *)image, image->current);
}

void
image_begin(struct image *image)
{
	region_open(&image->region);
	const struct image_version *current = image_current(image);
	uint32_t ref = region_alloc_kept(
	    &image->region, sizeof(struct image_version));
	if (ref == 0)
		return; /* is_full: the first change says so */
	struct image_version *candidate = version_at(image, ref);
	*candidate = (struct image_version){
		.self = ref,
		.root = current->root,
		.slot = current->slot,
		.serial = current->serial,
		.apex = current->apex,
		.numbers = current->numbers,
		.names = current->names,
		.records = current->records,
	};
	image->candidate = ref;
}

const struct image_version *
image_candidate(const struct image *image)
{
	require(image->region.is_open);
	if (image->candidate == 0)
		return image_current(image);
	return ref_at((const uint8_t *)image, image->candidate);
}

const struct image_version *
image_commit(struct image *image, uint64_t slot, uint32_t serial)
{
	require(image->region.is_open && !image->region.is_full);
	struct image_version *candidate = version_at(image, image->candidate);
	struct image_version *before = version_at(image, image->current);

	require(slot >= before->slot);
	candidate->slot = slot;
	candidate->serial = serial;
	region_commit(&image->region, &before->retired);
	before->next = image->candidate;
	image->current = image->candidate;
	image->candidate = 0;
	arena_reset(&image->scratch);
	return candidate;
}

/* The candidate's users of forms that stay. */
static void
undo_data(struct image *image)
{
	struct region *region = &image->region;
	struct ref_entry entry = { 0 };

	while (ref_list_next(region, &region->log, &entry))
		if (entry.kind == REF_DATA)
			data_undo(image, entry.ref);
}

void
image_abort(struct image *image)
{
	struct region *region = &image->region;

	require(region->is_open);
	bool is_bulk = region->is_bulk != 0;
	if (!is_bulk) {
		undo_data(image);
		if (image->candidate != 0)
			region_free(region, image->candidate,
			    sizeof(struct image_version));
	}
	region_abort(region);
	if (is_bulk)
		intern_reset(&image->intern, region);
	image->candidate = 0;
	arena_reset(&image->scratch);
}

static void
release_list(struct image *image, struct ref_list *list)
{
	struct region *region = &image->region;
	struct ref_entry entry = { 0 };

	while (ref_list_next(region, list, &entry)) {
		if (entry.kind == REF_DATA)
			data_drop(image, entry.ref);
		else
			region_free(region, entry.ref,
			    (size_t)region_class_units(entry.class) *
				REGION_UNIT);
	}
	ref_list_clear(region, list);
}

void
image_release(struct image *image, uint64_t oldest_slot_in_use)
{
	/* An abort must find the forms that its log speaks of. */
	if (image->region.is_open)
		return;
	while (image->oldest != image->current) {
		struct image_version *version = version_at(
		    image, image->oldest);
		if (version->slot >= oldest_slot_in_use)
			break;
		image->oldest = version->next;
		release_list(image, &version->retired);
		region_free(&image->region, version->self, sizeof *version);
	}
}

struct image_usage
image_usage(const struct image *image)
{
	const struct image_version *current = image_current(image);
	const struct region *region = &image->region;

	return (struct image_usage){
		.used = (size_t)(region->top - region->free_units) *
		    REGION_UNIT,
		.reserved = (size_t)region->top * REGION_UNIT,
		.numbers = current->numbers,
		.names = current->names,
		.records = current->records,
	};
}
