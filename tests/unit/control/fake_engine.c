/*
 * The engine of the control tests.
 */
#include "unit/control/fake_engine.h"

#include "base/check.h"
#include "sec/seal.h"

static void
fake_submit(void *arg, struct submission *submission)
{
	struct fake_engine *fake = arg;

	pthread_mutex_lock(&fake->mutex);
	require(fake->n_kept < FAKE_MAX);
	fake->kept[fake->n_kept++] = submission;
	pthread_cond_broadcast(&fake->changed);
	pthread_mutex_unlock(&fake->mutex);
}

static const struct image_version *
fake_pin(void *arg)
{
	struct fake_engine *fake = arg;

	pthread_mutex_lock(&fake->mutex);
	fake->n_pins += fake->version != NULL;
	pthread_mutex_unlock(&fake->mutex);
	return fake->version;
}

static void
fake_unpin(void *arg, const struct image_version *version)
{
	struct fake_engine *fake = arg;

	pthread_mutex_lock(&fake->mutex);
	require(version == fake->version && fake->n_pins > 0);
	fake->n_pins--;
	pthread_cond_broadcast(&fake->changed);
	pthread_mutex_unlock(&fake->mutex);
}

static enum status
fake_get(void *arg, struct blob owner, struct arena *arena, struct node *out)
{
	struct fake_engine *fake = arg;

	(void)arena;
	*out = (struct node){ .flags = 0 };
	for (size_t i = 0; i < fake->n_nodes; i++) {
		if (owner_compare(owner, owner_blob(&fake->owners[i])) == 0)
			*out = fake->nodes[i];
	}
	return OK;
}

static void *
fake_read_begin(void *arg)
{
	return arg;
}

static enum status
fake_read(void *arg, void *reader, struct blob owner, struct arena *arena,
    struct node *out)
{
	require(reader == arg);
	return fake_get(arg, owner, arena, out);
}

static void
fake_read_end(void *arg, void *reader)
{
	require(reader == arg);
}

static enum status
fake_walk(void *arg, struct blob top,
    enum status (*each)(void *each_arg, struct blob owner,
        const struct node *node),
    void *each_arg, struct reason *reason)
{
	struct fake_engine *fake = arg;
	enum status status = OK;

	(void)reason;
	for (size_t i = 0; i < fake->n_nodes && status == OK; i++) {
		struct blob owner = owner_blob(&fake->owners[i]);
		if (owner_is_at_or_below(owner, top))
			status = each(each_arg, owner, &fake->nodes[i]);
	}
	return status;
}

static void
fake_status(void *arg, struct engine_status *out)
{
	(void)arg;
	*out = (struct engine_status){ .registrar = "r1",
		.apex = { .len = 14, .bytes = "\4e164\7example" },
		.serial = 42, .slot_chosen = 9, .slot_applied = 8,
		.role = "voter", .leader = "r1", .voters = 1, .quorum = 1 };
}

static enum status
fake_seal(void *arg, const uint8_t *secret, size_t len, uint8_t *out,
    size_t *out_len)
{
	(void)arg;
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)~secret[i];
	memset(out + len, 0, SEAL_EXTRA);
	*out_len = len + SEAL_EXTRA;
	return OK;
}

static void
fake_stop(void *arg)
{
	struct fake_engine *fake = arg;

	pthread_mutex_lock(&fake->mutex);
	fake->has_stopped = true;
	pthread_cond_broadcast(&fake->changed);
	pthread_mutex_unlock(&fake->mutex);
}

void
fake_engine_init(struct fake_engine *fake)
{
	*fake = (struct fake_engine){ .n_kept = 0 };
	pthread_mutex_init(&fake->mutex, NULL);
	pthread_cond_init(&fake->changed, NULL);
	fake->access = (struct engine_access){
		.arg = fake,
		.submit = fake_submit,
		.pin = fake_pin,
		.unpin = fake_unpin,
		.get = fake_get,
		.read_begin = fake_read_begin,
		.read = fake_read,
		.read_end = fake_read_end,
		.walk = fake_walk,
		.status = fake_status,
		.seal = fake_seal,
		.stop = fake_stop,
	};
}

void
fake_engine_fini(struct fake_engine *fake)
{
	assert_int_equal(fake->n_pins, 0);
	pthread_cond_destroy(&fake->changed);
	pthread_mutex_destroy(&fake->mutex);
}

void
fake_engine_wait(struct fake_engine *fake, size_t n)
{
	pthread_mutex_lock(&fake->mutex);
	while (fake->n_kept < n)
		pthread_cond_wait(&fake->changed, &fake->mutex);
	pthread_mutex_unlock(&fake->mutex);
}

size_t
fake_engine_count(struct fake_engine *fake)
{
	pthread_mutex_lock(&fake->mutex);
	size_t n = fake->n_kept;
	pthread_mutex_unlock(&fake->mutex);
	return n;
}

void
fake_engine_return(struct fake_engine *fake, size_t i, enum status status,
    uint16_t rcode)
{
	pthread_mutex_lock(&fake->mutex);
	struct submission *submission = fake->kept[i];
	fake->kept[i] = NULL;
	pthread_mutex_unlock(&fake->mutex);
	submission->status = status;
	submission->outcome = (struct outcome){ .rcode = rcode, .at = 1 };
	submission->slot = 100 + i;
	submission->done(submission);
}

void
fake_engine_wait_stop(struct fake_engine *fake)
{
	pthread_mutex_lock(&fake->mutex);
	while (!fake->has_stopped)
		pthread_cond_wait(&fake->changed, &fake->mutex);
	pthread_mutex_unlock(&fake->mutex);
}
