/*
 * `show` over DNS: the records that the registrar serves at a number or block,
 * and its whois data where our key may read them. Layer 10; one thread.
 */
#include "cmd/remote.h"
#include "cmd/tool.h"

#include "base/check.h"
#include "dns/rcode.h"
#include "dns/rdata.h"
#include "e164/e164_name.h"
#include "e164/tn.h"
#include "zonefile/rdata_text.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct viewing {
	struct remote remote;
	struct remote_message m;
	struct remote_reply reply;
	struct message *json; /* NULL: text for people */
	unsigned n; /* records printed */
	uint8_t rdata[65535];
	char text[RDATA_TEXT_MAX];
};

static void
print_record(struct viewing *viewing, const char *name,
    const struct message_rr *rr, size_t rdata_len)
{
	char type[TYPE_TEXT_MAX];

	(void)rdata_format(viewing->text, rr->type,
	    (struct blob){ viewing->rdata, rdata_len });
	viewing->n++;
	if (viewing->json == NULL) {
		printf("%s %u %s %s\n", name, rr->ttl,
		    type_format(type, rr->type), viewing->text);
		return;
	}
	struct message *record = message_append(viewing->json, "records");
	message_set_text(record, "name", name);
	message_set_number(record, "ttl", rr->ttl);
	message_set_text(record, "type", type_format(type, rr->type));
	message_set_text(record, "data", viewing->text);
}

static void
print_answer(struct viewing *viewing)
{
	const struct message *m = &viewing->reply.message;
	size_t at = message_records(m);
	char name[NAME_TEXT_MAX];

	for (unsigned i = 0; i < m->counts[SECTION_ANSWER]; i++) {
		struct message_rr rr;
		struct dname owner;
		size_t len = 0;
		size_t pos;
		at = message_rr_at(m, at, &rr);
		pos = rr.owner;
		if (rr.rclass == CLASS_IN &&
		    dname_read(&owner, m->bytes, m->len, &pos) == OK &&
		    rdata_read(viewing->rdata, sizeof viewing->rdata, &len,
			rr.type, m->bytes, m->len, rr.rdata, rr.rdlen) == OK)
			print_record(viewing, dname_format(name, sizeof name,
			    &owner), &rr, len);
	}
}

/* Ask for one type at a name, print what is there. */
static enum status
show_type(struct viewing *viewing, const struct dname *name, uint16_t type,
    struct reason *reason)
{
	remote_begin(&viewing->m, OPCODE_QUERY, name, type, CLASS_IN);
	enum status status = remote_ask(&viewing->remote, &viewing->m,
	    &viewing->reply, reason);
	if (status != OK)
		return status;
	if (viewing->reply.rcode == RCODE_NOERROR)
		print_answer(viewing);
	return OK;
}

/* The public name, or the one below w. */
static struct dname
name_of(const struct viewing *viewing, const char *top, struct tn tn,
    size_t is_block)
{
	struct owner owner = { .len = 0 };
	struct dname out;
	enum status status = OK;

	if (top[0] != '\0')
		status = owner_push(&owner, top, strlen(top));
	owner.len = (uint8_t)(owner.len +
	    e164_name_write(owner.bytes + owner.len, tn));
	if (status == OK && is_block)
		status = owner_push(&owner, "*", 1);
	if (status != OK || owner_to_dname(&out, owner_blob(&owner),
	    &viewing->remote.zone) != OK)
		out = viewing->remote.zone; /* no room: the zone is no number */
	return out;
}

static int
show_number(const struct tool *tool, struct viewing *viewing, char *text)
{
	static const uint16_t types[] = { TYPE_NAPTR, TYPE_TXT, TYPE_URI,
		TYPE_CERT, TYPE_LOC };
	struct reason reason = { "" };
	struct tn tn;
	size_t len = strlen(text);
	size_t is_block = len > 1 && text[len - 1] == '*';

	if (tn_parse(&tn, text, len - is_block, &reason) != OK)
		return tool_usage(tool, "'%.100s': %s", text, reason.text);
	enum status status = remote_open(&viewing->remote, tool, &reason);
	struct dname name = name_of(viewing, "", tn, is_block);
	for (size_t i = 0; status == OK && i < sizeof types / sizeof types[0];
	     i++)
		status = show_type(viewing, &name, types[i], &reason);
	name = name_of(viewing, "w", tn, is_block);
	if (status == OK)
		status = show_type(viewing, &name, TYPE_TXT, &reason);
	if (status != OK)
		return tool_fail(status, &reason);
	if (viewing->json != NULL)
		message_print(viewing->json, stdout);
	if (viewing->n > 0)
		return EXIT_DONE;
	fprintf(stderr, "e164ctl: nothing is known of %s\n", text);
	return EXIT_REFUSED;
}

int
run_remote_show(const struct tool *tool)
{
	struct viewing *viewing = NULL;
	bool is_json = false;
	int n_rest = 0;
	int opt;
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};

	while ((opt = tool_option(tool, long_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		is_json = true;
	}
	char **rest = tool_rest(tool, &n_rest);
	if (n_rest != 1)
		return tool_usage(tool, "expected one number or block");
	viewing = calloc(1, sizeof *viewing);
	if (viewing == NULL)
		check_fail("memory", "show", __FILE__, __LINE__);
	if (is_json) {
		viewing->json = message_create();
		message_set_text(viewing->json, "subject", rest[0]);
		message_set_list(viewing->json, "records");
	}
	int code = show_number(tool, viewing, rest[0]);
	message_destroy(viewing->json);
	remote_close(&viewing->remote);
	free(viewing);
	return code;
}
