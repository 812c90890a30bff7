/*
 * Output of `show`. Layer 10; one thread.
 */
#include "cmd/shown.h"

#include "dns/rdata.h"
#include "e164/e164_name.h"
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

enum status
shown_init(struct shown *out, enum shown_form form)
{
	out->rdata = malloc(RDATA_TEXT_MAX);
	out->body = open_memstream(&out->text, &out->text_len);
	if (out->rdata == NULL || out->body == NULL)
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
	for (unsigned i = 0; i < PART_COUNT; i++)
		message_set_list(shown->json, part_keys[i]);
}

void
shown_fini(struct shown *shown)
{
	message_destroy(shown->json);
	if (shown->body != NULL)
		fclose(shown->body);
	free(shown->text);
	free(shown->rdata);
}

/* +1201555 of the name *.5.5.5.1.0.2.1. */
static const char *
prefix_format(char *out, struct blob owner)
{
	struct tn tn;

	(void)e164_name_read(&tn, owner.data, owner.len);
	return tn_format(out, tn);
}

static void
print_heading(struct shown *shown, enum shown_part part, struct blob owner,
    bool is_derived)
{
	char prefix[TN_TEXT_MAX];

	switch (part) {
	case PART_SELF:
		fprintf(shown->body, "records%s\n", is_derived ?
		    ", derived from the block around" : "");
		break;
	case PART_WHOIS:
		fputs("whois\n", shown->body);
		break;
	case PART_BELOW:
		fprintf(shown->body, "block %s*: the numbers that begin with "
		    "it%s\n", prefix_format(prefix, owner), is_derived ?
		    ", derived from the block around" : "");
		break;
	case PART_AROUND:
		fprintf(shown->body, "in block %s*\n",
		    prefix_format(prefix, owner));
		break;
	case PART_POOL:
		fputs("in pool\n", shown->body);
		break;
	case PART_OCN:
		fprintf(shown->body, "carrier %s\n", shown->ocn);
		break;
	case PART_COUNT:
		break;
	}
}

static void
add_record(struct shown *shown, enum shown_part part, const char *name,
    const struct rrset *rrset, bool is_derived)
{
	char type[TYPE_TEXT_MAX];

	(void)type_format(type, rrset->type);
	if (shown->json == NULL) {
		fprintf(shown->body, "  %s %u %s %s\n", name,
		    (unsigned)rrset->ttl, type, shown->rdata);
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

void
shown_add(struct shown *shown, enum shown_part part, struct blob owner,
    const struct node *node)
{
	char name[NAME_TEXT_MAX];
	struct blob rest = node->rrsets;
	struct rrset rrset;
	struct blob rdata;
	bool is_derived = (node->flags & NODE_DERIVED) != 0;

	/* a number is in its innermost block; copies of it say nothing new */
	if (rest.len == 0 || (part == PART_AROUND &&
	    (is_derived || shown->has[PART_AROUND])))
		return;
	if (shown->json == NULL && !shown->has[part])
		print_heading(shown, part, owner, is_derived);
	shown->has[part] = true;
	(void)owner_format(name, sizeof name, owner, &shown->apex);
	while (rrset_next(&rest, &rrset)) {
		struct blob rdatas = rrset.rdatas;
		while (rrset_next_rdata(&rdatas, &rdata)) {
			if (rrset.type == TYPE_TXT)
				take_attribute(shown, part, rdata);
			format_rdata(shown, rrset.type, rdata);
			add_record(shown, part, name, &rrset, is_derived);
		}
	}
}

/* From outside: no control characters to a terminal. */
static void
print_clean(const char *text)
{
	for (; *text != '\0'; text++)
		putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' :
		    *text);
}

bool
shown_print(struct shown *shown)
{
	bool is_found = false;

	for (unsigned i = 0; i < PART_COUNT; i++)
		is_found = is_found || shown->has[i];
	if (shown->json != NULL) {
		if (shown->ocn[0] != '\0')
			message_set_text(shown->json, "holder", shown->ocn);
		message_print(shown->json, stdout);
		return is_found;
	}
	if (!is_found || fflush(shown->body) != 0)
		return false;
	puts(shown->title);
	if (shown->is_number && shown->ocn[0] != '\0') {
		printf("holder %s%s", shown->ocn,
		    shown->carrier[0] != '\0' ? ", " : "");
		print_clean(shown->carrier);
		putchar('\n');
	}
	if (shown->is_number && !shown->has[PART_SELF])
		puts("no records of its own");
	fputs(shown->text, stdout);
	return true;
}
