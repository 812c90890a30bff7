/*
 * The import of one file: what the files of the command share. Layer 10; one
 * thread.
 */
#ifndef CMD_IMPORTER_H
#define CMD_IMPORTER_H

#include "cmd/bundle.h"
#include "cmd/progress.h"
#include "cmd/tool.h"
#include "cmd/warned.h"
#include "zonefile/intake.h"

enum {
	IMPORT_WINDOW = 8,      /* bundles on their way */
	IMPORT_FAULTS_MAX = 1000, /* said; the rest is counted */
};

struct importer {
	const struct tool *tool;
	struct client *client;
	struct intake *intake;
	struct carriers *carriers;
	struct dname apex;
	bool keeps_going;
	struct progress progress;
	struct arena request_arena;
	struct bundle *bundles[IMPORT_WINDOW + 1]; /* one more: being filled */
	unsigned n_sent;      /* bundles on their way */
	/* the file's SOA, put aside: at the apex, not sent with the rest */
	bool has_soa;
	struct request_rr soa;
	struct arena soa_arena;
	const char *soa_path;
	uint64_t soa_line;
	/* how it went */
	uint64_t n_durable;   /* rows */
	uint64_t n_there;     /* of them, found there already */
	uint64_t n_records;   /* of them */
	uint64_t n_faults;    /* rows that were not taken */
	uint64_t n_warnings;
	struct warned warned;
	uint64_t slot;        /* of the last answer */
	enum status failure;  /* ends the import; OK: none */
	struct reason reason;
	bool is_stopped;      /* a fault without --keep-going */
};

/* Say what is wrong with a row. */
void importer_fault(struct importer *importer, const struct row_fault *fault);

/*
 * Send the bundle's ranges; is_sent until all have been answered.
 */
void importer_send(struct importer *importer, struct bundle *bundle);

/* Wait for an answer and deal with it. */
void importer_receive(struct importer *importer);

/*
 * Set the fields of the zone's SOA, but not the serial, to those of the file.
 */
void importer_settle_soa(struct importer *importer);

#endif
