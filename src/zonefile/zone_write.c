/*
 * Writing of zone files. Layer 6; one thread.
 */
#include "zonefile/zone_write.h"

#include "base/check.h"
#include "dns/rdata.h"
#include "zonefile/rdata_text.h"

#include <stdlib.h>
#include <string.h>

enum {
	HEAD_MAX = NAME_TEXT_MAX + 64, /* name, TTL, class, type */
	TAIL_MAX = 16,                 /* "; derived", newline */
};

enum status
zone_write_start(struct zone_writer *out, FILE *file, const struct dname *apex,
    uint32_t serial)
{
	char name[NAME_TEXT_MAX];
	char *line = malloc(HEAD_MAX + RDATA_TEXT_MAX + TAIL_MAX);

	if (line == NULL)
		return ERR_IO;
	*out = (struct zone_writer){ .out = file, .apex = *apex,
		.serial = serial, .line = line };
	fprintf(file, "$ORIGIN %s\n", dname_format(name, sizeof name, apex));
	return OK;
}

/* The name relative to the apex, without dot; "@" for the apex. */
static size_t
format_owner(char *out, struct blob owner)
{
	static const struct dname root = { .len = 1, .bytes = { 0 } };
	char name[NAME_TEXT_MAX];

	if (owner.len == 0) {
		memcpy(out, "@", 2);
		return 1;
	}
	(void)owner_format(name, sizeof name, owner, &root);
	size_t len = strlen(name);
	ensure(len > 1 && name[len - 1] == '.');
	memcpy(out, name, len - 1);
	out[len - 1] = '\0';
	return len - 1;
}

/* The SOA is kept with serial 0; the version's serial goes in here. */
static void
put_serial(uint8_t *soa, size_t len, uint32_t serial)
{
	ensure(len >= 20);
	put_u32(soa + len - 20, serial);
}

static void
write_record(struct zone_writer *writer, const char *head, size_t head_len,
    uint16_t type, struct blob rdata, uint8_t flags)
{
	char *line = writer->line;
	uint8_t soa[2 * DNAME_MAX + 20];

	if (type == TYPE_SOA && rdata.len <= sizeof soa) {
		memcpy(soa, rdata.data, rdata.len);
		put_serial(soa, rdata.len, writer->serial);
		rdata.data = soa;
	}
	memcpy(line, head, head_len);
	size_t len = head_len;
	len += rdata_format(line + len, type, rdata);
	if ((flags & NODE_DERIVED) != 0) {
		memcpy(line + len, " ; derived", 10);
		len += 10;
	}
	line[len++] = '\n';
	fwrite(line, 1, len, writer->out);
	writer->records++;
}

static void
write_rrset(struct zone_writer *writer, const char *name, size_t name_len,
    const struct rrset *rrset, uint8_t flags)
{
	char head[HEAD_MAX];
	char type[TYPE_TEXT_MAX];
	struct blob rest = rrset->rdatas;
	struct blob rdata;

	memcpy(head, name, name_len);
	int len = snprintf(head + name_len, sizeof head - name_len,
	    " %u IN %s ", (unsigned)rrset->ttl,
	    type_format(type, rrset->type));
	while (rrset_next_rdata(&rest, &rdata))
		write_record(writer, head, name_len + (size_t)len,
		    rrset->type, rdata, flags);
}

void
zone_write_node(struct zone_writer *writer, struct blob owner,
    const struct node *node)
{
	char name[NAME_TEXT_MAX];
	struct blob rest = node->rrsets;
	struct rrset rrset;
	size_t name_len = format_owner(name, owner);

	/* some servers want the SOA before all other records */
	if (owner.len == 0 && rrset_find(node->rrsets, TYPE_SOA, &rrset))
		write_rrset(writer, name, name_len, &rrset, node->flags);
	while (rrset_next(&rest, &rrset)) {
		if (owner.len > 0 || rrset.type != TYPE_SOA)
			write_rrset(writer, name, name_len, &rrset,
			    node->flags);
	}
}

enum status
zone_write_end(struct zone_writer *writer)
{
	free(writer->line);
	writer->line = NULL;
	return fflush(writer->out) == 0 && ferror(writer->out) == 0 ? OK :
	    ERR_IO;
}
