/*
 * `import`: a file of any form, streamed into the registry by several requests
 * at a time. Memory is bounded by the window. Layer 10; one thread.
 */
#include "cmd/importer.h"

#include "base/check.h"
#include "dns/rdata.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct import_options {
	const char *path;
	enum intake_format format;
	bool keeps_going;
};

static int
parse_options(const struct tool *tool, struct import_options *out)
{
	static const struct option long_options[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "keep-going", no_argument, NULL, 'k' },
		{ NULL, 0, NULL, 0 },
	};
	const char *format = NULL;
	int n_rest = 0;
	int opt;

	while ((opt = tool_option(tool, long_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		if (opt == 'f')
			format = optarg;
		else
			out->keeps_going = true;
	}
	char **rest = tool_rest(tool, &n_rest);
	if (n_rest != 1)
		return tool_usage(tool, n_rest == 0 ? "the file is missing" :
		    "one file at a time");
	out->path = rest[0];
	if (format == NULL && strcmp(out->path, "-") == 0)
		return tool_usage(tool, "the standard input needs --format");
	if (format == NULL)
		out->format = intake_format_guess(out->path);
	else if (intake_format_parse(&out->format, format) != OK)
		return tool_usage(tool, "--format: expected csv, zone or psv, "
		    "found '%.100s'", format);
	return EXIT_DONE;
}

/* ------------------------------------------------------------ carriers */

/* <ocn>._ocn with TXT name=: the OCN a carrier name already has. */
static enum status
enter_carrier(struct carriers *carriers, struct blob owner,
    const struct node *node)
{
	char ocn[5] = "";
	struct blob name = { 0 };
	struct rrset texts;
	struct blob rdata;

	if (owner.len != 10 || owner.data[5] != 4)
		return OK;
	for (size_t i = 0; i < 4; i++) {
		char c = (char)owner.data[6 + i];
		ocn[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
	}
	if (!rrset_find(node->rrsets, TYPE_TXT, &texts))
		return carriers_enter(carriers, ocn, name);
	while (rrset_next_rdata(&texts.rdatas, &rdata)) {
		if (rdata.len < 6 || (size_t)rdata.data[0] + 1 != rdata.len ||
		    memcmp(rdata.data + 1, "name=", 5) != 0)
			continue;
		name.data = rdata.data + 6;
		name.len = rdata.len - 6;
	}
	return carriers_enter(carriers, ocn, name);
}

static enum status
take_carriers(void *arg, struct blob payload)
{
	struct reader r = reader_make(payload.data, payload.len);
	struct blob owner;
	struct node node;
	enum status status;

	while ((status = node_read(&r, &owner, &node)) == OK) {
		status = enter_carrier(arg, owner, &node);
		if (status != OK)
			return status;
	}
	return status == ERR_NOT_FOUND ? OK : status;
}

static enum status
load_carriers(struct importer *importer)
{
	const struct client_sink sink = { .arg = importer->carriers,
		.data = take_carriers };
	struct client *client = NULL;
	struct message *call = message_create();

	message_set_text(call, "verb", "walk");
	message_set_text(call, "top", "_ocn");
	enum status status = tool_connect(importer->tool, &client,
	    &importer->reason);
	if (status == OK)
		status = client_stream(client, call, &sink,
		    &importer->reason);
	client_close(client);
	message_destroy(call);
	return status;
}

/* ---------------------------------------------------------------- the loop */

/* A bundle that is free; waits for answers until there is one. */
static struct bundle *
free_bundle(struct importer *importer)
{
	while (importer->n_sent >= IMPORT_WINDOW && importer->failure == OK)
		importer_receive(importer);
	for (size_t i = 0; i <= IMPORT_WINDOW; i++) {
		if (!importer->bundles[i]->is_sent)
			return importer->bundles[i];
	}
	return NULL; /* after a failure only */
}

/* The apex's SOA is not for a bundle: put it aside. @return true: it was. */
static bool
put_soa_aside(struct importer *importer, const struct row *row)
{
	const struct request_rr *rr = &row->rrs[0];

	if (row->n != 1 || rr->type != TYPE_SOA || rr->owner.len > 0)
		return false;
	importer->has_soa = true;
	importer->soa = *rr;
	importer->soa.owner.data = NULL;
	importer->soa.rdata.data = arena_copy(&importer->soa_arena,
	    rr->rdata.data, rr->rdata.len);
	importer->soa_path = row->path;
	importer->soa_line = row->line;
	return true;
}

/* Fill a bundle. @return false at the end of the file, or of the import. */
static bool
fill_bundle(struct importer *importer, struct bundle *bundle)
{
	struct row row;
	struct row_fault fault = { .path = NULL };

	while (bundle_has_room(bundle)) {
		enum status status = intake_next(importer->intake, &row,
		    &bundle->arena, &fault);
		if (status == ERR_NOT_FOUND)
			return false;
		if (status == OK) {
			if (!put_soa_aside(importer, &row))
				bundle_add(bundle, &row);
			continue;
		}
		importer_fault(importer, &fault);
		if (status == ERR_MALFORMED && importer->keeps_going)
			continue;
		importer->is_stopped = true;
		return false;
	}
	return true;
}

static void
run_loop(struct importer *importer)
{
	bool has_more = true;

	while (has_more && importer->failure == OK && !importer->is_stopped) {
		struct bundle *bundle = free_bundle(importer);
		if (bundle == NULL || importer->failure != OK ||
		    importer->is_stopped)
			break;
		has_more = fill_bundle(importer, bundle);
		if (importer->is_stopped)
			break;
		struct intake_progress at = intake_progress(importer->intake);
		bundle->end_bytes = at.bytes;
		importer_send(importer, bundle);
		progress_show(&importer->progress, importer->n_durable,
		    bundle->end_bytes, at.size);
	}
	while (importer->n_sent > 0)
		importer_receive(importer);
	if (importer->has_soa && importer->failure == OK &&
	    !importer->is_stopped)
		importer_settle_soa(importer);
}

/* ------------------------------------------------------------------ report */

static void
say_notes(const struct importer *importer)
{
	struct intake_progress at = intake_progress(importer->intake);

	if (at.signatures > 0)
		fprintf(stderr, "note: %" PRIu64 " DNSSEC records were left "
		    "out: a signer makes them anew\n", at.signatures);
	if (at.derived > 0)
		fprintf(stderr, "note: %" PRIu64 " derived records were left "
		    "out: the registry makes them anew\n", at.derived);
	if (importer->n_warnings > importer->warned.n_said)
		fprintf(stderr, "note: %" PRIu64 " warnings in all, of each "
		    "kind some are said\n", importer->n_warnings);
	if (importer->n_faults > IMPORT_FAULTS_MAX)
		fprintf(stderr, "note: %" PRIu64 " faults in all\n",
		    importer->n_faults);
}

static int
report(struct importer *importer)
{
	uint64_t ms = progress_elapsed_ms(&importer->progress);

	progress_clear(&importer->progress);
	say_notes(importer);
	fprintf(stderr, "%" PRIu64 " %s with %" PRIu64 " %s durable",
	    importer->n_durable, importer->n_durable == 1 ? "row" : "rows",
	    importer->n_records, importer->n_records == 1 ? "record" :
	    "records");
	if (importer->slot > 0)
		fprintf(stderr, " (slot %" PRIu64 ")", importer->slot);
	if (importer->n_there > 0)
		fprintf(stderr, ", %" PRIu64 " of them there already",
		    importer->n_there);
	fprintf(stderr, ", %" PRIu64 " refused or faulty, %" PRIu64 " %s; %"
	    PRIu64 ".%01" PRIu64 " s, %" PRIu64 " rows/s\n",
	    importer->n_faults, importer->n_warnings,
	    importer->n_warnings == 1 ? "warning" : "warnings", ms / 1000,
	    ms % 1000 / 100, importer->n_durable * 1000 / ms);
	if (importer->failure != OK) {
		int code = tool_fail(importer->failure, &importer->reason);
		fputs("e164ctl: the import is not complete; run it again to "
		    "go on, what is there already is passed over\n", stderr);
		return code;
	}
	if (importer->is_stopped)
		fprintf(stderr, "e164ctl: the import stopped there; correct "
		    "it and repeat the import%s\n", importer->keeps_going ?
		    "" : ", or use --keep-going");
	return importer->n_faults > 0 ? EXIT_REFUSED : EXIT_DONE;
}

static enum status
open_all(struct importer *importer, const struct import_options *options,
    struct row_fault *fault)
{
	uint32_t serial = 0;

	for (size_t i = 0; i <= IMPORT_WINDOW; i++) {
		importer->bundles[i] = calloc(1, sizeof *importer->bundles[i]);
		if (importer->bundles[i] == NULL)
			return ERR_IO;
	}
	importer->carriers = carriers_create();
	if (importer->carriers == NULL)
		return ERR_IO;
	enum status status = tool_zone(importer->tool, &importer->apex,
	    &serial, &importer->reason);
	if (status == OK)
		status = tool_connect(importer->tool, &importer->client,
		    &importer->reason);
	if (status == OK && options->format == INTAKE_PSV)
		status = load_carriers(importer);
	if (status != OK)
		return status;
	status = intake_open(&importer->intake, options->format,
	    options->path, &importer->apex, importer->carriers, fault);
	if (status != OK && fault->line > 0)
		reason_set(&importer->reason, "%.200s:%" PRIu64 ":%u: %.200s",
		    fault->path, fault->line, (unsigned)fault->column,
		    fault->reason.text);
	else if (status != OK)
		importer->reason = fault->reason;
	return status;
}

int
run_import(const struct tool *tool)
{
	struct import_options options = { .path = NULL };
	struct importer importer = { .tool = tool };
	struct row_fault fault = { .path = NULL };

	int code = parse_options(tool, &options);
	if (code != EXIT_DONE)
		return code;
	importer.keeps_going = options.keeps_going;
	arena_init(&importer.request_arena);
	arena_init(&importer.soa_arena);
	progress_start(&importer.progress, "rows");
	enum status status = open_all(&importer, &options, &fault);
	if (status == OK) {
		run_loop(&importer);
		code = report(&importer);
	} else {
		code = tool_fail(status, &importer.reason);
	}
	intake_close(importer.intake);
	client_close(importer.client);
	carriers_destroy(importer.carriers);
	for (size_t i = 0; i <= IMPORT_WINDOW; i++) {
		if (importer.bundles[i] != NULL)
			arena_fini(&importer.bundles[i]->arena);
		free(importer.bundles[i]);
	}
	arena_fini(&importer.request_arena);
	arena_fini(&importer.soa_arena);
	return code;
}
