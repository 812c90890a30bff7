/*
 * Data of one name: a reference to a form and the values that it leaves out.
 * Counts the users of forms. Layer 3; making and dropping: the engine thread;
 * expanding: any.
 */
#include "image/state.h"

#include "base/check.h"
#include "registry/rrset.h"

#include <string.h>

static void
form_unuse(struct image *image, uint32_t ref, bool is_undone)
{
	struct form *form = region_at(&image->region, ref);

	ensure(form->users > 0);
	form->users--;
	if (form->users > 0)
		return;
	intern_unlink(&image->intern, &image->region, ref);
	if (!is_undone)
		region_free(&image->region, ref, FORM_HEAD + form->len);
}

enum status
data_create(
    struct image *image, uint32_t *out, const struct node *node, struct tn tn)
{
	struct region *region = &image->region;
	struct form_parts parts;
	bool is_derived = (node->flags & NODE_DERIVED) != 0;
	struct tn left_out = is_derived ? (struct tn){ 0 } : tn;
	enum status status = form_split(
	    &image->scratch, &parts, node->rrsets, left_out);

	if (status != OK)
		return status;
	uint32_t ref = intern_get(&image->intern, region, parts.body);
	if (ref == 0)
		return ERR_FULL;
	struct form *form = region_at(region, ref);
	uint32_t data = ref;
	if (parts.n_values > 0) {
		data = region_alloc(region, sizeof ref + parts.values.len);
		if (data == 0)
			goto full;
		uint8_t *block = region_at(region, data);
		memcpy(block, &ref, sizeof ref);
		memcpy(block + sizeof ref, parts.values.data, parts.values.len);
	}
	if (!region->is_bulk &&
	    !ref_list_push(region, &region->log, REF_DATA, data, 0))
		goto full;
	if (form->users++ == 0)
		form->values = parts.n_values; /* new: nobody reads it yet */
	*out = is_derived ? data | REF_MARK : data;
	return OK;
full:
	if (form->users == 0)
		intern_unlink(&image->intern, region, ref);
	return ERR_FULL;
}

void
data_retire(struct image *image, uint32_t data)
{
	struct region *region = &image->region;

	if (region->is_bulk)
		data_drop(image, data);
	else
		(void)ref_list_push(
		    region, &region->retired, REF_DATA, data, 0);
}

static uint32_t
form_ref(const uint8_t *base, uint32_t data)
{
	uint32_t first = 0;

	memcpy(&first, ref_at(base, data), sizeof first);
	return first == 0 ? data & ~REF_MARK : first;
}

size_t
data_len(const uint8_t *base, uint32_t data)
{
	const uint8_t *values = NULL;
	const struct form *form = data_form(base, data, &values);

	if (values == NULL)
		return 0;
	const uint8_t *end = form_skip_values(values, form->values);
	return (size_t)(end - values) + sizeof(uint32_t);
}

void
data_drop(struct image *image, uint32_t data)
{
	const uint8_t *base = (const uint8_t *)image;
	uint32_t form = form_ref(base, data);
	size_t len = data_len(base, data);

	if (len > 0)
		region_free(&image->region, data, len);
	form_unuse(image, form, false);
}

void
data_undo(struct image *image, uint32_t data)
{
	form_unuse(image, form_ref((const uint8_t *)image, data), true);
}

/* Upper bound of an RRset in the shared encoding: 2 + TTL + count, and per
 * record the rdata without the 12 bytes of an answer, but with its length. */
static size_t
expanded_max(const struct form *form, const uint8_t *values)
{
	const struct form_rrset *entry = form_rrsets(form);
	size_t sum = values == NULL ? 0 : form_values_len(values, form->values);

	for (unsigned i = 0; i < form->n_rrsets; i++)
		sum += entry[i].fixed + RRSET_HEAD_LEN;
	return sum;
}

void
data_expand(const uint8_t *base, uint32_t data, struct tn tn,
    struct arena *arena, struct node *out)
{
	*out = (struct node){ 0 };
	if (data == 0)
		return;
	const uint8_t *values = NULL;
	const struct form *form = data_form(base, data, &values);
	uint8_t *start = arena_alloc(arena, expanded_max(form, values));
	uint8_t *p = start;
	struct form_digits digits;
	form_digits_set(&digits, tn);

	const struct form_rrset *entry = form_rrsets(form);
	for (unsigned i = 0; i < form->n_rrsets; i++, entry++) {
		const uint8_t *step = (const uint8_t *)entry + entry->program;
		put_u16(p, entry->type);
		put_u32(p + 2, entry->ttl);
		put_u16(p + 6, entry->count);
		p += RRSET_HEAD_LEN;
		for (unsigned k = 0; k < entry->count; k++) {
			uint8_t *len = p;
			p = form_write(&step, &values, &digits, p + 2);
			put_u16(len, (uint16_t)(p - len - 2));
		}
	}
	out->flags = data_flags(data);
	out->rrsets = (struct blob){ start, (size_t)(p - start) };
}
