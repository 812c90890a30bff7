/*
 * Loading of the settings file: libyaml's event parser gives keys and values
 * with their places, the schema says what they mean. Refuses what a settings
 * file does not need: anchors and aliases, tags, several documents, tabs,
 * other encodings than UTF-8, deep nesting, large files. All faults are found
 * in one pass, up to the first one in the YAML itself. Layer 7; any thread.
 */
#include "settings/settings.h"

#include "base/check.h"
#include "base/reason.h"
#include "base/utf8.h"
#include "settings/fault.h"
#include "settings/schema.h"
#include "settings/value.h"

#include <yaml.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	FILE_MAX = 256 * 1024, /* bytes of a settings file */
	DEPTH_MAX = 8,         /* nested groups and lists */
	SEEN_MAX = 64,         /* options of the schema */
};

enum frame_state { AT_KEY, AT_VALUE, IN_LIST };

struct frame {
	enum frame_state state;
	bool is_skipped;             /* faulty already: say nothing below it */
	char path[OPTION_PATH_MAX];  /* of the group */
	char key[OPTION_PATH_MAX];   /* AT_VALUE: path of the key just read */
	const struct option *option; /* AT_VALUE: its option; IN_LIST: whose */
	struct place key_place;
};

struct loader {
	struct settings settings;
	struct faults faults;
	struct frame frames[DEPTH_MAX];
	size_t depth;    /* frames in use */
	bool is_stopped; /* what follows would not be understood */
	unsigned documents;
	size_t seen[SEEN_MAX]; /* line of each option, 0: not there */
	size_t seen_group[SEEN_MAX]; /* of each group, by its first option */
};

static struct place
place_of(const yaml_event_t *event)
{
	struct place place = {
		.line = event->start_mark.line + 1,
		.column = event->start_mark.column + 1,
		.width = 1,
	};

	if (event->end_mark.line == event->start_mark.line &&
	    event->end_mark.column > event->start_mark.column)
		place.width = event->end_mark.column -
		    event->start_mark.column;
	return place;
}

static void
say_unknown(struct loader *loader, const char *path, const char *key,
    struct place place)
{
	char near[OPTION_PATH_MAX];

	if (option_suggest(near, path))
		fault_print(&loader->faults, place,
		    "unknown option '%.60s'; did you mean '%s'?", key, near);
	else
		fault_print(&loader->faults, place, "unknown option '%.60s'",
		    key);
}

/* A key of a group: what does it name? */
static void
take_key(struct loader *loader, struct frame *frame, const char *key,
    struct place place)
{
	frame->state = AT_VALUE;
	frame->key_place = place;
	frame->option = NULL;
	frame->key[0] = '\0';
	if (frame->is_skipped)
		return;
	char path[OPTION_PATH_MAX];
	int len = snprintf(path, sizeof path, "%s%s%s", frame->path,
	    frame->path[0] != '\0' ? "." : "", key);
	if (len >= (int)sizeof path || strchr(key, '.') != NULL) {
		fault_print(&loader->faults, place, "unknown option '%.60s'",
		    key);
		return;
	}
	memcpy(frame->key, path, sizeof path);
	frame->option = option_find(frame->key);
	if (frame->option == NULL && !option_is_group(frame->key)) {
		say_unknown(loader, frame->key, key, place);
		frame->key[0] = '\0';
		return;
	}
	size_t *seen = frame->option != NULL ?
	    &loader->seen[frame->option - option_table] :
	    &loader->seen_group[option_group_first(frame->key)];
	if (*seen != 0) {
		fault_print(&loader->faults, place,
		    "'%s' is there twice, first in line %zu", frame->key,
		    *seen);
		frame->option = NULL;
		frame->key[0] = '\0';
		return;
	}
	*seen = place.line;
}

