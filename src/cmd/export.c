/*
 * `export`: the public zone at one moment, as zone text or CSV, streamed.
 * Layer 10; one thread.
 */
#include "cmd/progress.h"
#include "cmd/tool.h"
#include "zonefile/csv.h"
#include "zonefile/zone_write.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUTPUT_BYTES = 1024 * 1024 };

struct exporter {
	bool is_csv;
	bool has_begun;
	bool is_quiet; /* the data goes to the terminal: no bar */
	struct zone_writer zone;
	struct csv_writer csv;
	struct progress progress;
};

static enum status
begin_export(void *arg, const struct message *reply)
{
	struct exporter *exporter = arg;
	const char *zone = message_text(reply, "zone");
	uint64_t serial = 0;
	struct dname apex;
	enum status status;

	if (zone == NULL || !message_number(reply, "serial", &serial) ||
	    dname_parse(&apex, zone, strlen(zone), NULL) != OK)
		return ERR_MALFORMED;
	if (exporter->is_csv)
		status = csv_write_start(&exporter->csv, stdout);
	else
		status = zone_write_start(&exporter->zone, stdout, &apex,
		    (uint32_t)serial);
	exporter->has_begun = status == OK;
	return status;
}

static enum status
take_nodes(void *arg, struct blob payload)
{
	struct exporter *exporter = arg;
	struct reader r = reader_make(payload.data, payload.len);
	struct blob owner;
	struct node node;
	enum status status;

	if (!exporter->has_begun)
		return ERR_MALFORMED;
	while ((status = node_read(&r, &owner, &node)) == OK) {
		if (exporter->is_csv)
			csv_write_node(&exporter->csv, owner, &node);
		else
			zone_write_node(&exporter->zone, owner, &node);
	}
	if (ferror(stdout) != 0)
		return ERR_IO;
	return status == ERR_NOT_FOUND ? OK : status;
}

static void
take_progress(void *arg, uint64_t done, uint64_t all)
{
	struct exporter *exporter = arg;

	if (!exporter->is_quiet)
		progress_show(&exporter->progress, done, done, all);
}

static enum status
end_export(struct exporter *exporter)
{
	if (!exporter->has_begun)
		return OK;
	if (!exporter->is_csv)
		return zone_write_end(&exporter->zone);
	enum status status = csv_write_end(&exporter->csv);
	if (exporter->csv.lost > 0)
		fprintf(stderr, "e164ctl: warning: %" PRIu64 " records of "
		    "numbers do not fit into CSV and are not in it: use "
		    "--format zone\n", exporter->csv.lost);
	if (exporter->csv.others > 0)
		fprintf(stderr, "note: %" PRIu64 " records of names that are "
		    "no numbers are not in the CSV\n", exporter->csv.others);
	return status;
}

static int
run_stream(const struct tool *tool, struct exporter *exporter)
{
	const struct client_sink sink = { .arg = exporter,
		.begin = begin_export, .data = take_nodes,
		.progress = take_progress };
	struct client *client = NULL;
	struct reason reason = { "" };
	struct message *call = message_create();

	message_set_text(call, "verb", "export");
	message_set_flag(call, "whois", exporter->is_csv);
	enum status status = tool_connect(tool, &client, &reason);
	if (status == OK)
		status = client_stream(client, call, &sink, &reason);
	message_destroy(call);
	client_close(client);
	progress_clear(&exporter->progress);
	enum status end = end_export(exporter);
	if (status == OK && end != OK) {
		reason_set(&reason, "the output could not be written");
		status = end;
	}
	if (status == OK)
		return EXIT_DONE;
	if (exporter->has_begun)
		fputs("e164ctl: the export is not complete\n", stderr);
	return tool_fail(status, &reason);
}

int
run_export(const struct tool *tool)
{
	static const struct option long_options[] = {
		{ "format", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	struct exporter exporter = { .is_csv = false };
	int n_rest = 0;
	int opt;

	while ((opt = tool_option(tool, long_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		exporter.is_csv = strcmp(optarg, "csv") == 0;
		if (!exporter.is_csv && strcmp(optarg, "zone") != 0)
			return tool_usage(tool, "--format: expected csv or "
			    "zone, found '%.100s'", optarg);
	}
	(void)tool_rest(tool, &n_rest);
	if (n_rest > 0)
		return tool_usage(tool, "too many arguments");
	(void)setvbuf(stdout, NULL, _IOFBF, OUTPUT_BYTES);
	exporter.is_quiet = isatty(STDOUT_FILENO) == 1;
	progress_start(&exporter.progress, "names");
	return run_stream(tool, &exporter);
}
