/*
 * The search for free numbers over a version of the image. Layer 9; a job's
 * thread.
 */
#include "control/vacant.h"

/* The version, as a view has it. */
struct version_view {
	const struct image_version *version;
};

static enum status
version_get(void *arg, struct blob owner, struct arena *arena,
    struct node *out)
{
	const struct version_view *view = arg;

	image_get(view->version, owner, arena, out);
	return OK;
}

static bool
version_next_below(void *arg, struct blob top, struct blob after,
    struct owner *out, uint8_t *flags)
{
	const struct version_view *view = arg;

	return image_next_below(view->version, top, after, out, flags);
}

enum status
vacant_list(struct message *out, const struct image_version *version,
    const struct vacancy_order *order, struct reason *reason)
{
	struct version_view arg = { .version = version };
	const struct view view = { .arg = &arg, .get = version_get,
		.next_below = version_next_below,
		.serial = image_serial(version) };
	struct vacancy found;
	struct arena arena;
	struct arena work;
	char number[TN_TEXT_MAX];

	arena_init(&arena);
	arena_init(&work);
	enum status status = vacancy_find(&found, &arena, &work, &view, order,
	    reason);
	message_set_list(out, "numbers");
	for (size_t i = 0; i < found.n && status == OK; i++)
		message_append_text(out, "numbers",
		    tn_format(number, found.numbers[i]));
	arena_fini(&work);
	arena_fini(&arena);
	return status;
}
