/*
 * Output of `show`. Layer 10; one thread.
 */
#include "cmd/shown.h"

#include "base/reason.h"
#include "dns/rdata.h"
#include "e164/e164_name.h"
#include "registry/property.h"
#include "zonefile/rdata_text.h"

#include <stdlib.h>
#include <string.h>

static const char *const part_keys[] = {
	[PART_SELF] = "records",
	[PART_WHOIS] = "whois",
	[PART_BELOW] = "below",
	[PART_AROUND] = "block",
	[PART_POOL] = "pool",
	[PART_OCN] = "carrier",
};

/* Whose records a query gets. */
enum shown_answer { ANSWER_OWN, ANSWER_BLOCK, ANSWER_NOTHING };

enum status
shown_init(struct shown *out, enum shown_form form)
{
	struct terminal terminal = terminal_of(stdout);

	out->rdata = malloc(RDATA_TEXT_MAX);
	out->body.out = open_memstream(&out->text, &out->text_len);
	out->body.has_colour = terminal.has_colour;
	if (out->rdata == NULL || out->body.out == NULL)
		return ERR_FULL;
	if (form == SHOWN_JSON)
		out->json = message_create();
	return OK;
}

void
shown_begin(struct shown *shown)
{
	if (shown->json == NULL)
		return;
	message_set_text(shown->json, shown->is_number ? "number" : "name",
	    shown->title);
	for (unsigned i = 0; i < PART_PRINTED; i++)
		message_set_list(shown->json, part_keys[i]);
}

void
shown_fini(struct shown *shown)
{
	message_destroy(shown->json);
	if (shown->body.out != NULL)
		fclose(shown->body.out);
	free(shown->text);
	free(shown->rdata);
}

/* +1201555* of the name *.5.5.5.1.0.2.1. */
static void
block_format(char out[TN_TEXT_MAX + 1], struct blob owner)
{
	char prefix[TN_TEXT_MAX];
	struct tn tn;

	(void)e164_name_read(&tn, owner.data, owner.len);
	snprintf(out, TN_TEXT_MAX + 1, "%s*", tn_format(prefix, tn));
}

static void
print_heading(struct shown *shown, enum shown_part part, struct blob owner,
    bool is_derived)
{
	static const char *const words[] = {
		[PART_SELF] = "records",
		[PART_WHOIS] = "whois, not public",
		[PART_BELOW] = "block ",
		[PART_AROUND] = "in block ",
		[PART_POOL] = "in pool ",
		[PART_OCN] = "carrier ",
	};
	char block[TN_TEXT_MAX + 1] = "";
	struct reason text;
	struct blob last = { .len = 0 };

	if (part == PART_BELOW || part == PART_AROUND)
		block_format(block, owner);
	else if (part == PART_POOL)
		last = owner_last_label(owner);
	else if (part == PART_OCN) /* owners are in lower case */
		last = (struct blob){ (const uint8_t *)shown->ocn,
			strlen(shown->ocn) };
	reason_set(&text, "%s%s%.*s%s%s", words[part], block,
	    (int)last.len, (const char *)last.data,
	    part == PART_BELOW ? ": the numbers that begin with it" : "",
	    is_derived ? ", derived from the block around" : "");
	fputc('\n', shown->body.out);
	terminal_put(&shown->body, STYLE_TITLE, text.text);
	fputc('\n', shown->body.out);
}

/* "attribute=value" of a TXT record of one string, else NULL. */
static const char *
attribute_text(char out[256], const struct rrset *rrset, struct blob rdata)
{
	size_t len = rdata.len > 0 ? rdata.data[0] : 0;

	if (rrset->type != TYPE_TXT || len == 0 || len + 1 != rdata.len ||
	    memchr(rdata.data + 1, '=', len) == NULL)
		return NULL;
	memcpy(out, rdata.data + 1, len);
	out[len] = '\0';
	return strlen(out) == len ? out : NULL;
}

static void
print_record(struct shown *shown, const char *type, const struct rrset *rrset,
    struct blob rdata)
{
	char attribute[256];
	struct reason lead;
	const char *text = attribute_text(attribute, rrset, rdata);

	reason_set(&lead, "  %-5s %7u  ", type, (unsigned)rrset->ttl);
	terminal_put(&shown->body, STYLE_DIM, lead.text);
	if (text != NULL)
		terminal_put(&shown->body, STYLE_VALUE, text);
	else
		terminal_plain(&shown->body, shown->rdata);
	fputc('\n', shown->body.out);
}

static void
add_record(struct shown *shown, enum shown_part part, const char *name,
    const struct rrset *rrset, struct blob rdata, bool is_derived)
{
	char type[TYPE_TEXT_MAX];

	(void)type_format(type, rrset->type);
	if (shown->json == NULL) {
		print_record(shown, type, rrset, rdata);
		return;
	}
	struct message *item = message_append(shown->json, part_keys[part]);
	message_set_text(item, "name", name);
	message_set_number(item, "ttl", rrset->ttl);
	message_set_text(item, "type", type);
	message_set_text(item, "data", shown->rdata);
	message_set_flag(item, "derived", is_derived);
}

/* The holder is the innermost one; its name is in its own part. */
static void
take_attribute(struct shown *shown, enum shown_part part, struct blob rdata)
{
	size_t len = rdata.len > 0 ? rdata.data[0] : 0;
	const char *text = (const char *)rdata.data + 1;

	if (len + 1 != rdata.len)
		return;
	if (part == PART_OCN && len > 5 && memcmp(text, "name=", 5) == 0)
		snprintf(shown->carrier, sizeof shown->carrier, "%.*s",
		    (int)(len - 5), text + 5);
	if (part != PART_WHOIS && shown->ocn[0] == '\0' && len == 8 &&
	    memcmp(text, "ocn=", 4) == 0)
		memcpy(shown->ocn, text + 4, 4);
}

