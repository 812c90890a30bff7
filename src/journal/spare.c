/*
 * Makes the next segment ahead of time, so that an append that begins one does
 * not wait for tens of megabytes of zeroes. A failed attempt is told only when
 * the segment is needed, after one more attempt. Layer 6; a thread of its own.
 */
#include "journal/internal.h"

#include <string.h>

/* Also notes how far it is. */
static bool
must_stop(void *arg, size_t at)
{
	struct spare *spare = arg;

	pthread_mutex_lock(&spare->lock);
	spare->made_len = at;
	bool is_stopping = spare->is_stopping;
	pthread_mutex_unlock(&spare->lock);
	return is_stopping;
}

static void *
run(void *arg)
{
	struct spare *spare = arg;

	pthread_mutex_lock(&spare->lock);
	while (!spare->is_stopping) {
		if (spare->wanted == 0) {
			pthread_cond_wait(&spare->changed, &spare->lock);
			continue;
		}
		uint32_t number = spare->wanted;
		struct reason reason = { "" };
		pthread_mutex_unlock(&spare->lock);
		enum status status = segment_make(spare->config, number,
		    must_stop, spare, &reason);
		pthread_mutex_lock(&spare->lock);
		spare->status = status;
		spare->reason = reason;
		spare->wanted = 0;
		spare->made_len = 0;
		if (status == OK)
			spare->ready = number;
		pthread_cond_broadcast(&spare->changed);
	}
	pthread_mutex_unlock(&spare->lock);
	return NULL;
}

enum status
spare_start(struct spare *spare, const struct journal_config *config,
    struct reason *reason)
{
	*spare = (struct spare){ .config = config };
	pthread_mutex_init(&spare->lock, NULL);
	pthread_cond_init(&spare->changed, NULL);
	int error = pthread_create(&spare->thread, NULL, run, spare);
	if (error != 0) {
		reason_set(reason, "cannot start a thread: %s",
		    strerror(error));
		pthread_cond_destroy(&spare->changed);
		pthread_mutex_destroy(&spare->lock);
		return ERR_IO;
	}
	spare->is_started = true;
	return OK;
}

void
spare_want(struct spare *spare, uint32_t number)
{
	pthread_mutex_lock(&spare->lock);
	if (spare->ready != number)
		spare->wanted = number;
	pthread_cond_broadcast(&spare->changed);
	pthread_mutex_unlock(&spare->lock);
}

void
spare_have(struct spare *spare, uint32_t number)
{
	pthread_mutex_lock(&spare->lock);
	spare->ready = number;
	pthread_mutex_unlock(&spare->lock);
}

size_t
spare_lacks(struct spare *spare, uint32_t number)
{
	pthread_mutex_lock(&spare->lock);
	size_t lacks = spare->config->segment_len - spare->made_len;
	if (spare->ready == number)
		lacks = 0;
	pthread_mutex_unlock(&spare->lock);
	return lacks;
}

enum status
spare_take(struct spare *spare, uint32_t number, struct reason *reason)
{
	pthread_mutex_lock(&spare->lock);
	for (int attempt = 0; attempt < 2 && spare->ready != number;
	     attempt++) {
		if (spare->wanted != number) {
			spare->wanted = number;
			pthread_cond_broadcast(&spare->changed);
		}
		while (spare->wanted == number)
			pthread_cond_wait(&spare->changed, &spare->lock);
	}
	enum status status = OK;
	if (spare->ready != number) {
		status = spare->status;
		*reason = spare->reason;
	}
	pthread_mutex_unlock(&spare->lock);
	return status;
}

void
spare_stop(struct spare *spare)
{
	if (!spare->is_started)
		return;
	pthread_mutex_lock(&spare->lock);
	spare->is_stopping = true;
	pthread_cond_broadcast(&spare->changed);
	pthread_mutex_unlock(&spare->lock);
	pthread_join(spare->thread, NULL);
	pthread_cond_destroy(&spare->changed);
	pthread_mutex_destroy(&spare->lock);
	spare->is_started = false;
}
