/*
 * An engine for tests of the control door: it keeps what is submitted until
 * the test gives it back, and has one zone with a few names.
 */
#ifndef UNIT_CONTROL_FAKE_ENGINE_H
#define UNIT_CONTROL_FAKE_ENGINE_H

#include "unit/unit.h"

#include "engine/access.h"

#include <pthread.h>
#include <stdbool.h>

enum { FAKE_MAX = 64, FAKE_WALKS_MAX = 8 };

struct fake_engine {
	struct engine_access access;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct submission *kept[FAKE_MAX]; /* in order of arrival */
	size_t n_kept;      /* NULL entries have been given back */
	bool has_stopped;   /* stop was asked for */
	/* what get and walk give; set before the door starts */
	struct owner owners[FAKE_WALKS_MAX];
	struct node nodes[FAKE_WALKS_MAX];
	size_t n_nodes;
	const struct image_version *version; /* what pin gives */
	unsigned n_pins; /* pinned and not given back */
};

void fake_engine_init(struct fake_engine *fake);
void fake_engine_fini(struct fake_engine *fake);

/* Wait until n requests have been submitted in all. */
void fake_engine_wait(struct fake_engine *fake, size_t n);

/* How many have been. */
size_t fake_engine_count(struct fake_engine *fake);

/* Give request i back as judged. */
void fake_engine_return(struct fake_engine *fake, size_t i,
    enum status status, uint16_t rcode);

/* Wait until stop has been asked for. */
void fake_engine_wait_stop(struct fake_engine *fake);

#endif
