/*
 * See scene.h.
 */
#include "unit/registry/scene.h"

#include "base/check.h"
#include "dns/name.h"
#include "registry/key.h"
#include "registry/pin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Act by a key, and have it in force. */
void
scene_take_key(struct scene *scene, const char *name, enum role role,
    const char *ocn)
{
	struct actor *actor = &scene->request.actor;
	uint8_t rdata[KEY_RDATA_MAX];
	struct owner owner;
	struct node node = { 0 };
	struct key_record key = { .version = 1, .state = KEY_IN_FORCE,
		.role = role, .algorithm = MAC_SHA256,
		.sealed = { (const uint8_t *)"sealed", 6 } };

	memcpy(key.ocn, ocn, strlen(ocn) + 1);
	*actor = (struct actor){ .role = role, .key_version = 1 };
	memcpy(actor->ocn, ocn, strlen(ocn) + 1);
	require(dname_parse(&actor->key, name, strlen(name), NULL) == OK);
	require(key_owner(&owner, &actor->key) == OK);
	const struct record record = { .type = TYPE_KEY_RECORD,
		.rdata = { rdata, key_encode(rdata, &key) } };
	require(rrsets_build(&scene->arena, &node.rrsets, &record, 1) == OK);
	fake_view_put(&scene->fake, owner_blob(&owner), &node);
}

struct scene *
scene_create(void)
{
	struct scene *scene = calloc(1, sizeof *scene);

	require(scene != NULL);
	fake_view_init(&scene->fake);
	arena_init(&scene->arena);
	require(dname_parse(&scene->apex, "e164.example.", 13, NULL) == OK);
	scene->request.door = DOOR_UPDATE;
	scene->now_ms = 1000000;
	scene_as_authority(scene);
	scene_begin(scene);
	return scene;
}

void
scene_as_authority(struct scene *scene)
{
	scene_take_key(scene, "authority.", ROLE_AUTHORITY, "");
}

void
scene_as(struct scene *scene, const char *ocn)
{
	char name[16];

	snprintf(name, sizeof name, "admin.%s.", ocn);
	scene_take_key(scene, name, ROLE_CARRIER, ocn);
}

static struct node
private_node(struct scene *scene, const char *number,
    void (*name_of)(struct owner *out, struct blob number))
{
	struct owner owner;

	name_of(&owner, scene_owner(scene, number));
	return fake_view_get(&scene->fake, owner_blob(&owner));
}

void
scene_pin(struct scene *scene, const char *number, bool is_right)
{
	struct node node = private_node(scene, number, pin_owner);
	struct pin_record pin;

	require(scene->request.n_verdicts < REQUEST_VERDICTS_MAX);
	struct pin_verdict *verdict =
	    &scene->verdicts[scene->request.n_verdicts++];
	*verdict = (struct pin_verdict){
		.number = scene_owner(scene, number),
		.verifier = pin_read(&pin, node.rrsets) == OK ? pin_id(&pin)
							      : 0,
		.is_right = is_right,
	};
}

void
scene_set_pin(struct scene *scene, const char *number, uint8_t fill)
{
	struct pin_record pin = { .memory_kib = 19456, .passes = 2 };
	uint8_t rdata[PIN_RDATA_LEN];
	char name[64];

	memset(pin.salt, fill, sizeof pin.salt);
	memset(pin.hash, fill, sizeof pin.hash);
	pin_encode(rdata, &pin);
	snprintf(name, sizeof name, "_pin.%s", number);
	scene_change(scene, name, CLASS_IN, TYPE_PIN_RECORD, 0,
	    (struct blob){ arena_copy(&scene->arena, rdata, sizeof rdata),
		sizeof rdata });
}

void
scene_add_key(struct scene *scene, const char *name, const char *ocn)
{
	struct key_record key = { .version = 1, .state = KEY_IN_FORCE,
		.role = ROLE_CARRIER, .algorithm = MAC_SHA256,
		.sealed = { (const uint8_t *)"sealed", 6 } };
	uint8_t *rdata = arena_alloc(&scene->arena, KEY_RDATA_MAX);
	char owner[128];

	memcpy(key.ocn, ocn, sizeof key.ocn);
	snprintf(owner, sizeof owner, "%s._key.%s._ocn", name, ocn);
	size_t len = key_encode(rdata, &key);
	scene_add(scene, owner, TYPE_KEY_RECORD, (struct blob){ rdata, len });
}

