/*
 * The records of a new zone. Layer 2; pure.
 */
#include "registry/genesis.h"

#include "base/check.h"
#include "dns/rdata.h"
#include "registry/scope.h"

#include <string.h>

enum { GENESIS_SERVERS_MAX = 100 };

struct builder {
	struct arena *arena;
	const struct genesis *genesis;
	struct request_rr *rrs;
	size_t n;
};

static void
add(struct builder *b, struct blob owner, uint16_t type, uint32_t ttl,
    struct blob rdata)
{
	b->rrs[b->n++] = (struct request_rr){ .owner = owner, .type = type,
		.rclass = CLASS_IN, .ttl = ttl, .rdata = rdata };
}

static struct blob
keep(struct builder *b, const void *data, size_t len)
{
	return (struct blob){ arena_copy(b->arena, data, len), len };
}

/* A one-label name directly below the apex, as wire name. */
static enum status
name_below(struct dname *out, struct builder *b, const char *label)
{
	return dname_parse(out, label, strlen(label), b->genesis->apex);
}

static enum status
add_soa(struct builder *b)
{
	uint8_t rdata[2 * DNAME_MAX + 20];
	struct writer w = writer_make(rdata, sizeof rdata);
	struct dname mname;
	struct dname rname;

	enum status status = name_below(&mname, b, "update");
	if (status == OK)
		status = name_below(&rname, b, "hostmaster");
	if (status != OK)
		return status;
	write_bytes(&w, mname.bytes, mname.len);
	write_bytes(&w, rname.bytes, rname.len);
	write_u32(&w, b->genesis->serial);
	write_u32(&w, ZONE_REFRESH_S);
	write_u32(&w, ZONE_RETRY_S);
	write_u32(&w, ZONE_EXPIRE_S);
	write_u32(&w, ZONE_MINIMUM_S);
	ensure(!w.bad);
	add(b, (struct blob){ .data = NULL }, TYPE_SOA, ZONE_TTL_S,
	    keep(b, rdata, writer_len(&w)));
	return OK;
}

/* Owner of the server's name; false if it is not in the zone. */
static bool
server_owner(struct owner *out, const struct builder *b,
    const struct genesis_server *server)
{
	return owner_from_dname(out, &server->name, b->genesis->apex) == OK;
}

static void
add_server(struct builder *b, const struct genesis_server *server)
{
	static const uint8_t cut[] = "\1w";
	static const uint8_t update[] = "\6update";
	struct blob name = keep(b, server->name.bytes, server->name.len);
	struct blob address = keep(b, server->address, server->address_len);
	uint16_t type = server->address_len == 4 ? TYPE_A : TYPE_AAAA;
	struct owner owner;

	add(b, (struct blob){ .data = NULL }, TYPE_NS, ZONE_TTL_S, name);
	add(b, (struct blob){ cut, sizeof cut - 1 }, TYPE_NS, ZONE_TTL_S, name);
	add(b, (struct blob){ update, sizeof update - 1 }, type, ZONE_TTL_S,
	    address);
	if (server_owner(&owner, b, server))
		add(b, keep(b, owner.bytes, owner.len), type, ZONE_TTL_S,
		    address);
}

static enum status
check_server(const struct builder *b, const struct genesis_server *server,
    struct reason *reason)
{
	struct owner owner;
	char text[NAME_TEXT_MAX];

	dname_format(text, sizeof text, &server->name);
	if (server->address_len != 4 && server->address_len != 16) {
		reason_set(reason, "%s: neither IPv4 nor IPv6", text);
		return ERR_BAD_VALUE;
	}
	if (!server_owner(&owner, b, server))
		return OK;
	struct name_class class = name_classify(owner_blob(&owner));
	if (class.scope == SCOPE_PUBLIC &&
	    (class.kind == NAME_OTHER || class.kind == NAME_APEX) &&
	    owner.bytes[0] != 1) /* w, or below a digit */
		return OK;
	reason_set(reason, "%s: the registry keeps that name for itself", text);
	return ERR_BAD_VALUE;
}

static enum status
check(const struct builder *b, struct reason *reason)
{
	const struct genesis *genesis = b->genesis;

	if (genesis->serial == 0) {
		reason_set(reason, "a serial is not 0");
		return ERR_BAD_VALUE;
	}
	if (genesis->n_servers == 0 ||
	    genesis->n_servers > GENESIS_SERVERS_MAX) {
		reason_set(reason, "a zone has 1 to %d name servers",
		    GENESIS_SERVERS_MAX);
		return ERR_BAD_VALUE;
	}
	for (size_t i = 0; i < genesis->n_servers; i++) {
		enum status status = check_server(b, &genesis->servers[i],
		    reason);
		if (status != OK)
			return status;
	}
	return OK;
}

static enum status
add_key(struct builder *b)
{
	struct key_record key = b->genesis->key;
	struct request lines;

	key.role = ROLE_AUTHORITY;
	enum status status = key_add_request(b->arena, &lines,
	    b->genesis->key_name, &key, (struct blob){ .data = NULL });
	if (status != OK)
		return status;
	for (size_t i = 0; i < lines.n_changes; i++)
		b->rrs[b->n++] = lines.changes[i];
	return OK;
}

static enum status
add_registrar(struct builder *b)
{
	uint8_t rdata[REGISTRAR_RDATA_LEN];
	struct owner owner;
	const struct registrar_record registrar = { .state = REGISTRAR_VOTER,
		.id = b->genesis->registrar_id,
		.changed_ms = b->genesis->key.made_ms };

	enum status status = registrar_owner(&owner, b->genesis->registrar);
	if (status != OK)
		return status;
	registrar_encode(rdata, &registrar);
	add(b, keep(b, owner.bytes, owner.len), TYPE_REGISTRAR_RECORD, 0,
	    keep(b, rdata, sizeof rdata));
	return OK;
}

/* Words for what the parts below the servers can say. */
static enum status
explain(enum status status, const char *what, struct reason *reason)
{
	if (status != OK)
		reason_set(reason, "%s: %s", what, status_text(status));
	return status;
}

enum status
genesis_request(struct arena *arena, struct request *out,
    const struct genesis *genesis, struct reason *reason)
{
	struct builder b = { .arena = arena, .genesis = genesis };

	enum status status = check(&b, reason);
	if (status != OK)
		return status;
	/* SOA, registrar, key (2), and 4 for each server */
	b.rrs = arena_alloc(arena,
	    (4 + 4 * genesis->n_servers) * sizeof *b.rrs);
	status = explain(add_soa(&b), "zone name", reason);
	for (size_t i = 0; status == OK && i < genesis->n_servers; i++)
		add_server(&b, &genesis->servers[i]);
	if (status == OK)
		status = explain(add_key(&b), "authority's key", reason);
	if (status == OK)
		status = explain(add_registrar(&b), "registrar's name", reason);
	if (status != OK)
		return status;
	*out = (struct request){ .door = DOOR_GENESIS };
	out->actor.role = ROLE_REGISTRAR;
	memcpy(out->actor.registrar, genesis->registrar,
	    strlen(genesis->registrar));
	out->changes = b.rrs;
	out->n_changes = b.n;
	return OK;
}
