/*
 * Reading the records of a node: RRset by RRset into an answer, or all into
 * the shared encoding. Refuses nothing: what is in a version is sound. Layer
 * 3; any thread.
 */
#include "image/image.h"

#include "dns/rdata.h"
#include "image/place.h"
#include "image/state.h"

#include <string.h>

enum { SOA_TAIL = 20 }; /* bytes of SOA rdata from the serial on */

uint64_t
image_slot(const struct image_version *version)
{
	return version->slot;
}

uint32_t
image_serial(const struct image_version *version)
{
	return version->serial;
}

static void
rrset_set(const struct image_version *version, const struct form_rrset *entry,
    const uint8_t *values, struct image_rrset *out)
{
	out->version = version;
	out->form = (const uint8_t *)entry;
	out->values = entry->values == 0 ?
	    NULL :
	    form_skip_values(values, entry->before);
	out->type = entry->type;
	out->count = entry->count;
	out->ttl = entry->ttl;
}

bool
image_rrset(const struct image_version *version, struct node_ref node,
    uint16_t type, struct image_rrset *out)
{
	if (node.ref == 0)
		return false;
	const uint8_t *values = NULL;
	const struct form *form = data_form(
	    version_base(version), node.ref, &values);
	const struct form_rrset *entry = form_rrsets(form);

	for (unsigned i = 0; i < form->n_rrsets; i++) {
		if (entry[i].type == type) {
			rrset_set(version, &entry[i], values, out);
			return true;
		}
	}
	return false;
}

bool
image_rrset_next(const struct image_version *version, struct node_ref node,
    uint32_t *cursor, struct image_rrset *out)
{
	if (node.ref == 0)
		return false;
	const uint8_t *values = NULL;
	const struct form *form = data_form(
	    version_base(version), node.ref, &values);

	if (*cursor >= form->n_rrsets)
		return false;
	rrset_set(version, form_rrsets(form) + *cursor, values, out);
	++*cursor;
	return true;
}

size_t
image_emit(const struct image_rrset *rrset, struct tn tn, uint16_t owner_offset,
    uint8_t *out, size_t cap)
{
	const struct form_rrset *entry = (const void *)rrset->form;
	const uint8_t *values = rrset->values;
	const uint8_t *step = rrset->form + entry->program;
	size_t need = entry->fixed;
	struct form_digits digits;
	uint8_t head[FORM_RECORD_HEAD - 2];

	if (entry->values != 0)
		need += form_values_len(values, entry->values);
	if (need > cap)
		return 0;
	if (entry->digits != 0)
		form_digits_set(&digits, tn);
	put_u16(head, (uint16_t)(0xc000u | owner_offset));
	put_u16(head + 2, entry->type);
	put_u16(head + 4, CLASS_IN);
	put_u32(head + 6, entry->ttl);
	uint8_t *p = out;
	for (unsigned i = 0; i < entry->count; i++) {
		memcpy(p, head, sizeof head);
		uint8_t *rdata = p + FORM_RECORD_HEAD;
		p = form_write(&step, &values, &digits, rdata);
		put_u16(rdata - 2, (uint16_t)(p - rdata));
	}
	if (entry->type == TYPE_SOA && p - out > SOA_TAIL)
		put_u32(p - SOA_TAIL, rrset->version->serial);
	return (size_t)(p - out);
}

void
image_get(const struct image_version *version, struct blob owner,
    struct arena *arena, struct node *out)
{
	struct place place;

	place_of(&place, owner);
	data_expand(version_base(version), place_data(version, &place),
	    place_number(&place), arena, out);
}