static void
take_value(struct loader *loader, const struct option *option,
    const char *text, size_t len, struct place place)
{
	struct reason reason = { "" };

	if (memchr(text, '\0', len) != NULL) {
		fault_print(&loader->faults, place,
		    "'%s': a NUL character is not allowed", option->path);
		return;
	}
	if (len == 0 && option->kind != KIND_TEXT) {
		fault_print(&loader->faults, place,
		    "'%s': expected %s, found nothing", option->path,
		    option_expected(option->kind));
		return;
	}
	if (value_set(&loader->settings, option, text, &reason) != OK)
		fault_print(&loader->faults, place, "%s", reason.text);
}

/* The value after a key is finished, of whatever form it was. */
static void
end_value(struct loader *loader)
{
	if (loader->depth == 0)
		return;
	struct frame *frame = &loader->frames[loader->depth - 1];
	if (frame->state == AT_VALUE)
		frame->state = AT_KEY;
}

static void
take_scalar(struct loader *loader, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	struct place place = place_of(event);

	if (loader->depth == 0) {
		if (len > 0)
			fault_print(&loader->faults, place,
			    "expected options such as 'registrar: r1',"
			    " found '%.60s'", text);
		return;
	}
	struct frame *frame = &loader->frames[loader->depth - 1];
	if (frame->state == AT_KEY) {
		take_key(loader, frame, text, place);
		return;
	}
	if (frame->is_skipped) {
		end_value(loader);
		return;
	}
	const struct option *option = frame->option;
	if (option == NULL && frame->key[0] != '\0') {
		if (len > 0)
			fault_print(&loader->faults, place,
			    "'%s': expected a group of options,"
			    " found '%.60s'", frame->key, text);
	} else if (option != NULL && frame->state == AT_VALUE &&
	    option_is_list(option->kind)) {
		fault_print(&loader->faults, len > 0 ? place : frame->key_place,
		    "'%s': expected %s, found %s%.60s%s", option->path,
		    option_expected(option->kind), len > 0 ? "'" : "nothing",
		    text, len > 0 ? "'" : "");
	} else if (option != NULL) {
		take_value(loader, option, text, len,
		    len > 0 ? place : frame->key_place);
	}
	end_value(loader);
}

/* Open a frame for a map or list. @return NULL if it cannot stand here. */
static struct frame *
push_frame(struct loader *loader, struct place place)
{
	if (loader->depth == DEPTH_MAX) {
		fault_print(&loader->faults, place,
		    "nested more than %d levels deep", DEPTH_MAX);
		loader->is_stopped = true;
		return NULL;
	}
	if (loader->depth > 0 &&
	    loader->frames[loader->depth - 1].state == AT_KEY) {
		fault_print(&loader->faults, place,
		    "expected the name of an option");
		loader->is_stopped = true;
		return NULL;
	}
	struct frame *frame = &loader->frames[loader->depth++];
	memset(frame, 0, sizeof *frame);
	return frame;
}

/* Say what was found where parent's option or group needs something else. */
static void
say_wrong_form(struct loader *loader, const struct frame *parent,
    struct place place, const char *found)
{
	if (parent->option == NULL)
		fault_print(&loader->faults, place,
		    "'%s': expected a group of options, found %s",
		    parent->key, found);
	else
		fault_print(&loader->faults, place,
		    "'%s': expected %s, found %s", parent->option->path,
		    parent->state == IN_LIST ? "an address" :
		    option_expected(parent->option->kind), found);
}

/* Nothing is said about what stands below an unknown or faulty key. */
static bool
is_below_fault(const struct frame *parent)
{
	return parent->is_skipped ||
	    (parent->option == NULL && parent->key[0] == '\0');
}

static void
start_map(struct loader *loader, struct place place)
{
	const struct frame *parent = loader->depth == 0 ? NULL :
	    &loader->frames[loader->depth - 1];
	struct frame *frame = push_frame(loader, place);

	if (frame == NULL)
		return;
	frame->state = AT_KEY;
	if (parent == NULL)
		return;
	frame->is_skipped = true;
	if (is_below_fault(parent))
		return;
	if (parent->option != NULL) {
		say_wrong_form(loader, parent, place, "a group of options");
		return;
	}
	frame->is_skipped = false;
	memcpy(frame->path, parent->key, sizeof frame->path);
}