/* The apex's SOA has its serial elsewhere. */
static void
format_rdata(struct shown *shown, uint16_t type, struct blob rdata)
{
	uint8_t soa[2 * DNAME_MAX + 20];

	if (type == TYPE_SOA && rdata.len >= 20 && rdata.len <= sizeof soa) {
		memcpy(soa, rdata.data, rdata.len);
		put_u32(soa + rdata.len - 20, shown->serial);
		rdata.data = soa;
	}
	(void)rdata_format(shown->rdata, type, rdata);
}

/* Where DNS finds the answer: RFC 4592 3.3.1, derived records are there. */
static void
take_place(struct shown *shown, enum shown_part part, struct blob owner,
    bool is_derived)
{
	if (part == PART_ABOVE && owner.len > shown->above_len)
		shown->above_len = owner.len;
	if (part == PART_SELF)
		shown->is_derived = is_derived;
	if (part != PART_AROUND)
		return;
	if (owner.len - 2 > shown->around_len)
		shown->around_len = owner.len - 2;
	if (!is_derived && shown->block[0] == '\0')
		block_format(shown->block, owner);
}

static bool
has_holder(const struct node *node)
{
	struct rrset texts;
	struct blob rdata;
	struct blob value;

	if (!rrset_find(node->rrsets, TYPE_TXT, &texts))
		return false;
	while (rrset_next_rdata(&texts.rdatas, &rdata)) {
		if (attribute_is(rdata, PROPERTY_OCN, &value))
			return true;
	}
	return false;
}

/*
 * A number is in its innermost block, and is held by the holder of the
 * innermost one that has one. Copies of a block say nothing new.
 */
static bool
is_news(const struct shown *shown, const struct node *node)
{
	if ((node->flags & NODE_DERIVED) != 0)
		return false;
	return !shown->has[PART_AROUND] ||
	    (shown->ocn[0] == '\0' && has_holder(node));
}

void
shown_add(struct shown *shown, enum shown_part part, struct blob owner,
    const struct node *node)
{
	char name[NAME_TEXT_MAX];
	struct blob rest = node->rrsets;
	struct rrset rrset;
	struct blob rdata;
	bool is_derived = (node->flags & NODE_DERIVED) != 0;

	if (rest.len == 0)
		return;
	take_place(shown, part, owner, is_derived);
	if (part == PART_ABOVE || (part == PART_AROUND &&
	    !is_news(shown, node)))
		return;
	if (shown->json == NULL && (!shown->has[part] || part == PART_POOL ||
	    part == PART_AROUND))
		print_heading(shown, part, owner, is_derived);
	shown->has[part] = true;
	(void)owner_format(name, sizeof name, owner, &shown->apex);
	while (rrset_next(&rest, &rrset)) {
		struct blob rdatas = rrset.rdatas;
		while (rrset_next_rdata(&rdatas, &rdata)) {
			if (rrset.type == TYPE_TXT)
				take_attribute(shown, part, rdata);
			format_rdata(shown, rrset.type, rdata);
			add_record(shown, part, name, &rrset, rdata,
			    is_derived);
		}
	}
}

/* What a query for it is answered with. */
static enum shown_answer
answer_of(const struct shown *shown)
{
	if (shown->has[PART_SELF] && !shown->is_derived)
		return ANSWER_OWN;
	if (shown->has[PART_SELF])
		return ANSWER_BLOCK;
	if (shown->has[PART_AROUND] && shown->around_len >= shown->above_len)
		return ANSWER_BLOCK;
	return ANSWER_NOTHING;
}

static void
print_line(const struct terminal *out, const char *label, const char *text)
{
	terminal_put(out, STYLE_DIM, label);
	terminal_plain(out, text);
	fputc('\n', out->out);
}

static void
print_number(const struct shown *shown, const struct terminal *out)
{
	struct reason text;

	reason_set(&text, "%s%s%s", shown->ocn,
	    shown->carrier[0] != '\0' ? ", " : "", shown->carrier);
	if (shown->ocn[0] != '\0')
		print_line(out, "holder ", text.text);
	print_line(out, "name   ", shown->name);
	switch (answer_of(shown)) {
	case ANSWER_OWN:
		print_line(out, "answer ", "its own records");
		break;
	case ANSWER_BLOCK:
		reason_set(&text, "from block %s: no records of its own",
		    shown->block);
		print_line(out, "answer ", text.text);
		break;
	case ANSWER_NOTHING:
		print_line(out, "answer ", shown->has[PART_AROUND] ?
		    "none: no records of its own, and it begins with a number "
		    "that has some" : "none: no records of its own");
		break;
	}
}

static void
print_json(struct shown *shown)
{
	static const char *const words[] = {
		[ANSWER_OWN] = "own",
		[ANSWER_BLOCK] = "block",
		[ANSWER_NOTHING] = "nothing",
	};

	message_set_text(shown->json, "answer", words[answer_of(shown)]);
	if (shown->ocn[0] != '\0')
		message_set_text(shown->json, "holder", shown->ocn);
	message_print(shown->json, stdout);
}

bool
shown_print(struct shown *shown)
{
	const struct terminal out = terminal_of(stdout);
	bool is_found = false;

	for (unsigned i = 0; i < PART_PRINTED; i++)
		is_found = is_found || shown->has[i];
	if (shown->json != NULL) {
		print_json(shown);
		return is_found;
	}
	if (!is_found || fflush(shown->body.out) != 0)
		return false;
	terminal_put(&out, STYLE_TITLE, shown->title);
	putchar('\n');
	if (shown->is_number)
		print_number(shown, &out);
	fputs(shown->text, stdout);
	return true;
}
