/*
 * Blocks between bars. Layer 6; one thread.
 */
#include "zonefile/psv.h"

#include "base/check.h"
#include "dns/name.h"
#include "e164/e164_name.h"

#include <string.h>

static enum status
psv_fail(struct row_fault *fault, const struct row *row,
    const struct field *field)
{
	fault->path = row->path;
	fault->line = row->line;
	fault->column = field->column;
	return ERR_MALFORMED;
}

static enum status
take_prefix(struct owner *out, const struct field *field,
    struct reason *reason)
{
	const char *text = (const char *)field->text.data;
	size_t len = field->text.len;
	struct tn tn = { 0 };

	if (len > 0 && text[len - 1] == '*')
		len--;
	reason->text[0] = '\0';
	if (len == 0 || tn_parse(&tn, text, len, reason) != OK) {
		if (reason->text[0] == '\0')
			reason_set(reason, "'%.*s' is no prefix of 1 to 15 "
			    "digits", (int)(len > 40 ? 40 : len), text);
		return ERR_MALFORMED;
	}
	out->len = (uint8_t)e164_name_write(out->bytes, tn);
	enum status status = owner_push(out, "*", 1);
	ensure(status == OK);
	return OK;
}

/* <ocn>._ocn; owners are lower case. */
static struct owner
ocn_owner(const char *ocn)
{
	struct owner owner = { .len = 0 };

	enum status status = owner_push(&owner, "_ocn", 4);
	ensure(status == OK);
	status = owner_push(&owner, ocn, 4);
	ensure(status == OK);
	return owner;
}

enum status
psv_read_row(struct row *out, struct arena *arena, struct carriers *carriers,
    struct table_record *work, struct source *source, struct row_fault *fault)
{
	struct owner block = { .len = 0 };
	char ocn[5];
	bool is_new = false;

	enum status status = table_read(work, source, TABLE_PSV, fault);
	if (status != OK)
		return status;
	out->path = source->path;
	out->line = work->line;
	out->n = 0;
	if (work->n != 2) {
		reason_set(&fault->reason,
		    "expected prefix|carrier name, found %zu fields", work->n);
		return psv_fail(fault, out, &work->fields[0]);
	}
	if (take_prefix(&block, &work->fields[0], &fault->reason) != OK)
		return psv_fail(fault, out, &work->fields[0]);
	struct blob name = work->fields[1].text;
	if (name.len == 0 || name.len > ROW_TEXT_MAX - strlen("name=")) {
		reason_set(&fault->reason, "the carrier name has %zu bytes: "
		    "expected 1 to 250", name.len);
		return psv_fail(fault, out, &work->fields[1]);
	}
	if (carriers_find(carriers, name, ocn, &is_new) != OK) {
		reason_set(&fault->reason, "more than %d carriers",
		    CARRIERS_MAX);
		return psv_fail(fault, out, &work->fields[1]);
	}
	if (is_new) {
		struct owner owner = ocn_owner(ocn);
		status = row_add_attribute(out, arena, owner_blob(&owner),
		    ROW_TTL_OCN, "name", name, work->fields[1].column);
		ensure(status == OK);
	}
	status = row_add_attribute(out, arena, owner_blob(&block), ROW_TTL,
	    "ocn", (struct blob){ (const uint8_t *)ocn, 4 },
	    work->fields[0].column);
	ensure(status == OK);
	return OK;
}