static void
start_list(struct loader *loader, struct place place)
{
	const struct frame *parent = loader->depth == 0 ? NULL :
	    &loader->frames[loader->depth - 1];
	struct frame *frame = push_frame(loader, place);

	if (frame == NULL)
		return;
	frame->state = IN_LIST;
	frame->is_skipped = true;
	if (parent == NULL) {
		fault_print(&loader->faults, place,
		    "expected options such as 'registrar: r1', found a list");
		return;
	}
	if (is_below_fault(parent))
		return;
	if (parent->state == AT_VALUE && parent->option != NULL &&
	    option_is_list(parent->option->kind)) {
		frame->option = parent->option;
		frame->is_skipped = false;
		return;
	}
	say_wrong_form(loader, parent, place, "a list");
}

/* Anchors, aliases and tags have no use here and invite surprises. */
static void
refuse_extras(struct loader *loader, const yaml_event_t *event,
    const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct place place = place_of(event);

	place.width = 1;
	if (anchor != NULL)
		fault_print(&loader->faults, place,
		    "anchors ('&%.60s') are not supported",
		    (const char *)anchor);
	if (tag != NULL)
		fault_print(&loader->faults, place,
		    "tags ('%.60s') are not supported", (const char *)tag);
}

static void
take_event(struct loader *loader, const yaml_event_t *event)
{
	struct place place = place_of(event);

	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (++loader->documents > 1) {
			fault_print(&loader->faults, place,
			    "a second document: only one is read");
			loader->is_stopped = true;
		}
		break;
	case YAML_ALIAS_EVENT:
		fault_print(&loader->faults, place,
		    "aliases ('*%.60s') are not supported",
		    (const char *)event->data.alias.anchor);
		loader->is_stopped = loader->depth > 0 &&
		    loader->frames[loader->depth - 1].state == AT_KEY;
		end_value(loader);
		break;
	case YAML_SCALAR_EVENT:
		refuse_extras(loader, event, event->data.scalar.anchor,
		    event->data.scalar.tag);
		take_scalar(loader, event);
		break;
	case YAML_MAPPING_START_EVENT:
		refuse_extras(loader, event, event->data.mapping_start.anchor,
		    event->data.mapping_start.tag);
		place.width = 1;
		start_map(loader, place);
		break;
	case YAML_SEQUENCE_START_EVENT:
		refuse_extras(loader, event, event->data.sequence_start.anchor,
		    event->data.sequence_start.tag);
		place.width = 1;
		start_list(loader, place);
		break;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		loader->depth--;
		end_value(loader);
		break;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
}

static void
say_yaml_fault(struct loader *loader, const yaml_parser_t *parser)
{
	struct place place = {
		.line = parser->problem_mark.line + 1,
		.column = parser->problem_mark.column + 1,
		.width = 1,
	};

	if (parser->error == YAML_READER_ERROR)
		place = (struct place){ 0 };
	/* [127.0.0.1@53, ::1@53]; the mark counts characters, mostly bytes */
	size_t at = parser->problem_mark.index;
	bool is_colon = parser->error == YAML_PARSER_ERROR &&
	    at + 1 < loader->faults.len && loader->faults.text[at] == ':' &&
	    (unsigned char)loader->faults.text[at + 1] > ' ';
	fault_print(&loader->faults, place, "%s%s%s%s",
	    parser->context != NULL ? parser->context : "",
	    parser->context != NULL ? ": " : "",
	    parser->problem != NULL ? parser->problem : "not readable",
	    is_colon ? "; a value that begins with ':' needs quotes" : "");
}