bool
scene_has_key(struct scene *scene, const char *name, const char *ocn,
    uint32_t version)
{
	struct dname dname;
	struct owner owner;
	struct key_record key;

	require(dname_parse(&dname, name, strlen(name), NULL) == OK);
	require(key_owner(&owner, &dname) == OK);
	struct node node = fake_view_get(&scene->fake, owner_blob(&owner));
	return key_read(&key, node.rrsets) == OK && key.version == version &&
	    key.state == KEY_IN_FORCE && key.role == ROLE_CARRIER &&
	    strcmp(key.ocn, ocn) == 0;
}

bool
scene_has_pin(struct scene *scene, const char *number)
{
	return private_node(scene, number, pin_owner).rrsets.len > 0;
}

unsigned
scene_tries(struct scene *scene, const char *number, const char *ocn)
{
	struct node node = private_node(scene, number, tries_owner);
	struct tries_record tries;

	(void)tries_find(&tries, node.rrsets, ocn, scene->now_ms);
	return tries.wrong;
}

void
scene_destroy(struct scene *scene)
{
	fake_view_fini(&scene->fake);
	arena_fini(&scene->arena);
	free(scene);
}

void
scene_begin(struct scene *scene)
{
	scene->request.prereqs = scene->prereqs;
	scene->request.changes = scene->changes;
	scene->request.n_prereqs = 0;
	scene->request.n_changes = 0;
	scene->request.verdicts = scene->verdicts;
	scene->request.n_verdicts = 0;
}

struct blob
scene_owner(struct scene *scene, const char *name)
{
	struct dname dname;
	struct owner owner;

	if (strcmp(name, "@") == 0)
		return (struct blob){ .data = (const uint8_t *)"", .len = 0 };
	require(dname_parse(&dname, name, strlen(name), &scene->apex) == OK);
	require(owner_from_dname(&owner, &dname, &scene->apex) == OK);
	return (struct blob){
		arena_copy(&scene->arena, owner.bytes, owner.len), owner.len };
}

static struct blob
kept(struct scene *scene, const struct writer *w)
{
	require(!w->bad);
	return (struct blob){
		arena_copy(&scene->arena, w->start, writer_len(w)),
		writer_len(w) };
}

static void
write_string(struct writer *w, const char *text)
{
	write_u8(w, (uint8_t)strlen(text));
	write_bytes(w, text, strlen(text));
}

struct blob
scene_txt(struct scene *scene, const char *text)
{
	uint8_t bytes[256];
	struct writer w = writer_make(bytes, sizeof bytes);

	write_string(&w, text);
	return kept(scene, &w);
}

struct blob
scene_a(struct scene *scene, const char *four_bytes)
{
	return (struct blob){ arena_copy(&scene->arena, four_bytes, 4), 4 };
}

static void
write_name(struct scene *scene, struct writer *w, const char *name)
{
	struct dname dname;

	require(dname_parse(&dname, name, strlen(name), &scene->apex) == OK);
	write_bytes(w, dname.bytes, dname.len);
}

struct blob
scene_name(struct scene *scene, const char *name)
{
	uint8_t bytes[DNAME_MAX];
	struct writer w = writer_make(bytes, sizeof bytes);

	write_name(scene, &w, name);
	return kept(scene, &w);
}

struct blob
scene_soa(struct scene *scene, const char *mname, uint32_t serial)
{
	uint8_t bytes[2 * DNAME_MAX + 20];
	struct writer w = writer_make(bytes, sizeof bytes);

	write_name(scene, &w, mname);
	write_name(scene, &w, "hostmaster");
	write_u32(&w, serial);
	write_u32(&w, 3600);
	write_u32(&w, 900);
	write_u32(&w, 604800);
	write_u32(&w, 300);
	return kept(scene, &w);
}

struct blob
scene_naptr(struct scene *scene, unsigned preference, const char *services,
    const char *regexp)
{
	uint8_t bytes[800];
	struct writer w = writer_make(bytes, sizeof bytes);

	write_u16(&w, 100);
	write_u16(&w, (uint16_t)preference);
	write_string(&w, "u");
	write_string(&w, services);
	write_string(&w, regexp);
	write_u8(&w, 0);
	return kept(scene, &w);
}

