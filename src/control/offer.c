/*
 * Offers: requests that only add, looked up in the version that is served
 * before they go to the engine, so that an import that is repeated costs a
 * look instead of a slot. Layer 9; the door's thread.
 */
#include "control/internal.h"

#include "registry/scope.h"
#include "registry/there.h"

/* The state as an offer sees it. */
struct offer_view {
	const struct engine_access *access;
	const struct image_version *version;
	void *reader; /* of whois data; NULL: none was asked for yet */
};

static enum status
offer_get(void *arg, struct blob owner, struct arena *arena, struct node *out)
{
	struct offer_view *offer = arg;
	const struct engine_access *access = offer->access;

	if (owner_scope(owner) == SCOPE_PUBLIC) {
		image_get(offer->version, owner, arena, out);
		return OK;
	}
	if (offer->reader == NULL)
		offer->reader = access->read_begin(access->arg);
	return offer->reader == NULL ? ERR_IO :
	    access->read(access->arg, offer->reader, owner, arena, out);
}

bool
offer_is_there(struct session *session, const struct request *request,
    struct answer *answer)
{
	const struct engine_access *access = session->door->access;
	struct offer_view offer = { .access = access,
		.version = access->pin(access->arg) };
	const struct view view = { .arg = &offer, .get = offer_get };
	struct arena arena;
	bool is_there = false;

	if (offer.version == NULL)
		return false;
	arena_init(&arena);
	/* what cannot be read is the engine's to deal with */
	if (request_is_there(&is_there, &arena, &view, request) != OK)
		is_there = false;
	if (offer.reader != NULL)
		access->read_end(access->arg, offer.reader);
	answer->slot = image_slot(offer.version);
	arena_fini(&arena);
	access->unpin(access->arg, offer.version);
	return is_there;
}