static void
read_events(struct loader *loader)
{
	yaml_parser_t parser;
	yaml_event_t event;

	if (yaml_parser_initialize(&parser) == 0) {
		fault_print(&loader->faults, (struct place){ 0 },
		    "not enough memory");
		return;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser,
	    (const unsigned char *)loader->faults.text, loader->faults.len);
	for (bool is_end = false; !is_end && !loader->is_stopped;) {
		if (yaml_parser_parse(&parser, &event) == 0) {
			say_yaml_fault(loader, &parser);
			loader->is_stopped = true;
			break;
		}
		is_end = event.type == YAML_STREAM_END_EVENT;
		take_event(loader, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
}

static void
check_required(struct loader *loader)
{
	const struct place whole = { 0 };

	for (size_t i = 0; i < option_table_len; i++) {
		if (option_table[i].fallback == NULL && loader->seen[i] == 0)
			fault_print(&loader->faults, whole,
			    "'%s' is missing: %s", option_table[i].path,
			    option_table[i].help);
	}
	size_t dns = (size_t)(option_find("listen.dns") - option_table);
	if (loader->seen[dns] != 0 && loader->settings.n_dns == 0 &&
	    loader->faults.n == 0)
		fault_print(&loader->faults,
		    (struct place){ loader->seen[dns], 1, 1 },
		    "'listen.dns': expected at least one address");
}

/* Characters that libyaml would refuse in words of its own, or let through. */
static void
check_characters(struct loader *loader)
{
	const unsigned char *text = (const unsigned char *)loader->faults.text;
	size_t len = loader->faults.len;
	struct place place = { .line = 1, .column = 1, .width = 1 };
	bool is_indent = true;

	for (size_t i = 0; i < len && !loader->is_stopped;) {
		size_t step = utf8_length(text + i, len - i);
		bool is_control = text[i] < 0x20 && text[i] != '\n' &&
		    text[i] != '\r' && text[i] != '\t';
		if (step == 0 || is_control || text[i] == 0x7f) {
			fault_print(&loader->faults, place, step == 0 ?
			    "byte 0x%02x is not UTF-8" :
			    "control character 0x%02x is not allowed", text[i]);
			loader->is_stopped = true;
		}
		if (text[i] == '\t' && is_indent) {
			fault_print(&loader->faults, place,
			    "a tab is used for indentation: use spaces");
			loader->is_stopped = true;
		}
		is_indent = text[i] == '\n' || (is_indent && text[i] == ' ');
		place.column = text[i] == '\n' ? 1 : place.column + 1;
		place.line += text[i] == '\n';
		i += step;
	}
}

/* The whole file. @return NULL when that failed (printed, *status set). */
static char *
read_file(const char *path, size_t *len, enum status *status, FILE *errors)
{
	FILE *file = fopen(path, "rb");
	char *text = malloc(FILE_MAX + 1);

	if (file == NULL || text == NULL) {
		*status = errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
		fprintf(errors, "%s: error: cannot be opened: %s\n", path,
		    strerror(errno));
		goto fail;
	}
	*len = fread(text, 1, FILE_MAX + 1, file);
	if (ferror(file) != 0) {
		*status = ERR_IO;
		fprintf(errors, "%s: error: cannot be read: %s\n", path,
		    strerror(errno));
		goto fail;
	}
	if (*len > FILE_MAX) {
		*status = ERR_MALFORMED;
		fprintf(errors, "%s: error: larger than %d bytes\n", path,
		    FILE_MAX);
		goto fail;
	}
	fclose(file);
	return text;
fail:
	if (file != NULL)
		fclose(file);
	free(text);
	return NULL;
}

enum status
settings_load(struct settings *out, const char *path, FILE *errors)
{
	enum status status = OK;
	size_t len = 0;
	char *text = read_file(path, &len, &status, errors);
	const size_t bom = text != NULL && len >= 3 &&
	    memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	if (text == NULL)
		return status;
	struct loader *loader = calloc(1, sizeof *loader);
	if (loader == NULL) {
		fprintf(errors, "%s: error: not enough memory\n", path);
		free(text);
		return ERR_IO;
	}
	ensure(option_table_len <= SEEN_MAX);
	loader->faults = (struct faults){ .path = path, .text = text + bom,
		.len = len - bom, .out = errors };
	value_set_defaults(&loader->settings);
	check_characters(loader);
	if (!loader->is_stopped)
		read_events(loader);
	if (!loader->is_stopped)
		check_required(loader);
	fault_summary(&loader->faults);
	if (loader->faults.n > 0)
		status = ERR_MALFORMED;
	else
		*out = loader->settings;
	free(loader);
	free(text);
	return status;
}