void
scene_prereq(struct scene *scene, const char *name, uint16_t rclass,
    uint16_t type, struct blob rdata)
{
	require(scene->request.n_prereqs < SCENE_LINES_MAX);
	scene->prereqs[scene->request.n_prereqs++] = (struct request_rr){
		.owner = scene_owner(scene, name), .rclass = rclass,
		.type = type, .rdata = rdata };
}

void
scene_change(struct scene *scene, const char *name, uint16_t rclass,
    uint16_t type, uint32_t ttl, struct blob rdata)
{
	require(scene->request.n_changes < SCENE_LINES_MAX);
	scene->changes[scene->request.n_changes++] = (struct request_rr){
		.owner = scene_owner(scene, name), .rclass = rclass,
		.type = type, .ttl = ttl, .rdata = rdata };
}

void
scene_add(struct scene *scene, const char *name, uint16_t type,
    struct blob rdata)
{
	scene_change(scene, name, CLASS_IN, type, 300, rdata);
}

void
scene_add_txt(struct scene *scene, const char *name, const char *text)
{
	scene_add(scene, name, TYPE_TXT, scene_txt(scene, text));
}

static const struct blob nothing = { .data = NULL };

void
scene_delete_name(struct scene *scene, const char *name)
{
	scene_change(scene, name, CLASS_ANY, TYPE_ANY, 0, nothing);
}

void
scene_delete_type(struct scene *scene, const char *name, uint16_t type)
{
	scene_change(scene, name, CLASS_ANY, type, 0, nothing);
}

void
scene_delete(struct scene *scene, const char *name, uint16_t type,
    struct blob rdata)
{
	scene_change(scene, name, CLASS_NONE, type, 0, rdata);
}

uint16_t
scene_send(struct scene *scene)
{
	const struct judge_env env = { .view = &scene->fake.view,
		.apex = &scene->apex, .now_ms = scene->now_ms,
		.receipts = scene->receipts };

	require(registry_judge(&scene->arena, &env, &scene->request,
		    &scene->out) == OK);
	require(scene->out.part.receipt.rcode == scene->out.rcode);
	require((scene->out.rcode == 0) == (scene->out.cause == CAUSE_NONE));
	require(scene->out.rcode == 0 || scene->out.part.n_changes == 0 ||
	    scene->request.n_verdicts > 0);
	fake_view_apply(&scene->fake, &scene->out.part);
	if (scene->out.serial_wanted != 0)
		scene->fake.view.serial = scene->out.serial_wanted;
	else if (scene->out.is_public)
		scene->fake.view.serial =
		    serial_next(scene->fake.view.serial);
	scene_begin(scene);
	return scene->out.rcode;
}

bool
scene_has(struct scene *scene, const char *name, uint16_t type,
    struct blob rdata)
{
	struct node node = fake_view_get(&scene->fake,
	    scene_owner(scene, name));
	struct rrset rrset;
	struct blob at;

	if (!rrset_find(node.rrsets, type, &rrset))
		return false;
	while (rrset_next_rdata(&rrset.rdatas, &at)) {
		if (rdata_equal(type, at, rdata))
			return true;
	}
	return false;
}

bool
scene_has_txt(struct scene *scene, const char *name, const char *text)
{
	return scene_has(scene, name, TYPE_TXT, scene_txt(scene, text));
}

unsigned
scene_count(struct scene *scene, const char *name, uint16_t type)
{
	struct node node = fake_view_get(&scene->fake,
	    scene_owner(scene, name));
	struct rrset rrset;

	return rrset_find(node.rrsets, type, &rrset) ? rrset.count : 0;
}

bool
scene_is_empty(struct scene *scene, const char *name)
{
	return fake_view_get(&scene->fake, scene_owner(scene, name))
	    .rrsets.len == 0;
}

uint32_t
scene_ttl(struct scene *scene, const char *name, uint16_t type)
{
	struct node node = fake_view_get(&scene->fake,
	    scene_owner(scene, name));
	struct rrset rrset;

	return rrset_find(node.rrsets, type, &rrset) ? rrset.ttl : 0;
}
